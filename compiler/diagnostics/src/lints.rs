//! Lints by name: what a project may turn off, or into errors.

use crate::diagnostic::{Diagnostic, Severity};
use crate::registry::{Code, codes};

/// Name and code of each lint.
pub const ALL: &[(&str, Code)] = &[
    ("unused-name", codes::P9001),
    ("unused-answer", codes::P9002),
    ("never-reached", codes::P9003),
    ("does-nothing", codes::P9004),
    ("arm-never-taken", codes::P9005),
    ("always-true", codes::P9007),
    ("never-true", codes::P9008),
    ("unused-use", codes::P9009),
    ("unused-allow", codes::P9010),
    ("same-arms", codes::P9012),
    ("repeated-member", codes::P9013),
    ("never-equal-case", codes::P9014),
    ("case-sensitive", codes::P9015),
    ("host-as-text", codes::P9016),
    ("open-dot", codes::P9017),
    ("missing-control", codes::P9018),
    ("left-todo", codes::P9019),
    ("secret-in-text", codes::P9020),
    ("wide-network", codes::P9021),
    ("negated-comparison", codes::P9022),
    ("odd-name", codes::P9023),
    ("ignored-failure", codes::P9024),
    ("deep-nesting", codes::P9025),
    ("unbounded-reads", codes::P9026),
    ("untested-playbook", codes::P9027),
    ("untested-act", codes::P9028),
    ("unused-declaration", codes::P9029),
    ("missing-line", codes::P9030),
    ("deprecated", codes::P9031),
    ("dropped-record", codes::P9032),
    ("stray-dollar", codes::P9033),
    ("literal-wildcard", codes::P9034),
    ("unasked-role", codes::P9035),
    ("idle-operand", codes::P9036),
];

/// Those that are only told where a project asks for them in `[lints]`.
pub const OPTIONAL: &[Code] = &[codes::P9024, codes::P9026, codes::P9029];

/// How the findings of a lint count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// They stop the program from being made.
    Error,
    /// They are told.
    Warning,
    /// They are not.
    Off,
}

impl Level {
    /// By its name in `play.toml`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "error" => Some(Self::Error),
            "warning" => Some(Self::Warning),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// The code of a lint.
#[must_use]
pub fn by_name(name: &str) -> Option<Code> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, code)| *code)
}

/// Lets findings count as a project wants it. What is an error of itself is never less.
pub fn apply(levels: &[(Code, Level)], findings: &mut Vec<Diagnostic>) {
    let level = |code: Code| levels.iter().rev().find(|(c, _)| *c == code).map(|(_, level)| *level);
    findings.retain_mut(|finding| {
        if finding.is_error() {
            return true;
        }
        match level(finding.code) {
            Some(Level::Error) => finding.severity = Severity::Error,
            Some(Level::Off) => return false,
            None if OPTIONAL.contains(&finding.code) => return false,
            Some(Level::Warning) | None => {}
        }
        true
    });
}

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
];

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
        if finding.severity == Severity::Error {
            return true;
        }
        match level(finding.code) {
            Some(Level::Error) => finding.severity = Severity::Error,
            Some(Level::Off) => return false,
            Some(Level::Warning) | None => {}
        }
        true
    });
}

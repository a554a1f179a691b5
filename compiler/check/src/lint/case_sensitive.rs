//! Names in which Windows does not tell cases apart, compared so that the case counts.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_syntax::ast::{BinaryOp, Expr, ExprKind, Span};

use super::text::{literal, method};
use super::walk::{self, Visit};
use crate::context::place;
use crate::project::Loaded;

/// What ends names of files that Windows runs.
const ENDS: &[&str] = &[
    ".exe", ".dll", ".sys", ".scr", ".com", ".bat", ".cmd", ".ps1", ".psm1", ".vbs", ".vbe", ".jse", ".wsf",
    ".hta", ".msi", ".lnk", ".cpl", ".ocx",
];

struct Look<'a>(&'a mut Vec<Diagnostic>);

pub(super) fn run(file: &Loaded, findings: &mut Vec<Diagnostic>) {
    walk::items(&file.tree.items, &mut Look(findings));
}

/// Whether it names a file as Windows does. A name of a host may end in `.com`, too.
pub(crate) fn names_a_file(text: &str) -> bool {
    let lower = text.trim_end_matches('*').to_lowercase();
    let ends = |end: &str| lower.ends_with(end) && (end != ".com" || lower.contains('\\'));
    ENDS.iter().any(|end| ends(end)) || lower.contains(":\\")
}

/// Whether it is in one case already.
fn is_made(e: &Expr) -> bool {
    let ExprKind::Call { callee, .. } = &e.kind else { return false };
    matches!(&callee.kind, ExprKind::Field { name, .. } if name.text == "lower" || name.text == "upper")
}

impl Look<'_> {
    fn found(&mut self, at: Span, text: &str, help: &str, edit: Option<(Span, &str)>) {
        let finding = Diagnostic::warning(
            codes::P9015,
            place(at),
            "Windows does not tell the cases of this name apart",
        )
        .here("another case is not found")
        .note(format!("Records have it as the user or the attacker wrote it: `{}`.", text.to_uppercase()))
        .help(help);
        self.0.push(match edit {
            Some((span, new)) => finding.fix(
                format!("Write `{new}`"),
                false,
                vec![Edit { place: place(span), text: new.to_string() }],
            ),
            None => finding,
        });
    }
}

impl Visit for Look<'_> {
    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Binary { op: BinaryOp::Eq | BinaryOp::Ne, left, right, .. } => {
                for (text, with) in [(left, right), (right, left)] {
                    if let Some(name) = literal(with).filter(|name| names_a_file(name) && !is_made(text)) {
                        self.found(with.span, name, "Write `x.equals_ignoring_case(\"…\")`.", None);
                    }
                }
            }
            ExprKind::Binary { op: BinaryOp::Like, op_span, left, right } => {
                if let Some(name) = literal(right).filter(|name| names_a_file(name) && !is_made(left)) {
                    self.found(right.span, name, "Write `ilike`.", Some((*op_span, "ilike")));
                }
            }
            ExprKind::Binary { op: BinaryOp::In, left, right, .. } if !is_made(left) => {
                let ExprKind::List(members) = &right.kind else { return };
                // Once is enough for a list.
                if let Some((member, name)) =
                    members.iter().find_map(|m| literal(m).filter(|name| names_a_file(name)).map(|n| (m, n)))
                {
                    self.found(
                        member.span,
                        name,
                        "Write `x.lower() in […]`, with all names in lower case.",
                        None,
                    );
                }
            }
            _ => {
                let Some((text, called, with)) = method(e) else { return };
                let other = match called {
                    "contains" => "contains_ignoring_case",
                    "starts_with" => "starts_with_ignoring_case",
                    "ends_with" => "ends_with_ignoring_case",
                    _ => return,
                };
                let ExprKind::Call { callee, .. } = &e.kind else { return };
                let ExprKind::Field { name: at, .. } = &callee.kind else { return };
                if let Some(name) = literal(with).filter(|name| names_a_file(name) && !is_made(text)) {
                    self.found(with.span, name, &format!("Write `{other}`."), Some((at.span, other)));
                }
            }
        }
    }
}

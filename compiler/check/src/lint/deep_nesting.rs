//! Decisions in decisions, deeper than anybody follows.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind, Span};

use super::walk::{self, Visit};
use crate::context::place;
use crate::project::Loaded;

/// Decisions round a decision.
const DEEPEST: usize = 5;

pub(super) fn run(file: &Loaded, findings: &mut Vec<Diagnostic>) {
    let mut look = Look { around: Vec::new(), findings };
    for item in &file.tree.items {
        look.around.clear();
        walk::item(&item.kind, &mut look);
    }
}

struct Look<'a> {
    /// The decisions that the one at hand may stand in, and which are chained by `else if`.
    around: Vec<Span>,
    findings: &'a mut Vec<Diagnostic>,
}

impl Visit for Look<'_> {
    fn expr(&mut self, e: &Expr) {
        let chained = match &e.kind {
            ExprKind::If { other, .. } => {
                other.as_ref().filter(|o| matches!(o.kind, ExprKind::If { .. })).map(|o| o.span)
            }
            ExprKind::Match { .. } | ExprKind::For { .. } => None,
            _ => return,
        };
        self.around.retain(|span| span.start <= e.span.start && e.span.end <= span.end);
        // The `else if` of one is no deeper than that.
        if self.around.last() != Some(&e.span) {
            if self.around.len() == DEEPEST {
                self.findings.push(
                    Diagnostic::warning(codes::P9025, place(e.span), format!("a decision in {DEEPEST} others"))
                        .here("hard to follow")
                        .note("Whoever reads it at night has to keep in mind all that led here.")
                        .help("Give a part of it a name: a `fn` for a decision, a `procedure` for what is to be done."),
                );
            }
            self.around.push(e.span);
        }
        self.around.extend(chained);
    }
}

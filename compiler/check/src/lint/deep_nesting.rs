//! Decisions in decisions, deeper than anybody follows.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind, Span};

use crate::context::place;

/// Decisions round a decision.
const DEEPEST: usize = 5;

/// `around`: the decisions that the one at hand may stand in, and which are chained by `else if`.
pub(super) fn expr(around: &mut Vec<Span>, e: &Expr, findings: &mut Vec<Diagnostic>) {
    let chained = match &e.kind {
        ExprKind::If { other, .. } => {
            other.as_ref().filter(|o| matches!(o.kind, ExprKind::If { .. })).map(|o| o.span)
        }
        ExprKind::Match { .. } | ExprKind::For { .. } => None,
        _ => return,
    };
    around.retain(|span| span.start <= e.span.start && e.span.end <= span.end);
    // The `else if` of one is no deeper than that.
    if around.last() != Some(&e.span) {
        if around.len() == DEEPEST {
            findings.push(
                Diagnostic::warning(codes::P9025, place(e.span), format!("a decision in {DEEPEST} others"))
                    .here("hard to follow")
                    .note("Whoever reads it at night has to keep in mind all that led here.")
                    .help("Give a part of it a name: a `fn` for a decision, a `procedure` for what is to be done."),
            );
        }
        around.push(e.span);
    }
    around.extend(chained);
}

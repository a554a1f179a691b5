//! Branches that do what the default does.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind, Pattern, PatternKind};

use super::text::alike;
use crate::context::place;
use crate::project::Loaded;

pub(super) fn expr(file: &Loaded, e: &Expr, findings: &mut Vec<Diagnostic>) {
    match &e.kind {
        ExprKind::If { then, other: Some(other), .. }
            if matches!(other.kind, ExprKind::Block(_)) && alike(file, then.span, other.span) =>
        {
            findings.push(
                Diagnostic::warning(codes::P9012, place(other.span), "both branches do the same")
                    .here("as the one before it")
                    .label(place(then.span), "the same")
                    .note("Whatever the condition is, the same is done: one of them is not what was meant, or the `if` has no use.")
                    .help("Leave the `if` out, or write what the other case needs."),
            );
        }
        ExprKind::Match { arms, .. } => {
            let is_any = |p: &Pattern| matches!(p.kind, PatternKind::Any);
            let Some(rest) = arms.iter().find(|arm| arm.patterns.iter().any(is_any)) else { return };
            // What an arm captures may be meant by a name that means something else in the other.
            let captures = |p: &Pattern| matches!(&p.kind, PatternKind::Variant { captures: Some(c), .. } if !c.is_empty());
            for arm in arms.iter().filter(|arm| arm.span != rest.span) {
                if !arm.patterns.iter().any(captures) && alike(file, arm.body.span, rest.body.span) {
                    findings.push(
                        Diagnostic::warning(codes::P9012, place(arm.span), "this arm does what `_` does")
                            .here("has no use")
                            .label(place(rest.span), "does the same for all the rest")
                            .help("Leave it out, or write what it is to do."),
                    );
                }
            }
        }
        _ => {}
    }
}

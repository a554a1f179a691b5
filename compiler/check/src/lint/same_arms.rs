//! Branches that do what the default does.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind, Pattern, PatternKind};

use super::text::plain;
use super::walk::{self, Visit};
use crate::context::place;
use crate::project::Loaded;

struct Look<'a>(&'a Loaded, &'a mut Vec<Diagnostic>);

pub(super) fn run(file: &Loaded, findings: &mut Vec<Diagnostic>) {
    walk::items(&file.tree.items, &mut Look(file, findings));
}

impl Visit for Look<'_> {
    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::If { then, other: Some(other), .. }
                if matches!(other.kind, ExprKind::Block(_))
                    && plain(self.0, then.span) == plain(self.0, other.span) =>
            {
                self.1.push(
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
                let default = plain(self.0, rest.body.span);
                // What an arm captures may be meant by a name that means something else in the other.
                let captures = |p: &Pattern| matches!(&p.kind, PatternKind::Variant { captures: Some(c), .. } if !c.is_empty());
                for arm in arms.iter().filter(|arm| arm.span != rest.span) {
                    if !arm.patterns.iter().any(captures) && plain(self.0, arm.body.span) == default {
                        self.1.push(
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
}

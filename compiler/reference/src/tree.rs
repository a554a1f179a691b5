//! Expressions as trees: what one sets, and what it mentions.

use std::collections::BTreeSet;

use play_check::typed::{Expr, ExprKind, LocalId, Stmt};

/// The fields of the case that an expression may set.
pub(crate) fn sets(expr: &Expr) -> BTreeSet<usize> {
    let mut slots: BTreeSet<usize> = expr.parts().into_iter().flat_map(sets).collect();
    if let ExprKind::Set { slot, .. } = &expr.kind {
        slots.insert(*slot);
    }
    slots
}

/// What an expression mentions from outside of itself.
#[derive(Debug, Default)]
pub(crate) struct Mentions {
    /// Locals.
    pub locals: BTreeSet<LocalId>,
    /// Fields of the case.
    pub fields: BTreeSet<usize>,
}

impl Mentions {
    /// All that `expr` mentions.
    pub fn of(expr: &Expr) -> Self {
        let mut mentions = Self::default();
        let mut own = BTreeSet::new();
        mentions.collect(expr, &mut own);
        // Each binding has an id of its own, so a name that is bound inside is never one of outside.
        mentions.locals.retain(|local| !own.contains(local));
        mentions
    }

    fn collect(&mut self, expr: &Expr, own: &mut BTreeSet<LocalId>) {
        match &expr.kind {
            ExprKind::Local(local) => {
                self.locals.insert(*local);
            }
            ExprKind::CaseField(slot) => {
                self.fields.insert(*slot);
            }
            ExprKind::ListOp { var, .. }
            | ExprKind::IfLet { var, .. }
            | ExprKind::For { var, .. }
            | ExprKind::Catch(var, _) => {
                own.insert(*var);
            }
            ExprKind::Block(statements, _) => {
                own.extend(statements.iter().filter_map(|statement| match statement {
                    Stmt::Let(local, _) => Some(*local),
                    Stmt::Expr(_) => None,
                }));
            }
            _ => {}
        }
        for child in expr.parts() {
            self.collect(child, own);
        }
    }
}

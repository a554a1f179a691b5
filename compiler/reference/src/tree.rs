//! Expressions as trees: what stands directly below one, and what it mentions.

use std::collections::BTreeSet;

use play_check::typed::{Expr, ExprKind, LocalId, Stmt};

/// What stands directly below an expression, in source order.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    use ExprKind as K;
    match &expr.kind {
        K::Lit(_) | K::Local(_) | K::CaseField(_) | K::Const(_) => Vec::new(),
        K::Field(of, _) | K::OptField(of, _) | K::JsonKey(of, _) | K::JsonExists(of) | K::As(of, _) => {
            vec![of]
        }
        K::Neg(of) | K::Not(of) | K::Try(_, of) | K::Note(of) => vec![of],
        K::Route { because, .. } | K::HandOver { because, .. } | K::Close { because, .. } => vec![because],
        K::Builtin(_, parts)
        | K::Call(_, parts)
        | K::Record(_, parts)
        | K::List(parts)
        | K::Interp(parts) => parts.iter().collect(),
        K::Read(_, args) | K::Do(_, args) => args.iter().collect(),
        K::And(a, b) | K::Or(a, b) | K::Binary(_, a, b) | K::JsonIndex(a, b) | K::Else(_, a, b) => vec![a, b],
        K::ListOp { list, body, .. } | K::For { list, body, .. } => vec![list, body],
        K::Set { value, because, .. } => vec![value, because],
        K::If(condition, then, other) => [condition, then].into_iter().chain(other).map(|e| &**e).collect(),
        K::IfLet { value, then, other, .. } => [value, then].into_iter().chain(other).map(|e| &**e).collect(),
        K::Match { value, arms } => {
            std::iter::once(&**value).chain(arms.iter().map(|arm| &arm.body)).collect()
        }
        K::Block(statements, tail) => statements.iter().map(of_statement).chain(tail.as_deref()).collect(),
    }
}

/// The expression of a statement.
pub(crate) fn of_statement(statement: &Stmt) -> &Expr {
    match statement {
        Stmt::Let(_, expr) | Stmt::Expr(expr) => expr,
    }
}

/// The fields of the case that an expression may set.
pub(crate) fn sets(expr: &Expr) -> BTreeSet<usize> {
    let mut slots: BTreeSet<usize> = children(expr).into_iter().flat_map(sets).collect();
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
            ExprKind::ListOp { var, .. } | ExprKind::IfLet { var, .. } | ExprKind::For { var, .. } => {
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
        for child in children(expr) {
            self.collect(child, own);
        }
    }
}

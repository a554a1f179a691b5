//! The parts of an expression, and the names that it takes from outside.

use std::collections::HashSet;

use play_check::typed::{Expr, ExprKind, LocalId, Stmt};

/// The parts of an expression that are evaluated before it, in source order.
pub(crate) fn operands(expr: &mut Expr) -> Vec<&mut Expr> {
    match &mut expr.kind {
        ExprKind::Field(of, _)
        | ExprKind::OptField(of, _)
        | ExprKind::Neg(of)
        | ExprKind::Not(of)
        | ExprKind::JsonKey(of, _)
        | ExprKind::JsonExists(of)
        | ExprKind::As(of, _)
        | ExprKind::Try(_, of)
        | ExprKind::ListOp { list: of, .. } => vec![of],
        ExprKind::Builtin(_, all)
        | ExprKind::Call(_, all)
        | ExprKind::Record(_, all)
        | ExprKind::List(all)
        | ExprKind::Map(all)
        | ExprKind::Interp(all) => all.iter_mut().collect(),
        ExprKind::Binary(_, a, b) | ExprKind::JsonIndex(a, b) => vec![a, b],
        _ => Vec::new(),
    }
}

/// What an expression takes from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Free {
    /// A local that is not its own.
    Local(LocalId),
    /// A field of the case.
    Case(usize),
}

/// What an expression takes from outside, each once, in the order of its first mention.
pub(crate) fn free(expr: &Expr) -> Vec<Free> {
    let mut found = Found { own: HashSet::new(), seen: HashSet::new(), all: Vec::new() };
    found.visit(expr);
    found.all
}

struct Found {
    own: HashSet<LocalId>,
    seen: HashSet<Free>,
    all: Vec<Free>,
}

impl Found {
    fn note(&mut self, free: Free) {
        if self.seen.insert(free) {
            self.all.push(free);
        }
    }

    fn visit(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Local(id) if !self.own.contains(id) => self.note(Free::Local(*id)),
            ExprKind::CaseField(slot) => self.note(Free::Case(*slot)),
            // Every local of a body has its own id, so one that is bound here is mentioned nowhere else.
            ExprKind::ListOp { var, .. }
            | ExprKind::For { var, .. }
            | ExprKind::IfLet { var, .. }
            | ExprKind::Catch(var, _) => {
                self.own.insert(*var);
            }
            ExprKind::Block(stmts, _) => {
                self.own.extend(stmts.iter().filter_map(|s| match s {
                    Stmt::Let(id, _) => Some(*id),
                    Stmt::Expr(_) => None,
                }));
            }
            _ => {}
        }
        for child in expr.parts() {
            self.visit(child);
        }
    }
}

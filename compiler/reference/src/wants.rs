//! Whether a playbook looks at what a call is answered with, as it is written.

use play_check::typed::{Expr, ExprKind, Missing, Stmt};
use play_program::types::Type;

/// See [`play_program::exec::Machine::wants`]. A call that is looked for and not found is one whose answer is wanted.
pub(crate) fn wants(body: &Expr, at: u32) -> bool {
    let mut looking = Looking { at, found: false, wanted: false };
    looking.at(body, false);
    looking.wanted || !looking.found
}

struct Looking {
    at: u32,
    found: bool,
    wanted: bool,
}

impl Looking {
    /// Looks through an expression; `wanted`: somebody looks at its value.
    fn at(&mut self, expr: &Expr, wanted: bool) {
        match &expr.kind {
            ExprKind::Else(missing, value, arm) => {
                if *missing == Missing::Call && value.at == self.at && value.kind.asked().is_some() {
                    self.found = true;
                    self.wanted |= wanted;
                }
                self.at(value, true);
                self.at(arm, wanted && arm.ty != Type::Never);
            }
            ExprKind::Catch(_, arm) => self.at(arm, wanted),
            ExprKind::IfLet { value, then, other, .. } => {
                self.at(value, true);
                self.at(then, wanted && other.is_some());
                other.iter().for_each(|other| self.at(other, wanted));
            }
            ExprKind::If(test, then, other) => {
                self.at(test, true);
                self.at(then, wanted && other.is_some());
                other.iter().for_each(|other| self.at(other, wanted));
            }
            ExprKind::Match { value, arms } => {
                self.at(value, true);
                arms.iter().for_each(|arm| self.at(&arm.body, wanted));
            }
            ExprKind::For { list, body, .. } => {
                self.at(list, true);
                self.at(body, wanted && matches!(expr.ty, Type::List(_)));
            }
            ExprKind::Step { body, other, .. } => {
                self.at(body, false);
                self.at(other, false);
            }
            ExprKind::Block(statements, value) => {
                for statement in statements {
                    match statement {
                        Stmt::Let(_, value) => self.at(value, true),
                        Stmt::Expr(expr) => self.at(expr, false),
                    }
                }
                value.iter().for_each(|value| self.at(value, wanted));
            }
            _ => expr.parts().into_iter().for_each(|part| self.at(part, true)),
        }
    }
}

//! `wait`: for a time.

use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{self, ExprKind as Ast, Wait};

use super::{BodyCx, Want, lit};
use crate::typed::{Effects, Expr, ExprKind, Missing, NodeId, Suspend};

const WAITS: Effects = Effects {
    read: false,
    act: true,
    change: false,
    end: false,
    end_in_else: false,
    fault: false,
    passes: false,
};

impl BodyCx<'_, '_> {
    pub(super) fn wait(&mut self, at: NodeId, e: &ast::Expr, wait: &Wait) -> Expr {
        if !self.may_act("`wait`", e.span) {
            return Expr { ty: Type::Unit, ..self.wrong(at) };
        }
        if !matches!(wait.what.kind, Ast::Duration(_)) {
            self.context.not_yet("wait", e.span);
            self.expr(&wait.what, &Want::Any);
            return self.wrong(at);
        }
        let Some(length) = self.context.fixed_duration(&wait.what, "a `wait`") else {
            return Expr { ty: Type::Unit, ..self.wrong(at) };
        };
        // A pause cannot fail; that nothing comes of a failure is said all the same, as of every call.
        let inner = Expr {
            kind: ExprKind::Suspend(Suspend::Pause(length), Vec::new()),
            ty: Type::Unit,
            at: self.node(e.span),
            fx: WAITS,
        };
        let nothing = lit(Value::None, Type::Unit, self.node(e.span));
        let kind = ExprKind::Else(Missing::Call, Box::new(inner), Box::new(nothing));
        Expr { kind, ty: Type::Unit, at, fx: WAITS }
    }
}

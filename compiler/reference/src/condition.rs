//! The condition of an `if` that is a decision: its value, and what it rested on.

use play_check::typed::{BinaryOp, Expr, ExprKind};
use play_program::exec::Part;
use play_program::types::{Type, TypeTable};
use play_program::value::Value;

use crate::walk::{Flow, Walk, Walked, ready};

impl Walk<'_> {
    /// Walks a condition, and adds its leaves to `parts`. Without effects it is computed as a whole (rule 1).
    pub(crate) fn condition(&mut self, expr: &Expr, parts: &mut Vec<Part>) -> Walked<bool> {
        if expr.fx.is_pure() && !self.may_compute(expr) {
            return Ok(Flow::Pending);
        }
        match &expr.kind {
            ExprKind::Not(of) => Ok(Flow::Ready(!ready!(self.part(of, parts)))),
            ExprKind::And(left, right) => self.short_condition(left, right, true, parts),
            ExprKind::Or(left, right) => self.short_condition(left, right, false, parts),
            _ => self.leaf(expr, parts),
        }
    }

    fn part(&mut self, expr: &Expr, parts: &mut Vec<Part>) -> Walked<bool> {
        let walked = self.condition(expr, parts);
        self.leave(expr, walked)
    }

    fn short_condition(
        &mut self,
        left: &Expr,
        right: &Expr,
        goes_on: bool,
        parts: &mut Vec<Part>,
    ) -> Walked<bool> {
        let decided = ready!(self.part(left, parts));
        if decided == goes_on {
            return self.part(right, parts);
        }
        skipped(right, parts);
        Ok(Flow::Ready(decided))
    }

    fn leaf(&mut self, expr: &Expr, parts: &mut Vec<Part>) -> Walked<bool> {
        let (value, sides) = match &expr.kind {
            ExprKind::Binary(op, left, right) if compares(*op) => {
                let (l, r) = (self.expr(left)?, self.expr(right)?);
                let (Flow::Ready(l), Flow::Ready(r)) = (l, r) else { return Ok(Flow::Pending) };
                let value = self.binary(expr, &l, &r)?;
                let types = &self.pure.program.types;
                let shown = shown(&left.ty, types) && shown(&right.ty, types);
                (value, shown.then(|| Box::new([(l, left.ty.clone()), (r, right.ty.clone())])))
            }
            _ => (ready!(self.expr(expr)), None),
        };
        let Value::Bool(is) = value else { return Err(self.damaged(expr.at)) };
        parts.push(Part::Condition { at: expr.at, is: Some(is), sides });
        Ok(Flow::Ready(is))
    }
}

/// Whether a side of this type is recorded with the decision.
pub(crate) fn shown(ty: &Type, types: &TypeTable) -> bool {
    !matches!(types.repr(ty), Type::Json | Type::Regex | Type::List(_) | Type::Record(_))
}

pub(crate) fn compares(op: BinaryOp) -> bool {
    use BinaryOp as B;
    matches!(op, B::Eq | B::Ne | B::Lt | B::Le | B::Gt | B::Ge | B::In | B::Matches)
}

/// The leaves of a condition that was not evaluated.
pub(crate) fn skipped(expr: &Expr, parts: &mut Vec<Part>) {
    match &expr.kind {
        ExprKind::Not(of) => skipped(of, parts),
        ExprKind::And(left, right) | ExprKind::Or(left, right) => {
            skipped(left, parts);
            skipped(right, parts);
        }
        _ => parts.push(Part::Condition { at: expr.at, is: None, sides: None }),
    }
}

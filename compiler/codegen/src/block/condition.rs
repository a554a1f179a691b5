//! Conditions of decisions: their value, and what it rests on.

use play_check::typed::{BinaryOp, Expr, ExprKind, LocalId};
use play_program::code::{Entry, Input, Instr, Reg};
use play_program::exec::Fault;
use play_program::types::Type;

use super::{Blocks, Builder, RIGHT, operator, small, too_large};

/// A leaf of a condition, for the record of a decision.
pub(crate) struct Leaf<'a> {
    /// The expression.
    pub(crate) expr: &'a Expr,
    /// Its sides, when it compares what can be shown.
    pub(crate) sides: Option<(&'a Expr, &'a Expr)>,
}

impl Blocks<'_> {
    /// A condition that also says what it rests on: a list of its value and then, for each leaf, the leaf's value and sides;
    /// `none` for what was not evaluated.
    pub(crate) fn condition(
        self,
        expr: &Expr,
        local: &dyn Fn(LocalId) -> Option<Input>,
    ) -> Result<Entry, Fault> {
        let (mut b, inputs) = self.open(expr, local)?;
        let mut leaves = Vec::new();
        self.leaves(expr, &mut leaves);
        let width = leaves.iter().map(|l| if l.sides.is_some() { 3_usize } else { 1 }).sum::<usize>();
        let count = small(width.saturating_add(1), expr.at)?;
        let first = b.alloc(count)?;
        let mut next = first.saturating_add(1);
        b.condition(self, expr, first, &mut next)?;
        let dst = b.alloc(1)?;
        b.emit(Instr::List { dst, first, count });
        Ok(Entry { block: b.finish(dst)?, inputs })
    }

    /// The leaves of the `and`, `or`, `not` tree of a condition, from left to right.
    pub(crate) fn leaves<'e>(self, expr: &'e Expr, all: &mut Vec<Leaf<'e>>) {
        match &expr.kind {
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                self.leaves(a, all);
                self.leaves(b, all);
            }
            ExprKind::Not(of) => self.leaves(of, all),
            _ => all.push(Leaf { expr, sides: self.sides(expr) }),
        }
    }

    /// The sides of a comparison, when their values are small enough to be shown.
    pub(crate) fn sides(self, expr: &Expr) -> Option<(&Expr, &Expr)> {
        let ExprKind::Binary(op, left, right) = &expr.kind else { return None };
        use BinaryOp as B;
        let compares = matches!(op, B::Eq | B::Ne | B::Lt | B::Le | B::Gt | B::Ge | B::In | B::Matches);
        (compares && self.can_be_shown(&left.ty) && self.can_be_shown(&right.ty)).then_some((left, right))
    }

    fn can_be_shown(self, ty: &Type) -> bool {
        !matches!(self.program.types.repr(ty), Type::Json | Type::Regex | Type::List(_) | Type::Record(_))
    }
}

impl Builder<'_> {
    /// A condition whose leaves are noted: `next` is the register of the next leaf.
    fn condition(&mut self, blocks: Blocks<'_>, expr: &Expr, dst: Reg, next: &mut Reg) -> Result<(), Fault> {
        let top = self.top;
        match &expr.kind {
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let decides = matches!(expr.kind, ExprKind::Or(..));
                self.condition(blocks, a, dst, next)?;
                let end = self.jump_if(dst, decides);
                self.mark(expr.at, RIGHT);
                self.condition(blocks, b, dst, next)?;
                self.land(&[end]);
            }
            ExprKind::Not(of) => {
                self.condition(blocks, of, dst, next)?;
                self.emit(Instr::Not { dst, src: dst });
            }
            _ => {
                let is = *next;
                match (&expr.kind, blocks.sides(expr)) {
                    (ExprKind::Binary(op, ..), Some((left, right))) => {
                        let (left_reg, right_reg) = (is.saturating_add(1), is.saturating_add(2));
                        *next = is.saturating_add(3);
                        self.expr(left, left_reg)?;
                        self.expr(right, right_reg)?;
                        let op = operator(*op).ok_or_else(|| too_large(expr.at))?;
                        self.emit_at(Instr::Op { op, dst: is, left: left_reg, right: right_reg }, expr.at);
                    }
                    _ => {
                        *next = is.saturating_add(1);
                        self.expr(expr, is)?;
                    }
                }
                self.emit(Instr::Move { dst, src: is });
            }
        }
        self.top = top;
        Ok(())
    }
}

//! `x else 0 > 5`: an `else` whose right side goes on further than was meant.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::Type;
use play_syntax::ast::{self, BinaryOp, ExprKind as Ast, Span};

use super::BodyCx;
use crate::context::place;
use crate::typed::{Expr, ExprKind};

impl BodyCx<'_, '_> {
    /// Of an `else` that gives another type than the value before it: whether the first part of what stands behind the `else` would
    /// have been of that type.
    pub(super) fn else_in_operator(
        &self,
        success: &Type,
        arm: &Expr,
        value: &ast::Expr,
        written: &ast::Expr,
    ) -> Option<Diagnostic> {
        let (mut first, mut typed) = (written, arm);
        while let Ast::Binary { op, left, .. } = &first.kind
            && compares(*op)
        {
            let ExprKind::Binary(_, of, _) = &typed.kind else { return None };
            (first, typed) = (left, of);
        }
        if std::ptr::eq(first, written) || typed.ty.widened() != success.widened() {
            return None;
        }
        let (a, b) = (self.context.example(value.span), self.context.example(first.span));
        let rest = self.context.text(Span { start: first.span.end, ..written.span });
        let rest = if rest.len() > 60 || rest.contains(['\n', '`']) { " …" } else { rest };
        let at = |at: u32, text: &str| Edit {
            place: Place { file: value.span.file, start: at, end: at },
            text: text.into(),
        };
        let is = self.context.a_type(&arm.ty);
        let whole = self.context.quoted(written.span);
        Some(
            Diagnostic::error(
                codes::P3008,
                place(written.span),
                format!("the `else` gives {is} in place of {}", self.context.a_type(success)),
            )
            .here(format!("{is}: `else` takes all of it"))
            .label(place(value.span), format!("{} when all is well", self.context.a_type(success)))
            .note(format!(
                "`else` binds loosest: what stands in for the missing value is the whole of {whole}."
            ))
            .help(format!("Put what belongs together in parentheses: `({a} else {b}){rest}`."))
            .fix(
                "Put the `else` in parentheses",
                false,
                vec![at(value.span.start, "("), at(first.span.end, ")")],
            ),
        )
    }
}

/// Whether the result is of another type than the sides.
fn compares(op: BinaryOp) -> bool {
    !matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem)
}

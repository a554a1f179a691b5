//! `x else 0 > 5`, `x else 0 + 5`: an `else` whose right side goes on further than was meant.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Fix, Place};
use play_program::types::Type;
use play_syntax::ast::{self, BinaryOp, ExprKind as Ast, Span};

use super::BodyCx;
use super::failable::Failing;
use crate::context::place;
use crate::typed::{Expr, ExprKind, Missing};

impl BodyCx<'_, '_> {
    /// `1 + n else 0`: an `else` that is meant for the last operand. What was found of that operand says so; that the whole is always
    /// there is no second mistake. `before`: how many findings there were before the value was checked.
    pub(super) fn else_of_operand(&mut self, before: usize, value: &ast::Expr, arm: &ast::Expr) -> bool {
        let Some(operand) = last_operand(value) else { return false };
        let of_operand = |d: &Diagnostic| {
            let absent = [codes::P4001, codes::P4002, codes::P3003].contains(&d.code);
            absent && d.place() == place(operand.span)
        };
        let found = self.context.findings.iter().skip(before).position(of_operand);
        let Some(at) = found.map(|at| at.saturating_add(before)) else { return false };
        let part = first_part(arm);
        let (shown, other) = (self.context.example(operand.span), self.context.example(part.span));
        let whole = self.context.quoted(value.span);
        let edit = |at: u32, text: &str| Edit {
            place: Place { file: value.span.file, start: at, end: at },
            text: text.into(),
        };
        if let Some(finding) = self.context.findings.get_mut(at) {
            finding.notes = vec![format!(
                "`else` binds loosest: it stands in for the whole of {whole}, which is always there."
            )];
            finding.help =
                Some(format!("Put what belongs together in parentheses: `({shown} else {other})`."));
            finding.fixes = vec![Fix {
                title: "Put the `else` in parentheses".into(),
                safe: false,
                edits: vec![edit(operand.span.start, "("), edit(part.span.end, ")")],
            }];
        }
        let since = self.context.findings.split_off(at.saturating_add(1));
        let follows = |d: &Diagnostic| d.code == codes::P4003 && d.place() == place(value.span);
        self.context.findings.extend(since.into_iter().filter(|d| !follows(d)));
        true
    }

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
            let (ExprKind::Binary(_, of, _) | ExprKind::And(of, _) | ExprKind::Or(of, _)) = &typed.kind
            else {
                return None;
            };
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

    /// `x else 0 + 50`: of the right type, so that nothing is wrong with it but what it comes to.
    pub(super) fn else_takes_in(&mut self, failing: &Failing, value: &ast::Expr, arm: &ast::Expr) {
        let Some(first) = idle_operand(arm) else { return };
        // In parentheses it is meant.
        if first.span.start != arm.span.start || self.context.text(first.span).starts_with('(') {
            return;
        }
        let (a, b) = (self.context.example(value.span), self.context.example(first.span));
        let rest = self.context.text(Span { start: first.span.end, ..arm.span });
        let rest = if rest.len() > 60 || rest.contains(['\n', '`']) { " …" } else { rest };
        let whole = self.context.quoted(arm.span);
        let finding = Diagnostic::warning(codes::P9036, place(arm.span), format!("the `else` gives the whole of {whole}"))
            .here(format!("`{b}` says nothing here"))
            .note("`else` binds loosest: what stands in for the missing value is all that follows.")
            .help(format!(
                "Put what belongs together in parentheses: `({a} else {b}){rest}`. Where it is meant, leave out what says nothing."
            ));
        let at = |at: u32, text: &str| Edit {
            place: Place { file: value.span.file, start: at, end: at },
            text: text.into(),
        };
        // In parentheses a place of a document would not know what it has to be.
        let written = failing.missing != Missing::Conversion || matches!(value.kind, Ast::As { .. });
        self.report(if written {
            finding.fix(
                "Put the `else` in parentheses",
                false,
                vec![at(value.span.start, "("), at(first.span.end, ")")],
            )
        } else {
            finding
        });
    }
}

/// The last operand of an operator; `None` of anything else.
fn last_operand(e: &ast::Expr) -> Option<&ast::Expr> {
    let inner = match &e.kind {
        Ast::Binary { right, .. } => right,
        Ast::Unary { value, .. } => value,
        _ => return None,
    };
    Some(last_operand(inner).unwrap_or(inner))
}

/// Up to where an `else` in parentheses would go: the first part of a comparison, also where another `else` takes that.
fn first_part(arm: &ast::Expr) -> &ast::Expr {
    match &arm.kind {
        Ast::Binary { op, left, .. } if compares(*op) => first_part(left),
        Ast::Else { value, .. } if matches!(value.kind, Ast::Binary { .. }) => first_part(value),
        _ => arm,
    }
}

/// The first operand behind an `else`, where what the operator does with it says nothing: `0 + x` is `x`, and `false and x` is
/// `false`. Nobody writes that but who means the `else` to end with it.
fn idle_operand(arm: &ast::Expr) -> Option<&ast::Expr> {
    let Ast::Binary { op, left, .. } = &arm.kind else { return None };
    if let Ast::Binary { .. } = &left.kind {
        return idle_operand(left);
    }
    let idle = match &left.kind {
        Ast::Int(0) => {
            matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem)
        }
        Ast::Int(1) => *op == BinaryOp::Mul,
        Ast::Bool(_) => matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Eq | BinaryOp::Ne),
        Ast::Duration(d) => d.is_zero() && matches!(op, BinaryOp::Add | BinaryOp::Sub),
        Ast::Size(n) => *n == 0 && *op == BinaryOp::Add,
        _ => false,
    };
    idle.then_some(left)
}

/// Whether the result is of another type than the sides.
fn compares(op: BinaryOp) -> bool {
    !matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem)
}

//! A comparison that is taken back.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

use super::text::of;
use crate::context::place;
use crate::project::Loaded;

pub(super) fn expr(file: &Loaded, e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::Unary { op: UnaryOp::Not, value } = &e.kind else { return };
    let ExprKind::Binary { op, left, right, .. } = &value.kind else { return };
    // `a not in b` is one word.
    let written = of(file, e.span);
    if !written.strip_prefix("not").is_some_and(|rest| rest.starts_with([' ', '(', '\n'])) {
        return;
    }
    // Numbers that are none make `not a < b` and `a >= b` two things.
    let other = match op {
        BinaryOp::Eq => "!=",
        BinaryOp::Ne => "==",
        BinaryOp::In => "not in",
        _ => return,
    };
    let text = format!("{} {other} {}", of(file, left.span), of(file, right.span));
    let finding = Diagnostic::warning(codes::P9022, place(e.span), "a comparison is taken back")
        .here("says the same in more words")
        .help(format!("Write `{other}`."));
    // A comment in between, or a line end, would be lost or fall out of its parentheses.
    findings.push(if written.contains("//") || written.contains('\n') {
        finding
    } else {
        finding.fix(format!("Write `{other}`"), true, vec![Edit { place: place(e.span), text }])
    });
}

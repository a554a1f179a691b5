//! An act whose failure nobody hears of.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind};

use crate::context::place;

/// Whether it is a `do`, whatever it says of itself.
fn is_act(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Do(_) => true,
        ExprKind::OnTerms { call, .. } => is_act(call),
        _ => false,
    }
}

pub(super) fn expr(e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::Else { value, arm } = &e.kind else { return };
    let is_nothing = match &arm.kind {
        ExprKind::None => true,
        ExprKind::Block(block) => block.stmts.is_empty(),
        _ => false,
    };
    if is_act(value) && is_nothing {
        findings.push(
            Diagnostic::warning(codes::P9024, place(arm.span), "nobody hears that this was not done")
                .here("goes on as if it were")
                .label(place(value.span), "when this fails")
                .help("Hand over, write a `note`, or do something else instead."),
        );
    }
}

//! Text in lower case, compared with text that is not.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_syntax::ast::{BinaryOp, Expr, ExprKind};

use super::text::{literal, method, of};
use crate::context::place;
use crate::project::Loaded;

/// `x.lower()`, `x.upper()`: whether it is the one or the other.
fn made(e: &Expr) -> Option<bool> {
    let ExprKind::Call { callee, args } = &e.kind else { return None };
    let ExprKind::Field { name, .. } = &callee.kind else { return None };
    match name.text.as_str() {
        "lower" if args.is_empty() => Some(true),
        "upper" if args.is_empty() => Some(false),
        _ => None,
    }
}

fn compare(file: &Loaded, text: &Expr, with: &Expr, findings: &mut Vec<Diagnostic>) {
    let Some(lower) = made(text) else { return };
    let Some(wanted) = literal(with) else { return };
    let right = if lower { wanted.to_lowercase() } else { wanted.to_uppercase() };
    if right == wanted {
        return;
    }
    let (is, has) = if lower { ("lower", "upper") } else { ("upper", "lower") };
    let written = of(file, with.span);
    let changed = if lower { written.to_lowercase() } else { written.to_uppercase() };
    let finding = Diagnostic::warning(
        codes::P9014,
        place(with.span),
        format!("text in {is} case is compared with letters in {has} case"),
    )
    .here("never the same")
    .label(place(text.span), format!("in {is} case"))
    .help(format!("Write {changed}."));
    // An escape may mean something else in the other case.
    findings.push(if written.contains('\\') {
        finding
    } else {
        finding.fix(format!("Write {changed}"), false, vec![Edit { place: place(with.span), text: changed }])
    });
}

pub(super) fn expr(file: &Loaded, e: &Expr, findings: &mut Vec<Diagnostic>) {
    if let ExprKind::Binary { op, left, right, .. } = &e.kind {
        match op {
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Like => {
                compare(file, left, right, findings);
                compare(file, right, left, findings);
            }
            BinaryOp::In => {
                if let ExprKind::List(members) = &right.kind {
                    members.iter().for_each(|member| compare(file, left, member, findings));
                }
            }
            _ => {}
        }
    }
    if let Some((text, "contains" | "starts_with" | "ends_with", with)) = method(e) {
        compare(file, text, with, findings);
    }
}

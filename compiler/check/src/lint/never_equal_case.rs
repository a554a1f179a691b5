//! Text in lower case, compared with text that is not.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_syntax::ast::{BinaryOp, Expr, ExprKind};

use super::text::{literal, method, of};
use super::walk::{self, Visit};
use crate::context::place;
use crate::project::Loaded;

struct Look<'a>(&'a Loaded, &'a mut Vec<Diagnostic>);

pub(super) fn run(file: &Loaded, findings: &mut Vec<Diagnostic>) {
    walk::items(&file.tree.items, &mut Look(file, findings));
}

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

impl Look<'_> {
    fn compare(&mut self, text: &Expr, with: &Expr) {
        let Some(lower) = made(text) else { return };
        let Some(wanted) = literal(with) else { return };
        let right = if lower { wanted.to_lowercase() } else { wanted.to_uppercase() };
        if right == wanted {
            return;
        }
        let (is, has) = if lower { ("lower", "upper") } else { ("upper", "lower") };
        let written = of(self.0, with.span);
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
        self.1.push(if written.contains('\\') {
            finding
        } else {
            finding.fix(
                format!("Write {changed}"),
                false,
                vec![Edit { place: place(with.span), text: changed }],
            )
        });
    }
}

impl Visit for Look<'_> {
    fn expr(&mut self, e: &Expr) {
        if let ExprKind::Binary { op, left, right, .. } = &e.kind {
            match op {
                BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Like => {
                    self.compare(left, right);
                    self.compare(right, left);
                }
                BinaryOp::In => {
                    if let ExprKind::List(members) = &right.kind {
                        members.iter().for_each(|member| self.compare(left, member));
                    }
                }
                _ => {}
            }
        }
        if let Some((text, "contains" | "starts_with" | "ends_with", with)) = method(e) {
            self.compare(text, with);
        }
    }
}

//! A value that stands twice in a list that something is looked for in.

use std::collections::BTreeMap;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_syntax::ast::{BinaryOp, Expr, ExprKind, Span};

use super::text::plain;
use crate::context::place;
use crate::project::Loaded;

pub(super) fn expr(file: &Loaded, e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::Binary { op: BinaryOp::In, right, .. } = &e.kind else { return };
    let ExprKind::List(members) = &right.kind else { return };
    let mut first = BTreeMap::new();
    let mut before: Option<&Expr> = None;
    for member in members {
        let text = plain(file, member.span);
        let earlier: Span = *first.entry(text.clone()).or_insert(member.span);
        if let Some(before) = before.filter(|_| earlier != member.span) {
            let cut = Place { start: before.span.end, ..place(member.span) };
            findings.push(
                Diagnostic::warning(codes::P9013, place(member.span), format!("{text} is there already"))
                    .here("a second time")
                    .label(place(earlier), "the first time")
                    .note("Often something else was meant to stand here.")
                    .help("Leave it out, or write what was meant.")
                    .fix("Leave it out", false, vec![Edit { place: cut, text: String::new() }]),
            );
        }
        before = Some(member);
    }
}

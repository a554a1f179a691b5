//! As many questions to another system as an alert has values.

use std::collections::BTreeSet;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind, ItemKind};

use super::walk::{self, Visit};
use crate::context::place;
use crate::project::Loaded;

/// The names of all connectors.
pub(super) fn connectors(files: &[Loaded]) -> BTreeSet<&str> {
    let items = files.iter().flat_map(|f| &f.tree.items);
    let connectors = items.filter_map(|item| match &item.kind {
        ItemKind::Connector(d) => Some(d.name.text.as_str()),
        _ => None,
    });
    connectors.collect()
}

pub(super) fn expr(connectors: &BTreeSet<&str>, e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::For { list, body, .. } = &e.kind else { return };
    if !is_of_alert(list) {
        return;
    }
    let mut calls = Calls { connectors, found: None };
    walk::block(body, &mut calls);
    if let Some(call) = calls.found {
        findings.push(
            Diagnostic::warning(codes::P9026, place(list.span), "nothing says how many there are at most")
                .here("as many as the alert has")
                .label(place(call), "asked once for each")
                .note("An alert with ten thousand values asks ten thousand times, and whoever sends alerts decides how many.")
                .help("Take the first of them: `.take(50)`."),
        );
    }
}

/// A field of the case, and nothing that bounds it.
fn is_of_alert(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Field { base, .. } => match &base.kind {
            ExprKind::Name(name) => name == "case",
            _ => is_of_alert(base),
        },
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Field { base, name, .. } => name.text != "take" && is_of_alert(base),
            _ => false,
        },
        ExprKind::Else { value, .. } => is_of_alert(value),
        _ => false,
    }
}

struct Calls<'a> {
    connectors: &'a BTreeSet<&'a str>,
    found: Option<play_syntax::ast::Span>,
}

impl Visit for Calls<'_> {
    fn expr(&mut self, e: &Expr) {
        let ExprKind::Call { callee, .. } = &e.kind else { return };
        let ExprKind::Field { base, .. } = &callee.kind else { return };
        let named = matches!(&base.kind, ExprKind::Name(name) if self.connectors.contains(name.as_str()));
        if named && self.found.is_none() {
            self.found = Some(e.span);
        }
    }
}

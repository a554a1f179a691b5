//! A network that every address is in.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind};

use crate::context::place;

pub(super) fn expr(e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::Cidr { net } = &e.kind else { return };
    if net.prefix_len() == 0 {
        let kind = if net.addr().is_ipv4() { "IPv4" } else { "IPv6" };
        findings.push(
            Diagnostic::warning(codes::P9021, place(e.span), format!("every {kind} address is in `{net}`"))
                .here("nothing is outside")
                .help("Name the networks that are meant."),
        );
    }
}

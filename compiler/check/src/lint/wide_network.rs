//! A network that every address is in.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind};

use super::walk::{self, Visit};
use crate::context::place;
use crate::project::Loaded;

struct Look<'a>(&'a mut Vec<Diagnostic>);

pub(super) fn run(file: &Loaded, findings: &mut Vec<Diagnostic>) {
    walk::items(&file.tree.items, &mut Look(findings));
}

impl Visit for Look<'_> {
    fn expr(&mut self, e: &Expr) {
        let ExprKind::Cidr { net } = &e.kind else { return };
        if net.prefix_len() == 0 {
            let kind = if net.addr().is_ipv4() { "IPv4" } else { "IPv6" };
            self.0.push(
                Diagnostic::warning(
                    codes::P9021,
                    place(e.span),
                    format!("every {kind} address is in `{net}`"),
                )
                .here("nothing is outside")
                .help("Name the networks that are meant."),
            );
        }
    }
}

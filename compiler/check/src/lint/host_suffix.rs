//! Names of hosts that are compared as texts, so that an attacker can have one that passes.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::Expr;

use super::text::{is_host, literal, method};
use crate::context::place;

/// A host that is not this one, and passes all the same.
fn other(called: &str, text: &str) -> Option<String> {
    match called {
        "ends_with" | "ends_with_ignoring_case" if is_host(text) => Some(format!("not-{text}")),
        "contains" | "contains_ignoring_case" if is_host(text.trim_start_matches(['.', '@'])) => {
            Some(format!("{text}.attacker.example"))
        }
        "starts_with" | "starts_with_ignoring_case" => {
            let (_, host) = text.split_once("://")?;
            is_host(host).then(|| format!("{text}.attacker.example"))
        }
        _ => None,
    }
}

pub(super) fn expr(e: &Expr, findings: &mut Vec<Diagnostic>) {
    let Some((_, called, with)) = method(e) else { return };
    let Some(other) = literal(with).and_then(|text| other(called, text)) else { return };
    findings.push(
        Diagnostic::warning(codes::P9016, place(with.span), "a host is compared as text")
            .here(format!("`{}` passes, too", other.trim_start_matches(['.', '@'])))
            .note("Whoever can choose the name of a host can choose one that this does not keep out.")
            .help("Compare domains: `x.is_within(\"…\" as Domain)`, of a `Domain`, an `Email.domain` or a `Url.domain`."),
    );
}

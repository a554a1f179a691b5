//! A text that is still to be written.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind, StrPart};

use crate::context::place;

const WORDS: &[&str] = &["TODO", "FIXME", "XXX", "TBD"];

pub(super) fn expr(e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::Str(parts) = &e.kind else { return };
    let words = parts.iter().filter_map(|part| match part {
        StrPart::Text(text) => Some(text),
        StrPart::Expr(_) => None,
    });
    let mut words = words.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    if let Some(word) = words.find(|word| WORDS.contains(word)) {
        findings.push(
            Diagnostic::warning(codes::P9019, place(e.span), format!("`{word}` is left in a text"))
                .here("still to be written")
                .help("Write what is meant. A thing that is to be done later belongs into a comment."),
        );
    }
}

//! `user == "adm-*"`: a pattern where every letter counts.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_syntax::ast::{BinaryOp, Expr, ExprKind, Span};

use super::text::{literal, of};
use crate::context::place;
use crate::project::Loaded;

/// Whether a text is likely meant as a pattern. `*` alone and `s3:*` are values that policies have, and `text/*` is a type of media;
/// a `?` at the end asks.
fn is_pattern(text: &str) -> bool {
    let star =
        (text.starts_with('*') || text.ends_with('*')) && !text.contains("**") && !text.ends_with(":*");
    let media = text.ends_with("/*") && text.matches('/').count() == 1;
    let inside = text.trim_end_matches('?').contains('?');
    let word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '\\' | '*' | '?');
    let known = text.chars().any(char::is_alphanumeric);
    known && (star && !media || inside && text.chars().all(word))
}

fn compared(
    file: &Loaded,
    text: &Expr,
    with: &Expr,
    op: Option<(BinaryOp, Span)>,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(pattern) = literal(with) else { return };
    if !is_pattern(pattern) {
        return;
    }
    let finding = Diagnostic::warning(
        codes::P9034,
        place(with.span),
        "a wildcard means nothing where texts are compared",
    )
    .here("every letter counts, this one too");
    let (text, written) = (of(file, text.span), of(file, with.span));
    findings.push(match op {
        Some((BinaryOp::Eq, at)) => finding.help(format!("Write `{text} like {written}`.")).fix(
            "Write `like`",
            false,
            vec![Edit { place: place(at), text: "like".into() }],
        ),
        Some(_) => finding.help(format!("Write `not ({text} like {written})`.")),
        None => finding.help(format!("Write `{text} like {written}` beside it.")),
    });
}

pub(super) fn expr(file: &Loaded, e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::Binary { op, op_span, left, right } = &e.kind else { return };
    match (op, &right.kind) {
        (BinaryOp::Eq | BinaryOp::Ne, _) => {
            compared(file, left, right, Some((*op, *op_span)), findings);
        }
        (BinaryOp::In, ExprKind::List(members)) => {
            members.iter().for_each(|member| compared(file, left, member, None, findings));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::is_pattern;

    #[test]
    fn a_pattern_is_told_from_values_of_policies_and_from_questions() {
        for text in ["adm-*", "*.example.org", "D?E", "00u*", r"C:\Users\*", "a?c*", "https://a/b/*"] {
            assert!(is_pattern(text), "{text}");
        }
        for text in [
            "*",
            "s3:*",
            "iam:*",
            "",
            "a*b",
            "https://x.example/?q=1",
            "who is it?",
            "**",
            "?",
            "why?",
            "**bold**",
            "text/*",
        ] {
            assert!(!is_pattern(text), "{text}");
        }
    }
}

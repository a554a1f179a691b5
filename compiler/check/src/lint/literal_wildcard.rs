//! `user == "adm-*"`: a pattern where every letter counts.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_syntax::ast::{BinaryOp, Expr, ExprKind, Span};

use super::text::{literal, of};
use super::walk::{self, Visit};
use crate::context::place;
use crate::project::Loaded;

struct Look<'a>(&'a Loaded, &'a mut Vec<Diagnostic>);

pub(super) fn run(file: &Loaded, findings: &mut Vec<Diagnostic>) {
    walk::items(&file.tree.items, &mut Look(file, findings));
}

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

impl Look<'_> {
    fn compared(&mut self, text: &Expr, with: &Expr, op: Option<(BinaryOp, Span)>) {
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
        let (text, written) = (of(self.0, text.span), of(self.0, with.span));
        self.1.push(match op {
            Some((BinaryOp::Eq, at)) => finding.help(format!("Write `{text} like {written}`.")).fix(
                "Write `like`",
                false,
                vec![Edit { place: place(at), text: "like".into() }],
            ),
            Some(_) => finding.help(format!("Write `not ({text} like {written})`.")),
            None => finding.help(format!("Write `{text} like {written}` beside it.")),
        });
    }
}

impl Visit for Look<'_> {
    fn expr(&mut self, e: &Expr) {
        let ExprKind::Binary { op, op_span, left, right } = &e.kind else { return };
        match (op, &right.kind) {
            (BinaryOp::Eq | BinaryOp::Ne, _) => {
                self.compared(left, right, Some((*op, *op_span)));
            }
            (BinaryOp::In, ExprKind::List(members)) => {
                members.iter().for_each(|member| self.compared(left, member, None));
            }
            _ => {}
        }
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

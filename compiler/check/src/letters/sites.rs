//! What is told of a comparison.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_syntax::ast::Span;

use super::kind::Kind;
use crate::context::place;

/// How a text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// `x == "…"`
    Equal,
    /// It is one of several that are written: `x in […]`, `match`.
    OneOf,
    /// One that is written is among several: `"…" in xs`, `xs.contains("…")`.
    Among,
    /// A part of it, by the function of this name: `x.contains("…")`.
    Part(&'static str),
    /// `x like "…"`
    Like,
}

/// A comparison that is told.
pub(super) struct Found {
    /// What the text is compared with.
    pub(super) at: Span,
    pub(super) kind: Kind,
    /// The text there, or the first of several.
    pub(super) text: String,
    pub(super) how: How,
    /// What is to be another word, or for `==` a call, where it stands in the text as expected.
    pub(super) word: Option<Span>,
}

impl Found {
    pub(super) fn finding(&self) -> Diagnostic {
        let (what, who) = self.kind.said();
        let finding = Diagnostic::warning(codes::P9015, place(self.at), what)
            .here("another case is not found")
            .note(format!("{who}: `{}`.", self.text.to_uppercase()));
        let other = match self.how {
            How::Like => Some("ilike".to_string()),
            How::Part(name) => Some(format!("{name}_ignoring_case")),
            _ => None,
        };
        let way = match (&other, self.how) {
            (Some(other), _) => format!("Write `{other}`"),
            (None, How::OneOf) => "Write `x.lower()`, and all texts in lower case".to_string(),
            (None, How::Among) => "Write `xs.any(x => x.equals_ignoring_case(\"…\"))`".to_string(),
            (None, _) => "Write `x.equals_ignoring_case(\"…\")`".to_string(),
        };
        // A part of a text is no address and no digest.
        let whole = !matches!(self.how, How::Like | How::Part(_));
        let finding = finding.help(match self.kind.ty().filter(|_| whole) {
            Some(ty) => format!("{way}; or give the field the type `{ty}`, which knows."),
            None => format!("{way}."),
        });
        if let (How::Equal, Some(equals)) = (self.how, self.word) {
            let end = place(self.at).end;
            let edits = vec![
                Edit { place: place(equals), text: ".equals_ignoring_case(".into() },
                Edit { place: Place { start: end, ..place(self.at) }, text: ")".into() },
            ];
            return finding.fix("Write `equals_ignoring_case`", false, edits);
        }
        match (other, self.word) {
            (Some(other), Some(at)) => {
                let edit = Edit { place: place(at), text: other.clone() };
                finding.fix(format!("Write `{other}`"), false, vec![edit])
            }
            _ => finding,
        }
    }
}

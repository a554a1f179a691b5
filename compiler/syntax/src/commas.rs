//! A `,` that stands where Play has none: in lists of other languages, in numbers, between the keys of a `dedup`.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};

use crate::explain::Scene;
use crate::token::TokenKind as K;

impl Scene<'_> {
    /// `x in ("DE", "FR")`
    pub(crate) fn list_in_parentheses(&self) -> Option<Diagnostic> {
        if self.kind(self.at) != Some(K::Comma) {
            return None;
        }
        let open = self.opener(self.at)?;
        let listed = open.checked_sub(1).and_then(|i| self.kind(i));
        if self.kind(open) != Some(K::LParen) || !matches!(listed, Some(K::In | K::Assign | K::Eq)) {
            return None;
        }
        let close = self.closer(self.at)?;
        self.read_as(&[(open, K::LBrack), (close, K::RBrack)]);
        let edit = |at: usize, text: &str| Edit { place: self.place(at), text: text.into() };
        let finding = Diagnostic::error(codes::P1001, self.whole(open, close), "a list stands in brackets")
            .here("write `[…]`");
        if (open..close).any(|at| self.parts_of_number(at).is_some()) {
            return Some(finding.help(
                "Write `[…]`, with a space behind each `,`; no `,` stands in a number: a thousand is `1000` or `1_000`.",
            ));
        }
        Some(finding.fix("Write `[…]`", true, vec![edit(open, "["), edit(close, "]")]))
    }

    /// The place of a number that this comma may stand in: behind it are three digits, with no space.
    fn parts_of_number(&self, comma: usize) -> Option<Place> {
        let before = comma.checked_sub(1)?;
        let numbers = self.kind(before) == Some(K::Int) && self.kind(comma + 1) == Some(K::Int);
        let whole = self.whole(before, comma + 1);
        let three = self.word(comma + 1).len() == 3;
        let one = self.kind(comma) == Some(K::Comma) && numbers && three;
        (one && !self.text_at(whole).contains(char::is_whitespace)).then_some(whole)
    }

    /// `1,000`
    pub(crate) fn thousands(&self) -> Option<Diagnostic> {
        let before = self.at.checked_sub(1)?;
        let whole = self.parts_of_number(self.at)?;
        let right = self.text_at(whole).replace(',', "_");
        self.read_whole(before..self.at + 2, Some(K::Int));
        Some(
            Diagnostic::error(codes::P1001, whole, "no `,` stands in a number")
                .here(format!("write `{right}`"))
                .fix(format!("Write `{right}`"), false, vec![Edit { place: whole, text: right }]),
        )
    }

    /// `dedup by payload.id, payload.user within 24h`
    pub(crate) fn keys_of_dedup(&self) -> Option<Diagnostic> {
        let start = self.part.as_ref()?.start;
        let here = self.kind(self.at) == Some(K::Comma) && self.kind(start) == Some(K::Dedup);
        here.then(|| {
            Diagnostic::error(codes::P1001, self.place(self.at), "`dedup by` takes one value")
                .here("a second one?")
                .help("Put them into one text: `dedup by \"{payload.id as String?} {payload.user as String?}\" within 24h`.")
        })
    }
}

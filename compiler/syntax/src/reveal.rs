//! `reveal` with its value in parentheses, as if it were a function.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};

use crate::explain::Scene;
use crate::grammar::traced::Rule;
use crate::token::TokenKind as K;

impl Scene<'_> {
    /// `reveal (case.country else "nowhere") because "…"`, `reveal (case.country) else "nowhere" because "…"`
    pub(crate) fn reveal_in_parentheses(&self, expected: &[Rule]) -> Option<Diagnostic> {
        let value = expected.iter().any(|r| matches!(r, Rule::infix | Rule::t_dot));
        if self.kind(self.at) != Some(K::Because) || !value {
            return None;
        }
        let start = self.part.as_ref()?.start;
        let from = self.opener(self.at).map_or(start, |open| start.max(open + 1));
        let level = self.level(from..self.at);
        let reveal = level.iter().rposition(|i| self.kind(*i) == Some(K::Reveal))?;
        let (reveal, open) = (*level.get(reveal)?, *level.get(reveal + 1)?);
        let close =
            self.closer(open + 1).filter(|_| self.kind(open) == Some(K::LParen) && open == reveal + 1)?;
        if close + 1 != self.at && self.kind(close + 1) != Some(K::Else) {
            return None;
        }
        // In the head of an `if` the whole of it needs parentheses.
        let before = reveal.checked_sub(1).and_then(|i| self.kind(i));
        if !matches!(
            before,
            Some(K::Assign | K::LBrace | K::StmtEnd | K::FatArrow | K::LParen | K::Comma | K::InterpOpen)
        ) {
            return None;
        }
        let finding = Diagnostic::error(
            codes::P1001,
            self.whole(open, close),
            "`reveal` takes its value without parentheses",
        )
        .here("with them it is read as a call");
        let Some((open, close)) = self.may_stand_bare(open, close) else {
            return Some(finding.help(
                "Give the value a name with `let` before it, and write `reveal NAME because \"…\"`; it is one value.",
            ));
        };
        self.left_out(vec![open, close]);
        let (before, after) = (self.gap(reveal, open + 1), self.place(close));
        let edits =
            vec![Edit { place: before, text: " ".into() }, Edit { place: after, text: String::new() }];
        // A line that begins with what may begin a statement is another one where no parenthesis is open.
        let one_line = !self.text_at(self.whole(open + 1, close.saturating_sub(1))).contains('\n');
        let goes_on = (open + 1..close).all(|at| !matches!(self.kind(at), Some(K::Minus | K::Slash)));
        Some(finding.fix("Take the parentheses away", one_line || goes_on, edits))
    }

    /// Whether what these parentheses hold is one value that means the same behind `reveal` without them.
    fn may_stand_bare(&self, open: usize, close: usize) -> Option<(usize, usize)> {
        let (mut from, mut to) = (open, close);
        // Of two pairs each goes by itself.
        while let Some(inner) = to.checked_sub(1).filter(|i| self.kind(*i) == Some(K::RParen))
            && self.kind(from + 1) == Some(K::LParen)
            && self.opener(inner) == Some(from + 1)
        {
            (from, to) = (from + 1, inner);
        }
        let first = self.kind(from + 1)?;
        let begins = first == K::StrStart || first.is_literal() || first.is_word() && !first.is_reserved();
        // What ends with a `because` of its own would take the one behind it.
        let field = |at: usize| {
            let before = at.checked_sub(1).and_then(|i| self.kind(i));
            matches!(before, Some(K::Dot | K::QuestionDot))
        };
        let other = |at: &usize| {
            !field(*at)
                && matches!(
                    self.kind(*at),
                    Some(
                        K::Comma
                            | K::Colon
                            | K::FatArrow
                            | K::StmtEnd
                            | K::If
                            | K::Match
                            | K::For
                            | K::Do
                            | K::Let
                            | K::Close
                            | K::Set
                            | K::Note
                            | K::Route
                            | K::Hand
                            | K::Reveal
                            | K::Because
                    )
                )
        };
        (begins && !self.level(from + 1..to).iter().any(other)).then_some((open, close))
    }
}

//! What other languages write, and Play writes otherwise.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};

use crate::explain::Scene;
use crate::token::TokenKind as K;

/// Words that begin a statement elsewhere, and what is written here.
const STATEMENTS: &[(&str, &str)] = &[
    ("return", "The last expression of a body is its value: leave `return` out."),
    (
        "while",
        "Every loop has an end: `for x in LIST { … }`. To wait for something: `wait … every 30s until … within 10m else …`.",
    ),
    ("switch", "Write `match VALUE { A => …, B => … }`."),
    ("var", "Write `let NAME = VALUE`. A name keeps its value."),
    ("throw", "What cannot go on is handed over: `hand over to queue.NAME because \"…\"`."),
    (
        "try",
        "Each call says what is done when it fails: `CALL else …`. What belongs together is a `step NAME { … } else { … }`.",
    ),
    ("def", "Write `fn NAME(x: TYPE) -> TYPE { … }`, outside of the playbook."),
];

/// The unit of a length of time, by the word for it.
fn unit(word: &str) -> Option<&'static str> {
    match word {
        "sec" | "secs" | "second" | "seconds" => Some("s"),
        "min" | "mins" | "minute" | "minutes" => Some("m"),
        "hour" | "hours" => Some("h"),
        "day" | "days" => Some("d"),
        _ => None,
    }
}

impl Scene<'_> {
    /// A habit from elsewhere, if it is one.
    pub(crate) fn elsewhere(&self) -> Option<Diagnostic> {
        let first = self.part.as_ref().map(|p| p.start)?;
        self.statement(first)
            .or_else(|| self.time())
            .or_else(|| self.question())
            .or_else(|| self.field_or_target(first))
    }

    fn statement(&self, first: usize) -> Option<Diagnostic> {
        let word = self.word(first);
        if self.kind(first) == Some(K::Let) && self.word(first + 1) == "mut" && self.at == first + 2 {
            let finding = Diagnostic::error(codes::P1001, self.place(first + 1), "nothing is `mut` here");
            return Some(finding.here("not needed").help(
                "A name keeps its value. To add up over a list there are `sum`, `count`, `filter` and `map`.",
            ));
        }
        let (_, help) = STATEMENTS.iter().find(|(name, _)| *name == word)?;
        let alone = self.kind(first) == Some(K::Ident) && self.at <= first + 1;
        alone.then(|| {
            let finding =
                Diagnostic::error(codes::P1001, self.place(first), format!("there is no `{word}` here"));
            finding.here("a word of other languages").help(*help)
        })
    }

    /// `5 minutes`
    fn time(&self) -> Option<Diagnostic> {
        let at = [self.at.checked_sub(1), Some(self.at)].into_iter().flatten();
        let at =
            at.into_iter().find(|at| self.kind(*at) == Some(K::Int) && unit(self.word(at + 1)).is_some())?;
        let (number, unit) = (self.word(at), unit(self.word(at + 1))?);
        let (from, to) = (self.place(at), self.place(at + 1));
        let text = format!("{number}{unit}");
        let whole = Place { end: to.end, ..from };
        Some(
            Diagnostic::error(codes::P1001, whole, "a length of time is one word")
                .here(format!("write `{text}`"))
                .help(format!("Write `{text}`."))
                .fix(format!("Write `{text}`"), true, vec![Edit { place: whole, text }]),
        )
    }

    /// `a ?? b`, `c ? a : b`
    fn question(&self) -> Option<Diagnostic> {
        if self.before(1) != Some(K::Question) {
            return None;
        }
        let back = self.place(self.at - 1);
        if self.before(2) == Some(K::Question) {
            let both = Place { start: self.place(self.at - 2).start, ..back };
            let finding = Diagnostic::error(
                codes::P1001,
                both,
                "what stands in for an absent value comes after `else`",
            );
            return Some(finding.here("write `else`").help("Write `VALUE else OTHER`.").fix(
                "Write `else`",
                true,
                vec![Edit { place: both, text: "else".into() }],
            ));
        }
        let end = self.part.as_ref().map_or(self.at, |p| p.end);
        let colon = (self.at..end).any(|i| self.kind(i) == Some(K::Colon));
        colon.then(|| {
            Diagnostic::error(codes::P1001, back, "a choice between two values is an `if`")
                .here("does not belong to what stands before it")
                .help("Write `if CONDITION { A } else { B }`.")
        })
    }

    fn field_or_target(&self, first: usize) -> Option<Diagnostic> {
        let place = self.place(self.at);
        match (self.kind(first)?, self.at.checked_sub(first)?) {
            (K::Set, 2) if self.word(first + 1) == "case" && self.kind(self.at) == Some(K::Dot) => {
                let both = Place { start: self.place(first + 1).start, ..place };
                let field = self.word(self.at + 1);
                Some(
                    Diagnostic::error(codes::P1001, both, "`set` names the field alone")
                        .here("not needed")
                        .help(format!("Write `set {field} = … because \"…\"`."))
                        .fix("Leave it out", true, vec![Edit { place: both, text: String::new() }]),
                )
            }
            (K::Close, 1) if self.kind(self.at) == Some(K::StrStart) => Some(
                Diagnostic::error(codes::P1001, place, "expected the class of the closure, found a string")
                    .here("expected a class")
                    .help("Write a class without quotes, and the reason after it: `close FalsePositive because \"…\"`."),
            ),
            (K::Route, 1) | (K::Hand, 2) if matches!(self.word(self.at), "queue" | "role") => {
                let at = Place { end: place.start, ..place };
                Some(
                    Diagnostic::error(codes::P1001, place, format!("expected `to`, found {}", self.found()))
                        .here("`to` is missing before it")
                        .fix("Write `to`", true, vec![Edit { place: at, text: "to ".into() }]),
                )
            }
            _ => None,
        }
    }
}

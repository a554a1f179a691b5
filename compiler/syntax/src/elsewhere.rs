//! What other languages write, and Play writes otherwise.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};

use crate::explain::Scene;
use crate::lengths;
use crate::repair::Repair;
use crate::stream::Symbol;
use crate::token::TokenKind as K;

/// Words that begin a statement elsewhere, and what is written here.
const STATEMENTS: &[(&str, &str)] = &[
    (
        "while",
        "Every loop has an end: `for x in LIST { … }`. To wait for something: `wait … every 30s until … within 10m else …`.",
    ),
    ("switch", "Write `match VALUE { A => …, B => … }`."),
    ("var", "Write `let NAME = VALUE`. A name keeps its value."),
    ("throw", "What cannot go on is handed over: `hand over to queue.NAME because \"…\"`."),
    ("raise", "What cannot go on is handed over: `hand over to queue.NAME because \"…\"`."),
    (
        "try",
        "Each call says what is done when it fails: `CALL else …`. What belongs together is a `step NAME { … } else { … }`.",
    ),
    ("def", "Write `fn NAME(x: TYPE) -> TYPE { … }`, outside of the playbook."),
    (
        "undo",
        "`rollback because \"…\"` takes back what the step round it did. One act is taken back by the act against it, with its own line: `do okta.unsuspend(…) else …`.",
    ),
    (
        "escalate",
        "Write `hand over to queue.NAME because \"…\"`, which ends the run, or `route to queue.NAME because \"…\"`, after which it goes on.",
    ),
    ("print", "Write `note \"…\"`: the case keeps it."),
    ("sleep", "Write `wait 5m`."),
];

/// Words that begin a step of a test elsewhere, and what is written here.
const STEPS: &[(&str, &str)] = &[
    (
        "assert",
        "Write `expect …`: `expect closed FalsePositive`, `expect did okta.suspend`, or `expect` and a condition.",
    ),
    ("mock", "Write `given CONNECTOR.NAME(…) returns …`."),
    ("when", "Write `given …` for what comes in, and `run PLAYBOOK`."),
    ("call", "Write `run PLAYBOOK`."),
];

impl Scene<'_> {
    /// A habit from elsewhere, if it is one.
    pub(crate) fn elsewhere(&self) -> Option<Diagnostic> {
        let first = self.part.as_ref().map(|p| p.start)?;
        self.return_value(first)
            .or_else(|| self.other_act())
            .or_else(|| self.statement(first))
            .or_else(|| self.tried())
            .or_else(|| self.clause_of_action())
            .or_else(|| self.accept_when(first))
            .or_else(|| self.question())
            .or_else(|| self.field_or_target(first))
    }

    fn statement(&self, first: usize) -> Option<Diagnostic> {
        let word = self.word(first);
        let known = if self.kind(0) == Some(K::Test) { STEPS } else { STATEMENTS };
        let (_, help) = known.iter().find(|(name, _)| *name == word)?;
        let alone = self.kind(first).is_some_and(|k| k.is_word() && !k.is_reserved()) && self.at <= first + 1;
        let connector = self.kind(0) == Some(K::Connector);
        (alone && !connector).then(|| {
            let finding =
                Diagnostic::error(codes::P1001, self.place(first), format!("there is no `{word}` here"));
            finding.here("no word of the language").help(*help)
        })
    }

    /// `return x`
    fn return_value(&self, first: usize) -> Option<Diagnostic> {
        if self.word(first) != "return" || self.kind(first) != Some(K::Ident) || self.at > first + 1 {
            return None;
        }
        let finding = Diagnostic::error(codes::P1001, self.place(first), "there is no `return` here")
            .here("no word of the language");
        if !matches!(self.kind(0), Some(K::Fn | K::Procedure)) {
            return Some(finding.help(
                "A run ends with `close CLASS because \"…\"` or `hand over to queue.NAME because \"…\"`.",
            ));
        }
        let finding = finding.help("The last expression of a body is its value: leave `return` out.");
        let end = self.part.as_ref().map_or(self.at, |p| p.end);
        // Only the value of the whole body is given back either way.
        let last = self.kind(end) == Some(K::RBrace) && end + 1 == self.symbols.len();
        if !last || self.at == first {
            return Some(finding);
        }
        self.left_out(vec![first]);
        let place = Place { end: self.place(first + 1).start, ..self.place(first) };
        Some(finding.fix("Leave `return` out", true, vec![Edit { place, text: String::new() }]))
    }

    /// `else handover to …`, `else escalate to …`, `log "…"`, `sleep 5m`
    fn other_act(&self) -> Option<Diagnostic> {
        let word = self.at.checked_sub(1).filter(|i| self.kind(*i) == Some(K::Ident))?;
        let begins = word
            .checked_sub(1)
            .is_none_or(|i| matches!(self.kind(i), Some(K::Else | K::StmtEnd | K::LBrace | K::FatArrow)));
        if !begins {
            return None;
        }
        let place = self.place(word);
        let shown = self.word(word);
        let written = |right: &str, safe: bool| {
            Diagnostic::error(codes::P1001, place, format!("`{shown}` is written `{right}`"))
                .here(format!("write `{right}`"))
                .fix(format!("Write `{right}`"), safe, vec![Edit { place, text: right.into() }])
        };
        let here = self.kind(self.at)?;
        match shown {
            "handover" | "handoff" | "hand_over" if here == K::To => {
                let first = self.symbols.get(word).copied()?;
                let two = [K::Hand, K::Over].map(|kind| Symbol { kind, ..first });
                self.repair.set(Some(Repair { parts: vec![(word..word + 1, two.to_vec())] }));
                Some(written("hand over", true))
            }
            "escalate" | "transfer" | "assign" if here == K::To => Some(
                Diagnostic::error(codes::P1001, place, format!("there is no `{shown}` here"))
                    .here("no word of the language")
                    .help("Write `hand over to queue.NAME because \"…\"`, which ends the run, or `route to queue.NAME because \"…\"`, after which it goes on."),
            ),
            "log" | "echo" | "comment" | "print" if here == K::StrStart => {
                self.read_as(&[(word, K::Note)]);
                Some(written("note", false).help("`note` puts a text on the case."))
            }
            "sleep" | "delay" | "pause" if here == K::Duration => {
                self.read_as(&[(word, K::Wait)]);
                Some(written("wait", false))
            }
            _ => None,
        }
    }

    /// `let seen = try …`, `let seen = await …`
    fn tried(&self) -> Option<Diagnostic> {
        let at = self.at.checked_sub(1).filter(|i| self.kind(*i) == Some(K::Ident))?;
        let word = self.word(at);
        let place = self.place(at);
        let finding = || {
            let finding = Diagnostic::error(codes::P1001, place, format!("there is no `{word}` here"));
            finding.here("no word of the language")
        };
        match (word, self.kind(self.at)?) {
            ("try", K::Ident) => {
                Some(finding().help("Each call says what is done when it fails: `CALL else …`."))
            }
            ("await", K::Ident) => {
                self.left_out(vec![at]);
                let gone = Place { end: self.place(self.at).start, ..place };
                let edits = vec![Edit { place: gone, text: String::new() }];
                Some(finding().help("A call is waited for anyway.").fix("Leave it out", true, edits))
            }
            _ => None,
        }
    }

    /// `headers { … }`, `body { … }`, `expect 200, 201` in an action
    fn clause_of_action(&self) -> Option<Diagnostic> {
        if self.kind(0) != Some(K::Connector) {
            return None;
        }
        let at = self.at.checked_sub(1)?;
        let (word, place) = (self.word(at), self.place(at));
        if self.kind(self.at) == Some(K::LBrace) && self.kind(at) == Some(K::Ident) {
            let (kind, safe) = match word {
                "headers" => (K::Header, true),
                "body" | "data" => (K::Json, false),
                "params" | "parameters" => (K::Query, false),
                _ => return None,
            };
            self.read_as(&[(at, kind)]);
            let right = kind.word();
            return Some(
                Diagnostic::error(codes::P1001, place, format!("`{word}` is written `{right}`"))
                    .here(format!("write `{right}`"))
                    .fix(format!("Write `{right}`"), safe, vec![Edit { place, text: right.into() }]),
            );
        }
        let listed = self.kind(self.at) == Some(K::Comma) && self.kind(self.at + 1) == Some(K::Int);
        if !listed || at.checked_sub(1).and_then(|i| self.kind(i)) != Some(K::Expect) {
            return None;
        }
        self.read_as(&[(self.at, K::Expect)]);
        let gap = self.gap(at, self.at + 1);
        Some(
            Diagnostic::error(codes::P1001, self.place(self.at), "an `expect` names one status")
                .here("a second one?")
                .help(format!("Write `expect {word}` and `expect {}`.", self.word(self.at + 1)))
                .fix("Write a second `expect`", true, vec![Edit { place: gap, text: " expect ".into() }]),
        )
    }

    /// `accept when …` in a source, `allow except when …` in a guard
    fn accept_when(&self, first: usize) -> Option<Diagnostic> {
        if self.kind(0) == Some(K::Source)
            && self.kind(first) == Some(K::Accept)
            && matches!(self.kind(first + 1), Some(K::When | K::If))
            && self.at <= first + 2
        {
            self.left_out(vec![first + 1]);
            let word = self.word(first + 1);
            let finding = Diagnostic::error(
                codes::P1001,
                self.place(first + 1),
                format!("the condition of `accept` stands right behind it, without `{word}`"),
            );
            let place = Place { end: self.place(first + 2).start, ..self.place(first + 1) };
            return Some(finding.here("not needed").fix(
                format!("Leave `{word}` out"),
                true,
                vec![Edit { place, text: String::new() }],
            ));
        }
        let except = matches!(self.word(self.at), "except" | "unless");
        if self.kind(0) != Some(K::Guard) || self.kind(first) != Some(K::Allow) || !except {
            return None;
        }
        Some(
            Diagnostic::error(
                codes::P1001,
                self.place(self.at),
                format!("no `allow` has an `{}`", self.word(self.at)),
            )
            .here("no part of it")
            .help("What is never let through has a line of its own: `never when …`, and below it `allow`."),
        )
    }

    /// `1 day 2 hours`, `for "4h"`
    pub(crate) fn length(&self) -> Option<Diagnostic> {
        self.length_in_quotes().or_else(|| self.length_in_words())
    }

    fn length_in_words(&self) -> Option<Diagnostic> {
        let part = |at: usize| match self.kind(at)? {
            K::Duration => Some(1),
            K::Float if lengths::is_unit(self.word(at + 1)) => Some(2),
            K::Int
                if lengths::is_unit(self.word(at + 1))
                    || lengths::without_length("1", self.word(at + 1)).is_some() =>
            {
                Some(2)
            }
            _ => None,
        };
        // The failure is at the unit behind a number, or at a number.
        let number = |at: &usize| part(*at).is_some();
        let mut start = [Some(self.at), self.at.checked_sub(1)].into_iter().flatten().find(number)?;
        while let Some(before) = [1, 2]
            .into_iter()
            .filter_map(|back| Some((start.checked_sub(back)?, back)))
            .find_map(|(at, back)| (part(at) == Some(back)).then_some(at))
        {
            start = before;
        }
        let (mut end, mut many) = (start, 0);
        while let Some(more) = part(end) {
            (end, many) = (end + more, many + 1);
        }
        let whole = self.whole(start, end.checked_sub(1)?);
        if many == 1 && self.kind(start) == Some(K::Duration) {
            return None;
        }
        let finding = Diagnostic::error(codes::P1001, whole, "a length of time is one word");
        if let Some(right) = lengths::written(self.text_at(whole)) {
            self.read_whole(start..end, Some(K::Duration));
            return Some(finding.here(format!("write `{right}`")).help(format!("Write `{right}`.")).fix(
                format!("Write `{right}`"),
                true,
                vec![Edit { place: whole, text: right }],
            ));
        }
        let float = (start..end).any(|i| self.kind(i) == Some(K::Float));
        if many == 1 && !float {
            self.read_whole(start..end, Some(K::Duration));
        }
        let help = if float {
            Some("A length is made of whole numbers: `1h30m`.".to_string())
        } else if many == 1 {
            lengths::without_length(self.word(start), self.word(start + 1))
        } else {
            None
        };
        Some(finding.here("no length of time").help(help.unwrap_or_else(|| {
            "Write it in one word, the larger unit first, and each once: `1h30m`.".into()
        })))
    }

    /// `wait "5m"`
    fn length_in_quotes(&self) -> Option<Diagnostic> {
        let wants = matches!(
            self.before(1),
            Some(K::For | K::Per | K::Within | K::Timeout | K::Backoff | K::Every | K::Wait | K::After)
        );
        let kinds = [0, 1, 2].map(|n| self.kind(self.at + n));
        if !wants || kinds != [Some(K::StrStart), Some(K::StrText), Some(K::StrEnd)] {
            return None;
        }
        let right = lengths::written(self.word(self.at + 1))?;
        let place = self.whole(self.at, self.at + 2);
        self.read_whole(self.at..self.at + 3, Some(K::Duration));
        Some(
            Diagnostic::error(codes::P1001, place, "a length of time is written without quotes")
                .here(format!("write `{right}`"))
                .fix(format!("Write `{right}`"), true, vec![Edit { place, text: right }]),
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
                vec![Edit { place: both, text: self.apart(both, "else") }],
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
                if self.kind(self.at + 2) == Some(K::Dot) {
                    let whole = Diagnostic::error(codes::P1001, both, "`set` changes a field of the case as a whole")
                        .here("no part of a field is changed")
                        .help(format!("Write `set {field} = … because \"…\"`, with all of its value."));
                    return Some(whole);
                }
                Some(
                    Diagnostic::error(codes::P1001, both, "`set` names the field alone")
                        .here("not needed")
                        .help(format!("Write `set {field} = … because \"…\"`."))
                        .fix("Leave it out", true, vec![Edit { place: both, text: String::new() }]),
                )
            }
            (K::Close, 1..) if self.kind(first + 1) == Some(K::As) => {
                self.left_out(vec![first + 1]);
                let place = self.place(first + 1);
                let gone = Place { end: self.place(first + 2).start, ..place };
                Some(
                    Diagnostic::error(codes::P1001, place, "the class of the closure stands right behind `close`")
                        .here("not needed")
                        .fix("Leave `as` out", true, vec![Edit { place: gone, text: String::new() }]),
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

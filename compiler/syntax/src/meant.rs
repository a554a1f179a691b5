//! Words that stand nearly right: what was meant by them, and the edit that says so.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, escape, suggest};

use crate::explain::Scene;
use crate::grammar::traced::Rule;
use crate::token::TokenKind as K;

/// Words for `never` in a guard, and for `allow`.
const NEVER: &[&str] =
    &["deny", "denied", "forbid", "block", "reject", "disallow", "prevent", "refuse", "unless"];
const ALLOW: &[&str] = &["permit", "accept", "grant"];

impl Scene<'_> {
    /// What was meant, where that is plain.
    pub(crate) fn meant(&self, expected: &[Rule]) -> Option<Diagnostic> {
        self.when_of_guard()
            .or_else(|| self.line_of_guard())
            .or_else(|| self.else_if())
            .or_else(|| self.is_compared())
            .or_else(|| self.within_behind_else())
            .or_else(|| self.never_did())
            .or_else(|| self.target_without_kind(expected))
            .or_else(|| self.target_in_quotes())
            .or_else(|| self.length_without_unit())
            .or_else(|| self.choices_in_quotes())
    }

    fn replaced(&self, at: usize, message: &str, text: &str) -> Diagnostic {
        let place = self.place(at);
        Diagnostic::error(codes::P1001, place, message).here(format!("write `{text}`")).fix(
            format!("Write `{text}`"),
            true,
            vec![Edit { place, text: text.into() }],
        )
    }

    /// `allow if …`
    fn when_of_guard(&self) -> Option<Diagnostic> {
        let here = self.kind(self.at) == Some(K::If) && self.kind(0) == Some(K::Guard);
        let line = here && matches!(self.before(1), Some(K::Allow | K::Never));
        line.then(|| self.replaced(self.at, "the condition of a guard's line comes after `when`", "when"))
    }

    /// `deny when …`
    fn line_of_guard(&self) -> Option<Diagnostic> {
        let start = self.part.as_ref().map(|p| p.start)?;
        if self.kind(0) != Some(K::Guard) || self.at > start + 1 {
            return None;
        }
        let word = self.word(start);
        let finding = Diagnostic::error(
            codes::P1001,
            self.place(start),
            format!("no line of a guard begins with `{}`", escape::one_line(word)),
        );
        let other = |finding: Diagnostic| finding.here("no line of a guard");
        if self.kind(start) == Some(K::Let) {
            return Some(
                other(finding)
                    .note("A guard has no names of its own.")
                    .help("Write the condition where it is asked: `allow when …` or `never when …`; a `fn` has it for several."),
            );
        }
        if matches!(self.kind(start), Some(K::Approve | K::Approval)) {
            return Some(
                other(finding)
                    .note("What somebody approves is not allowed beforehand.")
                    .help("Write `else approval from role.NAME within 2h else refuse` as the last line: whom to ask, and how long."),
            );
        }
        let meant = if NEVER.contains(&word) {
            "never"
        } else if ALLOW.contains(&word) {
            "allow"
        } else {
            return self.misspelt_line(start);
        };
        // What lets something through, or stops it, nobody writes but who has looked at it: no such fix is safe.
        let (from, next) = (self.place(start), self.place(start + 1));
        let (place, text) = match self.kind(start + 1) {
            Some(K::When) => (from, meant.to_string()),
            Some(K::If) => (Place { end: next.end, ..from }, format!("{meant} when")),
            _ if meant == "allow" => {
                return Some(other(finding).help(
                    "Write `allow when …`; or `allow` alone, which lets through all that no `never` and no `limit` stops.",
                ));
            }
            // A guard refuses what no `allow` lets through, so a `deny` by itself has nothing to say.
            _ => {
                return Some(
                    other(finding)
                        .note("What no `allow` lets through is refused without a word.")
                        .help("Write `never when …`, or `else refuse` as the last line; or leave it out."),
                );
            }
        };
        Some(finding.here(format!("write `{text}`")).fix(
            format!("Write `{text}`"),
            false,
            vec![Edit { place, text }],
        ))
    }

    /// `nevr when …`, `allow whn …`
    fn misspelt_line(&self, start: usize) -> Option<Diagnostic> {
        let (at, words): (_, &[&str]) = match self.before(1) {
            _ if self.at == start => (start, &["never", "limit", "allow", "else"]),
            Some(K::Allow | K::Never) if self.at == start + 1 => (self.at, &["when"]),
            _ => return None,
        };
        let near = suggest::closest(self.word(at), words.iter().copied())?;
        if self.kind(at) != Some(K::Ident) {
            return None;
        }
        let place = self.place(at);
        let message = format!("expected `{near}`, found {}", self.found());
        let edits = vec![Edit { place, text: near.into() }];
        let finding = Diagnostic::error(codes::P1001, place, message).here(format!("expected `{near}`"));
        Some(finding.help(format!("Did you mean `{near}`?")).fix(format!("Write `{near}`"), false, edits))
    }

    /// `} elif …`
    fn else_if(&self) -> Option<Diagnostic> {
        let at = if self.before(1) == Some(K::RBrace) { self.at } else { self.part.as_ref()?.start };
        let word = self.word(at);
        if self.kind(at) != Some(K::Ident) || !matches!(word, "elif" | "elseif" | "elsif") {
            return None;
        }
        let mut before = at.checked_sub(1)?;
        if self.kind(before) == Some(K::StmtEnd) {
            before = before.checked_sub(1)?;
        } else if self.kind(before) != Some(K::RBrace) {
            return None;
        }
        let message = format!("there is no `{word}` here");
        if self.ends_block_of_if(before) {
            return Some(self.replaced(at, &message, "else if"));
        }
        // Behind a call, an `else` would be what is done when that fails.
        Some(
            Diagnostic::error(codes::P1001, self.place(at), message)
                .here("no block of an `if` before it")
                .help("Write `if …`; `else if …` stands right behind the block of an `if`."),
        )
    }

    /// Whether this is the `}` of a block whose head is an `if`.
    fn ends_block_of_if(&self, close: usize) -> bool {
        if self.kind(close) != Some(K::RBrace) {
            return false;
        }
        let Some(open) = self.opener(close) else { return false };
        if open.checked_sub(1).and_then(|i| self.kind(i)) == Some(K::Else) {
            return false;
        }
        // What stands in other brackets is no part of the head.
        let mut at = open;
        while let Some(before) = at.checked_sub(1) {
            at = before;
            match self.kind(before) {
                Some(K::If) => return true,
                Some(K::RBrace | K::RParen | K::RBrack | K::InterpClose) => match self.opener(before) {
                    Some(open) => at = open,
                    None => return false,
                },
                Some(
                    K::StmtEnd
                    | K::FatArrow
                    | K::For
                    | K::Match
                    | K::When
                    | K::LBrace
                    | K::LParen
                    | K::LBrack
                    | K::InterpOpen,
                ) => return false,
                _ => {}
            }
        }
        false
    }

    /// `if answer is Yes`, `x is not y`
    fn is_compared(&self) -> Option<Diagnostic> {
        let value = |k: K| matches!(k, K::Ident | K::RParen | K::RBrack | K::StrEnd | K::Int);
        if self.kind(self.at) != Some(K::Is) || !self.before(1).is_some_and(value) {
            return None;
        }
        if self.part.as_ref().is_some_and(|p| self.kind(p.start) == Some(K::Given)) {
            return None;
        }
        let not = self.kind(self.at + 1) == Some(K::Not);
        let last = self.place(if not { self.at + 1 } else { self.at });
        let place = Place { end: last.end, ..self.place(self.at) };
        let sign = if not { "!=" } else { "==" };
        Some(
            Diagnostic::error(codes::P1001, place, format!("`{}` does not compare", self.text_at(place)))
                .here(format!("write `{sign}`"))
                .fix(format!("Write `{sign}`"), false, vec![Edit { place, text: sign.into() }]),
        )
    }

    /// `else … within 5m`
    fn within_behind_else(&self) -> Option<Diagnostic> {
        if self.kind(self.at) != Some(K::Within) {
            return None;
        }
        let start = self.part.as_ref()?.start;
        let level = self.level(start..self.at);
        let waits = level.iter().rposition(|i| matches!(self.kind(*i), Some(K::Ask | K::Wait | K::Approve)));
        let length = self.place(self.at + 1);
        let both = Place { end: length.end, ..self.place(self.at) };
        let text = format!("{} {}", self.word(self.at), self.word(self.at + 1));
        let is_length = matches!(self.kind(self.at + 1), Some(K::Duration | K::Ident));
        let Some(waits) = waits else {
            // A call of a connector says it by another word.
            let calls = level.iter().any(|i| self.kind(*i) == Some(K::LParen));
            let said = level.iter().any(|i| self.kind(*i) == Some(K::Timeout));
            let finding = Diagnostic::error(codes::P1001, both, "a call does not say `within`")
                .here("not a part of a call")
                .help("How long an answer may take is said right behind the call, before its `else`: `CALL(…) timeout 5m else …`.");
            let other = level.iter().find(|i| self.kind(**i) == Some(K::Else)).and_then(|i| i.checked_sub(1));
            let (behind, last) =
                (self.place(other.unwrap_or(self.at - 1)), self.place(self.at.checked_sub(1)?));
            let text = format!("timeout {}", self.word(self.at + 1));
            let title = format!("Write `{}` behind the call", escape::one_line(&text));
            let edits = if other.is_some() {
                vec![
                    Edit { place: Place { start: behind.end, ..behind }, text: format!(" {text}") },
                    Edit { place: Place { start: last.end, ..both }, text: String::new() },
                ]
            } else {
                vec![Edit { place: both, text }]
            };
            return match calls && is_length {
                true if said => Some(finding),
                fixable => fixable.then(|| finding.fix(title, false, edits)),
            };
        };
        let other = level.iter().skip(waits).find(|i| self.kind(**i) == Some(K::Else))?;
        let said = level.iter().skip(waits).find(|i| self.kind(**i) == Some(K::Within));
        if let Some(said) = said {
            return Some(
                Diagnostic::error(codes::P1001, both, "how long is waited is said twice")
                    .here("said again")
                    .label(self.place(*said), "said here already")
                    .help("Leave one of them out."),
            );
        }
        let before = self.place(other.checked_sub(1)?);
        let last = self.place(self.at.checked_sub(1)?);
        let finding = Diagnostic::error(codes::P1001, both, "how long is waited stands before the `else`")
            .here("belongs before the `else`")
            .label(self.place(*other), "what is done when the time is over");
        if !is_length {
            return Some(finding);
        }
        let edits = vec![
            Edit { place: Place { start: before.end, ..before }, text: format!(" {text}") },
            Edit { place: Place { start: last.end, ..both }, text: String::new() },
        ];
        Some(finding.fix(format!("Put `{}` before the `else`", escape::one_line(&text)), true, edits))
    }

    /// `expect never did …`, `expect not did …`, `expect did not …`
    fn never_did(&self) -> Option<Diagnostic> {
        let start = self.part.as_ref()?.start;
        let pair = (self.kind(start + 1)?, self.kind(start + 2)?);
        let doubled =
            matches!(pair, (K::Never, K::Did | K::Not) | (K::Not, K::Did) | (K::Did, K::Not | K::Never));
        if self.kind(start) != Some(K::Expect) || !doubled || self.at > start + 3 {
            return None;
        }
        let place = Place { end: self.place(start + 2).end, ..self.place(start + 1) };
        Some(
            Diagnostic::error(codes::P1001, place, "that an act was not done is said by `never` alone")
                .here("write `never`")
                .fix("Write `never`", true, vec![Edit { place, text: "never".into() }]),
        )
    }

    /// `hand over to tier2`, `ask analyst "…"`
    fn target_without_kind(&self, expected: &[Rule]) -> Option<Diagnostic> {
        let more = expected.iter().any(|r| matches!(r, Rule::infix | Rule::call | Rule::expr | Rule::chain));
        let name = self.at.checked_sub(1)?;
        if !expected.contains(&Rule::t_dot) || more || self.kind(name) != Some(K::Ident) {
            return None;
        }
        let kinds: &[&str] = match self.before(2)? {
            K::Ask => &["role"],
            K::To | K::From | K::Then | K::By => &["queue", "role"],
            _ => return None,
        };
        let (word, place) = (self.word(name), self.place(name));
        let wanted = if self.before(2) == Some(K::To) { "a queue or a role" } else { "a role" };
        let kinds = if wanted == "a role" { &["role"] } else { kinds };
        let mut ways: Vec<String> = kinds.iter().map(|kind| format!("{kind}.{word}")).collect();
        // Where the file speaks of the role elsewhere, it is meant here as well.
        ways.sort_by_key(|way| !self.said.has(way));
        let shown: Vec<String> = ways.iter().map(|way| format!("`{}`", escape::one_line(way))).collect();
        let finding = Diagnostic::error(
            codes::P1001,
            place,
            format!("expected {wanted}, found `{}`", escape::one_line(word)),
        )
        .here("which of its kinds is not said")
        .help(format!("Write {}.", shown.join(" or ")));
        let safe = ways.len() == 1;
        Some(ways.into_iter().fold(finding, |finding, way| {
            finding.fix(format!("Write `{way}`"), safe, vec![Edit { place, text: way }])
        }))
    }

    /// `hand over to "tier1"`
    fn target_in_quotes(&self) -> Option<Diagnostic> {
        let kinds = [0, 1, 2].map(|n| self.kind(self.at + n));
        let text = kinds == [Some(K::StrStart), Some(K::StrText), Some(K::StrEnd)];
        if !text || self.before(1) != Some(K::To) {
            return None;
        }
        let name = crate::build::name_of(
            self.word(self.at + 1).trim_start_matches("queue.").trim_start_matches("role."),
        );
        let place = self.whole(self.at, self.at + 2);
        let (queue, role) = (format!("queue.{name}"), format!("role.{name}"));
        let finding = Diagnostic::error(codes::P1001, place, "expected a queue or a role, found a string")
            .here("a text")
            .help(format!("Write `{queue}` or `{role}`."));
        Some([queue, role].into_iter().fold(finding, |finding, way| {
            finding.fix(format!("Write `{way}`"), false, vec![Edit { place, text: way }])
        }))
    }

    /// `for 4`
    fn length_without_unit(&self) -> Option<Diagnostic> {
        let number = self.kind(self.at) == Some(K::Int);
        if !number
            || !matches!(
                self.before(1),
                Some(K::For | K::Per | K::Within | K::Timeout | K::Backoff | K::Every)
            )
        {
            return None;
        }
        let (place, text) = (self.place(self.at), self.word(self.at));
        Some(
            Diagnostic::error(codes::P1001, place, format!("expected a length of time, found `{text}`"))
                .here("of what?")
                .help(format!("Write the unit: `{text}s`, `{text}m`, `{text}h` or `{text}d`.")),
        )
    }

    /// `ask … { "Yes", "No" }`
    fn choices_in_quotes(&self) -> Option<Diagnostic> {
        if self.kind(self.at) != Some(K::StrStart) {
            return None;
        }
        let opener = self.opener(self.at).filter(|i| self.kind(*i) == Some(K::LBrace))?;
        let question = (0..opener)
            .rev()
            .take_while(|i| !matches!(self.kind(*i), Some(K::StmtEnd | K::LBrace | K::RBrace)));
        if !question.into_iter().any(|i| self.kind(i) == Some(K::Ask)) {
            return None;
        }
        let end = (self.at..).find(|i| matches!(self.kind(*i), None | Some(K::RBrace | K::StmtEnd)))?;
        let mut edits = Vec::new();
        let mut names = Vec::new();
        for i in opener..end {
            match self.kind(i) {
                Some(K::StrStart) => {}
                Some(K::StrText) => {
                    let word = self.word(i);
                    let (from, to) = (self.place(i.checked_sub(1)?), self.place(i + 1));
                    let name = name_of(word);
                    edits.push(Edit { place: Place { end: to.end, ..from }, text: name.clone()? });
                    names.push(name?);
                }
                Some(K::Ident) => names.push(self.word(i).to_string()),
                _ => {}
            }
        }
        let place = edits.iter().map(|e| e.place).find(|p| p.start == self.place(self.at).start)?;
        let finding =
            Diagnostic::error(codes::P1001, place, "a choice is a name, without quotes").here("a text");
        if let Some(twice) =
            names.iter().enumerate().find(|(n, name)| names.iter().take(*n).any(|b| b == *name))
        {
            let help = format!(
                "Give each a name of its own; both would be `{}` without what a name cannot have.",
                twice.1
            );
            return Some(finding.help(help));
        }
        let sure = edits.iter().zip(&names).all(|(e, _)| self.text_at(e.place).trim_matches('"') == e.text);
        Some(finding.help(format!("Write `{{ {} }}`.", names.join(", "))).fix(
            "Take the quotes away",
            sure,
            edits,
        ))
    }
}

/// The name that a text would be: `Not sure` is `NotSure`.
fn name_of(text: &str) -> Option<String> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let name: String = parts
        .map(|part| {
            let mut chars = part.chars();
            chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
        })
        .collect();
    (text.is_ascii() && name.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(name)
}

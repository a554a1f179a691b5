//! What other languages write between two values, and before or behind one.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, escape};

use crate::explain::{Scene, ends_value};
use crate::grammar::traced::Rule;
use crate::repair::Repair;
use crate::stream::Symbol;
use crate::token::TokenKind as K;
use crate::wanted::behind_value;

impl Scene<'_> {
    /// A habit from elsewhere behind a value, if it is one.
    pub(crate) fn between_values(&self, expected: &[Rule]) -> Option<Diagnostic> {
        self.prefix_of_string()
            .or_else(|| self.three_quotes())
            .or_else(|| self.parameter_in_parentheses())
            .or_else(|| self.other_arrow())
            .or_else(|| self.two_signs())
            .or_else(|| self.list_in_parentheses())
            .or_else(|| self.thousands())
            .or_else(|| self.format_of_value())
            .or_else(|| self.colon_for_body())
            .or_else(|| self.keys_of_dedup())
            .or_else(|| self.comprehension())
            .or_else(|| behind_value(expected).then(|| self.behind_value()).flatten())
    }

    fn behind_value(&self) -> Option<Diagnostic> {
        self.called_word()
            .or_else(|| self.large_words())
            .or_else(|| self.other_sign())
            .or_else(|| self.choice_behind())
    }

    fn instead(&self, at: usize, text: &str, safe: bool) -> Diagnostic {
        let place = self.place(at);
        let shown = escape::one_line(self.text_at(place)).to_string();
        Diagnostic::error(codes::P1001, place, format!("`{shown}` is written `{text}`"))
            .here(format!("write `{text}`"))
            .fix(format!("Write `{text}`"), safe, vec![Edit { place, text: self.apart(place, text) }])
    }

    /// One past the operand that begins there: a string, a literal, or a name with fields.
    fn operand(&self, at: usize) -> Option<usize> {
        match self.kind(at)? {
            K::StrStart => {
                let mut depth = 0_usize;
                for i in at.. {
                    match self.kind(i)? {
                        K::StrStart => depth += 1,
                        K::StrEnd => {
                            depth = depth.checked_sub(1)?;
                            if depth == 0 {
                                return Some(i + 1);
                            }
                        }
                        _ => {}
                    }
                }
                None
            }
            k if k.is_literal() => Some(at + 1),
            k if k.is_word() && !k.is_reserved() => {
                let mut end = at + 1;
                while self.kind(end) == Some(K::Dot) && self.kind(end + 1).is_some_and(K::is_word) {
                    end += 2;
                }
                Some(end)
            }
            _ => None,
        }
    }

    /// `case.user contains "adm"`, `x endswith y`, `x between 1 and 3`, `ip is_private`
    fn called_word(&self) -> Option<Diagnostic> {
        let kind = self.kind(self.at)?;
        if !matches!(kind, K::Ident | K::Contains) {
            return None;
        }
        let (word, place) = (self.word(self.at), self.place(self.at));
        let method = match word {
            "contains" | "includes" | "has" => "contains",
            "startswith" | "starts_with" | "startsWith" | "beginswith" => "starts_with",
            "endswith" | "ends_with" | "endsWith" => "ends_with",
            "between" => {
                return Some(
                    Diagnostic::error(codes::P1001, place, "there is no `between` here")
                        .here("no word of the language")
                        .help("Write `x >= LOW and x <= HIGH`."),
                );
            }
            "of" => {
                return Some(
                    Diagnostic::error(codes::P1001, place, "there is no `of` in a condition")
                        .here("no word of the language")
                        .help(
                            "Write each condition, joined by `and` or `or`; over a list, `xs.any(x => …)`.",
                        ),
                );
            }
            _ if word.starts_with("is_") => {
                let at = self.gap(self.at.checked_sub(1)?, self.at);
                return Some(
                    Diagnostic::error(
                        codes::P1001,
                        place,
                        format!("`{word}` belongs to the value before it"),
                    )
                    .here("expected `.` before it")
                    .fix("Write `.`", false, vec![Edit { place: at, text: ".".into() }]),
                );
            }
            _ => return None,
        };
        let finding = Diagnostic::error(codes::P1001, place, format!("`{word}` is asked of the text"))
            .here(format!("write `.{method}(…)`"))
            .help(format!("Write `TEXT.{method}(\"…\")`."));
        let Some(end) = self.operand(self.at + 1) else { return Some(finding) };
        let last = end.checked_sub(1)?;
        let argument = self.text_at(self.whole(self.at + 1, last)).to_string();
        let whole = Place { start: self.place(self.at.checked_sub(1)?).end, ..self.whole(self.at, last) };
        let text = format!(".{method}({argument})");
        Some(finding.fix(
            format!("Write `{}`", escape::one_line(&text)),
            false,
            vec![Edit { place: whole, text }],
        ))
    }

    /// `A AND B OR NOT C`
    fn large_words(&self) -> Option<Diagnostic> {
        let meant = |at: usize| {
            let kind = match (self.kind(at)?, self.word(at)) {
                (K::Ident, "AND" | "And") => K::And,
                (K::Ident, "OR" | "Or") => K::Or,
                (K::Ident, "NOT" | "Not") => K::Not,
                (K::Ident, "IN" | "In") => K::In,
                (K::Ident, "LIKE" | "Like") => K::Like,
                _ => return None,
            };
            Some((at, kind))
        };
        let (_, kind) = meant(self.at)?;
        let end = self.part.as_ref().map_or(self.at + 1, |p| p.end);
        // Those on the same line.
        let line = (self.at..end).take_while(|i| !matches!(self.kind(*i), Some(K::StmtEnd | K::LBrace)));
        let mut all: Vec<(usize, K)> = Vec::new();
        for (at, kind) in line.filter_map(meant) {
            let before = at.checked_sub(1);
            let written = all.last().filter(|(last, _)| Some(*last) == before).map(|(_, kind)| *kind);
            let before = written.or_else(|| before.and_then(|i| self.kind(i)));
            let next = meant(at + 1).map(|(_, kind)| kind).or_else(|| self.kind(at + 1));
            if at == self.at || stands_as(kind, before, next) {
                all.push((at, kind));
            }
        }
        self.read_as(&all);
        let edits =
            all.iter().map(|(at, kind)| Edit { place: self.place(*at), text: kind.word().into() }).collect();
        let (shown, right) = (self.word(self.at), kind.word());
        Some(
            Diagnostic::error(codes::P1009, self.place(self.at), format!("`{shown}` is written `{right}`"))
                .here(format!("write `{right}`"))
                .fix(format!("Write `{right}`"), true, edits),
        )
    }

    /// `a | b`, `x => 3`, `x in 1..3`, `a <> b`, `a ~ b`
    fn other_sign(&self) -> Option<Diagnostic> {
        let kind = self.kind(self.at)?;
        match kind {
            K::Pipe if self.of_an_arm() => Some(
                Diagnostic::error(
                    codes::P1001,
                    self.place(self.at),
                    "an arm stands in the braces of a `match`",
                )
                .here("no `match` is open here")
                .help("Look for a `{` that is missing before it, or a `}` too many."),
            ),
            K::Pipe => {
                self.read_as(&[(self.at, K::Or)]);
                Some(self.instead(self.at, "or", false))
            }
            // `x => …` in parentheses is a function, and an arm of a `match` has one as well.
            K::FatArrow if self.condition_round() => {
                self.read_as(&[(self.at, K::Ge)]);
                Some(self.instead(self.at, ">=", false))
            }
            K::DotDot => self.range(),
            _ => None,
        }
    }

    /// `A | B => …`
    fn of_an_arm(&self) -> bool {
        let rest = (self.at..self.symbols.len()).map_while(|i| self.kind(i));
        let mut rest = rest.skip_while(|k| {
            let ends = matches!(k, K::StmtEnd | K::Comma | K::FatArrow);
            !ends && !matches!(k, K::LBrace | K::RBrace | K::LParen | K::RParen | K::LBrack | K::RBrack)
        });
        rest.next() == Some(K::FatArrow)
    }

    /// Whether this stands in the condition of an `if`, with nothing open since.
    fn condition_round(&self) -> bool {
        let back = (0..self.at).rev().map_while(|i| self.kind(i));
        back.take_while(|k| {
            !matches!(k, K::StmtEnd | K::LBrace | K::RBrace | K::LParen | K::LBrack | K::Comma)
        })
        .any(|k| matches!(k, K::If | K::When | K::Accept))
    }

    /// `x in 1..3`
    fn range(&self) -> Option<Diagnostic> {
        let place = self.place(self.at);
        let low = self.word(self.at.checked_sub(1)?);
        let high = self.word(self.at + 1);
        let back: Vec<usize> = (0..self.at)
            .rev()
            .take_while(|i| !matches!(self.kind(*i), Some(K::StmtEnd | K::LBrace | K::RBrace)))
            .collect();
        if self.before(2) != Some(K::In) {
            return None;
        }
        let loops = back.iter().any(|i| self.kind(*i) == Some(K::For));
        let finding = Diagnostic::error(codes::P1001, place, "a range is no list");
        let (low, high) = (escape::one_line(low), escape::one_line(high));
        Some(if loops {
            finding.here("no part of a value").help(format!(
                "A `for` goes over a list, such as `case.hosts`, or `[{low}, …, {high}]` with each of them."
            ))
        } else {
            finding.here("no part of a value").help(format!("Write `x >= {low} and x <= {high}`."))
        })
    }

    /// `"a" if c else "b"`
    fn choice_behind(&self) -> Option<Diagnostic> {
        let end = self.part.as_ref()?.end;
        let line = (self.at..end).take_while(|i| !matches!(self.kind(*i), Some(K::StmtEnd | K::LBrace)));
        let mut line = line.skip_while(|i| self.kind(*i) != Some(K::Else));
        let other = self.kind(self.at) == Some(K::If) && line.next().is_some();
        other.then(|| {
            Diagnostic::error(
                codes::P1001,
                self.place(self.at),
                "a choice between two values begins with its `if`",
            )
            .here("does not belong to what stands before it")
            .help("Write `if CONDITION { A } else { B }`.")
        })
    }

    /// `[c for c in x]`
    fn comprehension(&self) -> Option<Diagnostic> {
        let open =
            (0..self.at).rev().find(|i| matches!(self.kind(*i), Some(K::LBrack | K::LBrace | K::StmtEnd)))?;
        let list = self.kind(open) == Some(K::LBrack) && self.before(2) == Some(K::For);
        (list && self.kind(self.at) == Some(K::In)).then(|| {
            Diagnostic::error(codes::P1001, self.place(self.at - 2), "a list has no `for` in it")
                .here("expected `,` or `]`")
                .help(
                    "Write `xs.map(x => …)`, `xs.filter(x => …)`, or both: `xs.filter(x => …).map(x => …)`.",
                )
        })
    }

    /// `f"…"`, `r"…"`
    fn prefix_of_string(&self) -> Option<Diagnostic> {
        let letter = self.at.checked_sub(1)?;
        let prefix = self.word(letter);
        let touches = self.place(letter).end == self.place(self.at).start;
        let known = matches!(prefix, "f" | "F" | "r" | "R" | "b" | "u" | "rf" | "fr");
        if self.kind(self.at) != Some(K::StrStart)
            || self.kind(letter) != Some(K::Ident)
            || !touches
            || !known
        {
            return None;
        }
        let place = self.place(letter);
        let pattern = letter.checked_sub(1).and_then(|i| self.kind(i)) == Some(K::Matches);
        let finding = |what: &str| Diagnostic::error(codes::P1001, place, what);
        if pattern {
            return Some(
                finding("a regular expression stands between two `/`")
                    .here("not needed")
                    .help("Write `matches /…/`."),
            );
        }
        self.left_out(vec![letter]);
        // In these, two braces are the character itself; with a `u`, one is.
        let end = self.operand(self.at).and_then(|end| end.checked_sub(1));
        let inner = end.map_or("{{", |end| self.text_at(self.whole(self.at, end)));
        let literal =
            if prefix == "u" { inner.contains('{') } else { inner.contains("{{") || inner.contains("}}") };
        if literal && matches!(prefix, "f" | "F" | "u") {
            return Some(
                finding(&format!("no `{prefix}` stands before a string"))
                    .here("not needed")
                    .help("Leave it out; a brace that is meant as it is is written `\\{` or `\\}`, once."),
            );
        }
        if matches!(prefix, "f" | "F" | "u") {
            return Some(
                finding(&format!("no `{prefix}` stands before a string"))
                    .here("not needed")
                    .note("What stands in `{ }` in a string is a value in any string.")
                    .fix("Leave it out", true, vec![Edit { place, text: String::new() }]),
            );
        }
        Some(
            finding(&format!("no `{prefix}` stands before a string"))
                .here("not needed")
                .help("Leave it out; a backslash in a string is written `\\\\`."),
        )
    }

    /// `"""x"""`
    fn three_quotes(&self) -> Option<Diagnostic> {
        let open = self.at.checked_sub(2)?;
        let empty = |at: usize| self.kind(at) == Some(K::StrStart) && self.kind(at + 1) == Some(K::StrEnd);
        let touches = self.place(self.at - 1).end == self.place(self.at).start;
        if !empty(open) || self.kind(self.at) != Some(K::StrStart) || !touches {
            return None;
        }
        let end = self.operand(self.at)?;
        let finding = |place: Place| {
            Diagnostic::error(codes::P1001, place, "a string has one `\"` on each side")
                .here("three quotes")
                .note("A string stands on one line; write `\\n` for a line break in it.")
        };
        if !empty(end) || self.place(end - 1).end != self.place(end).start {
            return Some(finding(self.whole(open, self.at)));
        }
        let whole = self.whole(open, end + 1);
        let text = self.text_at(self.whole(self.at, end - 1)).to_string();
        self.left_out(vec![open, open + 1, end, end + 1]);
        Some(finding(whole).fix("Write one on each side", true, vec![Edit { place: whole, text }]))
    }

    /// `.filter((n) => …)`
    fn parameter_in_parentheses(&self) -> Option<Diagnostic> {
        let open = self.at.checked_sub(3)?;
        let kinds = [0, 1, 2].map(|n| self.kind(open + n));
        let argument = open.checked_sub(1).and_then(|i| self.kind(i));
        let lone = matches!(kinds, [Some(K::LParen), Some(name), Some(K::RParen)] if name.is_word() && !name.is_reserved());
        if self.kind(self.at) != Some(K::FatArrow) || !lone || !matches!(argument, Some(K::LParen | K::Comma))
        {
            return None;
        }
        self.left_out(vec![open, open + 2]);
        let place = self.whole(open, open + 2);
        let name = self.word(open + 1).to_string();
        Some(
            Diagnostic::error(
                codes::P1001,
                place,
                "the parameter of such a function stands without parentheses",
            )
            .here(format!("write `{name}`"))
            .fix(format!("Write `{name}`"), true, vec![Edit { place, text: name }]),
        )
    }

    /// `n -> n > 1`, `lambda n: n > 1`
    fn other_arrow(&self) -> Option<Diagnostic> {
        let before = self.before(1).filter(|k| k.is_word() && !k.is_reserved());
        let argument =
            |at: Option<usize>| matches!(at.and_then(|i| self.kind(i)), Some(K::LParen | K::Comma));
        before?;
        if self.kind(self.at) == Some(K::Arrow) && argument(self.at.checked_sub(2)) {
            self.read_as(&[(self.at, K::FatArrow)]);
            return Some(self.instead(self.at, "=>", true));
        }
        let word = self.at.checked_sub(1)?;
        if self.word(word) != "lambda"
            || self.kind(self.at + 1) != Some(K::Colon)
            || !argument(word.checked_sub(1))
        {
            return None;
        }
        let arrow = self.symbols.get(self.at + 1).copied()?;
        self.repair.set(Some(Repair {
            parts: vec![
                (self.at + 1..self.at + 2, vec![Symbol { kind: K::FatArrow, ..arrow }]),
                (word..self.at, Vec::new()),
            ],
        }));
        let text = format!("{} =>", self.word(self.at));
        let place = self.whole(word, self.at + 1);
        Some(
            Diagnostic::error(codes::P1001, place, format!("`lambda` is written `{text} …`"))
                .here(format!("write `{text}`"))
                .fix(format!("Write `{text}`"), true, vec![Edit { place, text }]),
        )
    }

    /// `a <> b`
    fn two_signs(&self) -> Option<Diagnostic> {
        let less = self.at.checked_sub(1).filter(|i| self.kind(*i) == Some(K::Lt))?;
        let place = self.whole(less, self.at);
        if self.kind(self.at) != Some(K::Gt) || place.end - place.start != 2 {
            return None;
        }
        self.read_whole(less..self.at + 1, Some(K::Ne));
        Some(Diagnostic::error(codes::P1009, place, "`<>` is written `!=`").here("write `!=`").fix(
            "Write `!=`",
            true,
            vec![Edit { place, text: "!=".into() }],
        ))
    }

    /// `"{case.hits:03d}"`, `"json: {"a": 1}"`
    fn format_of_value(&self) -> Option<Diagnostic> {
        let open = self.opener(self.at).filter(|i| self.kind(*i) == Some(K::InterpOpen))?;
        if self.kind(self.at) != Some(K::Colon) {
            return None;
        }
        if self.kind(open + 1) == Some(K::StrStart) {
            return Some(
                Diagnostic::error(codes::P1001, self.place(open), "a `{` in a string begins a value")
                    .here("the characters themselves?")
                    .help("Write `\\{` and `\\}` for the characters, and `\\\"` for a quote."),
            );
        }
        let close = (self.at..self.symbols.len()).find(|i| self.kind(*i) == Some(K::InterpClose))?;
        let place = self.whole(self.at, close.checked_sub(1)?);
        self.left_out((self.at..close).collect());
        Some(
            Diagnostic::error(codes::P1001, place, "what stands in `{ }` is a value, without a format")
                .here("not needed")
                .fix("Leave it out", false, vec![Edit { place, text: String::new() }]),
        )
    }

    /// `if x: note "…"`
    fn colon_for_body(&self) -> Option<Diagnostic> {
        let back = (0..self.at).rev().map_while(|i| self.kind(i));
        let head = back
            .take_while(|k| !matches!(k, K::StmtEnd | K::LBrace | K::RBrace))
            .any(|k| matches!(k, K::If | K::For | K::Match));
        if self.kind(self.at) != Some(K::Colon) || !head || self.before(2) == Some(K::LBrace) {
            return None;
        }
        Some(
            Diagnostic::error(codes::P1001, self.place(self.at), "a body stands in `{ }`, without `:`")
                .here("expected `{`")
                .help("Write `{` here, and `}` after the body."),
        )
    }
}

/// Whether such a word can stand as an operator between these two.
fn stands_as(kind: K, before: Option<K>, next: Option<K>) -> bool {
    let value = before.is_some_and(ends_value);
    let listed = matches!(next, Some(K::In | K::Like | K::ILike | K::Matches));
    let begins = next.is_some_and(|k| {
        ends_value(k) && k != K::ErrorPart || matches!(k, K::StrStart | K::LParen | K::LBrack)
    });
    match kind {
        K::Not if value => listed,
        K::Not => begins && matches!(before, Some(K::And | K::Or | K::LParen | K::If | K::When)),
        K::In | K::Like => value || before == Some(K::Not),
        _ => value,
    }
}

//! Why a part does not parse, in words of the field: what was found, and what could stand there instead.

use std::cell::Cell;
use std::ops::Range;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, escape, suggest};

use crate::grammar::traced::Rule;
use crate::lexical::apart;
use crate::pairs;
use crate::parser::Source;
use crate::repair::Repair;
use crate::said::Said;
use crate::stream::{Symbol, of_pattern};
use crate::token::{Token, TokenKind as K};
use crate::wanted::{Wanted, wanted};

/// Where the parser could not go on.
pub(crate) struct Failure {
    /// Index of the symbol; one past the last when something is missing at the end.
    pub(crate) at: usize,
    /// What it tried there.
    pub(crate) expected: Vec<Rule>,
}

/// Where the parser could not go on, and what is round it.
pub(crate) struct Scene<'a> {
    file: u32,
    text: &'a str,
    tokens: &'a [Token],
    pub(crate) said: Said<'a>,
    pub(crate) symbols: &'a [Symbol],
    pub(crate) at: usize,
    /// The statement, field or line it is in; `None` in the head of an item.
    pub(crate) part: Option<Range<usize>>,
    /// What is to be read instead, where what was meant is plain.
    pub(crate) repair: Cell<Option<Repair>>,
}

/// The diagnostic of a failure, and what is to be read instead of what stands there.
pub(crate) fn explain(
    source: Source<'_>,
    symbols: &[Symbol],
    failure: &Failure,
    part: Option<Range<usize>>,
) -> (Diagnostic, Option<Repair>) {
    let Source { file, text, tokens, said } = source;
    let said = Said { text, tokens, targets: said };
    let scene = Scene { file, text, tokens, said, symbols, at: failure.at, part, repair: Cell::new(None) };
    let wanted = wanted(&failure.expected);
    let finding = scene
        .not_an_item()
        .or_else(|| scene.length())
        .or_else(|| scene.written_otherwise(&failure.expected))
        .or_else(|| scene.reserved_name(&failure.expected))
        .or_else(|| scene.meant(&failure.expected))
        .or_else(|| scene.common_slip())
        .or_else(|| scene.elsewhere())
        .or_else(|| scene.between_values(&failure.expected))
        .or_else(|| scene.second_statement(&wanted))
        .unwrap_or_else(|| scene.unexpected(&wanted));
    (keeping_comments(finding, tokens), scene.repair.take())
}

/// Without the fixes that would take a comment away.
pub(crate) fn keeping_comments(mut finding: Diagnostic, tokens: &[Token]) -> Diagnostic {
    let takes = |edit: &Edit| {
        let from = tokens.partition_point(|t| t.start < edit.place.start);
        let within = tokens.iter().skip(from).take_while(|t| t.end <= edit.place.end);
        within.into_iter().any(|t| matches!(t.kind, K::Comment | K::Doc | K::FileDoc))
    };
    finding.fixes.retain(|fix| !fix.edits.iter().any(takes));
    finding
}

impl Scene<'_> {
    pub(crate) fn kind(&self, at: usize) -> Option<K> {
        self.symbols.get(at).map(|s| s.kind)
    }

    pub(crate) fn before(&self, back: usize) -> Option<K> {
        self.at.checked_sub(back).and_then(|i| self.kind(i))
    }

    /// The innermost bracket that is open right before a symbol.
    pub(crate) fn opener(&self, at: usize) -> Option<usize> {
        pairs::opener(self.symbols, at)
    }

    /// What closes the innermost bracket that is open right before a symbol.
    pub(crate) fn closer(&self, at: usize) -> Option<usize> {
        pairs::closer(self.symbols, at)
    }

    /// The symbols of a range that are in no brackets of it; of a pair its opener.
    pub(crate) fn level(&self, range: Range<usize>) -> Vec<usize> {
        pairs::level(self.symbols, range)
    }

    pub(crate) fn word(&self, at: usize) -> &str {
        let token = self.symbols.get(at).and_then(|s| self.tokens.get(s.first));
        token.map_or("", |t| t.text(self.text))
    }

    /// The word, with spaces where what stands beside the place touches it.
    pub(crate) fn apart(&self, place: Place, word: &str) -> String {
        apart(self.text, place, word)
    }

    /// What stands at a place.
    pub(crate) fn text_at(&self, place: Place) -> &str {
        self.text.get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    /// The symbol, or when it is the end of a line or of the item, the place right after what stands before it.
    pub(crate) fn place(&self, at: usize) -> Place {
        let file = self.file;
        let of = |i: usize| self.symbols.get(i);
        match of(at) {
            Some(s) if s.kind != K::StmtEnd && !self.line_ended(at) => {
                let (start, end) = (self.tokens.get(s.first), self.tokens.get(s.last));
                let start = start.map_or(0, |t| t.start);
                Place { file, start, end: end.map_or(start, |t| t.end) }
            }
            _ => {
                let last = at.checked_sub(1).and_then(of).and_then(|s| self.tokens.get(s.last));
                let end = last.map_or(0, |t| t.end);
                Place { file, start: end, end }
            }
        }
    }

    /// Whether a line ends before the closing brace that was found: the mistake is at the end of that line.
    fn line_ended(&self, at: usize) -> bool {
        let here = self.symbols.get(at).filter(|s| s.kind == K::RBrace);
        let before = at.checked_sub(1).and_then(|i| self.symbols.get(i));
        match (here, before) {
            (Some(h), Some(b)) => {
                let between = self.tokens.get(b.last + 1..h.first).unwrap_or(&[]);
                between.iter().any(|t| t.kind == K::Newline) && !matches!(b.kind, K::LBrace | K::StmtEnd)
            }
            _ => false,
        }
    }

    /// What stands there, as it is called.
    pub(crate) fn found(&self) -> String {
        if self.line_ended(self.at) {
            return K::StmtEnd.shown().into();
        }
        match self.symbols.get(self.at).map(|s| (s.kind, s.first)) {
            None => "the end of the declaration".into(),
            Some((K::StmtEnd, token)) if self.tokens.get(token).is_some_and(|t| t.kind == K::Semicolon) => {
                "`;`".into()
            }
            Some((k @ K::StmtEnd, _)) => k.shown().into(),
            Some((K::StrStart, _)) => "a string".into(),
            Some((k @ (K::StrEnd | K::InterpClose | K::InterpOpen), _)) => k.shown().into(),
            Some(_) => {
                let word = self.word(self.at);
                if word.chars().count() > 40 {
                    "this".into()
                } else {
                    format!("`{}`", escape::one_line(word))
                }
            }
        }
    }

    /// Something that is no declaration stands where only one can.
    fn not_an_item(&self) -> Option<Diagnostic> {
        const OTHERS: [K; 4] = [K::Use, K::Test, K::Open, K::Config];
        if self.at != 0 {
            return None;
        }
        if let Some(finding) = self.other_declaration() {
            return Some(finding);
        }
        let word = self.word(0);
        let d = Diagnostic::error(
            codes::P1016,
            self.place(0),
            format!("expected a declaration, found {}", self.found()),
        )
        .here("no declaration begins like this");
        let statement = matches!(
            self.kind(0),
            Some(
                K::Let | K::If | K::For | K::Match | K::Do | K::Close | K::Set | K::Note | K::Route | K::Hand
            )
        );
        let items = K::DECLARE.into_iter().chain(OTHERS).map(K::word);
        let comment = self.kind(0) == Some(K::Slash) && self.kind(1) == Some(K::Star);
        Some(if comment {
            d.help("A comment begins with `//` and ends with its line.")
        } else if statement {
            d.help(
                "Statements stand in the body of a `playbook` or a `fn`; look for a `}` too many before it.",
            )
        } else if self.kind(1) == Some(K::Colon) {
            d.help("A field stands in the braces of a `case` or a `type`; look for a `{` that is missing before it, or a `}` too many.")
        } else if let Some(near) = suggest::closest(word, items) {
            let edits = vec![Edit { place: self.place(0), text: near.into() }];
            d.help(format!("Did you mean `{near}`?")).fix(format!("Write `{near}`"), false, edits)
        } else {
            d.help("A file is made of `use`, `case`, `type`, `enum`, `const`, `config`, `fn`, `procedure`, `source`, `connector`, `guard`, `playbook` and `test`.")
        })
    }

    fn reserved_name(&self, expected: &[Rule]) -> Option<Diagnostic> {
        let kind = self.kind(self.at)?;
        let named = expected
            .iter()
            .any(|r| matches!(r, Rule::name | Rule::binding | Rule::param | Rule::variant | Rule::t_ident));
        let value = expected.iter().any(|r| matches!(r, Rule::expr | Rule::h_expr | Rule::chain));
        if !kind.is_reserved() || !named || value || self.after_keyword().is_some() {
            return None;
        }
        let word = self.word(self.at);
        Some(
            Diagnostic::error(
                codes::P1008,
                self.place(self.at),
                format!("`{word}` is a word of the language, and cannot be a name"),
            )
            .here("expected a name")
            .help(format!("Choose another name, such as `{word}_`; only fields may be called `{word}`.")),
        )
    }

    /// Mistakes with a message of their own.
    fn common_slip(&self) -> Option<Diagnostic> {
        let kind = self.kind(self.at)?;
        let place = self.place(self.at);
        let error = |code, text: &str| Diagnostic::error(code, place, text);
        match kind {
            K::Colon if self.in_block_of_head() => Some(
                error(codes::P1020, "this `{` begins the body, not a record")
                    .here("a field of a record?")
                    .help("In the condition of an `if`, `match` or `for`, write a record in parentheses: `if x == (Foo { a: 1 }) { … }`."),
            ),
            K::Ip if self.word(self.at).starts_with("::") && self.before(1).is_some_and(K::is_word) => Some(
                error(codes::P1001, "`::` is part of an IPv6 address, and joins no names")
                    .here("read as an address")
                    .help("Write `.` between names: `Verdict.Clean`."),
            ),
            K::If if self.before(1).is_some_and(ends_value) && self.kind(0) != Some(K::Use) && self.arrow_ahead() => Some(
                error(codes::P1001, "an arm of a `match` has no condition of its own")
                    .here("expected `=>`")
                    .help("Ask in the arm: `A => if … { … } else { … }`."),
            ),
            K::Else if self.arrow_ahead() && self.in_braces() => Some(
                error(codes::P1001, "the arm for everything else is written `_`")
                    .here("write `_`")
                    .fix("Write `_`", true, vec![Edit { place, text: "_".into() }]),
            ),
            _ => None,
        }
    }

    /// Whether the innermost bracket round the place is a brace.
    fn in_braces(&self) -> bool {
        let opener = pairs::opener(self.symbols, self.at).and_then(|at| self.symbols.get(at));
        opener.is_some_and(|s| s.kind == K::LBrace)
    }

    fn arrow_ahead(&self) -> bool {
        let end = self.part.as_ref().map_or(self.at, |p| p.end);
        let rest = self.symbols.get(self.at..end).unwrap_or(&[]);
        rest.iter().take_while(|s| s.kind != K::LBrace).any(|s| s.kind == K::FatArrow)
    }

    /// Whether we are at `name :` in braces that follow a name, in the line of an `if`, `match` or `for`.
    fn in_block_of_head(&self) -> bool {
        let opens = self.before(2) == Some(K::LBrace) && self.before(3).is_some_and(|k| k == K::Ident);
        let line = self.symbols.get(..self.at).unwrap_or(&[]).iter().rev().map(|s| s.kind);
        opens
            && line
                .skip(2)
                .take_while(|k| !matches!(k, K::StmtEnd | K::LBrace))
                .any(|k| matches!(k, K::If | K::Match | K::For | K::When))
    }

    /// A second statement on a line, or what does not belong to the first.
    fn second_statement(&self, wanted: &Wanted) -> Option<Diagnostic> {
        let kind = self.kind(self.at)?;
        let part = self.part.clone()?;
        let begins = match kind {
            K::Let | K::If | K::For | K::Match | K::Do | K::Not | K::True | K::False | K::None => true,
            K::StrStart | K::LParen | K::LBrack | K::LBrace | K::Underscore => true,
            kind => (kind.is_word() && !kind.is_reserved()) || kind.is_literal(),
        };
        let statement = self.at > part.start && wanted.end_of_line;
        let same_word = self.misspelt_word();
        if !begins
            || !statement
            || !self.before(1).is_some_and(ends_value)
            || kind == K::Else
            || same_word.is_some()
            || self.after_keyword().is_some()
        {
            return None;
        }
        let place = self.place(self.at);
        let finding = Diagnostic::error(
            codes::P1014,
            place,
            format!("expected the end of the line, found {}", self.found()),
        )
        .here("does not belong to what stands before it");
        let another = self.at > part.start + 1 && self.begins_statement(kind);
        let at = Place { end: place.start, ..place };
        if self.begins_arm(part.start) {
            self.line_ends_before(self.at);
            let before = self.place(self.at.checked_sub(1)?);
            let behind = Edit { place: Place { start: before.end, ..before }, text: ",".into() };
            let sure = self.before(1) == Some(K::RBrace);
            return Some(
                Diagnostic::error(
                    codes::P1014,
                    place,
                    format!("expected `,` or the end of the line, found {}", self.found()),
                )
                .here("begins another arm")
                .help("Arms on one line are separated by `,`.")
                .fix("Write `,`", sure, vec![behind]),
            );
        }
        Some(if another {
            // Both are read, so that what each of them names stays known.
            self.line_ends_before(self.at);
            finding.help("If this is another statement, put it on a line of its own.").fix(
                "Break the line here",
                false,
                vec![Edit { place: at, text: "\n".into() }],
            )
        } else {
            finding
        })
    }

    /// Whether another arm of a `match` begins here, behind one that begins at `start`.
    fn begins_arm(&self, start: usize) -> bool {
        let arrow =
            |range: Range<usize>| self.level(range).into_iter().find(|i| self.kind(*i) == Some(K::FatArrow));
        let end = self.part.as_ref().map_or(self.at, |part| part.end);
        let next = arrow(self.at..end).filter(|next| *next > self.at);
        let pattern = |next: usize| (self.at..next).all(|i| self.kind(i).is_some_and(of_pattern));
        arrow(start..self.at).is_some() && next.is_some_and(pattern)
    }

    /// Whether another statement, field or line surely begins here: by its first word and what follows that.
    fn begins_statement(&self, kind: K) -> bool {
        let next = self.kind(self.at + 1);
        let word = next.is_some_and(|k| k.is_word() && !k.is_reserved());
        match kind {
            K::Let => word,
            K::If | K::Match => next.is_some(),
            K::For => word && self.kind(self.at + 2) == Some(K::In),
            K::Do | K::Close | K::Step | K::Approve => word,
            K::Note => word || next == Some(K::StrStart),
            K::Set => word && self.kind(self.at + 2) == Some(K::Assign),
            K::Route => next == Some(K::To),
            K::Hand => next == Some(K::Over),
            K::Wait => next.is_some_and(|k| k.is_literal() || k == K::Ident),
            K::Ask => matches!(next, Some(K::Role | K::Queue | K::Ident)),
            K::Rollback => next == Some(K::Because),
            K::Given | K::Run | K::Expect => word && self.kind(0) == Some(K::Test),
            K::Accept | K::Dedup => self.kind(0) == Some(K::Source),
            // A field, an entry.
            kind => kind.is_word() && matches!(next, Some(K::Colon | K::Assign | K::FatArrow)),
        }
    }

    /// `becuase`: a word that could go on here, slightly misspelt.
    fn misspelt_word(&self) -> Option<&'static str> {
        const WORDS: [&str; 12] = [
            "because", "else", "and", "or", "in", "matches", "like", "ilike", "as", "within", "returns",
            "fails",
        ];
        if self.kind(self.at) != Some(K::Ident) {
            return None;
        }
        suggest::closest(self.word(self.at), WORDS.into_iter().filter(|w| w.len() > 3))
            .and_then(|near| WORDS.into_iter().find(|w| *w == near))
    }

    fn unexpected(&self, wanted: &Wanted) -> Diagnostic {
        let place = self.place(self.at);
        let what = match (self.misspelt_word(), self.after_keyword()) {
            (Some(near), _) => format!("`{near}`"),
            (None, Some(what)) => what.to_string(),
            (None, None) => wanted.text(),
        };
        let d = Diagnostic::error(codes::P1001, place, format!("expected {what}, found {}", self.found()))
            .here(format!("expected {what}"));
        match self.misspelt_word() {
            Some(near) => d.help(format!("Did you mean `{near}`?")).fix(
                format!("Write `{near}`"),
                false,
                vec![Edit { place, text: near.into() }],
            ),
            None => d,
        }
    }

    /// What a statement needs after the word that begins it, where the parser only knows that the word could also be a
    /// name.
    fn after_keyword(&self) -> Option<&'static str> {
        let part = self.part.clone()?;
        let first = self.kind(part.start)?;
        match (first, self.at - part.start.min(self.at)) {
            (K::Expect, 2) if self.before(1) == Some(K::Handed) => Some("`over`"),
            (K::Close, 1) => Some("the class of the closure, such as `FalsePositive`"),
            (K::Set, 1) => Some("the field of the case to change"),
            (K::Set, 2) => Some("`=` and the new value"),
            (K::Route, 1) => Some("`to` and a queue or a role, such as `queue.tier1`"),
            (K::Hand, 1) => Some("`over to` and a queue or a role, such as `queue.tier1`"),
            (K::Hand, 2) => Some("`to` and a queue or a role, such as `queue.tier1`"),
            (K::Route, 2) | (K::Hand, 3) => Some("a queue or a role, such as `queue.tier1`"),
            (K::Note, 1) => Some("the text of the note"),
            (K::Else, 2..) if self.kind(0) == Some(K::Guard) && self.at == part.end => Some("`else refuse`"),
            _ => None,
        }
    }
}

/// Whether a value can end with this.
pub(crate) fn ends_value(kind: K) -> bool {
    matches!(kind, K::True | K::False | K::None)
        || (kind.is_word() && !kind.is_reserved())
        || kind.is_literal()
        || matches!(
            kind,
            K::StrEnd | K::RParen | K::RBrack | K::RBrace | K::Question | K::Underscore | K::ErrorPart
        )
}

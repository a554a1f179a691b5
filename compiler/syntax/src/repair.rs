//! Parts that are written with another sign or another word than here, and mean one thing: each is said once, and read on as what
//! was meant, so that the names they give stay known.

use std::ops::Range;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, escape};

use crate::explain::Scene;
use crate::grammar::traced::Rule;
use crate::stream::Symbol;
use crate::token::TokenKind as K;

/// What is read in the place of some symbols.
pub(crate) struct Repair {
    /// From the last to the first.
    pub(crate) parts: Vec<(Range<usize>, Vec<Symbol>)>,
}

/// Words that begin a declaration elsewhere, and the word for it here.
const DECLARATIONS: &[(&str, K)] = &[
    ("import", K::Use),
    ("include", K::Use),
    ("class", K::Type),
    ("struct", K::Type),
    ("record", K::Type),
    ("interface", K::Type),
    ("def", K::Fn),
    ("func", K::Fn),
    ("function", K::Fn),
    ("fun", K::Fn),
    ("workflow", K::Playbook),
    ("runbook", K::Playbook),
];

impl Scene<'_> {
    /// Reads other kinds in the place of single symbols.
    pub(crate) fn read_as(&self, changes: &[(usize, K)]) {
        let symbol = |at: usize| self.symbols.get(at).copied();
        let parts = changes.iter().rev();
        let parts =
            parts.filter_map(|(at, kind)| Some((*at..*at + 1, vec![Symbol { kind: *kind, ..symbol(*at)? }])));
        self.repair.set(Some(Repair { parts: parts.collect() }));
    }

    /// Reads one symbol, or none, in the place of several.
    pub(crate) fn read_whole(&self, range: Range<usize>, kind: Option<K>) {
        let ends =
            (self.symbols.get(range.start), range.end.checked_sub(1).and_then(|i| self.symbols.get(i)));
        let (Some(first), Some(last)) = ends else { return };
        let with = kind.map(|kind| Symbol { kind, first: first.first, last: last.last });
        self.repair.set(Some(Repair { parts: vec![(range, with.into_iter().collect())] }));
    }

    /// Reads the end of a line before a symbol.
    pub(crate) fn line_ends_before(&self, at: usize) {
        let before = at.checked_sub(1).and_then(|i| self.symbols.get(i));
        let Some(token) = before.map(|s| s.last) else { return };
        let end = Symbol { kind: K::StmtEnd, first: token, last: token };
        self.repair.set(Some(Repair { parts: vec![(at..at, vec![end])] }));
    }

    /// Reads nothing in the place of some symbols.
    pub(crate) fn left_out(&self, mut at: Vec<usize>) {
        at.sort_unstable();
        let parts = at.into_iter().rev().map(|at| (at..at + 1, Vec::new()));
        self.repair.set(Some(Repair { parts: parts.collect() }));
    }

    /// From the end of one symbol to the begin of another.
    pub(crate) fn gap(&self, before: usize, after: usize) -> Place {
        Place { start: self.place(before).end, end: self.place(after).start, ..self.place(before) }
    }

    /// From one symbol to another, both included.
    pub(crate) fn whole(&self, from: usize, to: usize) -> Place {
        Place { end: self.place(to).end, ..self.place(from) }
    }

    /// A part that means one thing, and is written otherwise.
    pub(crate) fn written_otherwise(&self, expected: &[Rule]) -> Option<Diagnostic> {
        self.colon_and_equals()
            .or_else(|| self.wrong_sign())
            .or_else(|| self.quoted_fields())
            .or_else(|| self.colon_of_let())
            .or_else(|| self.other_let())
            .or_else(|| self.type_of_elsewhere())
            .or_else(|| self.default_of_field())
            .or_else(|| self.dashed_name())
            .or_else(|| self.quoted_name())
            .or_else(|| self.slashes_of_use())
            .or_else(|| self.reveal_in_parentheses(expected))
    }

    /// `import std.connectors.okta`, `class Host { … }`
    pub(crate) fn other_declaration(&self) -> Option<Diagnostic> {
        let word = self.word(0);
        let (_, kind) = DECLARATIONS.iter().find(|(name, _)| *name == word)?;
        if self.kind(0) != Some(K::Ident) || !self.kind(1).is_some_and(K::is_word) {
            return None;
        }
        let place = self.place(0);
        self.read_as(&[(0, *kind)]);
        let right = kind.word();
        Some(
            Diagnostic::error(codes::P1016, place, format!("`{word}` is written `{right}`"))
                .here("no declaration begins like this")
                .fix(format!("Write `{right}`"), *kind == K::Use, vec![Edit { place, text: right.into() }]),
        )
    }

    /// `case Login { "user": OktaUserId }`
    fn quoted_fields(&self) -> Option<Diagnostic> {
        if self.kind(self.at) != Some(K::StrStart) || !matches!(self.kind(0), Some(K::Case | K::Type)) {
            return None;
        }
        let (_, starts) = self.braces()?;
        let quoted = |at: usize| {
            let kinds = [0, 1, 2, 3].map(|n| self.kind(at + n));
            let name = self.word(at + 1);
            let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            kinds == [Some(K::StrStart), Some(K::StrText), Some(K::StrEnd), Some(K::Colon)] && plain
        };
        let all: Vec<usize> = starts.into_iter().filter(|at| quoted(*at)).collect();
        if !all.contains(&self.at) {
            return None;
        }
        let edits = all
            .iter()
            .map(|at| Edit { place: self.whole(*at, at + 2), text: self.word(at + 1).to_string() })
            .collect();
        let parts = all.iter().rev().filter_map(|at| {
            let name = self.symbols.get(at + 1)?;
            Some((*at..at + 3, vec![Symbol { kind: K::Ident, ..*name }]))
        });
        self.repair.set(Some(Repair { parts: parts.collect() }));
        Some(
            Diagnostic::error(
                codes::P1001,
                self.whole(self.at, self.at + 2),
                "the name of a field is written without quotes",
            )
            .here("a text")
            .fix("Take the quotes away", true, edits),
        )
    }

    /// `var seen = …`, `const seen = …` in a body, `let mut seen = …`
    fn other_let(&self) -> Option<Diagnostic> {
        let start = self.part.as_ref()?.start;
        let word = self.word(start);
        if self.kind(start) == Some(K::Let) && self.word(start + 1) == "mut" && self.at == start + 2 {
            self.left_out(vec![start + 1]);
            let finding = Diagnostic::error(codes::P1001, self.place(start + 1), "nothing is `mut` here");
            return Some(finding.here("not needed").help(
                "A name keeps its value. To add up over a list there are `sum`, `count`, `filter` and `map`.",
            ));
        }
        let named = self.kind(start + 1).is_some_and(K::is_word) && self.kind(start + 2) == Some(K::Assign);
        let body = matches!(self.kind(0), Some(K::Playbook | K::Fn | K::Procedure));
        if !matches!(word, "var" | "val" | "const" | "auto" | "local")
            || !named
            || !body
            || self.at != start + 1
        {
            return None;
        }
        let place = self.place(start);
        self.read_as(&[(start, K::Let)]);
        Some(
            Diagnostic::error(
                codes::P1001,
                place,
                format!("in a body, a value is named by `let`, not by `{word}`"),
            )
            .here("write `let`")
            .help("Write `let NAME = VALUE`. A name keeps its value.")
            .fix("Write `let`", true, vec![Edit { place, text: "let".into() }]),
        )
    }

    /// `List[String]`, `Optional[String]`, `String[]`, `List<String>`
    fn type_of_elsewhere(&self) -> Option<Diagnostic> {
        let close = match self.kind(self.at)? {
            K::LBrack => K::RBrack,
            K::Lt => K::Gt,
            _ => return None,
        };
        let name = self.at.checked_sub(1)?;
        let annotated = matches!(self.before(2), Some(K::Colon | K::Arrow | K::Pii | K::Secret | K::LBrack));
        let end = (self.at..self.symbols.len()).take(12).find(|i| self.kind(*i) == Some(close))?;
        let inner = self.text_at(self.gap(self.at, end)).trim().to_string();
        let word = self.word(name);
        let plain = inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '?'));
        if self.kind(name) != Some(K::Ident) || !annotated || !plain {
            return None;
        }
        let symbol = |at: usize, kind: K| {
            let mut with = vec![Symbol { kind, ..*self.symbols.get(at)? }];
            if at == end && self.ends_line(end) {
                with.push(Symbol { kind: K::StmtEnd, ..*self.symbols.get(at)? });
            }
            Some(with)
        };
        let mut last = end;
        let (right, parts) = match word {
            "List" | "list" | "Array" | "Vec" | "Set" | "Seq" if !inner.is_empty() => (
                format!("[{inner}]"),
                vec![
                    (end..end + 1, symbol(end, K::RBrack)?),
                    (self.at..self.at + 1, symbol(self.at, K::LBrack)?),
                    (name..name + 1, Vec::new()),
                ],
            ),
            "Option" | "Optional" | "Maybe" if !inner.is_empty() => {
                // `Optional[String]?` and `Optional[String?]` are one option, too.
                if self.kind(end + 1) == Some(K::Question) {
                    last = end + 1;
                }
                let marked = inner.ends_with('?') || last > end;
                let closing = if marked { Vec::new() } else { symbol(end, K::Question)? };
                (
                    format!("{}?", inner.trim_end_matches('?')),
                    vec![(end..end + 1, closing), (name..self.at + 1, Vec::new())],
                )
            }
            _ if inner.is_empty() && close == K::RBrack => (
                format!("[{word}]"),
                vec![
                    (end..end + 1, symbol(end, K::RBrack)?),
                    (
                        name..self.at + 1,
                        symbol(self.at, K::LBrack)?.into_iter().chain(symbol(name, K::Ident)?).collect(),
                    ),
                ],
            ),
            _ => return None,
        };
        self.repair.set(Some(Repair { parts }));
        let place = self.whole(name, last);
        Some(
            Diagnostic::error(
                codes::P1001,
                place,
                format!("the type `{}` is written `{right}`", escape::one_line(self.text_at(place))),
            )
            .here(format!("write `{right}`"))
            .note("`[T]` is a list of `T`, `T?` a `T` that may be absent, and `{K: V}` a map.")
            .fix(format!("Write `{right}`"), true, vec![Edit { place, text: right }]),
        )
    }

    /// Whether what stands behind this is in another line, and begins something there: `>` does not end one by itself.
    fn ends_line(&self, at: usize) -> bool {
        let next = self.kind(at + 1);
        let begins = next.is_some_and(K::is_word) || next == Some(K::RBrace);
        self.kind(at) == Some(K::Gt) && begins && self.text_at(self.gap(at, at + 1)).contains('\n')
    }

    /// `playbook odd-login for Login`
    fn dashed_name(&self) -> Option<Diagnostic> {
        let name = self.at.checked_sub(1)?;
        let declares = name.checked_sub(1).and_then(|i| self.kind(i)).is_some_and(K::declares);
        if self.kind(self.at) != Some(K::Minus) || !declares || name != 1 {
            return None;
        }
        let mut end = name;
        while self.kind(end + 1) == Some(K::Minus)
            && self.kind(end + 2).is_some_and(|k| k.is_word() || k == K::Int)
        {
            end += 2;
        }
        let place = self.whole(name, end);
        let text = self.text_at(place);
        if end == name || text.contains(char::is_whitespace) {
            return None;
        }
        let right = text.replace('-', "_");
        self.read_whole(name..end + 1, Some(K::Ident));
        Some(
            Diagnostic::error(codes::P1001, place, "a name has no `-` in it")
                .here(format!("write `{right}`"))
                .note("Names are written with ASCII letters, digits and `_`.")
                .fix(format!("Write `{right}`"), false, vec![Edit { place, text: right.clone() }]),
        )
    }

    /// `playbook "odd login" for Login`
    fn quoted_name(&self) -> Option<Diagnostic> {
        let declares = self.kind(0).is_some_and(K::declares) && self.at == 1;
        let kinds = [1, 2, 3].map(|n| self.kind(n));
        if !declares || kinds != [Some(K::StrStart), Some(K::StrText), Some(K::StrEnd)] {
            return None;
        }
        let place = self.whole(1, 3);
        let right = crate::build::name_of(self.text_at(place));
        if !right.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        self.read_whole(1..4, Some(K::Ident));
        Some(
            Diagnostic::error(codes::P1001, place, "a name is written without quotes")
                .here(format!("write `{right}`"))
                .note("Names are written with ASCII letters, digits and `_`.")
                .fix(format!("Write `{right}`"), false, vec![Edit { place, text: right.clone() }]),
        )
    }

    /// `use std/connectors/okta`
    fn slashes_of_use(&self) -> Option<Diagnostic> {
        let slash = |i: &usize| self.kind(*i) == Some(K::Slash);
        if self.kind(0) != Some(K::Use) || !slash(&self.at) {
            return None;
        }
        let all: Vec<usize> = (self.at..self.symbols.len()).filter(slash).collect();
        self.read_as(&all.iter().map(|at| (*at, K::Dot)).collect::<Vec<_>>());
        let edits = all.iter().map(|at| Edit { place: self.place(*at), text: ".".into() }).collect();
        Some(
            Diagnostic::error(codes::P1001, self.place(self.at), "the names of a path are joined by `.`")
                .here("write `.`")
                .fix("Write `.`", true, edits),
        )
    }
}

//! A `;`: what stands for it here depends on the bracket it stands in.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};

use super::lines::ends_operand;
use super::{Builder, Sig, Symbol};
use crate::token::TokenKind as K;

/// So many symbols are looked at to see whether a `;` stands in a head.
const NEAR: usize = 200;

/// What a `;` in a body has behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// Nothing of its line.
    End,
    /// What can only go on with the statement before it, so that the `;` is read as if it were not there.
    Rest,
    /// What may.
    Operator,
    /// The rest of the head of an `if`, a `for` or a `match`, which begins with this symbol.
    Head(usize),
    /// Another statement.
    Another,
}

impl Behind {
    /// Whether the statement before it is over.
    pub(super) fn ends_statement(self) -> bool {
        !matches!(self, Self::Rest | Self::Head(_))
    }
}

impl Builder<'_> {
    /// Where `(` or `[` lacks what closes it, a `;` ends the statement all the same: what is on the next line begins another one.
    pub(super) fn ends_parentheses(&self, rest: &[Sig]) -> bool {
        let next = rest.get(1).filter(|s| s.leads && !s.kind.closes());
        next.is_some_and(|s| self.in_parentheses() && self.begins_statement(*s, rest.get(2).map(|s| s.kind)))
    }

    /// What stands behind a `;` that is the first of `rest`.
    pub(super) fn behind(&self, rest: &[Sig]) -> Behind {
        let behind = rest.get(1..).unwrap_or_default();
        let Some(next) = behind.first().copied().filter(|s| s.kind != K::StmtEnd) else { return Behind::End };
        match next.kind {
            kind if kind.closes() => Behind::End,
            // `else` and the like go on in the next line, too.
            kind if kind.is_word() && self.goes_on(next, behind) => Behind::Rest,
            _ if next.leads => Behind::End,
            K::LBrace => Behind::Rest,
            K::Dot | K::QuestionDot => Behind::Operator,
            kind if (K::Assign..=K::Percent).contains(&kind) => Behind::Operator,
            _ if self.goes_on(next, behind) => Behind::Rest,
            _ => self.head().map_or(Behind::Another, Behind::Head),
        }
    }

    /// Whether a token stands between two words, or numbers, without a blank.
    fn parts_words(&self, token: usize) -> bool {
        let word = |at: Option<usize>| {
            let kind = at.and_then(|at| self.tokens.get(at)).map(|t| t.kind);
            kind.is_some_and(|kind| kind.is_word() || kind.is_literal())
        };
        word(token.checked_sub(1)) && word(token.checked_add(1))
    }

    fn symbols(&self) -> &[Symbol] {
        self.current.as_ref().map_or(&[], |c| &c.piece.symbols)
    }

    /// Where the head of an `if`, a `for` or a `match` begins that is being read, whose body has not begun.
    fn head(&self) -> Option<usize> {
        let symbols = self.symbols();
        let rim = |s: &Symbol| matches!(s.kind, K::StmtEnd | K::LBrace | K::RBrace);
        // A longer head is none: many `;` would each look through it.
        let far = symbols.len().saturating_sub(NEAR);
        let near = symbols.get(far..).unwrap_or_default();
        let start = near.iter().rposition(rim).map_or(far, |at| far.saturating_add(at).saturating_add(1));
        let begins = |at: &usize| {
            let before = at.checked_sub(1).and_then(|i| symbols.get(i)).map(|s| s.kind);
            let head = symbols.get(*at).is_some_and(|s| matches!(s.kind, K::If | K::For | K::Match));
            head && (*at == start || matches!(before, Some(K::Else | K::FatArrow | K::Assign)))
        };
        (start..symbols.len()).rev().find(begins)
    }

    /// What is said of a `;`, the first of these.
    pub(super) fn semicolon(&mut self, sig: Sig, rest: &[Sig], behind: Behind) {
        let place = self.place(sig.token);
        let finding = Diagnostic::error(codes::P1011, place, "statements end with their line, not with `;`")
            .here("not needed");
        let closed = rest.get(1).is_some_and(|s| s.kind.closes());
        // Nothing stands for it, unless that made one word of two.
        let nothing = if self.parts_words(sig.token) { " " } else { "" };
        let put = |finding: Diagnostic, title: &str, safe: bool, text: &str| {
            let text = if text.is_empty() { nothing } else { text };
            finding.fix(title, safe, vec![Edit { place, text: text.into() }])
        };
        let open = self.open.last();
        // What a string has between its `{` and `}` stands on one line.
        let in_text = open.is_some_and(|o| o.innermost.interp.is_some());
        let in_body = !in_text && open.is_none_or(|o| o.kind == K::LBrace);
        let finding = if in_body {
            match behind {
                Behind::Rest => put(finding.help("Leave it out."), "Remove it", true, ""),
                Behind::Head(head) => match self.in_head(sig, rest, head) {
                    Some(finding) => finding,
                    None => return,
                },
                // A pattern may begin with a sign, too.
                Behind::Another | Behind::Operator if begins_arm(rest.get(1..).unwrap_or_default()) => {
                    let finding = finding.help("Arms on one line are separated by `,`.");
                    put(finding, "Write `,`", true, ",")
                }
                Behind::Operator => put(finding.help("Leave it out."), "Remove it", false, ""),
                Behind::End | Behind::Another => {
                    let finding = finding.help("Leave it out; a second statement goes on a line of its own.");
                    put(finding, "Remove it", true, if behind == Behind::End { "" } else { "\n" })
                }
            }
        } else if closed {
            put(finding.help("Leave it out."), "Remove it", true, "")
        } else if in_text {
            finding.help("What stands in `{ }` in a string is one value.")
        } else {
            let next = rest.get(1).map(|s| s.kind);
            // A value may begin with these; what else goes on with the one before it does here, too.
            let begins = matches!(next, Some(K::LBrace | K::Minus));
            let goes_on = !begins && matches!(behind, Behind::Rest | Behind::Operator);
            let between = !goes_on && !matches!(next, Some(K::Comma | K::StmtEnd));
            if between && self.last_kind().is_some_and(ends_operand) {
                // It is read on as a comma, so that what has this value keeps its name.
                self.push(K::Comma, sig.token);
                // In them the next line goes on: `f(a;` above `-b` is no `f(a - b)`.
                let finding = finding.help("Values in `( )` and `[ ]` are separated by `,`.");
                put(finding, "Write `,`", false, ",")
            } else {
                put(finding.help("Leave it out."), "Remove it", false, "")
            }
        };
        self.diagnostics.push(finding);
    }

    /// `if a := b; a > 1 {` of other languages: what is said of it, once for each head.
    fn in_head(&mut self, sig: Sig, rest: &[Sig], head: usize) -> Option<Diagnostic> {
        let symbols = self.symbols();
        let first = symbols.get(head)?.first;
        let place = self.place(sig.token);
        let again = self.current.as_ref().is_some_and(|c| c.piece.suspect.last() == Some(&first));
        if !again && let Some(finding) = self.named_in_head(sig, rest, head) {
            return Some(finding);
        }
        // What else is wrong in it follows from this.
        if let Some(c) = &mut self.current {
            c.piece.suspect.push(first);
        }
        if again {
            return None;
        }
        let word = self.symbols().get(head)?.kind;
        let help = match word {
            K::For => "A `for` goes through a list: `for NAME in LIST { … }`.",
            _ => "What is to be decided first goes on a line before.",
        };
        let what = format!("there is no `;` in the head of an `{}`", word.word());
        let what = if word == K::If { what } else { what.replace(" an `", " a `") };
        Some(Diagnostic::error(codes::P1011, place, what).here("no part of a head").help(help))
    }

    /// A value that gets its name in a head that begins a statement: it is read as a `let` in the line before.
    fn named_in_head(&mut self, sig: Sig, rest: &[Sig], head: usize) -> Option<Diagnostic> {
        let symbols = self.symbols();
        let at = |back: usize| symbols.get(head.saturating_add(back)).copied();
        let (word, name) = (at(0)?, at(1)?);
        let before = head.checked_sub(1).and_then(|i| symbols.get(i)).map(|s| s.kind);
        let begins = matches!(before, None | Some(K::StmtEnd | K::LBrace));
        let signs = match (at(2)?.kind, at(3).map(|s| s.kind)) {
            (K::Colon, Some(K::Assign)) => 2,
            (K::Assign, _) => 1,
            _ => return None,
        };
        let value = head.saturating_add(2).saturating_add(signs);
        let next = rest.get(1).copied()?;
        // Of several names it is not said which belongs where.
        let left = || rest.iter().skip(1).take_while(|s| !s.leads);
        let one = left().take_while(|s| s.kind != K::LBrace).all(|s| s.kind != K::StmtEnd);
        let body = one && left().any(|s| s.kind == K::LBrace);
        let named = name.kind.is_word() && !name.kind.is_reserved();
        if !begins || !named || !body || word.kind == K::For || value >= symbols.len() {
            return None;
        }
        let shown = word.kind.word();
        let (place, first) = (self.place(sig.token), self.place(word.first));
        let sign =
            Place { end: self.place(at(signs.saturating_add(1))?.last).end, ..self.place(at(2)?.first) };
        let indent = " ".repeat(sig.indent as usize);
        let edits = vec![
            Edit { place: first, text: "let".into() },
            Edit { place: sign, text: "=".into() },
            Edit {
                place: Place { end: self.place(next.token).start, ..place },
                text: format!("\n{indent}{shown} "),
            },
        ];
        let signs = head.saturating_add(2)..value;
        let last = self.last_token();
        let equals = Symbol { kind: K::Assign, ..at(2)? };
        if let Some(c) = &mut self.current {
            let symbols = &mut c.piece.symbols;
            symbols.splice(signs, [equals]);
            symbols.splice(head..head.saturating_add(1), [Symbol { kind: K::Let, ..word }]);
            symbols.push(Symbol { kind: K::StmtEnd, first: last, last });
            symbols.push(Symbol { kind: word.kind, first: sig.token, last: sig.token });
        }
        let what = format!("a value gets its name in a line before the `{shown}`");
        let finding = Diagnostic::error(codes::P1011, place, what).here("no part of a head");
        let finding =
            finding.help(format!("Write `let NAME = …` in a line of its own, and then `{shown} … {{`."));
        // Whether the name hides another one further down is not known here.
        Some(finding.fix("Write a `let` in the line before", false, edits))
    }
}

/// Whether an arm of a `match` begins here: a pattern, in one line, and `=>`.
fn begins_arm(rest: &[Sig]) -> bool {
    let line = rest.iter().enumerate().take_while(|(at, s)| *at < NEAR && (*at == 0 || !s.leads));
    let end = line.map(|(_, s)| s.kind).find(|kind| !of_pattern(*kind));
    end == Some(K::FatArrow)
}

/// Whether a pattern can hold this.
pub(crate) fn of_pattern(kind: K) -> bool {
    let word = kind.is_word() && !kind.is_reserved() || matches!(kind, K::True | K::False | K::None);
    let text = matches!(kind, K::StrStart | K::StrText | K::StrEscape | K::StrEnd);
    let sign = matches!(kind, K::Underscore | K::Minus | K::Dot | K::DotDot | K::Pipe | K::Colon | K::Comma);
    word || text || sign || kind.is_literal() || matches!(kind, K::LParen | K::RParen)
}

//! Brackets of the parser's input: which closes which, what is said of one that is left over, and where the body ends that a `:` opened.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};

use super::lines::starts_item;
use super::{Builder, Opener, Sig, Symbol};
use crate::token::{Token, TokenKind as K};

/// So many tokens are looked at to see what a bracket belongs to.
const NEAR: usize = 200;

impl Builder<'_> {
    pub(super) fn opens(&mut self, sig: Sig) {
        self.push(sig.kind, sig.token);
        let (outer, at) = (self.open.last().copied(), self.open.len());
        let outermost =
            (sig.kind != K::LBrace).then(|| outer.and_then(|o| o.outermost).unwrap_or(sig.indent));
        self.open.push(Opener {
            kind: sig.kind,
            token: sig.token,
            indent: sig.indent,
            outermost,
            innermost: outer.map(|o| o.innermost).unwrap_or_default().opened(sig.kind, at),
            prefixes: self.prefixes,
            colon: false,
        });
        self.nested(sig.token);
    }

    /// Whether this `:` ends its line behind the head of an `if` or `for`, or behind an `else`: a body is meant.
    pub(super) fn opens_body(&self, rest: &[Sig]) -> bool {
        let ends_line = rest.get(1).is_none_or(|s| s.leads);
        let in_braces = self.open.last().is_some_and(|o| o.kind == K::LBrace);
        if !ends_line || !in_braces {
            return false;
        }
        let symbols = self.current.as_ref().map_or(&[][..], |c| &c.piece.symbols);
        let mut back = symbols.iter().rev().map(|s| s.kind);
        match (back.next(), back.next()) {
            (Some(K::Else), before) => before == Some(K::RBrace),
            (Some(K::If | K::For), _) => false,
            // What is open since the line began is a record in the head.
            _ => {
                let Some((kind, first)) = self.line_first else { return false };
                let open = self.open.last().map_or(0, |o| o.token);
                let of_line = || symbols.iter().rev().take_while(|s| s.first >= first).map(|s| s.kind);
                let chained = || matches!(kind, K::Else | K::RBrace) && else_if(of_line());
                open < first && (matches!(kind, K::If | K::For) || chained())
            }
        }
    }

    /// Ends the bodies of a `:` that a line further left ends; a `}` below the head is the one of the body.
    pub(super) fn close_colons(&mut self, sig: Sig) {
        while let Some(top) = self.open.last().copied().filter(|o| o.colon) {
            let ends = if sig.kind == K::RBrace { sig.indent < top.indent } else { sig.indent <= top.indent };
            if !ends {
                return;
            }
            self.open.pop();
            self.prefixes = top.prefixes;
            let at = self.last_token();
            self.colon_closed = Some(at);
            self.push(K::RBrace, at);
            self.colon_for_brace(top, Some(at));
        }
    }

    /// Reports a `:` for a `{`; `last` is the last token of a body with no `}`.
    pub(super) fn colon_for_brace(&mut self, opener: Opener, last: Option<usize>) {
        let place = self.place(opener.token);
        let mut edits = vec![Edit { place, text: " {".into() }];
        edits.extend(last.map(|last| {
            let end = self.place(last).end;
            let text = format!("\n{}}}", " ".repeat(opener.indent as usize));
            Edit { place: Place { start: end, end, ..place }, text }
        }));
        let finding = Diagnostic::error(codes::P1001, place, "a body stands in `{ }`, without `:`");
        self.diagnostics.push(finding.here("expected `{`").fix("Put the body in braces", false, edits));
    }

    pub(super) fn closes(&mut self, sig: Sig, rest: &[Sig]) {
        if let Some((_, meant)) = self.swapped.take_if(|(token, _)| *token == sig.token) {
            self.closes(Sig { kind: meant, ..sig }, rest);
            return;
        }
        if let Some(meant) = self.other_closer(sig, rest) {
            self.closes(Sig { kind: meant, ..sig }, rest);
            return;
        }
        let Some(opener) = self.open.last().and_then(|o| o.innermost.closed_by(sig.kind)) else {
            self.closes_nothing(sig);
            return;
        };
        let between = self.open.len().saturating_sub(opener + 1);
        if between > 0 {
            self.unclosed(between, None);
        }
        let Some(top) = self.open.pop() else { return };
        self.prefixes = top.prefixes;
        if top.colon {
            self.colon_for_brace(top, None);
        }
        if sig.kind == K::RBrace && sig.leads && sig.indent < top.indent && self.lesser.is_none() {
            self.lesser = Some(top);
        }
        if sig.kind == K::RBrace && sig.leads && sig.indent > top.indent && !top.colon {
            self.odd = self.odd.or(Some(sig.token));
        }
        self.push(sig.kind, sig.token);
        if self.open.is_empty() && sig.kind == K::RBrace {
            self.last_body = Some(sig.token);
            self.lesser = None;
            if let Some(c) = &mut self.current {
                c.body_done = c.braced;
            }
        }
    }

    /// `[1, 2)`: what was meant by it, where what follows is right with that, and neither with a closer that is missing before it nor without it.
    fn other_closer(&mut self, sig: Sig, rest: &[Sig]) -> Option<K> {
        let round = |k: K| matches!(k, K::LParen | K::LBrack | K::RParen | K::RBrack);
        let top = self.open.last().copied().filter(|top| round(top.kind) && round(sig.kind))?;
        let meant = top.closer();
        if meant == sig.kind {
            return None;
        }
        let (closers, all) = closers(rest.get(1..).unwrap_or(&[]));
        // How many brackets are wrong then that are open, or that close one, where so many of the closers are read already.
        let wrong_behind = |open: usize, read: usize| {
            let later = closers.get(read..).unwrap_or_default();
            let stack = self.open.get(..open).unwrap_or(&[]).iter().rev();
            let right = stack.zip(later).take_while(|(o, (k, _))| o.closer() == *k).count();
            let open = if all { open } else { right };
            open.saturating_add(later.len()).saturating_sub(right.saturating_mul(2))
        };
        let wrong = |open: usize| wrong_behind(open, 0);
        let with = wrong(self.open.len().saturating_sub(1));
        let missing = top.innermost.closed_by(sig.kind).map(wrong);
        // `[f(1, 2], 3)`: the next one is what this ought to be, and the other way round.
        let other = closers.first().filter(|(kind, _)| *kind == meant);
        let round_it = self.open.len().checked_sub(2).and_then(|at| self.open.get(at));
        if let Some((_, other)) = other.copied().filter(|_| round_it.is_some_and(|o| o.closer() == sig.kind))
            && wrong_behind(self.open.len().saturating_sub(2), 1)
                < with.min(wrong(self.open.len())).min(missing.unwrap_or(usize::MAX))
        {
            self.swapped = Some((other, sig.kind));
            self.wrong_way_round(sig, meant, other);
            return Some(meant);
        }
        if missing.is_some_and(|missing| missing <= with) || wrong(self.open.len()) <= with {
            return None;
        }
        let place = self.place(sig.token);
        let (what, right) = (sig.kind.shown(), meant.shown());
        let opener = format!("this {} is open", top.kind.shown());
        self.diagnostics.push(
            Diagnostic::error(codes::P1007, place, format!("expected {right}, found {what}"))
                .here(format!("expected {right}"))
                .label(self.place(top.token), opener)
                .fix(format!("Write {right}"), false, vec![Edit { place, text: meant.word().into() }]),
        );
        Some(meant)
    }

    /// Reports two closers, each in the place of the other; `other` is the token of the later one.
    fn wrong_way_round(&mut self, sig: Sig, meant: K, other: usize) {
        let (place, later) = (self.place(sig.token), self.place(other));
        let (what, right) = (sig.kind.shown(), meant.shown());
        let finding = Diagnostic::error(
            codes::P1007,
            place,
            format!("{what} and {right} stand each in the place of the other"),
        )
        .here(format!("expected {right}"))
        .label(later, format!("expected {what}"));
        let edits = vec![
            Edit { place, text: meant.word().into() },
            Edit { place: later, text: sig.kind.word().into() },
        ];
        self.diagnostics.push(finding.fix("Exchange them", false, edits));
    }

    pub(super) fn closes_nothing(&mut self, sig: Sig) {
        let ended = self.last_body.filter(|_| sig.kind == K::RBrace && self.open.is_empty());
        // Statements between the end of a declaration and this brace show that one before them is the one too many.
        let early = sig.kind == K::RBrace && self.current.as_ref().is_some_and(|c| c.kind == K::ErrorPart);
        let odd = self.odd.filter(|_| ended.is_some() && sig.leads);
        let finding = match odd {
            Some(odd) => {
                // Where one more is left over, this one was further in.
                self.odd = (sig.indent > 0).then_some(sig.token);
                self.one_too_many(odd, sig, early)
            }
            None => {
                let place = self.place(sig.token);
                let what = format!("this {} closes nothing", sig.kind.shown());
                let mut d =
                    Diagnostic::error(codes::P1007, place, what).here("no opening bracket belongs to it");
                if let Some(end) = ended {
                    d = d.label(self.place(end), "the declaration before it ended here");
                }
                if early && self.open.is_empty() {
                    d.help(
                        "Look before it for a `}` too many, or for a declaration that lacks its first line.",
                    )
                } else {
                    d.fix("Remove it", false, vec![Edit { place, text: String::new() }])
                }
            }
        };
        self.diagnostics.push(finding);
        match &mut self.current {
            Some(c) if c.kind == K::ErrorPart => c.piece.silent = true,
            Some(c) => c.piece.suspect.push(sig.token),
            None => {}
        }
    }

    /// A `}` stands further in than what it closes, and one is left over.
    fn one_too_many(&self, odd: usize, left: Sig, statements_between: bool) -> Diagnostic {
        let place = self.place(odd);
        let finding =
            Diagnostic::error(codes::P1007, place, "this `}` is one too many, or its `{` is missing")
                .here("further in than what it closes")
                .label(self.place(left.token), "so this one closes nothing");
        if statements_between || self.last_body != Some(odd) {
            finding.help("Remove it, or write the `{` that it belongs to.")
        } else {
            finding.fix("Remove it", false, vec![Edit { place, text: String::new() }])
        }
    }

    /// Reports the innermost `count` brackets as one mistake, and closes them.
    pub(super) fn unclosed(&mut self, count: usize, blame: Option<Opener>) {
        let from = self.open.len().saturating_sub(count);
        let openers = self.open.split_off(from);
        let Some(shown) = blame.or_else(|| openers.first().copied()) else { return };
        self.prefixes = openers.first().map(|o| o.prefixes).unwrap_or_default();
        let d = Diagnostic::error(
            codes::P1006,
            self.place(shown.token),
            format!("this {} is never closed", shown.kind.shown()),
        )
        .here(format!("its {} is missing", shown.closer().shown()));
        self.diagnostics.push(d);
        let at = self.last_token();
        let moved =
            blame.is_some_and(|b| openers.len() == 1 && b.kind == K::LBrace && self.closed_by_layout(b));
        for o in openers.iter().rev().skip(usize::from(moved)) {
            self.push(o.closer(), at);
        }
        if let Some(c) = &mut self.current {
            c.piece.suspect.extend(openers.iter().map(|o| o.token));
            c.piece.suspect.push(shown.token);
        }
    }

    /// Closes a brace that another one closed where its layout ends: before the first line that stands no further in. `false`
    /// where there is none.
    pub(super) fn closed_by_layout(&mut self, opener: Opener) -> bool {
        let Some(c) = &mut self.current else { return false };
        let symbols = &mut c.piece.symbols;
        let Some(start) = symbols.iter().position(|s| s.first == opener.token) else { return false };
        let mut line = symbols.iter().enumerate().skip(start + 1).filter(|(_, s)| s.kind == K::StmtEnd);
        let end = line.find(|(at, _)| {
            let next = symbols.get(at + 1).filter(|s| s.kind != K::StmtEnd);
            next.is_some_and(|s| {
                indent_of(self.tokens, s.first).is_some_and(|indent| indent <= opener.indent)
            })
        });
        let Some((at, end)) = end else { return false };
        let closer = Symbol { kind: K::RBrace, ..*end };
        symbols.insert(at, closer);
        true
    }

    pub(super) fn close_parentheses(&mut self) {
        let count = self.open.iter().rev().take_while(|o| matches!(o.kind, K::LParen | K::LBrack)).count();
        self.unclosed(count, None);
    }

    pub(super) fn close_all(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let blame = self.lesser.or_else(|| self.open.last().copied());
        self.unclosed(self.open.len(), blame);
        self.lesser = None;
        if let Some(c) = &mut self.current {
            c.body_done = true;
        }
    }
}

/// The brackets that close what is open before these, each with its token, up to the next declaration; and whether they are all there are.
fn closers(rest: &[Sig]) -> (Vec<(K, usize)>, bool) {
    let (mut closers, mut depth) = (Vec::new(), 0_usize);
    for (at, sig) in rest.iter().enumerate() {
        if starts_item(rest.get(at..).unwrap_or(&[])) {
            return (closers, true);
        }
        if at >= NEAR {
            return (closers, false);
        }
        match depth.checked_sub(1) {
            Some(less) if sig.kind.closes() => depth = less,
            None if sig.kind.closes() => closers.push((sig.kind, sig.token)),
            _ if sig.kind.opens() => depth = depth.saturating_add(1),
            _ => {}
        }
    }
    (closers, true)
}

/// Whether a line, from its last symbol to its first, is `else if …` or `} else if …`.
fn else_if(line: impl Iterator<Item = K>) -> bool {
    let mut first = [None; 3];
    for kind in line {
        first = [Some(kind), first[0], first[1]];
    }
    matches!(first, [Some(K::Else), Some(K::If), _] | [Some(K::RBrace), Some(K::Else), Some(K::If)])
}

/// How far in a token stands that is the first of its line.
fn indent_of(tokens: &[Token], at: usize) -> Option<u32> {
    let start = tokens.get(at)?.start;
    let mut line = start;
    for token in tokens.get(..at)?.iter().rev() {
        match token.kind {
            K::Newline => break,
            kind if kind.is_trivia() => line = token.start,
            _ => return None,
        }
    }
    Some(start.saturating_sub(line))
}

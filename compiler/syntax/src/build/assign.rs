//! `name = value` where nothing is assigned: what was meant by it.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};

use super::expr::error;
use super::ops::split_at_else;
use super::{Build, Node, place};
use crate::ast::{Arg, Expr, LIST_OPS, Name, Span, Stmt, StmtKind};
use crate::token::TokenKind as K;

/// So many symbols are looked at round such a statement for its name: of very many, each is told in the same time.
const NEAR: usize = 1000;

impl Build<'_> {
    /// The name before the `=` with which an expression goes on.
    pub(super) fn name_before_assign(&self, node: &Node<'_>) -> Option<Name> {
        let at = node.start();
        let (name, sign) = (self.symbols.get(at)?, self.symbols.get(at + 1)?);
        if sign.kind != K::Assign || !name.kind.is_word() || name.kind.is_reserved() {
            return None;
        }
        let token = self.tokens.get(name.first)?;
        let span = Span { file: self.file, start: token.start, end: token.end };
        Some(Name { text: token.text(self.text).into(), span })
    }

    /// `x = …` as a statement: a `let` was meant, unless the name is given already.
    pub(super) fn assigned(&mut self, node: Node<'_>, name: Name) -> Stmt {
        let span = self.span(&node);
        let start = node.start();
        let sign = self.sign_behind(start);
        let known = self.is_given(&name.text, start);
        let finding =
            Diagnostic::error(codes::P1010, place(sign), "`=` does not compare, and nothing is assigned to")
                .here("neither a comparison nor a new name");
        if known {
            let help =
                format!("A name keeps its value: give the new one another name, `let {}_2 = …`.", name.text);
            self.report(finding.help(help));
            return Stmt { kind: StmtKind::Expr(error(span)), span };
        }
        let help = format!(
            "Write `let {} = …` to name a value; a field of the case is changed by `set {} = … because \"…\"`.",
            name.text, name.text
        );
        // Where nobody asks for the name, a field of the case may have been meant.
        if !self.is_asked(&name.text, start + 1) {
            self.report(finding.help(help));
            return Stmt { kind: StmtKind::Expr(error(span)), span };
        }
        let at = place(Span { end: name.span.start, ..name.span });
        self.report(finding.help(help).fix(
            "Write `let`",
            false,
            vec![Edit { place: at, text: "let ".into() }],
        ));
        let value = self.value_behind(node);
        Stmt { kind: StmtKind::Let { name, ty: None, value }, span }
    }

    /// `f(ip = x)`
    pub(super) fn named_by_assign(&mut self, node: Node<'_>, name: Name) -> Arg {
        let start = node.start();
        let value = self.value_behind(node);
        let gap = Span { start: name.span.end, end: value.span.start, ..name.span };
        let sign = self.sign_behind(start);
        let finding = if self.asks_each(start) {
            Diagnostic::error(codes::P1010, place(sign), "what is asked of each element is a function of it")
                .here("no condition")
                .help(format!("Write `{0} => {0} == …`.", name.text))
        } else {
            Diagnostic::error(codes::P1010, place(sign), "the value of an argument comes after `:`")
                .here("write `:`")
                .help(format!("Write `{}: …`.", name.text))
                .fix("Write `:`", true, vec![Edit { place: place(gap), text: ": ".into() }])
        };
        self.report(finding);
        Arg { name: Some(name), value }
    }

    /// Whether this begins the only argument of a function that takes a lambda: `.any(`.
    fn asks_each(&self, start: usize) -> bool {
        let before = |back: usize| start.checked_sub(back).and_then(|at| self.symbols.get(at));
        let word = before(2).and_then(|s| self.tokens.get(s.first)).map_or("", |t| t.text(self.text));
        before(1).is_some_and(|s| s.kind == K::LParen)
            && before(3).is_some_and(|s| s.kind == K::Dot)
            && LIST_OPS.contains(&word)
    }

    /// The symbols of `case.severity` before the `=` of `case.severity = …`.
    pub(super) fn path_before_assign(&self, node: &Node<'_>) -> Option<usize> {
        let start = node.start();
        let kind = |at: usize| self.symbols.get(at).map(|s| s.kind);
        let mut end = start + 1;
        while kind(end) == Some(K::Dot) && kind(end + 1).is_some_and(K::is_word) {
            end += 2;
        }
        let path = kind(start).is_some_and(|k| k.is_word() && !k.is_reserved()) && end > start + 1;
        (path && kind(end) == Some(K::Assign)).then_some(end - start)
    }

    /// `case.severity = High` as a statement.
    pub(super) fn assigned_to_field(&mut self, node: &Node<'_>, path: usize) -> Stmt {
        let (span, start) = (self.span(node), node.start());
        let sign = self.sign_behind(start + path - 1);
        let word = |at: usize| {
            let token = self.symbols.get(at).and_then(|s| self.tokens.get(s.first));
            token.map_or("", |t| t.text(self.text))
        };
        let help = if word(start) == "case" && path == 3 {
            format!("A field of the case is changed by `set {} = … because \"…\"`.", word(start + 2))
        } else {
            "A value stays as it is. Name a new one: `let NAME = …`.".into()
        };
        self.report(
            Diagnostic::error(codes::P1010, place(sign), "`=` does not compare, and nothing is assigned to")
                .here("neither a comparison nor a new name")
                .help(help),
        );
        Stmt { kind: StmtKind::Expr(error(span)), span }
    }

    fn sign_behind(&self, symbol: usize) -> Span {
        let token = self.symbols.get(symbol + 1).and_then(|s| self.tokens.get(s.first));
        token.map_or(Span::default(), |t| Span { file: self.file, start: t.start, end: t.end })
    }

    /// The expression without `name =` at its head.
    fn value_behind(&mut self, node: Node<'_>) -> Expr {
        let whole = self.span(&node);
        let mut chains = split_at_else(node.into_inner().skip(2));
        let rest = chains.split_off(1);
        let Some(first) = chains.pop().filter(|first| !first.is_empty()) else { return error(whole) };
        let span = self.round(&first);
        let first = self.operators(first, span);
        self.elses_behind(first, rest).unwrap_or_else(error)
    }

    /// Whether the item speaks of this name behind that symbol.
    fn is_asked(&self, name: &str, behind: usize) -> bool {
        self.symbols.iter().enumerate().skip(behind).take(NEAR).any(|(at, symbol)| {
            let field = self.symbols.get(at.wrapping_sub(1)).is_some_and(|s| s.kind == K::Dot);
            !field && self.tokens.get(symbol.first).is_some_and(|t| t.text(self.text) == name)
        })
    }

    /// Whether the item gives this name before that symbol: `let x`, `for x`, `(x: …`, or `x = …` as a statement.
    fn is_given(&self, name: &str, before: usize) -> bool {
        let kind = |at: Option<usize>| at.and_then(|at| self.symbols.get(at)).map(|s| s.kind);
        (1..before).rev().take(NEAR).any(|at| {
            let token = self.symbols.get(at).and_then(|s| self.tokens.get(s.first));
            if token.is_none_or(|t| t.text(self.text) != name) {
                return false;
            }
            let (last, next) = (kind(at.checked_sub(1)), kind(Some(at + 1)));
            matches!(last, Some(K::Let | K::For))
                || matches!((last, next), (Some(K::LParen | K::Comma), Some(K::Colon)))
                || matches!((last, next), (Some(K::StmtEnd | K::LBrace), Some(K::Assign)))
        })
    }
}

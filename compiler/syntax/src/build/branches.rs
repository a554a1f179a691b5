//! `if` and `match`: conditions, arms and patterns.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};

use super::expr::error;
use super::{Build, Node, listed, place};
use crate::ast::{Arm, Capture, Cond, Expr, ExprKind, Pattern, PatternKind, Span};
use crate::grammar::Rule;

impl Build<'_> {
    pub(super) fn if_expr(&mut self, node: Node<'_>) -> Expr {
        let whole = self.span(&node);
        let parts: Vec<Node<'_>> = node.into_inner().collect();
        self.deeper(parts.len() / 2, |b| {
            b.check_depth(whole)?;
            let (mut branches, mut cond, mut other) = (Vec::new(), None, None);
            for part in parts {
                let span = b.span(&part);
                match (part.as_rule(), cond.take()) {
                    (Rule::block, Some((start, c))) => branches.push((start, c, b.block(part))),
                    (Rule::block, None) => {
                        let block = b.block(part);
                        other = Some(Expr { kind: ExprKind::Block(block), span });
                    }
                    (Rule::bare_else, _) => other = part.into_inner().next().map(|e| b.bare_else(e, span)),
                    _ => cond = Some((b.before(&part), b.cond(part))),
                }
            }
            let mut expr: Option<Expr> = other;
            for (start, cond, then) in branches.into_iter().rev() {
                let end = expr.as_ref().map_or(then.span, |e| e.span);
                let kind =
                    ExprKind::If { cond: Box::new(cond), then: Box::new(then), other: expr.map(Box::new) };
                expr = Some(Expr { kind, span: start.to(end) });
            }
            expr.ok_or(whole)
        })
        .unwrap_or_else(error)
    }

    /// The place of the symbol before a node: its keyword.
    fn before(&self, node: &Node<'_>) -> Span {
        let at = node.start().checked_sub(1).and_then(|i| self.symbols.get(i));
        match at.and_then(|s| self.tokens.get(s.first)) {
            Some(t) => Span { file: self.file, start: t.start, end: t.end },
            None => self.span(node),
        }
    }

    fn bare_else(&mut self, node: Node<'_>, span: Span) -> Expr {
        let at = |offset: u32| Place { file: span.file, start: offset, end: offset };
        let edits = vec![
            Edit { place: at(span.start), text: "{ ".into() },
            Edit { place: at(span.end), text: " }".into() },
        ];
        let line = |offset: u32| {
            let before = self.text.get(..offset as usize).unwrap_or_default();
            let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
            let line = self.text.get(start..).unwrap_or_default();
            (start, line.len().saturating_sub(line.trim_start_matches([' ', '\t']).len()))
        };
        // A line that stands no further in may be the next statement, and the `else` have nothing.
        let (of_else, of_this) = (line(self.before(&node).start), line(span.start));
        let sure = of_else.0 == of_this.0 || of_this.1 > of_else.1;
        self.report(
            Diagnostic::error(codes::P1017, place(span), "the `else` of an `if` takes a block")
                .here("this needs braces")
                .help(format!("Write `else {{ {} }}`.", self.source(span)))
                .fix("Put it in braces", sure, edits),
        );
        self.nested(node)
    }

    fn cond(&mut self, node: Node<'_>) -> Cond {
        let span = self.span(&node);
        if node.as_rule() != Rule::cond_let {
            return Cond::Expr(Box::new(self.expr(node)));
        }
        let mut inner = node.into_inner();
        match (inner.next(), inner.next()) {
            (Some(name), Some(value)) => {
                Cond::Let { name: self.name(&name), value: Box::new(self.expr(value)) }
            }
            _ => Cond::Expr(Box::new(error(span))),
        }
    }

    pub(super) fn match_expr(&mut self, node: Node<'_>) -> ExprKind {
        let mut inner = node.into_inner();
        let Some(value) = inner.next().map(|v| Box::new(self.nested(v))) else { return ExprKind::Error };
        ExprKind::Match { value, arms: listed(inner.map(|a| self.arm(a))) }
    }

    /// An arm that was reported takes whatever the others do not, and says nothing.
    fn arm(&mut self, node: Node<'_>) -> Arm {
        let span = self.span(&node);
        let parts = node.into_inner();
        let (mut patterns, mut body) = (Vec::with_capacity(parts.len().saturating_sub(1)), None);
        for part in parts {
            match part.as_rule() {
                Rule::pattern => patterns.push(self.pattern(part)),
                _ => body = Some(self.nested(part)),
            }
        }
        if patterns.is_empty() {
            patterns.push(Pattern { kind: PatternKind::Any, span });
        }
        Arm { patterns, body: body.unwrap_or_else(|| error(span)), span }
    }

    fn pattern(&mut self, node: Node<'_>) -> Pattern {
        let span = self.span(&node);
        let Some(form) = node.into_inner().next() else { return Pattern { kind: PatternKind::Any, span } };
        let kind = match form.as_rule() {
            Rule::any_mark => PatternKind::Any,
            Rule::none => PatternKind::None,
            Rule::variant_pattern => {
                let (mut names, mut captures) = (Vec::new(), None);
                for part in form.into_inner() {
                    match part.as_rule() {
                        Rule::captures => captures = Some(self.captures(part)),
                        _ => names.push(self.name(&part)),
                    }
                }
                let mut names = names.into_iter();
                match (names.next(), names.next()) {
                    (Some(of), Some(name)) => PatternKind::Variant { of: Some(of), name, captures },
                    (Some(name), None) => PatternKind::Variant { of: None, name, captures },
                    (None, _) => PatternKind::Any,
                }
            }
            Rule::range => match self.range(form) {
                (Some(low), Some(high)) => PatternKind::Range { low, high },
                _ => PatternKind::Literal(Box::new(error(span))),
            },
            Rule::number => match form.into_inner().next() {
                Some(literal) => PatternKind::Literal(Box::new(self.negative(&literal, span))),
                None => PatternKind::Any,
            },
            _ => PatternKind::Literal(Box::new(self.primary(form))),
        };
        Pattern { kind, span }
    }

    fn captures(&mut self, node: Node<'_>) -> Vec<Capture> {
        let capture = |b: &mut Self, node: Node<'_>| {
            let mut names = node.into_inner().map(|n| b.name(&n));
            let (first, second) = (names.next()?, names.next());
            Some(match second {
                Some(name) => Capture { field: Some(first), name },
                None => Capture { field: None, name: first },
            })
        };
        node.into_inner().filter_map(|n| capture(self, n)).collect()
    }
}

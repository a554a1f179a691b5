//! Operators: a flat chain of operands becomes a tree by precedence.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};

use super::expr::error;
use super::{Build, Node, place};
use crate::ast::{BinaryOp, Expr, ExprKind, Span, UnaryOp};
use crate::grammar::Rule;
use crate::stream::Symbol;
use crate::token::TokenKind as K;

/// How tightly an operator binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Comparison,
    Sum,
    Product,
    Prefix,
}

impl Level {
    fn tighter(self) -> Level {
        match self {
            Level::Or => Level::And,
            Level::And => Level::Comparison,
            Level::Comparison => Level::Sum,
            Level::Sum => Level::Product,
            Level::Product | Level::Prefix => Level::Prefix,
        }
    }
}

enum Part {
    Prefix(UnaryOp, Span),
    /// And whether it says `not in`.
    Infix(BinaryOp, Span, bool),
    Operand(Expr),
}

impl Build<'_> {
    /// Operands with what follows them, operators and `else`, as they stand in a row.
    pub(super) fn flat(&mut self, node: Node<'_>) -> Expr {
        let mut inner = node.into_inner();
        let Some(first) = inner.next() else { return error(self.span(&node)) };
        // Most have no `else`, no operator, nothing after the operand: no list is made for them.
        if inner.is_empty() {
            return self.primary(first);
        }
        let mut nodes = Vec::with_capacity(inner.len().saturating_add(1));
        nodes.push(first);
        nodes.extend(inner);
        if nodes.iter().any(|n| n.as_rule() == Rule::else_mark) {
            let chains = split_at_else(nodes);
            return self.deeper(chains.len().saturating_sub(1), |b| b.elses(chains)).unwrap_or_else(error);
        }
        let span = self.span(&node);
        self.operators(nodes, span)
    }

    /// Operands, with the operators between them.
    pub(super) fn operators(&mut self, nodes: Vec<Node<'_>>, span: Span) -> Expr {
        let operators = nodes.iter().filter(|n| matches!(n.as_rule(), Rule::prefix | Rule::infix)).count();
        let mut nodes = nodes.into_iter();
        if operators == 0 {
            return match nodes.next() {
                Some(first) if nodes.len() == 0 => self.primary(first),
                Some(first) => self.with_postfixes(first, nodes, span),
                None => error(span),
            };
        }
        self.deeper(operators, |b| {
            b.check_depth(span)?;
            let mut parts = Vec::with_capacity(nodes.len());
            while let Some(node) = nodes.next() {
                parts.push(b.part(node, &mut nodes));
            }
            let mut parts = parts.into_iter().peekable();
            Ok(b.climb(&mut parts, Level::Or, span))
        })
        .unwrap_or_else(error)
    }

    /// An operator; or an operand, with what follows it.
    fn part<'i>(&mut self, node: Node<'i>, rest: &mut std::vec::IntoIter<Node<'i>>) -> Part {
        let kind = self.kind(&node);
        match node.as_rule() {
            Rule::prefix if kind == Some(K::Minus) => Part::Prefix(UnaryOp::Neg, self.span(&node)),
            Rule::prefix => Part::Prefix(UnaryOp::Not, self.span(&node)),
            Rule::infix => {
                let span = self.span(&node);
                Part::Infix(self.infix(kind, span), span, kind == Some(K::Not))
            }
            _ => {
                let infix = rest.as_slice().iter().position(|n| n.as_rule() == Rule::infix);
                let postfixes = infix.unwrap_or_else(|| rest.len());
                if postfixes == 0 {
                    return Part::Operand(self.primary(node));
                }
                let last = rest.as_slice().get(postfixes.saturating_sub(1));
                let span = self.span(&node).to(last.map_or_else(|| self.span(&node), |n| self.span(n)));
                let postfixes: Vec<Node<'i>> = rest.by_ref().take(postfixes).collect();
                Part::Operand(self.with_postfixes(node, postfixes.into_iter(), span))
            }
        }
    }

    /// From the first of these to the end of the last.
    pub(super) fn round(&self, nodes: &[Node<'_>]) -> Span {
        let ends = nodes.first().zip(nodes.last());
        ends.map_or_else(Span::default, |(first, last)| self.span(first).to(self.span(last)))
    }

    fn infix(&mut self, kind: Option<K>, span: Span) -> BinaryOp {
        match kind {
            Some(K::Or) => BinaryOp::Or,
            Some(K::And) => BinaryOp::And,
            Some(K::In | K::Not) => BinaryOp::In,
            Some(K::Matches) => BinaryOp::Matches,
            Some(K::Like) => BinaryOp::Like,
            Some(K::ILike) => BinaryOp::ILike,
            Some(K::Ne) => BinaryOp::Ne,
            Some(K::Lt) => BinaryOp::Lt,
            Some(K::Le) => BinaryOp::Le,
            Some(K::Gt) => BinaryOp::Gt,
            Some(K::Ge) => BinaryOp::Ge,
            Some(K::Plus) => BinaryOp::Add,
            Some(K::Minus) => BinaryOp::Sub,
            Some(K::Star) => BinaryOp::Mul,
            Some(K::Slash) => BinaryOp::Div,
            Some(K::Percent) => BinaryOp::Rem,
            // `=~`, of which the second half was reported.
            Some(K::Assign) if self.unknown_behind(span) => BinaryOp::Eq,
            Some(K::Assign) => {
                let told = Diagnostic::error(codes::P1010, place(span), "`=` does not compare, and nothing is assigned to")
                    .here("neither a comparison nor a new name")
                    .help("Write `==` to compare, `let x = …` to name a value, `set field = … because …` to change the case.");
                // `x = 1` as a statement was not meant as a comparison that nobody looks at.
                self.report(if self.begins_statement(span) {
                    told
                } else {
                    told.fix("Compare with `==`", false, vec![Edit { place: place(span), text: "==".into() }])
                });
                BinaryOp::Eq
            }
            _ => BinaryOp::Eq,
        }
    }

    /// Whether a character that means nothing stands right behind.
    fn unknown_behind(&self, span: Span) -> bool {
        let at = self.tokens.partition_point(|t| t.start < span.end);
        self.tokens.get(at).is_some_and(|t| t.start == span.end && t.kind == K::Unknown)
    }

    /// Whether only a name, or a field of one, stands between an operator and the begin of its statement.
    fn begins_statement(&self, operator: Span) -> bool {
        let start = |s: &Symbol| self.tokens.get(s.first).map_or(0, |t| t.start);
        let at = self.symbols.partition_point(|s| start(s) < operator.start);
        let mut before = self.symbols.get(..at).unwrap_or(&[]).iter().rev().map(|s| s.kind);
        loop {
            if !before.next().is_some_and(K::is_word) {
                return false;
            }
            match before.next() {
                Some(K::Dot | K::QuestionDot) => {}
                other => return matches!(other, Some(K::StmtEnd | K::LBrace)),
            }
        }
    }

    fn climb(
        &mut self,
        parts: &mut std::iter::Peekable<std::vec::IntoIter<Part>>,
        loosest: Level,
        whole: Span,
    ) -> Expr {
        let mut left = match parts.next() {
            Some(Part::Operand(expr)) => expr,
            // `not a == b` is `not (a == b)`.
            Some(Part::Prefix(op @ UnaryOp::Not, span)) => {
                let value = self.climb(parts, loosest.max(Level::Comparison), whole);
                unary(op, span, value)
            }
            Some(Part::Prefix(op @ UnaryOp::Neg, span)) => {
                let value = self.climb(parts, Level::Prefix, whole);
                unary(op, span, value)
            }
            _ => return error(whole),
        };
        let mut compared: Option<(Span, Span)> = None;
        while let Some((op, op_span, negated)) =
            parts.peek().and_then(|p| if let Part::Infix(op, s, n) = p { Some((*op, *s, *n)) } else { None })
        {
            let level = level(op);
            if level < loosest {
                break;
            }
            parts.next();
            let right = self.climb(parts, level.tighter(), whole);
            let span = left.span.to(right.span);
            if level == Level::Comparison {
                if let Some((first, middle)) = compared {
                    self.chained(first, op_span, left.span, middle, right.span);
                    left = error(span);
                    continue;
                }
                compared = Some((op_span, right.span));
            } else {
                compared = None;
            }
            left = Expr {
                kind: ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) },
                span,
            };
            // `a not in b` is `not (a in b)`.
            if negated {
                left = Expr { kind: ExprKind::Unary { op: UnaryOp::Not, value: Box::new(left) }, span };
            }
        }
        left
    }

    /// `a < b < c`
    fn chained(&mut self, first: Span, second: Span, left: Span, middle: Span, right: Span) {
        let help = format!(
            "Write `{} and {} {} {}`.",
            self.source(left),
            self.source(middle),
            self.source(second),
            self.source(right),
        );
        self.report(
            Diagnostic::error(codes::P1013, place(second), "comparisons do not chain")
                .here("the second comparison")
                .label(place(first), "the first one")
                .note("A comparison gives a `Bool`, and that is not compared with the third value.")
                .help(help),
        );
    }
}

/// What stands between each `else`.
pub(super) fn split_at_else<'i>(nodes: impl IntoIterator<Item = Node<'i>>) -> Vec<Vec<Node<'i>>> {
    let mut chains = vec![Vec::new()];
    for node in nodes {
        match chains.last_mut() {
            Some(chain) if node.as_rule() != Rule::else_mark => chain.push(node),
            _ => chains.push(Vec::new()),
        }
    }
    chains
}

fn unary(op: UnaryOp, span: Span, value: Expr) -> Expr {
    let span = span.to(value.span);
    match (op, value.kind) {
        // The smallest number has no positive of its own.
        (UnaryOp::Neg, ExprKind::Int(i64::MIN)) => Expr { kind: ExprKind::Int(i64::MIN), span },
        (_, kind) => {
            let value = Box::new(Expr { kind, span: value.span });
            Expr { kind: ExprKind::Unary { op, value }, span }
        }
    }
}

fn level(op: BinaryOp) -> Level {
    match op {
        BinaryOp::Or => Level::Or,
        BinaryOp::And => Level::And,
        BinaryOp::Add | BinaryOp::Sub => Level::Sum,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => Level::Product,
        _ => Level::Comparison,
    }
}

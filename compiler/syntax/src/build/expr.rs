//! Statements and expressions.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};

use super::{Build, Node, listed, place};
use crate::ast::{Arg, Block, Expr, ExprKind, Name, Span, Stmt, StmtKind, Term, Wait};
use crate::grammar::Rule;
use crate::stream::{MAX_DEPTH, too_deep};
use crate::token::TokenKind;

impl Build<'_> {
    pub(super) fn block(&mut self, node: Node<'_>) -> Block {
        let span = self.span(&node);
        Block { stmts: listed(node.into_inner().map(|s| self.stmt(s))), span }
    }

    fn stmt(&mut self, node: Node<'_>) -> Stmt {
        let span = self.span(&node);
        if node.as_rule() != Rule::let_stmt {
            if let Some(name) = self.name_before_assign(&node) {
                return self.assigned(node, name);
            }
            if let Some(path) = self.path_before_assign(&node) {
                return self.assigned_to_field(&node, path);
            }
            return Stmt { kind: StmtKind::Expr(self.expr(node)), span };
        }
        let (mut name, mut ty, mut value) = (Name { text: "_".into(), span }, None, None);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::binding => name = self.name(&part),
                Rule::annotation => ty = part.into_inner().next().map(|t| Box::new(self.type_expr(t))),
                _ => value = Some(self.expr(part)),
            }
        }
        let value = value.unwrap_or_else(|| error(span));
        Stmt { kind: StmtKind::Let { name, ty, value }, span }
    }

    /// Any expression: with `else`, with operators, or an operand.
    pub(crate) fn expr(&mut self, node: Node<'_>) -> Expr {
        match node.as_rule() {
            Rule::expr | Rule::h_expr | Rule::chain => self.flat(node),
            Rule::guard_cond => {
                let chains: Vec<Vec<Node<'_>>> =
                    node.into_inner().map(|c| c.into_inner().collect()).collect();
                self.deeper(chains.len().saturating_sub(1), |b| b.elses(chains)).unwrap_or_else(error)
            }
            _ => self.operand(node),
        }
    }

    /// `a else b`, where the first chain is built already.
    pub(super) fn elses_behind(&mut self, first: Expr, chains: Vec<Vec<Node<'_>>>) -> Result<Expr, Span> {
        if chains.is_empty() {
            return Ok(first);
        }
        let arm = self.deeper(chains.len(), |b| b.elses(chains))?;
        let span = first.span.to(arm.span);
        Ok(Expr { kind: ExprKind::Else { value: Box::new(first), arm: Box::new(arm) }, span })
    }

    /// Builds what nests by `levels`; the place of it when that is too deep.
    pub(super) fn deeper<T>(
        &mut self,
        levels: usize,
        build: impl FnOnce(&mut Self) -> Result<T, Span>,
    ) -> Result<T, Span> {
        self.depth += levels;
        self.deepest = self.deepest.max(self.depth);
        let built = build(self);
        self.depth -= levels;
        built
    }

    pub(super) fn check_depth(&mut self, span: Span) -> Result<(), Span> {
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        // Once for the whole: what is nested inside is not built.
        let said = self.diagnostics.iter().any(|d| d.code == codes::P1015 && overlaps(d.place(), span));
        if !said {
            self.report(too_deep(place(span)));
        }
        Err(span)
    }

    /// `a else b else c` is `a else (b else c)`.
    pub(super) fn elses(&mut self, chains: Vec<Vec<Node<'_>>>) -> Result<Expr, Span> {
        let mut built = Vec::with_capacity(chains.len());
        for chain in chains {
            let span = self.round(&chain);
            self.check_depth(span)?;
            built.push(self.operators(chain, span));
        }
        let mut arms = built.into_iter().rev();
        let mut expr = arms.next().ok_or_else(Span::default)?;
        for value in arms {
            let span = value.span.to(expr.span);
            expr = Expr { kind: ExprKind::Else { value: Box::new(value), arm: Box::new(expr) }, span };
        }
        Ok(expr)
    }

    /// What is no expression of its own: a value by itself, or with the fields, calls and conversions that follow it.
    pub(super) fn operand(&mut self, node: Node<'_>) -> Expr {
        if !matches!(node.as_rule(), Rule::postfixed | Rule::done) {
            return self.primary(node);
        }
        let mut inner = node.into_inner();
        let Some(first) = inner.next() else { return error(self.span(&node)) };
        if inner.is_empty() {
            return self.primary(first);
        }
        let whole = self.span(&node);
        self.with_postfixes(first, inner, whole)
    }

    /// A primary expression, and what follows it.
    pub(super) fn with_postfixes<'i>(
        &mut self,
        first: Node<'i>,
        postfixes: impl ExactSizeIterator<Item = Node<'i>>,
        whole: Span,
    ) -> Expr {
        // What comes last is the outermost: the value is deepest, and arguments as deep as their call.
        let mut inside = postfixes.len();
        let value = self.deeper(inside, |b| b.check_depth(whole).map(|()| b.primary(first)));
        let mut expr = match value {
            Ok(value) => value,
            Err(span) => return error(span),
        };
        for postfix in postfixes {
            inside = inside.saturating_sub(1);
            self.depth += inside;
            self.deepest = self.deepest.max(self.depth);
            expr = self.postfix(expr, postfix);
            self.depth -= inside;
        }
        expr
    }

    fn postfix(&mut self, base: Expr, node: Node<'_>) -> Expr {
        let span = base.span.to(self.span(&node));
        let rule = node.as_rule();
        if rule == Rule::call {
            let args = listed(node.into_inner().map(|a| self.arg(a)));
            return Expr { kind: ExprKind::Call { callee: Box::new(base), args }, span };
        }
        if rule == Rule::record_body {
            let name = Name { text: self.source(base.span).into(), span: base.span };
            return Expr {
                kind: ExprKind::Record { name: Box::new(name), fields: self.record_entries(node) },
                span,
            };
        }
        if !matches!(
            rule,
            Rule::field_access | Rule::optional_access | Rule::index | Rule::conversion | Rule::try_mark
        ) {
            return Expr { kind: self.suffix(base, node), span };
        }
        let base = Box::new(base);
        let kind = match (rule, node.into_inner().next()) {
            (Rule::field_access | Rule::optional_access, Some(name)) => {
                ExprKind::Field { base, name: self.name(&name), optional: rule == Rule::optional_access }
            }
            (Rule::index, Some(index)) => ExprKind::Index { base, index: Box::new(self.expr(index)) },
            (Rule::conversion, Some(ty)) => ExprKind::As { value: base, ty: Box::new(self.type_expr(ty)) },
            _ => ExprKind::Try(base),
        };
        Expr { kind, span }
    }

    /// What a call says of itself: `retry 3`, `for 4h`.
    fn suffix(&mut self, base: Expr, node: Node<'_>) -> ExprKind {
        let (rule, word, call) = (node.as_rule(), self.keyword(&node), Box::new(base));
        let mut inner = node.into_inner();
        let term = match (rule, inner.next()) {
            (Rule::retry_suffix, Some(times)) => Term::Retry {
                times: Box::new(self.operand(times)),
                backoff: inner.next().map(|b| Box::new(self.operand(b))),
            },
            (Rule::timeout_suffix, Some(time)) => Term::Timeout(Box::new(self.operand(time))),
            (Rule::for_suffix, Some(time)) => Term::For(Box::new(self.operand(time))),
            (Rule::irreversible_suffix, Some(reason)) => Term::Irreversible(Box::new(self.nested(reason))),
            _ => return ExprKind::NotYet { what: word, inner: Some(call) },
        };
        ExprKind::OnTerms { call, word: Box::new(word), term: Box::new(term) }
    }

    pub(super) fn arg(&mut self, node: Node<'_>) -> Arg {
        let span = self.span(&node);
        let rule = node.as_rule();
        if !matches!(rule, Rule::lambda | Rule::named) {
            if let Some(name) = self.name_before_assign(&node) {
                return self.named_by_assign(node, name);
            }
            return Arg { name: None, value: self.expr(node) };
        }
        let mut inner = node.into_inner();
        let (Some(name), Some(value)) = (inner.next(), inner.next()) else {
            return Arg { name: None, value: error(span) };
        };
        let name = self.name(&name);
        let value = self.nested(value);
        if rule == Rule::named {
            return Arg { name: Some(name), value };
        }
        Arg {
            name: None,
            value: Expr { kind: ExprKind::Lambda { param: name, body: Box::new(value) }, span },
        }
    }

    /// An expression one level further in.
    pub(super) fn nested(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(&node);
        self.deeper(1, |b| b.check_depth(span).map(|()| b.expr(node))).unwrap_or_else(error)
    }

    pub(super) fn primary(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::string => return self.string(node),
            Rule::literal | Rule::count | Rule::span => return self.literal(&node),
            Rule::boolean => ExprKind::Bool(self.kind(&node) == Some(TokenKind::True)),
            Rule::none => ExprKind::None,
            Rule::plain | Rule::name | Rule::length_name | Rule::span_name => {
                ExprKind::Name(self.source(span).into())
            }
            Rule::paren => match node.into_inner().next() {
                // The parentheses leave nothing but their place.
                Some(inner) => self.nested(inner).kind,
                None => ExprKind::Error,
            },
            Rule::list => ExprKind::List(listed(node.into_inner().map(|e| self.nested(e)))),
            Rule::object | Rule::empty_object => self.object(node),
            Rule::block => {
                let built = self.deeper(1, |b| b.check_depth(span).map(|()| b.block(node)));
                built.map_or(ExprKind::Error, ExprKind::Block)
            }
            Rule::if_expr => return self.if_expr(node),
            Rule::match_expr => self.match_expr(node),
            Rule::for_expr => self.for_expr(node),
            Rule::do_expr => match node.into_inner().next() {
                Some(call) => ExprKind::Do(Box::new(self.operand(call))),
                None => ExprKind::Error,
            },
            Rule::step_expr => self.step_expr(node),
            Rule::rollback_expr => ExprKind::Rollback { because: self.because(node.into_inner().next()) },
            Rule::wait_expr => self.wait(node).unwrap_or(ExprKind::Error),
            Rule::ask_expr => self.ask(node).unwrap_or(ExprKind::Error),
            Rule::approve_expr => self.approve(node).unwrap_or(ExprKind::Error),
            Rule::close_expr
            | Rule::set_expr
            | Rule::note_expr
            | Rule::reveal_expr
            | Rule::route_expr
            | Rule::hand_expr => self.act_expr(node).unwrap_or(ExprKind::Error),
            _ => ExprKind::Error,
        };
        Expr { kind, span }
    }

    /// What changes the case or ends the run.
    fn act_expr(&mut self, node: Node<'_>) -> Option<ExprKind> {
        let rule = node.as_rule();
        let mut inner = node.into_inner();
        let first = inner.next()?;
        Some(match rule {
            Rule::note_expr => ExprKind::Note(Box::new(self.nested(first))),
            Rule::reveal_expr => {
                let value = Box::new(self.nested(first));
                ExprKind::Reveal { value, because: self.because(inner.next()) }
            }
            Rule::set_expr => {
                let field = self.name(&first);
                let value = Box::new(self.nested(inner.next()?));
                ExprKind::Set { field: Box::new(field), value, because: self.because(inner.next()) }
            }
            Rule::close_expr => {
                ExprKind::Close { class: self.name(&first), because: self.because(inner.next()) }
            }
            Rule::route_expr => {
                ExprKind::Route { to: Box::new(self.target(first)?), because: self.because(inner.next()) }
            }
            _ => {
                ExprKind::HandOver { to: Box::new(self.target(first)?), because: self.because(inner.next()) }
            }
        })
    }

    fn wait(&mut self, node: Node<'_>) -> Option<ExprKind> {
        let mut inner = node.into_inner();
        let mut wait = Wait { what: self.operand(inner.next()?), every: None, until: None, within: None };
        for clause in inner {
            let keyword = self.keyword(&clause);
            let rule = clause.as_rule();
            let value = clause.into_inner().next().map(|v| match rule {
                Rule::until => self.nested(v),
                _ => self.operand(v),
            });
            let place = match rule {
                Rule::every => &mut wait.every,
                Rule::until => &mut wait.until,
                _ => &mut wait.within,
            };
            let second = std::mem::replace(place, value).is_some();
            if second {
                let text = format!("`{}` is written twice", keyword.text);
                self.report(
                    Diagnostic::error(codes::P1018, super::place(keyword.span), text).here("the second one"),
                );
            }
        }
        Some(ExprKind::Wait(Box::new(wait)))
    }

    fn because(&mut self, node: Option<Node<'_>>) -> Option<Box<Expr>> {
        let reason = node?.into_inner().next()?;
        Some(Box::new(self.nested(reason)))
    }

    pub(super) fn negative(&mut self, literal: &Node<'_>, span: Span) -> Expr {
        let expr = self.literal(literal);
        let kind = match expr.kind {
            ExprKind::Int(i) => ExprKind::Int(i.wrapping_neg()),
            ExprKind::Float(f) => ExprKind::Float(-f),
            ExprKind::Duration(d) => ExprKind::Duration(-d),
            ExprKind::Error => ExprKind::Error,
            _ => {
                self.report(
                    Diagnostic::error(codes::P1001, place(span), "only a number has a negative")
                        .here("not a number"),
                );
                ExprKind::Error
            }
        };
        Expr { kind, span }
    }

    fn for_expr(&mut self, node: Node<'_>) -> ExprKind {
        let mut inner = node.into_inner();
        match (inner.next(), inner.next(), inner.next()) {
            (Some(var), Some(list), Some(body)) => {
                let span = self.span(&body);
                let (var, list) = (self.name(&var), Box::new(self.nested(list)));
                match self.deeper(1, |b| b.check_depth(span).map(|()| b.block(body))) {
                    Ok(body) => ExprKind::For { var: Box::new(var), list, body: Box::new(body) },
                    Err(_) => ExprKind::Error,
                }
            }
            _ => ExprKind::Error,
        }
    }

    fn step_expr(&mut self, node: Node<'_>) -> ExprKind {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let (Some(name), Some(body)) = (inner.next(), inner.next()) else { return ExprKind::Error };
        let name = self.name(&name);
        let built = self.deeper(1, |b| {
            b.check_depth(span)?;
            Ok((Box::new(b.block(body)), inner.next().map(|other| Box::new(b.block(other)))))
        });
        match built {
            Ok((body, other)) => ExprKind::Step { name: Box::new(name), body, other },
            Err(_) => ExprKind::Error,
        }
    }
}

pub(super) fn error(span: Span) -> Expr {
    Expr { kind: ExprKind::Error, span }
}

fn overlaps(place: Place, span: Span) -> bool {
    place.file == span.file && place.start < span.end && span.start < place.end
}

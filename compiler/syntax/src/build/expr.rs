//! Statements and expressions.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};

use super::{Build, Node, place};
use crate::ast::{
    Arg, Arm, Block, Capture, Cond, Expr, ExprKind, Name, Pattern, PatternKind, Span, Stmt, StmtKind,
    StrPart, Term, Wait,
};
use crate::grammar::Rule;
use crate::stream::{MAX_DEPTH, too_deep};
use crate::token::TokenKind;

impl Build<'_> {
    pub(super) fn block(&mut self, node: Node<'_>) -> Block {
        let span = self.span(&node);
        Block { stmts: node.into_inner().map(|s| self.stmt(s)).collect(), span }
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
                Rule::annotation => ty = part.into_inner().next().map(|t| self.type_expr(t)),
                _ => value = Some(self.expr(part)),
            }
        }
        let value = value.unwrap_or_else(|| error(span));
        Stmt { kind: StmtKind::Let { name, ty, value }, span }
    }

    /// Any expression: with `else`, with operators, or an operand.
    pub(crate) fn expr(&mut self, node: Node<'_>) -> Expr {
        match node.as_rule() {
            Rule::expr | Rule::h_expr | Rule::guard_cond => {
                let whole = node.as_span();
                let mut inner = node.into_inner();
                // Most have no `else`, no operator, nothing after the operand: no list is made for them.
                let Some(first) = inner.next() else { return error(self.span_of(whole)) };
                if inner.is_empty() {
                    return self.chain(first);
                }
                let chains: Vec<Node<'_>> = std::iter::once(first).chain(inner).collect();
                self.deeper(chains.len().saturating_sub(1), |b| b.elses(chains)).unwrap_or_else(error)
            }
            Rule::chain | Rule::h_chain => self.chain(node),
            _ => self.operand(node),
        }
    }

    /// `a else b`, where the first chain is built already.
    pub(super) fn elses_behind(&mut self, first: Expr, chains: Vec<Node<'_>>) -> Result<Expr, Span> {
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
    fn elses(&mut self, chains: Vec<Node<'_>>) -> Result<Expr, Span> {
        let mut built = Vec::with_capacity(chains.len());
        for chain in chains {
            self.check_depth(self.span(&chain))?;
            built.push(self.chain(chain));
        }
        let mut arms = built.into_iter().rev();
        let mut expr = arms.next().ok_or_else(Span::default)?;
        for value in arms {
            let span = value.span.to(expr.span);
            expr = Expr { kind: ExprKind::Else { value: Box::new(value), arm: Box::new(expr) }, span };
        }
        Ok(expr)
    }

    /// An operand with what follows it: fields, calls, conversions.
    pub(super) fn operand(&mut self, node: Node<'_>) -> Expr {
        if !matches!(node.as_rule(), Rule::operand | Rule::h_operand | Rule::postfixed | Rule::done) {
            return self.primary(node);
        }
        let whole = node.as_span();
        let mut inner = node.into_inner();
        let Some(first) = inner.next() else { return error(self.span_of(whole)) };
        if inner.is_empty() {
            return self.primary(first);
        }
        let whole = self.span_of(whole);
        let postfixes: Vec<Node<'_>> = inner.collect();
        // What comes last is the outermost: the value is deepest, and arguments as deep as their call.
        let mut inside = postfixes.len();
        let value = self.deeper(inside, |b| b.check_depth(whole).map(|()| b.primary(first)));
        let mut expr = match value {
            Ok(value) => value,
            Err(span) => return error(span),
        };
        for postfix in postfixes {
            inside -= 1;
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
            let args = node.into_inner().map(|a| self.arg(a)).collect();
            return Expr { kind: ExprKind::Call { callee: Box::new(base), args }, span };
        }
        if rule == Rule::record_body {
            let name = Name { text: self.source(base.span).to_string(), span: base.span };
            return Expr { kind: ExprKind::Record { name, fields: self.record_entries(node) }, span };
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
        ExprKind::OnTerms { call, word, term: Box::new(term) }
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

    fn primary(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::string => return self.string(node),
            Rule::literal | Rule::count | Rule::span => return self.literal(&node),
            Rule::boolean => ExprKind::Bool(self.kind(&node) == Some(TokenKind::True)),
            Rule::none => ExprKind::None,
            Rule::name | Rule::length_name | Rule::span_name => ExprKind::Name(self.source(span).to_string()),
            Rule::paren => match node.into_inner().next() {
                // The parentheses leave nothing but their place.
                Some(inner) => self.nested(inner).kind,
                None => ExprKind::Error,
            },
            Rule::list => ExprKind::List(node.into_inner().map(|e| self.nested(e)).collect()),
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
                ExprKind::Set { field, value, because: self.because(inner.next()) }
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

    fn if_expr(&mut self, node: Node<'_>) -> Expr {
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
        let at = (node.as_span().start() / 2).checked_sub(1).and_then(|i| self.symbols.get(i));
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

    fn match_expr(&mut self, node: Node<'_>) -> ExprKind {
        let mut inner = node.into_inner();
        let Some(value) = inner.next().map(|v| Box::new(self.nested(v))) else { return ExprKind::Error };
        ExprKind::Match { value, arms: inner.map(|a| self.arm(a)).collect() }
    }

    /// An arm that was reported takes whatever the others do not, and says nothing.
    fn arm(&mut self, node: Node<'_>) -> Arm {
        let span = self.span(&node);
        let (mut patterns, mut body) = (Vec::new(), None);
        for part in node.into_inner() {
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
                    Ok(body) => ExprKind::For { var, list, body: Box::new(body) },
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
            Ok((body, other)) => ExprKind::Step { name, body, other },
            Err(_) => ExprKind::Error,
        }
    }

    /// `id: x` of a record; those that were reported are left out.
    pub(super) fn record_entries(&mut self, node: Node<'_>) -> Vec<(Name, Expr)> {
        node.into_inner().filter_map(|e| self.entry(e)).collect()
    }

    /// The JSON of a request or a map; a map where a key is neither a word nor a text.
    fn object(&mut self, node: Node<'_>) -> ExprKind {
        let is_plain = |b: &Self, entry: &Node<'_>| {
            let key = entry.clone().into_inner().next();
            key.is_none_or(|key| {
                b.kind(&key) == Some(TokenKind::StrStart)
                    || key.clone().into_inner().count() == 1
                        && key.into_inner().all(|k| k.as_rule() == Rule::word)
            })
        };
        if node.clone().into_inner().all(|entry| is_plain(self, &entry)) {
            return ExprKind::Object(self.object_entries(node));
        }
        ExprKind::Map(node.into_inner().filter_map(|entry| self.map_pair(entry)).collect())
    }

    fn map_pair(&mut self, node: Node<'_>) -> Option<(Expr, Expr)> {
        let mut inner = node.into_inner();
        let key = inner.next()?;
        let span = self.span(&key);
        let kind = if self.kind(&key) == Some(TokenKind::StrStart) {
            let text = self.text_key(&key).text;
            ExprKind::Str(if text.is_empty() { Vec::new() } else { vec![StrPart::Text(text)] })
        } else {
            let mut parts = key.into_inner();
            match (parts.next(), parts.next()) {
                (Some(number), _) if number.as_rule() == Rule::number => {
                    self.negative(&number.into_inner().next()?, span).kind
                }
                (Some(literal), _) if literal.as_rule() == Rule::literal => self.literal(&literal).kind,
                (Some(of), Some(name)) => ExprKind::Field {
                    base: Box::new(Expr { kind: ExprKind::Name(self.name(&of).text), span: self.span(&of) }),
                    name: self.name(&name),
                    optional: false,
                },
                (Some(word), None) => word_key(self.name(&word).text),
                (None, _) => ExprKind::Error,
            }
        };
        Some((Expr { kind, span }, self.nested(inner.next()?)))
    }

    /// `a: x` or `"b": y` of a JSON object.
    pub(super) fn object_entries(&mut self, node: Node<'_>) -> Vec<(Name, Expr)> {
        node.into_inner().filter_map(|e| self.entry(e)).collect()
    }

    fn entry(&mut self, node: Node<'_>) -> Option<(Name, Expr)> {
        let mut inner = node.into_inner();
        let key = inner.next()?;
        let name =
            if self.kind(&key) == Some(TokenKind::StrStart) { self.text_key(&key) } else { self.name(&key) };
        Some((name, self.nested(inner.next()?)))
    }

    fn text_key(&mut self, key: &Node<'_>) -> Name {
        let span = self.span(key);
        let parts = self.string_parts(key.clone());
        let text =
            parts.into_iter().filter_map(|p| if let StrPart::Text(t) = p { Some(t) } else { None }).collect();
        Name { text, span }
    }
}

fn word_key(word: String) -> ExprKind {
    match word.as_str() {
        "true" => ExprKind::Bool(true),
        "false" => ExprKind::Bool(false),
        _ => ExprKind::Name(word),
    }
}

pub(super) fn error(span: Span) -> Expr {
    Expr { kind: ExprKind::Error, span }
}

fn overlaps(place: Place, span: Span) -> bool {
    place.file == span.file && place.start < span.end && span.start < place.end
}

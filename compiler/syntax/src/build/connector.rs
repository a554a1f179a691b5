//! Connectors: a flat list of lines becomes actions with their clauses.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;

use super::{Build, Node, place};
use crate::ast::{
    ActionDecl, Arg, AuthDecl, ConnectorDecl, EventDecl, ExpectDecl, Expr, Grant, Name, RetryDecl, Span,
    VerifyDecl,
};
use crate::grammar::Rule;

/// To what the clauses that come next belong.
enum At {
    /// The connector itself.
    Connector,
    /// The last action.
    Action,
    /// The last event.
    Event,
    /// An action whose head was reported; its clauses say nothing.
    Broken,
}

impl Build<'_> {
    pub(super) fn connector_item(&mut self, node: Node<'_>) -> Option<ConnectorDecl> {
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let mut c = ConnectorDecl {
            name,
            config: Vec::new(),
            auth: None,
            limit: None,
            actions: Vec::new(),
            events: Vec::new(),
        };
        let mut at = At::Connector;
        for part in inner {
            match part.as_rule() {
                Rule::config_block => {
                    c.config.extend(part.into_inner().next().map(|f| self.fields(f)).unwrap_or_default());
                }
                Rule::auth => self.auth(part, &mut c),
                Rule::conn_limit => self.connector_limit(part, &mut c),
                Rule::action_head => {
                    c.actions.extend(self.action_head(part));
                    at = At::Action;
                }
                Rule::broken_head => at = At::Broken,
                Rule::event_head => {
                    c.events.extend(self.event_head(part));
                    at = At::Event;
                }
                Rule::error => {
                    if let (At::Action, Some(action)) = (&at, c.actions.last_mut()) {
                        action.broken = true;
                    }
                }
                _ => match (&at, c.actions.last_mut(), c.events.last_mut()) {
                    (At::Broken, ..) => {}
                    (At::Action, Some(action), _) => self.clause(part, action),
                    (At::Event, _, Some(event)) => self.event_clause(part, event),
                    _ => self.misplaced(&part),
                },
            }
        }
        Some(c)
    }

    fn misplaced(&mut self, part: &Node<'_>) {
        let keyword = self.keyword(part);
        let at = place(self.span(part));
        self.report(
            Diagnostic::error(
                codes::P1001,
                at,
                format!("`{}` belongs to an action, and none begins before it", keyword.text),
            )
            .here("before the first action")
            .help("Write it below the `read` or `write` that it is part of."),
        );
    }

    fn auth(&mut self, node: Node<'_>, c: &mut ConnectorDecl) {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let Some(scheme) = inner.next() else { return };
        let auth = if scheme.as_rule() == Rule::oauth2 {
            let Some(auth) = self.oauth2(scheme, span) else { return };
            auth
        } else {
            let scheme = self.name(&scheme);
            AuthDecl { scheme, args: inner.map(|a| self.operand(a)).collect(), grant: None, span }
        };
        if let Some(first) = &c.auth {
            let first = place(first.span);
            self.report(
                Diagnostic::error(codes::P1018, place(span), "a connector has one `auth`")
                    .here("the second one")
                    .label(first, "the first one"),
            );
        } else {
            c.auth = Some(auth);
        }
    }

    /// `oauth2 client_credentials(POST "/oauth2/token", config.client_id, config.client_secret, scope: "…")`
    fn oauth2(&mut self, node: Node<'_>, span: Span) -> Option<AuthDecl> {
        let scheme = self.keyword(&node);
        let mut inner = node.into_inner();
        let (kind, method, place) = (inner.next()?, inner.next()?, inner.next()?);
        let (kind, method) = (self.name(&kind), self.name(&method));
        let (mut args, mut named) = (vec![self.operand(place)], Vec::new());
        for arg in inner {
            match self.arg(arg) {
                Arg { name: Some(name), value } => named.push((name, value)),
                Arg { name: None, value } => args.push(value),
            }
        }
        Some(AuthDecl { scheme, args, grant: Some(Grant { kind, method, named }), span })
    }

    /// `limit 100 per 1m`
    fn connector_limit(&mut self, node: Node<'_>, c: &mut ConnectorDecl) {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let (Some(count), Some(per)) = (inner.next(), inner.next()) else { return };
        let limit = (self.operand(count), self.operand(per));
        if c.limit.replace(limit).is_some() {
            self.report(
                Diagnostic::error(codes::P1018, place(span), "a connector has one `limit`")
                    .here("the second one"),
            );
        }
    }

    fn action_head(&mut self, node: Node<'_>) -> Option<ActionDecl> {
        let (doc, span) = (self.doc(&node), self.span(&node));
        let mut inner = node.into_inner();
        let write = self.kind(&inner.next()?) == Some(crate::token::TokenKind::Write);
        let name = self.name(&inner.next()?);
        let params = self.params(inner.next()?);
        let result = self.type_expr(inner.next()?);
        let labels = inner.map(|label| self.name(&label)).collect();
        Some(ActionDecl {
            doc,
            write,
            broken: false,
            name,
            params,
            result,
            labels,
            method: None,
            path: None,
            query: Vec::new(),
            headers: Vec::new(),
            json: None,
            expect: Vec::new(),
            timeout: None,
            undo: None,
            undo_when: None,
            snapshot: None,
            irreversible: None,
            verify: None,
            idempotent: None,
            class: None,
            fails: Vec::new(),
            cache: None,
            retry: None,
            span,
        })
    }

    fn event_head(&mut self, node: Node<'_>) -> Option<EventDecl> {
        let (doc, span) = (self.doc(&node), self.span(&node));
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let params = self.params(inner.next()?);
        let result = self.type_expr(inner.next()?);
        Some(EventDecl { doc, name, params, result, accept: None, matches: Vec::new(), span })
    }

    fn event_clause(&mut self, node: Node<'_>, event: &mut EventDecl) {
        let span = self.span(&node);
        event.span = event.span.to(span);
        let rule = node.as_rule();
        let keyword = self.keyword(&node);
        let mut inner = node.into_inner();
        match (rule, inner.next()) {
            (Rule::event_accept, Some(condition)) => {
                let condition = self.expr(condition);
                let gives = inner.next().and_then(|gives| gives.into_inner().next());
                let gives = gives.map(|gives| self.expr(gives));
                if event.accept.replace((condition, gives)).is_some() {
                    let text = format!("`accept` is written twice in the event `{}`", event.name.text);
                    let help = "Put them together with `and`.";
                    self.report(
                        Diagnostic::error(codes::P1018, place(span), text).here("the second one").help(help),
                    );
                }
            }
            (Rule::event_match, Some(name)) => {
                let Some(value) = inner.next() else { return };
                event.matches.push((self.name(&name), self.expr(value)));
            }
            (Rule::event_accept | Rule::event_match, None) => {}
            _ => self.report(
                Diagnostic::error(
                    codes::P1001,
                    place(span),
                    format!("`{}` belongs to an action, and `{}` is an event", keyword.text, event.name.text),
                )
                .here("nothing is asked for an event: it comes")
                .help("An event has `accept` and `match`."),
            ),
        }
    }

    fn of_an_event(&mut self, word: &Name, span: Span) {
        self.report(
            Diagnostic::error(codes::P1001, place(span), format!("`{}` belongs to an event", word.text))
                .here("and this is an action")
                .help("What comes by itself is declared as `event NAME(…) -> …`."),
        );
    }

    fn clause(&mut self, node: Node<'_>, action: &mut ActionDecl) {
        let span = self.span(&node);
        action.span = action.span.to(span);
        let rule = node.as_rule();
        let keyword = self.keyword(&node);
        let mut inner = node.into_inner();
        let Some(first) = inner.next() else { return };
        let twice = match rule {
            Rule::request => {
                let path = inner.next().map(|p| self.operand(p));
                let method = self.name(&first);
                let before = action.path.replace(path.unwrap_or_else(|| error(span)));
                action.method = Some(method);
                before.is_some()
            }
            Rule::query => self.entries(first, &mut action.query),
            Rule::headers => self.entries(first, &mut action.headers),
            Rule::json => action.json.replace(self.expr(first)).is_some(),
            Rule::expect => {
                let status = self.literal(&first);
                let value = inner.next().map(|e| self.expr(e));
                action.expect.push(ExpectDecl { status, value, span });
                false
            }
            Rule::cache => action.cache.replace(self.operand(first)).is_some(),
            Rule::timeout => action.timeout.replace(self.operand(first)).is_some(),
            Rule::undo => {
                let when = inner.next().and_then(|w| w.into_inner().next());
                action.undo_when = when.map(|w| self.expr(w));
                action.undo.replace(self.operand(first)).is_some()
            }
            Rule::verify => {
                let mut verify = VerifyDecl { call: self.operand(first), is: None, gives: None };
                for part in inner.by_ref() {
                    let is = part.as_rule() == Rule::verify_is;
                    let e = part.into_inner().next().map(|e| self.expr(e));
                    if is { verify.is = e } else { verify.gives = e }
                }
                action.verify.replace(verify).is_some()
            }
            Rule::irreversible => {
                let reason = first.into_inner().next().map_or_else(|| error(span), |r| self.expr(r));
                action.irreversible.replace(reason).is_some()
            }
            Rule::snapshot => {
                if keyword.text != "snapshot" {
                    return self.no_clause(&keyword);
                }
                let (Some(name), Some(call)) = (inner.next(), inner.next()) else { return };
                let name = self.name(&name);
                action.snapshot.replace((name, self.operand(call))).is_some()
            }
            Rule::idempotent => action.idempotent.replace(self.operand(first)).is_some(),
            Rule::class => action.class.replace(self.name(&first)).is_some(),
            Rule::fails => {
                let twice = !action.fails.is_empty();
                action.fails.extend(std::iter::once(first).chain(inner).map(|n| self.name(&n)));
                twice
            }
            Rule::event_accept | Rule::event_match => return self.of_an_event(&keyword, span),
            _ => {
                let times = self.operand(first);
                let backoff = inner.next().map(|b| self.operand(b));
                action.retry.replace(RetryDecl { times, backoff, span }).is_some()
            }
        };
        if twice {
            let text = format!("`{}` is written twice in the action `{}`", keyword.text, action.name.text);
            self.report(Diagnostic::error(codes::P1018, place(span), text).here("the second one"));
        }
    }

    /// `word name = …`, where the word is not `snapshot`.
    fn no_clause(&mut self, word: &Name) {
        let text = format!("`{}` is no clause of an action", word.text);
        self.report(
            Diagnostic::error(codes::P1001, place(word.span), text)
                .here("not known")
                .help("What is kept for `undo` is written `snapshot NAME = READ(…)`."),
        );
    }

    /// The entries of `query { … }` or `header { … }`; whether there were some before.
    fn entries(&mut self, node: Node<'_>, to: &mut Vec<(Name, Expr)>) -> bool {
        let twice = !to.is_empty();
        to.extend(self.object_entries(node));
        twice
    }
}

fn error(span: Span) -> Expr {
    Expr { kind: crate::ast::ExprKind::Error, span }
}

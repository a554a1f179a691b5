//! Events of connectors: which records they are, to what they happened, and what they give.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::Type;
use play_syntax::ast::{EventDecl, Expr, ItemKind, Span};

use crate::body::{BodyCx, Kind, Role, Why};
use crate::context::{Context, place};
use crate::names::rename;
use crate::typed::{self, Body, Event};

impl Context<'_> {
    /// Checks all events, in the order of their signatures.
    pub(crate) fn event_bodies(&mut self) -> Vec<Event> {
        let files = self.files;
        let mut events = Vec::new();
        for item in files.iter().flat_map(|f| &f.tree.items) {
            if let ItemKind::Connector(decl) = &item.kind {
                for event in &decl.events {
                    // One that is wrong is reported, and its place is kept.
                    let spec = self.events.get(events.len()).cloned();
                    if let Some(spec) = spec {
                        events.push(self.event_body(event, spec));
                    }
                }
            }
        }
        events
    }

    fn event_body(&mut self, decl: &EventDecl, spec: play_program::artifact::Event) -> Event {
        let name = spec.full_name();
        self.no_twins("parameter", decl.matches.iter().map(|(n, _)| n));
        let mut misnamed = false;
        for (param, _) in &decl.matches {
            if spec.params.iter().any(|(n, _)| *n == param.text) {
                continue;
            }
            misnamed = true;
            let finding = Diagnostic::error(
                codes::P3011,
                place(param.span),
                format!("the event `{name}` has no parameter `{}`", param.text),
            )
            .here("not declared");
            let near = self.closest(&param.text, spec.params.iter().map(|(n, _)| n.as_str()));
            self.report(match near {
                Some(near) => rename(finding, param.span, near),
                None => finding,
            });
        }
        let mut keys = Vec::new();
        for (param, ty) in &spec.params {
            match decl.matches.iter().find(|(n, _)| n.text == *param) {
                Some((_, value)) => {
                    let why = Why::Param { name: param.clone(), of: name.clone() };
                    keys.push(self.of_record(value, |b, e| b.check(e, ty, &why)));
                }
                // The one that is missing may be the one that was meant.
                None if misnamed => keys.push(nothing()),
                None => {
                    self.event_lacks(
                        decl,
                        &format!("does not say where `{param}` stands in a record"),
                        &format!("Write `match {param} = payload.…?`."),
                    );
                    keys.push(nothing());
                }
            }
        }
        let Some((accept, gives)) = &decl.accept else {
            self.event_lacks(
                decl,
                "does not say which records it is",
                "Write `accept payload.… == \"…\" -> payload.…`.",
            );
            return Event { spec, accept: nothing(), keys, gives: None };
        };
        let accept = self.of_record(accept, |b, e| b.condition(e));
        let at: Span = decl.result.span;
        let gives = match (gives, &spec.result) {
            (Some(gives), result) => Some(self.of_record(gives, |b, e| b.respond(e, result, at))),
            (None, Type::Unit | Type::Option(_)) => None,
            (None, _) => {
                self.event_lacks(
                    decl,
                    "does not say what it gives",
                    "Write it behind `accept`: `-> payload.…`.",
                );
                None
            }
        };
        Event { spec, accept, keys, gives }
    }

    fn event_lacks(&mut self, decl: &EventDecl, what: &str, help: &str) {
        let text = format!("event `{}` {what}", decl.name.text);
        self.report(
            Diagnostic::error(codes::P5010, place(decl.name.span), text).here("not complete").help(help),
        );
    }

    /// A body whose parameter is the record.
    fn of_record(&mut self, e: &Expr, check: impl FnOnce(&mut BodyCx<'_, '_>, &Expr) -> typed::Expr) -> Body {
        let mut body = BodyCx::new(self, Kind::Respond);
        body.param("payload", Type::Json, e.span, Role::Given);
        let expr = check(&mut body, e);
        body.finish(expr)
    }
}

fn nothing() -> Body {
    let kind = typed::ExprKind::Lit(play_program::value::Value::None);
    let expr = typed::Expr { kind, ty: Type::Unit, at: 0, fx: typed::Effects::default() };
    Body { locals: Vec::new(), params: 0, expr }
}

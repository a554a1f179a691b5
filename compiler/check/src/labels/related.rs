//! What an action passes on of what it was given: to the action that takes it back, to the reads round it, and into its own
//! result. The labels of its parameters go with it.

use std::sync::Arc;

use play_program::action::ActionId;
use play_program::types::Type;

use super::flow::{Flow, Label, Way};
use super::walk::{Sink, Walk, Where};
use crate::context::place;
use crate::typed::{ActionCode, Body, Expr, ExprKind, Related};

/// What an action has to do with others, and what it gives.
pub(super) fn bodies(code: &ActionCode) -> impl Iterator<Item = Passed<'_>> {
    let snapshot = code.snapshot.as_ref().map(|s| s.action);
    let undo = code
        .undo
        .iter()
        .map(move |r| Passed::To(r, [Answer::Own, snapshot.map_or(Answer::Nothing, Answer::Of)]));
    let round = code.snapshot.iter().chain(&code.verify).map(|r| Passed::To(r, [Answer::Nothing; 2]));
    let verified = code.verified.iter().map(|r| Passed::Verified(&r.args, r.action));
    let gives = code.respond.iter().flatten().map(Passed::Result);
    undo.chain(round).chain(verified).chain(gives)
}

/// One thing that is passed on.
pub(super) enum Passed<'t> {
    /// The arguments of another action; after its own parameters the body has these answers.
    To(&'t Related, [Answer; 2]),
    /// The result that a verifying read found.
    Verified(&'t Body, ActionId),
    /// The result.
    Result(&'t Body),
}

/// What a body has besides the parameters.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Nothing,
    /// The result of the action itself.
    Own,
    /// The result of another.
    Of(ActionId),
}

impl Passed<'_> {
    /// What the walk goes over.
    pub(super) fn body(&self) -> &Body {
        match self {
            Self::To(related, _) => &related.args,
            Self::Verified(body, _) | Self::Result(body) => body,
        }
    }
}

impl Walk<'_, '_> {
    /// Whether what an action passes on is taken where it goes.
    pub(super) fn passed(&mut self, action: usize, passed: &Passed<'_>) {
        let id = ActionId(crate::names::index(action));
        let body = passed.body();
        self.takes(id, body);
        let own = self.context.actions.get(action).map_or(0, |a| a.params.len());
        let answers = match passed {
            Passed::To(_, answers) => *answers,
            Passed::Verified(_, read) => [Answer::Of(*read), Answer::Nothing],
            Passed::Result(_) => [Answer::Nothing; 2],
        };
        for (more, answer) in answers.into_iter().enumerate() {
            let flow = match answer {
                Answer::Nothing => continue,
                Answer::Own => self.answer(id, body.expr.at),
                Answer::Of(other) => self.answer(other, body.expr.at),
            };
            self.bind(own.saturating_add(more), flow);
        }
        match passed {
            Passed::To(related, _) => {
                if let ExprKind::List(args) = &body.expr.kind {
                    self.given(related.action, args, Where::Related);
                }
            }
            Passed::Verified(..) => {
                if let ExprKind::List(values) = &body.expr.kind {
                    values.iter().for_each(|value| self.gives(id, value));
                }
            }
            Passed::Result(body) => self.gives(id, &body.expr),
        }
    }

    /// The parameters of an action: text from outside, unless they take none; personal, where they may be.
    pub(super) fn takes(&mut self, id: ActionId, body: &Body) {
        let own = self.context.actions.get(id.0 as usize).map_or(0, |a| a.params.len());
        for (param, (name, ty)) in body.locals.iter().take(own).enumerate() {
            let takes = self.context.labels.of_param(id, param);
            let at = self.context.action_place(id).map(place);
            let at = at.unwrap_or_else(|| self.place(body.expr.at));
            let mut flow = Flow::default();
            if !takes.trusted && self.holds_text(ty) {
                let text = format!("`{name}` may be text from outside");
                flow = flow.join(&Flow::from(Label::Untrusted, at, text));
            }
            if takes.pii {
                flow = flow.join(&Flow::from(Label::Pii, at, format!("`{name}` may be `pii`")));
            }
            self.bind(param, flow);
        }
    }

    /// What an action gives of its parameters is declared to be what they are.
    fn gives(&mut self, id: ActionId, value: &Expr) {
        let flow = self.flow(value);
        if self.context.labels.of_result(id).iter().any(|(label, _)| *label == Label::Pii) {
            return;
        }
        if let Some(way) = self.undeclared(&flow, &value.ty) {
            let value = self.culprit(value);
            let at = self.place(value.at);
            self.found.push(Sink { at, label: Label::Pii, way, what: Where::Result(id) });
        }
    }

    /// Of a record that is written out, the value of the field that it is about.
    fn culprit<'e>(&mut self, value: &'e Expr) -> &'e Expr {
        let ExprKind::Record(record, fields) = &value.kind else { return value };
        let names = self.context.types.record(*record).map(|r| r.fields.as_slice()).unwrap_or_default();
        for (field, part) in names.iter().zip(fields) {
            let labels = self.context.labels.of_field(*record, &field.name);
            if labels.iter().any(|(label, _)| *label == Label::Pii) {
                continue;
            }
            let flow = self.flow(part);
            if self.undeclared(&flow, &part.ty).is_some() {
                return self.culprit(part);
            }
        }
        value
    }

    /// Personal data in a value, but for what stands in fields that are declared to hold it.
    fn undeclared(&self, flow: &Flow, ty: &Type) -> Option<Arc<Way>> {
        if let Some(way) = flow.here(Label::Pii) {
            return Some(Arc::clone(way));
        }
        let core = match ty {
            Type::List(of) | Type::Option(of) => of,
            ty => ty,
        };
        let Type::Record(record) = core else {
            return flow.flat().here(Label::Pii).map(Arc::clone);
        };
        let fields = &self.context.types.record(*record)?.fields;
        flow.fields().find_map(|(slot, own)| {
            let field = fields.get(*slot)?;
            let labels = self.context.labels.of_field(*record, &field.name);
            let declared = labels.iter().any(|(label, _)| *label == Label::Pii);
            if declared { None } else { self.undeclared(own, &field.ty) }
        })
    }
}

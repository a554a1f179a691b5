//! Labels: what must not be shown without a reason (`pii`), and text from outside, which never becomes code (`untrusted`).
//!
//! Labels follow the data through the typed program: field by field, through names, lists, options, text and functions. They
//! do not follow decisions: what a branch shows because of a labelled value is not labelled by it.

mod declared;
mod flow;
mod function;
mod related;
mod report;
mod walk;

pub(crate) use declared::Labels;

use std::sync::Arc;

use play_diagnostics::Diagnostic;

use crate::context::Context;
use crate::typed::{ActionCode, Body, Fn, JsonTemplate, Playbook, Source};
use crate::wrong::Wrong;
pub(crate) use function::Summary;
use walk::{Sink, Walk};

impl Context<'_> {
    /// What reaches a place that its labels keep it from; and what each function does to labels.
    pub(crate) fn labelled(
        &self,
        fns: &[Fn],
        actions: &[ActionCode],
        sources: &[Source],
        playbooks: &[Playbook],
        wrong: &Wrong,
    ) -> (Vec<Diagnostic>, Vec<Arc<Summary>>) {
        let sound = |body: &Body| !self.is_wrong_in(body.expr.at, wrong);
        let mut found: Vec<Sink> = Vec::new();
        let summaries = self.summaries(fns);
        for (at, code) in actions.iter().enumerate() {
            let headers = code.headers.iter().chain(&code.query).map(|(_, body)| body);
            let mut bodies: Vec<_> = headers.collect();
            if let Some(json) = &code.json {
                values(json, &mut bodies);
            }
            for body in bodies.into_iter().filter(|body| sound(body)) {
                let mut walk = Walk::new(self, &summaries, &body.locals, None, &mut found);
                walk.request(at, body);
            }
            for passed in related::bodies(code).filter(|passed| sound(passed.body())) {
                let mut walk = Walk::new(self, &summaries, &passed.body().locals, None, &mut found);
                walk.passed(at, &passed);
            }
        }
        // What a configuration holds may be personal: a field that it is written into is so as well.
        for source in sources {
            for (slot, body) in source.map.iter().filter(|(_, body)| sound(body)) {
                let mut walk = Walk::new(self, &summaries, &body.locals, Some(source.case), &mut found);
                walk.mapped(*slot, &body.expr);
            }
        }
        for playbook in playbooks.iter().filter(|p| sound(&p.body)) {
            let mut walk =
                Walk::new(self, &summaries, &playbook.body.locals, Some(playbook.case), &mut found);
            walk.flow(&playbook.body.expr);
        }
        (found.iter().map(|sink| self.barred(sink)).collect(), summaries)
    }

    /// What each function does to labels. One that was not checked again does the same as before, as long as all functions before it do.
    fn summaries(&self, fns: &[Fn]) -> Vec<Arc<Summary>> {
        let mut summaries: Vec<Arc<Summary>> = Vec::new();
        let mut same = true;
        for (at, function) in fns.iter().enumerate() {
            let known = self.memory.as_ref().and_then(|m| m.fns.get(at));
            let before = known.and_then(|k| k.summary.as_ref());
            let again =
                before.filter(|summary| same && known.is_some_and(|k| k.again) && !summary.result.has_come());
            let summary = match again {
                Some(summary) => Arc::clone(summary),
                None => Arc::new(Summary::of(self, &summaries, function)),
            };
            same &= before.is_some_and(|before| summary.is_like(before));
            summaries.push(summary);
        }
        summaries
    }
}

fn values<'t>(json: &'t JsonTemplate, all: &mut Vec<&'t Body>) {
    match json {
        JsonTemplate::Object(members) => members.iter().for_each(|(_, v)| values(v, all)),
        JsonTemplate::List(items) => items.iter().for_each(|v| values(v, all)),
        JsonTemplate::Value(body) => all.push(body),
    }
}

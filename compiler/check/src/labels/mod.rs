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

use play_diagnostics::Diagnostic;

use crate::context::Context;
use crate::typed::{ActionCode, Body, Fn, JsonTemplate, Playbook, Source};
use crate::wrong::Wrong;
use function::Summary;
use walk::{Sink, Walk};

impl Context<'_> {
    /// What reaches a place that its labels keep it from.
    pub(crate) fn labelled(
        &self,
        fns: &[Fn],
        actions: &[ActionCode],
        sources: &[Source],
        playbooks: &[Playbook],
        wrong: &Wrong,
    ) -> Vec<Diagnostic> {
        let sound = |body: &Body| !self.is_wrong_in(body.expr.at, wrong);
        let mut found: Vec<Sink> = Vec::new();
        let mut summaries: Vec<Summary> = Vec::new();
        for function in fns {
            let summary = Summary::of(self, &summaries, function);
            summaries.push(summary);
        }
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
        found.iter().map(|sink| self.barred(sink)).collect()
    }
}

fn values<'t>(json: &'t JsonTemplate, all: &mut Vec<&'t Body>) {
    match json {
        JsonTemplate::Object(members) => members.iter().for_each(|(_, v)| values(v, all)),
        JsonTemplate::List(items) => items.iter().for_each(|v| values(v, all)),
        JsonTemplate::Value(body) => all.push(body),
    }
}

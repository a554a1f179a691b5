//! Labels: what must not be shown without a reason (`pii`), and text from outside, which never becomes code (`untrusted`).
//!
//! Labels follow the data through the typed program: field by field, through names, lists, options, text and functions. They
//! do not follow decisions: what a branch shows because of a labelled value is not labelled by it.

mod declared;
mod flow;
mod function;
mod report;
mod walk;

pub(crate) use declared::Labels;

use crate::context::Context;
use crate::typed::{ActionCode, Fn, JsonTemplate, Playbook, Source};
use function::Summary;
use walk::{Sink, Walk};

impl Context<'_> {
    /// Reports what reaches a place that its labels keep it from.
    pub(crate) fn labelled(
        &mut self,
        fns: &[Fn],
        actions: &[ActionCode],
        sources: &[Source],
        playbooks: &[Playbook],
    ) {
        // What is wrong already makes no sense to reason about.
        if self.errors_since(0) {
            return;
        }
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
            for body in bodies {
                let mut walk = Walk::new(self, &summaries, &body.locals, None, &mut found);
                walk.request(at, body);
            }
        }
        // What a configuration holds may be personal: a field that it is written into is so as well.
        for source in sources {
            for (slot, body) in &source.map {
                let mut walk = Walk::new(self, &summaries, &body.locals, Some(source.case), &mut found);
                walk.mapped(*slot, &body.expr);
            }
        }
        for playbook in playbooks {
            let mut walk =
                Walk::new(self, &summaries, &playbook.body.locals, Some(playbook.case), &mut found);
            walk.flow(&playbook.body.expr);
        }
        for sink in found {
            let finding = self.barred(&sink);
            self.report(finding);
        }
    }
}

fn values<'t>(json: &'t JsonTemplate, all: &mut Vec<&'t crate::typed::Body>) {
    match json {
        JsonTemplate::Object(members) => members.iter().for_each(|(_, v)| values(v, all)),
        JsonTemplate::List(items) => items.iter().for_each(|v| values(v, all)),
        JsonTemplate::Value(body) => all.push(body),
    }
}

//! Playbooks that no test runs, and acts that no test expects, in a project that has tests.

use std::collections::{BTreeMap, BTreeSet};

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{EcoString, Expr, ExprKind, ItemKind, Span, TestDecl, TestStepKind};

use super::walk::{self, Visit};
use crate::context::place;
use crate::project::Loaded;

type Action = (EcoString, EcoString);

pub(super) fn run(own: &[&Loaded], findings: &mut Vec<Diagnostic>) {
    let items = || own.iter().flat_map(|f| &f.tree.items);
    let mut expected: BTreeMap<&str, BTreeSet<Action>> = BTreeMap::new();
    for item in items() {
        let ItemKind::Test(test) = &item.kind else { continue };
        let ran = test.steps.iter().filter_map(|step| match &step.kind {
            TestStepKind::Run(name, _) => Some(name.text.as_str()),
            _ => None,
        });
        for playbook in ran {
            expected.entry(playbook).or_default().extend(named(test));
        }
    }
    if expected.is_empty() {
        return;
    }
    for item in items() {
        let ItemKind::Playbook(playbook) = &item.kind else { continue };
        let name = &playbook.name;
        let Some(expected) = expected.get(name.text.as_str()) else {
            findings.push(
                Diagnostic::warning(codes::P9027, place(name.span), format!("no test runs `{}`", name.text))
                    .here("the project has tests for others")
                    .help("`playc test --paths` prints a test for each of its branches."),
            );
            continue;
        };
        let mut acts = Acts(Vec::new());
        walk::block(&playbook.body, &mut acts);
        let mut said = BTreeSet::new();
        for (action, at) in acts.0 {
            if !expected.contains(&action) && said.insert(action.clone()) {
                let (connector, act) = action;
                findings.push(
                    Diagnostic::warning(
                        codes::P9028,
                        place(at),
                        format!("no test says whether `{connector}.{act}` is done"),
                    )
                    .here(format!("tests run `{}`, and expect nothing of this", name.text))
                    .note("A change that does it once more often, or not at all, passes all tests.")
                    .help(format!(
                        "Add `expect did {connector}.{act}(…)` or `expect never {connector}.{act}` to a test."
                    )),
                );
            }
        }
    }
}

/// The actions that the expectations of a test name.
fn named(test: &TestDecl) -> impl Iterator<Item = Action> + '_ {
    test.steps.iter().filter_map(|step| match &step.kind {
        TestStepKind::ExpectApproved { action, .. }
        | TestStepKind::ExpectAct { action, .. }
        | TestStepKind::ExpectUndone { action, .. }
        | TestStepKind::ExpectHeld { action, .. }
        | TestStepKind::ExpectKept { action, .. }
        | TestStepKind::ExpectWould { action, .. }
        | TestStepKind::ExpectInDoubt { action, .. }
        | TestStepKind::ExpectRefused { action, .. } => Some((action.0.text.clone(), action.1.text.clone())),
        _ => None,
    })
}

struct Acts(Vec<(Action, Span)>);

impl Visit for Acts {
    fn expr(&mut self, e: &Expr) {
        let ExprKind::Do(call) = &e.kind else { return };
        let mut call = call;
        while let ExprKind::OnTerms { call: inner, .. } = &call.kind {
            call = inner;
        }
        let ExprKind::Call { callee, .. } = &call.kind else { return };
        let ExprKind::Field { base, name, .. } = &callee.kind else { return };
        if let ExprKind::Name(connector) = &base.kind {
            self.0.push(((connector.clone(), name.text.clone()), call.span));
        }
    }
}

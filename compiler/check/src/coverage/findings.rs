//! What is wrong with a write: no guard covers it, or a guard is sure to refuse it.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};

use super::{Standing, Write, needs_guard, writes};
use crate::typed::{NodeId, Program};

/// Reports writes without a guard, and those that a guard always refuses. `known`: every guard could be read, so that one which
/// is not there is not merely broken. A program that declares no guard at all is let pass: guards come to a project as a whole.
pub(crate) fn report(program: &Program, known: bool, findings: &mut Vec<Diagnostic>) {
    let known = known && !program.guards.is_empty();
    for write in writes(program) {
        if write.guards.is_empty() && known && needs_guard(program, write.action) {
            findings.extend(unguarded(program, &write));
        }
        for (guard, standing) in &write.guards {
            findings.extend(refused(program, &write, *guard, *standing));
        }
    }
}

fn place(program: &Program, at: NodeId) -> Option<Place> {
    program.nodes.get(at as usize).map(|n| Place { file: n.file, start: n.start, end: n.end })
}

fn unguarded(program: &Program, write: &Write) -> Option<Diagnostic> {
    let action = program.actions.get(write.action.0 as usize)?;
    let (name, class) = (action.full_name(), action.class.as_deref().unwrap_or("change"));
    let mut finding =
        Diagnostic::error(codes::P5030, place(program, write.at)?, format!("no guard covers `do {name}`"))
            .here(format!("{} without a guard", a_class(class)));
    for decision in &write.path {
        finding = finding.label(place(program, decision.at)?, format!("when {}", short(&decision.text)));
    }
    Some(
        finding
            .note(
                "A guard says, once for all playbooks, what may never be done, how often, and what without asking. Where \
                 there is one guard, every such write has one.",
            )
            .help(format!(
                "Write one beside the playbook, such as `guard {}_{} covers {name} {{ limit 10 per 1h  allow }}`.",
                action.connector, action.name
            )),
    )
}

fn a_class(class: &str) -> &'static str {
    match class {
        "contain" => "this contains something,",
        "restore" => "this restores something,",
        "destroy" => "this destroys something,",
        _ => "this changes something,",
    }
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn refused(program: &Program, write: &Write, guard: usize, standing: Standing) -> Option<Diagnostic> {
    let action = program.actions.get(write.action.0 as usize)?;
    let guard = program.guards.get(guard)?;
    let (name, by) = (action.full_name(), &guard.spec.name);
    let finding = Diagnostic::error(
        codes::P5033,
        place(program, write.at)?,
        format!("guard `{by}` is sure to refuse this `do {name}`"),
    );
    let mut finding = match standing {
        Standing::Never(clause) => finding
            .here("can never be done here")
            .label(place(program, guard.spec.clauses.get(clause)?.at)?, "holds whenever this is reached"),
        Standing::Refused => finding
            .here("can never be done here")
            .label(place(program, guard.spec.at)?, "no `allow` of it holds when this is reached"),
        Standing::Proved | Standing::Checked => return None,
    };
    for decision in &write.path {
        finding = finding.label(place(program, decision.at)?, format!("when {}", short(&decision.text)));
    }
    Some(
        finding
            .note("What a playbook says and can never do is misleading: its `else` is taken every time.")
            .help("Ask before it what the guard asks, or change the guard."),
    )
}

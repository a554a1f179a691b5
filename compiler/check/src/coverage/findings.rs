//! What is wrong with a write: no guard covers it, or a guard is sure to refuse it.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};
use play_program::guard::Otherwise;

use super::approvals::Approvals;
use super::covering::Covering;
use super::{Standing, Write, irreversible, needs_guard, walk};
use crate::typed::{NodeId, Program};
use crate::wrong::Wrong;
use play_syntax::side_by_side::halves;

/// Reports writes without a guard, and those that a guard always refuses. `known`: every guard could be read, so that one which
/// is not there is not merely broken. What has an error already (the call, the guard) is left alone.
pub(crate) fn report(program: &Program, known: bool, side_by_side: bool, findings: &mut Vec<Diagnostic>) {
    let wrong = Wrong::of(findings);
    let broken = |at: NodeId| place(program, at).is_some_and(|place| wrong.is_in(place));
    let covering = Covering::of_guards(&program.guards);
    let sound: Vec<bool> =
        (0..program.guards.len()).map(|guard| !guard_broken(program, guard, &wrong)).collect();
    let is_sound = |guard: usize| sound.get(guard).is_none_or(|sound| *sound);
    let of_playbook = |index: usize| {
        let mut found = Vec::new();
        for write in walk::playbook(program, &covering, index) {
            if write.guards.is_empty() && known && needs_guard(program, write.action) && !broken(write.at) {
                found.extend(unguarded(program, &write));
            }
            for (guard, standing) in &write.guards {
                if is_sound(*guard) {
                    found.extend(refused(program, &write, *guard, *standing));
                }
            }
            let guards_sound = write.guards.iter().all(|(guard, _)| is_sound(*guard));
            if known && guards_sound && !broken(write.at) {
                found.extend(irreversible::finding(program, &write));
            }
        }
        if let Some(playbook) = program.playbooks.get(index) {
            Approvals::of(&playbook.body.expr).report(program, &mut found);
        }
        found
    };
    let mut found = halves(side_by_side, program.playbooks.len(), of_playbook);
    findings.append(&mut found);
}

/// There is an error in a guard.
fn guard_broken(program: &Program, guard: usize, wrong: &Wrong) -> bool {
    let spec = program.guards.get(guard).map(|g| &g.spec);
    let otherwise = spec.and_then(|s| match &s.otherwise {
        Otherwise::Approval { at, .. } => Some(*at),
        Otherwise::Refuse => None,
    });
    let mut lines = spec.iter().flat_map(|s| s.clauses.iter().map(|c| c.at).chain([s.at]).chain(otherwise));
    lines.any(|at| place(program, at).is_some_and(|place| wrong.is_in(place)))
}

pub(super) fn place(program: &Program, at: NodeId) -> Option<Place> {
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
                "A guard says, once for all playbooks, what may never be done, how often, and what without asking. \
                 Every write that contains, restores, changes or destroys something has one.",
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

pub(super) fn short(text: &str) -> String {
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
        Standing::Proved { .. } | Standing::Approved | Standing::Checked => return None,
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

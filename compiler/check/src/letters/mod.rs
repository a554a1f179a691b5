//! Text whose letters mean the same in either case, compared letter by letter.
//!
//! Only what can be told: what a text is compared with is a mail address, a digest, or the name of a file of Windows, and nothing has
//! brought the text into one case on its way. An address or a digest is told where the text is a vendor's; the name of a file whoever
//! the text is from, since Windows is the one that does not tell its cases apart.

mod kind;
mod origins;
mod sites;
mod walk;

use std::collections::BTreeSet;

use play_diagnostics::Diagnostic;
use play_program::types::RecordId;

use crate::project::Loaded;
use crate::typed::{ActionCode, JsonTemplate, PathPart, Program, Related};
use origins::Origins;
use walk::Walk;

/// What is to be said of it in the project's own files. Of a program with an error it is not worth saying.
pub(crate) fn find(program: &Program, files: &[Loaded]) -> Vec<Diagnostic> {
    let unread = files.iter().any(|f| f.package == 0 && (!f.wrong.is_empty() || !f.broken.is_empty()));
    if unread {
        return Vec::new();
    }
    let mut walk = Walk::new(program);
    (walk.results, walk.answers) = results(program);
    for source in &program.sources {
        walk.case = None;
        let accept = source.accept.iter().chain(source.dedup.as_ref().map(|(key, _)| key));
        accept.for_each(|body| _ = walk.body(body, &[Origins::VENDOR]));
        for (slot, body) in &source.map {
            let from = walk.body(body, &[Origins::VENDOR]);
            let known = walk.mapped.entry((source.case, *slot)).or_default();
            *known = known.and(from);
        }
    }
    for playbook in &program.playbooks {
        walk.case = Some(playbook.case);
        playbook.when.iter().for_each(|body| _ = walk.body(body, &[]));
        walk.body(&playbook.body, &[]);
        for until in &playbook.untils {
            walk.until(until);
        }
    }
    walk.case = None;
    for event in &program.events {
        let all = std::iter::once(&event.accept).chain(&event.keys).chain(&event.gives);
        all.for_each(|body| _ = walk.body(body, &[Origins::VENDOR]));
    }
    program.action_code.iter().enumerate().for_each(|(at, code)| action(&mut walk, at, code));
    for guard in &program.guards {
        walk.case = guard.spec.case;
        // What a guard is asked about is what the acts that it covers are given.
        let given: Vec<Origins> = (0..guard.spec.params.len())
            .map(|at| {
                let of = |c: &play_program::guard::Cover| {
                    c.args.get(at).map(|arg| walk.acts.given(c.action.0 as usize, usize::from(*arg)))
                };
                guard.spec.covers.iter().filter_map(of).fold(Origins::default(), Origins::and)
            })
            .collect();
        guard.conditions.iter().flatten().for_each(|body| _ = walk.body(body, &given));
    }
    walk.case = None;
    // A procedure that is called stands where it is called; of another it is not known what it is given.
    walk.known = walk.looked_at.clone();
    program.procedures.iter().for_each(|body| _ = walk.procedure(body));
    walk.known = BTreeSet::new();
    // Each calls only those before it, so that of all that is called it is known by now what it is given.
    for (at, function) in program.fns.iter().enumerate().rev() {
        let given: Vec<Origins> =
            (0..function.body.params as usize).map(|param| walk.calls.given(at, param)).collect();
        walk.body(&function.body, &given);
    }
    let own = |f: &&sites::Found| files.get(f.at.file as usize).is_some_and(|file| file.package == 0);
    walk.found.iter().filter(own).map(sites::Found::finding).collect()
}

/// Of each function, and of each action, where the letters of its result come from, by its parameters.
fn results(program: &Program) -> (Vec<Origins>, Vec<Origins>) {
    let mut walk = Walk::new(program);
    for function in &program.fns {
        let params: Vec<Origins> = (0..function.body.params as usize).map(Origins::param).collect();
        // What has no letters has them from nobody, whatever is done to come to it.
        let letters = walk.keeps_letters(&function.body.expr.ty);
        let result = if letters { walk.body(&function.body, &params) } else { Origins::default() };
        walk.results.push(result);
    }
    let mut answers = Vec::new();
    for (at, code) in program.action_code.iter().enumerate() {
        let given = given(program, at, Origins::param);
        let all: Vec<Origins> = code.respond.iter().flatten().map(|body| walk.body(body, &given)).collect();
        answers.push(all.into_iter().reduce(Origins::and).unwrap_or(Origins::VENDOR));
    }
    (walk.results, answers)
}

/// What an action computes with: its parameters, and what the other side has answered.
fn given(program: &Program, action: usize, param: impl Fn(usize) -> Origins) -> Vec<Origins> {
    let params = program.actions.get(action).map_or(0, |a| a.params.len());
    (0..params).map(param).chain([Origins::VENDOR; 3]).collect()
}

/// All that an action computes.
fn action<'p>(walk: &mut Walk<'p>, at: usize, code: &'p ActionCode) {
    let given = given(walk.program, at, |param| walk.acts.given(at, param));
    let path = code.path.iter().filter_map(|part| match part {
        PathPart::Text(_) => None,
        PathPart::Value(body) => Some(body),
    });
    let pairs = code.query.iter().chain(&code.headers).map(|(_, body)| body);
    path.chain(pairs).chain(code.respond.iter().flatten()).for_each(|body| _ = walk.body(body, &given));
    code.json.iter().for_each(|json| template(walk, json, &given));
    let related = [&code.undo, &code.snapshot, &code.verify, &code.verified];
    for Related { args, when, .. } in related.into_iter().flatten() {
        std::iter::once(args).chain(when).for_each(|body| _ = walk.body(body, &given));
    }
}

fn template<'p>(walk: &mut Walk<'p>, json: &'p JsonTemplate, given: &[Origins]) {
    match json {
        JsonTemplate::Object(members) => members.iter().for_each(|(_, member)| template(walk, member, given)),
        JsonTemplate::List(all) => all.iter().for_each(|one| template(walk, one, given)),
        JsonTemplate::Value(body) => _ = walk.body(body, given),
    }
}

/// A field of a case, by its slot.
type Field = (RecordId, usize);

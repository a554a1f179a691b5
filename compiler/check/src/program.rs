//! All of it in order: names, types, signatures, bodies.

use std::sync::Arc;

use play_diagnostics::Diagnostic;

use crate::How;
use crate::conditions::Looked;
use crate::context::Context;
use crate::manifest::Manifest;
use crate::memory::Memory;
use crate::project::Loaded;
use crate::typed::{File, Program};
use crate::wrong::Wrong;
use play_syntax::side_by_side::both;

/// Checks the files. The program is only of use when no finding is an error.
pub(crate) fn check(
    project: &str,
    files: &[Loaded],
    manifest: &Manifest,
    how: How,
    memory: &mut Option<Memory>,
    findings: &mut Vec<Diagnostic>,
) -> Program {
    let mut context = Context::new(files, memory.take());
    context.declare();
    context.parties_of(manifest);
    context.lay_out();
    context.sign();
    let (fns, consts) = context.functions(how.side_by_side);
    let config = context.config_values(manifest);
    let (connectors, action_code) = context.connector_bodies();
    context.written_secrets(&connectors, manifest);
    let events = context.event_bodies();
    let sources = context.sources(how.side_by_side);
    context.procedure_bodies();
    let mut playbooks = context.playbook_bodies(how.side_by_side);
    context.ranks(&mut playbooks);
    context.overlaps(&playbooks, &consts);
    let guards = context.guard_bodies(how.side_by_side);
    context.too_few_for_all(&guards);
    context.config_reads(&sources, &mut playbooks, &guards);
    // What is wrong by now makes no sense to reason about; what is said below hides nothing of each other.
    let wrong = Wrong::of(&context.findings);
    let looked = Looked {
        fns: &fns,
        consts: &consts,
        sources: &sources,
        playbooks: &playbooks,
        guards: &guards,
        wrong: &wrong,
    };
    let decided = || match how.written {
        true => context.conditions(looked),
        false => Default::default(),
    };
    let labelled = || context.labelled(&fns, &action_code, &sources, &playbooks, &wrong);
    let ((decided, plain), (labelled, summaries)) = both(how.side_by_side, decided, labelled);
    *memory = context.memory.take().map(|memory| memory.keep(plain, summaries));
    context.findings.extend(decided.into_iter().chain(labelled));
    let autonomy = context.driven(manifest, &playbooks);
    let tests = context.tests(config.as_ref(), &playbooks, how.side_by_side);
    context.persons_of_tests(&tests, &playbooks, &guards, &wrong);
    // What is wrong may ask.
    let sound = !context.errors_since(0);
    if how.written && sound && files.iter().all(|f| f.broken.is_empty() && f.wrong.is_empty()) {
        context.unasked_roles(manifest);
    }
    context.deprecated_uses();

    findings.append(&mut context.findings);
    // A guard that could not be read may be the one that is missed.
    let guards_known = files.iter().all(|f| f.broken.is_empty());
    let owners = crate::points::owners(files);
    let procedures = Arc::unwrap_or_clone(context.procedures).into_iter().filter_map(|p| p.body).collect();
    let source = |f: &Loaded| File { path: f.path.clone(), text: Arc::clone(&f.text) };
    let mut program = Program {
        project: project.to_string(),
        files: files.iter().map(source).collect(),
        nodes: context.nodes,
        types: Arc::unwrap_or_clone(context.types),
        fns,
        consts,
        connectors,
        actions: Arc::unwrap_or_clone(context.actions),
        action_code,
        sources,
        playbooks,
        autonomy,
        guards,
        events,
        config,
        personal: context.labels.personal(),
        tests,
        procedures,
        owners,
    };
    let failed = |findings: &[Diagnostic]| findings.iter().any(|f| f.is_error());
    let look = how.written && !failed(findings);
    let letters = || if look { crate::letters::find(&program, files) } else { Vec::new() };
    // Beside the letters one thread is enough for these: they take as long.
    let two = how.side_by_side && !look;
    let acts = || {
        crate::coverage::report(&program, guards_known, two, findings);
        crate::ends::report(&program, two, findings);
    };
    let ((), letters) = both(how.side_by_side, acts, letters);
    if !failed(findings) {
        findings.extend(letters);
    }
    // Not sooner: findings are told at the places of the text as it was read.
    plain_line_ends(&mut program);
    program
}

/// The sources as the program keeps them: a checkout with `\r\n` at line ends is the same program. Places follow.
fn plain_line_ends(program: &mut Program) {
    let ends = |text: &str| -> Vec<u32> {
        // Most have none, and one byte is looked for faster than two.
        let some = memchr::memchr(b'\r', text.as_bytes()).is_some();
        let all = some.then(|| text.match_indices("\r\n")).into_iter().flatten();
        all.filter_map(|(at, _)| u32::try_from(at).ok()).collect()
    };
    let ends: Vec<Vec<u32>> = program.files.iter().map(|f| ends(&f.text)).collect();
    for node in program.nodes.iter_mut().chain(program.owners.iter_mut().map(|o| &mut o.place)) {
        if let Some(ends) = ends.get(node.file as usize).filter(|ends| !ends.is_empty()) {
            let before = |at: u32| u32::try_from(ends.partition_point(|end| *end < at)).unwrap_or(0);
            (node.start, node.end) =
                (node.start.saturating_sub(before(node.start)), node.end.saturating_sub(before(node.end)));
        }
    }
    for (file, _) in program.files.iter_mut().zip(&ends).filter(|(_, ends)| !ends.is_empty()) {
        file.text = file.text.replace("\r\n", "\n").into();
    }
}

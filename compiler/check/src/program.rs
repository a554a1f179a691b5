//! All of it in order: names, types, signatures, bodies.

use play_diagnostics::Diagnostic;
use play_program::artifact::SourceFile;

use crate::context::Context;
use crate::project::Loaded;
use crate::typed::Program;

/// Checks the files; `conditions`: also whether some are decided already. The program is only of use when no finding is an error.
pub(crate) fn check(
    project: &str,
    files: &[Loaded],
    conditions: bool,
    findings: &mut Vec<Diagnostic>,
) -> Program {
    let mut context = Context::new(files);
    context.declare();
    context.lay_out();
    context.sign();
    let (fns, consts) = context.functions();
    let (connectors, action_code) = context.connector_bodies();
    let sources = context.sources();
    let playbooks = context.playbook_bodies();
    context.overlaps(&playbooks);
    if conditions {
        context.conditions(&fns, &consts, &sources, &playbooks);
    }
    let tests = context.tests();

    findings.append(&mut context.findings);
    Program {
        project: project.to_string(),
        files: files.iter().map(|f| SourceFile { path: f.path.clone(), text: f.text.clone() }).collect(),
        nodes: context.nodes,
        types: context.types,
        fns,
        consts,
        connectors,
        actions: context.actions,
        action_code,
        sources,
        playbooks,
        tests,
    }
}

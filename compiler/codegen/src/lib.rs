//! From the typed program to an artifact.
//!
//! What only computes becomes register bytecode (`block`); a playbook becomes a tree of tasks (`playbook`), in which each
//! call of an action stands alone and all that is pure between them is bytecode again.

mod action;
mod block;
mod guard;
mod playbook;
mod visit;

use play_check::typed;
use play_program::artifact::{self, Artifact, Manifest, SourceFile};
use play_program::code::{Code, Computed, Entry, EventCode, Function, Global, SourceCode, TestCode};
use play_program::exec::Fault;

use block::{Blocks, OnTry};

/// Compiles a program. `compiler` is the name and version of who does it. The same program gives the same artifact.
///
/// # Errors
/// The program goes beyond a limit of the format (65,536 registers, slots or constants in one place; tasks nested too
/// deeply), and where.
pub fn compile(program: &typed::Program, compiler: &str) -> Result<Artifact, Fault> {
    compiled(Blocks { program, marks: false }, compiler)
}

/// The same with marks: the code says which arm it takes, of each node. For tests only; what runs means the same.
///
/// # Errors
/// As [`compile`].
pub fn compile_marked(program: &typed::Program, compiler: &str) -> Result<Artifact, Fault> {
    compiled(Blocks { program, marks: true }, compiler)
}

fn compiled(blocks: Blocks<'_>, compiler: &str) -> Result<Artifact, Fault> {
    let program = blocks.program;
    let mut code = Code::default();
    for function in &program.fns {
        let block = blocks.body(&function.body, OnTry::None)?;
        code.fns.push(Function { name: function.name.clone(), block });
    }
    for constant in &program.consts {
        let block = blocks.body(&constant.body, OnTry::Fail)?;
        code.globals.push(Global { name: constant.name.clone(), block });
    }
    for action in &program.action_code {
        code.actions.push(action::code(blocks, action)?);
    }
    for source in &program.sources {
        code.sources.push(self::source(blocks, source)?);
    }
    for playbook in &program.playbooks {
        code.playbooks.push(playbook::code(blocks, playbook)?);
    }
    for guard in &program.guards {
        code.guards.push(guard::code(blocks, guard)?);
    }
    for event in &program.events {
        let body = |body: &typed::Body| blocks.body(body, OnTry::Fail);
        code.events.push(EventCode {
            accept: body(&event.accept)?,
            keys: event.keys.iter().map(body).collect::<Result<_, _>>()?,
            gives: event.gives.as_ref().map(body).transpose()?,
        });
    }
    let artifact = Artifact { manifest: manifest(program, compiler), code };
    artifact.validate().map_err(|e| Fault { what: e.to_string(), at: 0 })?;
    Ok(artifact)
}

/// Compiles the conditions that the tests of a program expect at the end of a run. One that goes beyond a limit of the
/// format stands as an empty block, which faults.
#[must_use]
pub fn compile_tests(program: &typed::Program) -> TestCode {
    let blocks = Blocks { program, marks: false };
    let condition = |expect: &typed::Expect| match expect {
        typed::Expect::That(body) => Some(blocks.entry(&body.expr, &|_| None).unwrap_or_else(|fault| {
            let mut empty = Entry { block: Default::default(), inputs: Vec::new() };
            empty.block.at = fault.at;
            empty
        })),
        _ => None,
    };
    let conditions = program
        .tests
        .iter()
        .map(|test| test.expect.iter().filter_map(|(_, e)| condition(e)).collect())
        .collect();
    TestCode { conditions }
}

fn source(blocks: Blocks<'_>, source: &typed::Source) -> Result<SourceCode, Fault> {
    let mut code = SourceCode::default();
    for accept in &source.accept {
        code.accept.push(blocks.of_source(accept)?);
    }
    if let Some((key, _)) = &source.dedup {
        code.dedup = Some(Computed { block: blocks.of_source(key)?, ty: key.expr.ty.clone() });
    }
    for (slot, value) in &source.map {
        code.map.push((block::small(*slot, value.expr.at)?, blocks.of_source(value)?));
    }
    Ok(code)
}

fn manifest(program: &typed::Program, compiler: &str) -> Manifest {
    Manifest {
        project: program.project.clone(),
        compiler: compiler.to_string(),
        files: program
            .files
            .iter()
            .map(|f| SourceFile { path: f.path.clone(), text: f.text.to_string() })
            .collect(),
        nodes: program.nodes.clone(),
        types: program.types.clone(),
        connectors: program.connectors.clone(),
        actions: program.actions.clone(),
        sources: program
            .sources
            .iter()
            .map(|s| artifact::Source {
                name: s.name.clone(),
                feed: s.feed.clone(),
                case: s.case,
                at: s.at,
                dedup: s.dedup.as_ref().map(|(_, window)| *window),
            })
            .collect(),
        playbooks: program
            .playbooks
            .iter()
            .map(|p| artifact::Playbook {
                name: p.name.clone(),
                case: p.case,
                at: p.at,
                has_when: p.when.is_some(),
                config: p.config.iter().filter_map(|field| u16::try_from(*field).ok()).collect(),
                controls: p.controls.clone(),
                rank: p.rank,
            })
            .collect(),
        guards: program.guards.iter().map(|g| g.spec.clone()).collect(),
        events: program.events.iter().map(|e| e.spec.clone()).collect(),
        config: program.config.as_ref().map(|c| c.record),
    }
}

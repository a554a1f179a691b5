//! An expression, computed by both engines: what they say has to be the same.

use std::sync::Arc;

use play_check::{Input, check};
use play_program::Value;
use play_program::artifact::{Artifact, SourceFile};
use play_program::exec::{Emit, Machine, Program};
use play_program::types::{Type, TypeTable};
use play_reference::Reference;
use play_vm::Vm;

/// What became of an expression.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It does not compile: codes and what the compiler says.
    Refused(Vec<String>, String),
    /// It has a value, of a type of a program.
    Value(Value, Type, Box<TypeTable>),
    /// It faults.
    Fault(String),
}

/// Declarations, and an expression of a type that a field of a case may have: both engines run a playbook that writes it
/// into the case.
///
/// # Panics
/// When the engines disagree, or the program does anything else.
#[must_use]
pub fn eval(declarations: &str, expr: &str, ty: &str) -> Outcome {
    let option = if ty.ends_with('?') { "" } else { "?" };
    let text = format!(
        "{declarations}
case Computed {{ value: {ty}{option} }}
fn computed() -> {ty} {{ {expr} }}
playbook compute for Computed {{
  set value = computed() because \"computed\"
  close Duplicate because \"done\"
}}
"
    );
    let files = vec![SourceFile { path: "computed.play".into(), text }];
    let checked = check(&Input { project: "computed".into(), files }, &|_| None);
    let Some(program) = checked.program else {
        let style = play_diagnostics::text::Style::default();
        let codes = checked.diagnostics.iter().map(|d| d.code.as_str().to_string()).collect();
        return Outcome::Refused(
            codes,
            play_diagnostics::text::render(&checked.diagnostics, &checked.files, style),
        );
    };
    let types = program.types.clone();
    let slot = program.playbooks.first().and_then(|p| {
        let record = types.record(p.case)?;
        Some((record.fields.len() - 1, record.fields.last()?.ty.clone()))
    });
    let (slot, ty) = slot.unwrap_or_else(|| panic!("a program without its playbook"));
    let artifact = match play_codegen::compile(&program, "test") {
        Ok(artifact) => Artifact::decode(&artifact.encode()).unwrap_or_else(|e| panic!("{e:?}\n{expr}")),
        Err(fault) => return Outcome::Fault(fault.what),
    };
    let mut case = vec![Value::None; slot + 1];
    for (place, value) in case.iter_mut().zip([
        Value::str("C-1"),
        Value::str("test"),
        Value::Time(jiff::Timestamp::UNIX_EPOCH),
        Value::Enum(2),
        Value::str(""),
    ]) {
        *place = value;
    }
    let vm = ended(Vm::new(Arc::new(artifact)).start(0, case.clone()));
    let reference = ended(Reference::new(Arc::new(program)).start(0, case));
    assert_eq!(format!("{vm:?}"), format!("{reference:?}"), "the engines disagree on {expr}");
    match vm {
        Ok(value) => Outcome::Value(value, ty, Box::new(types)),
        Err(fault) => Outcome::Fault(fault),
    }
}

/// What a run wrote into the case, or the fault that it ended with.
fn ended(mut machine: Box<dyn Machine>) -> Result<Value, String> {
    let mut written = None;
    for emission in machine.step(None) {
        match emission.what {
            Emit::Set { to, .. } => written = Some(to),
            Emit::Fault(fault) => return Err(fault.what),
            _ => {}
        }
    }
    Ok(written.unwrap_or_else(|| panic!("a run that wrote nothing")))
}

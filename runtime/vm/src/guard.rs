//! Conditions of guards, and of waits.

use play_program::code::{Condition, Input};
use play_program::config;
use play_program::exec::{Fault, Part};
use play_program::json::ReadLog;
use play_program::value::Value;

use crate::interpreter::{self, Stop, with_scratch};
use crate::load::{Loaded, Ready};

pub(crate) fn clause(
    program: &Loaded,
    guard: usize,
    clause: usize,
    case: &[Value],
    act: &[Value],
) -> Result<(bool, Vec<Part>), Fault> {
    let code = program.artifact.code.guards.get(guard).and_then(|g| g.clauses.get(clause));
    let ready = program.guards.get(guard).and_then(|g| g.get(clause));
    let (Some(code), Some(ready)) = (code, ready) else { return Err(interpreter::damaged(0)) };
    let (Some(code), Some(block)) = (code, ready) else { return Ok((true, Vec::new())) };
    let (holds, parts) = condition(program, code, block, case, act)?;
    let clauses = program.artifact.manifest.guards.get(guard).map(|g| g.clauses.as_slice());
    if let Some(asked) = clauses.and_then(|c| c.get(clause)) {
        program.mark(asked.at, u16::from(holds));
    }
    Ok((holds, parts))
}

/// A condition of a wait, over what it has.
pub(crate) fn until(
    program: &Loaded,
    playbook: usize,
    until: u32,
    case: &[Value],
    given: &[Value],
) -> Result<(bool, Vec<Part>), Fault> {
    let code = program.artifact.code.playbooks.get(playbook).and_then(|p| p.untils.get(until as usize));
    let ready = program.playbooks.get(playbook).and_then(|p| p.untils.get(until as usize));
    let (Some(code), Some(block)) = (code, ready) else { return Err(interpreter::damaged(0)) };
    condition(program, code, block, case, given)
}

fn condition(
    program: &Loaded,
    code: &Condition,
    block: &Ready,
    case: &[Value],
    given: &[Value],
) -> Result<(bool, Vec<Part>), Fault> {
    let args = code.entry.inputs.iter().map(|input| match input {
        Input::Case(slot) => config::get(case, usize::from(*slot)).cloned().unwrap_or(Value::None),
        Input::Local { slot, .. } => given.get(usize::from(*slot)).cloned().unwrap_or(Value::None),
    });
    match with_scratch(|scratch| program.run(block, args, &mut ReadLog::default(), scratch)) {
        Ok(Value::List(found)) => {
            taken_apart(code, &found).ok_or_else(|| interpreter::damaged(code.entry.block.at))
        }
        Ok(_) | Err(Stop::Misfit(_)) => Err(interpreter::damaged(code.entry.block.at)),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

/// The value of a condition, and its parts.
fn taken_apart(code: &Condition, found: &[Value]) -> Option<(bool, Vec<Part>)> {
    let mut found = found.iter();
    let Some(Value::Bool(holds)) = found.next() else { return None };
    let mut parts = Vec::new();
    for part in &code.parts {
        let is = match found.next()? {
            Value::Bool(is) => Some(*is),
            _ => None,
        };
        let mut sides = None;
        if let Some(types) = &part.sides {
            let (left, right) = (found.next()?.clone(), found.next()?.clone());
            sides = is.map(|_| Box::new([(left, types.0.clone()), (right, types.1.clone())]));
        }
        parts.push(Part::Condition { at: part.at, is, sides });
    }
    Some((*holds, parts))
}

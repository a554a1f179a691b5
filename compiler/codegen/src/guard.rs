//! Guards: the conditions of their clauses. Waits: until when they ask again.

use play_check::typed;
use play_program::code::{Condition, ConditionPart, GuardCode, Input};
use play_program::exec::Fault;

use crate::block::Blocks;

pub(crate) fn code(blocks: Blocks<'_>, guard: &typed::Guard) -> Result<GuardCode, Fault> {
    let condition = |body: &Option<typed::Body>| body.as_ref().map(|b| condition(blocks, b)).transpose();
    Ok(GuardCode { clauses: guard.conditions.iter().map(condition).collect::<Result<_, _>>()? })
}

fn condition(blocks: Blocks<'_>, body: &typed::Body) -> Result<Condition, Fault> {
    let param = |id: typed::LocalId| u16::try_from(id.0).ok().filter(|_| id.0 < body.params);
    of_params(blocks, &body.expr, &param)
}

/// The condition of a wait.
pub(crate) fn until(blocks: Blocks<'_>, until: &typed::Until) -> Result<Condition, Fault> {
    let param = |id: typed::LocalId| {
        until.needs.iter().position(|need| *need == id).and_then(|at| u16::try_from(at).ok())
    };
    of_params(blocks, &until.expr, &param)
}

fn of_params(
    blocks: Blocks<'_>,
    expr: &typed::Expr,
    param: &dyn Fn(typed::LocalId) -> Option<u16>,
) -> Result<Condition, Fault> {
    let param = |id| Some(Input::Local { up: 0, slot: param(id)? });
    let mut leaves = Vec::new();
    blocks.leaves(expr, &mut leaves);
    let parts = leaves.iter().map(|leaf| ConditionPart {
        at: leaf.expr.at,
        sides: leaf.sides.map(|(left, right)| Box::new((left.ty.clone(), right.ty.clone()))),
    });
    Ok(Condition { parts: parts.collect(), entry: blocks.condition(expr, &param)? })
}

//! Guards: the conditions of their clauses.

use play_check::typed;
use play_program::code::{Condition, ConditionPart, GuardCode, Input};
use play_program::exec::Fault;

use crate::block::Blocks;

pub(crate) fn code(blocks: Blocks<'_>, guard: &typed::Guard) -> Result<GuardCode, Fault> {
    let condition = |body: &Option<typed::Body>| body.as_ref().map(|b| condition(blocks, b)).transpose();
    Ok(GuardCode { clauses: guard.conditions.iter().map(condition).collect::<Result<_, _>>()? })
}

fn condition(blocks: Blocks<'_>, body: &typed::Body) -> Result<Condition, Fault> {
    let expr = &body.expr;
    let param = |id: typed::LocalId| {
        let slot = u16::try_from(id.0).ok().filter(|_| id.0 < body.params)?;
        Some(Input::Local { up: 0, slot })
    };
    let mut leaves = Vec::new();
    blocks.leaves(expr, &mut leaves);
    let parts = leaves.iter().map(|leaf| ConditionPart {
        at: leaf.expr.at,
        sides: leaf.sides.map(|(left, right)| Box::new((left.ty.clone(), right.ty.clone()))),
    });
    Ok(Condition { parts: parts.collect(), entry: blocks.condition(expr, &param)? })
}

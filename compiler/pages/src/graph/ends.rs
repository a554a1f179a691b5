//! Whether a run is over behind an expression, whatever it decides; and what an expression does to the world.

use play_syntax::ast::{Block, Expr, ExprKind};

use super::facts::Facts;
use super::parts::{any, condition, expr_of, parts};

/// How deep procedures may call each other here. The checker allows no more.
const DEEPEST: usize = 16;

/// Whether the run never goes on behind it.
pub(crate) fn ends(facts: &Facts, e: &Expr) -> bool {
    ends_within(facts, e, 0)
}

fn ends_within(facts: &Facts, e: &Expr, depth: usize) -> bool {
    use ExprKind as K;
    let block = |b: &Block| b.stmts.iter().any(|stmt| ends_within(facts, expr_of(&stmt.kind), depth));
    match &e.kind {
        K::Close { .. } | K::HandOver { .. } => true,
        K::Block(b) => block(b),
        K::If { cond, then, other } => {
            ends_within(facts, condition(cond), depth)
                || block(then) && other.as_deref().is_some_and(|e| ends_within(facts, e, depth))
        }
        K::Match { value, arms } => {
            ends_within(facts, value, depth)
                || !arms.is_empty() && arms.iter().all(|arm| ends_within(facts, &arm.body, depth))
        }
        K::Step { body, other, .. } => block(body) && other.as_deref().is_some_and(block),
        K::Else { value, .. } => ends_within(facts, value, depth),
        K::For { list, .. } => ends_within(facts, list, depth),
        K::Lambda { .. } => false,
        _ if depth < DEEPEST && facts.procedure(e).is_some_and(|p| procedure(facts, &p.body, depth)) => true,
        _ => parts(e).into_iter().any(|part| ends_within(facts, part, depth)),
    }
}

fn procedure(facts: &Facts, body: &Block, depth: usize) -> bool {
    let within = depth.saturating_add(1);
    body.stmts.iter().any(|stmt| ends_within(facts, expr_of(&stmt.kind), within))
}

/// Whether there is something in it that has a box: anything but computing.
pub(crate) fn shows(facts: &Facts, e: &Expr) -> bool {
    use ExprKind as K;
    any(e, &mut |e| match &e.kind {
        K::Do(_)
        | K::Set { .. }
        | K::Note(_)
        | K::Reveal { .. }
        | K::Route { .. }
        | K::HandOver { .. }
        | K::Close { .. }
        | K::Step { .. }
        | K::Rollback { .. }
        | K::Wait(_)
        | K::Ask(_)
        | K::Approve(_) => true,
        K::Call { .. } => facts.action(e).is_some() || facts.procedure(e).is_some(),
        _ => false,
    })
}

/// Whether a system is asked in it.
pub(crate) fn asks(facts: &Facts, e: &Expr) -> bool {
    any(e, &mut |e| matches!(e.kind, ExprKind::Call { .. }) && facts.action(e).is_some())
}

/// Whether it does no more than ask systems: nothing in it waits for what stands before it in the text. What is done when
/// an answer is missing either ends the run or is computed.
pub(crate) fn only_reads(facts: &Facts, e: &Expr) -> bool {
    use ExprKind as K;
    match &e.kind {
        K::Else { value, arm } => {
            only_reads(facts, value) && (!shows(facts, arm) || ends(facts, arm) && !acts(facts, arm))
        }
        K::Call { .. } if facts.action(e).is_some() => {
            parts(e).into_iter().all(|part| only_reads(facts, part))
        }
        K::For { .. } | K::OnTerms { .. } => parts(e).into_iter().all(|part| only_reads(facts, part)),
        _ => !shows(facts, e),
    }
}

/// Whether anything in it changes the world or asks anybody, besides ending.
fn acts(facts: &Facts, e: &Expr) -> bool {
    use ExprKind as K;
    any(e, &mut |e| match &e.kind {
        K::HandOver { .. } | K::Close { .. } => false,
        K::Call { .. } => facts.action(e).is_some() || facts.procedure(e).is_some(),
        K::Do(_) | K::Set { .. } | K::Note(_) | K::Reveal { .. } | K::Route { .. } | K::Step { .. } => true,
        K::Rollback { .. } | K::Wait(_) | K::Ask(_) | K::Approve(_) => true,
        _ => false,
    })
}

//! Conditions of guards and of waits: their value, and what it rested on.

use play_check::typed::{Expr, ExprKind};
use play_program::exec::{Fault, Part};
use play_program::value::Value;

use crate::Reference;
use crate::condition::{compares, shown, skipped};
use crate::operators;
use crate::pure::{Frame, Pure, Stop, broken};

impl Reference {
    /// Whether a clause of a guard holds, and what that rested on.
    pub(crate) fn guard_clause(
        &self,
        guard: usize,
        clause: usize,
        case: &[Value],
        act: &[Value],
    ) -> Result<(bool, Vec<Part>), Fault> {
        let guard = self.program.guards.get(guard).ok_or_else(|| broken(0))?;
        let condition = match guard.conditions.get(clause) {
            Some(Some(condition)) => condition,
            Some(None) => return Ok((true, Vec::new())),
            None => return Err(broken(guard.spec.at)),
        };
        let mut frame = Frame::of(condition, case.to_vec());
        for (local, value) in frame.locals.iter_mut().zip(act) {
            *local = Some(value.clone());
        }
        self.with_parts(&condition.expr, &mut frame)
    }

    /// Whether the condition of a wait holds, and what that rested on.
    pub(crate) fn wait_until(
        &self,
        playbook: usize,
        until: u32,
        case: &[Value],
        given: &[Value],
    ) -> Result<(bool, Vec<Part>), Fault> {
        let playbook = self.program.playbooks.get(playbook).ok_or_else(|| broken(0))?;
        let until = playbook.untils.get(until as usize).ok_or_else(|| broken(playbook.at))?;
        let mut frame = Frame::of(&playbook.body, case.to_vec());
        for (local, value) in until.needs.iter().zip(given) {
            frame.bind(*local, Some(value.clone()));
        }
        self.with_parts(&until.expr, &mut frame)
    }

    fn with_parts(&self, condition: &Expr, frame: &mut Frame) -> Result<(bool, Vec<Part>), Fault> {
        let mut parts = Vec::new();
        match holds(self.pure(), condition, frame, &mut parts) {
            Ok(is) => Ok((is, parts)),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Unmet(_)) => Err(broken(condition.at)),
        }
    }
}

fn holds(pure: Pure<'_>, expr: &Expr, frame: &mut Frame, parts: &mut Vec<Part>) -> Result<bool, Stop> {
    let (left, right, goes_on) = match &expr.kind {
        ExprKind::Not(of) => return Ok(!holds(pure, of, frame, parts)?),
        ExprKind::And(left, right) => (left, right, true),
        ExprKind::Or(left, right) => (left, right, false),
        _ => return leaf(pure, expr, frame, parts),
    };
    let decided = holds(pure, left, frame, parts)?;
    if decided == goes_on {
        return holds(pure, right, frame, parts);
    }
    skipped(right, parts);
    Ok(decided)
}

fn leaf(pure: Pure<'_>, expr: &Expr, frame: &mut Frame, parts: &mut Vec<Part>) -> Result<bool, Stop> {
    let (value, sides) = match &expr.kind {
        ExprKind::Binary(op, left, right) if compares(*op) => {
            let (l, r) = (pure.eval(left, frame)?, pure.eval(right, frame)?);
            let value = operators::binary(*op, &l, &r)
                .map_err(|what| Stop::Fault(Fault { what: what.into(), at: expr.at }))?;
            let types = &pure.program.types;
            let both = shown(&left.ty, types) && shown(&right.ty, types);
            (value, both.then(|| Box::new([(l, left.ty.clone()), (r, right.ty.clone())])))
        }
        _ => (pure.eval(expr, frame)?, None),
    };
    let Value::Bool(is) = value else { return Err(Stop::Fault(broken(expr.at))) };
    parts.push(Part::Condition { at: expr.at, is: Some(is), sides });
    Ok(is)
}

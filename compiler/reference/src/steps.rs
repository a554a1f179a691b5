//! Steps (rule 10).

use std::collections::BTreeMap;

use play_check::typed::{Expr, ExprKind};
use play_program::exec::{Emit, Key, Scope};
use play_program::value::Value;

use crate::walk::{Ended, Flow, Walk, Walked};

/// The steps that failed, by key.
pub(crate) type FailedSteps = BTreeMap<Key, FailedStep>;

/// A step that failed.
#[derive(Clone, Debug)]
pub(crate) struct FailedStep {
    /// The case as it was then.
    case: Vec<Value>,
    /// What failed it.
    failure: Value,
}

impl Walk<'_> {
    pub(crate) fn step(&mut self, at: u32, name: &str, body: &Expr, other: &Expr) -> Walked<Value> {
        let key = self.key(at);
        let scope = Scope { within: self.prefix.clone(), after: at, before: other.at };
        self.steps.push(scope.clone());
        let walked = self.step_inside(&key, name, scope, body, other);
        self.steps.pop();
        // It gives nothing, whatever its last statement does.
        Ok(match walked? {
            Flow::Ready(_) => Flow::Ready(Value::None),
            Flow::Pending => Flow::Pending,
        })
    }

    fn step_inside(
        &mut self,
        key: &Key,
        name: &str,
        scope: Scope,
        body: &Expr,
        other: &Expr,
    ) -> Walked<Value> {
        if let Some(then) = self.failed.get(key).cloned() {
            self.frame.case = then.case;
            return self.rescue(other, then.failure);
        }
        let failure = match self.expr(body) {
            Err(Ended::Step(failure)) => failure,
            walked => return walked,
        };
        self.emit(other.at, Emit::StepFailed { step: name.into(), body: scope });
        let then = FailedStep { case: self.frame.case.clone(), failure: failure.clone() };
        self.failed.insert(key.clone(), then);
        self.rescue(other, failure)
    }

    /// What is done when a step failed; it may look at the failure.
    fn rescue(&mut self, other: &Expr, failure: Value) -> Walked<Value> {
        let ExprKind::Catch(var, other) = &other.kind else { return self.expr(other) };
        self.frame.bind(*var, Some(failure));
        self.expr(other)
    }

    /// The arm of a call whose failure is that of the step.
    pub(crate) fn fail_step(&mut self, call: &Expr) -> Walked<Value> {
        if self.blocked {
            return Ok(Flow::Pending);
        }
        Err(self.failure_of(call).map_or_else(|| self.damaged(call.at), Ended::Step))
    }
}

//! Steps (rule 10).

use std::collections::BTreeMap;

use play_check::typed::Expr;
use play_program::exec::{Emit, Key, Scope};
use play_program::value::Value;

use crate::walk::{Ended, Flow, Walk, Walked};

/// The steps that failed, by key, each with the case as it was then.
pub(crate) type FailedSteps = BTreeMap<Key, Vec<Value>>;

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
        if let Some(then) = self.failed.get(key) {
            self.frame.case.clone_from(then);
            return self.expr(other);
        }
        match self.expr(body) {
            Err(Ended::Step) => {}
            walked => return walked,
        }
        self.emit(other.at, Emit::StepFailed { step: name.into(), body: scope });
        self.failed.insert(key.clone(), self.frame.case.clone());
        self.expr(other)
    }

    pub(crate) fn fail_step(&mut self) -> Walked<Value> {
        if self.blocked { Ok(Flow::Pending) } else { Err(Ended::Step) }
    }
}

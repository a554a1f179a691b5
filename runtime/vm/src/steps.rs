//! Steps and rollbacks (rules 10 and 11).

use play_program::code::{Operand, Slot, TaskId, TaskKind};
use play_program::exec::{Emit, Scope};
use play_program::value::Value;

use crate::frame::State;
use crate::walk::{Flow, Walk};

impl Walk<'_> {
    pub(crate) fn step(&mut self, frame: usize, id: TaskId, step: &TaskKind) -> Flow {
        let TaskKind::Step { at, name, body, other, other_at, failure } = step else { return self.damaged() };
        let (at, body, other, other_at) = (*at, *body, *other, *other_at);
        let within = self.frames.get(frame).map(|f| f.prefix.clone()).unwrap_or_default();
        let scope = Scope { within, after: at, before: other_at };
        match self.state(frame, id) {
            Some(State::Gone(then)) => {
                let view = then.iter().cloned().map(Some).collect();
                self.view = view;
            }
            _ => {
                match self.inside(&scope, |walk| walk.walk(frame, body)) {
                    Flow::Left => {}
                    flow => return flow,
                }
                let failed = Emit::StepFailed { step: name.clone(), body: scope.clone() };
                self.emit(frame, other_at, failed);
                // Nothing ordered before it is open, so the case of this moment is the case at this point.
                let then = self.case.clone();
                self.put_state(frame, id, State::Gone(then));
                if let (Some(slot), Some(value)) = (failure, self.failure.take()) {
                    self.put(frame, *slot, value);
                }
            }
        }
        self.inside(&scope, |walk| walk.walk(frame, other))
    }

    fn inside(&mut self, scope: &Scope, walk: impl FnOnce(&mut Self) -> Flow) -> Flow {
        self.steps.push(scope.clone());
        let flow = walk(self);
        self.steps.pop();
        flow
    }

    pub(crate) fn fail_step(&mut self, frame: usize, from: Slot) -> Flow {
        if self.blocked {
            return Flow::Pending;
        }
        self.failure = self.slot(frame, from).cloned();
        Flow::Left
    }

    pub(crate) fn rollback(
        &mut self,
        frame: usize,
        id: TaskId,
        at: u32,
        parts: &[TaskId],
        because: &Operand,
    ) -> Flow {
        match self.parts(frame, parts) {
            Flow::Ready => {}
            other => return other,
        }
        match self.state(frame, id) {
            Some(State::Open) => {}
            Some(State::Done) => return Flow::Ready,
            Some(State::Failed) => return Flow::Failed,
            _ => return Flow::Pending,
        }
        let Some(because) = self.operand(frame, because) else { return Flow::Pending };
        if self.blocked {
            return Flow::Pending;
        }
        let Value::Str(because) = because else { return self.damaged() };
        let what = Emit::Rollback { of: self.steps.last().cloned(), because: because.to_string() };
        let key = self.emit(frame, at, what);
        self.asked.insert(key, (frame, id));
        self.put_state(frame, id, State::Asked);
        Flow::Pending
    }
}

//! Steps a program until it needs the world. Pure: no clock, no I/O, no randomness.
//!
//! [`Vm`] runs the code of an artifact: bytecode in `interpreter`, task trees in `machine`. It is total: whatever an artifact
//! holds and whatever the world answers, the outcome is a value, a misfit or a fault.
#![deny(clippy::arithmetic_side_effects)] // a position or a count out of an artifact must not overflow

mod frame;
mod guard;
mod interpreter;
mod load;
mod loops;
mod machine;
mod request;
mod source;
mod steps;
mod walk;
mod wants;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use play_program::action::{ActionId, Request};
use play_program::artifact::Artifact;
use play_program::code::{Entry, Input, TestCode};
use play_program::config;
use play_program::exec::{Arrival, Fault, Machine, Mapping, Program};
use play_program::json::{JsonAt, ReadLog};
use play_program::value::{Failure, FailureKind, Value};

use interpreter::{Stop, with_scratch};
use load::{Loaded, Ready};

pub use loops::walked;

/// A program that is ready to run.
pub struct Vm {
    loaded: Arc<Loaded>,
    tests: Vec<Vec<(Ready, Vec<Input>)>>,
}

impl Vm {
    /// Loads a program: patterns are compiled and constants computed, once. An artifact that was decoded is valid; one put
    /// together by hand should be validated before.
    #[must_use]
    pub fn new(artifact: Arc<Artifact>) -> Self {
        Self::with_tests(artifact, TestCode::default())
    }

    /// The same with the conditions of its tests, for [`Program::expectation`].
    #[must_use]
    pub fn with_tests(artifact: Arc<Artifact>, tests: TestCode) -> Self {
        let (loaded, tests) = Loaded::new(artifact, tests);
        Self { loaded: Arc::new(loaded), tests }
    }

    /// The same for a program whose code was compiled with marks: [`Vm::marks`] says where its runs came.
    #[must_use]
    pub fn watched(artifact: Arc<Artifact>, tests: TestCode) -> Self {
        let (mut loaded, tests) = Loaded::new(artifact, tests);
        loaded.marks = Some(Mutex::default());
        Self { loaded: Arc::new(loaded), tests }
    }

    /// Where runs came since this was last asked: node and arm of each mark. Of a guard's clause (its node) 1 when it held,
    /// 0 when not.
    #[must_use]
    pub fn marks(&self) -> BTreeSet<(u32, u16)> {
        let marks = self.loaded.marks.as_ref().and_then(|m| m.lock().ok());
        marks.map(|mut marks| std::mem::take(&mut *marks)).unwrap_or_default()
    }

    /// The program.
    #[must_use]
    pub fn artifact(&self) -> &Arc<Artifact> {
        &self.loaded.artifact
    }

    fn holds(&self, block: &Ready, inputs: &[Input], case: &[Value]) -> Result<bool, Fault> {
        let args = inputs.iter().map(|input| match input {
            Input::Case(slot) => config::get(case, usize::from(*slot)).cloned().unwrap_or(Value::None),
            Input::Local { .. } => Value::None,
        });
        match with_scratch(|scratch| self.loaded.run(block, args, &mut ReadLog::default(), scratch)) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(_) | Err(Stop::Misfit(_)) => Err(interpreter::damaged(block.at)),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    }
}

impl Program for Vm {
    fn map(&self, source: usize, record: &JsonAt, config: &[Value]) -> Mapping {
        source::map(&self.loaded, source, record, config)
    }

    fn applies(&self, playbook: usize, case: &[Value]) -> Result<bool, Fault> {
        let code = self.loaded.artifact.code.playbooks.get(playbook);
        let ready = self.loaded.playbooks.get(playbook);
        let (Some(ready), Some(code)) = (ready, code) else { return Err(interpreter::damaged(0)) };
        match (&ready.when, &code.when) {
            (Some(block), Some(Entry { inputs, .. })) => self.holds(block, inputs, case),
            _ => Ok(true),
        }
    }

    fn start(&self, playbook: usize, case: Vec<Value>) -> Box<dyn Machine> {
        Box::new(machine::Run::new(Arc::clone(&self.loaded), playbook, case))
    }

    fn event(&self, event: u32, record: &JsonAt) -> Arrival {
        source::event(&self.loaded, event, record)
    }

    fn request(&self, action: ActionId, args: &[Value]) -> Result<Request, Fault> {
        request::request(&self.loaded, action, args)
    }

    fn respond(
        &self,
        action: ActionId,
        args: &[Value],
        status: u16,
        body: &JsonAt,
        log: &mut ReadLog,
    ) -> Result<Value, Failure> {
        request::respond(&self.loaded, action, args, status, body, log)
            .map_err(|words| Failure { kind: FailureKind::BadResponse, words })
    }

    fn expectation(&self, test: usize, condition: usize, case: &[Value]) -> Result<bool, Fault> {
        match self.tests.get(test).and_then(|t| t.get(condition)) {
            Some((block, inputs)) => self.holds(block, inputs, case),
            None => Err(interpreter::damaged(0)),
        }
    }
}

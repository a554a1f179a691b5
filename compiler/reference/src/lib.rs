//! The plain evaluator: it walks the typed program as it is written, from the start at each step, and shares no code with
//! the code generator and the bytecode interpreter, so that a mistake in one of them shows as a difference. Speed is no
//! matter here; being obviously right is.
//!
//! The rules that it follows are those of [`play_program::exec`].

mod condition;
pub mod config;
pub mod constants;
mod guard;
mod operators;
mod pure;
mod request;
mod source;
mod steps;
pub mod tests;
mod tree;
mod walk;
mod wants;

use std::sync::Arc;

use play_check::typed::{self, Expect};
use play_program::action::{ActionId, Request};
use play_program::exec::{Arrival, Fault, Machine, Mapping, Program};
use play_program::json::{JsonAt, ReadLog};
use play_program::value::{Failure, Value};

use crate::constants::Constants;
use crate::pure::{Frame, Pure, Stop};

/// A program, evaluated as it is written.
#[derive(Clone, Debug)]
pub struct Reference {
    program: Arc<typed::Program>,
    constants: Arc<Constants>,
}

impl Reference {
    /// Takes a checked program, and evaluates its constants.
    #[must_use]
    pub fn new(program: Arc<typed::Program>) -> Self {
        let constants = Arc::new(Constants::of(&program));
        Self { program, constants }
    }

    fn pure(&self) -> Pure<'_> {
        Pure { program: &self.program, constants: &self.constants }
    }

    /// A condition over a case: what is without a value in it is a fault of the program, never a panic.
    fn holds(&self, condition: &typed::Body, case: &[Value]) -> Result<bool, Fault> {
        let mut frame = Frame::of(condition, case.to_vec());
        match self.pure().eval(&condition.expr, &mut frame) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(_) | Err(Stop::Unmet(_)) => Err(pure::broken(condition.expr.at)),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    }
}

impl Program for Reference {
    fn map(&self, source: usize, record: &JsonAt, config: &[Value]) -> Mapping {
        self.map_record(source, record, config)
    }

    fn applies(&self, playbook: usize, case: &[Value]) -> Result<bool, Fault> {
        let playbook = self.program.playbooks.get(playbook).ok_or_else(|| pure::broken(0))?;
        playbook.when.as_ref().map_or(Ok(true), |when| self.holds(when, case))
    }

    fn start(&self, playbook: usize, case: Vec<Value>) -> Box<dyn Machine> {
        Box::new(walk::Run::new(self.clone(), playbook, case))
    }

    fn event(&self, event: u32, record: &JsonAt) -> Arrival {
        self.of_event(event, record)
    }

    fn request(&self, action: ActionId, args: &[Value]) -> Result<Request, Fault> {
        self.compute_request(action, args)
    }

    fn respond(
        &self,
        action: ActionId,
        args: &[Value],
        status: u16,
        body: &JsonAt,
        log: &mut ReadLog,
    ) -> Result<Value, Failure> {
        self.read_answer(action, args, status, body, log)
    }

    fn expectation(&self, test: usize, condition: usize, case: &[Value]) -> Result<bool, Fault> {
        let test = self.program.tests.get(test).ok_or_else(|| pure::broken(0))?;
        let mut conditions = test.expect.iter().filter_map(|(_, expect)| match expect {
            Expect::That(body) => Some(body),
            _ => None,
        });
        let condition = conditions.nth(condition).ok_or_else(|| pure::broken(test.at))?;
        self.holds(condition, case)
    }
}

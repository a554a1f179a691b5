//! Expressions that stand on nothing but the program.

use play_check::typed::{Body, Program};
use play_program::exec::Fault;
use play_program::value::Value;

use crate::pure::{Frame, Pure, Stop, broken};

/// The values of a program's constants, in their order.
#[derive(Debug, Default)]
pub struct Constants(Vec<Result<Value, Fault>>);

impl Constants {
    /// Evaluates them. One that faults keeps its fault, which whoever uses it gets.
    #[must_use]
    pub fn of(program: &Program) -> Self {
        let mut constants = Self::default();
        for constant in &program.consts {
            let value = constants.evaluate(program, &constant.body);
            constants.0.push(value);
        }
        constants
    }

    /// The value of a constant by its index; `at` is the node that uses it.
    pub(crate) fn get(&self, index: usize, at: u32) -> Result<Value, Fault> {
        self.0.get(index).cloned().unwrap_or_else(|| Err(broken(at)))
    }

    /// The value of a body that has no parameters and does not look at a case.
    ///
    /// # Errors
    /// The fault that it ends in.
    pub fn evaluate(&self, program: &Program, body: &Body) -> Result<Value, Fault> {
        match (Pure { program, constants: self }).eval(&body.expr, &mut Frame::of(body, Vec::new())) {
            Ok(value) => Ok(value),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Unmet(_)) => Err(broken(body.expr.at)),
        }
    }
}

/// The value of a body that has no parameters and does not look at a case. Who has many, keeps a [`Constants`].
///
/// # Errors
/// The fault that it ends in.
pub fn evaluate(program: &Program, body: &Body) -> Result<Value, Fault> {
    Constants::of(program).evaluate(program, body)
}

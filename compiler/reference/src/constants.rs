//! Expressions that stand on nothing but the program.

use std::collections::BTreeSet;

use play_check::typed::{Body, Program};
use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};
use play_program::exec::{Fault, TOO_MUCH_WORK};
use play_program::value::Value;

use crate::pure::{Frame, Pure, Stop, broken};

/// How much a constant may cost: it is computed at each check of a program, also while that is being typed.
const MOST_WORK: u64 = 500_000;

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
        let mut frame = Frame::of(body, Vec::new());
        frame.work = MOST_WORK;
        match (Pure { program, constants: self }).eval(&body.expr, &mut frame) {
            Ok(value) => Ok(value),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Unmet(_)) => Err(broken(body.expr.at)),
        }
    }
}

/// Reports the constants that have no value: whoever used one would find that out while a case is open.
#[must_use]
pub fn findings(program: &Program) -> Vec<Diagnostic> {
    let place = |at: u32| {
        let node = program.nodes.get(at as usize)?;
        Some(Place { file: node.file, start: node.start, end: node.end })
    };
    let constants = Constants::of(program);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (constant, value) in program.consts.iter().zip(&constants.0) {
        let Err(fault) = value else { continue };
        // One that uses another one has its fault.
        let (true, Some(at), Some(whole)) =
            (seen.insert(fault.at), place(fault.at), place(constant.body.expr.at))
        else {
            continue;
        };
        let name = &constant.name;
        let (what, help) = if fault.what == TOO_MUCH_WORK {
            ("takes too much work", "Write down what it comes to.")
        } else {
            ("has no value", "A constant is computed when the program is built: write one that can be.")
        };
        let finding = Diagnostic::error(codes::P3028, at, format!("the constant `{name}` {what}"));
        let finding = finding.here(fault.what.clone()).help(help);
        let inside = whole.file == at.file && whole.start <= at.start && at.end <= whole.end;
        found.push(if inside { finding } else { finding.label(whole, format!("computed for `{name}`")) });
    }
    found
}

/// The value of a body that has no parameters and does not look at a case. Who has many, keeps a [`Constants`].
///
/// # Errors
/// The fault that it ends in.
pub fn evaluate(program: &Program, body: &Body) -> Result<Value, Fault> {
    Constants::of(program).evaluate(program, body)
}

//! `expect closed FalsePositive because "…"`: what is expected of a test, and a part of the reason for it.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::{RecordId, Type};
use play_syntax::ast::{Expr, TestStep};

use crate::body::Why;
use crate::context::{Context, place};
use crate::typed::Expect;

impl Context<'_> {
    pub(crate) fn expected_reason(
        &mut self,
        what: &TestStep,
        because: &Expr,
        case: Option<RecordId>,
    ) -> Option<Expect> {
        let part = self.fixed(because, &Type::String, &Why::Words("part of a reason"));
        let expected = self.expectation(&what.kind, what.span, case)?;
        match &expected {
            Expect::Closed(_)
            | Expect::HandedOver(_)
            | Expect::Set(..)
            | Expect::Routed(_)
            | Expect::Approved { never: false, .. } => Some(Expect::Reason(Box::new(expected), part)),
            _ => {
                let finding = Diagnostic::error(
                    codes::P8003,
                    place(because.span),
                    "there is no reason for what is expected here",
                );
                self.report(
                    finding
                        .here("a reason of nothing")
                        .note("What ends or changes a case has a reason, and what somebody approves.")
                        .help("Leave the `because` out, or expect `reasons [ ]`, `because contains` or `noted`."),
                );
                None
            }
        }
    }
}

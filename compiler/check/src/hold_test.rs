//! Holds in `test` blocks: what other runs hold, and what was kept because of that.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::ActionId;
use play_syntax::ast::{Expr, Name};

use crate::context::{Context, place};
use crate::typed::{Expect, OtherHold};

impl Context<'_> {
    /// `given another run holds okta.suspend("x") until 1d`
    pub(crate) fn given_other(
        &mut self,
        (connector, name): &(Name, Name),
        args: Option<&[Option<Expr>]>,
        until: Option<&Expr>,
    ) -> Option<OtherHold> {
        let action = self.action(connector, name)?;
        self.must_write(action, name.span)?;
        self.must_have_an_undo(action, name)?;
        let args = self.matching(action, name.span, args);
        let until = match until {
            Some(until) => Some(self.fixed_duration(until, "a hold")?),
            None => None,
        };
        Some(OtherHold { action, args, until })
    }

    /// `expect kept okta.suspend("x")`
    pub(crate) fn expected_kept(
        &mut self,
        action: &(Name, Name),
        args: Option<&[Option<Expr>]>,
    ) -> Option<Expect> {
        let name = &action.1;
        let (action, args) = self.expected_write(action, args)?;
        self.must_have_an_undo(action, name)?;
        Some(Expect::Kept { action, args })
    }

    /// Only what can be taken back is held by several.
    fn must_have_an_undo(&mut self, action: ActionId, at: &Name) -> Option<()> {
        let found = self.actions.get(action.0 as usize)?;
        if found.undo.is_some() {
            return Some(());
        }
        let name = found.full_name();
        self.report(
            Diagnostic::error(codes::P8003, place(at.span), format!("nothing takes `{name}` back"))
                .here("has no `undo`")
                .note("What several runs hold stays until the last of them takes it back.")
                .help("Name an action whose connector declares an `undo` for it."),
        );
        None
    }
}

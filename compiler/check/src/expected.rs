//! What a test expects of acts, reads and changes: how often, in which order.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::ActionId;
use play_program::types::{RecordId, Type};
use play_syntax::ast::{Expr, ExprKind, How, Name, Span};

use crate::body::Why;
use crate::context::{Context, place};
use crate::typed::{Body, Expect};

impl Context<'_> {
    /// `expect did a(x)`, with `times 2` or `before b(y)`.
    pub(crate) fn expected_act(
        &mut self,
        did: bool,
        action: &(Name, Name),
        args: Option<&[Option<Expr>]>,
        how: Option<&How>,
        span: Span,
    ) -> Option<Expect> {
        let (action, args) = self.expected_write(action, args)?;
        match how {
            None => Some(Expect::Act { did, action, args }),
            Some(_) if !did => {
                self.report(
                    Diagnostic::error(codes::P8001, place(span), "`never` is never: it takes nothing more")
                        .here("`times` and `before` say how something was done")
                        .help("Write `expect did …`, or leave the rest out."),
                );
                None
            }
            Some(How::Times(times)) => {
                let times = self.times(times)?;
                Some(Expect::Times { action, args, times })
            }
            Some(How::Before { action: other, args: others }) => {
                let second = self.expected_write(other, others.as_deref())?;
                Some(Expect::Before { first: (action, args), second })
            }
        }
    }

    pub(crate) fn expected_write(
        &mut self,
        (connector, name): &(Name, Name),
        args: Option<&[Option<Expr>]>,
    ) -> Option<(ActionId, Option<Vec<Option<Body>>>)> {
        let action = self.action(connector, name)?;
        self.must_write(action, name.span)?;
        let args = self.matching(action, name.span, args);
        Some((action, args))
    }

    /// `expect undone a(x)`, with `after 4h`.
    pub(crate) fn expected_undone(
        &mut self,
        action: &(Name, Name),
        args: Option<&[Option<Expr>]>,
        after: Option<&Expr>,
    ) -> Option<Expect> {
        let (action, args) = self.expected_write(action, args)?;
        let after = match after {
            Some(after) => Some(self.virtual_time(after)?),
            None => None,
        };
        Some(Expect::Undone { action, args, after })
    }

    /// `expect held a(x)`, with `for 4h`.
    pub(crate) fn expected_held(
        &mut self,
        action: &(Name, Name),
        args: Option<&[Option<Expr>]>,
        length: Option<&Expr>,
    ) -> Option<Expect> {
        let (action, args) = self.expected_write(action, args)?;
        let length = match length {
            Some(length) => Some(self.fixed_duration(length, "a hold")?),
            None => None,
        };
        Some(Expect::Held { action, args, length })
    }

    /// `expect read a(x)`, with `times 2`.
    pub(crate) fn expected_read(
        &mut self,
        (connector, name): &(Name, Name),
        args: Option<&[Option<Expr>]>,
        times: Option<&Expr>,
    ) -> Option<Expect> {
        let action = self.action(connector, name)?;
        let found = self.actions.get(action.0 as usize)?;
        if found.write {
            let full = found.full_name();
            self.report(
                Diagnostic::error(
                    codes::P8003,
                    place(name.span),
                    format!("`{full}` is a write, and is done"),
                )
                .here("not a read")
                .help(format!("Write `expect did {full}`.")),
            );
            return None;
        }
        let args = self.matching(action, name.span, args);
        match times {
            None => Some(Expect::Read { action, args }),
            Some(times) => self.times(times).map(|times| Expect::Times { action, args, times }),
        }
    }

    fn times(&mut self, times: &Expr) -> Option<u64> {
        if let ExprKind::Int(n) = &times.kind
            && let Ok(n) = u64::try_from(*n)
        {
            return Some(n);
        }
        self.report(
            Diagnostic::error(codes::P8001, place(times.span), "`times` takes a whole number")
                .here("how often?")
                .help("Write `times 2`."),
        );
        None
    }

    /// `expect set severity = High`
    pub(crate) fn expected_set(
        &mut self,
        case: Option<RecordId>,
        field: &Name,
        value: &Expr,
    ) -> Option<Expect> {
        let case = case?;
        let Some((slot, ty)) = self.slot(case, &field.text) else {
            self.unknown_field(case, field);
            return None;
        };
        // An option is set to what it holds, or to `none`.
        let value = self.fixed(value, &ty, &Why::Field(case, field.text.as_str().to_string()));
        let fits = !matches!(ty, Type::Unit);
        fits.then_some(Expect::Set(slot, value))
    }
}

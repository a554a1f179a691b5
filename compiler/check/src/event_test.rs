//! `given tickets.closed(_) arrives Ticket { … } after 2h`: events in tests.

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::Type;
use play_syntax::ast::{self, Expr, Name};

use crate::body::Why;
use crate::context::{Context, Global, place};
use crate::typed::ArrivalStub;

impl Context<'_> {
    fn event_named(&self, (connector, name): &(Name, Name)) -> Option<(u32, ast::Span)> {
        match self.globals.get(connector.span, &connector.text) {
            Some((Global::Connector(index), _)) => {
                self.connectors.get(*index)?.events.get(name.text.as_str()).copied()
            }
            _ => None,
        }
    }

    /// Whether this is an event and no action.
    pub(crate) fn is_event(&self, named: &(Name, Name)) -> bool {
        self.event_named(named).is_some()
    }

    /// What arrives, and when.
    pub(crate) fn arrival(
        &mut self,
        named: &(Name, Name),
        args: Option<&[Option<Expr>]>,
        replies: &[ast::Reply],
    ) -> Option<ArrivalStub> {
        let (event, declared) = self.event_named(named)?;
        let spec = self.events.get(event as usize)?.clone();
        let name = spec.full_name();
        let args = args.and_then(|args| self.matching_of(&name, &spec.params, declared, named.1.span, args));
        let [reply] = replies else {
            self.not_arriving(named, &format!("each `{name}` that arrives has a line of its own"));
            return None;
        };
        let ast::StubAnswer::Arrives(value, span) = &reply.answer else {
            self.not_arriving(named, &format!("`{name}` is an event: it arrives, and answers nothing"));
            return None;
        };
        let value = match (value, &spec.result) {
            (Some(value), ty) => Some(self.fixed(value, ty, &Why::Words("what the event gives"))),
            (None, Type::Unit | Type::Option(_)) => None,
            (None, ty) => {
                let gives = self.a_type(ty);
                self.report(
                    Diagnostic::error(
                        codes::P8003,
                        place(*span),
                        format!("`{name}` gives {gives}, and nothing says which"),
                    )
                    .here("without a value")
                    .help("Write it behind `arrives`."),
                );
                return None;
            }
        };
        let after = match &reply.after {
            Some(after) => self.virtual_time(after)?,
            None => SignedDuration::ZERO,
        };
        Some(ArrivalStub { event, args, value, after })
    }

    fn not_arriving(&mut self, named: &(Name, Name), what: &str) {
        self.report(
            Diagnostic::error(codes::P8003, place(named.1.span), what.to_string())
                .here("an event")
                .help("Write `given CONNECTOR.EVENT(…) arrives VALUE after 2h`, and no such line where it never comes."),
        );
    }
}

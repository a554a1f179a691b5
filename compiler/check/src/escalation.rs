//! `then role.soc_lead within 1h`: who is asked as well, when nobody has decided in time.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::call::{MOST_TURNS, Turn};
use play_syntax::ast::{Escalation, Target};

use crate::context::{Context, place};

impl Context<'_> {
    /// Those who are asked behind the first, each with their time. `who` is what a role is taken for: somebody who approves, or
    /// who answers. Reports a role that is asked already.
    pub(crate) fn escalations(
        &mut self,
        first: &Target,
        then: &[Escalation],
        what: &str,
        mut who: impl FnMut(&mut Self, &Target) -> Option<String>,
    ) -> Vec<Turn> {
        let mut known = vec![first];
        let mut turns = Vec::new();
        for escalation in then {
            let to = &escalation.to;
            let role = who(self, to);
            let within = self.wait_length(&escalation.within, what);
            let again = known.iter().find(|k| k.kind.text == to.kind.text && k.name.text == to.name.text);
            if let Some(before) = again {
                let text = format!("`{}.{}` is asked already", to.kind.text, to.name.text);
                self.report(
                    Diagnostic::error(codes::P5072, place(to.span()), text)
                        .here("asked again")
                        .label(place(before.span()), "asked first here")
                        .note("Whoever was asked may decide until the end: nobody else would come to know of it.")
                        .help("Give the first one more time, or name another role."),
                );
                continue;
            }
            if turns.len() == MOST_TURNS {
                let text = format!("at most {MOST_TURNS} roles are asked after the first");
                self.report(
                    Diagnostic::error(codes::P5072, place(to.span()), text)
                        .here("one too many")
                        .help("Hand the case over when nobody of these decides."),
                );
                break;
            }
            known.push(to);
            if let (Some(to), Some(within)) = (role, within) {
                turns.push(Turn { to, within });
            }
        }
        turns
    }
}

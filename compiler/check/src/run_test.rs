//! `run triage as shadow`: how the run of a test is driven.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, suggest};
use play_program::autonomy::Autonomy;
use play_syntax::ast::RunAs;

use crate::context::{Context, place};

impl Context<'_> {
    /// `None` for what was reported.
    pub(crate) fn run_as(&mut self, how: &RunAs) -> Option<Autonomy> {
        let word = how.word.text.as_str();
        match (word, &how.asks) {
            ("automatic", None) => Some(Autonomy::Automatic),
            ("shadow", None) => Some(Autonomy::Shadow),
            ("supervised", Some((to, within))) => {
                let from = self.target(to)?;
                let within = self.fixed_duration(within, "an approval")?;
                if to.kind.text != "role" {
                    let finding = Diagnostic::error(codes::P8001, place(to.kind.span), "a role is asked")
                        .here("no role")
                        .help("Write `by role.NAME`.");
                    self.report(finding);
                    return None;
                }
                Some(Autonomy::Supervised { from, within })
            }
            ("supervised", None) => {
                self.wrong_run(
                    how,
                    "a supervised run asks somebody".into(),
                    "Write `as supervised by role.NAME within 4h`.",
                );
                None
            }
            ("automatic" | "shadow", Some(_)) => {
                self.wrong_run(
                    how,
                    format!("a run that is {word} asks nobody"),
                    "Leave out `by … within …`, or write `supervised`.",
                );
                None
            }
            _ => {
                let text = format!("autonomy `{word}` is not known");
                let finding = Diagnostic::error(codes::P8001, place(how.word.span), text).here("not known");
                self.report(match suggest::closest(word, Autonomy::WORDS) {
                    Some(near) => finding.help(format!("Did you mean `{near}`?")).fix(
                        format!("Write `{near}`"),
                        false,
                        vec![Edit { place: place(how.word.span), text: near.to_string() }],
                    ),
                    None => finding
                        .help("There are `automatic`, `supervised by role.NAME within 4h` and `shadow`."),
                });
                None
            }
        }
    }

    fn wrong_run(&mut self, how: &RunAs, text: String, help: &str) {
        let finding = Diagnostic::error(codes::P8001, place(how.word.span), text).here("this run").help(help);
        self.report(finding);
    }
}

//! What is said of a value at a place that its label keeps it from: the way it went, and what to write.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;

use super::flow::{Label, Way};
use super::walk::{Sink, Where};
use crate::context::Context;

/// Steps of a way that are shown, the first ones.
const SHOWN: usize = 4;

/// How a value is revealed: right where it stands, if it begins as what `reveal` takes.
fn revealed(text: &str) -> String {
    let word = |word: &&str| text.split(|c: char| !c.is_alphanumeric()).next() == Some(*word);
    let other = ["value", "if", "match", "for", "not", "do"].iter().any(word);
    if !other && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '"' || c == '_') {
        format!("`let shown = reveal {text} because \"…\"`")
    } else {
        "`let value = …` with it, then `let shown = reveal value because \"…\"`,".into()
    }
}

impl Context<'_> {
    pub(super) fn barred(&self, sink: &Sink) -> Diagnostic {
        let span = play_syntax::ast::Span { file: sink.at.file, start: sink.at.start, end: sink.at.end };
        let (what, shown) = (self.quoted(span), revealed(&self.example(span)));
        let action = |id: &play_program::action::ActionId| {
            self.actions.get(id.0 as usize).map(|a| a.full_name()).unwrap_or_default()
        };
        let finding = match (sink.label, &sink.what) {
            (Label::Pii, Where::Field(field)) => {
                Diagnostic::error(codes::P6004, sink.at, format!("{what} is `pii`, and the field `{field}` is not"))
                    .here("personal data")
                    .help(format!("Declare the field as `pii`, or write {shown} and set it to `shown`."))
            }
            (Label::Pii, Where::Argument(id, param)) => {
                let name = action(id);
                Diagnostic::error(codes::P6004, sink.at, format!("{what} is `pii`, and `{param}` of `{name}` takes none"))
                    .here("personal data, sent to another system")
                    .help(format!("Write {shown} and use `shown`; or, where the other system is there for such data, declare the parameter as `pii`."))
            }
            (Label::Pii, Where::Related(id, param)) => {
                let name = action(id);
                Diagnostic::error(codes::P6004, sink.at, format!("{what} is `pii`, and `{param}` of `{name}` takes none"))
                    .here("personal data, sent to another system")
                    .help(format!("Declare `{param}` of `{name}` as `pii`."))
            }
            (Label::Pii, Where::Result(id)) => {
                let name = action(id);
                Diagnostic::error(codes::P6004, sink.at, format!("{what} is `pii`, and what `{name}` gives is not"))
                    .here("personal data, under a type that does not say so")
                    .help("Declare the result as `pii` (`-> TYPE pii`), or the field of it that this stands in.")
            }
            (Label::Pii, place) => {
                let place = if let Where::Words(words) = place { *words } else { "text" };
                Diagnostic::error(codes::P6004, sink.at, format!("{what} is `pii`, and would stand in {place}"))
                    .here("personal data")
                    .note("Notes and reasons are read by many, and kept as long as the evidence.")
                    .help(format!("Leave it out, or write {shown} and use `shown`."))
            }
            (Label::Untrusted, Where::Argument(id, param) | Where::Related(id, param)) => {
                let name = action(id);
                Diagnostic::error(codes::P6005, sink.at, format!("{what} is text from outside, and `{param}` of `{name}` is run by the other system"))
                    .here("whoever wrote it would write the query, the command or the template")
                    .help("Let it be a parameter of its own, which is sent as a value; or convert it to a type with a form of its own, such as `Ip`, `Domain`, `Hash` or an enum.")
            }
            (Label::Untrusted, _) => {
                Diagnostic::error(codes::P6005, sink.at, format!("{what} may be text from outside, and is built into text that is sent"))
                    .here("whoever wrote it would write a part of what the other system reads")
                    .help("Send it as a value of its own (`query { name: value }`, `json { name: value }`), or declare the parameter as `trusted`.")
            }
        };
        let mut steps: Vec<&Way> = Vec::new();
        let mut way = Some(&*sink.way);
        while let Some(step) = way {
            steps.push(step);
            way = step.before.as_deref();
        }
        let mut steps: Vec<&Way> = steps.into_iter().rev().collect();
        steps.dedup_by_key(|s| s.at);
        let steps = steps.into_iter().filter(|s| s.at != sink.at && s.at.end > 0);
        steps.take(SHOWN).fold(finding, |finding, step| finding.label(step.at, step.text.clone()))
    }
}

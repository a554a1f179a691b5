//! What a test expects of the reason of one thing.

use play_evidence::{J, ParsedLine};
use play_program::artifact::Expect;
use play_program::types::TypeTable;

use crate::encode;
use crate::expected::reason;
use crate::testing::{Seen, is_call};

impl Seen<'_> {
    /// Whether what is expected, and was so, has a reason that contains the text; what was seen instead.
    pub(crate) fn reason_of(&self, what: &Expect, wanted: &str) -> Option<String> {
        let seen: Vec<String> = match what {
            Expect::Closed(class) => {
                let class = self.manifest.types.variant(TypeTable::CLOSURE, *class)?;
                self.lines_of("run.closed", |line| line.field("class") == Some(&J::Str(class.into())))
            }
            Expect::HandedOver(to) => self.lines_of("run.handed_over", |line| goes_to(line, to.as_deref())),
            Expect::Routed(to) => self.lines_of("case.routed", |line| goes_to(line, to.as_deref())),
            Expect::Set(slot, value) => {
                let field = self.field(*slot)?;
                let value = encode::value(value, &field.ty, &self.manifest.types);
                let name = J::Str(field.name.clone());
                self.lines_of("case.set", |line| {
                    line.field("field") == Some(&name) && line.field("to") == Some(&value)
                })
            }
            Expect::Approved { action, args, by, .. } => {
                let approved = self.run.approvals().iter().filter(|d| d.approved);
                let these = approved.filter(|d| {
                    is_call(&(d.action, d.args.clone()), *action, args.as_deref())
                        && by.as_ref().is_none_or(|by| d.to.contains(by))
                });
                these.map(|d| d.because.clone()).collect()
            }
            _ => Vec::new(),
        };
        if seen.iter().any(|reason| reason.contains(wanted)) {
            return None;
        }
        let all: Vec<String> = seen.iter().map(|reason| format!("\"{reason}\"")).collect();
        let all =
            if all.is_empty() { "there is none".to_string() } else { format!("it is {}", all.join(", ")) };
        Some(format!("expected a reason for it that contains \"{wanted}\", but {all}"))
    }

    /// The reasons in the lines of a kind that fit.
    fn lines_of(&self, kind: &str, fits: impl Fn(&ParsedLine) -> bool) -> Vec<String> {
        self.kind(kind).into_iter().filter(fits).filter_map(reason).map(|(_, text)| text).collect()
    }
}

fn goes_to(line: &ParsedLine, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| line.field("to") == Some(&J::Str(wanted.into())))
}

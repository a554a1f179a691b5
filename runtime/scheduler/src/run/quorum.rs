//! Approvals that take several persons: each of them counts once.

use super::Run;
use super::person::{Person, Said};
use super::waiting::Awaited;

impl Run {
    /// One more person has approved an act, in this line. Whether others have to, still.
    pub(super) fn one_more(
        &mut self,
        of: u64,
        line: u64,
        (person, role, because): (&str, &str, &str),
    ) -> bool {
        let Some(Awaited::Person(Person { asked, said, .. })) =
            self.waiting.get_mut(&of).map(|w| &mut w.what)
        else {
            return false;
        };
        asked.by.push(person.to_string());
        said.push(Said { line, role: role.to_string(), because: because.to_string() });
        asked.missing() > 0
    }
}

/// What several have said, as one reason.
pub(super) fn together(said: &[Said]) -> String {
    let reasons: Vec<&str> = said.iter().map(|s| s.because.as_str()).collect();
    reasons.join("; ")
}

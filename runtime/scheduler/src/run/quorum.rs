//! Approvals that take several persons: each of them counts once.

use play_program::person::known_as;

use super::person::{Person, Said};
use super::waiting::Awaited;
use super::{Run, SchedulerError};
use crate::event::{APPROVE, Asked};

impl Asked {
    /// Whether what a person says to it counts; `of` is the line that asks. Who has approved may deny it still.
    ///
    /// # Errors
    /// Why it does not.
    pub fn hears(&self, of: u64, person: &str, choice: &str) -> Result<(), SchedulerError> {
        let known = known_as(person);
        if self.approval && choice == APPROVE && self.by.iter().any(|by| known_as(by) == known) {
            return Err(SchedulerError::Again { of, person: person.into(), missing: self.missing() });
        }
        Ok(())
    }
}

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

//! A person ends a run, whatever it waits for: the case is theirs.

use play_evidence::J;

use super::lines::fields;
use super::{Run, RunState, SchedulerError};
use crate::encode;
use crate::event::Step;

impl Run {
    /// Ends the run for a person. What is under way is cancelled; a write that is out may have been done, and is in doubt until
    /// its outcome comes or somebody finds out. What the run holds until a time keeps its end.
    pub(super) fn cancel_asked(
        &mut self,
        step: &mut Step,
        person: &str,
        because: &str,
    ) -> Result<(), SchedulerError> {
        if self.state.is_over() {
            return Err(SchedulerError::Over);
        }
        let at = self.manifest.playbooks.get(self.playbook).map(|p| p.at);
        let f = fields([("person", J::Str(person.into())), ("because", encode::text(because))]);
        self.write(step, "cancel.asked", &format!("person:{person}"), at, f)?;
        self.cancel_all(step)?;
        let to = format!("person:{person}");
        let f = fields([("to", J::Str(to.clone())), ("because", encode::text(because))]);
        self.write(step, "run.handed_over", "engine", at, f)?;
        self.state = RunState::HandedOver(to, because.to_string());
        Ok(())
    }
}

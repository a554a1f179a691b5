//! Steps that failed.

use play_evidence::J;
use play_program::exec::Scope;

use super::lines::fields;
use super::waiting::Awaited;
use super::{Run, SchedulerError};
use crate::event::Step;

impl Run {
    /// A step failed: nobody waits any more for what was still being read in its body, or to be read again.
    pub(super) fn step_failed(
        &mut self,
        step: &mut Step,
        at: u32,
        name: String,
        body: &Scope,
    ) -> Result<(), SchedulerError> {
        self.write(step, "step.failed", "engine", Some(at), fields([("step", J::Str(name))]))?;
        let is_open = |w: &super::Waiting| !matches!(w.what, Awaited::Act { .. }) && body.holds(&w.key);
        let open: Vec<u64> = self.waiting.iter().filter(|(_, w)| is_open(w)).map(|(of, _)| *of).collect();
        for of in open {
            if let Some(w) = self.waiting.remove(&of) {
                self.cancel(step, of, &w)?;
            }
        }
        Ok(())
    }
}

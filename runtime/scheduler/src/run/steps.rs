//! Steps that failed.

use play_evidence::J;
use play_program::exec::Scope;

use super::{Run, SchedulerError, fields, seq};
use crate::event::{Command, Step};

impl Run {
    /// A step failed: nobody waits any more for what was still being read in its body.
    pub(super) fn step_failed(
        &mut self,
        step: &mut Step,
        at: u32,
        name: String,
        body: &Scope,
    ) -> Result<(), SchedulerError> {
        self.write(step, "step.failed", "engine", Some(at), fields([("step", J::Str(name))]))?;
        let open: Vec<(u64, u32)> = self
            .waiting
            .iter()
            .filter(|(_, w)| w.key_text.is_none() && body.holds(&w.key))
            .map(|(of, w)| (*of, w.at))
            .collect();
        for (of, at) in open {
            self.waiting.remove(&of);
            self.write(step, "read.cancelled", "engine", Some(at), fields([("of", seq(of))]))?;
            step.commands.retain(|c| !matches!(c, Command::Read { of: o, .. } if *o == of));
            step.commands.push(Command::Cancel { of });
        }
        Ok(())
    }
}

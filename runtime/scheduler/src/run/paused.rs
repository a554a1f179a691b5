//! Writes that do not leave, because the store is paused. They are intended still, and sent under the same line and key later.

use play_evidence::J;
use play_program::action::ActionId;

use super::lines::{fields, seq, time};
use super::waiting::{Awaited, Waiting};
use super::{Run, SchedulerError};
use crate::event::{Command, Step};

impl Run {
    /// A write did not leave.
    pub(super) fn act_held(&mut self, step: &mut Step, of: u64, perhaps: bool) -> Result<(), SchedulerError> {
        let w = self.waiting.get(&of).ok_or(SchedulerError::NotWaiting(of))?;
        let (at, left) = (w.at, self.is_left(w));
        let Awaited::Act { sent, .. } = &w.what else { return Err(SchedulerError::WrongKind(of)) };
        let (sent, perhaps) = (sent.clone(), perhaps || sent.sent_before.is_some());
        let word = if perhaps { "perhaps before" } else { "never" };
        let f = fields([("of", seq(of)), ("why", J::Str("paused".into())), ("sent", J::Str(word.into()))]);
        self.write(step, "act.held", "engine", Some(at), f)?;
        match (left, perhaps) {
            // The run has ended meanwhile: nobody wants it any more, and it stays in doubt where it may have left before.
            (true, true) => {}
            (true, false) => {
                self.withdrawn(step, of, at)?;
                self.waiting.remove(&of);
                self.no_doubt();
            }
            (false, _) => {
                if let Some(w) = self.waiting.get_mut(&of) {
                    w.what = Awaited::Held { sent, perhaps };
                }
                step.commands.push(Command::Hold { of });
            }
        }
        Ok(())
    }

    /// Writes leave again.
    pub(super) fn act_released(&mut self, step: &mut Step, of: u64) -> Result<(), SchedulerError> {
        let Some(Waiting { at, what: Awaited::Held { sent, perhaps }, .. }) = self.waiting.get(&of) else {
            return Err(SchedulerError::WrongKind(of));
        };
        let (at, sent, perhaps) = (*at, sent.clone(), *perhaps);
        let action = self.manifest.action(sent.action).cloned().ok_or(SchedulerError::NotWaiting(of))?;
        let until = self.until(sent.within(&action));
        let f = fields([("of", seq(of)), ("until", time(until))]);
        self.write(step, "act.released", "engine", Some(at), f)?;
        step.commands.push(sent.act(of, &action, until, perhaps));
        if let Some(w) = self.waiting.get_mut(&of) {
            w.what = Awaited::Act { sent, in_doubt: false };
        }
        Ok(())
    }

    /// A write that was held, and never left, never will.
    pub(super) fn withdrawn(&mut self, step: &mut Step, of: u64, at: u32) -> Result<(), SchedulerError> {
        self.write(step, "act.withdrawn", "engine", Some(at), fields([("of", seq(of))]))?;
        self.acts.take_snapshot(of);
        Ok(())
    }

    /// Whether this write is held.
    #[must_use]
    pub fn is_held_back(&self, of: u64) -> bool {
        self.waiting.get(&of).is_some_and(|w| matches!(w.what, Awaited::Held { .. }))
    }

    /// The writes that are held: `seq` of the intent, and the action.
    #[must_use]
    pub fn held_back(&self) -> Vec<(u64, ActionId)> {
        let one = |(of, w): (&u64, &Waiting)| match &w.what {
            Awaited::Held { sent, .. } => Some((*of, sent.action)),
            _ => None,
        };
        self.waiting.iter().filter_map(one).collect()
    }
}

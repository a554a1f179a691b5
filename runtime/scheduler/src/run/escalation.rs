//! Escalation: when nobody has decided in time, others are asked as well, before it is over.

use jiff::Timestamp;
use play_evidence::{J, Line};
use play_program::call::Turn;

use super::lines::{fields, seq, time};
use super::person::Person;
use super::waiting::Awaited;
use super::{Run, SchedulerError};
use crate::event::{Command, Event, Step};

impl Run {
    /// Asks the next who are to be asked when the time of those before is over. Whether there are any.
    pub(super) fn escalated(&mut self, step: &mut Step, of: u64) -> Result<bool, SchedulerError> {
        let Some(w) = self.waiting.get(&of) else { return Err(SchedulerError::NotWaiting(of)) };
        let Awaited::Person(Person { asked, .. }) = &w.what else {
            return Err(SchedulerError::WrongKind(of));
        };
        let at = w.at;
        let mut asked = asked.clone();
        if asked.then.is_empty() {
            return Ok(false);
        }
        // They have their whole time from when they are asked, however late that is.
        let Turn { to, within } = asked.then.remove(0);
        asked.until = self.until(within);
        asked.to.push(to.clone());
        let f = fields([("of", seq(of)), ("to", J::Str(to)), ("until", time(asked.until))]);
        self.write(step, "person.escalated", "engine", Some(at), f)?;
        let act = self.approvals.act(of);
        step.commands.push(Command::Ask { of, asked: asked.clone(), act });
        step.commands.push(Command::Wake { of, at: asked.until });
        if let Some(Awaited::Person(person)) = self.waiting.get_mut(&of).map(|w| &mut w.what) {
            person.asked = asked;
        }
        Ok(true)
    }

    /// Asks those who are to be asked by now in this line, where nobody was there to do it when it was time. Gives the lines that
    /// say so.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub fn catch_up(&mut self, of: u64, now: Timestamp) -> Result<Vec<Line>, SchedulerError> {
        let due = |run: &Self| match run.waiting.get(&of).map(|w| &w.what) {
            Some(Awaited::Person(Person { asked, .. })) => !asked.then.is_empty() && now >= asked.until,
            _ => false,
        };
        let mut lines = Vec::new();
        while due(self) {
            lines.extend(self.apply(now, Event::Woke { of })?.lines);
        }
        Ok(lines)
    }
}

/// Who is asked later, as a line has it: only where anybody is.
pub(super) fn later(then: &[Turn]) -> Option<(String, J)> {
    let all: Vec<String> = then.iter().map(|t| format!("{} within {:#}", t.to, t.within)).collect();
    (!all.is_empty()).then(|| ("then".to_string(), J::Str(all.join(", "))))
}

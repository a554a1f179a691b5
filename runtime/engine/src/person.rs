//! What persons say to runs that wait for them.

use jiff::Timestamp;
use play_scheduler::{Event, Step};

use crate::engine::{Engine, EngineError};
use crate::recover::Load;

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It counts.
    Taken,
    /// The time for it was over; the run went on without it.
    TooLate,
}

impl Engine {
    /// Somebody answers what a run asks them in a line, and says why; the run goes on.
    ///
    /// # Errors
    /// When there is no such run, nothing waits there for such an answer, or the store fails.
    pub async fn answer(
        &mut self,
        name: &str,
        of: u64,
        choice: &str,
        (person, because): (&str, &str),
        load: &Load<'_>,
    ) -> Result<Said, EngineError> {
        let stuck = |why: String| EngineError::Resume { run: name.to_string(), why };
        let lines = self.shared.store.lines_of(name)?;
        let (pinned, mut run) = self.rebuild(&lines, load).map_err(stuck)?;
        if run.state().is_over() {
            return Err(stuck("it is over".into()));
        }
        let slot = self.room().await?;
        let mut step = if run.is_calling() {
            self.take_up(&mut run)?
        } else {
            Step { commands: run.pending(), ..Step::default() }
        };
        let now = Timestamp::now();
        let late = run.waits().iter().any(|w| w.of == of && w.person.is_some() && now >= w.until);
        let (event, said) = if late {
            // Its time has come, whoever looked at it when.
            (Event::Woke { of }, Said::TooLate)
        } else {
            let (person, choice, because) = (person.into(), choice.into(), because.into());
            (Event::PersonAnswered { of, person, choice, because }, Said::Taken)
        };
        let went_on = run.apply(now, event)?;
        step.commands.retain(|c| c.of() != of);
        step.lines.extend(went_on.lines);
        step.commands.extend(went_on.commands);
        let durable = self.shared.append(step.lines, Vec::new());
        self.launch(slot, &pinned, run, step.commands, Some(durable));
        self.wake_kept(load)?;
        Ok(said)
    }

    /// Somebody wants acts of a run taken back, latest first. It may have ended, or be parked.
    ///
    /// # Errors
    /// When there is no such run or no such act, a call of the run was cut off or is under way, or the store fails.
    pub async fn undo(
        &mut self,
        name: &str,
        acts: Vec<u64>,
        (person, because): (&str, &str),
        load: &Load<'_>,
    ) -> Result<(), EngineError> {
        let stuck = |why: String| EngineError::Resume { run: name.to_string(), why };
        let lines = self.shared.store.lines_of(name)?;
        let (pinned, mut run) = self.rebuild(&lines, load).map_err(stuck)?;
        if run.is_calling() {
            return Err(stuck("a call of it was cut off; `playc run` takes it up first".into()));
        }
        let slot = self.room().await?;
        let mut commands = run.pending();
        let (person, because) = (person.into(), because.into());
        let step = run.apply(Timestamp::now(), Event::UndoAsked { person, because, acts })?;
        commands.extend(step.commands);
        let durable = self.shared.append(step.lines, Vec::new());
        self.launch(slot, &pinned, run, commands, Some(durable));
        self.wake_kept(load)
    }
}

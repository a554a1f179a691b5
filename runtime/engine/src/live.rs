//! Runs that are being driven: how somebody speaks to one, and what becomes of it when it parks.
//!
//! A run is driven by one task, or by none: one that only waits for something far off is let go, and taken up from its
//! record when its time comes or somebody speaks to it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use play_program::artifact::Manifest;
use play_scheduler::{Event, Run};
use tokio::sync::{mpsc, oneshot};

use crate::engine::EngineError;

/// What the event for the run is, as it stands now; or why there is none.
pub type Make = Box<dyn FnOnce(&Run, &Manifest) -> Result<Event, String> + Send>;

/// Who is told what became of something that was said, once that is durable.
pub type Told = oneshot::Sender<Result<(), EngineError>>;

/// Something that is said to a run.
pub(crate) struct Word {
    pub(crate) make: Make,
    pub(crate) heard: Told,
}

/// The runs that have a task.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<BTreeMap<String, mpsc::UnboundedSender<Word>>>);

/// Where a run's task hears what is said to it.
pub(crate) type Inbox = mpsc::UnboundedReceiver<Word>;

impl Tasks {
    fn runs(&self) -> MutexGuard<'_, BTreeMap<String, mpsc::UnboundedSender<Word>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run has a task from now on.
    pub(crate) fn enter(&self, run: &str) -> Inbox {
        let (tx, rx) = mpsc::unbounded_channel();
        self.runs().insert(run.to_string(), tx);
        rx
    }

    /// Its task comes to its end, unless something was said to it meanwhile.
    pub(crate) fn leave(&self, run: &str, inbox: &mut Inbox) -> Option<Word> {
        let mut runs = self.runs();
        // Under the lock: nobody can say anything between this look and the removal.
        if let Ok(word) = inbox.try_recv() {
            return Some(word);
        }
        runs.remove(run);
        None
    }

    /// Says something to a run that has a task; gives it back when it has none.
    pub(crate) fn say(&self, run: &str, word: Word) -> Result<(), Word> {
        let mut runs = self.runs();
        let Some(inbox) = runs.get(run) else { return Err(word) };
        inbox.send(word).map_err(|refused| {
            // Its task ended badly.
            runs.remove(run);
            refused.0
        })
    }

    /// Whether a run has a task.
    pub(crate) fn has(&self, run: &str) -> bool {
        self.runs().contains_key(run)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.runs().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word() -> (Word, oneshot::Receiver<Result<(), EngineError>>) {
        let (heard, told) = oneshot::channel();
        (Word { make: Box::new(|_, _| Err("not asked".into())), heard }, told)
    }

    #[test]
    fn what_is_said_before_it_leaves_is_heard() {
        let live = Tasks::default();
        let mut inbox = live.enter("r");
        assert!(live.say("r", word().0).is_ok());
        assert!(live.leave("r", &mut inbox).is_some(), "it stays for that");
        assert!(live.has("r"));
        assert!(live.leave("r", &mut inbox).is_none());
        assert!(live.say("r", word().0).is_err(), "it is taken up from its record");
        assert_eq!(live.len(), 0);
    }

    #[test]
    fn a_task_that_ended_badly_is_forgotten() {
        let live = Tasks::default();
        drop(live.enter("r"));
        assert!(live.say("r", word().0).is_err());
        assert!(!live.has("r"));
    }
}

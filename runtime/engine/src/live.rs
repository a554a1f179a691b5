//! Runs that are being driven: how somebody speaks to one, and what becomes of it when it parks.
//!
//! A run is driven by one task, or by none: one that only waits for something far off is let go, and taken up from its
//! record when its time comes or somebody speaks to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use play_program::artifact::Manifest;
use play_scheduler::{Event, Run};
use tokio::sync::{mpsc, oneshot};

use crate::engine::{EngineError, Shared};

/// What the event for the run is, as it stands now; or why there is none.
pub type Make = Box<dyn FnOnce(&Run, &Manifest) -> Result<Event, String> + Send>;

/// Who is told what became of something that was said, once that is durable.
pub type Told = oneshot::Sender<Result<(), EngineError>>;

/// Something that is said to a run.
pub(crate) struct Word {
    pub(crate) make: Make,
    pub(crate) heard: Told,
}

/// Where one speaks to a run's task.
type Ear = mpsc::UnboundedSender<Word>;

/// The runs that have a task.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<BTreeMap<String, Ear>>);

/// Where a run's task hears what is said to it.
pub(crate) type Inbox = mpsc::UnboundedReceiver<Word>;

/// A run has a task as long as there is this: however the task ends.
pub(crate) struct Driven {
    shared: Arc<Shared>,
    run: String,
    ear: mpsc::WeakUnboundedSender<Word>,
}

impl Driven {
    /// A run has a task from now on.
    pub(crate) fn new(shared: &Arc<Shared>, run: &str) -> (Self, Inbox) {
        let (ear, inbox) = shared.live.enter(run);
        (Self { shared: Arc::clone(shared), run: run.to_string(), ear }, inbox)
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.shared.live.forget(&self.run, &self.ear);
        self.shared.in_force.left(&self.run);
    }
}

impl Tasks {
    fn runs(&self) -> MutexGuard<'_, BTreeMap<String, Ear>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, run: &str) -> (mpsc::WeakUnboundedSender<Word>, Inbox) {
        let (tx, rx) = mpsc::unbounded_channel();
        let ear = tx.downgrade();
        self.runs().insert(run.to_string(), tx);
        (ear, rx)
    }

    /// A task has ended. It may have left before, and the run have another one by now.
    fn forget(&self, run: &str, ear: &mpsc::WeakUnboundedSender<Word>) {
        let mut runs = self.runs();
        // Nobody but this map keeps the sender for longer than a moment.
        if let Some(own) = ear.upgrade()
            && runs.get(run).is_some_and(|now| now.same_channel(&own))
        {
            runs.remove(run);
        }
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
        let (_, mut inbox) = live.enter("r");
        assert!(live.say("r", word().0).is_ok());
        assert!(live.leave("r", &mut inbox).is_some(), "it stays for that");
        assert!(live.has("r"));
        assert!(live.leave("r", &mut inbox).is_none());
        assert!(live.say("r", word().0).is_err(), "it is taken up from its record");
        assert_eq!(live.len(), 0);
    }

    #[test]
    fn a_task_that_ends_after_it_left_forgets_no_later_one() {
        let live = Tasks::default();
        let (first, mut inbox) = live.enter("r");
        assert!(live.leave("r", &mut inbox).is_none());
        let (second, _inbox) = live.enter("r");
        live.forget("r", &first);
        assert!(live.has("r"), "the second is there");
        live.forget("r", &second);
        assert!(!live.has("r"));
    }

    #[test]
    fn a_task_that_ended_badly_is_forgotten() {
        let live = Tasks::default();
        drop(live.enter("r"));
        assert!(live.say("r", word().0).is_err());
        assert!(!live.has("r"));
    }
}

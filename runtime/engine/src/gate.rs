//! Through which every write leaves, at the last moment, unless the store is paused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use play_journal::{Journal, Lease, Pause};
use play_scheduler::Run;
use tokio::sync::watch;

/// The gate, and what stands before it.
pub struct Gate {
    store: Arc<dyn Journal>,
    inner: Mutex<Inner>,
    /// Whether it is shut.
    shut: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Inner {
    shut: bool,
    /// Where others write as well: whether the last that was written says that no write leaves.
    recorded: bool,
    /// Writes that have left, and have no answer yet.
    out: usize,
    /// By run, the lines of its writes that are held.
    held: BTreeMap<String, BTreeSet<u64>>,
}

/// A write that has left, until it has an answer.
#[derive(Debug)]
pub(crate) struct Left<'g>(&'g Gate);

/// Whether a write leaves.
#[derive(Debug)]
pub(crate) enum Leave<'g> {
    /// It does.
    Now(Left<'g>),
    /// The store is paused.
    Held,
    /// It was silent for so long that others may have taken the store over: this is not certain yet. It has to be asked again.
    NotYet,
    /// Others have.
    Lost,
}

/// How soon a lease that is over is looked at again. It is renewed as soon as its worker is awake.
const AGAIN: Duration = Duration::from_millis(50);

impl Drop for Left<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.inner();
        inner.out = inner.out.saturating_sub(1);
    }
}

impl Gate {
    /// As the record of the store has it: whether it is paused, and the writes that are held.
    pub(crate) fn new(
        store: Arc<dyn Journal>,
        pause: Option<&Pause>,
        held: BTreeMap<String, BTreeSet<u64>>,
    ) -> Self {
        let shut = pause.is_some();
        let recorded = shut && store.sharing().is_some();
        let inner = Mutex::new(Inner { shut, recorded, out: 0, held });
        Self { store, inner, shut: watch::Sender::new(shut) }
    }

    /// Nothing that holds it can panic half-way.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A write leaves, unless it must not. This is the last thing that is asked.
    pub(crate) fn leave(&self) -> Leave<'_> {
        let mut inner = self.inner();
        if inner.shut {
            return Leave::Held;
        }
        match self.store.lease() {
            Lease::Good => {}
            Lease::Stale => return Leave::NotYet,
            Lease::Lost => return Leave::Lost,
        }
        inner.out = inner.out.saturating_add(1);
        Leave::Now(Left(self))
    }

    /// Before it is asked again.
    pub(crate) async fn again(&self) {
        tokio::time::sleep(AGAIN).await;
    }

    /// From now on no write leaves. Gives how many have left before, and have no answer yet.
    pub(crate) fn shut(&self) -> usize {
        let mut inner = self.inner();
        inner.shut = true;
        self.shut.send_replace(true);
        inner.out
    }

    /// The record of a store that several share says that no write leaves, or that writes may leave again.
    pub(crate) fn is_recorded(&self, paused: bool) {
        let mut inner = self.inner();
        inner.recorded = paused;
        if paused {
            inner.shut = true;
            self.shut.send_replace(true);
        }
    }

    /// Writes leave again, unless somebody else has paused the store since. Gives those that are held.
    pub(crate) fn open(&self) -> Vec<(String, u64)> {
        let mut inner = self.inner();
        if inner.recorded {
            return Vec::new();
        }
        inner.shut = false;
        self.shut.send_replace(false);
        inner.held.iter().flat_map(|(run, acts)| acts.iter().map(move |of| (run.clone(), *of))).collect()
    }

    /// Whether no write leaves.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        self.inner().shut
    }

    /// How many writes are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.inner().held.values().map(BTreeSet::len).sum()
    }

    /// Resolves as soon as no write leaves.
    pub(crate) async fn is_closing(&self) {
        // The sender is as old as we are.
        let _ = self.shut.subscribe().wait_for(|shut| *shut).await;
    }

    /// The writes of a run are held that it says are, and no others.
    pub(crate) fn note(&self, run: &Run) {
        self.note_held(run.name(), run.held_back().into_iter().map(|(of, _)| of).collect());
    }

    fn note_held(&self, run: &str, held: BTreeSet<u64>) {
        let mut inner = self.inner();
        if held.is_empty() {
            inner.held.remove(run);
        } else {
            inner.held.insert(run.to_string(), held);
        }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(gate: &Gate) -> Option<Left<'_>> {
        match gate.leave() {
            Leave::Now(left) => Some(left),
            _ => None,
        }
    }

    #[test]
    fn what_has_left_is_counted_and_nothing_leaves_a_shut_gate() {
        let dir = tempfile::tempdir().unwrap();
        let store = play_journal::Store::open(&dir.path().join("store"), play_journal::Options::default());
        let gate = Gate::new(Arc::new(store.unwrap()), None, BTreeMap::new());
        let out = left(&gate).unwrap();
        assert_eq!(gate.shut(), 1);
        assert!(left(&gate).is_none());
        drop(out);
        assert_eq!(gate.shut(), 0);
        gate.note_held("r", BTreeSet::from([7, 9]));
        assert_eq!(gate.held(), 2);
        gate.note_held("r", BTreeSet::from([9]));
        assert_eq!(gate.open(), [("r".to_string(), 9)]);
        assert!(left(&gate).is_some());
        gate.note_held("r", BTreeSet::new());
        assert_eq!(gate.held(), 0);
    }
}

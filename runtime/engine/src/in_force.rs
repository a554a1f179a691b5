//! What is in force in the store, shared by all runs of an engine.
//!
//! A projection: it is read from the lines of the store at start, and from then on from what runs write. The rules are those of
//! [`Register`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use play_evidence::{Line, ParsedLine};
use play_scheduler::register::{Register, Release};
use tokio::sync::watch;

use crate::engine::Shared;

/// The register, and who is to be told when it changes.
pub(crate) struct InForce {
    register: Mutex<Register>,
    /// The runs that this engine drives.
    live: Mutex<BTreeMap<String, usize>>,
    changed: watch::Sender<()>,
}

/// A run that is being driven.
pub(crate) struct Live {
    shared: Arc<Shared>,
    run: String,
}

impl Live {
    /// This run is driven, until what this gives is dropped.
    pub(crate) fn new(shared: &Arc<Shared>, run: &str) -> Self {
        let mut live = locked(&shared.in_force.live);
        let n = live.entry(run.to_string()).or_default();
        *n = n.saturating_add(1);
        Self { shared: Arc::clone(shared), run: run.to_string() }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut live = locked(&self.shared.in_force.live);
        if let Some(n) = live.get_mut(&self.run) {
            *n = n.saturating_sub(1);
            if *n == 0 {
                live.remove(&self.run);
            }
        }
        drop(live);
        self.shared.in_force.changed.send_replace(());
    }
}

/// Nothing that holds it can panic half-way.
fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl InForce {
    pub(crate) fn new(register: Register) -> Self {
        Self { register: Mutex::new(register), live: Mutex::default(), changed: watch::Sender::new(()) }
    }

    /// Takes note of lines that runs write.
    pub(crate) fn take(&self, lines: &[Line]) {
        let mut all = lines.iter().filter(|line| Register::concerns(&line.bytes)).peekable();
        if all.peek().is_none() {
            return;
        }
        let mut register = locked(&self.register);
        for line in all {
            // What was just written is well made.
            if let Ok(line) = ParsedLine::parse(&line.bytes) {
                register.take(&line);
            }
        }
        drop(register);
        self.changed.send_replace(());
    }

    /// Whoever has been told nothing new asks again when this changes.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// See [`Register::ask`].
    pub(crate) fn ask(&self, run: &str, act: u64, call: &str) -> Option<Release> {
        locked(&self.register).ask(run, act, call)
    }

    /// See [`Register::forget`].
    pub(crate) fn forget(&self, run: &str, act: u64) {
        locked(&self.register).forget(run, act);
        self.changed.send_replace(());
    }

    /// See [`Register::is_soon`].
    pub(crate) fn is_soon(&self, run: &str, act: u64, soon: Timestamp) -> bool {
        let live = locked(&self.live);
        locked(&self.register).is_soon(run, act, soon, |run| live.contains_key(run))
    }

    /// Waits until nobody takes back any more what this act is about to be done to.
    pub(crate) async fn out_of_the_way(&self, run: &str, act: u64) {
        let mut changes = self.changes();
        while locked(&self.register).is_in_the_way(run, act) {
            // The sender is gone only with the engine.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// See [`Register::is_settled`].
    pub(crate) fn is_settled(&self, run: &str) -> bool {
        locked(&self.register).is_settled(run)
    }

    /// The runs that wait for others to let go of something.
    pub(crate) fn kept(&self) -> Vec<String> {
        let live = locked(&self.live);
        let kept = locked(&self.register).kept();
        kept.into_iter().filter(|run| !live.contains_key(run)).collect()
    }
}

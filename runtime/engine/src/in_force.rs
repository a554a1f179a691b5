//! What is in force in the store, shared by all runs of an engine.
//!
//! A projection: it is read from the lines of the store at start, and from then on from what runs write. The rules are those of
//! [`Register`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use play_evidence::{Line, ParsedLine};
use play_scheduler::register::{Register, Release};

use crate::live::Tasks;
use crate::signal::{Signal, Watch};

/// The register, and who is to be told when it changes.
pub(crate) struct InForce {
    register: Mutex<Register>,
    changed: Arc<Signal>,
}

/// Nothing that holds it can panic half-way.
fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl InForce {
    pub(crate) fn new(register: Register) -> Self {
        Self { register: Mutex::new(register), changed: Arc::default() }
    }

    /// Takes note of lines that runs write.
    pub(crate) fn take(&self, lines: &[Line]) {
        let concerns = |line: &&Line| match line.said() {
            Some(said) => Register::concerns_kind(said.k),
            None => Register::concerns(&line.bytes),
        };
        let mut all = lines.iter().filter(concerns).peekable();
        if all.peek().is_none() {
            return;
        }
        let mut register = locked(&self.register);
        for line in all {
            if let Some(said) = line.said() {
                register.take_said(said);
            } else if let Ok(parsed) = ParsedLine::parse(&line.bytes) {
                // What was just written is well made.
                register.take(&parsed);
            }
        }
        drop(register);
        self.changed.raise();
    }

    /// Takes note of a line of another's run.
    pub(crate) fn told(&self, line: &ParsedLine) {
        locked(&self.register).take_foreign(line);
        self.changed.raise();
    }

    /// What would be said to one who asks, as far as is known now.
    pub(crate) fn peek(&self, run: &str, act: u64, call: &str) -> Option<Release> {
        locked(&self.register).peek(run, act, call)
    }

    /// See [`Register::was_disturbed`].
    pub(crate) fn was_disturbed(&self, run: &str, of: u64) -> bool {
        locked(&self.register).was_disturbed(run, of)
    }

    /// The runs of the store of which something is to come.
    pub(crate) fn open(&self) -> Vec<String> {
        locked(&self.register).open()
    }

    /// A run is not driven any more: who waits for it looks again.
    pub(crate) fn left(&self, run: &str) {
        locked(&self.register).looks_away(run);
        self.changed.raise();
    }

    /// Whoever has been told nothing new asks again when this changes.
    pub(crate) fn changes(&self) -> Watch {
        self.changed.from_the_first()
    }

    /// See [`Register::ask`].
    pub(crate) fn ask(&self, run: &str, act: u64, call: &str) -> Option<Release> {
        locked(&self.register).ask(run, act, call)
    }

    /// See [`Register::forget`].
    pub(crate) fn forget(&self, run: &str, act: u64) {
        locked(&self.register).forget(run, act);
        self.changed.raise();
    }

    /// See [`Register::is_soon`].
    pub(crate) fn is_soon(&self, run: &str, act: u64, soon: Timestamp, driven: &Tasks) -> bool {
        locked(&self.register).is_soon(run, act, soon, |run| driven.has(run))
    }

    /// Waits until a run may look at what it is about to do something to: see [`Register::look`].
    pub(crate) async fn look(&self, run: &str, of: u64, target: &str) {
        let mut changes = self.changes();
        loop {
            changes.mark();
            if locked(&self.register).look(run, of, target) {
                return;
            }
            changes.changed().await;
        }
    }

    /// See [`Register::looked`].
    pub(crate) fn looked(&self, run: &str, of: u64) {
        if locked(&self.register).looked(run, of) {
            self.changed.raise();
        }
    }

    /// Whether somebody takes back what this act is about to be done to.
    pub(crate) fn is_in_the_way(&self, run: &str, act: u64) -> bool {
        locked(&self.register).is_in_the_way(run, act)
    }

    /// Waits until nobody takes back any more what this act is about to be done to.
    pub(crate) async fn out_of_the_way(&self, run: &str, act: u64) {
        let mut changes = self.changes();
        loop {
            changes.mark();
            if !locked(&self.register).is_in_the_way(run, act) {
                return;
            }
            changes.changed().await;
        }
    }

    /// See [`Register::is_settled`].
    pub(crate) fn is_settled(&self, run: &str) -> bool {
        locked(&self.register).is_settled(run)
    }

    /// See [`Register::rests`].
    pub(crate) fn rests(&self, run: &str) -> bool {
        locked(&self.register).rests(run)
    }

    /// The runs that wait for others to let go of something, and are not driven.
    pub(crate) fn kept(&self, driven: &Tasks) -> Vec<String> {
        let kept = locked(&self.register).kept();
        kept.into_iter().filter(|run| !driven.has(run)).collect()
    }
}

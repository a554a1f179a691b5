//! What a service asks of an engine, beyond taking records: to speak to runs, to take up those that are parked, and to say
//! what is durable.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::engine::{Engine, EngineError, Finished, Shared, Slot};
use crate::live::{Make, Told, Word};
use crate::recover::Load;

impl Shared {
    /// Tells somebody once all that was queued so far is durable.
    pub(crate) fn tell(&self, heard: Told) {
        let durable = self.append(Vec::new(), Vec::new());
        tokio::spawn(async move {
            // Whoever spoke may be gone.
            let _ = heard.send(durable.wait().await);
        });
    }
}

impl Engine {
    /// A place for a run, when there is one.
    pub fn slot(&self) -> impl Future<Output = Option<Slot>> + use<> {
        let slots = Arc::clone(&self.slots);
        // Never closed while the engine lives.
        async move { slots.acquire_owned().await.ok() }
    }

    /// Resolves once everything that was queued so far is durable.
    pub fn durable(&self) -> impl Future<Output = Result<(), EngineError>> + use<> {
        let durable = self.shared.append(Vec::new(), Vec::new());
        async move { durable.wait().await }
    }

    /// Told when a run is over or parked.
    #[must_use]
    pub fn settled(&self) -> Arc<Notify> {
        Arc::clone(&self.shared.settled)
    }

    /// How many runs have a task.
    #[must_use]
    pub fn live(&self) -> usize {
        self.shared.live.len()
    }

    /// The runs that came to their end, or were parked, since the last call.
    pub fn take_finished(&mut self) -> Vec<Finished> {
        self.finished.lock().map(|mut all| std::mem::take(&mut *all)).unwrap_or_default()
    }

    /// Somebody says something to a run, whether it is under way or parked. They are told once what follows from it is
    /// durable, or why it cannot be.
    pub fn say(&mut self, run: &str, make: Make, heard: Told, load: &Load<'_>) {
        let word = Word { make, heard };
        let Err(word) = self.shared.live.say(run, word) else { return };
        let Word { make, heard } = word;
        match self.say_to_parked(run, make, load) {
            Ok(()) => self.shared.tell(heard),
            Err(e) => {
                let _ = heard.send(Err(e));
            }
        }
    }

    /// Takes the run up from its record, tells it, and lets it go on.
    pub(crate) fn say_to_parked(
        &mut self,
        name: &str,
        make: Make,
        load: &Load<'_>,
    ) -> Result<(), EngineError> {
        let there = self.recorded(name, load)?;
        self.tell(there, |run, manifest, _| Ok((make(run, manifest)?, ())))
    }

    /// Takes up a run whose time has come. One that has a task already goes on by itself.
    ///
    /// # Errors
    /// When it cannot be taken up.
    pub fn wake(&mut self, name: &str, load: &Load<'_>) -> Result<(), EngineError> {
        if self.shared.live.has(name) {
            return Ok(());
        }
        let (pinned, run) = self.recorded(name, load)?;
        let commands = run.pending();
        self.launch(None, &pinned, run, commands, None);
        Ok(())
    }
}

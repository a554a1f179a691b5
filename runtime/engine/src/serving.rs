//! What a service asks of an engine, beyond taking records: to speak to runs, to take up those that are parked, and to say
//! what is durable.

use std::future::Future;
use std::sync::Arc;

use play_scheduler::Run;
use tokio::sync::Notify;

use crate::engine::{Engine, EngineError, Finished, Pinned, Shared, Slot};
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
        if let Err(unsaid) = self.speak(run, Word { make, heard }, load) {
            let (word, e) = *unsaid;
            // Whoever spoke may be gone.
            let _ = word.heard.send(Err(e));
        }
        if self.shared.live.has(run) {
            // It goes on by itself.
            self.taken.retain(|name| name != run);
        }
    }

    /// Says a word to a run: to its task, or to the run as its record has it, which goes on then. Whatever becomes of it is told to
    /// whoever listens.
    ///
    /// # Errors
    /// Where its record is out of reach just now: the word as it was, and why.
    pub(crate) fn speak(
        &mut self,
        run: &str,
        word: Word,
        load: &Load<'_>,
    ) -> Result<(), Box<(Word, EngineError)>> {
        let Err(word) = self.shared.live.say(run, word) else { return Ok(()) };
        let there = match self.recorded(run, load) {
            Err(e) if e.passes() => return Err(Box::new((word, e))),
            there => there,
        };
        let Word { make, heard } = word;
        match there.and_then(|there| self.tell_made(there, make)) {
            Ok(()) => self.shared.tell(heard),
            Err(e) => drop(heard.send(Err(e))),
        }
        Ok(())
    }

    /// Tells a run that nobody drives what somebody makes of it as it stands, and lets it go on.
    pub(crate) fn tell_made(&mut self, there: (Arc<Pinned>, Run), make: Make) -> Result<(), EngineError> {
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

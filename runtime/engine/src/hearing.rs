//! What a run waits for, where it cannot be looked whether that has arrived already: the store is out of reach for what is read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use play_scheduler::Event;
use play_scheduler::event::Listen;
use tokio::time::Instant;

use crate::engine::{EngineError, Pinned, Shared};

/// After that it is looked again.
pub(crate) const AGAIN: Duration = Duration::from_secs(1);

/// The waits of a run of which it is not known whether what they wait for has arrived: nothing that comes later is taken before it is.
#[derive(Default)]
pub(crate) struct Unheard {
    waits: BTreeMap<u64, Listen>,
    /// When it is looked again, where the store was out of reach.
    again: Option<Instant>,
}

impl Unheard {
    pub(crate) fn add(&mut self, of: u64, wanted: Listen) {
        self.waits.insert(of, wanted);
    }

    /// It is not waited for any more.
    pub(crate) fn forget(&mut self, of: u64) {
        self.waits.remove(&of);
    }

    pub(crate) fn has(&self, of: u64) -> bool {
        self.waits.contains_key(&of)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }

    /// What has arrived already. What comes later is told to the run, parked or not. What cannot be looked for stays here.
    ///
    /// # Errors
    /// When the store fails in another way than that it is out of reach.
    pub(crate) fn look(
        &mut self,
        shared: &Shared,
        pinned: &Arc<Pinned>,
        run: &str,
    ) -> Result<Vec<Event>, EngineError> {
        let mut arrived = Vec::new();
        if self.again.is_some_and(|at| Instant::now() < at) {
            return Ok(arrived);
        }
        self.again = None;
        while let Some((of, wanted)) = self.waits.pop_first() {
            match shared.arrivals.listen(pinned, (run, of), wanted.clone(), &*shared.store) {
                Err(e) if e.passes() => {
                    self.waits.insert(of, wanted);
                    self.again = Instant::now().checked_add(AGAIN);
                    break;
                }
                event => arrived.extend(event?),
            }
        }
        Ok(arrived)
    }

    /// Resolves when it is to be looked again.
    pub(crate) async fn again(&self) {
        match self.again {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

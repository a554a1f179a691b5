//! Records on their way into the store, also while that is out of reach.

use std::time::Duration;

use play_engine::EngineError;
use play_engine::arrival;
use play_engine::engine::{NotTaken, Slot};
use play_engine::intake::Outcome;
use tokio::time::Instant;

use super::{Arrived, Became, Service, To};
use crate::log::{Field, log};

/// So long is waited before a record is tried again for which the store could not be reached; twice as long each time, up to the second.
const AGAIN: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];
/// What waits until the store can be reached again: no further record is taken before.
pub(super) struct Away {
    /// When it is tried again.
    pub(super) at: Instant,
    /// How long was waited.
    waited: Duration,
    /// The record that could not be taken.
    arrived: Option<Arrived>,
}

impl Service {
    /// Takes a record, in a place that it leaves where no run needs it. Where the store is out of reach, it waits until it is not.
    pub(super) async fn take(
        &mut self,
        arrived: Arrived,
        slot: &mut Option<Slot>,
        waited: Duration,
    ) -> Result<(), EngineError> {
        let Arrived { to, record, done } = arrived;
        let became = match (record, to) {
            (Ok(record), To::Source(only)) => {
                let taken = self.engine.take_in(slot, only, record).await;
                taken.map(|taken| Became::Case(taken.outcome))
            }
            (Ok(record), To::Runs { named }) => {
                let outcome = self.engine.event(record, named).await;
                outcome.map(Became::Event)
            }
            (Err(broken), _) => match self.engine.unreadable(&broken.pos, &broken.why).await {
                Err(e) if e.passes() => {
                    self.wait(waited, Some(Arrived { to, record: Err(broken), done }));
                    return Ok(());
                }
                written => {
                    written?;
                    self.metrics.record("unreadable");
                    log("record_unreadable", &[("pos", Field::Id(&broken.pos))]);
                    return Ok(());
                }
            },
        };
        let became = match became.map_err(|not| *not) {
            Ok(became) => became,
            Err(NotTaken { record: Some(record), .. }) => {
                self.wait(waited, Some(Arrived { to, record: Ok(record), done }));
                return Ok(());
            }
            Err(NotTaken { error, record: None }) => return Err(error),
        };
        if let Became::Event(_) = became {
            self.engine.tell_waiting(&*self.load);
        }
        self.metrics.record(became.word());
        if let Became::Case(Outcome::Rejected) | Became::Event(arrival::Outcome::Other) = became {
            self.rejected.push((became, done));
        } else if let Some(done) = done {
            let durable = self.engine.durable();
            tokio::spawn(async move {
                if durable.await.is_ok() {
                    // Whoever sent it may be gone.
                    let _ = done.send(became);
                }
            });
        }
        Ok(())
    }

    /// What could not be done, as the store was out of reach, is tried again in a while. Persons are answered meanwhile, as far as
    /// they can be, and runs go on.
    pub(super) fn wait(&mut self, waited: Duration, arrived: Option<Arrived>) {
        let [least, most] = AGAIN;
        if waited.is_zero() {
            log("store_unreachable", &[]);
        }
        let waited = waited.saturating_mul(2).clamp(least, most);
        let at = Instant::now().checked_add(waited).unwrap_or_else(Instant::now);
        self.away = Some(Away { at, waited, arrived });
    }

    pub(super) async fn try_again(&mut self, slot: &mut Option<Slot>) -> Result<(), EngineError> {
        let Some(Away { waited, arrived, .. }) = self.away.take() else { return Ok(()) };
        if let Some(arrived) = arrived {
            self.take(arrived, slot, waited).await?;
        }
        if self.away.is_none() {
            self.flush(waited).await?;
        }
        if self.away.is_none() {
            log("store_reached", &[]);
        }
        Ok(())
    }

    /// It comes to its end: whoever sent what could not be taken is told that it was not, and is not waited for.
    pub(super) async fn dismiss(&mut self) -> Result<(), EngineError> {
        self.away = None;
        self.flush(Duration::ZERO).await?;
        // Those that could not be written down either: they are tried once more when all runs have ended.
        self.away = None;
        self.rejected.iter_mut().for_each(|(_, done)| *done = None);
        Ok(())
    }

    /// Writes down how many records no source accepted, and tells their senders.
    pub(super) async fn flush(&mut self, waited: Duration) -> Result<(), EngineError> {
        if self.rejected.is_empty() {
            return Ok(());
        }
        match self.engine.flush_rejected().await {
            Err(e) if e.passes() => {
                let arrived = self.away.take().and_then(|away| away.arrived);
                self.wait(waited, arrived);
                return Ok(());
            }
            written => written?,
        }
        for (became, done) in self.rejected.drain(..) {
            if let Some(done) = done {
                // Whoever sent it may be gone.
                let _ = done.send(became);
            }
        }
        Ok(())
    }
}

impl Became {
    /// In a word.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Case(Outcome::Accepted { .. }) => "accepted",
            Self::Case(Outcome::Known) | Self::Event(arrival::Outcome::Known) => "known",
            Self::Case(Outcome::Rejected) | Self::Event(arrival::Outcome::Other) => "rejected",
            Self::Case(Outcome::Duplicate { .. }) => "duplicate",
            Self::Case(Outcome::Unmapped { .. }) | Self::Event(arrival::Outcome::Unmapped { .. }) => {
                "unmapped"
            }
            Self::Case(Outcome::Unrouted { .. }) => "unrouted",
            Self::Event(arrival::Outcome::Kept { .. }) => "kept",
        }
    }
}

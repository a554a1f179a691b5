//! Runs that are parked, woken, spoken to, taken over and given back.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use play_engine::EngineError;
use play_engine::engine::Finished;
use play_scheduler::RunState;
use tokio::time::Instant;

use super::{Saying, Service};
use crate::log::{Field, log};

/// After that runs are woken again where the record of one could not be read.
const WAKE_AGAIN: Duration = Duration::from_secs(1);
/// The clock is looked at this often: it may be set.
const LOOK: Duration = Duration::from_secs(30);

impl Service {
    /// Tells a run what somebody says. Its time stays noted: what is refused changes nothing, and a run that goes on is noted
    /// anew when it parks.
    pub(super) async fn say(&mut self, saying: Saying) -> Result<(), EngineError> {
        let Saying { run, make, done } = saying;
        let adopted = match self.engine.adopt(&run).await {
            // Nothing was asked of the store; whoever spoke may say it again.
            Err(EngineError::Journal(e)) if e.goes_on() => {
                let _ = done.send(Err(EngineError::Journal(e)));
                return Ok(());
            }
            adopted => adopted?,
        };
        match adopted {
            Ok(()) => {
                self.engine.say(&run, make, done, &*self.load);
                if self.engine.shares() {
                    // One that was over is given back, unless it has something to do again.
                    self.over.push(run);
                }
            }
            Err(owner) => {
                // Whoever spoke may be gone.
                let _ = done.send(Err(EngineError::Elsewhere { run, owner }));
            }
        }
        Ok(())
    }

    /// Deals with what others who share the store have written. What cannot be read now is tried again with the next claim.
    pub(super) fn catch_up(&mut self) -> Result<(), EngineError> {
        match self.engine.catch_up() {
            Ok(true) => self.engine.go_on_after_pause(&*self.load),
            Ok(false) => {}
            Err(e) if e.passes() => {}
            Err(e) => return Err(e),
        }
        self.engine.tell_waiting(&*self.load);
        Ok(())
    }

    /// Takes over the runs of those who are not there any more, and gives those back of which nothing more is to come.
    pub(super) async fn claim(&mut self) -> Result<(), EngineError> {
        self.catch_up()?;
        let found = self.engine.claim(&*self.load).await?;
        let count = |list: &[String]| Field::Count(list.len() as u64);
        let (resting, stuck) = (found.resting.len() as u64, found.stuck.len() as u64);
        let all = [&found.resumed, &found.waiting, &found.held, &found.parked];
        // Once, and not each second.
        let left = std::mem::replace(&mut self.left, found.left);
        if resting > 0 || stuck > 0 || found.left > left || all.iter().any(|list| !list.is_empty()) {
            log(
                "taken_over",
                &[
                    ("resumed", count(&found.resumed)),
                    ("resting", Field::Count(resting)),
                    ("waiting", count(&found.waiting)),
                    ("held", count(&found.held)),
                    ("in_doubt", count(&found.parked)),
                    ("left", Field::Count(found.left as u64)),
                ],
            );
        }
        for (run, _) in &found.stuck {
            log("run_stuck", &[("run", Field::Id(run))]);
        }
        for (run, at) in found.resting {
            self.park(run.into(), Some(at));
        }
        self.engine.tell_waiting(&*self.load);
        self.engine.let_go(std::mem::take(&mut self.over)).await
    }

    /// How long it is until runs are to be taken up, or the clock is to be looked at; nothing, where none waits for a time.
    pub(super) fn next_wake(&self) -> Option<Duration> {
        let (at, _) = self.wakes.first()?;
        let left = Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default().min(LOOK);
        let again = self.wakes_again.map(|at| at.saturating_duration_since(Instant::now()));
        Some(left.max(again.unwrap_or_default()))
    }

    /// Takes up the runs whose time has come. Where the store is out of reach for one, it is for all: they are tried again in a while,
    /// and nobody waits meanwhile.
    pub(super) fn wake(&mut self) -> Result<(), EngineError> {
        let now = Timestamp::now();
        self.wakes_again = None;
        while let Some((at, run)) = self.wakes.first().cloned() {
            if at > now {
                break;
            }
            self.forget(&run);
            if let Err(e) = self.engine.wake(&run, &*self.load) {
                if e.passes() {
                    self.park(run, Some(at));
                    self.wakes_again = Instant::now().checked_add(WAKE_AGAIN);
                    return Ok(());
                }
                self.metrics.ended("stuck");
                log("run_stuck", &[("run", Field::Id(&run))]);
                if !matches!(e, EngineError::Resume { .. }) {
                    return Err(e);
                }
            }
        }
        Ok(())
    }

    pub(super) fn park(&mut self, run: Arc<str>, wakes: Option<Timestamp>) {
        if let Some(at) = wakes {
            self.wakes.insert((at, Arc::clone(&run)));
        }
        self.parked.insert(run, wakes);
    }

    pub(super) fn forget(&mut self, run: &str) {
        if let Some(Some(at)) = self.parked.remove(run) {
            self.wakes.remove(&(at, run.into()));
        }
    }

    /// Notes which runs have come to their end, or are parked.
    pub(super) fn settle(&mut self) -> Result<(), EngineError> {
        self.engine.reap()?;
        let news: Vec<_> =
            self.engine.take_finished().into_iter().map(|run| (self.settled(&run), run)).collect();
        let set = |gauge: &prometheus_client::metrics::gauge::Gauge, n: usize| {
            gauge.set(i64::try_from(n).unwrap_or(i64::MAX));
        };
        self.metrics.would(self.engine.would());
        set(&self.metrics.live, self.engine.live());
        set(&self.metrics.parked, self.parked.len());
        // Only now: whoever reads the log may look at the counters next.
        for ((event, how), run) in news {
            let fields =
                [("run", Field::Id(&run.run)), ("case", Field::Id(&run.case)), ("state", Field::Word(how))];
            log(event, &fields);
        }
        Ok(())
    }

    /// What has become of a run, and how it stands, in words.
    pub(super) fn settled(&mut self, run: &Finished) -> (&'static str, &'static str) {
        let how = match &run.state {
            RunState::Running => "waiting",
            RunState::InDoubt => "in_doubt",
            RunState::Closed(..) => "closed",
            RunState::HandedOver(..) => "handed_over",
            RunState::Faulted(_) => "faulted",
            RunState::ShadowEnded(_) => "shadow_ended",
        };
        self.forget(&run.run);
        let parks = !run.state.is_over() || run.wakes.is_some();
        if parks {
            self.park(run.run.as_str().into(), run.wakes);
        }
        if run.state.is_over() {
            self.metrics.ended(how);
            if self.engine.shares() {
                self.over.push(run.run.clone());
            }
        }
        (if parks { "run_parked" } else { "run_ended" }, how)
    }
}

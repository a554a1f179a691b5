//! What of a run is under way: its calls, and the times that it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use play_journal::Blob;
use play_program::value::{Failure, FailureKind};
use play_scheduler::Event;
use play_scheduler::event::Came;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use crate::engine::{Pinned, Shared};
use crate::world::{Call, Came2};

/// What is under way, by the line that asked for it.
#[derive(Default)]
pub(crate) struct Flights {
    set: JoinSet<Came2>,
    of: BTreeMap<Id, (u64, Flight)>,
    handles: BTreeMap<u64, AbortHandle>,
}

#[derive(Clone, Copy)]
pub(crate) enum Flight {
    Read,
    Write,
    Timer(Timestamp),
}

/// How far off a timer may be for the engine to stay for it when there is nothing else to do any more.
pub(crate) const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

/// The same where somebody takes the run up when its time has come: taking it up costs less than it does to stay.
const PATIENCE_OF_A_SERVICE: SignedDuration = SignedDuration::from_secs(1);

impl Flights {
    /// A call leaves: `again`, or as the look at the target of an act `before` that.
    pub(crate) fn start(
        &mut self,
        shared: &Arc<Shared>,
        run: &str,
        pinned: &Arc<Pinned>,
        call: Call,
        (again, before): (bool, Option<String>),
    ) {
        let (of, flight) = (call.of, if call.key.is_some() { Flight::Write } else { Flight::Read });
        let (pinned, shared, run) = (Arc::clone(pinned), Arc::clone(shared), run.to_string());
        let handle = self.set.spawn(async move {
            if call.key.is_some() {
                // While no write leaves, what is in the way stays there.
                tokio::select! {
                    biased;
                    () = shared.gate.is_closing() => {
                        let held = Event::ActHeld { of, perhaps: again };
                        return (held, None);
                    }
                    () = shared.in_force.out_of_the_way(&run, of) => {}
                }
            }
            if let Some(target) = before {
                // While no write leaves, what is being taken back stays as it is, and the act is held.
                tokio::select! {
                    biased;
                    () = shared.gate.is_closing() => {}
                    () = shared.in_force.look(&run, of, &target) => {}
                }
            }
            let (event, blob) = {
                let of = (&*pinned.program, &*pinned.manifest);
                let out = (&*shared.machine, &*shared.gate);
                pinned.world.carry_out(of, &pinned.supply, out, call).await
            };
            (if again { event.of_resent() } else { event }, blob)
        });
        self.of.insert(handle.id(), (of, flight));
        self.handles.insert(of, handle);
    }

    pub(crate) fn wake(&mut self, of: u64, at: Timestamp, now: Timestamp) {
        let left = at.duration_since(now);
        let sleep = tokio::time::sleep(Duration::try_from(left).unwrap_or_default());
        let handle = self.set.spawn(async move {
            sleep.await;
            (Event::Woke { of }, None)
        });
        self.of.insert(handle.id(), (of, Flight::Timer(at)));
        self.handles.insert(of, handle);
    }

    /// Whether nothing is under way but timers, none of which goes off soon.
    pub(crate) fn is_far(&self, now: Timestamp, parks: bool) -> bool {
        let patience = if parks { PATIENCE_OF_A_SERVICE } else { PATIENCE };
        let soon = now.checked_add(patience).unwrap_or(Timestamp::MAX);
        self.of.values().all(|(_, flight)| matches!(flight, Flight::Timer(at) if *at > soon))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// When the first timer goes off.
    pub(crate) fn next_timer(&self) -> Option<Timestamp> {
        let timers = self.of.values().filter_map(|(_, flight)| match flight {
            Flight::Timer(at) => Some(*at),
            _ => None,
        });
        timers.min()
    }

    pub(crate) fn cancel(&mut self, of: u64) {
        if let Some(handle) = self.handles.remove(&of) {
            self.of.remove(&handle.id());
            handle.abort();
        }
    }

    /// The next that comes back; `None` when nothing is under way.
    pub(crate) async fn next(&mut self) -> Option<(Event, Option<Blob>)> {
        loop {
            let (id, came) = match self.set.join_next_with_id().await? {
                Ok((id, came)) => (id, Ok(came)),
                Err(e) => (e.id(), Err(e)),
            };
            // One that was cancelled is not waited for.
            let Some((of, flight)) = self.of.remove(&id) else { continue };
            self.handles.remove(&of);
            return Some(came.unwrap_or_else(|e| (broken(of, flight, &e), None)));
        }
    }
}

/// A call whose task went wrong inside of us. A write may have left before that.
fn broken(of: u64, flight: Flight, error: &JoinError) -> Event {
    let words = format!("the call's task ended badly: {error}");
    match flight {
        Flight::Write => {
            Event::ActInDoubt { of, why: "engine fault".into(), words: Some(words), came: Came::default() }
        }
        Flight::Read => Event::ReadFailed {
            of,
            failure: Failure { kind: FailureKind::Unavailable, words },
            came: Came::default(),
        },
        Flight::Timer(_) => Event::Woke { of },
    }
}

//! What of a run is under way: its calls, and the times that it waits for.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use play_program::value::{Failure, FailureKind};
use play_scheduler::Event;
use play_scheduler::event::Came;
use tokio::task::{AbortHandle, Id, JoinSet};

use crate::engine::{Pinned, Shared};
use crate::world::{Call, Came2};

/// What is under way, by the line that asked for it.
#[derive(Default)]
pub(crate) struct Flights {
    set: JoinSet<Came2>,
    of: BTreeMap<Id, (u64, Flight)>,
    handles: BTreeMap<u64, AbortHandle>,
    /// A write that the task of the run carries out itself. Mostly it is all that is under way, and a task of its own would cost as much
    /// as the write does.
    own: Option<(u64, Flying)>,
}

type Flying = Pin<Box<dyn Future<Output = Came2> + Send>>;

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
        let flying = async move {
            // Mostly nothing is in the way, and nobody has to wait.
            if call.key.is_some() && (shared.gate.is_shut() || shared.in_force.is_in_the_way(&run, of)) {
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
        };
        if matches!(flight, Flight::Write) && self.own.is_none() {
            self.own = Some((of, Box::pin(flying)));
            return;
        }
        self.spawn(of, flight, flying);
    }

    fn spawn(&mut self, of: u64, flight: Flight, flying: impl Future<Output = Came2> + Send + 'static) {
        let handle = self.set.spawn(flying);
        self.of.insert(handle.id(), (of, flight));
        self.handles.insert(of, handle);
    }

    /// To be called before the run waits for anything but these: what it carries out itself would stand still meanwhile, with its
    /// time limit running.
    pub(crate) fn let_go(&mut self) {
        if let Some((of, flying)) = self.own.take() {
            self.spawn(of, Flight::Write, flying);
        }
    }

    pub(crate) fn wake(&mut self, of: u64, at: Timestamp, now: Timestamp) {
        let left = at.duration_since(now);
        let sleep = tokio::time::sleep(Duration::try_from(left).unwrap_or_default());
        self.spawn(of, Flight::Timer(at), async move {
            sleep.await;
            (Event::Woke { of }, None)
        });
    }

    /// Whether nothing is under way but timers, none of which goes off soon.
    pub(crate) fn is_far(&self, now: Timestamp, parks: bool) -> bool {
        let patience = if parks { PATIENCE_OF_A_SERVICE } else { PATIENCE };
        let soon = now.checked_add(patience).unwrap_or(Timestamp::MAX);
        self.own.is_none()
            && self.of.values().all(|(_, flight)| matches!(flight, Flight::Timer(at) if *at > soon))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty() && self.own.is_none()
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
        self.own.take_if(|(own, _)| *own == of);
        if let Some(handle) = self.handles.remove(&of) {
            self.of.remove(&handle.id());
            handle.abort();
        }
    }

    /// The next that comes back; `None` when nothing is under way.
    pub(crate) async fn next(&mut self) -> Option<Came2> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Came2>> {
        if let Some((of, flying)) = &mut self.own {
            let of = *of;
            // As where it is a task: what goes wrong in a call is of that call.
            let came = match catch_unwind(AssertUnwindSafe(|| flying.as_mut().poll(cx))) {
                Ok(came) => came,
                Err(panic) => Poll::Ready((broken(of, Flight::Write, &said(&*panic)), None)),
            };
            if let Poll::Ready(came) = came {
                self.own = None;
                return Poll::Ready(Some(came));
            }
        }
        loop {
            let (id, came) = match self.set.poll_join_next_with_id(cx) {
                Poll::Ready(Some(Ok((id, came)))) => (id, Ok(came)),
                Poll::Ready(Some(Err(e))) => (e.id(), Err(e)),
                Poll::Ready(None) if self.own.is_none() => return Poll::Ready(None),
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            };
            // One that was cancelled is not waited for.
            let Some((of, flight)) = self.of.remove(&id) else { continue };
            self.handles.remove(&of);
            return Poll::Ready(Some(came.unwrap_or_else(|e| (broken(of, flight, &e), None))));
        }
    }
}

/// What a panic says, where it says something.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it does not say why".into())
}

/// A call whose task went wrong inside of us. A write may have left before that.
fn broken(of: u64, flight: Flight, error: &dyn Display) -> Event {
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

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    fn own(flying: impl Future<Output = Came2> + Send + 'static) -> Flights {
        Flights { own: Some((7, Box::pin(flying))), ..Flights::default() }
    }

    #[tokio::test]
    async fn what_is_let_go_goes_on_while_the_run_waits_for_something_else() {
        let (left, other) = oneshot::channel();
        let mut flights = own(async move {
            let _ = left.send(());
            (Event::Woke { of: 7 }, None)
        });
        flights.let_go();
        flights.let_go();
        other.await.unwrap();
        assert!(!flights.is_empty());
        assert!(matches!(flights.next().await, Some((Event::Woke { of: 7 }, None))));
        assert!(flights.is_empty() && flights.next().await.is_none());
    }

    #[tokio::test]
    async fn what_goes_wrong_inside_of_us_is_in_doubt_whoever_carries_it_out() {
        for lets_go in [false, true] {
            let mut flights = own(async { panic!("out of its mind") });
            if lets_go {
                flights.let_go();
            }
            match flights.next().await {
                Some((Event::ActInDoubt { of: 7, words: Some(words), .. }, None)) => {
                    assert!(words.contains("out of its mind"), "{words}");
                }
                other => panic!("{other:?}"),
            }
            assert!(flights.is_empty());
        }
    }

    #[tokio::test]
    async fn what_is_cancelled_does_not_come_back() {
        for lets_go in [false, true] {
            let mut flights = own(std::future::pending());
            if lets_go {
                flights.let_go();
            }
            flights.cancel(7);
            assert!(flights.is_empty() && flights.next().await.is_none());
        }
    }
}

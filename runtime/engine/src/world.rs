//! Carrying out one command: over HTTP, or by stubs. What comes back is an event for the run.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use play_connect::{Breaker, Circuits, Reply, Sent, Settings, Transport};
use play_journal::{Blob, Machine, crash};
use play_program::action::{Action, ActionId, Connector, Request};
use play_program::artifact::{Manifest, Stub, StubAnswer};
use play_program::convert;
use play_program::exec::Program;
use play_program::json::{Doc, JsonAt, ReadLog};
use play_program::value::{Failure, FailureKind, Value};
use play_scheduler::event::{BodyRef, Came, How};
use play_scheduler::supply::Supply;
use play_scheduler::{Event, testing};
use tokio::sync::Semaphore;

use crate::gate::{Gate, Leave, Left};

/// Where answers come from.
pub enum World {
    /// The outside systems.
    Http {
        /// The client.
        transport: Transport,
        /// Addresses and secrets of the connectors.
        settings: Settings,
        /// How many requests may be under way.
        slots: Arc<Semaphore>,
        /// How they were lately.
        circuits: Circuits,
    },
    /// Answers given beforehand; the first that fits. No request leaves.
    Stubs(Answers),
    /// Targets inside this process. A simulation has them.
    Inside(Arc<dyn Targets>),
}

/// A reply on its way.
pub type Replying<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// Targets inside this process: they are sent what would go to the outside systems.
pub trait Targets: Send + Sync {
    /// Sends a request, as [`Transport::send`] does. `key` is that of a write, whether or not its target honours one.
    fn send<'a>(
        &'a self,
        connector: &'a Connector,
        action: &'a Action,
        request: &'a Request,
        key: Option<&'a str>,
        timeout: Duration,
    ) -> Replying<'a>;

    /// When a target is left alone for a while, and how all were lately; where it does not say, none ever is.
    fn breaker(&self) -> Option<(Breaker, &Circuits)> {
        None
    }
}

/// Answers given beforehand, and how many calls each has answered: over all runs of the process, as calls go out.
pub struct Answers {
    stubs: Vec<Stub>,
    answered: Mutex<Vec<usize>>,
}

impl Answers {
    /// Of which none has answered anything yet.
    #[must_use]
    pub fn new(stubs: Vec<Stub>) -> Self {
        let answered = Mutex::new(vec![0; stubs.len()]);
        Self { stubs, answered }
    }

    /// What answers a call, and after how long.
    fn next(&self, call: &Call) -> Option<(StubAnswer, SignedDuration)> {
        let fits = |s: &Stub| testing::fits(s, call.action, &call.args);
        let (index, stub) = self.stubs.iter().enumerate().find(|(_, s)| fits(s))?;
        // Nothing that holds it can panic half-way.
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let n = answered.get_mut(index)?;
        let (answer, after) = testing::reply(stub, *n);
        *n = n.saturating_add(1);
        Some((answer.clone(), after))
    }
}

/// What came back, and the body that belongs to it.
pub type Came2 = (Event, Option<Blob>);

/// One call to be carried out.
#[derive(Clone, Debug)]
pub struct Call {
    /// `seq` of its line.
    pub of: u64,
    /// Which.
    pub action: ActionId,
    /// With what.
    pub args: Vec<Value>,
    /// For a write: the key that makes repeating it safe where the target honours one.
    pub key: Option<String>,
    /// How long to wait.
    pub within: SignedDuration,
    /// A write is not to be sent after this.
    pub until: Timestamp,
    /// Only an answer that is given now will do.
    pub fresh: bool,
    /// It is tried also where the target is left alone.
    pub owed: bool,
}

impl World {
    /// Carries out a call. Always gives an event: no error gets lost on the way.
    pub async fn carry_out(
        &self,
        (program, manifest): (&dyn Program, &Manifest),
        supply: &Mutex<Supply>,
        (machine, gate): (&dyn Machine, &Gate),
        call: Call,
    ) -> Came2 {
        let Some(action) = manifest.action(call.action) else {
            let failure =
                Failure { kind: FailureKind::Rejected, words: "the program has no such action".into() };
            return (failed(call.of, call.key.is_some(), How::NotSent, failure, Came::default()), None);
        };
        if let Some((at, value)) = recent(supply, manifest, &call, machine.now()) {
            let came = Came { kept: Some(at), ..Came::default() };
            return (Event::ReadAnswered { of: call.of, value, came }, None);
        }
        let turn = locked(supply).turn(manifest, action, machine.now());
        let wait = turn.duration_since(machine.now());
        // To sleep for no time takes until the clock's next millisecond.
        if wait.is_positive() {
            tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
        }
        if action.write {
            locked(supply).forget(manifest, &action.connector);
        }
        crash::point("before a request");
        let came = self.send((program, manifest), action, (machine, gate), &call).await;
        crash::point("a request was answered");
        if action.write {
            // What was read meanwhile may be of before.
            locked(supply).forget(manifest, &action.connector);
        } else if let (Event::ReadAnswered { value, .. }, _) = &came {
            locked(supply).keep(manifest, call.action, &call.args, value, machine.now());
        }
        came
    }

    async fn send(
        &self,
        (program, manifest): (&dyn Program, &Manifest),
        action: &Action,
        (machine, gate): (&dyn Machine, &Gate),
        call: &Call,
    ) -> Came2 {
        let _slot = match self {
            // Closed only when the process ends; then the answer is of no use to anybody.
            Self::Http { slots, .. } => slots.acquire().await.ok(),
            Self::Stubs(_) | Self::Inside(_) => None,
        };
        let _left = match call.key {
            None => None,
            Some(_) => match self.leave(machine, gate, call).await {
                Ok(left) => Some(left),
                Err(event) => return (*event, None),
            },
        };
        let way = match self {
            Self::Stubs(stubs) => return (by_stub(stubs, manifest, action, call).await, None),
            Self::Http { transport, settings, circuits, .. } => Way::Out(transport, settings, circuits),
            Self::Inside(targets) => Way::Inside(&**targets),
        };
        let last = Last { machine, gate, call, said: Mutex::new(None) };
        let came = by_http(way, (program, manifest), action, machine, call, &last).await;
        match last.said() {
            Some(event) => (event, None),
            None => came,
        }
    }
}

/// Asked once more when all that a request needs is there: what it took to get it may have been long.
struct Last<'a> {
    machine: &'a dyn Machine,
    gate: &'a Gate,
    call: &'a Call,
    /// Why it does not leave.
    said: Mutex<Option<Event>>,
}

impl Last<'_> {
    fn said(&self) -> Option<Event> {
        // Nothing that holds it can panic half-way.
        self.said.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn has_said(&self) -> bool {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn may(&self) -> bool {
        let (of, leave) = (self.call.of, self.gate.leave());
        let why = late(self.machine, self.call).or_else(|| stays(of, &leave));
        if why.is_some() {
            *self.said.lock().unwrap_or_else(PoisonError::into_inner) = why;
            return false;
        }
        // It counts as under way since it was asked first.
        true
    }
}

/// Why a write does not leave any more, where its time has passed.
fn late(machine: &dyn Machine, call: &Call) -> Option<Event> {
    (machine.now() > call.until).then(|| unsent(call.of, "its time to be sent had passed"))
}

/// Why a write does not leave, by the gate.
fn stays(of: u64, leave: &Leave<'_>) -> Option<Event> {
    match leave {
        Leave::Now(_) => None,
        Leave::Held => Some(Event::ActHeld { of, perhaps: false }),
        Leave::NotYet => Some(unsent(of, "it is not certain whether another has taken the store over")),
        // Whoever has the store resolves it; what is said here is not written any more.
        Leave::Lost => Some(unsent(of, "another has taken the store over")),
    }
}

impl World {
    /// A write leaves, or why it does not. Whatever the way: no write passes by this.
    async fn leave<'g>(
        &self,
        machine: &dyn Machine,
        gate: &'g Gate,
        call: &Call,
    ) -> Result<Left<'g>, Box<Event>> {
        loop {
            if !matches!(self, Self::Stubs(_))
                && let Some(event) = late(machine, call)
            {
                return Err(Box::new(event));
            }
            match gate.leave() {
                Leave::Now(left) => return Ok(left),
                Leave::NotYet => gate.again().await,
                leave => {
                    if let Some(event) = stays(call.of, &leave) {
                        return Err(Box::new(event));
                    }
                }
            }
        }
    }
}

fn recent(
    supply: &Mutex<Supply>,
    manifest: &Manifest,
    call: &Call,
    now: Timestamp,
) -> Option<(Timestamp, Value)> {
    if call.fresh || call.key.is_some() {
        return None;
    }
    locked(supply).recent(manifest, call.action, &call.args, now)
}

/// Nothing that holds it can panic half-way.
fn locked(supply: &Mutex<Supply>) -> MutexGuard<'_, Supply> {
    supply.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(of: u64, write: bool, how: How, failure: Failure, came: Came) -> Event {
    if write { Event::ActFailed { of, how, failure, came } } else { Event::ReadFailed { of, failure, came } }
}

fn unsent(of: u64, words: &str) -> Event {
    let failure = Failure { kind: FailureKind::Timeout, words: words.into() };
    failed(of, true, How::NotSent, failure, Came::default())
}

/// The way of a request.
enum Way<'a> {
    Out(&'a Transport, &'a Settings, &'a Circuits),
    Inside(&'a dyn Targets),
}

async fn by_stub(stubs: &Answers, manifest: &Manifest, action: &Action, call: &Call) -> Event {
    let Some((answer, after)) = stubs.next(call) else {
        let words = format!("no stub for {}", testing::call_text(action, &call.args, &manifest.types));
        let failure = Failure { kind: FailureKind::NotFound, words };
        return failed(call.of, action.write, How::NotSent, failure, Came::default());
    };
    let (wait, event) = testing::stub_outcome(call.of, action.write, &answer, after, call.within);
    tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
    event
}

fn failed_with(reply: &Reply) -> Option<FailureKind> {
    match reply {
        Reply::Failed { kind, .. } => Some(*kind),
        Reply::Answered { .. } => None,
    }
}

/// The longest result of an action, as it is recorded, in bytes: well below the longest line.
const MAX_RESULT: usize = 4 << 20;

async fn by_http(
    way: Way<'_>,
    (program, manifest): (&dyn Program, &Manifest),
    action: &Action,
    machine: &dyn Machine,
    call: &Call,
    last: &Last<'_>,
) -> Came2 {
    let (of, write) = (call.of, action.write);
    let unsent = |words: String| {
        failed(of, write, How::NotSent, Failure { kind: FailureKind::Rejected, words }, Came::default())
    };
    let request = match program.request(call.action, &call.args) {
        Ok(request) => request,
        Err(fault) => return (unsent(format!("the request could not be made: {}", fault.what)), None),
    };
    let Some(connector) = manifest.connectors.iter().find(|c| c.name == action.connector) else {
        return (unsent("the program has no such connector".into()), None);
    };
    let within = Duration::try_from(call.within).unwrap_or(Duration::from_secs(30));
    let key = call.key.as_deref().filter(|_| action.idempotent);
    let (rule, circuits) = match way {
        Way::Out(_, settings, circuits) => (settings.breaker(&connector.name), Some(circuits)),
        Way::Inside(targets) => targets.breaker().unzip(),
    };
    let breaker = rule.zip(circuits);
    let left_alone = breaker
        .filter(|_| !call.owed)
        .and_then(|(rule, circuits)| circuits.may(&connector.name, rule, call.within, machine.now()).err());
    let reply = if let Some(words) = left_alone {
        Reply::Failed { kind: FailureKind::Unavailable, words, sent: Sent::No, ms: 0 }
    } else {
        let reply = match way {
            Way::Out(transport, settings, _) => {
                let may = || last.may();
                transport.send_if(connector, action, &request, settings, key, within, &may).await
            }
            Way::Inside(targets) => {
                targets.send(connector, action, &request, call.key.as_deref(), within).await
            }
        };
        if let Some((rule, circuits)) = breaker.filter(|_| !last.has_said()) {
            circuits.came(&connector.name, rule, failed_with(&reply), machine.now());
        }
        reply
    };
    match reply {
        Reply::Failed { kind, words, sent, ms } => {
            let came = Came { ms, ..Came::default() };
            let failure = Failure { kind, words };
            let event = match sent {
                _ if !write => Event::ReadFailed { of, failure, came },
                Sent::No => Event::ActFailed { of, how: How::NotSent, failure, came },
                Sent::Refused => Event::ActFailed { of, how: How::Refused, failure, came },
                Sent::Unknown => {
                    Event::ActInDoubt { of, why: doubt(kind).into(), words: Some(failure.words), came }
                }
            };
            (event, None)
        }
        Reply::Answered { status, body, ms } => {
            let mut came = Came { ms, status: Some(status), ..Came::default() };
            let len = body.len() as u64;
            let parsed = play_connect::parse_body(&body);
            let salt = if len > 0 { machine.random().ok() } else { None };
            let blob = match salt {
                Some(salt) => {
                    let blob = Blob::new(salt, body);
                    came.body = Some(BodyRef { digest: blob.digest(), len });
                    Some(blob)
                }
                None => None,
            };
            let answer = match parsed {
                Ok(json) => {
                    let body = JsonAt::root(Arc::new(Doc::Whole(json)));
                    program
                        .respond(call.action, &call.args, status, &body, &mut ReadLog::default())
                        .and_then(|value| bounded(value, action, manifest))
                }
                Err(words) => Err(Failure { kind: FailureKind::BadResponse, words }),
            };
            let event = match (answer, write) {
                (Ok(value), true) => Event::ActDone { of, value, came },
                (Ok(value), false) => Event::ReadAnswered { of, value, came },
                (Err(failure), false) => Event::ReadFailed { of, failure, came },
                // It was very likely done, but its result is not what the action promises.
                (Err(failure), true) => Event::ActInDoubt {
                    of,
                    why: "unreadable answer".into(),
                    words: Some(failure.words),
                    came,
                },
            };
            (event, blob)
        }
    }
}

fn bounded(value: Value, action: &Action, manifest: &Manifest) -> Result<Value, Failure> {
    let len = convert::to_recorded(&value, &action.result, &manifest.types).to_string().len();
    if len <= MAX_RESULT {
        return Ok(value);
    }
    let words = format!("the result has {len} bytes; {MAX_RESULT} are the most that a run takes");
    Err(Failure { kind: FailureKind::BadResponse, words })
}

fn doubt(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Timeout => "timeout",
        FailureKind::BadResponse => "unreadable answer",
        _ => "no clear answer",
    }
}

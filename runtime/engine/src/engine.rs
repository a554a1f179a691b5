//! The engine: one program, one store, one world.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use play_evidence::{Chain, J, Line, kinds};
use play_journal::{Batch, Blob, Journal, JournalError, Machine, Pause, System};
use play_program::Value;
use play_program::artifact::Manifest;
use play_program::autonomy::Autonomy;
use play_program::exec::Program;
use play_scheduler::register::Release;
use play_scheduler::run::WouldWords;
use play_scheduler::supply::Supply;
use play_scheduler::{Run, RunState, Wait};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::{JoinError, JoinSet};

use crate::arrival::{Arrivals, Heard};
use crate::counter::Counter;
use crate::drive;
pub use crate::error::{EngineError, NotTaken};
use crate::gate::Gate;
use crate::in_force::InForce;
use crate::live::{Driven, Tasks};
use crate::sharing::{Follower, Others};
use crate::signal::Signal;
use crate::world::World;

/// A program and its world. A run is pinned to its program for life, so an engine may hold several.
pub struct Pinned {
    /// The program.
    pub program: Arc<dyn Program>,
    /// Its manifest.
    pub manifest: Arc<Manifest>,
    /// Where its answers come from.
    pub world: World,
    /// All values of its configuration, for the runs that are opened from now on.
    pub config: Vec<Value>,
    /// The limits of its connectors, and what they answered lately.
    pub supply: Mutex<Supply>,
    /// How the runs of each playbook are driven that are opened from now on; those of others are automatic.
    pub autonomy: Vec<Autonomy>,
}

impl Pinned {
    /// How a run of a playbook is driven that is opened now.
    #[must_use]
    pub fn autonomy_of(&self, playbook: usize) -> Autonomy {
        self.autonomy.get(playbook).cloned().unwrap_or_default()
    }

    /// Whether every playbook is one whose runs are shadow runs, or none is; `None` where some are.
    pub(crate) fn all_shadow(&self) -> Option<bool> {
        let shadow = |n: usize| self.autonomy_of(n).is_shadow();
        let playbooks = 0..self.manifest.playbooks.len();
        if !playbooks.clone().any(shadow) {
            return Some(false);
        }
        playbooks.clone().all(shadow).then_some(true)
    }
}

/// What an engine is made of.
pub struct Setup {
    /// The program in force.
    pub pinned: Pinned,
    /// Its artifact's bytes, kept in the store.
    pub artifact: Vec<u8>,
    /// Where the evidence goes.
    pub store: Arc<dyn Journal>,
    /// Engine and version, as the evidence names it.
    pub name: String,
    /// How many runs may be under way at a time; further records wait.
    pub runs: usize,
    /// Whether somebody takes up the runs that only wait (a service does): they are let go then, and cost no memory.
    pub parks: bool,
    /// Nothing is done to the outside, and no run of the store that would do something is taken up.
    pub dry: bool,
}

/// A run that is over, or is parked: until a person says what became of a write, or until a time comes.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The run.
    pub run: String,
    /// The case.
    pub case: String,
    /// The playbook.
    pub playbook: String,
    /// How it stands.
    pub state: RunState,
    /// The case's severity, a member of `Severity`.
    pub severity: Option<Value>,
    /// The case's title.
    pub title: Option<Value>,
    /// When the case was opened.
    pub opened: Timestamp,
    /// Writes that do not leave, as the store is paused: line of the intent, action.
    pub held_back: Vec<(u64, String)>,
    /// Writes in doubt: line of the intent, action.
    pub in_doubt: Vec<(u64, String)>,
    /// What it waits for, where it only waits: a time.
    pub waits: Vec<Wait>,
    /// What it holds until a time, and takes back then.
    pub holds: Vec<Wait>,
    /// What it holds no more, and another run does: with the last answer about that.
    pub kept: Vec<(Wait, Option<Release>)>,
    /// What could not be taken back and is in force still: line of the intent, action, why.
    pub not_taken_back: Vec<(u64, String, String)>,
    /// How it is driven.
    pub autonomy: Autonomy,
    /// What it would have done, by line, where it is a shadow run.
    pub would: Vec<(u64, WouldWords)>,
    /// When it has to be taken up again, where a time is what it waits for.
    pub wakes: Option<Timestamp>,
}

/// A place for a run that is under way.
pub type Slot = OwnedSemaphorePermit;

/// What the tasks of an engine share.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Journal>,
    /// The time and randomness of all that runs here.
    pub(crate) machine: Arc<dyn Machine>,
    pub(crate) name: String,
    pub(crate) counter: Counter,
    pub(crate) in_force: InForce,
    /// Through which writes leave.
    pub(crate) gate: Arc<Gate>,
    /// Held while lines are queued: they are written in the order in which everybody gets to know of them.
    order: Mutex<()>,
    pub(crate) arrivals: Arrivals,
    /// Becomes true when the journal has failed: from then on nothing is dispatched and nothing is taken.
    pub(crate) failed: Arc<watch::Sender<bool>>,
    /// Raised when the engine is to come to its end: what only waits is parked from then on.
    pub(crate) ending: Arc<Signal>,
    /// The runs that have a task.
    pub(crate) live: Tasks,
    /// A run that only waits is let go at once, and not only when the engine comes to its end.
    pub(crate) parks: bool,
    /// See [`Setup::dry`].
    pub(crate) dry: bool,
    /// How many writes shadow runs would have done, since the engine was started.
    would: AtomicU64,
    /// Told when a run is over or parked.
    pub(crate) settled: Arc<Notify>,
    /// Whether others write as well.
    pub(crate) shares: bool,
    /// What they have written.
    pub(crate) others: Others,
}

impl Shared {
    /// Queues lines and bodies; what is returned resolves once they are durable.
    pub(crate) fn append(&self, mut lines: Vec<Line>, blobs: Vec<Blob>) -> Durable {
        // From here on everybody knows: what is intended is not taken back by others. Whoever acts on that is written after it.
        let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        self.in_force.take(&lines);
        let would = lines.iter().filter(|line| is_would(line)).count();
        self.would.fetch_add(u64::try_from(would).unwrap_or(u64::MAX), Relaxed);
        // Everybody has seen it: whoever writes has no use for more than the bytes.
        let seen: Vec<_> = lines.iter_mut().filter_map(Line::take_said).collect();
        let (tx, rx) = oneshot::channel();
        let failed = Arc::clone(&self.failed);
        let wake = self.store.queue(
            Batch { lines, blobs },
            Box::new(move |result| {
                if matches!(result, Err(ref e) if !e.goes_on()) {
                    failed.send_replace(true);
                }
                // The receiver is gone only when its task was ended; the lines are durable all the same.
                let _ = tx.send(result);
            }),
        );
        drop(order);
        drop((wake, seen));
        Durable(rx)
    }
}

impl Shared {
    /// Whether anything may still be dispatched.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        if *self.failed.borrow() {
            return Err(EngineError::Evidence("the store has failed; nothing is dispatched any more".into()));
        }
        Ok(())
    }
}

/// Lines on their way to the disk.
pub(crate) struct Durable(oneshot::Receiver<Result<(), JournalError>>);

impl Durable {
    /// Waits until they are there. Batches become durable in the order in which they were queued.
    pub(crate) async fn wait(self) -> Result<(), EngineError> {
        match self.0.await {
            Ok(result) => Ok(result?),
            Err(_) => {
                Err(EngineError::Evidence("the journal was closed before the lines were durable".into()))
            }
        }
    }
}

/// The engine.
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    /// The program in force, and its artifact's digest.
    pub(crate) pinned: Arc<Pinned>,
    pub(crate) artifact: String,
    /// Programs of runs that were opened by an earlier version.
    pub(crate) older: BTreeMap<String, Arc<Pinned>>,
    pub(crate) tasks: JoinSet<Result<(), EngineError>>,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) intake: Chain,
    pub(crate) known: crate::known::Known,
    pub(crate) finished: Arc<Mutex<Vec<Finished>>>,
    /// What runs are to be told of what has arrived.
    pub(crate) heard: VecDeque<Heard>,
    /// Bytes of the disk that records leave to the runs.
    pub(crate) reserve: u64,
    /// Where others write as well: runs that were nobody's when this engine started, and are its own.
    pub(crate) claimed: Vec<String>,
    /// Runs that are this engine's own, and that it has not gone on with yet.
    pub(crate) taken: VecDeque<String>,
    /// Beside services: how many of those that have come to their end, or wait, were looked at to be given to them.
    pub(crate) given: usize,
    /// Runs of which nothing more is to come, and that are to be given back; each with whether that was done and the answer lost: it
    /// is no longer this engine's then, but may still bear its name.
    pub(crate) over: BTreeMap<String, bool>,
    /// Somebody has resumed the store elsewhere, and what is held here was not told yet.
    pub(crate) resumed_elsewhere: bool,
}

impl Engine {
    /// Makes an engine ready, and keeps its artifact in the store.
    ///
    /// # Errors
    /// When the store cannot be written or read, or was made with the other sort of world.
    pub async fn start(setup: Setup) -> Result<Self, EngineError> {
        Self::start_on(setup, Arc::new(System)).await
    }

    /// The same on a machine whose time and randomness somebody decides.
    ///
    /// # Errors
    /// As [`Engine::start`].
    pub async fn start_on(setup: Setup, machine: Arc<dyn Machine>) -> Result<Self, EngineError> {
        // Before all is read: nobody else adds to what is this engine's own.
        let claimed = Self::claim_all(&*setup.store)?;
        Self::start_with(setup, machine, claimed)
    }

    pub(crate) fn start_with(
        setup: Setup,
        machine: Arc<dyn Machine>,
        claimed: Vec<String>,
    ) -> Result<Self, EngineError> {
        let Setup { pinned, artifact, store, name, runs, parks, dry } = setup;
        let digest = store.put_artifact(&artifact)?;
        let shares = store.sharing().is_some();
        let (told, known) = match store.sharing() {
            Some(sharing) => {
                let follower = Follower::new(store.salt());
                sharing.follow(follower.told())?;
                (Some(follower), None)
            }
            None => {
                let mut known = crate::known::Known::read(&*store)?;
                known.pause = Pause::of(&*store)?;
                (None, Some(known))
            }
        };
        let make = |mut known: crate::known::Known| {
            let counter = std::mem::take(&mut known.counter);
            let arrivals = std::mem::take(&mut known.arrivals);
            // Of several engines, each knows which of its own are held once it has taken them up.
            let held = if shares { BTreeMap::new() } else { std::mem::take(&mut known.held) };
            let gate = Arc::new(Gate::new(Arc::clone(&store), known.pause.as_ref(), held));
            let shared = Arc::new(Shared {
                store,
                machine,
                name,
                counter,
                in_force: InForce::new(std::mem::take(&mut known.register)),
                gate,
                order: Mutex::default(),
                arrivals,
                failed: Arc::new(watch::Sender::new(false)),
                ending: Arc::default(),
                live: Tasks::default(),
                parks,
                dry,
                would: AtomicU64::new(0),
                settled: Arc::default(),
                shares,
                others: Others::default(),
            });
            (shared, known)
        };
        let (shared, known) = match (told, known) {
            (Some(told), _) => told.begin(make)?,
            (None, known) => make(known.unwrap_or_default()),
        };
        if let Some(theirs) = known.engine.as_ref().filter(|e| on_stubs(e) != on_stubs(&shared.name)) {
            return Err(EngineError::OtherWorld { theirs: theirs.clone(), ours: shared.name.clone() });
        }
        let intake = shared.store.chain("intake")?.unwrap_or_else(|| Chain::new("intake"));
        Ok(Self {
            shared,
            pinned: Arc::new(pinned),
            artifact: digest,
            older: BTreeMap::new(),
            tasks: JoinSet::new(),
            slots: Arc::new(Semaphore::new(runs.max(1))),
            intake,
            known,
            finished: Arc::default(),
            heard: VecDeque::new(),
            taken: VecDeque::new(),
            given: 0,
            over: BTreeMap::new(),
            reserve: crate::room::RESERVE,
            claimed,
            resumed_elsewhere: false,
        })
    }

    /// Notes in the store's chain which program is in force from now on, when it is another than before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn deploy(&mut self) -> Result<(), EngineError> {
        // What is only tried is not in force.
        if self.shared.dry {
            return Ok(());
        }
        let turn = self.shared.turn().await?;
        self.catch_up()?;
        if self.known.deployed.as_deref() == Some(self.artifact.as_str()) {
            return Ok(());
        }
        let mut chain = self.shared.store.chain("store")?.unwrap_or_else(|| Chain::new("store"));
        let fields = BTreeMap::from([
            ("artifact".to_string(), J::Str(self.artifact.clone())),
            ("project".to_string(), J::Str(self.pinned.manifest.project.clone())),
            ("compiler".to_string(), J::Str(self.pinned.manifest.compiler.clone())),
        ]);
        let line = line(self.now(), &mut chain, "store.deployed", fields)?;
        let durable = self.shared.append(vec![line], Vec::new());
        drop(turn);
        durable.wait().await
    }

    /// What the clock says.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// How many writes shadow runs would have done, since the engine was started.
    #[must_use]
    pub fn would(&self) -> u64 {
        self.shared.would.load(Relaxed)
    }

    /// Digest of the artifact, lower-case hex.
    #[must_use]
    pub fn artifact(&self) -> &str {
        &self.artifact
    }

    /// Waits until there is room for one more run. Runs that went wrong meanwhile show here.
    ///
    /// # Errors
    /// The first error of a run, or that the journal has failed.
    pub(crate) async fn room(&mut self) -> Result<Option<OwnedSemaphorePermit>, EngineError> {
        // Never closed while the engine lives.
        let free = Arc::clone(&self.slots).acquire_owned();
        tokio::pin!(free);
        let noticed = self.noticed();
        let mut caught_up = false;
        let slot = loop {
            tokio::select! {
                biased;
                slot = &mut free => break slot.ok(),
                // It may take long: what others write meanwhile does not pile up.
                () = noticed.notified() => {
                    caught_up = true;
                    self.catch_up()?;
                }
            }
        };
        if caught_up {
            // Whoever waits for that has something to do about it still.
            noticed.notify_one();
        }
        self.reap()?;
        Ok(slot)
    }

    /// A place for one more run, if there is one.
    pub(crate) fn free_room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).try_acquire_owned().ok()
    }

    /// Runs that went wrong meanwhile show here.
    ///
    /// # Errors
    /// The first error of a run, or that the journal has failed.
    pub fn reap(&mut self) -> Result<(), EngineError> {
        while let Some(result) = self.tasks.try_join_next() {
            ended(result)?;
        }
        self.shared.check()
    }

    /// Starts to drive a run whose lines so far are on their way to the disk.
    pub(crate) fn launch(
        &mut self,
        slot: Option<OwnedSemaphorePermit>,
        pinned: &Arc<Pinned>,
        run: Run,
        commands: Vec<play_scheduler::Command>,
        durable: Option<Durable>,
    ) {
        let shared = Arc::clone(&self.shared);
        let pinned = Arc::clone(pinned);
        let finished = Arc::clone(&self.finished);
        // Before its task: whoever speaks to it from now on is heard by that.
        let (driven, inbox) = Driven::new(&shared, run.name());
        self.tasks.spawn(async move {
            let _driven = driven;
            let done = drive::drive(&shared, &pinned, run, commands, durable, (slot, inbox)).await;
            let done = done.map(|done| {
                if let Ok(mut all) = finished.lock() {
                    all.push(done);
                }
            });
            shared.settled.notify_one();
            done
        });
    }

    /// Becomes true when the journal has failed; whoever waits for more alerts has to stop then.
    #[must_use]
    pub fn failed(&self) -> watch::Receiver<bool> {
        self.shared.failed.subscribe()
    }
}

pub(crate) fn ended(result: Result<Result<(), EngineError>, JoinError>) -> Result<(), EngineError> {
    result.unwrap_or_else(|e| Err(EngineError::Evidence(format!("a run's task ended badly: {e}"))))
}

/// Whether a line is a write that a shadow run would have done. Only lines of runs are, and these have at hand what stands in them.
fn is_would(line: &Line) -> bool {
    line.said().is_some_and(|said| said.k == "act.would")
}

/// What the name of an engine ends with when its answers are stubs.
pub const ON_STUBS: &str = ", on stubs";

fn on_stubs(engine: &str) -> bool {
    engine.ends_with(ON_STUBS)
}

/// A line of the intake or store chain, by the engine.
pub(crate) fn line(
    now: Timestamp,
    chain: &mut Chain,
    kind: &str,
    fields: BTreeMap<String, J>,
) -> Result<Line, EngineError> {
    let kind = kinds::kind(kind).ok_or_else(|| EngineError::Evidence(format!("no kind {kind}")))?;
    chain.append(now, "engine", None, kind, fields).map_err(|e| EngineError::Evidence(e.to_string()))
}

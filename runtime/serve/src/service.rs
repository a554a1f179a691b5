//! The task that owns the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use play_engine::arrival;
use play_engine::engine::Pinned;
use play_engine::intake::{Outcome, Record};
use play_engine::live::Make;
use play_engine::pausing::Paused;
use play_engine::person::Roles;
use play_engine::room::Full;
use play_engine::{Engine, EngineError};
use play_journal::{Journal, JournalRead, Lease, Pause};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use crate::config::Config;
use crate::log::{Field, log};
use crate::metrics::Metrics;
use crate::page::{Page, Unlisted, Wanted};
use crate::{connections, http, tail};

mod records;
mod runs;

use records::Away;

/// What the service shows of a store, a page at a time.
pub trait Views: Send + Sync {
    /// What is in force, what waits, what is in doubt.
    ///
    /// # Errors
    /// When the store cannot be read, or the list is to go on where none of its pages ended.
    fn status(&self, store: &dyn JournalRead, wanted: &Wanted) -> Result<Page, Unlisted>;

    /// The runs.
    ///
    /// # Errors
    /// As for `status`.
    fn cases(&self, store: &dyn JournalRead, wanted: &Wanted) -> Result<Page, Unlisted>;
}

/// Opens the program of an artifact that is not the one in force.
pub type Load = Box<dyn Fn(&[u8]) -> Result<Pinned, String> + Send + Sync>;

/// What a service is made of.
pub struct Setup {
    /// How it is set up.
    pub config: Config,
    /// The engine, started; it has to let go of runs that only wait.
    pub engine: Engine,
    /// The runs that rest already, each with when it is to be woken.
    pub resting: Vec<(Box<str>, Timestamp)>,
    /// The programs of older runs.
    pub load: Load,
    /// The names of the project's sources, by index.
    pub sources: Vec<String>,
    /// Who may answer and approve.
    pub roles: Roles,
    /// The store, to read.
    pub reader: Arc<dyn JournalRead>,
    /// And as those share it who write to it.
    pub journal: Arc<dyn Journal>,
    /// What is shown of it.
    pub views: Arc<dyn Views>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Every run is over or parked.
    Gently,
    /// Some runs were still under way when their time was over; they are taken up at the next start.
    CutOff,
    /// The store kept it waiting for too long: what waits there may be there still. The process is to end as one that is killed.
    Waits,
}

/// A record on its way to the engine.
pub(crate) struct Arrived {
    pub(crate) to: To,
    pub(crate) record: Result<Record, Broken>,
    /// Told once what became of it is durable.
    pub(crate) done: Option<oneshot::Sender<Became>>,
}

/// What a record is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    /// A case, made by this source; without one, by the first that accepts it.
    Source(Option<usize>),
    /// The runs that wait for it. Whether its place is a name: that of a delivery.
    Runs { named: bool },
}

/// What became of a record.
#[derive(Clone, Debug)]
pub(crate) enum Became {
    Case(Outcome),
    Event(arrival::Outcome),
}

/// A record that cannot be read.
pub(crate) struct Broken {
    pub(crate) pos: String,
    pub(crate) why: String,
}

/// Something that a person says to a run.
pub(crate) struct Saying {
    /// The run.
    pub(crate) run: String,
    pub(crate) make: Make,
    pub(crate) done: oneshot::Sender<Result<(), EngineError>>,
}

/// Something that an operator wants of the whole store.
pub(crate) struct Order {
    /// That no write leaves, or that writes leave again.
    pub(crate) pause: bool,
    pub(crate) by: String,
    pub(crate) because: String,
    pub(crate) done: oneshot::Sender<Result<Ordered, EngineError>>,
}

/// What became of it.
pub(crate) enum Ordered {
    Paused(Paused),
    /// Who had paused it, and how many writes were held; `None` where nobody had.
    Resumed(Option<(Pause, usize)>),
}

/// Records that wait for the engine. Short: whoever sends is to feel that it is slow.
const QUEUE: usize = 64;
/// Sayings that wait.
const SAYINGS: usize = 64;
/// How often it is looked whether others who share the store are gone.
const CLAIM: Duration = Duration::from_secs(1);
/// How often it is looked at how much may still be written.
const LOOK_FOR_ROOM: Duration = Duration::from_secs(1);

/// The event that says what keeps a service waiting that is to end.
pub const STOP_WAITS: &str = "stop_waits";
/// How long after `grace` it may take until all is over. More than that it takes only where the store keeps it waiting.
pub const LEAVING: Duration = Duration::from_secs(15);

/// Runs the service until `stop` resolves, or the store fails.
///
/// # Errors
/// When the store has failed, or a run showed a defect.
pub async fn run(
    setup: Setup,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<Stopped, EngineError> {
    let (told, mut is_told) = watch::channel(false);
    let grace = Duration::try_from(setup.config.grace).unwrap_or_default();
    let journal = Arc::clone(&setup.journal);
    // Heard also while the service itself waits for the store.
    let late = async {
        stop.await;
        told.send_replace(true);
        tokio::time::sleep(grace.saturating_add(LEAVING)).await;
    };
    tokio::select! {
        biased;
        ended = serve(setup, listener, crate::set(&mut is_told)) => ended,
        () = late => {
            say_what_it_waits_for(STOP_WAITS, journal).await;
            Ok(Stopped::Waits)
        }
    }
}

/// Logs what the store keeps it waiting for.
pub async fn say_what_it_waits_for(event: &'static str, journal: Arc<dyn Journal>) {
    let asked = tokio::task::spawn_blocking(move || journal.waits_for());
    match asked.await.ok().flatten() {
        Some(lock) => {
            log(event, &[("for", Field::Id(&lock.on)), ("locked_by_session", Field::Count(lock.by))]);
        }
        None => log(event, &[("for", Field::Word("the store"))]),
    }
}

/// Says when the lease cannot be renewed, so that nothing leaves, and when it was. Whatever waits for the store says nothing meanwhile.
async fn leases(journal: Arc<dyn Journal>, mut ended: watch::Receiver<bool>) {
    let mut good = true;
    loop {
        tokio::select! {
            () = crate::set(&mut ended) => return,
            () = tokio::time::sleep(CLAIM) => {}
        }
        let is_good = journal.lease() == Lease::Good;
        if std::mem::replace(&mut good, is_good) != is_good {
            if is_good {
                log("lease_renewed", &[]);
            } else {
                say_what_it_waits_for("lease_over", Arc::clone(&journal)).await;
            }
        }
    }
}

/// The same, however long the store keeps it waiting.
async fn serve(
    setup: Setup,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<Stopped, EngineError> {
    let Setup { config, engine, resting, load, sources, roles, reader, journal, views } = setup;
    let metrics = Arc::new(Metrics::new());
    let (records, arriving) = mpsc::channel(QUEUE);
    let (sayings, saying) = mpsc::channel(SAYINGS);
    let (orders, ordered) = mpsc::channel(SAYINGS);
    let (ending, ended) = watch::channel(false);
    let (full, is_full) = watch::channel(engine.full());
    let index = |name: &Option<String>| name.as_ref().and_then(|n| sources.iter().position(|s| s == n));

    let mut around = JoinSet::new();
    for (name, file) in config.files {
        let only = index(&file.source);
        around.spawn(tail::follow(name, file, only, records.clone(), ended.clone()));
    }
    let webhooks = config.webhooks.into_iter().map(|(name, hook)| {
        let only = index(&hook.source);
        (name, (hook, only))
    });
    let state = http::State {
        webhooks: webhooks.collect(),
        token: config.token,
        roles: Arc::new(roles),
        records,
        sayings,
        orders,
        gate: engine.gate(),
        metrics: Arc::clone(&metrics),
        reader,
        journal: Arc::clone(&journal),
        bringing: http::bringing(),
        views,
        viewing: tokio::sync::Semaphore::new(1),
        failed: engine.failed(),
        ending: ended.clone(),
        full: is_full,
    };
    let router = http::router(state);
    around.spawn(leases(Arc::clone(&journal), ended.clone()));
    if engine.shares() {
        around.spawn(http::words::hear(journal, router.clone(), ended.clone()));
    }
    around.spawn(connections::serve(listener, router, ended));

    let grace = Duration::try_from(config.grace).unwrap_or_default();
    let mut service = Service {
        engine,
        load,
        metrics,
        wakes: BTreeSet::new(),
        parked: BTreeMap::new(),
        wakes_again: None,
        rejected: Vec::new(),
        full,
        over: Vec::new(),
        left: 0,
        away: None,
    };
    for (run, at) in resting {
        service.park(run.into(), Some(at));
    }
    let worked = service.work(arriving, (saying, ordered), stop).await;
    ending.send_replace(true);
    worked?;
    log("stopping", &[("live", Field::Count(service.engine.live() as u64))]);
    service.dismiss().await?;
    while around.join_next().await.is_some() {}
    let stopped = service.stop(grace).await?;
    log("stopped", &[("how", Field::Word(if stopped == Stopped::Gently { "gently" } else { "cut_off" }))]);
    Ok(stopped)
}

struct Service {
    engine: Engine,
    load: Load,
    metrics: Arc<Metrics>,
    /// When parked runs are to be taken up: by time, and by run.
    wakes: BTreeSet<(Timestamp, Arc<str>)>,
    parked: BTreeMap<Arc<str>, Option<Timestamp>>,
    /// Before that none is taken up, whatever its time: the store was out of reach for one of them.
    wakes_again: Option<Instant>,
    /// Who sent the records that no source accepted and that are not written down yet: one line counts many.
    rejected: Vec<(Became, Option<oneshot::Sender<Became>>)>,
    /// While there is little room on the disk, no record is taken: they stay where they are.
    full: watch::Sender<Option<Full>>,
    /// Runs of which nothing more is to come, and that others need not take over.
    over: Vec<String>,
    /// Runs that were taken over, and could not be read yet.
    left: usize,
    /// The store is out of reach for what is asked of it.
    away: Option<Away>,
}

/// Rejected records that one line counts at the most before their senders are told.
const REJECTED: usize = 256;

impl Service {
    async fn work(
        &mut self,
        mut records: mpsc::Receiver<Arrived>,
        (mut sayings, mut orders): (mpsc::Receiver<Saying>, mpsc::Receiver<Order>),
        stop: impl Future<Output = ()>,
    ) -> Result<(), EngineError> {
        tokio::pin!(stop);
        let mut failed = self.engine.failed();
        let settled = self.engine.settled();
        let (noticed, shares) = (self.engine.noticed(), self.engine.shares());
        let mut claims = tokio::time::interval(CLAIM);
        claims.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut slot = None;
        let mut looks = tokio::time::interval(LOOK_FOR_ROOM);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.settle()?;
            let takes = self.full.borrow().is_none() && self.away.is_none();
            let again = self.away.as_ref().map(|away| away.at);
            let wakes = self.next_wake();
            tokio::select! {
                biased;
                () = &mut stop => return Ok(()),
                () = crate::set(&mut failed) => {}
                () = settled.notified() => {}
                Some(order) = orders.recv() => self.order(order).await,
                Some(saying) = sayings.recv() => self.say(saying).await?,
                () = noticed.notified(), if shares => self.catch_up()?,
                _ = claims.tick(), if shares || self.engine.has_to_tell() => {
                    // What could not be told, as the store was out of reach, is told now.
                    if shares { self.claim().await? } else { self.engine.tell_waiting(&*self.load) }
                }
                () = tokio::time::sleep(wakes.unwrap_or_default()), if wakes.is_some() => self.wake()?,
                free = self.engine.slot(), if slot.is_none() => slot = free,
                _ = looks.tick() => self.look_for_room(),
                () = tokio::time::sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() && slot.is_some() => {
                    self.try_again(&mut slot).await?;
                }
                Some(arrived) = records.recv(), if slot.is_some() && takes => {
                    self.take(arrived, &mut slot, Duration::ZERO).await?;
                    if records.is_empty() || self.rejected.len() >= REJECTED {
                        self.flush(Duration::ZERO).await?;
                    }
                }
            }
        }
    }

    /// Looks how much may still be written.
    fn look_for_room(&mut self) {
        let full = self.engine.full();
        let was = self.full.send_replace(full);
        if was.is_some() != full.is_some() {
            let left = full.map_or(Field::Word("enough"), |full| Field::Count(full.left));
            log(if full.is_some() { "store_full" } else { "store_has_room" }, &[("left", left)]);
        }
        self.metrics.full.set(i64::from(full.is_some()));
    }

    /// Pauses the store, or resumes it.
    async fn order(&mut self, order: Order) {
        let Order { pause, by, because, done } = order;
        let ordered = if pause {
            match self.engine.pause(by, because).await {
                // Others who share the store have to know before it is said. Nobody waits for that but whoever wants it.
                Ok((paused, told)) => {
                    tokio::spawn(async move {
                        let _ = done.send(told.everybody().await.map(|()| Ordered::Paused(paused)));
                    });
                    return;
                }
                Err(e) => Err(e),
            }
        } else {
            self.engine.resume(by, because, &*self.load).await.map(Ordered::Resumed)
        };
        // Whoever wanted it may be gone.
        let _ = done.send(ordered);
    }

    /// Lets what is under way come to its end, as long as it is given.
    async fn stop(mut self, grace: Duration) -> Result<Stopped, EngineError> {
        self.flush(Duration::ZERO).await?;
        match tokio::time::timeout(grace, self.engine.finish()).await {
            Ok(done) => done.map(|_| Stopped::Gently),
            Err(_) => Ok(Stopped::CutOff),
        }
    }
}

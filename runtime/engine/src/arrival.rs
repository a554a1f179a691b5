//! Events: what has arrived, which runs have waited for it, and what finds them.
//!
//! A record that is an event is kept, once, before anything comes of it. A run that waits for it goes on; a run that comes to
//! wait for it later finds it. Which event a record is, each run's own program says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use play_evidence::{J, ParsedLine};
use play_journal::{Journal, JournalError};
use play_program::artifact::Manifest;
use play_program::convert;
use play_program::exec::{Arrival, Program, Unmapped};
use play_program::json::{Doc, JsonAt};
use play_program::value::Value;
use play_scheduler::event::{Arrived, Listen};
use play_scheduler::{Command, Event, ids};
use tokio::sync::oneshot;

use crate::engine::{Engine, EngineError, Pinned, line};
use crate::error::NotTaken;
use crate::intake::{Record, body};
use crate::live::{Make, Word};
use crate::recover::Load;

/// So many of the last bodies are kept at hand; earlier ones are read from the store when somebody looks at them.
const AT_HAND: usize = 1_000;

/// What has arrived, and which runs wait for something.
#[derive(Default)]
pub(crate) struct Arrivals(Mutex<All>);

#[derive(Default)]
struct All {
    /// The first one first.
    kept: Vec<Kept>,
    /// Digests of the records, and where each stood.
    records: BTreeMap<String, BTreeSet<String>>,
    /// By run and line of the wait. A run that is parked waits as well.
    waits: BTreeMap<(String, u64), Waits>,
}

struct Kept {
    arrived: Arrived,
    /// Digest of its body in the store.
    blob: String,
    /// Its body, where it is at hand.
    doc: Option<Arc<Doc>>,
}

/// Which event a run waits for: its own program says what a record is.
struct Waits {
    pinned: Arc<Pinned>,
    wanted: Listen,
}

impl Waits {
    /// What a record gives that has arrived, if it is what is waited for.
    fn value(&self, arrival: u64, came: Timestamp, doc: &Arc<Doc>) -> Option<Value> {
        if !self.wanted.takes(arrival, came) {
            return None;
        }
        let found = self.pinned.program.event(self.wanted.event, &JsonAt::root(Arc::clone(doc)));
        match found {
            Arrival::Is { args, value } if self.wanted.is_for(&args) => Some(value),
            _ => None,
        }
    }
}

/// What a run is to be told: its name, and the event.
pub type Heard = (String, Make);

/// A run that is told something: its name, and what came of it once that is durable.
type Telling = (String, oneshot::Receiver<Result<(), EngineError>>);

/// Tells a run that an event has come, if it still waits for that.
fn tell(of: u64, arrived: Arrived, value: Value) -> Make {
    Box::new(move |run, _| {
        let waits = |c: &Command| matches!(c, Command::Listen { of: wait, wanted } if *wait == of && wanted.takes(arrived.arrival, arrived.came));
        if run.pending().iter().any(waits) {
            return Ok(Event::Arrived { of, value, arrived });
        }
        Err("it does not wait for that any more".into())
    })
}

impl All {
    fn add(&mut self, arrived: Arrived, blob: String, doc: Option<Arc<Doc>>) {
        self.records.entry(arrived.record.clone()).or_default().insert(arrived.pos.clone());
        self.kept.push(Kept { arrived, blob, doc });
        if let Some(old) = self.kept.len().checked_sub(AT_HAND).and_then(|n| n.checked_sub(1))
            && let Some(old) = self.kept.get_mut(old)
        {
            old.doc = None;
        }
    }

    /// The first from this place on that is taken. `body`: of the one at this place, where it had to be read.
    fn first(&self, waits: &Waits, from: &mut usize, mut body: Option<Arc<Doc>>) -> Looked {
        let wanted = &waits.wanted;
        while let Some(kept) = self.kept.get(*from) {
            if wanted.takes(kept.arrived.arrival, kept.arrived.came) {
                let Some(doc) = body.take().or_else(|| kept.doc.clone()) else {
                    return Looked::Unread(kept.blob.clone());
                };
                if let Some(value) = waits.value(kept.arrived.arrival, kept.arrived.came, &doc) {
                    return Looked::Found(Box::new((kept.arrived.clone(), value)));
                }
            }
            *from = from.saturating_add(1);
        }
        Looked::Nothing
    }
}

/// What was found of that which is waited for.
enum Looked {
    Found(Box<(Arrived, Value)>),
    Nothing,
    /// The body with this digest is to be read first.
    Unread(String),
}

impl Arrivals {
    fn all(&self) -> MutexGuard<'_, All> {
        // Nothing that holds it can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn recall(&self, arrived: Arrived, blob: String) {
        self.all().add(arrived, blob, None);
    }

    /// Whether a record was kept before: from the same place where places are names, from anywhere otherwise.
    fn is_known(&self, record: &str, named: Option<&str>) -> bool {
        self.all().records.get(record).is_some_and(|at| named.is_none_or(|pos| at.contains(pos)))
    }

    /// A run waits for an event: the first arrival that it takes, as the event for it. Where there is none, it is told when one
    /// comes.
    pub(crate) fn listen(
        &self,
        pinned: &Arc<Pinned>,
        (run, of): (&str, u64),
        wanted: Listen,
        store: &dyn Journal,
    ) -> Result<Option<Event>, JournalError> {
        let waits = Waits { pinned: Arc::clone(pinned), wanted };
        let (mut from, mut body) = (0, None);
        loop {
            // Under the lock: nothing arrives between this look and the note.
            let mut all = self.all();
            let blob = match all.first(&waits, &mut from, body.take()) {
                Looked::Found(found) => {
                    let (arrived, value) = *found;
                    all.waits.remove(&(run.to_string(), of));
                    return Ok(Some(Event::Arrived { of, value, arrived }));
                }
                Looked::Nothing => {
                    all.waits.insert((run.to_string(), of), waits);
                    return Ok(None);
                }
                Looked::Unread(blob) => blob,
            };
            drop(all);
            // The store may let us wait, and others are not to wait for that.
            let raw = store.blob(&blob)?.unwrap_or_default();
            match play_connect::parse_body(&raw) {
                Ok(json) => body = Some(Arc::new(Doc::Whole(json))),
                // No run takes what cannot be read.
                Err(_) => from = from.saturating_add(1),
            }
        }
    }

    /// Takes note of what came elsewhere, unless a run here waits for an event: then it is given back, to be looked at. Under one lock: a
    /// run that begins to wait finds it noted, or is one that waits.
    pub(crate) fn recall_unless_waited_for(
        &self,
        arrived: Arrived,
        blob: String,
    ) -> Option<(Arrived, String)> {
        let mut all = self.all();
        if !all.waits.is_empty() {
            return Some((arrived, blob));
        }
        all.add(arrived, blob, None);
        None
    }

    /// A run does not wait for that any more.
    pub(crate) fn forget(&self, run: &str, of: u64) {
        let mut all = self.all();
        if !all.waits.is_empty() {
            all.waits.remove(&(run.to_string(), of));
        }
    }

    /// How many runs wait for a record that comes now.
    fn waiting(&self, arrival: u64, came: Timestamp, doc: &Arc<Doc>) -> usize {
        let all = self.all();
        let waits = all.waits.iter().filter(|(_, w)| w.value(arrival, came, doc).is_some());
        waits.map(|((run, _), _)| run).collect::<BTreeSet<_>>().len()
    }

    /// Keeps an arrival, once it is durable, and gives what the runs that wait for it are to be told.
    pub(crate) fn keep(&self, arrived: Arrived, blob: String, doc: Arc<Doc>) -> Vec<Heard> {
        let mut all = self.all();
        let heard = all.waits.iter().filter_map(|((run, of), waits)| {
            let value = waits.value(arrived.arrival, arrived.came, &doc)?;
            Some((run.clone(), *of, value))
        });
        // No event answers two waits of one run.
        let mut heard: Vec<_> = heard.collect();
        heard.dedup_by(|b, a| a.0 == b.0);
        for (run, of, _) in &heard {
            all.waits.remove(&(run.clone(), *of));
        }
        all.add(arrived.clone(), blob, Some(doc));
        heard.into_iter().map(|(run, of, value)| (run, tell(of, arrived.clone(), value))).collect()
    }
}

/// What became of a record that may be an event.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was kept before.
    Known,
    /// It is no event of the program in force.
    Other,
    /// It is one, but something that it has is not there.
    Unmapped {
        /// Which.
        event: String,
        /// Why.
        why: Unmapped,
    },
    /// It is kept.
    Kept {
        /// What it is, as a person writes it.
        calls: Vec<String>,
        /// How many runs waited for it.
        waited: usize,
    },
}

impl Engine {
    /// Keeps a record that is an event of the program in force. `named`: where it stood names it, so that the same record from
    /// elsewhere is another one.
    ///
    /// # Errors
    /// When the journal fails. Where the store was only out of reach, the record is given back.
    pub async fn event(&mut self, record: Record, named: bool) -> Result<Outcome, Box<NotTaken>> {
        self.shared.check()?;
        let turn = match self.knowing_all().await {
            Ok(turn) => turn,
            Err(e) => return Err(NotTaken::yet(e, record)),
        };
        let Record { pos, raw, json } = record;
        let digest = ids::record_digest(&self.shared.store.salt(), &raw);
        if self.shared.arrivals.is_known(&digest, named.then_some(pos.as_str())) {
            return Ok(Outcome::Known);
        }
        let doc = Arc::new(Doc::Whole(json));
        let found = is(&*self.pinned.program, &self.pinned.manifest, &doc);
        let calls = match found {
            Err(found) => {
                let (event, why) = *found;
                let (_, durable) = self.unmapped(event.clone(), why.clone(), raw, pos, digest)?;
                drop(turn);
                if let Some(durable) = durable {
                    durable.wait().await?;
                }
                return Ok(Outcome::Unmapped { event, why });
            }
            Ok(calls) if calls.is_empty() => {
                let durable = self.reject(&pos)?;
                drop(turn);
                if let Some(durable) = durable {
                    durable.wait().await?;
                }
                return Ok(Outcome::Other);
            }
            Ok(calls) => calls,
        };
        let names: Vec<&str> = calls.iter().filter_map(|call| call.split('(').next()).collect();
        let blob = body(&*self.shared.machine, raw)?;
        let arrival = self.intake.next_seq();
        let came = self.now();
        let waited = self.shared.arrivals.waiting(arrival, came, &doc);
        let f = [
            ("events", J::Str(names.join(", "))),
            ("pos", J::Str(pos.clone())),
            ("record", J::Str(digest.clone())),
            ("waited", J::int(i64::try_from(waited).unwrap_or(i64::MAX))),
            ("body", play_evidence::json::blob(&blob.digest(), blob.len())),
        ];
        let f = f.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        let kept = line(self.now(), &mut self.intake, "intake.event", f)?;
        // The time that stands in the line, as a later start will read it.
        let came = ParsedLine::parse(&kept.bytes).ok().and_then(|l| l.t.parse().ok()).unwrap_or(came);
        let key = blob.digest();
        let durable = self.shared.append(vec![kept], vec![blob]);
        drop(turn);
        durable.wait().await?;
        let arrived = Arrived { arrival, came, pos, record: digest };
        self.heard.extend(self.shared.arrivals.keep(arrived, key, doc));
        Ok(Outcome::Kept { calls, waited })
    }

    /// Looks which runs of the store wait for an event, where nobody has taken them up. One that waits for something that is there
    /// already is to be told.
    ///
    /// # Errors
    /// When the store fails.
    pub fn attend(&mut self, load: &Load<'_>) -> Result<(), EngineError> {
        for name in self.shared.store.runs()? {
            if self.shared.in_force.is_settled(&name) || self.shared.live.has(&name) || !self.owns(&name) {
                continue;
            }
            let lines = self.shared.store.lines_of(&name)?;
            // One that cannot be taken up is told by the next start.
            let Ok((pinned, run)) = self.rebuild(&lines, load)? else { continue };
            let mut taken = false;
            for command in run.pending() {
                if let Command::Listen { of, wanted } = command {
                    let (at, store) = ((name.as_str(), of), &*self.shared.store);
                    if let Some(Event::Arrived { value, arrived, .. }) =
                        self.shared.arrivals.listen(&pinned, at, wanted, store)?
                        && !taken
                    {
                        taken = true;
                        self.heard.push_back((name.clone(), tell(of, arrived, value)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells the runs that wait for what has arrived; they go on. Gives their names. One that cannot be taken up is left as it is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn go_on(&mut self, load: &Load<'_>) -> Result<Vec<String>, EngineError> {
        let mut gone = Vec::new();
        // What comes while one waits for room as well.
        while let Some((run, _)) = self.heard.front() {
            // One that is driven has its room: it may wait for this until it times out.
            let slot = if self.shared.live.has(run) { None } else { Some(self.room().await?) };
            let Some((run, told)) = self.tell_next(load)? else { break };
            drop(slot);
            match told.await {
                Ok(Ok(())) => gone.push(run),
                Ok(Err(EngineError::Resume { .. } | EngineError::Scheduler(_))) | Err(_) => {}
                Ok(Err(e)) => return Err(e),
            }
        }
        if !gone.is_empty() {
            self.wake_kept(load)?;
        }
        Ok(gone)
    }

    /// Whether a run is still to be told something.
    #[must_use]
    pub fn has_to_tell(&self) -> bool {
        !self.heard.is_empty()
    }

    /// Tells all runs that are still to be told what has arrived, or that a held act leaves, parked or not. One whose record is out
    /// of reach is the first one the next time; one that cannot be taken up is passed by: the event is kept, and the next start
    /// finds it.
    pub fn tell_waiting(&mut self, load: &Load<'_>) {
        while let Ok(Some(_)) = self.tell_next(load) {}
    }

    /// Tells the first of them: its name, and what is told once that is durable. `None` when all are told.
    ///
    /// # Errors
    /// When the store is out of reach. The same run is the first one again.
    fn tell_next(&mut self, load: &Load<'_>) -> Result<Option<Telling>, EngineError> {
        let Some((run, make)) = self.heard.pop_front() else { return Ok(None) };
        let (heard, told) = oneshot::channel();
        match self.speak(&run, Word { make, heard }, load) {
            Ok(()) => Ok(Some((run, told))),
            Err(unsaid) => {
                let (word, e) = *unsaid;
                self.heard.push_front((run, word.make));
                Err(e)
            }
        }
    }
}

/// The events of a program that a record is: `tickets.closed("T-1")`.
fn is(
    program: &dyn Program,
    manifest: &Manifest,
    doc: &Arc<Doc>,
) -> Result<Vec<String>, Box<(String, Unmapped)>> {
    let mut calls = Vec::new();
    for (event, index) in manifest.events.iter().zip(0_u32..) {
        match program.event(index, &JsonAt::root(Arc::clone(doc))) {
            Arrival::Other => {}
            Arrival::Unmapped(why) => return Err(Box::new((event.full_name(), why))),
            Arrival::Is { args, .. } => {
                let arg = |((_, ty), v): (&(String, _), &Value)| {
                    convert::to_recorded(v, ty, &manifest.types).to_string()
                };
                let args: Vec<String> = event.params.iter().zip(&args).map(arg).collect();
                calls.push(format!("{}({})", event.full_name(), args.join(", ")));
            }
        }
    }
    Ok(calls)
}

//! Events: what has arrived, which runs have waited for it, and what finds them.
//!
//! A record that is an event is kept, once, before anything comes of it. A run that waits for it goes on; a run that comes to
//! wait for it later finds it. Which event a record is, each run's own program says.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use play_evidence::J;
use play_journal::{Journal, JournalError};
use play_program::artifact::Manifest;
use play_program::convert;
use play_program::exec::{Arrival, Program, Unmapped};
use play_program::json::{Doc, JsonAt};
use play_program::value::Value;
use play_scheduler::event::{Arrived, Listen};
use play_scheduler::{Command, Event, ids};

use crate::engine::{Engine, EngineError, Pinned, line};
use crate::intake::{Record, body};
use crate::recover::Load;

/// What has arrived, the first one first.
#[derive(Debug, Default)]
pub(crate) struct Arrivals(Mutex<Vec<Kept>>);

#[derive(Debug)]
struct Kept {
    arrived: Arrived,
    /// Digest of its body in the store.
    blob: String,
    /// Its body, once somebody has looked at it.
    doc: Option<Arc<Doc>>,
}

impl Arrivals {
    pub(crate) fn recall(&mut self, arrived: Arrived, blob: String) {
        let all = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        all.push(Kept { arrived, blob, doc: None });
    }

    fn add(&self, arrived: Arrived, blob: String, doc: Arc<Doc>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Kept { arrived, blob, doc: Some(doc) });
    }

    fn is_known(&self, record: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().any(|kept| kept.arrived.record == record)
    }

    /// The first arrival that a wait takes, as the event for its run.
    pub(crate) fn first(
        &self,
        pinned: &Pinned,
        of: u64,
        wanted: &Listen,
        store: &dyn Journal,
    ) -> Result<Option<Event>, JournalError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for kept in all.iter_mut().filter(|k| wanted.takes(k.arrived.arrival, k.arrived.came)) {
            let doc = match &kept.doc {
                Some(doc) => Arc::clone(doc),
                None => {
                    let raw = store.blob(&kept.blob)?.unwrap_or_default();
                    let Ok(json) = play_connect::parse_body(&raw) else { continue };
                    let doc = Arc::new(Doc::Whole(json));
                    kept.doc = Some(Arc::clone(&doc));
                    doc
                }
            };
            if let Arrival::Is { args, value } = pinned.program.event(wanted.event, &JsonAt::root(doc))
                && wanted.is_for(&args)
            {
                return Ok(Some(Event::Arrived { of, value, arrived: kept.arrived.clone() }));
            }
        }
        Ok(None)
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
    /// It is kept: what it is, as a person writes it.
    Kept(Vec<String>),
}

impl Engine {
    /// Keeps a record that is an event of the program in force.
    ///
    /// # Errors
    /// When the journal fails.
    pub async fn event(&mut self, record: Record) -> Result<Outcome, EngineError> {
        self.shared.check()?;
        let Record { pos, raw, json } = record;
        let digest = ids::record_digest(&self.shared.store.salt(), &raw);
        if self.shared.arrivals.is_known(&digest) {
            return Ok(Outcome::Known);
        }
        let doc = Arc::new(Doc::Whole(json));
        let found = is(&*self.pinned.program, &self.pinned.manifest, &doc);
        let calls = match found {
            Err(found) => {
                let (event, why) = *found;
                return Ok(Outcome::Unmapped { event, why });
            }
            Ok(calls) if calls.is_empty() => return Ok(Outcome::Other),
            Ok(calls) => calls,
        };
        let names: Vec<&str> = calls.iter().filter_map(|call| call.split('(').next()).collect();
        let blob = body(raw)?;
        let f = [
            ("events", J::Str(names.join(", "))),
            ("pos", J::Str(pos.clone())),
            ("record", J::Str(digest.clone())),
            ("body", play_evidence::json::blob(&blob.digest(), blob.len())),
        ];
        let f = f.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        let arrival = self.intake.next_seq();
        let came = Timestamp::now();
        let kept = line(&mut self.intake, "intake.event", f)?;
        let key = blob.digest();
        self.shared.append(vec![kept], vec![blob]).wait().await?;
        self.shared.arrivals.add(Arrived { arrival, came, pos, record: digest }, key, doc);
        Ok(Outcome::Kept(calls))
    }

    /// Takes up the runs that wait for something that has arrived; gives their names. Others are left as they are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn go_on(&mut self, load: &Load<'_>) -> Result<Vec<String>, EngineError> {
        let mut gone = Vec::new();
        for name in self.shared.store.runs()? {
            if self.shared.in_force.is_settled(&name) {
                continue;
            }
            let lines = self.shared.store.lines_of(&name)?;
            // One that cannot be taken up is told by the next start.
            let Ok((pinned, mut run)) = self.rebuild(&lines, load) else { continue };
            let mut found = false;
            for command in run.pending() {
                if let Command::Listen { of, wanted } = command {
                    found |= self.shared.arrivals.first(&pinned, of, &wanted, &*self.shared.store)?.is_some();
                }
            }
            if !found {
                continue;
            }
            let slot = self.room().await?;
            let step = self.going_on(&mut run)?;
            let durable = (!step.lines.is_empty()).then(|| self.shared.append(step.lines, Vec::new()));
            self.launch(slot, &pinned, run, step.commands, durable);
            gone.push(name);
        }
        if !gone.is_empty() {
            self.wake_kept(load)?;
        }
        Ok(gone)
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

//! From a record to a run: what arrived, what became of it, and the line that acknowledges it.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_evidence::J;
use play_journal::{Blob, Machine, Turn};
use play_program::exec::Unmapped;
use play_program::json::Doc;
use play_program::json::Found;
use play_scheduler::run::{self, Opening};
use play_scheduler::{Run, SchedulerError, encode, ids, intake};

use crate::engine::{Durable, Engine, EngineError, NotTaken, Slot, line};
use crate::seen::{Routed, of_shadow, routed, short};

/// What became of a record.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is a case: its run and case.
    Accepted {
        /// The run.
        run: String,
        /// The case.
        case: String,
    },
    /// This very record was taken before (by an earlier start over the same input).
    Known,
    /// No source accepts it.
    Rejected,
    /// Its key was seen within the window: it belongs to this run.
    Duplicate {
        /// The run of the first.
        into: String,
    },
    /// It could not be mapped.
    Unmapped {
        /// The source.
        source: String,
        /// Why.
        why: Unmapped,
    },
    /// No playbook takes the case.
    Unrouted {
        /// The case type.
        case_type: String,
    },
}

/// A record with its outcome.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Where it stood.
    pub pos: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// A record as it came.
#[derive(Clone, Debug)]
pub struct Record {
    /// Where it stood: `alerts.jsonl:3`.
    pub pos: String,
    /// As it came.
    pub raw: Vec<u8>,
    /// As it was read.
    pub json: serde_json::Value,
}

/// Rejected records that one line counts at the most, so that a kill forgets no more than these.
const REJECTED_A_LINE: u64 = 1_000;

impl Engine {
    /// Takes a record: maps it, writes down what became of it, and starts its run. When this returns, the lines are
    /// queued; the run starts to act once they are durable.
    ///
    /// # Errors
    /// When the journal fails, or a defect shows.
    pub async fn take(&mut self, only: Option<usize>, record: Record) -> Result<Taken, EngineError> {
        // Time passes while a record waits for room; the run's time begins after that.
        let mut slot = self.room().await?;
        Ok(self.take_in(&mut slot, only, record).await?)
    }

    /// As [`Engine::take`], in a place that was taken before, which it leaves where no run needs it.
    ///
    /// # Errors
    /// When the journal fails, or a defect shows. Where the store was only out of reach, the record is given back.
    pub async fn take_in(
        &mut self,
        slot: &mut Option<Slot>,
        only: Option<usize>,
        record: Record,
    ) -> Result<Taken, Box<NotTaken>> {
        // What is known stays so.
        if let Err(e) = self.shared.check().and_then(|()| self.catch_up().map(drop)) {
            return Err(NotTaken::yet(e, record));
        }
        if let Some(known) = self.is_known(&record) {
            return Ok(known);
        }
        let turn = match self.knowing_all().await {
            Ok(turn) => turn,
            Err(e) => return Err(NotTaken::yet(e, record)),
        };
        let (taken, durable) = self.deal_with(slot, only, record)?;
        drop(turn);
        if let Some(durable) = durable {
            durable.wait().await?;
        }
        Ok(taken)
    }

    /// A turn, in which all that others have written is known.
    pub(crate) async fn knowing_all(&mut self) -> Result<Option<Turn>, EngineError> {
        let turn = self.shared.turn().await?;
        self.catch_up()?;
        Ok(turn)
    }

    /// A record that was dealt with before, whatever takes it.
    fn is_known(&self, record: &Record) -> Option<Taken> {
        let salt = self.shared.store.salt();
        let digest = ids::record_digest(&salt, &record.raw);
        let short = short(&salt, [&record.pos, &digest]);
        let (real, tried) =
            (self.known.real.records.contains(&short), self.known.shadow.records.contains(&short));
        let is_known = match self.pinned.all_shadow() {
            Some(true) => tried,
            Some(false) => real,
            None => real && tried,
        };
        is_known.then(|| Taken { pos: record.pos.clone(), outcome: Outcome::Known })
    }

    /// Decides what becomes of a record, in a turn. What is given back is to be durable before anybody is told.
    fn deal_with(
        &mut self,
        slot: &mut Option<Slot>,
        only: Option<usize>,
        record: Record,
    ) -> Result<(Taken, Option<Durable>), EngineError> {
        if let Some(known) = self.is_known(&record) {
            return Ok((known, None));
        }
        let Record { pos, raw, json } = record;
        let digest = ids::record_digest(&self.shared.store.salt(), &raw);
        let taken = |outcome| (Taken { pos: pos.clone(), outcome }, None);
        let pinned = Arc::clone(&self.pinned);
        let salt = self.shared.store.salt();
        let record = short(&salt, [&pos, &digest]);
        let (real, tried) =
            (self.known.real.records.contains(&record), self.known.shadow.records.contains(&record));
        let all_shadow = pinned.all_shadow();
        let manifest = &pinned.manifest;
        let doc = Arc::new(Doc::Whole(json));
        let (source, mapped) = match intake::take(&*pinned.program, manifest, only, doc, &pinned.config) {
            // It was dealt with, and which of its playbooks would take it now is not known.
            intake::Taken::Rejected | intake::Taken::Unmapped { .. }
                if all_shadow.is_none() && (real || tried) =>
            {
                return Ok(taken(Outcome::Known));
            }
            intake::Taken::Rejected => {
                let durable = self.reject(&pos)?;
                return Ok((taken(Outcome::Rejected).0, durable));
            }
            intake::Taken::Unmapped { source, why } => {
                let name = manifest.sources.get(source).map(|s| s.name.clone()).unwrap_or_default();
                return self.unmapped(name, why, raw, pos, digest);
            }
            intake::Taken::Mapped { source, mapped } => (source, *mapped),
        };
        let Some(spec) = manifest.sources.get(source).cloned() else { return Ok(taken(Outcome::Rejected)) };
        let now = self.now();
        let place = (spec.name.as_str(), pos.as_str(), digest.as_str());
        let Routed { run: run_name, case: case_id, playbook, autonomy } =
            routed(&pinned, source, place, &mapped, now);
        let shadow = autonomy.is_shadow() || playbook.is_none() && all_shadow == Some(true);
        let was_taken = if shadow { tried } else { real };
        if was_taken {
            return Ok(taken(Outcome::Known));
        }
        if let Some(into) = self.known.seen(shadow).duplicate_of(&salt, &spec.name, &mapped, now) {
            let mut f = self.seen(&spec.name, &pos, &digest);
            let key = mapped.dedup.as_ref().map(|(k, _)| k.clone()).unwrap_or_default();
            f.insert("key".into(), encode::text(&key));
            f.insert("into".into(), J::Str(into.clone()));
            f.extend(of_shadow(shadow));
            let durable = self.note("intake.deduplicated", f, None)?;
            self.known.seen(shadow).records.insert(record);
            return Ok((taken(Outcome::Duplicate { into }).0, Some(durable)));
        }
        let Some(playbook) = playbook else {
            let case_type = manifest.types.record(spec.case).map(|r| r.name.clone()).unwrap_or_default();
            let mut f = self.seen(&spec.name, &pos, &digest);
            f.insert("type".into(), J::Str(case_type.clone()));
            let durable = self.note("intake.unrouted", f, Some(raw))?;
            return Ok((taken(Outcome::Unrouted { case_type }).0, Some(durable)));
        };

        let mut f = self.seen(&spec.name, &pos, &digest);
        f.insert("case".into(), J::Str(case_id.clone()));
        f.insert("into".into(), J::Str(run_name.clone()));
        let key = mapped.dedup.as_ref().map(|(key, _)| key.clone());
        if let Some(key) = &key {
            f.insert("key".into(), encode::text(key));
        }
        f.extend(of_shadow(shadow));
        let blob = body(&*self.shared.machine, raw)?;
        f.insert("body".into(), play_evidence::json::blob(&blob.digest(), blob.len()));
        let mut chain = self.intake.clone();
        let accepted = line(now, &mut chain, "intake.accepted", f)?;
        let opening = Opening {
            artifact: self.artifact.clone(),
            run: run_name.clone(),
            case_id: case_id.clone(),
            source: Some(source),
            record: digest.clone(),
            pos: pos.clone(),
            engine: self.shared.name.clone(),
            playbook,
            mapped,
            config: pinned.config.clone(),
            autonomy,
        };
        let (run, step) = match Run::open(&*pinned.program, manifest, opening, now) {
            Err(SchedulerError::TooLong) => {
                let found = Found::Str(format!("{} bytes", blob.len()));
                let expected = format!("a record whose fields fit in {} bytes", run::MAX_LINE);
                let why = Unmapped { field: "map".into(), path: String::new(), expected, found };
                return self.unmapped(spec.name, why, blob.body().to_vec(), pos, digest);
            }
            other => other?,
        };
        self.intake = chain;
        let mut lines = vec![accepted];
        lines.extend(step.lines);
        let durable = self.shared.append(lines, vec![blob]);
        let seen = self.known.seen(shadow);
        seen.records.insert(record);
        if let Some(key) = key {
            seen.keys.insert(short(&salt, [&spec.name, &key]), (now, run_name.as_str().into()));
        }
        self.launch(slot.take(), &pinned, run, step.commands, Some(durable));
        Ok(taken(Outcome::Accepted { run: run_name, case: case_id }))
    }

    /// Counts a record that nothing takes.
    pub(crate) fn reject(&mut self, pos: &str) -> Result<Option<Durable>, EngineError> {
        let rejected = self.known.rejected.get_or_insert_with(|| (pos.to_string(), pos.to_string(), 0));
        rejected.1 = pos.to_string();
        rejected.2 = rejected.2.saturating_add(1);
        if rejected.2 >= REJECTED_A_LINE { self.note_rejected() } else { Ok(None) }
    }

    pub(crate) fn unmapped(
        &mut self,
        source: String,
        why: Unmapped,
        raw: Vec<u8>,
        pos: String,
        digest: String,
    ) -> Result<(Taken, Option<Durable>), EngineError> {
        let mut f = self.seen(&source, &pos, &digest);
        f.insert("field".into(), J::Str(why.field.clone()));
        f.insert("path".into(), J::Str(why.path.clone()));
        f.insert("expected".into(), J::Str(why.expected.clone()));
        f.insert("found".into(), encode::text(&found_text(&why)));
        let durable = self.note("intake.unmapped", f, Some(raw))?;
        Ok((Taken { pos, outcome: Outcome::Unmapped { source, why } }, Some(durable)))
    }

    /// Writes down a record that could not be read at all.
    ///
    /// # Errors
    /// When the journal fails.
    pub async fn unreadable(&mut self, pos: &str, why: &str) -> Result<(), EngineError> {
        let f = BTreeMap::from([
            ("pos".to_string(), J::Str(pos.to_string())),
            ("why".to_string(), J::Str(why.to_string())),
        ]);
        let turn = self.knowing_all().await?;
        let durable = self.note("intake.unreadable", f, None)?;
        drop(turn);
        durable.wait().await
    }

    /// Writes down, in one line, the records that no source accepted since the last call.
    ///
    /// # Errors
    /// When the journal fails.
    pub async fn flush_rejected(&mut self) -> Result<(), EngineError> {
        if self.known.rejected.is_none() {
            return Ok(());
        }
        let turn = self.knowing_all().await?;
        let durable = self.note_rejected()?;
        drop(turn);
        match durable {
            Some(durable) => durable.wait().await,
            None => Ok(()),
        }
    }

    fn note_rejected(&mut self) -> Result<Option<Durable>, EngineError> {
        let Some((from, to, n)) = self.known.rejected.take() else { return Ok(None) };
        let f = BTreeMap::from([
            ("from".to_string(), J::Str(from)),
            ("to".to_string(), J::Str(to)),
            ("n".to_string(), J::int(i64::try_from(n).unwrap_or(i64::MAX))),
        ]);
        self.note("intake.rejected", f, None).map(Some)
    }

    fn seen(&self, source: &str, pos: &str, record: &str) -> BTreeMap<String, J> {
        BTreeMap::from([
            ("source".to_string(), J::Str(source.to_string())),
            ("pos".to_string(), J::Str(pos.to_string())),
            ("record".to_string(), J::Str(record.to_string())),
        ])
    }

    fn note(
        &mut self,
        kind: &str,
        mut f: BTreeMap<String, J>,
        raw: Option<Vec<u8>>,
    ) -> Result<Durable, EngineError> {
        let mut blobs = Vec::new();
        if let Some(raw) = raw {
            let blob = body(&*self.shared.machine, raw)?;
            f.insert("body".into(), play_evidence::json::blob(&blob.digest(), blob.len()));
            blobs.push(blob);
        }
        let noted = line(self.now(), &mut self.intake, kind, f)?;
        Ok(self.shared.append(vec![noted], blobs))
    }
}

/// What stood there, short: whole values of leaves, the kind of anything else. Comes from outside: escape it.
#[must_use]
pub fn found_text(why: &Unmapped) -> String {
    match &why.found {
        Found::Str(s) => format!("text \"{}\"", s.chars().take(80).collect::<String>()),
        Found::Int(n) => format!("the number {n}"),
        Found::Number(n) => format!("the number {n}"),
        Found::Bool(b) => format!("{b}"),
        other => other.kind().to_string(),
    }
}

pub(crate) fn body(machine: &dyn Machine, raw: Vec<u8>) -> Result<Blob, EngineError> {
    let salt =
        machine.random().map_err(|e| EngineError::Evidence(format!("no randomness for a salt: {e}")))?;
    Ok(Blob::new(salt, raw))
}

//! What would have come of the records of a store: those that would be duplicates now, and those of which no case came and one would.

use std::collections::HashMap;
use std::convert::Infallible;

use clap::ValueEnum as _;
use jiff::Timestamp;
use play_evidence::ParsedLine;
use play_journal::JournalRead;
use play_scheduler::ids::case_id;

use super::record::{Case, How, Kept, Made, case_of, make};
use crate::Result;
use crate::cli::Dropped;
use crate::commands::dropped::{became_one, because, record};
use crate::decided::Decided;
use crate::output::safe;
use crate::runs::{Loaded, Programs};
use crate::standing::text;

/// A record of which no case came, and one would come.
pub struct Otherwise {
    /// Where it stood.
    pub pos: String,
    /// The source that took it.
    pub source: String,
    /// Why no case came of it.
    pub was: Dropped,
    /// The playbook that would take the case.
    pub playbook: String,
    /// What became of it.
    pub before: Decided,
    /// What would.
    pub after: Decided,
}

/// What is otherwise.
#[derive(Default)]
pub struct Came {
    /// Where the record of each run is kept: the place of its line in the intake.
    pub accepted: HashMap<String, usize>,
    /// Runs whose record would be a duplicate, and the case of which.
    pub duplicates: HashMap<String, String>,
    /// Records of which a case would come.
    pub otherwise: Vec<Otherwise>,
    /// Duplicates of which that cannot be said: their key is made otherwise now, and the records are not kept.
    pub unknown: u64,
}

/// A key that was taken: when, and by which case.
type Keys = HashMap<(String, String, bool), (Timestamp, String)>;

struct Reading<'a> {
    reader: &'a dyn JournalRead,
    now: &'a Loaded,
    pointer: Option<&'a str>,
    keys: Keys,
    came: Came,
    /// Whether the record of a run has the same key as then.
    same_key: HashMap<String, bool>,
    /// The first line of the run that was opened last.
    opened: Option<ParsedLine>,
}

/// Goes through the lines of the intake.
pub fn read(
    lines: &[Vec<u8>],
    (reader, now, then): (&dyn JournalRead, &Loaded, &mut Programs),
    pointer: Option<&str>,
) -> Result<Came> {
    let later = became_one(lines);
    let mut reading = Reading {
        reader,
        now,
        pointer,
        keys: Keys::new(),
        came: Came::default(),
        same_key: HashMap::new(),
        opened: None,
    };
    for (index, bytes) in lines.iter().enumerate() {
        let Ok(line) = ParsedLine::parse(bytes) else { continue };
        let Ok(at) = line.t.parse::<Timestamp>() else { continue };
        if line.k == "intake.accepted" {
            reading.accepted(&line, index, at, then)?;
            continue;
        }
        match Dropped::value_variants().iter().copied().find(|why| why.kind() == line.k) {
            Some(Dropped::Duplicate) => reading.duplicate(&line, at),
            Some(was @ (Dropped::Unmapped | Dropped::Unrouted)) if !later.contains(&record(&line)) => {
                reading.no_case(&line, was, at, then);
            }
            _ => {}
        }
    }
    Ok(reading.came)
}

impl Reading<'_> {
    /// The program of the run that was opened last.
    fn then<'p>(&self, then: &'p mut Programs) -> Option<&'p Loaded> {
        let digest = text(self.opened.as_ref()?, "artifact");
        let asked = || Ok::<_, Infallible>(self.reader.artifact(&digest).ok().flatten());
        let Ok(program) = then.get(&digest, asked);
        program
    }

    fn made(&self, line: &ParsedLine, at: Timestamp, then: &mut Programs) -> Option<Made> {
        let kept = Kept::whole(line, self.reader, self.pointer)?;
        let (source, case) = (text(line, "source"), case_of(line));
        let how = How { source: &source, case: &case, at, opened: self.opened.as_ref() };
        make(&kept, &how, self.now, self.then(then))
    }

    fn accepted(
        &mut self,
        line: &ParsedLine,
        index: usize,
        at: Timestamp,
        then: &mut Programs,
    ) -> Result<()> {
        let run = text(line, "into");
        let lines = self.reader.lines_of(&run)?;
        let first = lines.first().and_then(|line| ParsedLine::parse(line).ok());
        self.opened = first.or_else(|| self.opened.take());
        self.came.accepted.insert(run.clone(), index);
        let shadow = !text(line, "autonomy").is_empty();
        let known = words(line, "key");
        match self.made(line, at, then) {
            Some(Made::Nothing(_)) => {}
            Some(Made::Case(case)) => {
                self.same_key.insert(run.clone(), case.key.as_ref().map(|(key, _)| key) == known.as_ref());
                match self.taken(&case, at, shadow) {
                    Some(of) => drop(self.came.duplicates.insert(run, of)),
                    None => self.takes(&case, at, shadow, &run),
                }
            }
            // As it was.
            None => {
                if let Some(key) = known {
                    self.same_key.insert(run.clone(), true);
                    self.keys.insert((text(line, "source"), key, shadow), (at, case_id(&run)));
                }
            }
        }
        Ok(())
    }

    /// The case that has the key of this one within its window.
    fn taken(&self, case: &Case, at: Timestamp, shadow: bool) -> Option<String> {
        let (key, window) = case.key.as_ref()?;
        let (since, of) = self.keys.get(&(case.source.clone(), key.clone(), shadow))?;
        (at.duration_since(*since) < *window).then(|| of.clone())
    }

    fn takes(&mut self, case: &Case, at: Timestamp, shadow: bool, run: &str) {
        if let (Some((key, _)), Some(_)) = (&case.key, case.playbook) {
            self.keys.insert((case.source.clone(), key.clone(), shadow), (at, case_id(run)));
        }
    }

    /// The record itself is not kept: it has the key that it had, unless that is made otherwise now.
    fn duplicate(&mut self, line: &ParsedLine, at: Timestamp) {
        let (source, into) = (text(line, "source"), text(line, "into"));
        let shadow = !text(line, "autonomy").is_empty();
        let Some(spec) = self.now.manifest.sources.iter().find(|s| s.name == source) else { return };
        let (Some(key), Some(same)) = (words(line, "key"), self.same_key.get(&into).copied()) else { return };
        let place = (source, key, shadow);
        match spec.dedup {
            Some(_) if !same => {
                self.came.unknown = self.came.unknown.saturating_add(1);
                return;
            }
            Some(window)
                if self.keys.get(&place).is_some_and(|(since, _)| at.duration_since(*since) < window) =>
            {
                return;
            }
            _ => {}
        }
        // It would have been a case as that one was.
        let first = self.reader.lines_of(&into).unwrap_or_default();
        let first = first.first().and_then(|line| ParsedLine::parse(line).ok());
        let playbook = first.map(|line| text(&line, "playbook")).unwrap_or_default();
        self.keys.insert(place, (at, "one that did not come".into()));
        self.tell(line, Dropped::Duplicate, playbook);
    }

    fn no_case(&mut self, line: &ParsedLine, was: Dropped, at: Timestamp, then: &mut Programs) {
        let Some(Made::Case(case)) = self.made(line, at, then) else { return };
        let Some(playbook) = case.playbook.and_then(|index| self.now.manifest.playbooks.get(index)) else {
            return;
        };
        let name = playbook.name.clone();
        if self.taken(&case, at, false).is_none() {
            self.takes(&case, at, false, "one that did not come");
            self.tell(line, was, name);
        }
    }

    fn tell(&mut self, line: &ParsedLine, was: Dropped, playbook: String) {
        self.came.otherwise.push(Otherwise {
            pos: text(line, "pos"),
            source: text(line, "source"),
            was,
            before: Decided::said(format!("no case came of it: {}", safe(&because(was, line)))),
            after: Decided::said(format!("a case for `{}` comes of it", safe(&playbook))),
            playbook,
        });
    }
}

/// A text that came from outside.
fn words(line: &ParsedLine, name: &str) -> Option<String> {
    let play_evidence::J::Obj(position) = line.field(name)? else { return None };
    Some(position.get("val")?.as_str()?.to_string())
}

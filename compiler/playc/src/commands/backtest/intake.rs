//! What would have come of the records of a store: those that would be duplicates now, and those of which no case came and one would.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use clap::ValueEnum as _;
use jiff::Timestamp;
use play_evidence::display::defang;
use play_evidence::{J, ParsedLine};
use play_journal::JournalRead;
use play_scheduler::ids::case_id;

use super::record::{Case, How, Kept, Made, Now, case_of, made_now, made_then, recorded};
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
    /// The playbook that would take the case; of a duplicate, the one that took the first.
    pub playbook: String,
    /// What became of it.
    pub before: Decided,
    /// What would.
    pub after: Decided,
}

/// What is otherwise.
#[derive(Default)]
pub struct Came {
    /// The record of each run, where it is kept and makes the case that it made.
    pub accepted: HashMap<String, Accepted>,
    /// Records of which a case would come.
    pub otherwise: Vec<Otherwise>,
    /// Runs whose record is not kept, or makes another case with the program of then.
    pub unlike: HashSet<String>,
    /// Duplicates of which it cannot be said what they would be: their records are not kept.
    pub unknown: u64,
}

/// The record of a run.
pub struct Accepted {
    /// The line of the intake.
    line: usize,
    /// Which of the pointers, if any, names the alert in it.
    pointer: Option<usize>,
    /// What it would be a duplicate of.
    pub duplicate_of: Option<String>,
}

impl Accepted {
    /// The record itself.
    pub fn kept(&self, lines: &[Vec<u8>], reader: &dyn JournalRead, pointers: &[String]) -> Option<Kept> {
        let line = ParsedLine::parse(lines.get(self.line)?).ok()?;
        let pointer = self.pointer.and_then(|n| pointers.get(n));
        Kept::whole(&line, reader, pointer.map(String::as_str))
    }
}

/// A key that was taken: when, and by what.
type Keys = HashMap<(String, String, bool), (Timestamp, String)>;

/// What a run has become.
struct Became {
    /// Whether its record has the key that it had.
    same_key: bool,
    source: String,
    digest: String,
    playbook: String,
}

struct Reading<'a> {
    reader: &'a dyn JournalRead,
    now: &'a Now<'a>,
    pointers: &'a [String],
    keys: Keys,
    came: Came,
    became: HashMap<String, Became>,
    /// The first line of the run that was opened last.
    opened: Option<ParsedLine>,
}

/// Goes through the lines of the intake.
pub fn read(
    lines: &[Vec<u8>],
    (reader, now, then): (&dyn JournalRead, &Now<'_>, &mut Programs),
    pointers: &[String],
) -> Result<Came> {
    let later = became_one(lines);
    let mut reading = Reading {
        reader,
        now,
        pointers,
        keys: Keys::new(),
        came: Came::default(),
        became: HashMap::new(),
        opened: None,
    };
    // What came before the first run is tried with the program of that.
    let first =
        lines.iter().filter_map(|line| ParsedLine::parse(line).ok()).find(|l| l.k == "intake.accepted");
    if let Some(first) = first {
        let lines = reader.lines_of(&text(&first, "into"))?;
        reading.opened = lines.first().and_then(|line| ParsedLine::parse(line).ok());
    }
    let mut seen = HashSet::new();
    for (index, bytes) in lines.iter().enumerate() {
        let Ok(line) = ParsedLine::parse(bytes) else { continue };
        let Ok(at) = line.t.parse::<Timestamp>() else { continue };
        if line.k == "intake.accepted" {
            reading.accepted((&line, index), at, then)?;
            continue;
        }
        match Dropped::value_variants().iter().copied().find(|why| why.kind() == line.k) {
            // Read again, it is the same record.
            Some(Dropped::Duplicate) if seen.insert(record(&line)) => reading.duplicate(&line, at),
            Some(was @ (Dropped::Unmapped | Dropped::Unrouted))
                if !later.contains(&record(&line)) && seen.insert(record(&line)) =>
            {
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

    /// What comes of the record of a line now, where the program of then makes of it what the record says.
    fn made(
        &self,
        line: &ParsedLine,
        at: Timestamp,
        then: &mut Programs,
        is_so: impl Fn(&Made) -> bool,
    ) -> Option<(Option<usize>, Made)> {
        let (source, case) = (text(line, "source"), case_of(line));
        let how = How { source: &source, case: &case, at, opened: self.opened.as_ref() };
        let then = self.then(then);
        let mut ways = (0..self.pointers.len()).map(Some).chain([None]);
        let (pointer, kept) = ways.find_map(|way| {
            let pointer = way.and_then(|n| self.pointers.get(n)).map(String::as_str);
            let kept = Kept::whole(line, self.reader, pointer)?;
            let fits = then.is_none_or(|then| made_then(&kept, &how, then).as_ref().is_some_and(&is_so));
            fits.then_some((way, kept))
        })?;
        Some((pointer, made_now(&kept, &how, self.now, then)?))
    }

    fn accepted(
        &mut self,
        (line, index): (&ParsedLine, usize),
        at: Timestamp,
        then: &mut Programs,
    ) -> Result<()> {
        let run = text(line, "into");
        let lines: Vec<ParsedLine> =
            self.reader.lines_of(&run)?.iter().filter_map(|line| ParsedLine::parse(line).ok()).collect();
        let fields = recorded(&lines);
        let playbook = lines.first().map(|line| text(line, "playbook")).unwrap_or_default();
        self.opened = lines.into_iter().next().or_else(|| self.opened.take());
        let shadow = !text(line, "autonomy").is_empty();
        let known = words(line, "key");
        let made =
            self.made(line, at, then, |made| matches!(made, Made::Case(case) if case.fields == fields));
        let mut became =
            Became { same_key: true, source: text(line, "source"), digest: text(line, "record"), playbook };
        let Some((pointer, made)) = made else {
            // As it was.
            if let Some(key) = known {
                self.keys.insert((text(line, "source"), key, shadow), (at, case_id(&run)));
            }
            self.became.insert(run.clone(), became);
            self.came.unlike.insert(run);
            return Ok(());
        };
        let mut duplicate_of = None;
        if let Made::Case(case) = made {
            became.same_key = case.key.as_ref().is_none_or(|(key, _)| Some(key) == known.as_ref());
            became.source.clone_from(&case.source);
            duplicate_of = self.taken(&case, at, shadow);
            if duplicate_of.is_none() {
                self.takes(&case, at, shadow, &case_id(&run));
                if case.playbook.is_some() {
                    self.became.insert(run.clone(), became);
                }
            }
        }
        self.came.accepted.insert(run, Accepted { line: index, pointer, duplicate_of });
        Ok(())
    }

    /// What has the key of this one within its window.
    fn taken(&self, case: &Case, at: Timestamp, shadow: bool) -> Option<String> {
        let (key, window) = case.key.as_ref()?;
        let (since, of) = self.keys.get(&(case.source.clone(), key.clone(), shadow))?;
        (at.duration_since(*since) < *window).then(|| of.clone())
    }

    fn takes(&mut self, case: &Case, at: Timestamp, shadow: bool, what: &str) {
        if let (Some((key, _)), Some(_)) = (&case.key, case.playbook) {
            self.keys.insert((case.source.clone(), key.clone(), shadow), (at, what.to_string()));
        }
    }

    /// The record itself is not kept: it has the key that it had, where the first with that key still has it, and goes where that goes.
    fn duplicate(&mut self, line: &ParsedLine, at: Timestamp) {
        let shadow = !text(line, "autonomy").is_empty();
        let key = words(line, "key").unwrap_or_default();
        let Some(became) = self.became.get(&text(line, "into")) else {
            self.came.unknown = self.came.unknown.saturating_add(1);
            return;
        };
        let spec = self.now.program.manifest.sources.iter().find(|s| s.name == became.source);
        let place = (became.source.clone(), key, shadow);
        let same = became.digest == text(line, "record");
        match spec.and_then(|spec| spec.dedup) {
            Some(_) if !became.same_key && !same => {
                self.came.unknown = self.came.unknown.saturating_add(1);
                return;
            }
            Some(_) if !became.same_key => return,
            Some(window)
                if self.keys.get(&place).is_some_and(|(since, _)| at.duration_since(*since) < window) =>
            {
                return;
            }
            _ => {}
        }
        let playbook = became.playbook.clone();
        self.keys.insert(place, (at, format!("the record at {}", safe(&text(line, "pos")))));
        self.tell(line, Dropped::Duplicate, playbook, "it is a duplicate no more".into());
    }

    fn no_case(&mut self, line: &ParsedLine, was: Dropped, at: Timestamp, then: &mut Programs) {
        let is_so = |made: &Made| match made {
            Made::Nothing(_) => was == Dropped::Unmapped,
            Made::Case(case) => was == Dropped::Unrouted && case.playbook.is_none(),
        };
        let Some((_, Made::Case(case))) = self.made(line, at, then, is_so) else { return };
        let playbook = case.playbook.and_then(|index| self.now.program.manifest.playbooks.get(index));
        let Some(name) = playbook.map(|playbook| playbook.name.clone()) else { return };
        if self.taken(&case, at, false).is_none() {
            self.takes(&case, at, false, &format!("the record at {}", text(line, "pos")));
            let after = format!("a case for `{}` comes of it", safe(&name));
            self.tell(line, was, name, after);
        }
    }

    fn tell(&mut self, line: &ParsedLine, was: Dropped, playbook: String, after: String) {
        self.came.otherwise.push(Otherwise {
            pos: text(line, "pos"),
            source: text(line, "source"),
            was,
            before: Decided::said(format!("no case came of it: {}", defang(&safe(&because(was, line))))),
            after: Decided::said(after),
            playbook,
        });
    }
}

/// A text that came from outside.
fn words(line: &ParsedLine, name: &str) -> Option<String> {
    let J::Obj(position) = line.field(name)? else { return None };
    Some(position.get("val")?.as_str()?.to_string())
}

//! What would have come of the records of a store: of those that became runs, those that would be duplicates now, and those of which no case
//! came and one would. Each run is read once: it is tried while its lines and what comes of its record are at hand.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use clap::ValueEnum as _;
use jiff::Timestamp;
use play_evidence::ParsedLine;
use play_evidence::display::defang;
use play_journal::JournalRead;
use play_scheduler::ids::case_id;

use super::record::{Case, How, Kept, Made, Now, case_of, made_now, made_then, recorded};
use crate::Result;
use crate::cli::Dropped;
use crate::commands::dropped::{became_one, because, record};
use crate::decided::Decided;
use crate::output::safe;
use crate::runs::{Loaded, Programs, Recorded};
use crate::standing::{text, words};

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
    /// The runs that were read.
    pub runs: HashSet<String>,
    /// Records of which a case would come.
    pub otherwise: Vec<Otherwise>,
    /// Duplicates of which it cannot be said what they would be: their records are not kept.
    pub unknown: u64,
}

/// What comes of the record of a run now.
pub enum OfRecord {
    /// Nobody looks at it.
    Unasked,
    /// It is not kept, or makes another case with the program of then.
    Unlike,
    /// It is kept, and made the case of the run.
    Made(Made),
}

/// A run, with what comes of its record now.
pub struct Read {
    /// The run.
    pub recorded: Recorded,
    /// Its lines, as far as they can be read.
    pub parsed: Vec<ParsedLine>,
    /// Its record.
    pub of: OfRecord,
}

impl Read {
    /// Of whose record nobody looks.
    pub fn alone(recorded: Recorded) -> Self {
        let parsed = recorded.lines.iter().filter_map(|line| ParsedLine::parse(line).ok()).collect();
        Self { recorded, parsed, of: OfRecord::Unasked }
    }
}

/// Who is given each run.
pub type Each<'a> = &'a mut dyn FnMut(Read, &mut Programs);

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
    each: Each<'a>,
    keys: Keys,
    came: Came,
    became: HashMap<String, Became>,
    /// The first line of the run that was opened last.
    opened: Option<ParsedLine>,
}

/// Goes through the lines of the intake, and gives each run that they name.
pub fn read(
    lines: &[Vec<u8>],
    (reader, now, then): (&dyn JournalRead, &Now<'_>, &mut Programs),
    pointers: &[String],
    each: Each<'_>,
) -> Result<Came> {
    let later = became_one(lines);
    let mut reading = Reading {
        reader,
        now,
        pointers,
        each,
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
    for bytes in lines {
        let Ok(line) = ParsedLine::parse(bytes) else { continue };
        let Ok(at) = line.t.parse::<Timestamp>() else { continue };
        if line.k == "intake.accepted" {
            reading.accepted(&line, at, then)?;
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
    ) -> Option<Made> {
        let (source, case) = (text(line, "source"), case_of(line));
        let how = How { source: &source, case: &case, at, opened: self.opened.as_ref() };
        let then = self.then(then);
        let mut ways = self.pointers.iter().map(|pointer| Some(pointer.as_str())).chain([None]);
        let kept = ways.find_map(|pointer| {
            let kept = Kept::whole(line, self.reader, pointer)?;
            let fits = then.is_none_or(|then| made_then(&kept, &how, then).as_ref().is_some_and(&is_so));
            fits.then_some(kept)
        })?;
        made_now(&kept, &how, self.now, then)
    }

    fn accepted(&mut self, line: &ParsedLine, at: Timestamp, then: &mut Programs) -> Result<()> {
        let run = text(line, "into");
        let lines = self.reader.lines_of(&run)?;
        let mut read = Read::alone(Recorded { run: run.clone(), lines });
        read.of = self.of_record(line, &read.parsed, at, then);
        if !read.recorded.lines.is_empty() && self.came.runs.insert(run) {
            (self.each)(read, then);
        }
        Ok(())
    }

    /// What comes of the record of a run, with these lines.
    fn of_record(
        &mut self,
        line: &ParsedLine,
        lines: &[ParsedLine],
        at: Timestamp,
        then: &mut Programs,
    ) -> OfRecord {
        let run = text(line, "into");
        let fields = recorded(lines);
        let playbook = lines.first().map(|line| text(line, "playbook")).unwrap_or_default();
        self.opened = lines.first().cloned().or_else(|| self.opened.take());
        let shadow = !text(line, "autonomy").is_empty();
        let known = words(line, "key");
        let made =
            self.made(line, at, then, |made| matches!(made, Made::Case(case) if case.fields == fields));
        let mut became =
            Became { same_key: true, source: text(line, "source"), digest: text(line, "record"), playbook };
        let Some(made) = made else {
            // As it was.
            if let Some(key) = known {
                self.keys.insert((text(line, "source"), key, shadow), (at, case_id(&run)));
            }
            self.became.insert(run, became);
            return OfRecord::Unlike;
        };
        if let Made::Case(case) = &made {
            became.same_key = case.key.as_ref().is_none_or(|(key, _)| Some(key) == known.as_ref());
            became.source.clone_from(&case.source);
            if let Some(of) = self.taken(case, at, shadow) {
                let why = format!("its record is a duplicate of that of {}", safe(&of));
                return OfRecord::Made(Made::Nothing(why));
            }
            self.takes(case, at, shadow, &case_id(&run));
            if case.playbook.is_some() {
                self.became.insert(run, became);
            }
        }
        OfRecord::Made(made)
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
        let Some(Made::Case(case)) = self.made(line, at, then, is_so) else { return };
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

//! `playc backtest`: which decisions of runs that are over would be others with the program as it is now.
//!
//! Its record is given to the sources of the program again, where it is kept. Each run is tried twice on what it was given: with the program that decided it then, and with this one. So what a trial cannot have
//! as it was (its clock, the words of a failure) is the same on both sides.

mod intake;
mod record;
mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::Path;

use jiff::Timestamp;
use play_evidence::kinds::ends_run;
use play_evidence::{J, ParsedLine};
use play_journal::JournalRead;
use play_program::shape::{CASE_FIELDS, CASE_SOURCE, case_default, case_field_type};
use play_program::types::TypeTable;
use play_program::value::Value;
use play_scheduler::testing::{Taken, start, try_test};
use play_scheduler::{encode, ids};

use crate::cli::{BacktestArgs, Format};
use crate::commands::sentence::shown;
use crate::configured;
use crate::decided::{Decided, Side, compare, decided};
use crate::from_trace::{self, Instead};
use crate::output::{self, Style, safe};
use crate::project::{Project, count};
use crate::runs::{self, Loaded, Programs, Recorded};
use crate::{Ended, Result, Trouble};
use intake::{OfRecord, Read};
use record::{Case, How, Kept, Made, Now, made_now};

/// What a run is tried with otherwise than its lines have it.
#[derive(Default)]
struct Given<'a> {
    case: Option<&'a Case>,
    config: Option<Vec<Value>>,
}

/// When a run was opened, and by which source.
struct Opened {
    at: Timestamp,
    source: String,
}

/// What a program decides on what a run was given.
fn tries(
    program: &Loaded,
    (lines, opened): (&[Vec<u8>], &Opened),
    title: &str,
    Given { case, config }: Given<'_>,
) -> std::result::Result<Vec<Decided>, String> {
    let instead = Instead { case: case.map(|case| case.values.clone()), config };
    let mut spec = from_trace::spec(&program.manifest, lines, title, instead)?;
    let source = case.map_or(&opened.source, |case| &case.source);
    if let Some(place) = spec.case.get_mut(CASE_SOURCE).filter(|_| !source.is_empty()) {
        *place = Value::str(source);
    }
    let mut all = Vec::new();
    let goes_to = |index: usize| {
        let name = program.manifest.playbooks.get(index).map_or("", |p| p.name.as_str());
        Decided::said(format!("the case goes to playbook `{}`", safe(name)))
    };
    let none = || Ok(vec![Decided::said("no playbook takes this case".into())]);
    // It may be of another type than it was.
    if let Some(case) = case
        && program.manifest.playbooks.get(spec.playbook).is_none_or(|p| p.case != case.ty)
    {
        match case.playbook {
            None => return none(),
            Some(index) => {
                all.push(goes_to(index));
                spec.playbook = index;
            }
        }
    }
    let mut tried = try_test(&program.vm, &program.manifest, &program.digest, &spec, opened.at);
    match tried.taken {
        Taken::ByThis => {}
        Taken::ByNone => return none(),
        Taken::ByAnother(index) => {
            all.push(goes_to(index));
            spec.playbook = index;
            tried = try_test(&program.vm, &program.manifest, &program.digest, &spec, opened.at);
        }
    }
    all.extend(decided(tried.lines.iter().map(|line| &line.bytes[..])));
    let open = |call: &String| format!("asks {}, to which the record has no answer", safe(call));
    all.extend(tried.unanswered.iter().map(|call| Decided::said(open(call))));
    Ok(all)
}

/// What became of a run.
enum Verdict {
    /// All that it decides is as it was.
    Same,
    /// Something is not: before and after.
    Changed(Vec<Decided>, Vec<Decided>),
    /// It could not be tried.
    Untried(String),
}

/// A field of a case, in words: as it was, and as it is. It may be there on one side only.
struct Field {
    name: String,
    before: Option<String>,
    after: Option<String>,
}

/// A run that was tried.
struct Tried {
    run: String,
    case: String,
    playbook: String,
    verdict: Verdict,
    /// The fields of its case that are mapped otherwise now.
    mapped: Vec<Field>,
    /// Its record is not kept, or makes another case with the program of then.
    unlike: bool,
    /// Why the trial with the program of then does not decide all as the record has it.
    inexact: Option<String>,
}

/// How many there were of each.
#[derive(Default)]
struct Counts {
    same: usize,
    changed: usize,
    untried: usize,
    /// Of those that are the same.
    mapped: usize,
    /// Of those that are the same.
    inexact: usize,
    unlike: usize,
    records: usize,
    unknown: u64,
}

impl Counts {
    fn add(&mut self, tried: &Tried) {
        let one = match &tried.verdict {
            Verdict::Same => &mut self.same,
            Verdict::Changed(..) => &mut self.changed,
            Verdict::Untried(_) => &mut self.untried,
        };
        *one = one.saturating_add(1);
        if matches!(tried.verdict, Verdict::Same) && !tried.mapped.is_empty() {
            self.mapped = self.mapped.saturating_add(1);
        }
        let is_inexact = matches!(tried.verdict, Verdict::Same) && tried.inexact.is_some() && !tried.unlike;
        self.inexact = self.inexact.saturating_add(usize::from(is_inexact));
        self.unlike = self.unlike.saturating_add(usize::from(tried.unlike));
    }

    fn tell(&self, style: Style) {
        let Self { same, changed, untried, mapped, inexact, unlike, records, unknown } = self;
        output::err(&style.bold(&format!(
            "{} tried: {changed} decided otherwise, {same} as before; {untried} could not be tried",
            count(same.saturating_add(*changed), "run")
        )));
        if *mapped > 0 {
            output::err(&format!("of those that are as before, the case of {mapped} is mapped otherwise"));
        }
        if *inexact > 0 {
            output::err(&format!(
                "of those that are as before, {inexact} could not be tried quite as they were; `--format json` says why"
            ));
        }
        if *unlike > 0 {
            output::err(&format!(
                "{}: the record is not kept, or makes another case with the program of then, so the case is given as it was mapped; \
                 where the alerts stand inside of records, say so with --pointer",
                count(*unlike, "run")
            ));
        }
        if *records > 0 {
            output::err(&format!("{} of which no case came would be one now", count(*records, "record")));
        }
        if *unknown > 0 {
            let n = usize::try_from(*unknown).unwrap_or(usize::MAX);
            output::err(&format!(
                "{}: what they would be now is not known, as their records are not kept",
                count(n, "duplicate")
            ));
        }
    }

    fn is_nothing(&self) -> bool {
        self.same == 0 && self.changed == 0 && self.untried == 0 && self.records == 0
    }

    fn ended(&self) -> Ended {
        if self.changed > 0 || self.untried > 0 || self.records > 0 { Ended::Findings } else { Ended::Fine }
    }
}

/// Runs it.
pub fn run(args: &BacktestArgs, style: Style) -> Result {
    let project = Project::read(&args.path)?;
    let Some(compiled) = project.compile(style)? else { return Ok(Ended::Findings) };
    let digest = ids::sha256_hex(&compiled.artifact.encode());
    // One that was taken away since may still have runs.
    let known = args
        .playbook
        .as_ref()
        .is_none_or(|name| compiled.artifact.manifest.playbooks.iter().any(|p| p.name == *name));
    let program = Loaded::new(compiled.artifact, digest);
    let config = configured::values(&compiled.program, None, None).unwrap_or_default();
    let now = Now { program: &program, config: &config };
    // What the files were decided by may be in a store.
    let reader = match args.trace.is_empty() {
        true => Some(args.store.reader()?),
        false => args.store.reader().ok(),
    };
    let reader = reader.as_deref();
    let mut then = Programs::default();
    let mut counts = Counts::default();
    let mut all = Vec::new();
    let mut put = |text: &dyn Fn(), json: &dyn Fn() -> serde_json::Value| match args.format {
        Format::Text => text(),
        Format::Json => all.push(json()),
        Format::Jsonl => output::out(&json().to_string()),
    };
    if args.trace.is_empty() {
        let reader = reader.ok_or_else(|| Trouble("there is no store".into()))?;
        let intake = reader.lines_of("intake")?;
        let mut each = |read: Read, then: &mut Programs| {
            // What cannot be read is told.
            let of = |first: &ParsedLine| crate::standing::text(first, "playbook");
            let first = read.parsed.first();
            if args.playbook.as_ref().is_none_or(|wanted| first.is_none_or(|first| of(first) == *wanted)) {
                let tried = one(read, &now, then, Some(reader));
                counts.add(&tried);
                put(&|| show::text(&tried, style), &|| show::json(&tried));
            }
        };
        let came = intake::read(&intake, (reader, &now, &mut then), &args.pointer, &mut each)?;
        // Those that no record became.
        for run in reader.runs()?.into_iter().filter(|run| !came.runs.contains(run)) {
            each(Read::alone(Recorded { lines: reader.lines_of(&run)?, run }), &mut then);
        }
        for record in &came.otherwise {
            if args.playbook.as_ref().is_none_or(|wanted| *wanted == record.playbook) {
                counts.records = counts.records.saturating_add(1);
                put(&|| show::record(record, style), &|| show::record_json(record));
            }
        }
        counts.unknown = came.unknown;
    } else {
        for path in &args.trace {
            let tried = one(Read::alone(runs::from_file(Path::new(path))?), &now, &mut then, reader);
            counts.add(&tried);
            put(&|| show::text(&tried, style), &|| show::json(&tried));
        }
    }
    if args.format == Format::Json {
        output::out(&serde_json::to_string_pretty(&all)?);
    }
    counts.tell(style);
    if counts.is_nothing() {
        if let Some(name) = &args.playbook
            && !known
        {
            return Err(Trouble(format!("there is no playbook `{name}`, here or in what was recorded")));
        }
        output::err("there is no run here: nothing was tried");
    }
    Ok(counts.ended())
}

fn one(read: Read, now: &Now<'_>, then: &mut Programs, reader: Option<&dyn JournalRead>) -> Tried {
    let Read { recorded, parsed, of: record } = read;
    let of = |name: &str| parsed.first().map(|l| crate::standing::text(l, name)).unwrap_or_default();
    let digest = recorded.artifact().unwrap_or_default();
    // One that cannot be had is none.
    let asked = || reader.and_then(|reader| reader.artifact(&digest).ok().flatten());
    let Ok(before) = then.get(&digest, || Ok::<_, Infallible>(asked()));
    let opened = Opened {
        at: parsed.first().and_then(|l| l.t.parse().ok()).unwrap_or_else(start),
        source: of("source"),
    };
    let mut tried = Tried {
        run: recorded.run.clone(),
        case: of("case"),
        playbook: of("playbook"),
        verdict: Verdict::Same,
        mapped: Vec::new(),
        unlike: matches!(record, OfRecord::Unlike),
        inexact: None,
    };
    let made = match record {
        OfRecord::Made(made) => Some(made),
        OfRecord::Unasked | OfRecord::Unlike => of_leaves(&parsed, &opened, before, now),
    };
    if let Some(Made::Case(case)) = &made {
        tried.mapped = differing(&record::recorded(&parsed), &case.fields, &now.program.manifest.types);
    }
    let (verdict, inexact) = tries_both(&recorded, (before, now), (&tried.playbook, &opened), made);
    tried.verdict = verdict;
    tried.inexact = inexact.or_else(|| tried.unlike.then(|| UNLIKE.to_string()));
    tried
}

const UNLIKE: &str = "its record is not kept, or makes another case with the program of then: the case is given as it was mapped";

/// What the program makes now of as much of its record as a run has in its lines; nothing where that cannot be said.
fn of_leaves(parsed: &[ParsedLine], opened: &Opened, before: Option<&Loaded>, now: &Now<'_>) -> Option<Made> {
    let first = parsed.first()?;
    let case = crate::standing::text(first, "case");
    let how = How { source: &opened.source, case: &case, at: opened.at, opened: Some(first) };
    made_now(&Kept::seen(first)?, &how, now, before)
}

/// The fields that are not the same. What is not mapped is what it is then.
fn differing(before: &BTreeMap<String, J>, after: &BTreeMap<String, J>, types: &TypeTable) -> Vec<Field> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let default = |name: &str| {
        let slot = CASE_FIELDS.iter().position(|field| *field == name)?;
        Some(shown(&encode::value(&case_default(slot)?, &case_field_type(slot)?, types)))
    };
    let one = |name: &String| {
        let (before, after) = (before.get(name), after.get(name));
        let words = |side: Option<&J>| side.map(shown).or_else(|| default(name));
        let differ = before != after && (words(before) != words(after) || long(before) || long(after));
        differ.then(|| Field { name: name.clone(), before: words(before), after: words(after) })
    };
    names.into_iter().filter_map(one).collect()
}

/// Whether it is longer than what is shown of it.
fn long(side: Option<&J>) -> bool {
    side.is_some_and(|side| shown(side).ends_with('…'))
}

fn tries_both(
    recorded: &Recorded,
    (before, now): (Option<&Loaded>, &Now<'_>),
    (playbook, opened): (&str, &Opened),
    made: Option<Made>,
) -> (Verdict, Option<String>) {
    if playbook.is_empty() || recorded.run.is_empty() {
        return (Verdict::Untried("its first line cannot be read, or is not that of a run".into()), None);
    }
    let title = format!("run {}", recorded.run);
    let lines = renamed(recorded, &title);
    let was = decided(lines.iter().map(Vec::as_slice));
    // Where the program of then is not here, the record itself is what there is to compare with.
    let here = before.is_some();
    let tried = before.map(|before| tries(before, (&lines, opened), &title, Given::default()));
    let (before, inexact) = match tried {
        Some(Ok(again)) => {
            // What comes after the record of a run that is not over is not known.
            let known =
                if is_over(&lines) { again.as_slice() } else { again.get(..was.len()).unwrap_or(&again) };
            let other = compare(&was, known).into_iter().find_map(|side| match side {
                Side::Both(_) => None,
                Side::Before(d) => Some(format!("the record has: {}", d.text)),
                Side::After(d) => Some(format!("the trial has besides: {}", d.text)),
            });
            (again, other)
        }
        Some(Err(why)) => return (Verdict::Untried(why), None),
        None => (was, Some("the program that decided it is not here; it is compared with the record".into())),
    };
    let case = match made {
        Some(Made::Nothing(why)) => return (Verdict::Changed(before, vec![Decided::said(why)]), inexact),
        Some(Made::Case(case)) => Some(case),
        None => None,
    };
    let manifest = &now.program.manifest;
    if !manifest.playbooks.iter().any(|p| p.name == playbook) {
        let taker = case.and_then(|case| manifest.playbooks.get(case.playbook?));
        let taker = taker.map(|p| format!("; the case goes to `{}`", safe(&p.name))).unwrap_or_default();
        let gone = format!("the playbook `{}` is not there any more{taker}", safe(playbook));
        return (Verdict::Changed(before, vec![Decided::said(gone)]), inexact);
    }
    let first = lines.first().and_then(|line| ParsedLine::parse(line).ok());
    let config = record::config(now, first.as_ref().and_then(|line| line.field("config")));
    let given = Given { case: case.as_deref(), config: Some(config) };
    match tries(now.program, (&lines, opened), &title, given) {
        Ok(mut after) => {
            // Without the program of then, what comes after the record of a run that is not over is not known.
            if !here && !is_over(&lines) {
                after.truncate(before.len());
            }
            match same(&before, &after) {
                true => (Verdict::Same, inexact),
                false => (Verdict::Changed(before, after), inexact),
            }
        }
        Err(why) => (Verdict::Untried(why), inexact),
    }
}

/// Whether the lines of a run go to its end.
fn is_over(lines: &[Vec<u8>]) -> bool {
    lines.iter().filter_map(|line| ParsedLine::parse(line).ok()).any(|line| ends_run(&line.k))
}

fn same(before: &[Decided], after: &[Decided]) -> bool {
    before.len() == after.len() && before.iter().zip(after).all(|(b, a)| b.is(a))
}

/// The lines with the names that the trial gives its run and its case: a playbook may write them somewhere.
fn renamed(recorded: &Recorded, title: &str) -> Vec<Vec<u8>> {
    let (run, new) = (&recorded.run, ids::run_id("test", title, ""));
    let names = [(run.clone(), new.clone()), (ids::case_id(run), ids::case_id(&new))];
    let one = |line: &Vec<u8>| {
        let mut text = String::from_utf8_lossy(line).into_owned();
        for (name, new) in names.iter().filter(|(name, _)| !name.is_empty()) {
            text = text.replace(name.as_str(), new);
        }
        text.into_bytes()
    };
    recorded.lines.iter().map(one).collect()
}

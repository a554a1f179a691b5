//! `playc run`: alerts to closed cases.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use play_connect::records::{Unreadable, read_records};
use play_engine::engine::{Engine, Finished, Pinned, Setup};
use play_engine::intake::{Outcome, Record};
use play_engine::recover::Recovered;
use play_evidence::display::defang;
use play_journal::JournalRead;
use play_program::Value;
use play_program::artifact::Manifest;
use play_program::autonomy::Autonomy;
use play_program::types::TypeTable;
use play_scheduler::ids::case_id;
use play_scheduler::register::Release;
use play_scheduler::run::WouldWords;
use play_scheduler::{RunState, Wait};

use tokio::sync::mpsc;

use crate::cli::{DEFAULT_STORE, Format, RunArgs};
use crate::commands::follow_up::FollowUp;
use crate::commands::unmapped::Told;
use crate::commands::{beside, other_project};
use crate::configured;
use crate::output::{self, Style, safe, table};
use crate::place::Place;
use crate::project::{Project, count};
use crate::runs::{self, WorldSpec};
use crate::{Ended, Result, Trouble};

/// Runs under way at a time; further records wait.
const RUNS: usize = 256;

/// Where the evidence of a start goes.
struct Kept {
    place: Place,
    /// It is there for no longer than this.
    folder: Option<tempfile::TempDir>,
    /// Whether services have the store too.
    beside: bool,
}

impl Kept {
    /// What is only tried is kept nowhere, unless a place is named for it.
    fn of(args: &RunArgs) -> Result<Self> {
        match &args.store {
            Some(place) => Ok(Self { place: place.clone(), folder: None, beside: place.is_shared()? }),
            None if args.dry_run => {
                let folder = tempfile::tempdir()?;
                let place = Place::Folder(folder.path().join("store"));
                Ok(Self { place, folder: Some(folder), beside: false })
            }
            None => Ok(Self { place: Place::Folder(DEFAULT_STORE.into()), folder: None, beside: false }),
        }
    }
}

/// What became of the records, in numbers.
#[derive(Default)]
struct Sum {
    read: usize,
    accepted: usize,
    known: usize,
    rejected: usize,
    duplicates: usize,
    unmapped: usize,
    unrouted: usize,
    unreadable: usize,
}

/// Runs it.
pub fn run(args: &RunArgs, style: Style) -> Result {
    let project = Project::read(&args.path)?;
    project.warn_of_settings_beside();
    let Some(compiled) = project.compile(style)? else { return Ok(Ended::Findings) };
    let artifact = compiled.artifact;
    let only = match &args.source {
        None => None,
        Some(name) => Some(source(&artifact.manifest, name)?),
    };
    let spec = WorldSpec::read(&args.world, project.settings_file())?;
    let config = configured::values(&compiled.program, args.env.as_deref(), args.world.config.as_deref())?;
    let autonomy = match args.dry_run {
        true => vec![Autonomy::Shadow; artifact.manifest.playbooks.len()],
        false => compiled.program.autonomy.clone(),
    };
    let pinned = Pinned { config, autonomy, ..spec.pin(Arc::clone(&artifact)).map_err(Trouble)? };
    let manifest = Arc::clone(&pinned.manifest);
    let (input, label) = open(&args.alert)?;
    let kept = Kept::of(args)?;
    let beside = kept.beside;
    let store = if beside { kept.place.beside()? } else { kept.place.writer()? };
    let closing = store.clone();
    let reader: Arc<dyn JournalRead> = store.clone();
    if !args.dry_run {
        other_project::warn(&*reader, &manifest)?;
    }

    let (sum, finished, stuck, full) = runs::tokio()?.block_on(async {
        let setup = Setup {
            pinned,
            artifact: artifact.encode(),
            store,
            name: spec.engine(),
            runs: RUNS,
            // Beside services somebody takes up what only waits.
            parks: beside,
            dry: args.dry_run,
        };
        let mut engine =
            if beside { beside::start(setup, &kept.place)? } else { Engine::start(setup).await? };
        // What a dry run writes is kept by nobody.
        engine.keep_free(if kept.folder.is_some() { 0 } else { spec.reserve() });
        if !beside {
            engine.deploy().await?;
        }
        if let Some(said) = spec.scarce().and_then(|requests| requests.said()) {
            output::err(&said);
        }
        if engine.gate().is_shut() && !args.dry_run {
            output::err("the store is paused: no write leaves before `playc resume`");
        }
        let load = |bytes: &[u8]| spec.pin(Arc::new(runs::decode(bytes)?));
        // Beside services that is theirs.
        let recovered = if beside { Recovered::default() } else { engine.recover(&load).await? };
        if !recovered.resumed.is_empty() {
            output::err(&format!(
                "{} of an earlier start taken up again",
                count(recovered.resumed.len(), "run")
            ));
        }
        other_project::left(&recovered.stuck, &*reader, &manifest);
        let (mut sum, mut told) = (Sum::default(), Told::new(&manifest, only, args.pointer.as_deref()));
        let mut records = read_aside(input, args.pointer.clone());
        let (mut failed, noticed, settled) = (engine.failed(), engine.noticed(), engine.settled());
        let full = loop {
            beside::catch_up(&mut engine, &load).await?;
            let record = tokio::select! {
                record = records.recv() => record,
                () = noticed.notified(), if beside => continue,
                () = settled.notified(), if beside => continue,
                // Whoever feeds us may never send again; a failed store ends it all the same.
                _ = failed.wait_for(|failed| *failed) => None,
            };
            let Some(record) = record else { break None };
            let full = engine.full();
            if full.is_some() {
                break full;
            }
            sum.read = sum.read.saturating_add(1);
            let pos = record.place(&label);
            match record.body {
                Ok(json) => {
                    let kept = told.keeps(&record.raw);
                    let taken = engine.take(only, Record { pos, raw: record.raw, json }).await?;
                    sum.count(&taken.pos, &taken.outcome);
                    if let Outcome::Unmapped { source, why } = &taken.outcome {
                        told.unmapped(&taken.pos, source, why, kept.as_deref());
                    }
                }
                Err(Unreadable { why, .. }) => {
                    sum.unreadable = sum.unreadable.saturating_add(1);
                    output::err(&format!("{pos}: not an alert: {}", safe(&why)));
                    engine.unreadable(&pos, &why).await?;
                }
            }
        };
        told.rest();
        engine.flush_rejected().await?;
        let mut finished = engine.finish_beside(&load).await?;
        // What had ended before was told then.
        finished.retain(|f| !recovered.held.contains(&f.run) || !f.not_taken_back.is_empty());
        Ok::<_, Trouble>((sum, finished, recovered.stuck.len(), full))
    })?;
    closing.close()?;
    print(args, style, &kept, &manifest, &sum, &finished)?;
    if let Some(full) = full {
        return Err(Trouble(format!(
            "{full}: no further alert was taken. Make room and start again, with all of them: those that were taken are known"
        )));
    }
    let lost = sum.unmapped > 0 || sum.unrouted > 0 || sum.unreadable > 0 || stuck > 0;
    Ok(if lost || !all_ended(&finished) { Ended::Findings } else { Ended::Fine })
}

/// Whether every run stands as its playbook says: closed, handed over, or waiting for a time to come; and all that was to be taken
/// back was.
pub fn all_ended(finished: &[Finished]) -> bool {
    let ended = |f: &Finished| {
        matches!(f.state, RunState::Closed(..) | RunState::HandedOver(..) | RunState::ShadowEnded(_))
    };
    let open = |f: &Finished| !f.not_taken_back.is_empty() || !f.in_doubt.is_empty();
    finished.iter().all(|f| (ended(f) || is_parked(f)) && !open(f))
}

/// Whether a run only waits: for a time to come, a person, or that writes leave again.
fn is_parked(f: &Finished) -> bool {
    f.state == RunState::Running && !(f.waits.is_empty() && f.held_back.is_empty())
}

/// The input, and its name in positions: the same however the path is spelled, so that a record is known again.
pub fn open(path: &Path) -> Result<(Box<dyn Read + Send>, String)> {
    if path == Path::new("-") {
        return Ok((Box::new(std::io::stdin()), "-".into()));
    }
    let explain = |e: std::io::Error| Trouble(format!("{}: {e}", path.display()));
    let file = std::fs::File::open(path).map_err(explain)?;
    if file.metadata().map_err(explain)?.is_dir() {
        return Err(Trouble(format!("{}: this is a folder; name a file of records", path.display())));
    }
    let real = std::fs::canonicalize(path).map_err(explain)?;
    let here = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
    let label = real.strip_prefix(&here).unwrap_or(&real).display().to_string();
    Ok((Box::new(std::io::BufReader::new(file)), label))
}

/// Records read ahead of the engine, at the most.
const READ_AHEAD: usize = 4;

/// Reads on a thread of its own: reading blocks.
pub fn read_aside(
    input: Box<dyn Read + Send>,
    pointer: Option<String>,
) -> mpsc::Receiver<play_connect::records::Record> {
    let (tx, rx) = mpsc::channel(READ_AHEAD);
    std::thread::spawn(move || {
        for record in read_records(input, pointer.as_deref()) {
            // Nobody takes any more: the engine has stopped, and says why.
            if tx.blocking_send(record).is_err() {
                return;
            }
        }
    });
    rx
}

fn source(manifest: &Manifest, name: &str) -> Result<usize> {
    manifest.sources.iter().position(|s| s.name == name).ok_or_else(|| {
        let all: Vec<&str> = manifest.sources.iter().map(|s| s.name.as_str()).collect();
        Trouble(format!("there is no source `{name}`; the project has: {}", all.join(", ")))
    })
}

impl Sum {
    fn count(&mut self, pos: &str, outcome: &Outcome) {
        let place = match outcome {
            Outcome::Accepted { .. } => &mut self.accepted,
            Outcome::Known => &mut self.known,
            Outcome::Rejected => &mut self.rejected,
            Outcome::Duplicate { .. } => &mut self.duplicates,
            Outcome::Unmapped { .. } => &mut self.unmapped,
            Outcome::Unrouted { case_type } => {
                output::err(&format!("{pos}: no playbook takes this `{case_type}`"));
                &mut self.unrouted
            }
        };
        *place = place.saturating_add(1);
    }
}

/// What a run waits for. What a person is asked may hold text from outside.
pub fn waits_for(wait: &Wait) -> String {
    match &wait.person {
        Some(asked) if asked.approval => {
            let (act, args) = asked.question.split_once('(').unwrap_or((&asked.question, ")"));
            let far = asked.so_far().map(|far| format!(" ({})", safe(&far))).unwrap_or_default();
            format!("for {} to approve {}({}{far}", safe(&asked.who()), safe(act), defang(&safe(args)))
        }
        Some(asked) => format!("for {} to answer \"{}\"", safe(&asked.who()), defang(&safe(&asked.question))),
        None => safe(&wait.what),
    }
}

/// Why something is kept that a run does not hold any more.
pub fn kept_by(known: Option<&Release>) -> String {
    match known {
        Some(Release::Held { run, until: Some(until) }) => {
            format!("{} holds the same until {until:.0}", case_id(run))
        }
        Some(Release::Held { run, until: None }) => format!("{} holds the same", case_id(run)),
        _ => "another run is to let go of the same first".into(),
    }
}

/// `closed`, and as what; for `trace list` and here alike.
pub fn state_words(state: &RunState) -> (&'static str, String, String) {
    match state {
        RunState::Running => ("running", String::new(), String::new()),
        RunState::InDoubt => ("in_doubt", String::new(), String::new()),
        RunState::Closed(class, because) => ("closed", class.clone(), because.clone()),
        RunState::HandedOver(to, because) => ("handed_over", to.clone(), because.clone()),
        RunState::Faulted(what) => ("faulted", String::new(), what.clone()),
        RunState::ShadowEnded(needs) => ("shadow_ended", needs.clone(), String::new()),
    }
}

fn severity(f: &Finished, types: &TypeTable) -> String {
    match &f.severity {
        Some(Value::Enum(tag)) => types.variant(TypeTable::SEVERITY, *tag).unwrap_or("?").to_string(),
        _ => "?".into(),
    }
}

fn title(f: &Finished) -> &str {
    match &f.title {
        Some(Value::Str(s)) => s,
        _ => "",
    }
}

/// A write that a shadow run would have done, or what else: in words.
pub fn would_text(would: &WouldWords) -> String {
    format!("{}{}{}", safe(&would.head), defang(&safe(&would.values)), would.tail)
}

fn would_rows(f: &Finished) -> Vec<Vec<String>> {
    let one = |(line, would): &(u64, WouldWords)| {
        let does = match would.what {
            "question" | "approval" => "would ask",
            "rollback" => "would roll back",
            _ => "would do",
        };
        let text = would_text(would);
        let text = match (would.what, would.asks.join(", ")) {
            ("question", to) => format!("{to} {text}"),
            ("approval", to) => format!("{to} to approve {text}"),
            (_, asks) if !asks.is_empty() => format!("{text}, once {asks} approves"),
            _ => text,
        };
        vec![String::new(), String::new(), format!("{does}: line {line}"), text]
    };
    f.would.iter().map(one).collect()
}

fn would_json(f: &Finished) -> Vec<serde_json::Value> {
    let one = |(line, would): &(u64, WouldWords)| {
        let text = format!("{}{}{}", would.head, would.values, would.tail);
        serde_json::json!({ "line": line, "what": would.what, "text": text, "asks": would.asks })
    };
    f.would.iter().map(one).collect()
}

fn print(
    args: &RunArgs,
    style: Style,
    kept: &Kept,
    manifest: &Manifest,
    sum: &Sum,
    finished: &[Finished],
) -> Result<()> {
    if args.format != Format::Text {
        let all: Vec<serde_json::Value> = finished
            .iter()
            .map(|f| {
                let (state, outcome, because) = state_words(&f.state);
                let state = if is_parked(f) { "waiting" } else { state };
                serde_json::json!({
                    "version": 1, "run": f.run, "case": f.case, "playbook": f.playbook, "state": state, "outcome": outcome,
                    "because": because, "severity": severity(f, &manifest.types), "title": title(f),
                    "not_taken_back": f.not_taken_back.iter().map(|(line, action, why)| {
                        serde_json::json!({ "line": line, "action": action, "why": why })
                    }).collect::<Vec<_>>(),
                    "autonomy": f.autonomy.word(), "would": would_json(f),
                })
            })
            .collect();
        if args.format == Format::Json {
            output::out(&serde_json::to_string_pretty(&all)?);
        } else {
            for one in &all {
                output::out(&one.to_string());
            }
        }
        return Ok(());
    }
    let next = FollowUp::new((!kept.beside).then_some((args.path.as_path(), &args.world)), &kept.place);
    let mut rows = Vec::new();
    let mut reasons: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for f in finished {
        let (state, outcome, because) = state_words(&f.state);
        let ended = match (state, outcome.as_str()) {
            _ if is_parked(f) => "waiting".to_string(),
            ("shadow_ended", _) => "shadow ended".to_string(),
            (state, "") => state.replace('_', " "),
            ("closed", class) => format!("closed {}", safe(class)),
            // It may be a person, who is called what they say.
            (_, to) => format!("handed over to {}", safe(to)),
        };
        let n = reasons.entry(ended.clone()).or_default();
        *n = n.saturating_add(1);
        let shown = match &f.state {
            RunState::ShadowEnded(needs) => {
                let line = f.would.last().map(|(line, _)| *line).unwrap_or_default();
                format!("at line {line}: it would need {}", safe(needs))
            }
            _ => defang(&safe(&because)),
        };
        rows.push(vec![f.case.clone(), severity(f, &manifest.types), ended, shown]);
        rows.extend(would_rows(f));
        for wait in &f.waits {
            let what = format!("{}, until {:.0}", waits_for(wait), wait.until);
            rows.push(vec![String::new(), String::new(), format!("waits since line {}", wait.of), what]);
            if let Some(asked) = &wait.person {
                let how = if asked.approval {
                    next.decide(&f.case, wait.of)
                } else {
                    next.answer(&f.case, wait.of, &asked.choices)
                };
                rows.push(vec![String::new(), String::new(), String::new(), how]);
            }
        }
        for (line, action) in &f.held_back {
            let what = format!("the store is paused: it does not leave before `{}`", next.resume());
            rows.push(vec![String::new(), String::new(), format!("held: line {line}, {action}"), what]);
        }
        for hold in &f.holds {
            let what = format!("{}, until {:.0}", hold.what, hold.until);
            rows.push(vec![String::new(), String::new(), format!("holds since line {}", hold.of), what]);
        }
        for (wait, known) in &f.kept {
            let what = format!("{}: {}", wait.what, kept_by(known.as_ref()));
            rows.push(vec![String::new(), String::new(), format!("keeps line {}", wait.of), what]);
        }
        for (line, action, why) in &f.not_taken_back {
            let what = format!("line {line}, {action}: {}", defang(&safe(why)));
            rows.push(vec![String::new(), String::new(), "NOT TAKEN BACK".into(), what]);
            rows.push(vec![String::new(), String::new(), String::new(), next.undo(&f.case, *line)]);
        }
        for (line, action) in &f.in_doubt {
            rows.push(vec![
                String::new(),
                String::new(),
                format!("in doubt: {action}"),
                next.resolve(&f.case, *line),
            ]);
        }
    }
    for line in table(&rows) {
        output::out(&line);
    }
    if !rows.is_empty() {
        output::out("");
    }
    let others = [
        (sum.rejected, "not accepted"),
        (sum.duplicates, "duplicate"),
        (sum.known, "known already"),
        (sum.unmapped, "not mapped"),
        (sum.unrouted, "without a playbook"),
        (sum.unreadable, "unreadable"),
    ];
    let others: Vec<String> =
        others.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let others = if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
    let opened = count(sum.accepted, "case");
    output::out(&style.bold(&format!("{} read, {opened} opened{others}", count(sum.read, "record"))));
    for (what, n) in &reasons {
        output::out(&format!("  {n:>4}  {what}"));
    }
    let would = finished.iter().flat_map(|f| &f.would).filter(|(_, would)| would.what == "act").count();
    let shadows = finished.iter().filter(|f| f.autonomy.is_shadow()).count();
    if shadows > 0 {
        let runs = count(shadows, "shadow run");
        output::out(&format!("{runs}: {} would have been done, and none was", count(would, "write")));
    }
    match &kept.folder {
        Some(_) => output::out("a dry run: its evidence is not kept; with --store it is"),
        None => output::out(&format!(
            "evidence: {}   (playc trace list --store {})",
            kept.place,
            kept.place.word()
        )),
    }
    Ok(())
}

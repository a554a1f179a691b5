//! `playc backtest`: which decisions of runs that are over would be others with the program as it is now.
//!
//! Each run is tried twice on what it was given: with the program that decided it then, and with this one. So what a trial cannot have
//! as it was (its clock, the words of a failure) is the same on both sides.

use std::convert::Infallible;
use std::path::Path;

use play_evidence::ParsedLine;
use play_evidence::kinds::ends_run;
use play_journal::JournalRead;
use play_scheduler::ids;
use play_scheduler::testing::{Taken, try_test};

use crate::cli::{BacktestArgs, Format};
use crate::decided::{Decided, Side, compare, decided};
use crate::from_trace;
use crate::output::{self, Style, safe};
use crate::project::{Project, count};
use crate::runs::{self, Loaded, Programs, Recorded};
use crate::{Ended, Result, Trouble};

/// What a program decides on what a run was given.
fn tries(program: &Loaded, lines: &[Vec<u8>], title: &str) -> std::result::Result<Vec<Decided>, String> {
    let mut spec = from_trace::spec(&program.manifest, lines, title)?;
    let mut tried = try_test(&program.vm, &program.manifest, &program.digest, &spec);
    let mut all = Vec::new();
    match tried.taken {
        Taken::ByThis => {}
        Taken::ByNone => return Ok(vec![Decided::said("no playbook takes this case".into())]),
        Taken::ByAnother(index) => {
            let name = program.manifest.playbooks.get(index).map_or("", |p| p.name.as_str());
            all.push(Decided::said(format!("the case goes to playbook `{}`", safe(name))));
            spec.playbook = index;
            tried = try_test(&program.vm, &program.manifest, &program.digest, &spec);
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

/// A run that was tried.
struct Tried {
    run: String,
    case: String,
    playbook: String,
    verdict: Verdict,
    /// Why the trial with the program of then does not decide all as the record has it.
    inexact: Option<String>,
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
    let now = Loaded::new(compiled.artifact, digest);
    // What the files were decided by may be in a store.
    let reader = match args.trace.is_empty() {
        true => Some(args.store.reader()?),
        false => args.store.reader().ok(),
    };
    let reader = reader.as_deref();
    let mut then = Programs::default();
    let mut counts = [0_usize; 3];
    let mut all = Vec::new();
    let mut tell = |recorded: &Recorded| {
        let tried = one(recorded, &now, &mut then, reader);
        let which = match &tried.verdict {
            Verdict::Same => 0,
            Verdict::Changed(..) => 1,
            Verdict::Untried(_) => 2,
        };
        if let Some(n) = counts.get_mut(which) {
            *n = n.saturating_add(1);
        }
        match args.format {
            Format::Text => text(&tried, style),
            Format::Json => all.push(json(&tried)),
            Format::Jsonl => output::out(&json(&tried).to_string()),
        }
    };
    if args.trace.is_empty() {
        let reader = reader.ok_or_else(|| Trouble("there is no store".into()))?;
        for run in reader.runs()? {
            if args.playbook.as_ref().is_none_or(|wanted| is_of(reader, &run, wanted)) {
                tell(&Recorded { lines: reader.lines_of(&run)?, run });
            }
        }
    } else {
        for path in &args.trace {
            tell(&runs::from_file(Path::new(path))?);
        }
    }
    if args.format == Format::Json {
        output::out(&serde_json::to_string_pretty(&all)?);
    }
    let [same, changed, untried] = counts;
    output::err(&style.bold(&format!(
        "{} tried: {changed} decided otherwise, {same} as before; {untried} could not be tried",
        count(same.saturating_add(changed), "run")
    )));
    if same.saturating_add(changed).saturating_add(untried) == 0 {
        if let Some(name) = &args.playbook
            && !known
        {
            return Err(Trouble(format!("there is no playbook `{name}`, here or in what was recorded")));
        }
        output::err("there is no run here: nothing was tried");
    }
    Ok(if changed > 0 || untried > 0 { Ended::Findings } else { Ended::Fine })
}

/// Whether a run is one of this playbook. What cannot be read is told with the run.
fn is_of(reader: &dyn JournalRead, run: &str, playbook: &str) -> bool {
    let lines = reader.lines_of(run).unwrap_or_default();
    let first = lines.first().and_then(|line| ParsedLine::parse(line).ok());
    first.is_none_or(|line| crate::standing::text(&line, "playbook") == playbook)
}

fn one(recorded: &Recorded, now: &Loaded, then: &mut Programs, reader: Option<&dyn JournalRead>) -> Tried {
    let first = recorded.lines.first().and_then(|line| ParsedLine::parse(line).ok());
    let of = |name: &str| first.as_ref().map(|l| crate::standing::text(l, name)).unwrap_or_default();
    let digest = recorded.artifact().unwrap_or_default();
    // One that cannot be had is none.
    let asked = || reader.and_then(|reader| reader.artifact(&digest).ok().flatten());
    let Ok(before) = then.get(&digest, || Ok::<_, Infallible>(asked()));
    let (verdict, inexact) = tried(recorded, before, now, &of("playbook"));
    Tried { run: recorded.run.clone(), case: of("case"), playbook: of("playbook"), verdict, inexact }
}

fn tried(
    recorded: &Recorded,
    before: Option<&Loaded>,
    now: &Loaded,
    playbook: &str,
) -> (Verdict, Option<String>) {
    if playbook.is_empty() || recorded.run.is_empty() {
        return (Verdict::Untried("its first line cannot be read, or is not that of a run".into()), None);
    }
    let title = format!("run {}", recorded.run);
    let lines = renamed(recorded, &title);
    let was = decided(lines.iter().map(Vec::as_slice));
    // Where the program of then is not here, the record itself is what there is to compare with.
    let (before, inexact) = match before.map(|before| tries(before, &lines, &title)) {
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
    if !now.manifest.playbooks.iter().any(|p| p.name == playbook) {
        let gone = Decided::said(format!("the playbook `{}` is not there any more", safe(playbook)));
        return (Verdict::Changed(before, vec![gone]), inexact);
    }
    match tries(now, &lines, &title) {
        Ok(after) if same(&before, &after) => (Verdict::Same, inexact),
        Ok(after) => (Verdict::Changed(before, after), inexact),
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

fn text(tried: &Tried, style: Style) {
    let run = if tried.run.is_empty() { "(a run without a name)" } else { &tried.run };
    let head = format!("{}  {}  {}", safe(run), safe(&tried.case), safe(&tried.playbook));
    match &tried.verdict {
        Verdict::Same => return,
        Verdict::Changed(before, after) => {
            output::out(&format!("{head}: {}", style.verdict(false, "decides otherwise")));
            for side in compare(before, after) {
                match side {
                    Side::Both(d) => output::out(&format!("    {}", d.text)),
                    Side::Before(d) => output::out(&style.verdict(false, &format!("  - {}", d.text))),
                    Side::After(d) => output::out(&style.verdict(true, &format!("  + {}", d.text))),
                }
            }
        }
        Verdict::Untried(why) => {
            output::out(&format!("{head}: {}: {}", style.verdict(false, "could not be tried"), safe(why)));
        }
    }
    if let Some(why) = &tried.inexact {
        output::out(&format!("  (not tried quite as it was: {why})"));
    }
}

fn json(tried: &Tried) -> serde_json::Value {
    let texts = |all: &[Decided]| all.iter().map(|d| d.text.clone()).collect::<Vec<_>>();
    let mut one = serde_json::json!({
        "version": 1, "run": tried.run, "case": tried.case, "playbook": tried.playbook,
        "backtest": "same", "inexact": tried.inexact,
    });
    let mut put = |name: &str, value: serde_json::Value| {
        if let Some(members) = one.as_object_mut() {
            members.insert(name.into(), value);
        }
    };
    match &tried.verdict {
        Verdict::Same => {}
        Verdict::Changed(before, after) => {
            put("backtest", "changed".into());
            put("before", texts(before).into());
            put("after", texts(after).into());
        }
        Verdict::Untried(why) => {
            put("backtest", "untried".into());
            put("why", why.clone().into());
        }
    }
    one
}

//! `playc trace`: the evidence, listed, told, checked and handed out.

use std::path::Path;

use play_evidence::ParsedLine;
use play_journal::JournalRead;
use play_serve::page::{Page, Unlisted, Wanted};

use crate::cli::{Format, TraceExportArgs, TraceListArgs, TraceShowArgs, TraceVerifyArgs};
use crate::commands::{decisions, sentence};
use crate::output::{self, Style, safe, table};
use crate::place::Place;
use crate::project::count;
use crate::runs::{self, Recorded};
use crate::standing::Standing;
use crate::{Ended, Result, Trouble};

/// How a run stands, by its lines.
fn summary(recorded: &Recorded) -> Option<Standing> {
    let mut standing = Standing::default();
    for line in &recorded.lines {
        standing.take(&ParsedLine::parse(line).ok()?);
    }
    Some(standing)
}

/// A page of the runs of a store, as JSON shows each. They are in the order in which they were opened, and none is taken away.
pub fn listed(reader: &dyn JournalRead, wanted: &Wanted) -> std::result::Result<Page, Unlisted> {
    let failed = |Trouble(why): Trouble| Unlisted::Store(why);
    let runs = reader.runs().map_err(|e| failed(e.into()))?;
    let from = match &wanted.after {
        Some(after) => {
            runs.iter().position(|run| run == after).ok_or(Unlisted::NoSuchPlace)?.saturating_add(1)
        }
        None => 0,
    };
    let rest = runs.get(from..).unwrap_or_default();
    let page = rest.get(..wanted.limit).unwrap_or(rest);
    let after = page.last().filter(|_| page.len() < rest.len()).cloned();
    let items = summaries_of(reader, page).map_err(failed)?.iter().map(json).collect();
    Ok(Page { items, after })
}

fn json((run, s): &(String, Standing)) -> serde_json::Value {
    let (_, outcome, because) = s.ended.clone().unwrap_or_default();
    let outcome = if outcome.is_empty() { serde_json::Value::Null } else { outcome.into() };
    serde_json::json!({
        "version": 1, "run": run, "playbook": s.playbook, "case": s.case, "state": s.state(), "outcome": outcome,
        "because": because, "opened": s.opened, "lines": s.lines, "autonomy": s.autonomy,
    })
}

fn summaries(reader: &dyn JournalRead) -> Result<Vec<(String, Standing)>> {
    summaries_of(reader, &reader.runs()?)
}

fn summaries_of(reader: &dyn JournalRead, runs: &[String]) -> Result<Vec<(String, Standing)>> {
    let mut all = Vec::new();
    for run in runs {
        let recorded = Recorded { lines: reader.lines_of(run)?, run: run.clone() };
        match summary(&recorded) {
            Some(s) => all.push((recorded.run, s)),
            None => output::err(&format!(
                "run {}: its lines cannot be read; see `playc trace verify`",
                safe(&recorded.run)
            )),
        }
    }
    Ok(all)
}

/// `playc trace list`
pub fn list(args: &TraceListArgs, style: Style) -> Result {
    let all = summaries(&*args.store.reader()?)?;
    match args.format {
        Format::Json => {
            output::out(&serde_json::to_string_pretty(&all.iter().map(json).collect::<Vec<_>>())?)
        }
        Format::Jsonl => all.iter().for_each(|s| output::out(&json(s).to_string())),
        Format::Text => {
            let mut rows =
                vec![["run", "case", "playbook", "state", "outcome", "lines"].map(|h| style.dim(h)).to_vec()];
            for (run, s) in &all {
                let outcome = match &s.ended {
                    Some((_, outcome, _)) if !outcome.is_empty() => safe(outcome),
                    _ => "-".into(),
                };
                rows.push(vec![
                    safe(run),
                    safe(&s.case),
                    safe(&s.playbook_words()),
                    s.state().into(),
                    outcome,
                    s.lines.to_string(),
                ]);
            }
            table(&rows).iter().for_each(|l| output::out(l));
            output::err(&count(all.len(), "run"));
        }
    }
    Ok(Ended::Fine)
}

/// `playc trace show`
pub fn show(args: &TraceShowArgs, style: Style) -> Result {
    let file = Some(Path::new(&args.run)).filter(|p| p.is_file());
    let reader = match file {
        Some(_) => args.store.reader().ok(),
        None => Some(args.store.reader()?),
    };
    let recorded = match (file, &reader) {
        (Some(path), _) => runs::from_file(path)?,
        (None, Some(reader)) => runs::find(&**reader, &args.run)?,
        (None, None) => return Err(Trouble("name a run or a file".into())),
    };
    match args.format {
        Format::Jsonl => recorded.lines.iter().for_each(|l| output::out_bytes(l)),
        Format::Json => {
            let all = recorded
                .lines
                .iter()
                .map(|l| serde_json::from_slice::<serde_json::Value>(l))
                .collect::<std::result::Result<Vec<_>, _>>()?;
            output::out(&serde_json::to_string_pretty(&all)?);
        }
        Format::Text => {
            let artifact = match (&reader, recorded.artifact()) {
                (Some(reader), Some(digest)) => reader.artifact(&digest)?.and_then(|b| runs::decode(&b).ok()),
                _ => None,
            };
            let manifest = artifact.as_ref().map(|a| &a.manifest);
            let mut days = Days::of(&recorded);
            for bytes in &recorded.lines {
                match ParsedLine::parse(bytes) {
                    Ok(line) => {
                        days.turn(&line, style);
                        sentence::print(&line, manifest, style);
                    }
                    Err(e) => output::out(&format!("(a line that cannot be read: {})", safe(&e.to_string()))),
                }
            }
        }
    }
    Ok(Ended::Fine)
}

/// The days of a run that goes on over several: a line has its time alone.
struct Days(Option<String>);

impl Days {
    fn of(recorded: &Recorded) -> Self {
        let mut lines = recorded.lines.iter().filter_map(|line| ParsedLine::parse(line).ok());
        let several = lines.next().is_some_and(|first| lines.any(|line| day(&line) != day(&first)));
        Self(several.then(String::new))
    }

    /// Prints the day of a line, where the one before it was of another.
    fn turn(&mut self, line: &ParsedLine, style: Style) {
        if let Self(Some(last)) = self
            && last != day(line)
        {
            *last = day(line).to_string();
            output::out(&format!("      {}", style.dim(&safe(last))));
        }
    }
}

fn day(line: &ParsedLine) -> &str {
    line.t.get(..10).unwrap_or_default()
}

/// What a chain does not show by itself: behind its last line there is none that would hold its digest.
const OPEN_END: &str = "not checked: whether the last line was changed, and whether lines are missing behind it. `--head` with the digest that is known from \
                        elsewhere shows both";

/// `playc trace verify`
pub fn verify(args: &TraceVerifyArgs) -> Result {
    let (mut told, mut twice) = (Vec::new(), 0);
    // Of a file that holds together: whether its last line is the one that was expected.
    let mut ends = None;
    let (fine, problems, sum) = match &args.file {
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
            match play_evidence::verify::verify_chain(&bytes) {
                Ok(report) => {
                    let head = play_evidence::line::hex(&report.head);
                    let sum = format!(
                        "run {}: {} verified, head {head}",
                        safe(&report.run),
                        count(report.lines, "line")
                    );
                    match &args.head {
                        Some(wanted) if !wanted.eq_ignore_ascii_case(&head) => {
                            let problem = format!(
                                "the last line is not the one expected: its digest is {head}, not {wanted}"
                            );
                            (false, vec![problem], format!("{} does not verify", path.display()))
                        }
                        wanted => {
                            ends = Some(wanted.is_some());
                            told = decisions::of_run(&bytes);
                            (true, Vec::new(), sum)
                        }
                    }
                }
                Err(problem) => {
                    (false, vec![problem.to_string()], format!("{} does not verify", path.display()))
                }
            }
        }
        None => {
            let report = args.store.verify()?;
            twice = report.twice;
            let problems: Vec<String> = report.problems.iter().map(|p| problem(p, &args.store)).collect();
            if problems.is_empty() {
                told = decisions::of_store(&*args.store.reader()?)?;
            }
            let sum = format!(
                "{} in {} and {}, {}",
                number(report.lines, "line"),
                number(report.chains, "chain"),
                number(report.batches, "batch").replace("batchs", "batches"),
                if problems.is_empty() {
                    "all verified".to_string()
                } else {
                    count(problems.len(), "problem")
                },
            );
            (problems.is_empty(), problems, sum)
        }
    };
    match args.format {
        Format::Text => {
            problems.iter().for_each(|p| output::out(&safe(p)));
            told.iter().for_each(|d| output::out(d));
            if twice > 0 {
                output::out(&format!(
                    "kept twice: {}, with the same bytes; that harms nothing",
                    number(twice, "body").replace("bodys", "bodies")
                ));
            }
            output::out(&sum);
            if ends == Some(false) {
                output::out(OPEN_END);
            }
        }
        Format::Json | Format::Jsonl => {
            let mut document = serde_json::json!({
                "version": 1, "verified": fine, "problems": problems, "kept_twice": twice, "decisions": told, "summary": sum,
            });
            if let (Some(compared), Some(members)) = (ends, document.as_object_mut()) {
                members.insert("head_compared".into(), compared.into());
            }
            output::out(&document.to_string());
        }
    }
    Ok(if fine { Ended::Fine } else { Ended::Findings })
}

fn number(n: u64, what: &str) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), what)
}

fn problem(p: &play_journal::Problem, store: &Place) -> String {
    let line = match (&p.run, p.seq) {
        (Some(run), Some(seq)) => format!("run {run}, line {seq}: "),
        (Some(run), None) => format!("run {run}: "),
        (None, _) => String::new(),
    };
    format!("{line}{} ({})", p.what, store.spot(p))
}

/// `playc trace export`
pub fn export(args: &TraceExportArgs) -> Result {
    let reader = args.store.reader()?;
    let recorded = runs::find(&*reader, &args.run)?;
    let bytes = recorded.lines.concat();
    match &args.output {
        None => output::out_bytes(&bytes),
        Some(path) => {
            std::fs::write(path, &bytes).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
            let file = path.display();
            let sum = format!("{} of run {} in {file}", count(recorded.lines.len(), "line"), recorded.run);
            let head =
                recorded.lines.last().map(|line| play_evidence::line::hex(&play_evidence::line::hash(line)));
            let head = head
                .map(|head| format!(", head {head}: kept elsewhere, it shows whether the end was changed"))
                .unwrap_or_default();
            output::err(&format!("{sum}{head}"));
        }
    }
    Ok(Ended::Fine)
}

//! `playc trace would`: what the shadow runs of each playbook would have done, over a time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use play_evidence::display::defang;
use play_evidence::{J, ParsedLine};
use play_journal::{JournalError, JournalRead};
use play_scheduler::autonomy::opens_shadow;
use serde_json::{Value, json};

use crate::cli::{Format, TraceWouldArgs};
use crate::commands::sentence;
use crate::output::{self, Style, safe, table};
use crate::project::count;
use crate::standing::{Standing, text};
use crate::{Ended, Result};

/// An act: its action, its arguments as a person reads them, and their digest. What is shown is shortened: two that are shown alike may
/// be different.
type Act = (String, String, String);

/// What became of an act, over all runs.
#[derive(Default)]
struct Times {
    /// It would have been done.
    would: u64,
    /// Of these: by whose approval.
    approved: BTreeMap<String, u64>,
    /// Its guards would have stopped it: which guard, and by what.
    refused: BTreeMap<(String, String), u64>,
}

impl Times {
    fn refused(&self) -> u64 {
        self.refused.values().fold(0, |all, n| all.saturating_add(*n))
    }

    fn add(&mut self, other: &Self) {
        self.would = self.would.saturating_add(other.would);
        other.approved.iter().for_each(|(to, n)| add(&mut self.approved, to.clone(), *n));
        other.refused.iter().for_each(|(by, n)| add(&mut self.refused, by.clone(), *n));
    }
}

/// The shadow runs of a playbook.
#[derive(Default)]
struct Trial {
    runs: u64,
    /// When the first and the last was opened.
    opened: Option<(Timestamp, Timestamp)>,
    /// How they stand, and as what or for want of what.
    ended: BTreeMap<(&'static str, String), u64>,
    acts: BTreeMap<Act, Times>,
    /// How many acts they would have rolled back.
    rolled_back: u64,
    /// Whom they would have asked: the role, and `question` or `approval`.
    asked: BTreeMap<(String, String), u64>,
}

fn add<K: Ord>(to: &mut BTreeMap<K, u64>, key: K, n: u64) {
    let sum = to.entry(key).or_default();
    *sum = sum.saturating_add(n);
}

impl Trial {
    fn take(&mut self, lines: &[ParsedLine], opened: Timestamp) {
        self.runs = self.runs.saturating_add(1);
        let (first, last) = self.opened.unwrap_or((opened, opened));
        self.opened = Some((first.min(opened), last.max(opened)));
        let mut standing = Standing::default();
        // What guards were asked about, by line.
        let mut asked: BTreeMap<u64, Act> = BTreeMap::new();
        for line in lines {
            standing.take(line);
            match line.k.as_str() {
                "guard.asked" => drop(asked.insert(line.seq, act(line))),
                "guard.refused" => {
                    let Some(act) = line.number("of").and_then(|of| asked.get(&of)) else { continue };
                    let by = (text(line, "guard"), text(line, "clause"));
                    add(&mut self.acts.entry(act.clone()).or_default().refused, by, 1);
                }
                "act.would" => {
                    let times = self.acts.entry(act(line)).or_default();
                    times.would = times.would.saturating_add(1);
                    let asks = text(line, "asks");
                    if !asks.is_empty() {
                        add(&mut times.approved, asks, 1);
                    }
                }
                "rollback.would" => {
                    let acts = if let Some(J::Arr(acts)) = line.field("acts") { acts.len() } else { 0 };
                    let acts = u64::try_from(acts).unwrap_or(u64::MAX);
                    self.rolled_back = self.rolled_back.saturating_add(acts);
                }
                "person.would_ask" => add(&mut self.asked, (text(line, "to"), text(line, "what")), 1),
                _ => {}
            }
        }
        let outcome = standing.ended.as_ref().map(|(_, outcome, _)| outcome.clone()).unwrap_or_default();
        add(&mut self.ended, (standing.state(), outcome), 1);
    }

    /// By action: over all that it would have been done to.
    fn by_action(&self) -> BTreeMap<&str, (u64, Times)> {
        let mut all: BTreeMap<&str, (u64, Times)> = BTreeMap::new();
        for ((action, ..), times) in &self.acts {
            let (targets, sum) = all.entry(action).or_default();
            *targets = targets.saturating_add(1);
            sum.add(times);
        }
        all
    }
}

fn act(line: &ParsedLine) -> Act {
    (text(line, "action"), sentence::args(line), text(line, "digest"))
}

/// The shadow runs of a store.
#[derive(Default)]
struct Trials {
    by_playbook: BTreeMap<String, Trial>,
    /// Runs whose lines cannot be read: whatever they were, nothing of them is counted.
    unreadable: usize,
    /// Whether there is one of the playbook that is wanted, opened whenever.
    is_known: bool,
}

/// Runs it. What cannot be read is missing in all that is told.
pub fn run(args: &TraceWouldArgs, style: Style) -> Result {
    let Trials { by_playbook: trials, unreadable, is_known } = trials(&*args.store.reader()?, args)?;
    let all: Vec<Value> = trials.iter().map(|trial| as_json(trial, unreadable)).collect();
    match args.format {
        Format::Json => output::out(&serde_json::to_string_pretty(&all)?),
        Format::Jsonl => all.iter().for_each(|one| output::out(&one.to_string())),
        Format::Text => {
            trials.iter().for_each(|(playbook, trial)| tell(playbook, trial, style));
            output::err(&number(
                trials.values().fold(0, |all, one| one.runs.saturating_add(all)),
                "shadow run",
            ));
        }
    }
    if let Some(wanted) = args.playbook.as_ref().filter(|_| !is_known) {
        output::err(&format!("no shadow run of this store has a playbook `{}`", safe(wanted)));
    }
    Ok(if unreadable > 0 { Ended::Findings } else { Ended::Fine })
}

/// The lines of a run; nothing, where they are not what was written.
fn lines_of(reader: &dyn JournalRead, run: &str) -> Result<Option<Vec<ParsedLine>>> {
    let lines = match reader.lines_of(run) {
        Err(JournalError::Damaged(_)) => return Ok(None),
        lines => lines?,
    };
    Ok(lines.iter().map(|line| ParsedLine::parse(line).ok()).collect())
}

fn trials(reader: &dyn JournalRead, args: &TraceWouldArgs) -> Result<Trials> {
    let mut trials = Trials::default();
    for run in reader.runs()? {
        let Some(lines) = lines_of(reader, &run)? else {
            output::err(&format!("run {}: its lines cannot be read; see `playc trace verify`", safe(&run)));
            trials.unreadable = trials.unreadable.saturating_add(1);
            continue;
        };
        let Some(first) = lines.first().filter(|line| opens_shadow(line)) else { continue };
        let playbook = text(first, "playbook");
        let Ok(opened) = first.t.parse::<Timestamp>() else { continue };
        if args.playbook.as_ref().is_some_and(|wanted| *wanted != playbook) {
            continue;
        }
        trials.is_known = true;
        if args.since.is_none_or(|t| opened >= t) && args.until.is_none_or(|t| opened < t) {
            trials.by_playbook.entry(playbook).or_default().take(&lines, opened);
        }
    }
    Ok(trials)
}

fn as_json((playbook, trial): (&String, &Trial), unreadable: usize) -> Value {
    let ended: Vec<_> = trial
        .ended
        .iter()
        .map(|((state, outcome), n)| json!({ "state": state, "outcome": outcome, "runs": n }))
        .collect();
    let acts: Vec<_> = trial
        .acts
        .iter()
        .map(|((action, args, digest), times)| {
            let approved: Vec<_> =
                times.approved.iter().map(|(from, n)| json!({ "from": from, "times": n })).collect();
            let refused: Vec<_> = times
                .refused
                .iter()
                .map(|((guard, clause), n)| json!({ "guard": guard, "clause": clause, "times": n }))
                .collect();
            json!({
                "action": action, "args": args, "digest": digest, "would": times.would, "with_approval": approved, "refused": refused,
            })
        })
        .collect();
    let asked: Vec<_> =
        trial.asked.iter().map(|((to, what), n)| json!({ "to": to, "what": what, "times": n })).collect();
    let (first, last) = trial.opened.unwrap_or_default();
    json!({
        "version": 1, "playbook": playbook, "runs": trial.runs, "first": first.to_string(), "last": last.to_string(),
        "ended": ended, "acts": acts, "rolled_back": trial.rolled_back, "asked": asked, "unreadable": unreadable,
    })
}

fn tell(playbook: &str, trial: &Trial, style: Style) {
    let (first, last) = trial.opened.unwrap_or_default();
    let runs = count(usize::try_from(trial.runs).unwrap_or(usize::MAX), "shadow run");
    output::out(&format!("{}  {runs}, opened from {first:.0} to {last:.0}", safe(playbook)));
    let mut rows = vec![["  would", "refused", "act"].map(|h| style.dim(h)).to_vec()];
    for (action, (targets, sum)) in trial.by_action() {
        let on = count(usize::try_from(targets).unwrap_or(usize::MAX), "different call");
        rows.push(row(&sum, &format!("{}: {on}", safe(action))));
        for ((_, args, _), times) in trial.acts.iter().filter(|((of, ..), _)| of == action) {
            rows.push(row(times, &format!("  {}({})", safe(action), defang(args))));
        }
    }
    if rows.len() > 1 {
        table(&rows).iter().for_each(|line| output::out(line));
    }
    if trial.rolled_back > 0 {
        output::out(&format!("  would roll back {}", number(trial.rolled_back, "act")));
    }
    for ((to, what), n) in &trial.asked {
        output::out(&format!("  would ask {} {}", safe(to), times(*n, what)));
    }
    for ((state, outcome), n) in &trial.ended {
        let how = match *state {
            "shadow_ended" => format!("ended where they would need {}", safe(outcome)),
            "handed_over" => format!("handed over to {}", safe(outcome)),
            state => format!("{} {}", state.replace('_', " "), safe(outcome)).trim_end().to_string(),
        };
        output::out(&format!("  {n}  {how}"));
    }
}

/// `3 questions`
fn times(n: u64, what: &str) -> String {
    if what == "approval" { format!("for {}", number(n, "approval")) } else { number(n, "question") }
}

fn number(n: u64, what: &str) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), what)
}

fn row(times: &Times, what: &str) -> Vec<String> {
    let approved = times.approved.iter().map(|(from, n)| format!("{n} once {} approves", safe(from)));
    let refused =
        times.refused.iter().map(|((guard, clause), n)| format!("{n} by {}, {}", safe(guard), safe(clause)));
    let how: Vec<String> = approved.chain(refused).collect();
    let how = if how.is_empty() { String::new() } else { format!("  ({})", how.join("; ")) };
    vec![format!("  {}", times.would), times.refused().to_string(), format!("{what}{how}")]
}

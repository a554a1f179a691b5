//! `playc status`: what is in force in a store, what its runs wait for, and what needs a person.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use jiff::Timestamp;
use play_evidence::display::defang;
use play_evidence::{J, ParsedLine};
use play_journal::{JournalRead, Pause};
use play_scheduler::ids::case_id;
use play_scheduler::register::{InForce, Register, Standing as Act};
use play_serve::page::{Page, Unlisted, Wanted};

use crate::cli::{Format, StatusArgs, WorldArgs};
use crate::commands::follow_up::FollowUp;
use crate::commands::sentence::shown;
use crate::output::{self, Style, safe, table};
use crate::standing::{Open, Standing};
use crate::{Ended, Result, Trouble};

/// How the runs of a store stand, and what they have in force.
struct Whole {
    standings: BTreeMap<String, Standing>,
    register: Register,
    /// Whether no write leaves.
    pause: Option<Pause>,
}

impl Whole {
    fn read(reader: &dyn JournalRead) -> Result<Self> {
        let mut standings: BTreeMap<String, Standing> = BTreeMap::new();
        let mut register = Register::default();
        let mut unreadable = None;
        let mut pause = None;
        reader.for_each_line(&mut |chain, bytes| match ParsedLine::parse(bytes) {
            _ if chain == "intake" => {}
            Ok(line) if chain == "store" => Pause::take(&mut pause, &line),
            Ok(line) => {
                standings.entry(chain.to_string()).or_default().take(&line);
                register.take(&line);
            }
            Err(e) => unreadable = Some(format!("a line of {} cannot be read: {e}", safe(chain))),
        })?;
        match unreadable {
            Some(why) => Err(Trouble(format!("{why}; see `playc trace verify`"))),
            None => Ok(Self { standings, register, pause }),
        }
    }

    /// Something could not be taken back, or is in doubt.
    fn needs_somebody(&self) -> bool {
        let needs = |of: &InForce| matches!(of.standing, Act::Failed { .. } | Act::EndingInDoubt(_));
        self.standings.values().any(|s| !s.doubts.is_empty())
            || self.register.all().any(|(_, _, of)| needs(of))
    }

    /// How many writes are held.
    fn held(&self) -> usize {
        self.standings.values().map(|s| s.held.len()).sum()
    }
}

/// A page of what is in force, waits or is in doubt in a store, as JSON shows each.
pub fn listed(reader: &dyn JournalRead, wanted: &Wanted) -> std::result::Result<Page, Unlisted> {
    let after = match &wanted.after {
        Some(text) => Some(Spot::read(text).ok_or(Unlisted::NoSuchPlace)?),
        None => None,
    };
    let whole = Whole::read(reader).map_err(|Trouble(why)| Unlisted::Store(why))?;
    let mut list = List { after, limit: wanted.limit, items: Vec::new(), last: None, more: false };
    fill(&mut list, &whole);
    let after = list.last.filter(|_| list.more).map(|last| last.to_string());
    Ok(Page { items: list.items, after })
}

/// Where something stands in the list: by what it is, its run, and its line. So it stands there still when others have come or gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    part: u8,
    run: String,
    what: u8,
    line: u64,
}

impl Spot {
    fn of(part: u8, run: &str, what: u8, line: u64) -> Self {
        Self { part, run: run.to_string(), what, line }
    }

    fn read(text: &str) -> Option<Self> {
        let (part, rest) = text.split_once('.')?;
        let (rest, line) = rest.rsplit_once('.')?;
        let (run, what) = rest.rsplit_once('.')?;
        Some(Self::of(part.parse().ok()?, run, what.parse().ok()?, line.parse().ok()?))
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, run, what, line } = self;
        write!(f, "{part}.{run}.{what}.{line}")
    }
}

/// What comes after a spot, as much as is wanted.
struct List {
    after: Option<Spot>,
    limit: usize,
    items: Vec<serde_json::Value>,
    /// Of the last that is in it.
    last: Option<Spot>,
    more: bool,
}

impl List {
    fn add(&mut self, at: Spot, show: impl FnOnce() -> serde_json::Value) {
        if self.more || self.after.as_ref().is_some_and(|after| at <= *after) {
            return;
        }
        if self.items.len() >= self.limit {
            self.more = true;
            return;
        }
        self.items.push(show());
        self.last = Some(at);
    }
}

/// Runs it. Something that could not be taken back, or is in doubt, is a finding.
pub fn run(args: &StatusArgs, style: Style) -> Result {
    let whole = Whole::read(&*args.store.reader()?)?;
    if args.format == Format::Text {
        // Who may only read a store cannot ask who shares it.
        let shared = args.store.is_shared().unwrap_or(false);
        let world = WorldArgs { stub: args.stub.clone(), config: args.config.clone() };
        let project = args.project.as_deref().unwrap_or(Path::new("…"));
        let next = FollowUp::new((!shared).then_some((project, &world)), &args.store);
        print(&whole, style, &next);
    } else {
        let all = as_json(&whole);
        if args.format == Format::Json {
            output::out(&serde_json::to_string_pretty(&all)?);
        } else {
            all.iter().for_each(|one| output::out(&one.to_string()));
        }
    }
    Ok(if whole.needs_somebody() { Ended::Findings } else { Ended::Fine })
}

/// `okta.suspend(user: "00u1")`, with values as the evidence has them.
fn call(of: &InForce) -> String {
    let args = match &of.args() {
        J::Obj(args) => {
            args.iter().map(|(name, v)| format!("{}: {}", safe(name), shown(v))).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    };
    format!("{}({})", safe(&of.action), args.join(", "))
}

/// How it stands, in a word of the JSON.
fn word(of: &InForce) -> &'static str {
    match of.standing {
        Act::Intended => "intended",
        Act::InDoubt => "in_doubt",
        Act::Holds => "holds",
        Act::Left => "left",
        Act::Kept { .. } => "kept",
        Act::Ending(_) => "ending",
        Act::EndingInDoubt(_) => "ending_in_doubt",
        Act::Failed { .. } => "not_taken_back",
    }
}

/// Until when, and what then.
fn end(of: &InForce) -> String {
    match (&of.standing, of.until) {
        (Act::Intended, _) => "it is being done".into(),
        (Act::InDoubt, _) => "in doubt whether it was done".into(),
        (Act::Holds, Some(until)) => format!("until {until:.0}"),
        (Act::Holds, None) => "until somebody undoes it".into(),
        (Act::Left, _) => "as long as another act of its run".into(),
        (Act::Kept { by, until }, own) => {
            // Somebody may have undone it before.
            let over = own.is_some_and(|own| own <= Timestamp::now());
            let why = if over { "its own time is over" } else { "it is to be taken back" };
            let until = until.map_or_else(|| "somebody undoes it".into(), time);
            format!("{why}; {} holds the same until {until}", case_id(by))
        }
        (Act::Ending(_), _) => "it is being taken back".into(),
        (Act::EndingInDoubt(line), _) => format!("in doubt whether line {line} took it back"),
        (Act::Failed { words, .. }, _) => format!("NOT TAKEN BACK: {}", defang(&safe(words))),
    }
}

fn time(t: Timestamp) -> String {
    format!("{t:.0}")
}

fn print(whole: &Whole, style: Style, next: &FollowUp) {
    let Whole { standings, register, pause } = whole;
    let mut parts: Vec<(&str, Vec<Vec<String>>)> = Vec::new();
    let paused = pause.iter().map(|p| {
        let since = format!("since {}", time(p.since));
        let because = format!("because \"{}\"", defang(&safe(&p.because)));
        let held = format!("{} held", whole.held());
        vec![format!("by {}", safe(&p.person)), since, because, held, next.resume()]
    });
    parts.push(("paused: no write leaves, and nothing is taken back", paused.collect()));
    let mut rows = Vec::new();
    for (run, line, of) in register.all() {
        rows.push(vec![
            call(of),
            case_id(run),
            format!("line {line}"),
            format!("since {}", time(of.since)),
            end(of),
        ]);
        for (other, line, of) in register.others(run, line) {
            let also = format!("also {}, line {line}: {}", case_id(other), end(of));
            rows.push(vec![String::new(), String::new(), String::new(), String::new(), also]);
        }
        if matches!(of.standing, Act::Failed { .. }) {
            let how = next.undo(&case_id(run), line);
            rows.push(vec![String::new(), String::new(), String::new(), String::new(), how]);
        }
    }
    parts.push(("in force", rows));
    let mut held = Vec::new();
    let (mut waits, mut doubts, mut cut, mut faulted) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (run, s) in standings {
        for (line, open) in &s.open {
            let until = open.until.parse().map_or_else(|_| safe(&open.until), time);
            let what = match (&open.to, &open.question) {
                (Some(to), Some((question, choices))) => {
                    let far = open.so_far().map(|far| format!("; {}", safe(&far))).unwrap_or_default();
                    format!("for {}: \"{}\" ({}){far}", safe(to), defang(&safe(question)), safe(choices))
                }
                _ if open.what == "retry" => "to try a call again".into(),
                _ => format!("for {}", safe(&open.what)),
            };
            let line = format!("line {line}");
            rows_of(&mut waits, run, s, vec![line, what, format!("until {until}")]);
        }
        for (line, action) in &s.held {
            let goes = match pause {
                Some(_) => "it does not leave before the store is resumed",
                None => "it leaves by the next `playc run` or `playc serve`",
            };
            rows_of(&mut held, run, s, vec![format!("line {line}"), safe(action), goes.into()]);
        }
        for (line, (action, why)) in &s.doubts {
            let how = next.resolve(&case_id(run), *line);
            rows_of(&mut doubts, run, s, vec![format!("line {line}"), safe(action), safe(why), how]);
        }
        if let Some(("faulted", what, why)) = &s.ended {
            rows_of(&mut faulted, run, s, vec![safe(what), defang(&safe(why))]);
        }
        if s.is_cut_off() {
            let text = "a call is under way, or was when its engine was stopped; `playc run` takes it up";
            rows_of(&mut cut, run, s, vec![text.into()]);
        }
    }
    let ended = "ended by a fault of the program: the case is nobody's";
    parts.extend([
        ("held", held),
        ("waiting", waits),
        ("in doubt", doubts),
        (ended, faulted),
        ("under way", cut),
    ]);
    for (title, rows) in &parts {
        if rows.is_empty() {
            continue;
        }
        output::out(&style.bold(title));
        table(rows).iter().for_each(|line| output::out(&format!("  {line}")));
    }
    if parts.iter().all(|(_, rows)| rows.is_empty()) {
        output::out("nothing is in force, and no run waits");
    }
}

fn rows_of(rows: &mut Vec<Vec<String>>, run: &str, s: &Standing, more: Vec<String>) {
    let mut row = vec![case_id(run), safe(&s.playbook_words())];
    row.extend(more);
    rows.push(row);
}

fn as_json(whole: &Whole) -> Vec<serde_json::Value> {
    let mut list = List { after: None, limit: usize::MAX, items: Vec::new(), last: None, more: false };
    fill(&mut list, whole);
    list.items
}

/// In the order of their spots.
fn fill(list: &mut List, whole: &Whole) {
    let Whole { standings, register, pause } = whole;
    if let Some(p) = pause {
        list.add(Spot::of(0, "", 0, 0), || {
            serde_json::json!({
                "version": 1, "what": "paused", "by": p.person, "because": p.because, "since": p.since.to_string(),
                "held": whole.held(),
            })
        });
    }
    for (run, line, of) in register.all() {
        list.add(Spot::of(1, run, 0, line), || in_force(register, run, line, of));
    }
    for (run, s) in standings {
        for (line, open) in &s.open {
            list.add(Spot::of(2, run, 0, *line), || waiting(run, s, *line, open));
        }
        for (line, action) in &s.held {
            list.add(Spot::of(2, run, 1, *line), || {
                serde_json::json!({
                    "version": 1, "what": "held", "run": run, "case": s.case, "playbook": s.playbook, "autonomy": s.autonomy, "line": line,
                    "action": action,
                })
            });
        }
        for (line, (action, why)) in &s.doubts {
            list.add(Spot::of(2, run, 2, *line), || {
                serde_json::json!({
                    "version": 1, "what": "in_doubt", "run": run, "case": s.case, "playbook": s.playbook, "autonomy": s.autonomy, "line": line,
                    "action": action, "why": why,
                })
            });
        }
        if let Some(("faulted", what, why)) = &s.ended {
            list.add(Spot::of(2, run, 3, 0), || {
                serde_json::json!({
                    "version": 1, "what": "faulted", "run": run, "case": s.case, "playbook": s.playbook, "autonomy": s.autonomy, "fault": what,
                    "why": why,
                })
            });
        }
        if s.is_cut_off() {
            list.add(Spot::of(2, run, 4, 0), || {
                serde_json::json!({
                    "version": 1, "what": "under_way", "run": run, "case": s.case, "playbook": s.playbook, "autonomy": s.autonomy,
                })
            });
        }
    }
}

fn in_force(register: &Register, run: &str, line: u64, of: &InForce) -> serde_json::Value {
    let until = |t: Option<Timestamp>| t.map(|t| t.to_string());
    let others: Vec<serde_json::Value> = register
        .others(run, line)
        .map(|(run, line, of)| {
            serde_json::json!({ "run": run, "case": case_id(run), "line": line, "until": until(of.until) })
        })
        .collect();
    let why = match &of.standing {
        Act::Failed { words, .. } => Some(words.clone()),
        _ => None,
    };
    let by = match &of.standing {
        Act::Kept { by, .. } => Some(by.clone()),
        _ => None,
    };
    serde_json::json!({
        "version": 1, "what": "in_force", "run": run, "case": case_id(run), "line": line, "action": &*of.action,
        "args": play_scheduler::encode::to_serde(&of.args()), "undo": &*of.undo, "since": of.since.to_string(),
        "until": until(of.until), "state": word(of), "kept_by": by, "why": why, "others": others,
    })
}

fn waiting(run: &str, s: &Standing, line: u64, open: &Open) -> serde_json::Value {
    let (question, choices) = open.question.clone().unzip();
    let persons = (open.what == "approval").then_some(open.persons);
    serde_json::json!({
        "version": 1, "what": "waiting", "run": run, "case": s.case, "playbook": s.playbook, "autonomy": s.autonomy, "line": line,
        "for": open.what, "to": open.to, "question": question, "choices": choices, "until": open.until,
        "persons": persons, "approved_by": open.approved_by,
    })
}

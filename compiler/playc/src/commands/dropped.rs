//! `playc trace dropped`: the records of which no case came, and why.

use std::collections::BTreeSet;

use clap::ValueEnum as _;
use play_evidence::display::{defang, escape};
use play_evidence::{J, ParsedLine};
use play_journal::JournalRead;
use play_scheduler::ids::case_id;
use serde_json::{Value, json};

use crate::cli::{Dropped, Format, TraceDroppedArgs};
use crate::output::{self, Style, safe, table};
use crate::project::count;
use crate::standing::text;
use crate::{Ended, Result};

/// One line of the intake: a record, or several that were rejected one after the other.
struct One {
    why: Dropped,
    at: String,
    pos: String,
    source: Option<String>,
    records: u64,
    /// In words.
    because: String,
    /// The case that has the record all the same.
    case: Option<String>,
    body: Option<Vec<u8>>,
}

/// Runs it.
pub fn run(args: &TraceDroppedArgs, style: Style) -> Result {
    let reader = args.store.reader()?;
    let lines = reader.lines_of("intake")?;
    let later = became_one(&lines);
    let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
    for bytes in &lines {
        let Ok(line) = ParsedLine::parse(bytes) else {
            output::err("a line of the intake cannot be read; see `playc trace verify`");
            continue;
        };
        let why = Dropped::value_variants().iter().copied().find(|why| why.kind() == line.k);
        let Some(why) = why.filter(|why| args.only.is_empty() || args.only.contains(why)) else { continue };
        let record = record(&line);
        // A source that was mended since may have made a case of it.
        if matches!(why, Dropped::Unmapped | Dropped::Unrouted) && later.contains(&record) {
            continue;
        }
        let one = one(why, &line, &*reader, args.bodies)?;
        // Read again, it is the same record. Those that are counted are many.
        if why == Dropped::Rejected || seen.insert((record, why.word(), one.because.clone())) {
            all.push(one);
        }
    }
    match args.format {
        Format::Json => {
            output::out(&serde_json::to_string_pretty(&all.iter().map(json).collect::<Vec<_>>())?)
        }
        Format::Jsonl => all.iter().for_each(|one| output::out(&json(one).to_string())),
        Format::Text => print(&all, args.only.is_empty(), style),
    }
    Ok(Ended::Fine)
}

/// Where a record stood, and its digest.
pub fn record(line: &ParsedLine) -> (String, String) {
    (text(line, "pos"), text(line, "record"))
}

/// The records of which a case came, or had come.
pub fn became_one(lines: &[Vec<u8>]) -> BTreeSet<(String, String)> {
    let parsed = lines.iter().filter_map(|bytes| ParsedLine::parse(bytes).ok());
    parsed
        .filter(|line| matches!(line.k.as_str(), "intake.accepted" | "intake.deduplicated"))
        .map(|line| record(&line))
        .collect()
}

/// The digest of the record itself, where the line has it.
pub fn body_of(line: &ParsedLine) -> Option<String> {
    let J::Obj(position) = line.field("body")? else { return None };
    Some(position.get("blob")?.as_str()?.to_string())
}

/// What stands in a record in the place of what a field is made of, in words.
pub fn other_than_expected(field: &str, expected: &str, path: &str, found: &str) -> String {
    let of = if field.is_empty() { String::new() } else { format!("field `{field}`: ") };
    format!("{of}expected {expected} at `{}`, found {found}", if path.is_empty() { "/" } else { path })
}

/// Why no case came of it, in words.
pub fn because(why: Dropped, line: &ParsedLine) -> String {
    let field = |name: &str| text(line, name);
    match why {
        Dropped::Unmapped => {
            other_than_expected(&field("field"), &field("expected"), &field("path"), &field("found"))
        }
        Dropped::Unreadable => field("why"),
        Dropped::Unrouted => format!("no playbook takes this `{}`", field("type")),
        Dropped::Duplicate => format!("the same key as {}", case_id(&field("into"))),
        Dropped::Rejected => "no source accepts it".into(),
    }
}

fn one(why: Dropped, line: &ParsedLine, reader: &dyn JournalRead, bodies: bool) -> Result<One> {
    let field = |name: &str| text(line, name);
    let mut pos = field("pos");
    let mut records = 1;
    let case = (why == Dropped::Duplicate).then(|| case_id(&field("into")));
    if why == Dropped::Rejected {
        let (from, to) = (field("from"), field("to"));
        pos = if from == to { from } else { format!("{from} to {to}") };
        records = line.field("n").and_then(J::as_int).and_then(|n| u64::try_from(n).ok()).unwrap_or(1);
    }
    let body = match body_of(line).filter(|_| bodies) {
        Some(digest) => reader.blob(&digest)?,
        None => None,
    };
    let source = Some(field("source")).filter(|source| !source.is_empty());
    Ok(One { why, at: line.t.clone(), pos, source, records, because: because(why, line), case, body })
}

fn json(one: &One) -> Value {
    let mut shown = json!({
        "version": 1, "what": one.why.word(), "at": one.at, "pos": one.pos, "source": one.source, "records": one.records,
        "because": one.because, "case": one.case,
    });
    if let (Some(body), Some(members)) = (&one.body, shown.as_object_mut()) {
        let body = serde_json::from_slice(body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()));
        members.insert("body".into(), body);
    }
    shown
}

fn print(all: &[One], whole: bool, style: Style) {
    let mut rows = vec![["what", "record", "source", "because"].map(|h| style.dim(h)).to_vec()];
    for one in all {
        let n = if one.records > 1 { format!("{} × ", one.records) } else { String::new() };
        rows.push(vec![
            format!("{n}{}", one.why.word()),
            safe(&one.pos),
            one.source.as_deref().map_or_else(|| "-".into(), safe),
            defang(&safe(&one.because)),
        ]);
        if let Some(body) = &one.body {
            let body = String::from_utf8_lossy(body);
            rows.push(vec![String::new(), String::new(), String::new(), defang(&escape(body.trim()))]);
        }
    }
    if all.is_empty() {
        output::out(if whole { "a case came of every record" } else { "none of these" });
    } else {
        table(&rows).iter().for_each(|line| output::out(line));
    }
    let records = all.iter().fold(0_u64, |sum, one| sum.saturating_add(one.records));
    output::err(&count(usize::try_from(records).unwrap_or(usize::MAX), "record"));
}

//! What the sources of a program make of a record that was kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use play_connect::records::read_records;
use play_engine::intake::found_text;
use play_evidence::display::defang;
use play_evidence::{J, ParsedLine};
use play_journal::JournalRead;
use play_program::json::{Doc, Found};
use play_program::types::{FieldType, RecordId};
use play_program::value::Value;
use play_scheduler::intake::{Taken, fill, routed, take};
use play_scheduler::{encode, ids};

use crate::commands::dropped::{body_of, other_than_expected};
use crate::output::safe;
use crate::runs::Loaded;
use crate::standing::text;

/// The program as it is now, and the configuration that it would have where a record says nothing of it.
pub struct Now<'a> {
    pub program: &'a Loaded,
    pub config: &'a [Value],
}

/// A record as far as there is something left of it.
pub struct Kept {
    doc: Arc<Doc>,
    /// All of it, and not only the leaves that a run has in its own lines.
    whole: bool,
}

impl Kept {
    /// What a line of the intake has of its record, with the alert at the place that a pointer names, or being all of it.
    pub fn whole(line: &ParsedLine, reader: &dyn JournalRead, pointer: Option<&str>) -> Option<Self> {
        let raw = reader.blob(&body_of(line)?).ok()??;
        let alert = read_records(raw.as_slice(), pointer).next()?.body.ok()?;
        Some(Self { doc: Arc::new(Doc::Whole(alert)), whole: true })
    }

    /// The leaves that were looked at when it became this run.
    pub fn seen(opened: &ParsedLine) -> Option<Self> {
        let doc = encode::sparse(opened.field("read")?)?;
        Some(Self { doc: Arc::new(doc), whole: false })
    }
}

/// How a record came: what else its case is made of.
pub struct How<'a> {
    /// The source that took it.
    pub source: &'a str,
    /// The case that it became, or would become.
    pub case: &'a str,
    /// When.
    pub at: Timestamp,
    /// The line that opened the run, or one of that time.
    pub opened: Option<&'a ParsedLine>,
}

impl How<'_> {
    fn recorded_config(&self) -> Option<&J> {
        self.opened.and_then(|line| line.field("config"))
    }
}

/// A case that a source makes.
pub struct Case {
    /// Its source, by name.
    pub source: String,
    /// Its type.
    pub ty: RecordId,
    /// The playbook that takes it.
    pub playbook: Option<usize>,
    /// All slots.
    pub values: Vec<Value>,
    /// The fields that were mapped, by name, each a value position.
    pub fields: BTreeMap<String, J>,
    /// The key that makes another record its duplicate, and for how long.
    pub key: Option<(String, SignedDuration)>,
}

/// What a program makes of a record.
pub enum Made {
    /// A case.
    Case(Box<Case>),
    /// None: why, in words.
    Nothing(String),
}

/// The values of the configuration that a run has in its lines, and for all others those that the program has now.
pub fn config(now: &Now<'_>, recorded: Option<&J>) -> Vec<Value> {
    let manifest = &now.program.manifest;
    let fields = manifest.config.and_then(|id| manifest.types.record(id)).map(|r| r.fields.as_slice());
    let value = |(at, field): (usize, &FieldType)| {
        let position = match recorded {
            Some(J::Obj(members)) => members.get(&field.name),
            _ => None,
        };
        let read = position.and_then(|j| encode::read_value(j, &field.ty, &manifest.types).ok());
        read.or_else(|| now.config.get(at).cloned()).unwrap_or(Value::None)
    };
    fields.unwrap_or_default().iter().enumerate().map(value).collect()
}

fn named(program: &Loaded, source: &str) -> Option<usize> {
    program.manifest.sources.iter().position(|s| s.name == source)
}

fn offer(program: &Loaded, kept: &Kept, only: Option<usize>, config: &[Value]) -> Taken {
    take(&program.vm, &program.manifest, only, Arc::clone(&kept.doc), config)
}

/// What the program that took it makes of it by the source that took it; nothing where that cannot be said.
pub fn made_then(kept: &Kept, how: &How<'_>, then: &Loaded) -> Option<Made> {
    let config = encode::read_config(how.recorded_config(), &then.manifest).ok()?;
    made(offer(then, kept, Some(named(then, how.source)?), &config), then, how, &config)
}

/// What this program makes of it; nothing where that cannot be said. It is given to the source that took it; where that makes no case of it any more,
/// to the others, unless it was given to that one alone, as far as can be seen: the program that took it would have given it to another.
pub fn made_now(kept: &Kept, how: &How<'_>, now: &Now<'_>, then: Option<&Loaded>) -> Option<Made> {
    let config = config(now, how.recorded_config());
    let program = now.program;
    let own = named(program, how.source).map(|own| offer(program, kept, Some(own), &config));
    if !kept.whole {
        // What was not looked at then is not known: only what this program makes of the same leaves counts.
        let known = matches!(&own, Some(Taken::Mapped { mapped, .. }) if !mapped.read.leaves().values().any(|f| *f == Found::NotRecorded));
        return own.filter(|_| known).and_then(|taken| made(taken, program, how, &config));
    }
    let free = || {
        let then = then?;
        let config = encode::read_config(how.recorded_config(), &then.manifest).ok()?;
        let source = match offer(then, kept, None, &config) {
            Taken::Mapped { source, .. } | Taken::Unmapped { source, .. } => source,
            Taken::Rejected => return Some(false),
        };
        Some(named(then, how.source) == Some(source))
    };
    let taken = match own {
        Some(taken @ Taken::Mapped { .. }) => taken,
        Some(taken) if free() == Some(true) => match offer(program, kept, None, &config) {
            another @ Taken::Mapped { .. } => another,
            _ => taken,
        },
        Some(taken) => taken,
        None => offer(program, kept, None, &config),
    };
    made(taken, program, how, &config)
}

fn made(taken: Taken, program: &Loaded, how: &How<'_>, config: &[Value]) -> Option<Made> {
    let source_of = |index: usize| program.manifest.sources.get(index);
    Some(match taken {
        Taken::Rejected => Made::Nothing("no source accepts its record".into()),
        Taken::Unmapped { source, why } => {
            let found = defang(&safe(&found_text(&why)));
            let found = other_than_expected(&safe(&why.field), &why.expected, &safe(&why.path), &found);
            let source = safe(&source_of(source)?.name);
            Made::Nothing(format!("no case comes of its record: source `{source}`, {found}"))
        }
        Taken::Mapped { source, mapped } => {
            let spec = source_of(source)?;
            let types = &program.manifest.types;
            let fields = match encode::mapped(&mapped, spec.case, types) {
                J::Obj(fields) => fields.into_iter().map(|(name, at)| (name, bare(&at))).collect(),
                _ => BTreeMap::new(),
            };
            let mut filled = mapped.case.clone();
            fill(&mut filled, how.case, &spec.name, how.at, config);
            Made::Case(Box::new(Case {
                source: spec.name.clone(),
                ty: spec.case,
                playbook: routed(&program.vm, &program.manifest, spec.case, &filled),
                values: mapped.case,
                fields,
                key: mapped.dedup,
            }))
        }
    })
}

/// A value position without the places that it was made of.
fn bare(position: &J) -> J {
    let J::Obj(members) = position else { return position.clone() };
    J::Obj(members.iter().filter(|(name, _)| *name != "from").map(|(n, j)| (n.clone(), j.clone())).collect())
}

/// The fields of a case as a run has them in its lines.
pub fn recorded(lines: &[ParsedLine]) -> BTreeMap<String, J> {
    let mapped = lines.iter().find(|line| line.k == "case.mapped").and_then(|line| line.field("fields"));
    match mapped {
        Some(J::Obj(fields)) => fields.iter().map(|(name, at)| (name.clone(), bare(at))).collect(),
        _ => BTreeMap::new(),
    }
}

/// The case of a run that a line of the intake names.
pub fn case_of(line: &ParsedLine) -> String {
    ids::case_id(&text(line, "into"))
}

//! What the sources of a program make of a record that was kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use play_connect::records::read_records;
use play_engine::intake::found_text;
use play_evidence::{J, ParsedLine};
use play_journal::JournalRead;
use play_program::json::{Doc, Found};
use play_program::types::RecordId;
use play_program::value::Value;
use play_scheduler::intake::{Taken, fill, routed, take};
use play_scheduler::{encode, ids};

use crate::commands::dropped::body_of;
use crate::output::safe;
use crate::runs::Loaded;
use crate::standing::text;

/// A record as far as there is something left of it.
pub struct Kept {
    doc: Arc<Doc>,
    /// All of it, and not only the leaves that a run has in its own lines.
    whole: bool,
}

impl Kept {
    /// What a line of the intake has of its record; `pointer` is where the alert stands in it.
    pub fn whole(line: &ParsedLine, reader: &dyn JournalRead, pointer: Option<&str>) -> Option<Self> {
        let raw = reader.blob(&body_of(line)?).ok()??;
        let alert = read_records(raw.as_slice(), pointer).next()?.body.ok()?;
        Some(Self { doc: Arc::new(Doc::Whole(alert)), whole: true })
    }

    /// Whether all of it is here.
    pub fn is_whole(&self) -> bool {
        self.whole
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

/// What this program makes of it; nothing where that cannot be said. `then` is the program that took it: whether one source was to take it alone
/// shows in what that one would take of its own.
pub fn make(kept: &Kept, how: &How<'_>, now: &Loaded, then: Option<&Loaded>) -> Option<Made> {
    let named = |program: &Loaded| program.manifest.sources.iter().position(|s| s.name == how.source);
    let config = |program: &Loaded| {
        let recorded = how.opened.and_then(|line| line.field("config"));
        encode::read_config(recorded, &program.manifest).ok()
    };
    let offer = |program: &Loaded, only| {
        Some(take(&program.vm, &program.manifest, only, Arc::clone(&kept.doc), &config(program)?))
    };
    let only = named(now);
    if !kept.whole {
        // What was not looked at then is not known: only what this program makes of the same leaves counts.
        let taken = offer(now, Some(only?))?;
        let known = matches!(&taken, Taken::Mapped { mapped, .. } if !mapped.read.leaves().values().any(|f| *f == Found::NotRecorded));
        return if known { made(taken, now, how, &config(now)?) } else { None };
    }
    let free = then.is_some_and(|then| {
        matches!(offer(then, None), Some(Taken::Mapped { source, .. } | Taken::Unmapped { source, .. }) if named(then) == Some(source))
    });
    made(offer(now, only.filter(|_| !free))?, now, how, &config(now)?)
}

fn made(taken: Taken, program: &Loaded, how: &How<'_>, config: &[Value]) -> Option<Made> {
    let source_of = |index: usize| program.manifest.sources.get(index);
    Some(match taken {
        Taken::Rejected => Made::Nothing("no source accepts its record".into()),
        Taken::Unmapped { source, why } => Made::Nothing(format!(
            "no case comes of its record: source `{}`, field `{}`: expected {} at `{}`, found {}",
            safe(&source_of(source)?.name),
            safe(&why.field),
            why.expected,
            safe(if why.path.is_empty() { "/" } else { &why.path }),
            safe(&found_text(&why)),
        )),
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

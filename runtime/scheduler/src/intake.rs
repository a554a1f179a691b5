//! From a record to a case and its playbook: what becomes of what arrived. Pure.

use std::sync::Arc;

use play_program::artifact::Manifest;
use play_program::config;
use play_program::exec::{Mapped, Mapping, Program, Unmapped};
use play_program::json::{Doc, JsonAt};
use play_program::shape;
use play_program::types::RecordId;
use play_program::value::Value;

/// What became of a record.
#[derive(Clone, Debug)]
pub enum Taken {
    /// No source accepts it.
    Rejected,
    /// A field was missing or not what it should be.
    Unmapped {
        /// Index of the source.
        source: usize,
        /// Why.
        why: Unmapped,
    },
    /// It is a case.
    Mapped {
        /// Index of the source.
        source: usize,
        /// The case.
        mapped: Box<Mapped>,
    },
}

/// Offers a record to one source, or to all in source order; the first that accepts it takes it.
#[must_use]
pub fn take(
    program: &dyn Program,
    manifest: &Manifest,
    only: Option<usize>,
    record: Arc<Doc>,
    config: &[Value],
) -> Taken {
    let at = JsonAt::root(record);
    let sources = only.map_or(0..manifest.sources.len(), |i| i..i.saturating_add(1));
    // A record that some source cannot even test for acceptance may be another's; its misfit is reported if none takes it.
    let mut untestable = None;
    for source in sources {
        match program.map(source, &at, config) {
            Mapping::Rejected => {}
            Mapping::Unmapped(why) if why.field == "accept" => {
                untestable = untestable.or(Some(Taken::Unmapped { source, why }));
            }
            Mapping::Unmapped(why) => return Taken::Unmapped { source, why },
            Mapping::Mapped(mapped) => return Taken::Mapped { source, mapped: Box::new(mapped) },
        }
    }
    untestable.unwrap_or(Taken::Rejected)
}

/// The playbook that takes the case: of those whose condition holds the one that comes before the others, by rank. A condition that faults counts as one that takes it: the run
/// then ends in that fault, in front of a person, and the case is not lost.
#[must_use]
pub fn route(program: &dyn Program, manifest: &Manifest, source: usize, case: &[Value]) -> Option<usize> {
    routed(program, manifest, manifest.sources.get(source)?.case, case)
}

/// The same for a case of which only the type is known.
#[must_use]
pub fn routed(program: &dyn Program, manifest: &Manifest, ty: RecordId, case: &[Value]) -> Option<usize> {
    let mut all: Vec<(u32, usize)> = manifest
        .playbooks
        .iter()
        .enumerate()
        .filter(|(_, playbook)| playbook.case == ty)
        .map(|(at, playbook)| (playbook.rank, at))
        .collect();
    all.sort_unstable();
    all.into_iter().map(|(_, at)| at).find(|at| program.applies(*at, case).unwrap_or(true))
}

/// Fills the fields that the engine gives; what a test gave stays. Puts the configuration behind them.
pub fn fill(case: &mut Vec<Value>, id: &str, source: &str, opened: jiff::Timestamp, configured: &[Value]) {
    for (slot, value) in [
        (shape::CASE_ID, Value::str(id)),
        (shape::CASE_SOURCE, Value::str(source)),
        (shape::CASE_OPENED, Value::Time(opened)),
    ] {
        if let Some(place) = case.get_mut(slot).filter(|v| matches!(v, Value::None)) {
            *place = value;
        }
    }
    config::append(case, configured);
}

//! What arrived, and which run it became: real runs and shadow runs each have their own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use play_evidence::{J, ParsedLine};
use play_program::autonomy::Autonomy;
use play_program::exec::Mapped;
use play_scheduler::{ids, intake};
use sha2::{Digest as _, Sha256};

use crate::engine::Pinned;

/// A digest in place of texts that are only compared: there is one for each record that a store ever took.
pub(crate) type Short = [u8; 16];

/// Under the store's secret, as what it is made of comes from outside.
pub(crate) fn short(salt: &[u8], parts: [&str; 2]) -> Short {
    let mut hash = Sha256::new();
    hash.update(salt);
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().first_chunk().copied().unwrap_or_default()
}

/// What arrived, and what became of it.
#[derive(Default)]
pub(crate) struct Seen {
    /// Position and digest of the records that were dealt with.
    pub(crate) records: BTreeSet<Short>,
    /// Source and key, to when it was last opened and by which run.
    pub(crate) keys: BTreeMap<Short, (Timestamp, Box<str>)>,
}

impl Seen {
    /// The run that took the key of a record within its window.
    pub(crate) fn duplicate_of(
        &self,
        salt: &[u8],
        source: &str,
        mapped: &Mapped,
        now: Timestamp,
    ) -> Option<String> {
        let (key, window): &(String, SignedDuration) = mapped.dedup.as_ref()?;
        let (at, run) = self.keys.get(&short(salt, [source, key]))?;
        (now.duration_since(*at) < *window).then(|| run.to_string())
    }
}

/// Which run a record becomes.
pub(crate) struct Routed {
    pub(crate) run: String,
    pub(crate) case: String,
    /// Nothing takes it.
    pub(crate) playbook: Option<usize>,
    pub(crate) autonomy: Autonomy,
}

/// The run of a record. That of a shadow run has a name of its own: another may take the same record.
pub(crate) fn routed(
    pinned: &Pinned,
    source: usize,
    (name, pos, digest): (&str, &str, &str),
    mapped: &Mapped,
    now: Timestamp,
) -> Routed {
    let as_run = |run: String| {
        let case_id = ids::case_id(&run);
        let mut case = mapped.case.clone();
        intake::fill(&mut case, &case_id, name, now, &pinned.config);
        let playbook = intake::route(&*pinned.program, &pinned.manifest, source, &case);
        let autonomy = playbook.map(|p| pinned.autonomy_of(p)).unwrap_or_default();
        Routed { run, case: case_id, playbook, autonomy }
    };
    let real = as_run(ids::run_id(name, pos, digest));
    if !real.autonomy.is_shadow() {
        return real;
    }
    // A condition may look at the name of the case; it does not make something be done that was only to be tried.
    Routed { autonomy: Autonomy::Shadow, ..as_run(ids::shadow_run_id(name, pos, digest)) }
}

/// What a line of the intake says of a record that a shadow run took.
pub(crate) fn of_shadow(shadow: bool) -> Option<(String, J)> {
    shadow.then(|| ("autonomy".to_string(), J::Str(Autonomy::Shadow.word().into())))
}

pub(crate) fn is_shadow(line: &ParsedLine) -> bool {
    line.field("autonomy").and_then(J::as_str) == Some(Autonomy::Shadow.word())
}

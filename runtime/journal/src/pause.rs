//! Whether a store is paused: from then on no write leaves, whichever engine has it, until somebody resumes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use play_evidence::json::val;
use play_evidence::{Chain, J, Line, ParsedLine};

use crate::error::JournalError;
use crate::journal::JournalRead;
use crate::own::{OWN_CHAIN, own_line, refused};

/// Who has paused a store, why, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Who.
    pub person: String,
    /// Why.
    pub because: String,
    /// Since when.
    pub since: Timestamp,
}

impl Pause {
    /// How a store stands.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(store: &dyn JournalRead) -> Result<Option<Self>, JournalError> {
        let mut now = None;
        for (seq, bytes) in (0_u64..).zip(store.lines_of(OWN_CHAIN)?) {
            let line = ParsedLine::parse(&bytes).map_err(|e| refused(seq, e.to_string()))?;
            Self::take(&mut now, &line);
        }
        Ok(now)
    }

    /// Takes note of a line of the store's own chain.
    pub fn take(now: &mut Option<Self>, line: &ParsedLine) {
        match line.k.as_str() {
            "store.paused" => {
                let person = line.field("person").and_then(J::as_str).unwrap_or_default().to_string();
                let because = match line.field("because") {
                    Some(J::Obj(position)) => position.get("val").and_then(J::as_str).unwrap_or_default(),
                    _ => "",
                };
                let since = line.t.parse().unwrap_or_default();
                *now = Some(Self { person, because: because.to_string(), since });
            }
            "store.resumed" => *now = None,
            _ => {}
        }
    }

    /// Somebody pauses a store: who has paused it from then on, and the line that says so, which is to be appended; none where it
    /// is paused already, and stays as it is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn begin(
        store: &dyn JournalRead,
        (person, because): (&str, &str),
        now: Timestamp,
    ) -> Result<(Self, Option<Line>), JournalError> {
        if let Some(before) = Self::of(store)? {
            return Ok((before, None));
        }
        let line = line(store, "store.paused", (person, because), now)?;
        Ok((Self { person: person.into(), because: because.into(), since: now }, Some(line)))
    }

    /// Somebody resumes a store: who had paused it, and the line that says so, which is to be appended; `None` where nobody had.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn end(
        store: &dyn JournalRead,
        by: (&str, &str),
        now: Timestamp,
    ) -> Result<Option<(Self, Line)>, JournalError> {
        let before = Self::of(store)?;
        before.map(|before| Ok((before, line(store, "store.resumed", by, now)?))).transpose()
    }
}

fn line(
    store: &dyn JournalRead,
    kind: &str,
    (person, because): (&str, &str),
    now: Timestamp,
) -> Result<Line, JournalError> {
    let mut chain = store.chain(OWN_CHAIN)?.unwrap_or_else(|| Chain::new(OWN_CHAIN));
    let fields = BTreeMap::from([
        ("person".to_string(), J::Str(person.to_string())),
        ("because".to_string(), val(J::Str(because.to_string()))),
    ]);
    own_line((now, &format!("person:{person}")), &mut chain, kind, fields)
}

//! Why records became no case: each reason once, and what else may be meant.

use std::collections::BTreeMap;

use play_engine::intake::found_text;
use play_program::artifact::Manifest;
use play_program::exec::Unmapped;
use serde_json::Value;

use crate::commands::dropped::other_than_expected;
use crate::output::{self, safe};
use crate::project::count;

/// So many reasons are kept, to tell one that comes again; of more each record is told.
const REASONS: usize = 100;

/// What was told.
pub struct Told<'a> {
    /// The sources that could take a record, where none is named.
    sources: Vec<&'a str>,
    /// A record is looked into where no part of it is named.
    whole: bool,
    /// What else may be meant was told.
    hinted: bool,
    /// Of each reason, how many records more.
    more: BTreeMap<String, usize>,
}

impl<'a> Told<'a> {
    /// Nothing yet.
    pub fn new(manifest: &'a Manifest, only: Option<usize>, pointer: Option<&str>) -> Self {
        let sources = manifest.sources.iter().map(|s| s.name.as_str());
        Self {
            sources: if only.is_none() { sources.collect() } else { Vec::new() },
            whole: pointer.is_none_or(str::is_empty),
            hinted: false,
            more: BTreeMap::new(),
        }
    }

    /// The record, as long as it may be looked into.
    pub fn keeps(&self, raw: &[u8]) -> Option<Vec<u8>> {
        (!self.hinted && (self.whole || self.sources.len() > 1)).then(|| raw.to_vec())
    }

    /// Says why a record became no case, unless another did not for the same reason.
    pub fn unmapped(&mut self, pos: &str, source: &str, why: &Unmapped, record: Option<&[u8]>) {
        let found = other_than_expected(&why.field, &why.expected, &why.path, &found_text(why));
        let reason = format!("no case: source `{source}`, {found}");
        if let Some(more) = self.more.get_mut(&reason) {
            *more = more.saturating_add(1);
            return;
        }
        output::err(&safe(&format!("{pos}: {reason}")));
        if self.more.len() < REASONS {
            self.more.insert(reason, 0);
        }
        if !self.hinted {
            self.hint(source, why, record);
        }
    }

    fn hint(&mut self, source: &str, why: &Unmapped, record: Option<&[u8]>) {
        let part = record.filter(|_| self.whole).and_then(|raw| part_with(raw, &why.path));
        if let Some(part) = part {
            self.hinted = true;
            output::err(&safe(&format!(
                "  what is looked for stands below `{part}` of this record: with --pointer {} that part is read",
                output::word(&part)
            )));
        }
        let others: Vec<String> =
            self.sources.iter().filter(|s| **s != source).map(|s| format!("`{s}`")).collect();
        if !others.is_empty() {
            self.hinted = true;
            output::err(&safe(&format!(
                "  no --source is named, so the first that accepts a record takes it; there are also {}",
                others.join(", ")
            )));
        }
    }

    /// Says of how many records more the same is true.
    pub fn rest(&self) {
        for (reason, more) in self.more.iter().filter(|(_, more)| **more > 0) {
            output::err(&safe(&format!("{} more: {reason}", count(*more, "record"))));
        }
    }
}

/// The pointer to an object inside of a record, at the most two levels in, in which a place is that is not in the record itself.
fn part_with(raw: &[u8], place: &str) -> Option<String> {
    let record: Value = serde_json::from_slice(raw).ok()?;
    if place.is_empty() || record.pointer(place).is_some() {
        return None;
    }
    let below = |value: &Value, at: &str| -> Vec<String> {
        let members = value.pointer(at).and_then(Value::as_object).into_iter().flatten();
        let objects = members.filter(|(_, v)| v.is_object());
        objects.map(|(k, _)| format!("{at}/{}", k.replace('~', "~0").replace('/', "~1"))).collect()
    };
    let first = below(&record, "");
    let second = first.iter().flat_map(|at| below(&record, at));
    let mut all = first.iter().cloned().chain(second);
    all.find(|at| record.pointer(&format!("{at}{place}")).is_some())
}

#[cfg(test)]
mod tests {
    use super::part_with;

    #[test]
    fn a_record_that_is_wrapped_is_looked_into() {
        let found = |raw: &str| part_with(raw.as_bytes(), "/uuid");
        assert_eq!(found(r#"{"log": {"uuid": "1"}}"#).as_deref(), Some("/log"));
        assert_eq!(found(r#"{"a": {"x/y": {"uuid": 1}}, "n": 1}"#).as_deref(), Some("/a/x~1y"));
        assert_eq!(found(r#"{"uuid": 7, "log": {"uuid": "1"}}"#), None);
        assert_eq!(found(r#"{"log": [{"uuid": "1"}]}"#), None);
        assert_eq!(found("no JSON"), None);
    }
}

//! Small chains for the tests of this crate.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{Chain, J, Line, json, kinds};

/// Fields from pairs.
pub(crate) fn fields<const N: usize>(pairs: [(&str, J); N]) -> BTreeMap<String, J> {
    pairs.into_iter().map(|(name, j)| (name.to_string(), j)).collect()
}

/// Noon of a day, and so many seconds.
pub(crate) fn noon(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_secs(seconds)
}

/// A run of so many notes, a second apart.
pub(crate) fn run_of(name: &str, lines: i64) -> Vec<Line> {
    let mut chain = Chain::new(name);
    let kind = kinds::kind("case.noted").unwrap();
    let mut note = |i| {
        let text = json::val(J::Str(format!("note {i}")));
        chain.append(noon(i), "engine", Some(7), kind, fields([("text", text)])).unwrap()
    };
    (0..lines).map(&mut note).collect()
}

/// The file that they would make.
pub(crate) fn bytes_of(lines: &[Line]) -> Vec<u8> {
    lines.iter().flat_map(|l| l.bytes.iter().copied()).collect()
}

//! What the systems were told to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

/// A request that is to change something, as it was received.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Write {
    /// Path, with its query.
    pub path: String,
    /// The JSON body; null without one, text when it is no JSON.
    pub body: Value,
    /// `Idempotency-Key`
    pub idempotency_key: Option<String>,
    /// Milliseconds from the server's start.
    pub ms: u64,
    /// Whether something was changed by it.
    pub performed: bool,
    /// The status that was answered; `None` when no answer was given (yet).
    pub status: Option<u16>,
}

/// The same write more than once, not held together by one idempotency key: what must never happen to an act that is not
/// idempotent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Double {
    /// Path, with its query.
    pub path: String,
    /// The body that they share.
    pub body: Value,
    /// How often it was received; those that share a key count once.
    pub times: usize,
}

/// All that was received.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// In the order in which they came.
    pub writes: Vec<Write>,
    /// By path and body.
    pub doubles: Vec<Double>,
}

impl Counts {
    pub(crate) fn of(writes: Vec<Write>) -> Self {
        let mut groups: BTreeMap<(String, String), Double> = BTreeMap::new();
        let mut keys = BTreeSet::new();
        for write in &writes {
            let same = (write.path.clone(), write.body.to_string());
            let known = write.idempotency_key.is_some()
                && !keys.insert((same.clone(), write.idempotency_key.clone()));
            let first = || Double { path: write.path.clone(), body: write.body.clone(), times: 0 };
            let double = groups.entry(same).or_insert_with(first);
            double.times = double.times.saturating_add(usize::from(!known));
        }
        let doubles = groups.into_values().filter(|d| d.times > 1).collect();
        Self { writes, doubles }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_is_the_same_write_without_the_same_key() {
        let write = |path: &str, key: Option<&str>| Write {
            path: path.into(),
            body: Value::Null,
            idempotency_key: key.map(String::from),
            ms: 0,
            performed: true,
            status: Some(200),
        };
        let counts = Counts::of(vec![
            write("/a", None),
            write("/b", Some("1")),
            write("/b", Some("1")),
            write("/c", None),
            write("/c", None),
            write("/d", Some("1")),
            write("/d", Some("2")),
        ]);
        let seen: Vec<(&str, usize)> = counts.doubles.iter().map(|d| (d.path.as_str(), d.times)).collect();
        assert_eq!(seen, [("/c", 2), ("/d", 2)]);
    }
}

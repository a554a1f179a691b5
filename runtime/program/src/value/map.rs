//! Maps: a value for each key, in the order in which the keys came in.

use std::collections::HashMap;
use std::fmt;

use super::Value;
use super::key::key;

/// A map. Keys are texts, whole numbers, truth values, addresses, digests or members of enums: all have an equality that
/// nothing is exempt from.
#[derive(Clone, Default)]
pub struct Map {
    entries: Vec<(Value, Value)>,
    /// Where the entry of a key is.
    index: HashMap<Vec<u8>, usize>,
}

impl Map {
    /// How many keys it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, of: &Value) -> Option<&Value> {
        let at = self.index.get(&key(of)?)?;
        self.entries.get(*at).map(|(_, value)| value)
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(Value, Value)> {
        self.entries.iter()
    }

    /// Gives a key its value: where the key stands, or at the end when it is new.
    pub fn insert(&mut self, of: Value, value: Value) {
        let Some(bytes) = key(&of) else { return };
        match self.index.get(&bytes).and_then(|at| self.entries.get_mut(*at)) {
            Some(entry) => entry.1 = value,
            None => {
                self.index.insert(bytes, self.entries.len());
                self.entries.push((of, value));
            }
        }
    }

    /// Whether both have the same keys with the same values, in whatever order.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(of, value)| other.get(of).is_some_and(|found| found.same(value)))
    }
}

impl FromIterator<(Value, Value)> for Map {
    /// Of two entries with one key, the later value at the earlier place.
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries.iter().map(|(key, value)| (key, value))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, i64)]) -> Map {
        entries.iter().map(|(key, n)| (Value::str(key), Value::Int(*n))).collect()
    }

    #[test]
    fn a_key_stays_where_it_first_stood() {
        let mut map = map(&[("b", 1), ("a", 2)]);
        map.insert(Value::str("b"), Value::Int(3));
        assert_eq!(format!("{map:?}"), r#"{Str("b"): Int(3), Str("a"): Int(2)}"#);
        assert!(map.get(&Value::str("c")).is_none());
    }

    #[test]
    fn order_makes_no_difference_to_equality() {
        assert!(map(&[("a", 1), ("b", 2)]).same(&map(&[("b", 2), ("a", 1)])));
        assert!(!map(&[("a", 1)]).same(&map(&[("a", 2)])));
        assert!(!map(&[("a", 1)]).same(&map(&[("a", 1), ("b", 2)])));
    }
}

//! Compiled patterns, kept: a function over a pattern is called once a record, a pattern is compiled once a thread.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;

use crate::ops;

/// How many patterns a thread keeps.
const MOST: usize = 256;

thread_local! {
    static KEPT: RefCell<HashMap<String, Regex>> = RefCell::new(HashMap::new());
}

/// A pattern; `None` when it is none, which the checker has ruled out.
pub(super) fn compiled(text: &str) -> Option<Regex> {
    KEPT.with_borrow_mut(|kept| {
        if let Some(pattern) = kept.get(text) {
            return Some(pattern.clone());
        }
        let pattern = ops::pattern(text).ok()?;
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(text.to_string(), pattern.clone());
        Some(pattern)
    })
}

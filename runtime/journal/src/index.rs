//! Where each line is: by chain, in memory, made again at every opening.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

/// Where a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// Number of the segment.
    pub segment: u32,
    /// Size in bytes, newline included.
    pub len: u32,
    /// In bytes from the start of the segment.
    pub offset: u64,
}

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// `seq` of the next line, which is the number of lines.
    pub next_seq: u64,
    /// Hash of the last line.
    pub prev: [u8; 32],
}

impl Head {
    /// Of a chain without lines.
    pub const EMPTY: Head = Head { next_seq: 0, prev: [0; 32] };
}

/// The ends of chains.
pub type Heads = HashMap<Arc<str>, Head, RandomState>;

struct Entry {
    positions: Vec<Position>,
    prev: [u8; 32],
}

/// All chains, by their first lines.
#[derive(Default)]
pub(crate) struct Index(IndexMap<Box<str>, Entry, RandomState>);

impl Index {
    /// Adds the next line of a chain.
    pub(crate) fn push(&mut self, run: &str, position: Position, hash: [u8; 32]) {
        if let Some(entry) = self.0.get_mut(run) {
            entry.positions.push(position);
            entry.prev = hash;
        } else {
            self.0.insert(run.into(), Entry { positions: vec![position], prev: hash });
        }
    }

    pub(crate) fn head(&self, run: &str) -> Option<Head> {
        self.0.get(run).map(head)
    }

    pub(crate) fn heads(&self) -> BTreeMap<String, Head> {
        self.0.iter().map(|(name, entry)| (name.to_string(), head(entry))).collect()
    }

    /// Chains by their first lines.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(AsRef::as_ref)
    }

    pub(crate) fn positions(&self, run: &str) -> &[Position] {
        self.0.get(run).map_or(&[], |entry| &entry.positions)
    }
}

fn head(entry: &Entry) -> Head {
    Head { next_seq: entry.positions.len() as u64, prev: entry.prev }
}

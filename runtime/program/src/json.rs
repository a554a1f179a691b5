//! Documents from outside, read by place.
//!
//! A program never holds a document: it holds places in it ([`JsonAt`]), and reads leaves when it converts a place to a
//! type. Each leaf that was looked at is noted in a [`ReadLog`], so that the evidence keeps what the program read and no
//! more, and a replay can stand on those leaves alone ([`Doc::Sparse`]).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// A document: whole as it came, or only the leaves that a recorded run looked at.
#[derive(Clone, Debug)]
pub enum Doc {
    /// As it came.
    Whole(serde_json::Value),
    /// By JSON pointer (RFC 6901).
    Sparse(BTreeMap<String, Found>),
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Nothing: some part of the path is not there.
    Absent,
    /// `null`
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// Any other number, as written by the shortest form.
    Number(String),
    /// Text.
    Str(String),
    /// A list of so many.
    List(usize),
    /// An object.
    Object,
    /// A replay looked at a leaf that was not recorded.
    NotRecorded,
}

impl Found {
    /// What it is, in a word, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::Null => "null",
            Self::Bool(_) => "a truth value",
            Self::Int(_) | Self::Number(_) => "a number",
            Self::Str(_) => "text",
            Self::List(_) => "a list",
            Self::Object => "an object",
            Self::NotRecorded => "a field that was not recorded",
        }
    }
}

/// A place in a document.
#[derive(Clone, Debug)]
pub struct JsonAt {
    /// The document.
    pub doc: Arc<Doc>,
    /// JSON pointer to the place; empty for the whole.
    pub pointer: Arc<str>,
}

impl JsonAt {
    /// The whole document.
    #[must_use]
    pub fn root(doc: Arc<Doc>) -> Self {
        Self { doc, pointer: Arc::from("") }
    }

    /// The place of a field of this place.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let mut pointer = self.pointer.to_string();
        pointer.push('/');
        for c in key.chars() {
            match c {
                '~' => pointer.push_str("~0"),
                '/' => pointer.push_str("~1"),
                c => pointer.push(c),
            }
        }
        Self { doc: Arc::clone(&self.doc), pointer: pointer.into() }
    }

    /// The place of an element of this place.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut pointer = self.pointer.to_string();
        let _ = write!(pointer, "/{index}");
        Self { doc: Arc::clone(&self.doc), pointer: pointer.into() }
    }

    /// The names of its members, when it is an object: in their order by bytes. Notes nothing: who reads a member by its
    /// name looks at it.
    #[must_use]
    pub fn members(&self) -> Vec<String> {
        let mut names: Vec<String> = match &*self.doc {
            Doc::Whole(value) => match value.pointer(&self.pointer) {
                Some(serde_json::Value::Object(members)) => members.keys().cloned().collect(),
                _ => Vec::new(),
            },
            Doc::Sparse(leaves) => {
                let below = format!("{}/", self.pointer);
                let leaves = leaves
                    .range(below.clone()..)
                    .map_while(|(at, found)| Some((at.strip_prefix(&below)?, found)));
                let there = leaves.filter(|(name, found)| !name.contains('/') && **found != Found::Absent);
                there.map(|(name, _)| name.replace("~1", "/").replace("~0", "~")).collect()
            }
        };
        names.sort_unstable();
        names
    }

    /// Looks at the place, and notes it.
    pub fn look(&self, log: &mut ReadLog) -> Found {
        let found = match &*self.doc {
            Doc::Whole(value) => value.pointer(&self.pointer).map_or(Found::Absent, Found::of),
            Doc::Sparse(leaves) => leaves.get(&*self.pointer).cloned().unwrap_or(Found::NotRecorded),
        };
        log.note(&self.pointer, &found);
        found
    }
}

impl Found {
    fn of(value: &serde_json::Value) -> Self {
        use serde_json::Value as V;
        match value {
            V::Null => Self::Null,
            V::Bool(b) => Self::Bool(*b),
            V::Number(n) => n.as_i64().map_or_else(|| Self::Number(n.to_string()), Self::Int),
            V::String(s) => Self::Str(s.clone()),
            V::Array(a) => Self::List(a.len()),
            V::Object(_) => Self::Object,
        }
    }
}

/// The leaves that were looked at, by pointer, and the order of first looks since the last [`ReadLog::take_recent`].
#[derive(Clone, Debug, Default)]
pub struct ReadLog {
    leaves: BTreeMap<String, Found>,
    recent: Vec<String>,
    recently: BTreeSet<String>,
}

impl ReadLog {
    fn note(&mut self, pointer: &str, found: &Found) {
        self.leaves.entry(pointer.to_string()).or_insert_with(|| found.clone());
        if self.recently.insert(pointer.to_string()) {
            self.recent.push(pointer.to_string());
        }
    }

    /// All leaves that were looked at.
    #[must_use]
    pub fn leaves(&self) -> &BTreeMap<String, Found> {
        &self.leaves
    }

    /// The pointers looked at since the last call, in order: where the field just mapped came from.
    pub fn take_recent(&mut self) -> Vec<String> {
        self.recently.clear();
        std::mem::take(&mut self.recent)
    }
}

//! What is known of a value: its labels with the way by which each came, field by field.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_diagnostics::Place;

/// A label that follows the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// Personal data.
    Pii,
    /// Text from outside.
    Untrusted,
}

/// Where a label comes from: the place that gave it, and what it went through since.
#[derive(Debug)]
pub(crate) struct Way {
    pub(super) at: Place,
    pub(super) text: String,
    pub(super) before: Option<Arc<Way>>,
}

/// A part of an argument of a function: which, and by which fields.
pub(super) type Part = (usize, Vec<usize>);

/// The labels of a value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flow {
    /// Of the whole value and all in it.
    pub(super) here: BTreeMap<Label, Arc<Way>>,
    /// In a function: the arguments whose labels it has as well, all of them or only `pii`.
    pub(super) args: BTreeMap<Part, bool>,
    /// Of single fields of a record, over those of the whole.
    pub(super) fields: BTreeMap<usize, Flow>,
}

/// Fields in fields that are kept apart; deeper ones count for all.
const DEEPEST: usize = 4;

impl Flow {
    /// With one label, from this place on.
    pub(super) fn from(label: Label, at: Place, text: impl Into<String>) -> Self {
        let way = Arc::new(Way { at, text: text.into(), before: None });
        Self { here: BTreeMap::from([(label, way)]), ..Self::default() }
    }

    /// Both.
    pub(super) fn join(mut self, other: &Flow) -> Self {
        for (label, way) in &other.here {
            self.here.entry(*label).or_insert_with(|| Arc::clone(way));
        }
        for (part, all) in &other.args {
            *self.args.entry(part.clone()).or_default() |= *all;
        }
        for (slot, flow) in &other.fields {
            let mine = self.fields.remove(slot).unwrap_or_default();
            self.fields.insert(*slot, mine.join(flow));
        }
        self
    }

    /// Of a field.
    pub(super) fn field(&self, slot: usize) -> Self {
        let mut flow = Flow { here: self.here.clone(), ..Flow::default() };
        for ((arg, path), all) in &self.args {
            let mut path = path.clone();
            if path.len() < DEEPEST {
                path.push(slot);
            }
            flow.args.insert((*arg, path), *all);
        }
        match self.fields.get(&slot) {
            Some(own) => flow.join(own),
            None => flow,
        }
    }

    /// Of a record with these fields.
    pub(super) fn record(fields: Vec<Flow>) -> Self {
        let kept = fields.into_iter().enumerate().filter(|(_, f)| !f.is_empty());
        let flow = Self { fields: kept.collect(), ..Self::default() };
        if flow.depth() > DEEPEST { flow.flat() } else { flow }
    }

    fn depth(&self) -> usize {
        self.fields.values().map(Flow::depth).max().map_or(0, |d| d.saturating_add(1))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.here.is_empty() && self.args.is_empty() && self.fields.is_empty()
    }

    /// Whether a label has come by a way: one that begins where a field is declared, so that it moves with that.
    pub(super) fn has_come(&self) -> bool {
        !self.here.is_empty() || self.fields.values().any(Flow::has_come)
    }

    /// Whether the labels are the same, by whatever way.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.here.keys().eq(other.here.keys())
            && self.args == other.args
            && self.fields.len() == other.fields.len()
            && self.fields.iter().zip(&other.fields).all(|(a, b)| a.0 == b.0 && a.1.is_like(b.1))
    }

    /// The labels of all that is in it, as one.
    pub(super) fn flat(&self) -> Self {
        let mut flow = Flow { here: self.here.clone(), args: self.args.clone(), fields: BTreeMap::new() };
        for field in self.fields.values() {
            flow = flow.join(&field.flat());
        }
        flow
    }

    /// Without the label of text from outside: of a value that cannot hold any text.
    pub(super) fn parsed(mut self) -> Self {
        self.here.remove(&Label::Untrusted);
        self.args.values_mut().for_each(|all| *all = false);
        self.fields = std::mem::take(&mut self.fields).into_iter().map(|(s, f)| (s, f.parsed())).collect();
        self
    }

    /// Without `pii`.
    pub(super) fn revealed(mut self) -> Self {
        self.here.remove(&Label::Pii);
        self.fields = std::mem::take(&mut self.fields).into_iter().map(|(s, f)| (s, f.revealed())).collect();
        self
    }

    /// With one more step on the way of each label.
    pub(super) fn through(mut self, at: Place, text: &str) -> Self {
        for way in self.here.values_mut() {
            *way = Arc::new(Way { at, text: text.to_string(), before: Some(Arc::clone(way)) });
        }
        for field in self.fields.values_mut() {
            *field = std::mem::take(field).through(at, text);
        }
        self
    }
}

//! What is known of a value: its labels with the way by which each came, field by field.

use std::sync::Arc;

use litemap::LiteMap;
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

/// The labels of a value. Most have none, and what is not there costs nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flow(Option<Box<Known>>);

/// Labels that a value has. There are few of each, so that each of these is a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Of the whole value and all in it.
    pub(super) here: LiteMap<Label, Arc<Way>>,
    /// In a function: the arguments whose labels it has as well, all of them or only `pii`.
    pub(super) args: LiteMap<Part, bool>,
    /// Of single fields of a record, over those of the whole.
    pub(super) fields: LiteMap<usize, Flow>,
}

/// Fields in fields that are kept apart; deeper ones count for all.
const DEEPEST: usize = 4;

impl Known {
    /// As what a value has; where it is nothing, nothing is kept.
    fn flow(self) -> Flow {
        let none = self.here.is_empty() && self.args.is_empty() && self.fields.is_empty();
        Flow((!none).then(|| Box::new(self)))
    }
}

impl Flow {
    /// With one label, from this place on.
    pub(super) fn from(label: Label, at: Place, text: impl Into<String>) -> Self {
        let way = Arc::new(Way { at, text: text.into(), before: None });
        Known { here: LiteMap::from_iter([(label, way)]), ..Known::default() }.flow()
    }

    /// That of a whole argument of a function.
    pub(super) fn argument(param: usize) -> Self {
        Known { args: LiteMap::from_iter([((param, Vec::new()), true)]), ..Known::default() }.flow()
    }

    /// What the whole has, and nothing of what it has in its fields or from arguments.
    pub(super) fn whole(&self) -> Self {
        let here = self.known().map(|known| known.here.clone()).unwrap_or_default();
        Known { here, ..Known::default() }.flow()
    }

    /// That of one field.
    pub(super) fn in_field(self, slot: usize) -> Self {
        if self.is_empty() {
            return self;
        }
        Known { fields: LiteMap::from_iter([(slot, self)]), ..Known::default() }.flow()
    }

    /// What it has, if anything.
    pub(super) fn known(&self) -> Option<&Known> {
        self.0.as_deref()
    }

    /// By which way the whole has a label.
    pub(super) fn here(&self, label: Label) -> Option<&Arc<Way>> {
        self.known()?.here.get(&label)
    }

    /// What single fields have, over what the whole has.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&usize, &Flow)> {
        self.known().into_iter().flat_map(|known| known.fields.iter())
    }

    /// Both.
    pub(super) fn join(mut self, other: &Flow) -> Self {
        let Some(other) = other.known() else { return self };
        let Some(mine) = self.0.as_deref_mut() else { return Self(Some(Box::new(other.clone()))) };
        for (label, way) in other.here.iter() {
            mine.here.entry(*label).or_insert_with(|| Arc::clone(way));
        }
        for (part, all) in other.args.iter() {
            *mine.args.entry(part.clone()).or_default() |= *all;
        }
        for (slot, flow) in other.fields.iter() {
            let own = mine.fields.remove(slot).unwrap_or_default();
            mine.fields.insert(*slot, own.join(flow));
        }
        self
    }

    /// Of a field.
    pub(super) fn field(&self, slot: usize) -> Self {
        let Some(known) = self.known() else { return Self::default() };
        let mut flow = Known { here: known.here.clone(), ..Known::default() };
        for ((arg, path), all) in known.args.iter() {
            let mut path = path.clone();
            if path.len() < DEEPEST {
                path.push(slot);
            }
            flow.args.insert((*arg, path), *all);
        }
        let flow = flow.flow();
        match known.fields.get(&slot) {
            Some(own) => flow.join(own),
            None => flow,
        }
    }

    /// Of a record with these fields.
    pub(super) fn record(fields: Vec<Flow>) -> Self {
        let kept = fields.into_iter().enumerate().filter(|(_, f)| !f.is_empty());
        let flow = Known { fields: kept.collect(), ..Known::default() }.flow();
        if flow.depth() > DEEPEST { flow.flat() } else { flow }
    }

    fn depth(&self) -> usize {
        self.fields().map(|(_, field)| field.depth()).max().map_or(0, |d| d.saturating_add(1))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known().is_none_or(|k| k.here.is_empty() && k.args.is_empty() && k.fields.is_empty())
    }

    /// Whether a label has come by a way: one that begins where a field is declared, so that it moves with that.
    pub(super) fn has_come(&self) -> bool {
        self.known().is_some_and(|k| !k.here.is_empty() || k.fields.values().any(Flow::has_come))
    }

    /// Whether the labels are the same, by whatever way.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self.known(), other.known()) {
            (Some(a), Some(b)) => {
                a.here.keys().eq(b.here.keys())
                    && a.args == b.args
                    && a.fields.len() == b.fields.len()
                    && a.fields.iter().zip(b.fields.iter()).all(|(a, b)| a.0 == b.0 && a.1.is_like(b.1))
            }
            _ => self.is_empty() && other.is_empty(),
        }
    }

    /// The labels of all that is in it, as one.
    pub(super) fn flat(&self) -> Self {
        let Some(known) = self.known() else { return Self::default() };
        let flow = Known { here: known.here.clone(), args: known.args.clone(), fields: LiteMap::new() };
        known.fields.values().fold(flow.flow(), |flow, field| flow.join(&field.flat()))
    }

    /// Without the label of text from outside: of a value that cannot hold any text.
    pub(super) fn parsed(mut self) -> Self {
        if let Some(known) = self.0.as_deref_mut() {
            known.here.remove(&Label::Untrusted);
            known.args.iter_mut().for_each(|(_, all)| *all = false);
            known.fields.iter_mut().for_each(|(_, field)| *field = std::mem::take(field).parsed());
        }
        self
    }

    /// Without `pii`.
    pub(super) fn revealed(mut self) -> Self {
        if let Some(known) = self.0.as_deref_mut() {
            known.here.remove(&Label::Pii);
            known.fields.iter_mut().for_each(|(_, field)| *field = std::mem::take(field).revealed());
        }
        self
    }

    /// With one more step on the way of each label.
    pub(super) fn through(mut self, at: Place, text: &str) -> Self {
        if let Some(known) = self.0.as_deref_mut() {
            for (_, way) in known.here.iter_mut() {
                *way = Arc::new(Way { at, text: text.to_string(), before: Some(Arc::clone(way)) });
            }
            known.fields.iter_mut().for_each(|(_, field)| *field = std::mem::take(field).through(at, text));
        }
        self
    }
}

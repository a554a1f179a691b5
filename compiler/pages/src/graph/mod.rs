//! The picture of a playbook as data: what it does, in which order, and on what each part rests.
//!
//! A playbook is structured: each part is entered at one place and left at one place. So its graph is a tree of [`Region`]s, which is
//! laid out by walking it ([`layout`]); no two of its lines ever cross. [`edges`](Graph::edges) are read off the same tree.

mod boxes;
mod build;
mod dot;
mod ends;
mod facts;
pub mod layout;
mod locals;
mod mermaid;
mod names;
mod outline;
mod parts;
mod svg;
mod wire;
mod words;

pub use build::playbook;
pub use dot::dot;
pub use facts::Facts;
pub use mermaid::mermaid;
pub use svg::svg;
pub(crate) use words::{said, source};

use crate::page::{Inline, Inlines};

/// Index into [`Graph::nodes`].
pub type NodeId = usize;

/// The picture of a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// Its name.
    pub name: String,
    /// In source order.
    pub nodes: Vec<Node>,
    /// How they stand to each other.
    pub root: Region,
    /// Who goes on to whom, in source order.
    pub edges: Vec<Edge>,
    /// Who needs what of whom, in source order.
    pub data: Vec<Data>,
}

/// A box of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// What is done, as it is written, in one line.
    pub title: String,
    /// What else is to be known of it, a line each: why, until when, what takes it back.
    pub notes: Vec<String>,
    /// The names that stand for its results from here on.
    pub gives: Vec<String>,
    /// Path and line of where it is written.
    pub place: (String, usize),
    /// The action or the event that it is about, by its whole name: `okta.suspend`.
    pub(crate) calls: Option<String>,
    /// Title and notes once more, with what is computed apart from what is said.
    pub(crate) said: Said,
}

/// What a box says, part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// What [`Node::title`] says.
    pub(crate) title: Inlines,
    /// What [`Node::notes`] say.
    pub(crate) notes: Vec<Inlines>,
}

/// What a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Where a case comes in.
    Start,
    /// Asks a system.
    Read,
    /// Changes the world.
    Act,
    /// Asks a person.
    Ask,
    /// Asks a person for an approval.
    Approve,
    /// Waits for time, an answer or an event.
    Wait,
    /// Decides.
    Decide,
    /// Computes.
    Compute,
    /// Changes the case: severity, queue, notes.
    Change,
    /// Takes back what was done.
    Rollback,
    /// What is in its frame is done for each of a list.
    Each,
    /// The end of such a frame.
    Next,
    /// What is in its frame is done as a whole, or taken back.
    Step,
    /// What is in its frame stands in a procedure.
    Procedure,
    /// What is in its frame is asked at once.
    AtOnce,
    /// The end of such a frame.
    Answered,
    /// Closes the case.
    Close,
    /// Hands the case over to people.
    HandOver,
}

impl Graph {
    /// Something more is to be known of all that follows.
    pub(crate) fn says_first(&mut self, note: String) {
        if let Some(first) = self.nodes.first_mut() {
            first.said.notes.push(vec![Inline::Text(note.clone())]);
            first.notes.push(note);
        }
    }
}

impl Kind {
    /// In a word, as boxes are headed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "case",
            Self::Read => "read",
            Self::Act => "do",
            Self::Ask => "ask",
            Self::Approve => "approve",
            Self::Wait => "wait",
            Self::Decide => "decide",
            Self::Compute => "let",
            Self::Change => "record",
            Self::Rollback => "rollback",
            Self::Each => "for each",
            Self::Next => "next",
            Self::Step => "step",
            Self::Procedure => "procedure",
            Self::AtOnce => "at once",
            Self::Answered => "all answered",
            Self::Close => "close",
            Self::HandOver => "hand over",
        }
    }

    /// Whether nothing comes after it.
    #[must_use]
    pub fn ends(self) -> bool {
        matches!(self, Self::Close | Self::HandOver)
    }
}

/// A part of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Region {
    /// One box.
    Node(NodeId),
    /// One after the other.
    Seq(Vec<Region>),
    /// A decision, or a call that can fail.
    Branch {
        /// Who decides.
        head: NodeId,
        /// What is beside the way. All but the last of these end the run.
        aside: Vec<Arm>,
        /// How the way goes on; never empty. Of several, each is a column.
        down: Vec<Arm>,
    },
    /// What stands in a frame.
    Frame {
        /// Its first box, that says what the frame is.
        head: NodeId,
        /// What is in it.
        body: Box<Region>,
        /// Its last box, of a frame that is gone through again and again.
        tail: Option<NodeId>,
        /// What is done when it fails, of a step.
        fails: Option<Box<Arm>>,
    },
    /// Reads that do not need each other.
    AtOnce {
        /// The first box of the frame.
        head: NodeId,
        /// Each begins by itself.
        members: Vec<Region>,
        /// The last box of the frame.
        tail: NodeId,
    },
}

/// What happens in one case of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// In which case.
    pub label: String,
    /// What then; an empty [`Region::Seq`] goes on.
    pub region: Region,
}

/// From one box to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// From where.
    pub from: NodeId,
    /// To where.
    pub to: NodeId,
    /// In which case.
    pub label: Option<String>,
    /// Back to the beginning of a frame.
    pub again: bool,
}

/// A result that is needed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Data {
    /// Who has it.
    pub from: NodeId,
    /// Who needs it.
    pub to: NodeId,
    /// Its name.
    pub name: String,
}

impl Region {
    /// What goes on without a box.
    #[must_use]
    pub fn empty() -> Self {
        Self::Seq(Vec::new())
    }

    /// Whether there is no box in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Seq(all) if all.iter().all(Self::is_empty))
    }

    /// Whether the run can go on behind it.
    #[must_use]
    pub fn flows(&self, nodes: &[Node]) -> bool {
        match self {
            Self::Node(id) => nodes.get(*id).is_none_or(|n| !n.kind.ends()),
            Self::Seq(all) => all.iter().all(|r| r.flows(nodes)),
            Self::Branch { aside, down, .. } => aside.iter().chain(down).any(|arm| arm.region.flows(nodes)),
            Self::Frame { body, tail, fails, .. } => {
                tail.is_some()
                    || body.flows(nodes)
                    || fails.as_ref().is_some_and(|arm| arm.region.flows(nodes))
            }
            Self::AtOnce { .. } => true,
        }
    }
}

//! One content-addressed program: everything that a run needs, and everything that explains it later.

pub use crate::container::{Artifact, ArtifactError};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::action::{Action, ActionId, Connector};
use crate::autonomy::Autonomy;
use crate::guard::Guard;
use crate::types::{RecordId, Type, TypeTable};
use crate::value::{FailureKind, Value};

/// A compiled program without its code; see [`crate::artifact::Artifact`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the project.
    pub project: String,
    /// `playc` and its version.
    pub compiler: String,
    /// All sources, those of the standard library that are used too.
    pub files: Vec<SourceFile>,
    /// Places of the nodes: `at` of a line is an index here. In evaluation order.
    pub nodes: Vec<Node>,
    /// All types.
    pub types: TypeTable,
    /// Connectors.
    pub connectors: Vec<Connector>,
    /// Actions of all connectors.
    pub actions: Vec<Action>,
    /// Sources.
    pub sources: Vec<Source>,
    /// Playbooks.
    pub playbooks: Vec<Playbook>,
    /// Guards.
    pub guards: Vec<Guard>,
    /// Events of all connectors.
    pub events: Vec<Event>,
    /// The layout of the project's configuration, when it has one.
    pub config: Option<RecordId>,
}

/// A source file as it was compiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Relative path; `std/…` for the standard library.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// The place of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Index in `files`.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A source of cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// `guardduty`
    pub name: String,
    /// `aws.guardduty` of `feed("aws.guardduty")`.
    pub feed: String,
    /// The case type that it makes.
    pub case: RecordId,
    /// Its node.
    pub at: u32,
    /// The window of `dedup`, when it has one.
    pub dedup: Option<SignedDuration>,
}

/// Something that happens elsewhere, and that a run may wait for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// `tickets`
    pub connector: String,
    /// `closed`
    pub name: String,
    /// Names and types of what it happens to.
    pub params: Vec<(String, Type)>,
    /// What it gives.
    pub result: Type,
    /// Its node.
    pub at: u32,
}

impl Event {
    /// `tickets.closed`
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.connector, self.name)
    }
}

/// A playbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Playbook {
    /// `travel`
    pub name: String,
    /// The case type that it takes.
    pub case: RecordId,
    /// Its node.
    pub at: u32,
    /// Whether it has a condition.
    pub has_when: bool,
    /// The values of the configuration that a run of it rests on, ascending: those that it, the sources of its case, the
    /// conditions by which a playbook is chosen, and its guards read.
    pub config: Vec<u16>,
    /// The controls that it carries out: `iso27001.A_5_26`.
    pub controls: Vec<String>,
    /// Of the playbooks that would take a case, the one with the smallest rank does; of several with one rank, the first.
    pub rank: u32,
}

impl Manifest {
    /// How many values the configuration has.
    #[must_use]
    pub fn config_len(&self) -> usize {
        self.config.and_then(|id| self.types.record(id)).map_or(0, |r| r.fields.len())
    }

    /// An action by id.
    #[must_use]
    pub fn action(&self, id: ActionId) -> Option<&Action> {
        self.actions.get(id.0 as usize)
    }

    /// An action by connector and name.
    #[must_use]
    pub fn find_action(&self, connector: &str, name: &str) -> Option<ActionId> {
        let index = self.actions.iter().position(|a| a.connector == connector && a.name == name)?;
        u32::try_from(index).ok().map(ActionId)
    }

    /// Path, line and column (1-based, column in characters) of a node.
    #[must_use]
    pub fn place(&self, node: u32) -> Option<(&str, usize, usize)> {
        let node = self.nodes.get(node as usize)?;
        let file = self.files.get(node.file as usize)?;
        let before = file.text.get(..node.start as usize)?;
        let line_start = before.rfind('\n').map_or(0, |i| i.saturating_add(1));
        let line = before.bytes().filter(|b| *b == b'\n').count().saturating_add(1);
        let column = before.get(line_start..)?.chars().count().saturating_add(1);
        Some((&file.path, line, column))
    }

    /// The text of a node.
    #[must_use]
    pub fn text(&self, node: u32) -> Option<&str> {
        let node = self.nodes.get(node as usize)?;
        self.files.get(node.file as usize)?.text.get(node.start as usize..node.end as usize)
    }
}

/// A `test` block, with its constants computed. Not part of an artifact.
#[derive(Clone, Debug)]
pub struct TestSpec {
    /// Its title.
    pub title: String,
    /// Its node.
    pub at: u32,
    /// All slots of the given case; those of id, source and opened are `None` unless given.
    pub case: Vec<Value>,
    /// All values of the configuration, by index.
    pub config: Vec<Value>,
    /// Stubs in source order; the first that fits answers.
    pub stubs: Vec<Stub>,
    /// What persons say, in source order; the first that fits is said.
    pub persons: Vec<PersonStub>,
    /// What arrives, and how long after the run was opened.
    pub arrivals: Vec<ArrivalStub>,
    /// What the limits of a guard (by index) have counted before the run.
    pub counted: Vec<(usize, u32)>,
    /// What other runs hold, in source order.
    pub others: Vec<OtherHold>,
    /// Index of the playbook.
    pub playbook: usize,
    /// How it is driven.
    pub autonomy: Autonomy,
    /// What is expected, in source order.
    pub expect: Vec<(u32, Expect)>,
}

/// An answer given in place of a connector.
#[derive(Clone, Debug)]
pub struct Stub {
    /// Which action.
    pub action: ActionId,
    /// One an argument; `None` fits any. `None` as a whole fits all.
    pub args: Option<Vec<Option<Value>>>,
    /// The answer of the first call.
    pub answer: StubAnswer,
    /// How long it takes.
    pub after: SignedDuration,
    /// The answers of the calls after it, each with how long it takes; the last one stays.
    pub then: Vec<(StubAnswer, SignedDuration)>,
}

/// What another run holds in a test.
#[derive(Clone, Debug)]
pub struct OtherHold {
    /// What it did.
    pub action: ActionId,
    /// As in [`Stub`].
    pub args: Option<Vec<Option<Value>>>,
    /// Until when, from the opening of the run; for good without it.
    pub until: Option<SignedDuration>,
}

/// An event that arrives in a test.
#[derive(Clone, Debug)]
pub struct ArrivalStub {
    /// Which event, by index.
    pub event: u32,
    /// To what it happens; as in [`Stub`].
    pub args: Option<Vec<Option<Value>>>,
    /// What it gives.
    pub value: Value,
    /// How long after the run was opened.
    pub after: SignedDuration,
}

/// What somebody says in a test.
#[derive(Clone, Debug)]
pub struct PersonStub {
    /// `role.analyst`
    pub role: String,
    /// Who of them, by name, where that is said.
    pub person: Option<String>,
    /// The choice, by its name; `approve` or `deny` where it is an approval.
    pub choice: String,
    /// It is an approval, or its refusal.
    pub approval: bool,
    /// Of this act only, with these arguments if given.
    pub act: Option<(ActionId, Option<Vec<Option<Value>>>)>,
    /// What the question has to contain.
    pub question: Option<String>,
    /// Why.
    pub because: String,
    /// How long it takes.
    pub after: SignedDuration,
}

/// What a stub gives.
#[derive(Clone, Debug)]
pub enum StubAnswer {
    /// A result.
    Returns(Value),
    /// A failure.
    Fails(FailureKind),
    /// A failure, with what the other side says.
    FailsSaying(FailureKind, String),
    /// No answer after the request went out.
    Lost,
}

/// What a test expects.
#[derive(Clone, Debug)]
pub enum Expect {
    /// The case was closed so (tag of the closure class).
    Closed(u32),
    /// The run ended in a hand-over, to this target if given (`queue.tier2`).
    HandedOver(Option<String>),
    /// The write was intended at least once (`did`) or never, with these arguments if given.
    Act {
        /// `did` or `never`.
        did: bool,
        /// Which action.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Value>>>,
    },
    /// The write was taken back at least once, with these arguments and so long after it was done, if given.
    Undone {
        /// Which action.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Value>>>,
        /// How long after.
        after: Option<SignedDuration>,
    },
    /// The write was done for a time at least once, with these arguments and for this long if given.
    Held {
        /// Which action.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Value>>>,
        /// How long.
        length: Option<SignedDuration>,
    },
    /// The write was kept at least once when its time was over, with these arguments if given: another run held the same.
    Kept {
        /// Which action.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Value>>>,
    },
    /// A shadow run would have done the write at least once, with these arguments if given.
    Would {
        /// It never would.
        never: bool,
        /// Which action.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Value>>>,
    },
    /// The write was intended, or the read asked, exactly so often.
    Times {
        /// Which action.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Value>>>,
        /// How often.
        times: u64,
    },
    /// The read was asked at least once.
    Read {
        /// Which action.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Value>>>,
    },
    /// Somebody approved the write, with these arguments if given.
    Approved {
        /// Nobody did.
        never: bool,
        /// Which action.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Value>>>,
        /// `role.soc_lead`
        by: Option<String>,
    },
    /// Somebody was asked: something that contains this, if given; so often, if given.
    Asked {
        /// Nobody was asked that.
        never: bool,
        /// `role.analyst`
        to: String,
        /// What the question contains.
        question: Option<String>,
        /// How often.
        times: Option<u64>,
    },
    /// The first of these acts was intended before the first of those; both were.
    Before {
        /// Which action, and its arguments as in [`Stub`].
        first: (ActionId, Option<Vec<Option<Value>>>),
        /// The other.
        second: (ActionId, Option<Vec<Option<Value>>>),
    },
    /// The field of the case in this slot was set to the value at some time.
    Set(usize, Value),
    /// The case was routed, to this target if given.
    Routed(Option<String>),
    /// The write is in doubt at the end.
    InDoubt(ActionId),
    /// A guard refused the write at least once: this one (by index), if given.
    Refused {
        /// No guard did.
        never: bool,
        /// Which write.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Value>>>,
        /// Index of the guard.
        guard: Option<usize>,
    },
    /// The reason of the ending contains the text.
    Because(String),
    /// The reasons of changes, rollbacks and the ending, in order: as many, and each contains its text.
    Reasons(Vec<String>),
    /// What is expected, and a part of the reason for it.
    Reason(Box<Expect>, String),
    /// A note contains the text.
    Noted(String),
    /// Virtual time from opening to ending.
    Elapsed(SignedDuration),
    /// A condition over the case: index for [`crate::exec::Program::expectation`].
    That(usize),
}

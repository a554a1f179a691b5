//! The code of a program: register bytecode for what only computes, task trees for playbooks.
//!
//! A [`Block`] is pure: values in, a value (or a fault, or a misfit) out. A [`Playbook`] is a tree of [`Task`]s over numbered
//! slots; only its [`TaskKind::Effect`] asks or changes the world. `docs/bytecode.md` describes both.

mod block;
mod constant;
mod guard;
mod listing;
mod task;

pub use block::{Block, Instr, Reg, Target};
pub use constant::Constant;
pub use guard::{Condition, ConditionPart, GuardCode};
pub use task::{
    Arm, Change, ChangeKind, Entry, Fits, Guard, Input, On, Operand, Outs, PartSlots, Playbook, Region,
    Sides, Site, Slot, Task, TaskId, TaskKind,
};

use serde::{Deserialize, Serialize};

use crate::action::{ActionId, Relation};
use crate::types::Type;

/// All code of a program. Indices are those of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// Functions; each calls only functions with a smaller index.
    pub fns: Vec<Function>,
    /// Constants, evaluated once when a program is loaded; each uses only constants with a smaller index.
    pub globals: Vec<Global>,
    /// What actions send, and how answers are read.
    pub actions: Vec<ActionCode>,
    /// What sources compute.
    pub sources: Vec<SourceCode>,
    /// What playbooks do.
    pub playbooks: Vec<Playbook>,
    /// What guards ask.
    pub guards: Vec<GuardCode>,
    /// Which records are events.
    pub events: Vec<EventCode>,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Its name, for listings.
    pub name: String,
    /// What it computes. It never fails with a misfit.
    pub block: Block,
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Global {
    /// Its name, for listings.
    pub name: String,
    /// What it is; no parameters.
    pub block: Block,
}

/// A computed value with its type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Computed {
    /// What computes it.
    pub block: Block,
    /// Its type.
    pub ty: Type,
}

/// The expressions of an action; the parameters of each block are the action's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActionCode {
    /// Path.
    pub path: Vec<PathPart>,
    /// Query parameters; an absent option is left out.
    pub query: Vec<(String, Computed)>,
    /// Headers; an absent option is left out.
    pub headers: Vec<(String, Computed)>,
    /// The JSON body: the first node is the whole, children stand after their parents. Empty: no body.
    pub json: Vec<JsonNode>,
    /// For each status of the action how its answer is read: two more parameters, the body (`Json`) and the status (`Int`).
    /// `None`: the result is nothing.
    pub respond: Vec<Option<Block>>,
    /// What takes it back: two more parameters, its result and the snapshot.
    pub undo: Option<Related>,
    /// The read that is asked before it is done.
    pub snapshot: Option<Related>,
    /// The read that finds out whether it was done.
    pub verify: Option<Related>,
    /// What that answered, one more parameter: its condition says that the write was done; its only argument, if it has one,
    /// is the result then.
    pub verified: Option<Related>,
}

impl ActionCode {
    /// An action that belongs to it.
    #[must_use]
    pub fn related(&self, to: Relation) -> Option<&Related> {
        match to {
            Relation::Undo => self.undo.as_ref(),
            Relation::Snapshot => self.snapshot.as_ref(),
            Relation::Verify => self.verify.as_ref(),
            Relation::Verified => self.verified.as_ref(),
        }
    }
}

/// An action that belongs to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Related {
    /// Which.
    pub action: ActionId,
    /// Its arguments, as a list.
    pub args: Block,
    /// Whether it is needed at all; it is without this.
    pub when: Option<Block>,
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PathPart {
    /// As it stands.
    Text(String),
    /// One segment, percent-encoded.
    Value(Computed),
}

/// A node of a request's JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum JsonNode {
    /// `{ … }`: name and node of each member; a member whose value is an absent option is left out.
    Object(Vec<(String, u32)>),
    /// `[ … ]`
    List(Vec<u32>),
    /// A value.
    Value(Computed),
}

/// The expressions of a source; the parameters of each block are the record and all values of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceCode {
    /// All must hold.
    pub accept: Vec<Block>,
    /// The key of `dedup`.
    pub dedup: Option<Computed>,
    /// Slot and value of each field of the case, in source order.
    pub map: Vec<(u16, Block)>,
}

/// Which records are an event; the only parameter of each block is the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventCode {
    /// Whether it is one.
    pub accept: Block,
    /// To what it happens: one a parameter.
    pub keys: Vec<Block>,
    /// What it gives; without it, nothing.
    pub gives: Option<Block>,
}

/// The conditions of the tests of a program. Not part of an artifact: a test never runs in production.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestCode {
    /// By test, then by condition.
    pub conditions: Vec<Vec<Entry>>,
}

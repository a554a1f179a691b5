//! The one interface through which a program is run.
//!
//! The bytecode interpreter and the reference evaluator both implement [`Program`] and [`Machine`]; the scheduler knows no
//! other. Both are pure: no clock, no randomness, no I/O. What the world answers comes in through [`Machine::step`].
//!
//! ## How a playbook is walked
//!
//! A playbook's body is walked in source order; an expression is *ready* (it has a value), *pending* (it waits for an
//! answer) or it ended the run. The rules, which both engines follow to the letter:
//!
//! 1. An expression without effects is evaluated as a whole, once all the local names and case fields that it mentions are ready.
//!    An expression with effects evaluates its parts from left to right; a pending part does not keep a later part of the
//!    same call, operator (other than `and`, `or`, `else`), list or record from being walked. The right side of `and`,
//!    `or`, `else`, the arms of `if` and `match` and the body of `for` are walked only once what decides over them is ready.
//!    A block (an arm, the body of a pass too) is ready when all of its statements are, and its value: a name for it stays
//!    pending until then.
//! 2. A read is asked as soon as its arguments are ready. It needs nothing else.
//! 3. *Ordered* things are the `set`, `note`, `route` of a case, a `reveal`, a diverging `else` arm, a `do`, a `close`, a `hand over`, and a
//!    fault (overflow, division by zero). They happen in source order: each only when every ordered thing before it in source order is settled, that
//!    is, has happened or is known not to happen. So the walk carries a flag `blocked`, which becomes true when it leaves
//!    behind a pending expression that contains an ordered thing; while it is true, ordered things and acts stay pending.
//! 4. A *barrier* is a statement that contains a `do` or a wait, or a `close` or `hand over` outside of an `else` arm. When the walk
//!    leaves behind a pending barrier, it goes no further in this block (nor in the blocks around it, nor in later passes
//!    of a `for` around it): nothing after a barrier starts before the barrier is done. Other pending statements are
//!    passed by, and what does not depend on them goes on.
//! 5. A `do` is dispatched, and a wait begins, when its arguments are ready and the walk is not blocked. In all of these
//!    rules a wait is what a `do` is, and what is asked of a person is a wait. The guards of a `do` are asked by the
//!    scheduler; what they refuse is a failure of the call, and the walk sees no difference.
//! 6. The passes of a `for` are walked like statements that follow each other, under the same rules; so passes with reads
//!    only run side by side, passes with a `do` one after the other.
//! 7. While an expression is pending, each field of the case that is set anywhere inside of it is unsettled for all that
//!    follows it in source order: `case.f` is pending there, whether that `set` has happened already, may still happen, or
//!    stands in an arm, a pass or a right side of `and`, `or`, `else` that has not been reached. Inside of the expression,
//!    `case.f` after a `set f` that has happened is what it was set to.
//! 8. An `if`, `if let` or `match` with effects in an arm or in its condition is a *decision*: it is emitted when what it
//!    tests is ready. One without effects is part of a pure expression and emits nothing. An `else` emits no decision.
//! 9. What becomes due in one step is given by key, that is in source order; an ending (`close`, `hand over`, a fault) comes
//!    last, also where its key is a smaller one: a fault inside of a function has the node of the function.
//!
//! 10. In the body of a *step* a call that fails, and whose failure nothing in the body handles, fails the step; that is an
//!     ordered thing, like a diverging `else` arm. It ends the walk of the body for good: nothing in it is walked again, no
//!     answer to what is still out in it counts any more, and for what follows in source order the case is as it was when
//!     the step failed. `StepFailed` is emitted under the key of the step's `else`, which is walked from then on in place of
//!     the body, and in which `failure` is that of the call. A step is ready when its body is or, once it failed, its `else`.
//! 11. A `rollback` is given out like a `do`: when its reason is ready and the walk is not blocked. It names the step in whose
//!     body or `else` it stands; outside of steps it means the whole run.
//!
//! 12. A `for` with effects has no more than [`MOST_PASSES`] passes, where those of the `for`s round it count as well: its own,
//!     times theirs. One that has more is the fault `too much work`, before its first pass. So a `for` is an ordered thing until
//!     its list is ready, and what is reached only once something else is known (an arm, a right side, a pass) and has a `for`
//!     in it contains one.
//!
//! One thing only the interpreter does: it bounds what one evaluation may cost, and what goes beyond ends the run with the fault
//! `too much work`. The evidence of the run has that fault like any other.

use crate::action::{ActionId, Answer, Related, Relation, Request};
use crate::call::{Call, Suspend, Terms};
use crate::json::{Found, JsonAt, ReadLog};
use crate::types::Type;
use crate::value::{Failure, Value};
use jiff::SignedDuration;

/// Where in the run something stands: the node ids of the enclosing `for`s, each followed by the pass, then the node's own.
/// Keys compare in source order.
pub type Key = Vec<u32>;

/// How many passes a `for` with effects may have, times those of the `for`s round it. Lists come from alerts; loops in loops
/// over long ones would never end, and take all memory.
pub const MOST_PASSES: usize = 20_000;

/// The fault of what costs too much.
pub const TOO_MUCH_WORK: &str = "too much work";

/// A program that can be run.
pub trait Program: Send + Sync {
    /// Accepts, maps and keys one record of a source (index in [`crate::artifact::Artifact::sources`]), under a configuration.
    fn map(&self, source: usize, record: &JsonAt, config: &[Value]) -> Mapping;

    /// Whether a playbook takes the case (its `when`; true without one). Here, in [`Program::start`] and in
    /// [`Program::expectation`] the values of the configuration stand behind those of the case ([`crate::config`]).
    ///
    /// # Errors
    /// A fault in the condition.
    fn applies(&self, playbook: usize, case: &[Value]) -> Result<bool, Fault>;

    /// A run of a playbook over a case, not started yet.
    fn start(&self, playbook: usize, case: Vec<Value>) -> Box<dyn Machine>;

    /// What a record is for an event (index in [`crate::artifact::Manifest::events`]).
    fn event(&self, event: u32, record: &JsonAt) -> Arrival;

    /// What an action sends for these arguments.
    ///
    /// # Errors
    /// A fault in one of its expressions.
    fn request(&self, action: ActionId, args: &[Value]) -> Result<Request, Fault>;

    /// The result of an action out of an answer. `status` is one of the action's `statuses`.
    ///
    /// # Errors
    /// `BadResponse` with path, expected and found.
    fn respond(
        &self,
        action: ActionId,
        args: &[Value],
        status: u16,
        body: &JsonAt,
        log: &mut ReadLog,
    ) -> Result<Value, Failure>;

    /// A condition of a test (index in its `conditions`) over the case at its end.
    ///
    /// # Errors
    /// A fault in the condition.
    fn expectation(&self, test: usize, condition: usize, case: &[Value]) -> Result<bool, Fault>;
}

/// One run.
pub trait Machine: Send {
    /// Starts (first call, `None`) or goes on with an answer to what was emitted under a key, until nothing more can
    /// be done without another. Gives what became due, sorted by key, an ending last (rule 9); nothing after an ending.
    fn step(&mut self, answer: Option<(&Key, Answer)>) -> Vec<Emission>;

    /// An action that belongs to another, for what that was done with: its arguments, and for its undo its result and the
    /// snapshot (`none` where there is none). `None` when it has none, or its condition does not hold.
    ///
    /// # Errors
    /// A fault in one of its expressions.
    fn related(&self, action: ActionId, to: Relation, given: &[Value]) -> Result<Option<Related>, Fault>;

    /// Whether the playbook looks at what the call at this node is answered with, other than that it failed: so in an `if let`, in
    /// all that gives its value on, and where there is no such call. Not where it is a statement, with or without an `else`.
    fn wants(&self, at: u32) -> bool;

    /// The case as it is now, by slot.
    fn case(&self) -> &[Value];

    /// A clause of a guard (indices in [`crate::artifact::Manifest::guards`] and in its clauses) over the case as it is now and
    /// what the guard knows of the act ([`crate::guard::Guard::shared`]): whether its condition holds, true without one, and
    /// what that rested on.
    ///
    /// # Errors
    /// A fault in the condition.
    fn guard(&self, guard: usize, clause: usize, act: &[Value]) -> Result<(bool, Vec<Part>), Fault>;

    /// The condition of a wait of the playbook (index in its conditions of waits) over the case as it is now, what it needs
    /// besides the answer, and the answer: whether it holds, and what that rested on.
    ///
    /// # Errors
    /// A fault in the condition.
    fn until(&self, until: u32, given: &[Value]) -> Result<(bool, Vec<Part>), Fault>;
}

/// What a record is for an event.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// Another thing.
    Other,
    /// The event, but something that it has is not there.
    Unmapped(Unmapped),
    /// The event.
    Is {
        /// To what it happened, in order of its parameters.
        args: Vec<Value>,
        /// What it gives.
        value: Value,
    },
}

/// What became of a record.
#[derive(Clone, Debug)]
pub enum Mapping {
    /// `accept` said no.
    Rejected,
    /// A field was missing or not what it should be.
    Unmapped(Unmapped),
    /// A case.
    Mapped(Mapped),
}

/// Why a record did not become a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmapped {
    /// The case field, or `accept`, `dedup`.
    pub field: String,
    /// JSON pointer of the place.
    pub path: String,
    /// What was expected: a type, or a rule broken.
    pub expected: String,
    /// What stands there.
    pub found: Found,
}

/// A record that became a case.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// All slots of the case; those of id, source and opened are `None`, for the scheduler to fill.
    pub case: Vec<Value>,
    /// Slot of each field that `map` wrote, in source order, with the JSON pointers that its expression looked at.
    pub from: Vec<(usize, Vec<String>)>,
    /// Key (as text) and window of `dedup`.
    pub dedup: Option<(String, SignedDuration)>,
    /// All leaves that were looked at.
    pub read: ReadLog,
}

/// An expression of a playbook went wrong in a way that no type rules out. The run is handed over to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `overflow`, `division by zero`, …: a fixed text, nothing from outside.
    pub what: String,
    /// Node of the artifact.
    pub at: u32,
}

/// A part of a run: all that stands between two nodes, in the same passes of the loops round them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The loops round it, each with its pass.
    pub within: Key,
    /// The node before its first: that of the step.
    pub after: u32,
    /// The node behind its last: that of the step's `else`.
    pub before: u32,
}

impl Scope {
    /// Whether what has this key is a part of it.
    #[must_use]
    pub fn holds(&self, key: &[u32]) -> bool {
        let inside = key.strip_prefix(self.within.as_slice()).and_then(<[u32]>::first);
        inside.is_some_and(|node| self.after < *node && *node < self.before)
    }
}

/// Something that became due.
#[derive(Clone, Debug)]
pub struct Emission {
    /// Where in the run.
    pub key: Key,
    /// Node of the artifact (the last of the key).
    pub at: u32,
    /// What.
    pub what: Emit,
}

/// What can become due.
#[derive(Clone, Debug)]
pub enum Emit {
    /// A read is to be asked; its answer comes back under the key.
    Read {
        /// Which.
        action: ActionId,
        /// With what, in order of its parameters.
        args: Vec<Value>,
        /// On which terms.
        terms: Terms,
    },
    /// A write is to be done; its outcome comes back under the key, unless it is in doubt.
    Act {
        /// Which.
        action: ActionId,
        /// With what, in order of its parameters.
        args: Vec<Value>,
        /// On which terms.
        terms: Terms,
    },
    /// A wait begins; how it ended comes back under the key.
    Suspend {
        /// For what.
        what: Suspend,
        /// Its arguments.
        args: Vec<Value>,
    },
    /// A step failed: nobody waits any more for what is still out in its body.
    StepFailed {
        /// Its name.
        step: String,
        /// Its body.
        body: Scope,
    },
    /// What was done is to be taken back. Its answer comes back under the key, when that is done: nothing, or a failure.
    Rollback {
        /// Of which step; `None` for the whole run.
        of: Option<Scope>,
        /// Why.
        because: String,
    },
    /// A decision was taken.
    Decided {
        /// `then`, `else`, or the patterns of the arm as written.
        took: String,
        /// What it rested on.
        parts: Vec<Part>,
    },
    /// A field of the case changed.
    Set {
        /// Slot of the case.
        slot: usize,
        /// Before.
        from: Value,
        /// After.
        to: Value,
        /// Why.
        because: String,
    },
    /// A note was added.
    Note {
        /// Its text.
        text: String,
    },
    /// Personal data is shown from here on.
    Revealed {
        /// Why.
        because: String,
    },
    /// The case went to another queue or role.
    Route {
        /// `queue.tier2`
        to: String,
        /// Why.
        because: String,
    },
    /// The run ended: a person has the case now.
    HandOver {
        /// `queue.tier2`, `role.soc_lead`
        to: String,
        /// Why.
        because: String,
    },
    /// The run ended: the case is closed.
    Close {
        /// Tag of the closure class.
        class: u32,
        /// Why.
        because: String,
    },
    /// The run ended by a fault.
    Fault(Fault),
}

impl Emit {
    /// A call whose arguments are ready.
    #[must_use]
    pub fn of_call(call: &Call, args: Vec<Value>) -> Self {
        match call.clone() {
            Call::Read(action, terms) => Self::Read { action, args, terms },
            Call::Act(action, terms) => Self::Act { action, args, terms },
            Call::Suspend(what) => Self::Suspend { what, args },
        }
    }

    /// Whether the run is over with it.
    #[must_use]
    pub fn ends(&self) -> bool {
        matches!(self, Self::HandOver { .. } | Self::Close { .. } | Self::Fault(_))
    }
}

/// A part of what a decision rested on.
#[derive(Clone, Debug)]
pub enum Part {
    /// An operand of `and`, `or`, `not`, or the whole condition when it is none of these.
    Condition {
        /// Its node.
        at: u32,
        /// Its value; `None` when it was not evaluated.
        is: Option<bool>,
        /// Left and right side, where it is a comparison, `in` or `matches` that was evaluated: value and type.
        sides: Option<Box<[(Value, Type); 2]>>,
    },
    /// What a `match` or `if let` looked at.
    On {
        /// Its node.
        at: u32,
        /// Its value.
        value: Value,
        /// Its type.
        ty: Type,
    },
}

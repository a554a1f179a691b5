//! What a run has found out so far.

use play_program::exec::Key;
use play_program::value::Value;

/// How far a task is.
#[derive(Debug, Default)]
pub(crate) enum State {
    /// Not done; whatever it has decided is not decided yet.
    #[default]
    Open,
    /// A call is out.
    Asked,
    /// Done; its value, if it has one, is in its slot.
    Done,
    /// A call or conversion that failed.
    Failed,
    /// A decision or an `else`: which of its children goes on (0 is the one that holds, or the first arm).
    Took(usize),
    /// A step that failed: the case as it was then.
    Gone(Vec<Value>),
    /// A loop whose list is there.
    Passes(Box<Passes>),
}

/// The passes of a loop.
#[derive(Debug, Default)]
pub(crate) struct Passes {
    /// The frames of those that were begun.
    pub(crate) frames: Vec<usize>,
    /// How many of the first ones are done.
    pub(crate) done: usize,
    /// What these left of the fields that they may set.
    pub(crate) shown: Vec<(u16, Value)>,
    /// All are done, and what they gave is in its slot.
    pub(crate) complete: bool,
    /// What they rested on when they were walked last.
    pub(crate) around: Option<Around>,
}

/// What passes rest on besides their own frames.
#[derive(Debug, PartialEq)]
pub(crate) struct Around {
    /// Whether an ordered thing before them was not settled.
    pub(crate) blocked: bool,
    /// Which fields of the case were.
    pub(crate) settled: Vec<bool>,
    /// How often a slot of a frame round them was filled.
    pub(crate) changes: u64,
}

/// The tasks of a region once: the body of a playbook, or one pass of a `for`.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Which region.
    pub(crate) region: usize,
    /// The frame round it.
    pub(crate) outer: Option<usize>,
    /// Nodes and passes of the loops round it.
    pub(crate) prefix: Key,
    /// Values.
    pub(crate) slots: Vec<Option<Value>>,
    /// By task.
    pub(crate) states: Vec<State>,
    /// How many passes the loops round it have, multiplied.
    pub(crate) weight: usize,
    /// How often a slot was filled.
    pub(crate) changes: u64,
}

impl Frame {
    pub(crate) fn new(region: usize, outer: Option<usize>, prefix: Key, slots: usize, tasks: usize) -> Self {
        let states = std::iter::repeat_with(State::default).take(tasks).collect();
        Self { region, outer, prefix, slots: vec![None; slots], states, weight: 1, changes: 0 }
    }
}

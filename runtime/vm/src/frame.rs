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
    /// A loop: the frames of the passes that were begun, and how many of the first ones are done.
    Passes { frames: Vec<usize>, done: usize },
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
}

impl Frame {
    pub(crate) fn new(region: usize, outer: Option<usize>, prefix: Key, slots: usize, tasks: usize) -> Self {
        let states = std::iter::repeat_with(State::default).take(tasks).collect();
        Self { region, outer, prefix, slots: vec![None; slots], states }
    }
}

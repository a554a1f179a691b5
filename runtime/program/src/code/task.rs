//! Task trees: what a playbook does, and in which order.
//!
//! A task stands for an expression with effects; what is left of it is pure and becomes [`TaskKind::Eval`]. Tasks hand each
//! other values in slots of a frame. Which task runs when is said by the rules in [`crate::exec`].

use serde::{Deserialize, Serialize};

use super::{Block, Condition, Constant};
use crate::call::Call;
use crate::types::Type;
use crate::value::Value;

/// A slot of a frame.
pub type Slot = u16;

/// A task of a region. Children have larger indices than their parents.
pub type TaskId = u32;

/// Where an input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// A slot of the frame, or of one `up` frames further out.
    Local {
        /// How many frames further out.
        up: u16,
        /// Which slot.
        slot: Slot,
    },
    /// A field of the case, as it is at this point of the source.
    Case(u16),
}

/// A value that needs no computing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operand {
    /// What stands somewhere.
    Input(Input),
    /// A constant.
    Const(Constant),
}

/// A block and where its parameters come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The block.
    pub block: Block,
    /// One a parameter.
    pub inputs: Vec<Input>,
}

/// Where the value of a pure task goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outs {
    /// Nowhere: evaluated only because it may fault.
    None,
    /// Into a slot.
    One(Slot),
    /// A list, element by element: the result of a condition, and the parts that it rests on.
    Spread(Vec<Slot>),
}

/// The code of a playbook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Playbook {
    /// Its condition, over the case.
    pub when: Option<Entry>,
    /// Its body is the first; the others are bodies of `for`, each after the region it stands in.
    pub regions: Vec<Region>,
    /// Its calls: of actions, and its waits.
    pub sites: Vec<Site>,
    /// Until when its waits ask again, each over what it needs besides the answer, and the answer.
    pub untils: Vec<Condition>,
}

/// A place from which the world is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// For what.
    pub call: Call,
    /// Its node.
    pub at: u32,
}

/// Tasks that share a frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Size of its frame.
    pub slots: u16,
    /// Its tasks; the first is the whole.
    pub tasks: Vec<Task>,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Contains an ordered thing (rule 3).
    pub ordered: bool,
    /// As a statement it is a barrier (rule 4).
    pub barrier: bool,
    /// The fields of the case that it may set (rule 7), ascending.
    pub sets: Vec<u16>,
    /// What it does.
    pub kind: TaskKind,
}

/// What makes the value of an `else` or `if let` missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guard {
    /// It is an absent option.
    Absent,
    /// Its task failed: a call of an action, or a conversion.
    Failed,
}

/// What a `match` or `if let` looks at, for the decision's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct On {
    /// Its node.
    pub at: u32,
    /// Its type.
    pub ty: Type,
}

/// A part of a condition, for the decision's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSlots {
    /// Its node.
    pub at: u32,
    /// Its value; empty or `none` when it was not evaluated.
    pub is: Slot,
    /// What it compared.
    pub sides: Option<Box<Sides>>,
}

/// What a comparison compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides {
    /// Left: where its value is, and its type.
    pub left: (Slot, Type),
    /// Right: where its value is, and its type.
    pub right: (Slot, Type),
}

/// What a pattern fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fits {
    /// Anything.
    Any,
    /// This value.
    Is(Constant),
    /// Whole numbers from the first to the second.
    Within(i64, i64),
}

impl Fits {
    /// Whether it fits a value.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Is(constant) => constant.value().same(value),
            Self::Within(low, high) => matches!(value, Value::Int(n) if low <= n && n <= high),
        }
    }
}

/// An arm of a `match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Alternatives.
    pub patterns: Vec<Fits>,
    /// The patterns as written.
    pub label: String,
    /// What then.
    pub task: TaskId,
}

/// The kinds of tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TaskKind {
    /// Computes.
    Eval {
        /// What.
        entry: Entry,
        /// Where its value goes.
        outs: Outs,
    },
    /// Parts of one expression, the last of which makes the value.
    All {
        /// In source order.
        tasks: Vec<TaskId>,
    },
    /// Statements.
    Seq {
        /// In source order.
        tasks: Vec<TaskId>,
    },
    /// `and`, `or` with effects.
    Short {
        /// What the left side must be for the right one to decide: true for `and`.
        and: bool,
        /// Left side.
        left: TaskId,
        /// Its value.
        left_slot: Slot,
        /// Right side.
        right: TaskId,
        /// Its value.
        right_slot: Slot,
        /// Where the result goes.
        out: Slot,
    },
    /// `value else arm`.
    Else {
        /// What makes it missing.
        guard: Guard,
        /// The value.
        value: TaskId,
        /// Where its task puts it.
        from: Slot,
        /// In its place; puts its own value into `out`.
        arm: TaskId,
        /// Where the result goes.
        out: Option<Slot>,
    },
    /// A decision.
    If {
        /// Its node.
        at: u32,
        /// The condition.
        test: TaskId,
        /// Its value.
        is: Slot,
        /// What it rests on.
        parts: Vec<PartSlots>,
        /// When it holds.
        then: TaskId,
        /// When not.
        other: Option<TaskId>,
    },
    /// A decision.
    IfLet {
        /// Its node.
        at: u32,
        /// What makes the value missing.
        guard: Guard,
        /// The value.
        value: TaskId,
        /// Where its task puts it.
        from: Slot,
        /// What it rests on.
        on: On,
        /// The name for it.
        var: Slot,
        /// When it is there.
        then: TaskId,
        /// When not.
        other: Option<TaskId>,
    },
    /// A decision.
    Match {
        /// Its node.
        at: u32,
        /// The value.
        value: TaskId,
        /// Where its task puts it.
        from: Slot,
        /// What it rests on.
        on: On,
        /// In source order; the first that fits is taken.
        arms: Vec<Arm>,
    },
    /// A pass for each element, each with a frame of its own.
    For {
        /// Its node.
        at: u32,
        /// The list.
        list: TaskId,
        /// Where its task puts it.
        from: Slot,
        /// The body.
        region: u32,
        /// The variable, a slot of the body's frame.
        var: Slot,
        /// What a pass gives, a slot of the body's frame.
        gives: Option<Slot>,
        /// Where the list of what they give goes.
        out: Option<Slot>,
    },
    /// The only way to the world: a call of an action, or a wait.
    Effect {
        /// Which call of the playbook.
        site: u32,
        /// What has to be computed for the arguments, in source order.
        parts: Vec<TaskId>,
        /// The arguments.
        args: Vec<Operand>,
        /// Where the answer goes.
        out: Slot,
    },
    /// A step: gives nothing.
    Step {
        /// Its node.
        at: u32,
        /// Its name.
        name: String,
        /// What is to be done.
        body: TaskId,
        /// What is done when that fails.
        other: TaskId,
        /// The node of that.
        other_at: u32,
        /// Where the failure goes that failed it, if its `else` looks at it.
        failure: Option<Slot>,
    },
    /// Fails the innermost step in whose body it stands.
    FailStep {
        /// Where the failure is.
        from: Slot,
    },
    /// Takes back what the step round it did, or the run.
    Rollback {
        /// Its node.
        at: u32,
        /// What has to be computed for the reason, in source order.
        parts: Vec<TaskId>,
        /// The reason.
        because: Operand,
        /// Where a failure of it goes.
        out: Slot,
    },
    /// Changes the case, or ends the run.
    Change {
        /// Its node.
        at: u32,
        /// What has to be computed for it, in source order.
        parts: Vec<TaskId>,
        /// What.
        change: Change,
    },
}

/// A change of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What changes.
    pub kind: ChangeKind,
    /// The reason; of a note its text.
    pub text: Operand,
}

/// The kinds of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeKind {
    /// A field gets another value.
    Set {
        /// Slot of the case.
        slot: u16,
        /// The new value.
        value: Operand,
    },
    /// A note.
    Note,
    /// Personal data is shown from here on.
    Revealed,
    /// Another queue or role.
    Route {
        /// `queue.tier2`
        to: String,
    },
    /// A person has the case now.
    HandOver {
        /// `queue.tier2`
        to: String,
    },
    /// The case is closed.
    Close {
        /// Tag of the closure class.
        class: u32,
    },
}

impl TaskKind {
    /// The tasks directly below it in the same region, in source order.
    #[must_use]
    pub fn children(&self) -> Vec<TaskId> {
        match self {
            Self::Eval { .. } | Self::FailStep { .. } => Vec::new(),
            Self::Step { body, other, .. } => vec![*body, *other],
            Self::All { tasks } | Self::Seq { tasks } => tasks.clone(),
            Self::Short { left, right, .. } => vec![*left, *right],
            Self::Else { value, arm, .. } => vec![*value, *arm],
            Self::If { test, then, other, .. } => {
                [Some(*test), Some(*then), *other].into_iter().flatten().collect()
            }
            Self::IfLet { value, then, other, .. } => {
                [Some(*value), Some(*then), *other].into_iter().flatten().collect()
            }
            Self::Match { value, arms, .. } => {
                std::iter::once(*value).chain(arms.iter().map(|a| a.task)).collect()
            }
            Self::For { list, .. } => vec![*list],
            Self::Effect { parts, .. } | Self::Rollback { parts, .. } | Self::Change { parts, .. } => {
                parts.clone()
            }
        }
    }
}

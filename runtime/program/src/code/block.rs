//! Register bytecode: what only computes.

use serde::{Deserialize, Serialize};

use super::Constant;
use crate::builtin::BuiltinId;
use crate::ops::Op;
use crate::types::Type;

/// A register of a block.
pub type Reg = u16;

/// Where a jump goes: index of an instruction.
pub type Target = u32;

/// A pure computation. Jumps go forward, but for [`Instr::Again`], which closes a loop over a list: so it ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Its node: where a fault is that belongs to no instruction.
    pub at: u32,
    /// How many values go in; they are the first registers.
    pub params: u16,
    /// How many registers it needs. All but the parameters start as `none`.
    pub regs: u16,
    /// How many lists it builds at a time.
    pub lists: u16,
    /// How many counters of loops it needs.
    pub loops: u16,
    /// Its constants.
    pub consts: Vec<Constant>,
    /// The types that its instructions speak of.
    pub types: Vec<Type>,
    /// Its instructions. The last one never runs on.
    pub code: Vec<Instr>,
    /// Instruction and node of everything that may fault, by instruction.
    pub nodes: Vec<(u32, u32)>,
}

impl Block {
    /// Whether it can end with a misfit in place of a value.
    #[must_use]
    pub fn can_fail(&self) -> bool {
        self.code.iter().any(|i| matches!(i, Instr::Fail | Instr::FailAbsent))
    }
}

/// An instruction. `dst` is written, the other registers are read; `first` and `count` are a run of registers.
#[expect(missing_docs, reason = "what the operands are called says what they are; see above")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Instr {
    /// A constant of the block.
    Const { dst: Reg, index: u16 },
    /// A constant of the program.
    Global { dst: Reg, index: u32 },
    /// A copy.
    Move { dst: Reg, src: Reg },
    /// A field of a record.
    Field { dst: Reg, src: Reg, slot: u16 },
    /// A field of an optional record; `none` of `none`.
    OptField { dst: Reg, src: Reg, slot: u16 },
    /// A built-in function; `receiver` is the type of the first argument.
    Builtin { dst: Reg, id: BuiltinId, first: Reg, count: u16, receiver: u16 },
    /// An operator. May fault.
    Op { op: Op, dst: Reg, left: Reg, right: Reg },
    /// `left matches` a constant pattern.
    Matches { dst: Reg, text: Reg, pattern: u16 },
    /// Whether a value is this constant.
    Is { dst: Reg, src: Reg, index: u16 },
    /// Whether a value is a whole number from one constant to another.
    Within { dst: Reg, src: Reg, low: u16, high: u16 },
    /// Unary minus. May fault.
    Neg { dst: Reg, src: Reg },
    /// `not`
    Not { dst: Reg, src: Reg },
    /// A function of the program.
    Call { dst: Reg, function: u32, first: Reg, count: u16 },
    /// A record of these fields.
    Record { dst: Reg, first: Reg, count: u16 },
    /// A list of these elements.
    List { dst: Reg, first: Reg, count: u16 },
    /// A map of these keys and values, in turn.
    Map { dst: Reg, first: Reg, count: u16 },
    /// A value as text, by its type.
    Text { dst: Reg, src: Reg, ty: u16 },
    /// Texts, joined.
    Concat { dst: Reg, first: Reg, count: u16 },
    /// The place of a member of a document.
    Key { dst: Reg, src: Reg, key: u16 },
    /// The place of an element or member of a document.
    Index { dst: Reg, src: Reg, index: Reg },
    /// Whether something other than `null` stands at a place.
    Exists { dst: Reg, src: Reg },
    /// A conversion; goes to `or` when the value is no such thing.
    Convert { dst: Reg, src: Reg, ty: u16, or: Target },
    /// Goes on elsewhere.
    Jump { to: Target },
    /// Goes elsewhere when a truth value is `is`.
    JumpIf { cond: Reg, is: bool, to: Target },
    /// Goes elsewhere when an option is absent (`is`) or present.
    JumpIfNone { src: Reg, is: bool, to: Target },
    /// Begins a list.
    Begin { list: u16 },
    /// Adds to it.
    Push { list: u16, src: Reg },
    /// Ends it.
    Finish { dst: Reg, list: u16 },
    /// Sets a loop's counter to zero. Stands directly before its `Next`.
    Start { counter: u16 },
    /// The next element, or, after the last, on to `end`.
    Next { item: Reg, list: Reg, counter: u16, end: Target },
    /// Back to a loop's `Next`.
    Again { to: Target },
    /// Ends with the misfit of the last conversion that failed.
    Fail,
    /// Ends with a misfit: an option was absent.
    FailAbsent,
    /// Ends with a value.
    Return { src: Reg },
    /// Says that the run came here: an arm of a node. Only in code that is compiled for `playc test --coverage`.
    Mark { at: u32, arm: u16 },
}

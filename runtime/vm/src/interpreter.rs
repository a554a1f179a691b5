//! Runs bytecode. No recursion: calls are frames of a stack. What a block may cost is bounded.

use std::cell::Cell;
use std::sync::Arc;

use play_program::builtin;
use play_program::code::{Instr, Reg};
use play_program::convert::{self, Misfit};
use play_program::exec::{Fault, TOO_MUCH_WORK};
use play_program::json::{Found, JsonAt, ReadLog};
use play_program::ops::{self, Op};
use play_program::value::Value;

use crate::load::{Loaded, Ready};

/// How much one evaluation may do: an instruction is one, and so is each byte of text and each element of a list that it makes.
/// One that does more is the fault [`TOO_MUCH_WORK`].
pub(crate) const MOST_WORK: u64 = 50_000_000;

/// Why an evaluation has no value.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A conversion failed, or an option was absent, and nothing in the block took it.
    Misfit(Misfit),
    /// It went wrong.
    Fault(Fault),
}

/// The fault of code that no compiler has made.
const DAMAGED: &str = "the program is damaged";

/// The code does not do what the checker promises: only an artifact put together by hand gets here.
pub(crate) fn damaged(at: u32) -> Fault {
    Fault { what: DAMAGED.into(), at }
}

/// Memory that evaluations use one after the other.
#[derive(Default)]
pub(crate) struct Scratch {
    regs: Vec<Value>,
    lists: Vec<Vec<Value>>,
    counters: Vec<usize>,
}

/// Registers that a thread keeps for later; memory with more is given back.
const MOST_KEPT: usize = 4096;

thread_local! {
    static SPARE: Cell<Scratch> = Cell::default();
}

/// Lends the memory of the thread.
pub(crate) fn with_scratch<T>(run: impl FnOnce(&mut Scratch) -> T) -> T {
    let mut scratch = SPARE.try_with(Cell::take).unwrap_or_default();
    let given = run(&mut scratch);
    if scratch.regs.capacity() <= MOST_KEPT {
        // Empty, so that nothing of a case stays in memory for longer than it is used.
        scratch.regs.clear();
        scratch.lists.clear();
        scratch.counters.clear();
        // A thread that is ending keeps nothing.
        let _ = SPARE.try_with(|spare| spare.set(scratch));
    }
    given
}

static NONE: Value = Value::None;

/// A block that runs.
#[derive(Clone, Copy)]
struct Frame<'a> {
    block: &'a Ready,
    pc: usize,
    base: usize,
    lists: usize,
    counters: usize,
    /// Register of the caller for the result.
    dst: Reg,
}

impl Loaded {
    /// Evaluates a block. What it looks at in documents is noted in the log.
    pub(crate) fn run(
        &self,
        block: &Ready,
        args: impl IntoIterator<Item = Value>,
        log: &mut ReadLog,
        scratch: &mut Scratch,
    ) -> Result<Value, Stop> {
        scratch.regs.clear();
        scratch.lists.clear();
        scratch.counters.clear();
        scratch.regs.extend(args);
        let frame = Frame { block, pc: 0, base: 0, lists: 0, counters: 0, dst: 0 };
        let mut run =
            Interpreter { program: self, scratch, frame, callers: Vec::new(), work: 0, misfit: None, log };
        run.make_room();
        run.run()
    }
}

struct Interpreter<'a, 's> {
    program: &'a Loaded,
    scratch: &'s mut Scratch,
    frame: Frame<'a>,
    callers: Vec<Frame<'a>>,
    work: u64,
    misfit: Option<Misfit>,
    log: &'s mut ReadLog,
}

impl<'a> Interpreter<'a, '_> {
    /// Registers, lists and counters of the block that begins.
    fn make_room(&mut self) {
        let Frame { block, base, lists, counters, .. } = self.frame;
        let end = |from: usize, count: u16| from.saturating_add(usize::from(count));
        self.scratch.regs.resize(end(base, block.regs), Value::None);
        self.scratch.lists.resize_with(end(lists, block.lists), Vec::new);
        self.scratch.counters.resize(end(counters, block.loops), 0);
    }

    #[inline]
    fn get(&self, reg: Reg) -> &Value {
        self.scratch.regs.get(self.frame.base.wrapping_add(usize::from(reg))).unwrap_or(&NONE)
    }

    #[inline]
    fn set(&mut self, reg: Reg, value: Value) {
        if let Some(place) = self.scratch.regs.get_mut(self.frame.base.wrapping_add(usize::from(reg))) {
            *place = value;
        }
    }

    fn many(&self, first: Reg, count: u16) -> &[Value] {
        let from = self.frame.base.wrapping_add(usize::from(first));
        self.scratch.regs.get(from..from.wrapping_add(usize::from(count))).unwrap_or(&[])
    }

    fn list(&mut self, list: u16) -> Option<&mut Vec<Value>> {
        self.scratch.lists.get_mut(self.frame.lists.wrapping_add(usize::from(list)))
    }

    #[inline]
    fn constant(&self, index: u16) -> &'a Value {
        self.frame.block.consts.get(usize::from(index)).unwrap_or(&NONE)
    }

    fn goto(&mut self, to: u32) {
        self.frame.pc = to as usize;
    }

    fn fault(&self, what: &str) -> Stop {
        Stop::Fault(Fault {
            what: what.to_string(),
            at: self.frame.block.node(self.frame.pc.wrapping_sub(1)),
        })
    }

    /// Text and elements that were made count as work: memory is bounded with it.
    fn made(&mut self, value: &Value) {
        self.work = self.work.saturating_add(size(value));
    }

    fn run(&mut self) -> Result<Value, Stop> {
        loop {
            let Some(instr) = self.frame.block.code.get(self.frame.pc) else {
                return Err(Stop::Fault(damaged(self.frame.block.at)));
            };
            self.frame.pc = self.frame.pc.wrapping_add(1);
            self.work = self.work.saturating_add(1);
            if self.work > MOST_WORK {
                return Err(self.fault(TOO_MUCH_WORK));
            }
            match *instr {
                Instr::Return { src } => {
                    let value = self.get(src).clone();
                    let Some(caller) = self.callers.pop() else { return Ok(value) };
                    let done = self.frame;
                    self.scratch.regs.truncate(done.base);
                    self.scratch.lists.truncate(done.lists);
                    self.scratch.counters.truncate(done.counters);
                    self.frame = caller;
                    self.set(done.dst, value);
                }
                Instr::Fail => {
                    let misfit = self.misfit.take();
                    return Err(misfit.map_or_else(|| self.fault(DAMAGED), Stop::Misfit));
                }
                Instr::FailAbsent => {
                    return Err(Stop::Misfit(Misfit {
                        path: String::new(),
                        expected: "a value".into(),
                        found: Found::Absent,
                    }));
                }
                other => self.one(other)?,
            }
        }
    }

    #[inline]
    fn one(&mut self, instr: Instr) -> Result<(), Stop> {
        match instr {
            Instr::Const { dst, index } => {
                let value = self.constant(index).clone();
                self.set(dst, value);
            }
            Instr::Global { dst, index } => match self.program.globals.get(index as usize) {
                Some(Ok(value)) => self.set(dst, value.clone()),
                Some(Err(fault)) => return Err(Stop::Fault(fault.clone())),
                None => return Err(self.fault(DAMAGED)),
            },
            Instr::Move { dst, src } => {
                let value = self.get(src).clone();
                self.set(dst, value);
            }
            Instr::Field { dst, src, slot } | Instr::OptField { dst, src, slot } => {
                let value = match self.get(src) {
                    Value::Record(fields) => fields.get(usize::from(slot)).cloned().unwrap_or(Value::None),
                    _ => Value::None,
                };
                self.set(dst, value);
            }
            Instr::Builtin { dst, id, first, count, receiver } => {
                let types = &self.program.artifact.manifest.types;
                let ty = self.frame.block.types.get(usize::from(receiver));
                let (Some(function), Some(ty)) = (builtin::get(id), ty) else {
                    return Err(self.fault(DAMAGED));
                };
                let args = self.many(first, count);
                let taken = args.iter().map(size).fold(0, u64::saturating_add);
                let value = function.eval(args, ty, types);
                self.work = self.work.saturating_add(taken);
                self.made(&value);
                self.set(dst, value);
            }
            Instr::Op { op: Op::Matches, dst, left, right } => {
                let (Value::Str(text), Value::Str(pattern)) = (self.get(left), self.get(right)) else {
                    return Err(self.fault(ops::WRONG_OPERANDS));
                };
                let Some(pattern) = self.program.patterns.get(&**pattern) else {
                    return Err(self.fault(ops::WRONG_OPERANDS));
                };
                let value = Value::Bool(pattern.is_match(text));
                self.set(dst, value);
            }
            Instr::Op { op, dst, left, right } => {
                let value =
                    ops::binary(op, self.get(left), self.get(right)).map_err(|what| self.fault(what))?;
                self.made(&value);
                self.set(dst, value);
            }
            Instr::Matches { dst, text, pattern } => {
                let pattern = self.frame.block.patterns.get(usize::from(pattern)).and_then(Option::as_ref);
                let (Value::Str(text), Some(pattern)) = (self.get(text), pattern) else {
                    return Err(self.fault(ops::WRONG_OPERANDS));
                };
                let value = Value::Bool(pattern.is_match(text));
                self.set(dst, value);
            }
            Instr::Is { dst, src, index } => {
                let value = Value::Bool(self.get(src).same(self.constant(index)));
                self.set(dst, value);
            }
            Instr::Within { dst, src, low, high } => {
                let value = match (self.get(src), self.constant(low), self.constant(high)) {
                    (Value::Int(n), Value::Int(low), Value::Int(high)) => low <= n && n <= high,
                    _ => false,
                };
                self.set(dst, Value::Bool(value));
            }
            Instr::Neg { dst, src } => {
                let value = ops::neg(self.get(src)).map_err(|what| self.fault(what))?;
                self.set(dst, value);
            }
            Instr::Not { dst, src } => {
                let value = !self.truth(src)?;
                self.set(dst, Value::Bool(value));
            }
            Instr::Call { dst, function, first, count } => self.call(dst, function, first, count)?,
            Instr::Record { dst, first, count } => {
                let value = Value::Record(Arc::from(self.many(first, count)));
                self.set(dst, value);
            }
            Instr::List { dst, first, count } => {
                let value = Value::List(Arc::from(self.many(first, count)));
                self.set(dst, value);
            }
            Instr::Map { dst, first, count } => {
                let pairs = self.many(first, count).chunks_exact(2);
                let pairs = pairs.filter_map(|pair| Some((pair.first()?.clone(), pair.get(1)?.clone())));
                let value = Value::Map(Arc::new(pairs.collect()));
                self.made(&value);
                self.set(dst, value);
            }
            Instr::Text { dst, src, ty } => {
                let types = &self.program.artifact.manifest.types;
                let Some(ty) = self.frame.block.types.get(usize::from(ty)) else {
                    return Err(self.fault(DAMAGED));
                };
                let value = Value::Str(convert::display(self.get(src), ty, types).into());
                self.made(&value);
                self.set(dst, value);
            }
            Instr::Concat { dst, first, count } => {
                let mut text = String::new();
                for part in self.many(first, count) {
                    if let Value::Str(part) = part {
                        text.push_str(part);
                    }
                }
                let value = Value::Str(text.into());
                self.made(&value);
                self.set(dst, value);
            }
            Instr::Key { dst, src, key } => {
                let Value::Str(key) = self.constant(key) else { return Err(self.fault(DAMAGED)) };
                let value = self.place(src)?.key(key);
                self.set(dst, Value::Json(value));
            }
            Instr::Index { dst, src, index } => {
                let place = self.place(src)?;
                let value = match self.get(index) {
                    Value::Str(key) => place.key(key),
                    // Nothing stands before the first element.
                    Value::Int(n) => {
                        usize::try_from(*n).map_or_else(|_| place.key(&n.to_string()), |n| place.index(n))
                    }
                    _ => return Err(self.fault(DAMAGED)),
                };
                self.set(dst, Value::Json(value));
            }
            Instr::Exists { dst, src } => {
                let place = self.place(src)?.clone();
                let found = place.look(self.log);
                self.set(dst, Value::Bool(!matches!(found, Found::Absent | Found::Null)));
            }
            Instr::Convert { dst, src, ty, or } => {
                let types = &self.program.artifact.manifest.types;
                let Some(ty) = self.frame.block.types.get(usize::from(ty)) else {
                    return Err(self.fault(DAMAGED));
                };
                let value = match self.get(src).clone() {
                    Value::Json(at) => convert::from_json(&at, ty, types, self.log),
                    Value::Str(text) => convert::from_text(&text, ty, types),
                    Value::Int(n) => convert::from_int(n, ty, types),
                    _ => return Err(self.fault(DAMAGED)),
                };
                match value {
                    Ok(value) => {
                        self.made(&value);
                        self.set(dst, value);
                    }
                    Err(misfit) => {
                        self.misfit = Some(misfit);
                        self.goto(or);
                    }
                }
            }
            Instr::Jump { to } | Instr::Again { to } => self.goto(to),
            Instr::JumpIf { cond, is, to } => {
                if self.truth(cond)? == is {
                    self.goto(to);
                }
            }
            Instr::JumpIfNone { src, is, to } => {
                if matches!(self.get(src), Value::None) == is {
                    self.goto(to);
                }
            }
            Instr::Begin { list } => {
                if let Some(list) = self.list(list) {
                    list.clear();
                }
            }
            Instr::Push { list, src } => {
                let value = self.get(src).clone();
                if let Some(list) = self.list(list) {
                    list.push(value);
                }
            }
            Instr::Finish { dst, list } => {
                let items = self.list(list).map(std::mem::take).unwrap_or_default();
                self.set(dst, Value::List(items.into()));
            }
            Instr::Start { counter } => {
                if let Some(counter) = self.counter(counter) {
                    *counter = 0;
                }
            }
            Instr::Next { item, list, counter, end } => {
                let Some(counter) = self.counter(counter) else { return Err(self.fault(DAMAGED)) };
                let index = *counter;
                *counter = index.wrapping_add(1);
                let next = match self.get(list) {
                    Value::List(items) => items.get(index).cloned(),
                    _ => None,
                };
                match next {
                    Some(value) => self.set(item, value),
                    None => self.goto(end),
                }
            }
            // Ends, which the loop round this takes.
            Instr::Mark { at, arm } => self.program.mark(at, arm),
            Instr::Return { .. } | Instr::Fail | Instr::FailAbsent => {}
        }
        Ok(())
    }

    fn counter(&mut self, counter: u16) -> Option<&mut usize> {
        self.scratch.counters.get_mut(self.frame.counters.wrapping_add(usize::from(counter)))
    }

    #[inline]
    fn truth(&self, reg: Reg) -> Result<bool, Stop> {
        match self.get(reg) {
            Value::Bool(b) => Ok(*b),
            _ => Err(self.fault(DAMAGED)),
        }
    }

    fn place(&self, reg: Reg) -> Result<&JsonAt, Stop> {
        match self.get(reg) {
            Value::Json(at) => Ok(at),
            _ => Err(self.fault(DAMAGED)),
        }
    }

    fn call(&mut self, dst: Reg, function: u32, first: Reg, count: u16) -> Result<(), Stop> {
        let Some(block) = self.program.fns.get(function as usize) else { return Err(self.fault(DAMAGED)) };
        let base = self.scratch.regs.len();
        let from = self.frame.base.wrapping_add(usize::from(first));
        let args = from..from.wrapping_add(usize::from(count));
        if self.scratch.regs.get(args.clone()).is_none() {
            return Err(self.fault(DAMAGED));
        }
        self.scratch.regs.extend_from_within(args);
        let (lists, counters) = (self.scratch.lists.len(), self.scratch.counters.len());
        self.callers.push(self.frame);
        self.frame = Frame { block, pc: 0, base, lists, counters, dst };
        self.work = self.work.saturating_add(u64::from(block.regs));
        self.make_room();
        Ok(())
    }
}

/// What a value is made of: bytes, elements.
fn size(value: &Value) -> u64 {
    let size = match value {
        Value::Str(text) => text.len(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    size as u64
}

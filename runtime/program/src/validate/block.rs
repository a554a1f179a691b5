//! What must hold of bytecode: every index in range, and every loop a loop over a list.

use super::{Bounds, known_node, known_type, must};
use crate::artifact::Manifest;
use crate::builtin;
use crate::code::{Block, Code, Constant, Instr, Reg};
use crate::value::Version;

pub(super) fn check(manifest: &Manifest, code: &Code, block: &Block, bounds: Bounds) -> Result<(), String> {
    must(usize::from(block.params) == bounds.params, || {
        format!("{} parameters where {} are given", block.params, bounds.params)
    })?;
    must(block.params <= block.regs, || "more parameters than registers".into())?;
    known_node(manifest, block.at)?;
    for ty in &block.types {
        known_type(&manifest.types, ty)?;
    }
    for constant in &block.consts {
        match constant {
            Constant::Regex(pattern) => {
                must(crate::pattern::check(pattern).is_ok(), || "a pattern that does not compile".into())?;
            }
            Constant::Version(text) => {
                must(Version::parse(text).is_ok(), || "a version that is none".into())?;
            }
            _ => {}
        }
    }
    must(block.nodes.is_sorted_by(|a, b| a.0 < b.0), || "its table of nodes is not in order".into())?;
    for (_, node) in &block.nodes {
        known_node(manifest, *node)?;
    }
    must(block.can_fail() <= bounds.may_fail, || "it ends with a misfit where none is taken".into())?;
    let ends = matches!(block.code.last(), Some(Instr::Return { .. } | Instr::Fail | Instr::FailAbsent));
    must(ends, || "it runs on after its end".into())?;
    must(u32::try_from(block.code.len()).is_ok(), || "it is too long".into())?;

    let one = Instrs { manifest, code, block, bounds };
    for (pc, instr) in block.code.iter().enumerate() {
        one.instr(pc, *instr).map_err(|e| format!("instruction {pc}: {e}"))?;
    }
    loops(block)
}

struct Instrs<'a> {
    manifest: &'a Manifest,
    code: &'a Code,
    block: &'a Block,
    bounds: Bounds,
}

impl Instrs<'_> {
    fn regs(&self, regs: &[Reg]) -> Result<(), String> {
        regs.iter().try_for_each(|r| must(*r < self.block.regs, || format!("there is no register {r}")))
    }

    fn run(&self, first: Reg, count: u16) -> Result<(), String> {
        let end = u32::from(first).saturating_add(u32::from(count));
        must(end <= u32::from(self.block.regs), || format!("there are no {count} registers from {first}"))
    }

    fn forward(&self, pc: usize, to: u32) -> Result<(), String> {
        let to = to as usize;
        must(to > pc && to < self.block.code.len(), || format!("it jumps to {to}"))
    }

    fn constant(&self, index: u16) -> Result<&Constant, String> {
        self.block.consts.get(usize::from(index)).ok_or_else(|| format!("there is no constant {index}"))
    }

    fn list(&self, list: u16) -> Result<(), String> {
        must(list < self.block.lists, || format!("there is no list {list}"))
    }

    fn counter(&self, counter: u16) -> Result<(), String> {
        must(counter < self.block.loops, || format!("there is no counter {counter}"))
    }

    fn ty(&self, ty: u16) -> Result<(), String> {
        must(usize::from(ty) < self.block.types.len(), || format!("there is no type {ty}"))
    }

    fn instr(&self, pc: usize, instr: Instr) -> Result<(), String> {
        match instr {
            Instr::Const { dst, index } => self.constant(index).and_then(|_| self.regs(&[dst])),
            Instr::Global { dst, index } => {
                must((index as usize) < self.bounds.globals, || {
                    format!("constant {index} is not there yet")
                })?;
                self.regs(&[dst])
            }
            Instr::Is { dst, src, index } => self.constant(index).and_then(|_| self.regs(&[dst, src])),
            Instr::Within { dst, src, low, high } => {
                self.constant(low).and_then(|_| self.constant(high)).and_then(|_| self.regs(&[dst, src]))
            }
            Instr::Move { dst, src }
            | Instr::Field { dst, src, .. }
            | Instr::OptField { dst, src, .. }
            | Instr::Neg { dst, src }
            | Instr::Not { dst, src }
            | Instr::Exists { dst, src } => self.regs(&[dst, src]),
            Instr::Builtin { dst, id, first, count, receiver } => {
                must(builtin::get(id).is_some(), || format!("there is no built-in function {}", id.0))?;
                must(count > 0, || "a built-in function without receiver".into())?;
                self.ty(receiver)?;
                self.run(first, count)?;
                self.regs(&[dst])
            }
            Instr::Op { dst, left, right, .. } => self.regs(&[dst, left, right]),
            Instr::Matches { dst, text, pattern } => {
                let regex = matches!(self.constant(pattern)?, Constant::Regex(_));
                must(regex, || "it matches what is no pattern".into())?;
                self.regs(&[dst, text])
            }
            Instr::Call { dst, function, first, count } => {
                let below = (function as usize) < self.bounds.fns;
                let callee = self.code.fns.get(function as usize).filter(|_| below);
                let callee = callee.ok_or_else(|| format!("it may not call function {function}"))?;
                must(callee.block.params == count, || {
                    format!("it gives {count} arguments to {}", callee.name)
                })?;
                self.run(first, count)?;
                self.regs(&[dst])
            }
            Instr::Record { dst, first, count }
            | Instr::List { dst, first, count }
            | Instr::Map { dst, first, count }
            | Instr::Concat { dst, first, count } => self.run(first, count).and_then(|()| self.regs(&[dst])),
            Instr::Text { dst, src, ty } => self.ty(ty).and_then(|()| self.regs(&[dst, src])),
            Instr::Key { dst, src, key } => {
                let text = matches!(self.constant(key)?, Constant::Str(_));
                must(text, || "a member's name is no text".into())?;
                self.regs(&[dst, src])
            }
            Instr::Index { dst, src, index } => self.regs(&[dst, src, index]),
            Instr::Convert { dst, src, ty, or } => {
                self.ty(ty)?;
                self.forward(pc, or)?;
                self.regs(&[dst, src])
            }
            Instr::Jump { to } => self.forward(pc, to),
            Instr::JumpIf { cond, to, .. } => self.forward(pc, to).and_then(|()| self.regs(&[cond])),
            Instr::JumpIfNone { src, to, .. } => self.forward(pc, to).and_then(|()| self.regs(&[src])),
            Instr::Begin { list } => self.list(list),
            Instr::Push { list, src } => self.list(list).and_then(|()| self.regs(&[src])),
            Instr::Finish { dst, list } => self.list(list).and_then(|()| self.regs(&[dst])),
            Instr::Start { counter } => self.counter(counter),
            Instr::Next { item, list, counter, end } => {
                self.counter(counter)?;
                self.forward(pc, end)?;
                self.regs(&[item, list])
            }
            Instr::Again { to } => must((to as usize) < pc, || "a loop goes forward".into()),
            Instr::Fail | Instr::FailAbsent | Instr::Mark { .. } => Ok(()),
            Instr::Return { src } => self.regs(&[src]),
        }
        .and_then(|()| self.manifest_fields(instr))
    }

    /// A slot is in range of at least one record; which record it is, only the checker knows, and the interpreter gives
    /// nothing for a slot that a record has not.
    fn manifest_fields(&self, instr: Instr) -> Result<(), String> {
        let (Instr::Field { slot, .. } | Instr::OptField { slot, .. }) = instr else { return Ok(()) };
        let known = self.manifest.types.records.iter().any(|r| usize::from(slot) < r.fields.len());
        must(known, || format!("no record has a field {slot}"))
    }
}

/// Loops are properly nested; each has a counter of its own, which is set to zero directly before its `Next` and nowhere
/// else. So a way round can only be taken as often as the list is long.
fn loops(block: &Block) -> Result<(), String> {
    let mut started = vec![None; usize::from(block.loops)];
    for (pc, instr) in block.code.iter().enumerate() {
        match instr {
            Instr::Start { counter } => {
                let slot = started.get_mut(usize::from(*counter)).ok_or("no such counter")?;
                must(slot.is_none(), || format!("counter {counter} is started twice"))?;
                *slot = Some(pc);
            }
            Instr::Next { counter, .. } => {
                let start = started.get(usize::from(*counter)).copied().flatten();
                let right = start.and_then(|s: usize| s.checked_add(1)) == Some(pc);
                must(right, || format!("counter {counter} is not started before its loop"))?;
            }
            _ => {}
        }
    }
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut ranges = Vec::new();
    for (pc, instr) in block.code.iter().enumerate() {
        if let Instr::Again { to } = instr {
            let to = *to as usize;
            let next = matches!(block.code.get(to), Some(Instr::Next { .. }));
            must(next, || format!("a loop goes back to {to}, which is no `next`"))?;
            ranges.push((to, pc));
        }
    }
    ranges.sort_unstable();
    for (from, to) in ranges {
        while open.last().is_some_and(|(_, end)| *end < from) {
            open.pop();
        }
        if let Some((start, end)) = open.last() {
            must(*start < from && to < *end, || format!("the loops at {start} and {from} overlap"))?;
        }
        open.push((from, to));
    }
    Ok(())
}

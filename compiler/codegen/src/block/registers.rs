//! Registers, constants and jumps of a block that is being made.

use play_program::code::{Constant, Instr, Reg, Target};
use play_program::exec::Fault;
use play_program::types::Type;

use super::{Builder, too_large};

impl Builder<'_> {
    pub(super) fn alloc(&mut self, count: u16) -> Result<Reg, Fault> {
        let first = self.top;
        self.top = first.checked_add(count).ok_or_else(|| too_large(self.block.at))?;
        self.block.regs = self.block.regs.max(self.top);
        Ok(first)
    }

    pub(super) fn emit(&mut self, instr: Instr) -> usize {
        self.block.code.push(instr);
        self.block.code.len().saturating_sub(1)
    }

    pub(super) fn emit_at(&mut self, instr: Instr, at: u32) {
        let pc = self.emit(instr);
        let pc = u32::try_from(pc).unwrap_or(u32::MAX);
        self.block.nodes.push((pc, at));
    }

    pub(super) fn here(&self) -> Target {
        u32::try_from(self.block.code.len()).unwrap_or(u32::MAX)
    }

    /// Lets jumps go to the next instruction.
    pub(super) fn land(&mut self, jumps: &[usize]) {
        let target = self.here();
        for jump in jumps {
            match self.block.code.get_mut(*jump) {
                Some(
                    Instr::Jump { to }
                    | Instr::JumpIf { to, .. }
                    | Instr::JumpIfNone { to, .. }
                    | Instr::Convert { or: to, .. }
                    | Instr::Next { end: to, .. },
                ) => *to = target,
                _ => self.overflow = true,
            }
        }
    }

    pub(super) fn jump(&mut self) -> usize {
        self.emit(Instr::Jump { to: 0 })
    }

    pub(super) fn jump_if(&mut self, cond: Reg, is: bool) -> usize {
        self.emit(Instr::JumpIf { cond, is, to: 0 })
    }

    pub(super) fn constant(&mut self, value: &Constant) -> u16 {
        let found = self.block.consts.iter().position(|c| c == value);
        let index = found.unwrap_or_else(|| {
            self.block.consts.push(value.clone());
            self.block.consts.len().saturating_sub(1)
        });
        self.fit(index)
    }

    pub(super) fn ty(&mut self, ty: &Type) -> u16 {
        let found = self.block.types.iter().position(|t| t == ty);
        let index = found.unwrap_or_else(|| {
            self.block.types.push(ty.clone());
            self.block.types.len().saturating_sub(1)
        });
        self.fit(index)
    }

    pub(super) fn fit(&mut self, index: usize) -> u16 {
        u16::try_from(index).unwrap_or_else(|_| {
            self.overflow = true;
            0
        })
    }

    pub(super) fn value(&mut self, value: &Constant, dst: Reg) {
        let index = self.constant(value);
        self.emit(Instr::Const { dst, index });
    }
}

//! Loops over lists.

use play_check::typed::{Expr, ListOp, LocalId};
use play_program::code::{Constant, Instr, Reg, Target};
use play_program::exec::Fault;
use play_program::ops::Op;

use super::{Builder, too_large};

impl Builder<'_> {
    /// Opens a loop over a list; gives where it goes back to.
    pub(super) fn open_loop(&mut self, list: &Expr, var: LocalId) -> Result<(Target, usize), Fault> {
        let list = self.read(list)?;
        let item = self.alloc(1)?;
        let counter = self.block.loops;
        self.block.loops = counter.checked_add(1).ok_or_else(|| too_large(self.block.at))?;
        self.emit(Instr::Start { counter });
        let back = self.here();
        let next = self.emit(Instr::Next { item, list, counter, end: 0 });
        self.locals.insert(var, item);
        Ok((back, next))
    }

    pub(super) fn close_loop(&mut self, (back, next): (Target, usize)) {
        self.emit(Instr::Again { to: back });
        self.land(&[next]);
    }

    pub(super) fn open_list(&mut self) -> Result<u16, Fault> {
        let list = self.block.lists;
        self.block.lists = list.checked_add(1).ok_or_else(|| too_large(self.block.at))?;
        self.emit(Instr::Begin { list });
        Ok(list)
    }

    pub(super) fn list_op(
        &mut self,
        op: ListOp,
        list: &Expr,
        var: LocalId,
        body: &Expr,
        dst: Reg,
    ) -> Result<(), Fault> {
        match op {
            ListOp::Map => self.for_each(&var, list, body, true, dst),
            ListOp::Any | ListOp::All => {
                let stops = op == ListOp::Any;
                let open = self.open_loop(list, var)?;
                let holds = self.alloc(1)?;
                self.expr(body, holds)?;
                let found = self.jump_if(holds, stops);
                self.close_loop(open);
                self.value(&Constant::Bool(!stops), dst);
                let end = self.jump();
                self.land(&[found]);
                self.value(&Constant::Bool(stops), dst);
                self.land(&[end]);
                Ok(())
            }
            ListOp::Find => {
                let open = self.open_loop(list, var)?;
                let item = self.locals.get(&var).copied().unwrap_or(dst);
                let holds = self.alloc(1)?;
                self.expr(body, holds)?;
                let found = self.jump_if(holds, true);
                self.close_loop(open);
                self.value(&Constant::None, dst);
                let end = self.jump();
                self.land(&[found]);
                self.emit(Instr::Move { dst, src: item });
                self.land(&[end]);
                Ok(())
            }
            ListOp::Filter => {
                let built = self.open_list()?;
                let open = self.open_loop(list, var)?;
                let item = self.locals.get(&var).copied().unwrap_or(dst);
                let holds = self.alloc(1)?;
                self.expr(body, holds)?;
                let skip = self.jump_if(holds, false);
                self.emit(Instr::Push { list: built, src: item });
                self.land(&[skip]);
                self.close_loop(open);
                self.emit(Instr::Finish { dst, list: built });
                Ok(())
            }
            ListOp::Count => {
                // Counted apart from `dst`: the body may read what `dst` is about to replace.
                let (count, one) = (self.alloc(1)?, self.alloc(1)?);
                self.value(&Constant::Int(0), count);
                self.value(&Constant::Int(1), one);
                let open = self.open_loop(list, var)?;
                let holds = self.alloc(1)?;
                self.expr(body, holds)?;
                let skip = self.jump_if(holds, false);
                self.emit_at(Instr::Op { op: Op::Add, dst: count, left: count, right: one }, body.at);
                self.land(&[skip]);
                self.close_loop(open);
                self.emit(Instr::Move { dst, src: count });
                Ok(())
            }
        }
    }

    pub(super) fn for_each(
        &mut self,
        var: &LocalId,
        list: &Expr,
        body: &Expr,
        gives: bool,
        dst: Reg,
    ) -> Result<(), Fault> {
        let built = if gives { Some(self.open_list()?) } else { None };
        let open = self.open_loop(list, *var)?;
        let src = self.alloc(1)?;
        self.expr(body, src)?;
        if let Some(list) = built {
            self.emit(Instr::Push { list, src });
        }
        self.close_loop(open);
        match built {
            Some(list) => {
                self.emit(Instr::Finish { dst, list });
            }
            None => self.value(&Constant::None, dst),
        }
        Ok(())
    }
}

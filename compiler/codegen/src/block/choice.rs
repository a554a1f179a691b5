//! What goes one way or another: guards, arms, `match`.

use play_check::typed::{Arm, Expr, ExprKind, Missing, Pattern};
use play_program::code::{Constant, Instr, Reg};
use play_program::exec::Fault;

use super::{Builder, scalar};

impl Builder<'_> {
    /// A conversion into `dst`; gives the jump that is taken when it fails.
    pub(super) fn guarded(&mut self, expr: &Expr, dst: Reg) -> Result<usize, Fault> {
        let ExprKind::As(of, ty) = &expr.kind else {
            return Err(Fault { what: "a guard round no conversion".into(), at: expr.at });
        };
        let top = self.top;
        let src = self.read(of)?;
        let ty = self.ty(ty);
        self.top = top;
        Ok(self.emit(Instr::Convert { dst, src, ty, or: 0 }))
    }

    /// An option into `dst`; gives the jump that is taken when it is absent.
    pub(super) fn option(&mut self, expr: &Expr, dst: Reg) -> Result<usize, Fault> {
        self.expr(expr, dst)?;
        Ok(self.emit(Instr::JumpIfNone { src: dst, is: true, to: 0 }))
    }

    pub(super) fn maybe(&mut self, missing: Missing, expr: &Expr, dst: Reg) -> Result<usize, Fault> {
        match missing {
            Missing::Option => self.option(expr, dst),
            Missing::Conversion | Missing::Call => self.guarded(expr, dst),
        }
    }

    /// Says that an arm of a node is taken, in code that does.
    pub(super) fn mark(&mut self, at: u32, arm: usize) {
        if self.marks {
            self.emit(Instr::Mark { at, arm: u16::try_from(arm).unwrap_or(u16::MAX) });
        }
    }

    pub(super) fn arms(
        &mut self,
        at: u32,
        not: usize,
        then: &Expr,
        other: Option<&Expr>,
        dst: Reg,
    ) -> Result<(), Fault> {
        self.mark(at, 0);
        self.expr(then, dst)?;
        let end = self.jump();
        self.land(&[not]);
        self.mark(at, 1);
        match other {
            Some(other) => self.expr(other, dst)?,
            None => self.value(&Constant::None, dst),
        }
        self.land(&[end]);
        Ok(())
    }

    pub(super) fn choice(&mut self, at: u32, value: &Expr, arms: &[Arm], dst: Reg) -> Result<(), Fault> {
        let src = self.read(value)?;
        let fits = self.alloc(1)?;
        let mut ends = Vec::new();
        let Some((last, others)) = arms.split_last() else {
            self.value(&Constant::None, dst);
            return Ok(());
        };
        for (n, arm) in others.iter().enumerate() {
            let mut taken = Vec::new();
            let mut always = false;
            for pattern in &arm.patterns {
                match pattern {
                    Pattern::Any => {
                        always = true;
                        taken.push(self.jump());
                    }
                    Pattern::Range(low, high) => {
                        let low = self.constant(&Constant::Int(*low));
                        let high = self.constant(&Constant::Int(*high));
                        self.emit(Instr::Within { dst: fits, src, low, high });
                        taken.push(self.jump_if(fits, true));
                    }
                    Pattern::Value(value) => {
                        let index = self.constant(&scalar(value, arm.body.at)?);
                        self.emit(Instr::Is { dst: fits, src, index });
                        taken.push(self.jump_if(fits, true));
                    }
                }
            }
            let next = if always { None } else { Some(self.jump()) };
            self.land(&taken);
            self.mark(at, n);
            self.expr(&arm.body, dst)?;
            ends.push(self.jump());
            if let Some(next) = next {
                self.land(&[next]);
            }
        }
        // A match is exhaustive: what has come so far fits the last arm.
        self.mark(at, others.len());
        self.expr(&last.body, dst)?;
        self.land(&ends);
        Ok(())
    }
}

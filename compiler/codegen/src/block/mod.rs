//! Pure expressions to register bytecode.
//!
//! Registers are handed out like a stack: an expression is compiled into a register that its user names, and what it needs
//! in between lies above and is free again afterwards.

mod choice;
mod condition;
mod loops;
mod registers;

use std::collections::HashMap;

use play_check::typed::{self, BinaryOp, Body, Expr, ExprKind, LocalId, Missing, Stmt};
use play_program::code::{Block, Constant, Entry, Input, Instr, Reg};
use play_program::config;
use play_program::exec::Fault;
use play_program::ops::Op;
use play_program::types::Type;
use play_program::value::Value;

use crate::visit::{self, Free};
pub(crate) use condition::Leaf;

/// What a `?` does, and a conversion that nothing guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnTry {
    /// Gives `none` back: in functions.
    None,
    /// Ends with the misfit.
    Fail,
}

/// The arm of an `and` or `or` whose left side does not decide it.
pub(crate) const RIGHT: usize = 2;

pub(crate) fn too_large(at: u32) -> Fault {
    Fault { what: "too large: more than 65,536 registers, slots or constants in one place".into(), at }
}

pub(crate) fn small(n: usize, at: u32) -> Result<u16, Fault> {
    u16::try_from(n).map_err(|_| too_large(at))
}

/// Makes blocks of a program's pure expressions.
#[derive(Clone, Copy)]
pub(crate) struct Blocks<'a> {
    pub(crate) program: &'a typed::Program,
    /// Whether the code says which arms it takes.
    pub(crate) marks: bool,
}

impl<'a> Blocks<'a> {
    /// A body with its parameters.
    pub(crate) fn body(self, body: &Body, on_try: OnTry) -> Result<Block, Fault> {
        let mut b = Builder::new(self, &body.expr, on_try);
        for n in 0..body.params {
            let reg = b.alloc(1)?;
            b.locals.insert(LocalId(n), reg);
        }
        b.block.params = b.top;
        b.finish_with(&body.expr)
    }

    /// A body of a source: its parameters are the record and all values of the configuration.
    pub(crate) fn of_source(self, body: &Body) -> Result<Block, Fault> {
        let mut b = Builder::new(self, &body.expr, OnTry::Fail);
        for n in 0..body.params {
            let reg = b.alloc(1)?;
            b.locals.insert(LocalId(n), reg);
        }
        for field in 0..self.program.config.as_ref().map_or(0, |c| c.defaults.len()) {
            let reg = b.alloc(1)?;
            b.cases.insert(config::slot(field), reg);
        }
        b.block.params = b.top;
        b.finish_with(&body.expr)
    }

    /// An expression that stands in a playbook or looks at the case; `local` says where its locals are.
    pub(crate) fn entry(self, expr: &Expr, local: &dyn Fn(LocalId) -> Option<Input>) -> Result<Entry, Fault> {
        let (b, inputs) = self.open(expr, local)?;
        Ok(Entry { block: b.finish_with(expr)?, inputs })
    }

    fn open(
        self,
        expr: &Expr,
        local: &dyn Fn(LocalId) -> Option<Input>,
    ) -> Result<(Builder<'a>, Vec<Input>), Fault> {
        let mut b = Builder::new(self, expr, OnTry::Fail);
        let mut inputs = Vec::new();
        for free in visit::free(expr) {
            let reg = b.alloc(1)?;
            inputs.push(match free {
                Free::Local(id) => {
                    b.locals.insert(id, reg);
                    local(id).ok_or_else(|| unknown_local(expr.at))?
                }
                Free::Case(slot) => {
                    b.cases.insert(slot, reg);
                    Input::Case(small(slot, expr.at)?)
                }
            });
        }
        b.block.params = b.top;
        Ok((b, inputs))
    }
}

/// The checker never lets this happen; a typed program made by hand can.
pub(crate) fn unknown_local(at: u32) -> Fault {
    Fault { what: "a name that is not bound here".into(), at }
}

struct Builder<'a> {
    program: &'a typed::Program,
    marks: bool,
    block: Block,
    top: Reg,
    locals: HashMap<LocalId, Reg>,
    cases: HashMap<usize, Reg>,
    on_try: OnTry,
    /// Jumps to what a conversion that failed leads to.
    failed: Vec<usize>,
    /// Jumps to what an absent option leads to.
    absent: Vec<usize>,
    /// A place that does not fit: reported at the end.
    overflow: bool,
}

impl<'a> Builder<'a> {
    fn new(blocks: Blocks<'a>, expr: &Expr, on_try: OnTry) -> Self {
        Self {
            program: blocks.program,
            marks: blocks.marks,
            block: Block { at: expr.at, ..Block::default() },
            top: 0,
            locals: HashMap::new(),
            cases: HashMap::new(),
            on_try,
            failed: Vec::new(),
            absent: Vec::new(),
            overflow: false,
        }
    }

    fn finish_with(mut self, expr: &Expr) -> Result<Block, Fault> {
        let result = self.read(expr)?;
        self.finish(result)
    }

    fn finish(mut self, result: Reg) -> Result<Block, Fault> {
        self.emit(Instr::Return { src: result });
        let failed = std::mem::take(&mut self.failed);
        let absent = std::mem::take(&mut self.absent);
        match self.on_try {
            OnTry::Fail => {
                if !failed.is_empty() {
                    self.land(&failed);
                    self.emit(Instr::Fail);
                }
                if !absent.is_empty() {
                    self.land(&absent);
                    self.emit(Instr::FailAbsent);
                }
            }
            OnTry::None if failed.is_empty() && absent.is_empty() => {}
            OnTry::None => {
                self.land(&failed);
                self.land(&absent);
                let none = self.alloc(1)?;
                self.value(&Constant::None, none);
                self.emit(Instr::Return { src: none });
            }
        }
        if self.overflow { Err(too_large(self.block.at)) } else { Ok(self.block) }
    }

    /// The register in which an expression already is.
    fn place(&self, expr: &Expr) -> Option<Reg> {
        match &expr.kind {
            ExprKind::Local(id) => self.locals.get(id).copied(),
            ExprKind::CaseField(slot) => self.cases.get(slot).copied(),
            _ => None,
        }
    }

    /// The value of an expression in some register, to be read and not written.
    fn read(&mut self, expr: &Expr) -> Result<Reg, Fault> {
        if let Some(reg) = self.place(expr) {
            return Ok(reg);
        }
        let dst = self.alloc(1)?;
        self.expr(expr, dst)?;
        Ok(dst)
    }

    /// The values of several expressions in a run of registers.
    fn run(&mut self, all: &[Expr], at: u32) -> Result<(Reg, u16), Fault> {
        let count = small(all.len(), at)?;
        let first = self.alloc(count)?;
        for (dst, expr) in (first..).zip(all) {
            self.expr(expr, dst)?;
        }
        Ok((first, count))
    }

    /// Compiles an expression; its value goes to `dst`, and all other registers that it takes are free again afterwards.
    fn expr(&mut self, expr: &Expr, dst: Reg) -> Result<(), Fault> {
        let top = self.top;
        self.kind(expr, dst)?;
        self.top = top;
        Ok(())
    }

    fn kind(&mut self, expr: &Expr, dst: Reg) -> Result<(), Fault> {
        match &expr.kind {
            ExprKind::Lit(value) => self.literal(value, &expr.ty, dst, expr.at)?,
            ExprKind::Local(_) | ExprKind::CaseField(_) => {
                let src = self.place(expr).ok_or_else(|| unknown_local(expr.at))?;
                self.emit(Instr::Move { dst, src });
            }
            ExprKind::Const(index) => {
                let index = u32::try_from(*index).map_err(|_| too_large(expr.at))?;
                self.emit(Instr::Global { dst, index });
            }
            ExprKind::Field(of, slot) => {
                let (src, slot) = (self.read(of)?, small(*slot, expr.at)?);
                self.emit(Instr::Field { dst, src, slot });
            }
            ExprKind::OptField(of, slot) => {
                let (src, slot) = (self.read(of)?, small(*slot, expr.at)?);
                self.emit(Instr::OptField { dst, src, slot });
            }
            ExprKind::Builtin(id, args) => {
                let receiver = args.first().map_or(Type::Unit, |a| a.ty.clone());
                let (first, count) = self.run(args, expr.at)?;
                let receiver = self.ty(&receiver);
                self.emit(Instr::Builtin { dst, id: *id, first, count, receiver });
            }
            ExprKind::ListOp { op, list, var, body } => self.list_op(*op, list, *var, body, dst)?,
            ExprKind::Call(function, args) => {
                let (first, count) = self.run(args, expr.at)?;
                let function = u32::try_from(*function).map_err(|_| too_large(expr.at))?;
                self.emit_at(Instr::Call { dst, function, first, count }, expr.at);
            }
            ExprKind::Record(_, fields) => {
                let (first, count) = self.run(fields, expr.at)?;
                self.emit(Instr::Record { dst, first, count });
            }
            ExprKind::List(items) => {
                let (first, count) = self.run(items, expr.at)?;
                self.emit(Instr::List { dst, first, count });
            }
            ExprKind::Map(pairs) => {
                let (first, count) = self.run(pairs, expr.at)?;
                self.emit(Instr::Map { dst, first, count });
            }
            ExprKind::Interp(parts) => self.interpolation(parts, dst, expr.at)?,
            ExprKind::Neg(of) => {
                let src = self.read(of)?;
                self.emit_at(Instr::Neg { dst, src }, expr.at);
            }
            ExprKind::Not(of) => {
                let src = self.read(of)?;
                self.emit(Instr::Not { dst, src });
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let decides = matches!(expr.kind, ExprKind::Or(..));
                self.expr(a, dst)?;
                let end = self.jump_if(dst, decides);
                self.mark(expr.at, RIGHT);
                self.expr(b, dst)?;
                self.land(&[end]);
            }
            ExprKind::Binary(op, left, right) => {
                let left_reg = self.read(left)?;
                self.binary(*op, left_reg, right, dst, expr.at)?;
            }
            ExprKind::JsonKey(of, key) => {
                let src = self.read(of)?;
                let key = self.constant(&Constant::Str(key.clone()));
                self.emit(Instr::Key { dst, src, key });
            }
            ExprKind::JsonIndex(of, index) => {
                let (src, index) = (self.read(of)?, self.read(index)?);
                self.emit(Instr::Index { dst, src, index });
            }
            ExprKind::JsonExists(of) => {
                let src = self.read(of)?;
                self.emit(Instr::Exists { dst, src });
            }
            ExprKind::As(..) => {
                let failed = self.guarded(expr, dst)?;
                self.failed.push(failed);
            }
            ExprKind::Try(Missing::Conversion, of) => {
                let failed = self.guarded(of, dst)?;
                self.failed.push(failed);
            }
            ExprKind::Try(_, of) => {
                let absent = self.option(of, dst)?;
                self.absent.push(absent);
            }
            ExprKind::Else(missing, value, arm) => {
                let missing = self.maybe(*missing, value, dst)?;
                let end = self.jump();
                self.land(&[missing]);
                self.mark(expr.at, 1);
                self.expr(arm, dst)?;
                self.land(&[end]);
            }
            ExprKind::Catch(_, of) => self.expr(of, dst)?,
            ExprKind::If(test, then, other) => {
                let cond = self.read(test)?;
                let not = self.jump_if(cond, false);
                self.arms(expr.at, not, then, other.as_deref(), dst)?;
            }
            ExprKind::IfLet { missing, value, var, then, other } => {
                let reg = self.alloc(1)?;
                let not = self.maybe(*missing, value, reg)?;
                self.locals.insert(*var, reg);
                self.arms(expr.at, not, then, other.as_deref(), dst)?;
            }
            ExprKind::Match { value, arms } => self.choice(expr.at, value, arms, dst)?,
            ExprKind::For { var, list, body } => {
                let gives = matches!(expr.ty, Type::List(_));
                self.for_each(var, list, body, gives, dst)?;
            }
            ExprKind::Block(stmts, value) => {
                for stmt in stmts {
                    match stmt {
                        Stmt::Let(id, of) => {
                            let reg = self.alloc(1)?;
                            self.expr(of, reg)?;
                            self.locals.insert(*id, reg);
                        }
                        Stmt::Expr(of) => {
                            let reg = self.alloc(1)?;
                            self.expr(of, reg)?;
                        }
                    }
                }
                match value {
                    Some(value) => self.expr(value, dst)?,
                    None => self.value(&Constant::None, dst),
                }
            }
            ExprKind::Read(..)
            | ExprKind::Do(..)
            | ExprKind::Step { .. }
            | ExprKind::FailStep
            | ExprKind::Rollback { .. }
            | ExprKind::Suspend(..)
            | ExprKind::Set { .. }
            | ExprKind::Note(_)
            | ExprKind::Revealed { .. }
            | ExprKind::Route { .. }
            | ExprKind::HandOver { .. }
            | ExprKind::Close { .. } => {
                return Err(Fault {
                    what: "an effect where nothing but computing is allowed".into(),
                    at: expr.at,
                });
            }
        }
        Ok(())
    }

    fn literal(&mut self, value: &Value, ty: &Type, dst: Reg, at: u32) -> Result<(), Fault> {
        let (items, record) = match value {
            Value::List(items) => (items, false),
            Value::Record(items) => (items, true),
            simple => {
                let constant = match (ty, Constant::of(simple)) {
                    (Type::Regex, Some(Constant::Str(pattern))) => Constant::Regex(pattern),
                    (_, Some(constant)) => constant,
                    (_, None) => return Err(Fault { what: "a literal that is no constant".into(), at }),
                };
                self.value(&constant, dst);
                return Ok(());
            }
        };
        let count = small(items.len(), at)?;
        let first = self.alloc(count)?;
        let of = match ty {
            Type::List(of) => of,
            other => other,
        };
        for (reg, item) in (first..).zip(items.iter()) {
            self.literal(item, of, reg, at)?;
        }
        self.emit(if record {
            Instr::Record { dst, first, count }
        } else {
            Instr::List { dst, first, count }
        });
        Ok(())
    }

    fn binary(&mut self, op: BinaryOp, left: Reg, right: &Expr, dst: Reg, at: u32) -> Result<(), Fault> {
        if op == BinaryOp::Matches
            && let Some(pattern) = self.pattern(right)
        {
            let pattern = self.constant(&pattern);
            self.emit(Instr::Matches { dst, text: left, pattern });
            return Ok(());
        }
        let right = self.read(right)?;
        let op = operator(op).ok_or(Fault { what: "an operator that is not one".into(), at })?;
        self.emit_at(Instr::Op { op, dst, left, right }, at);
        Ok(())
    }

    /// A pattern that stands in the source, by itself or as a constant.
    fn pattern(&self, expr: &Expr) -> Option<Constant> {
        match &expr.kind {
            ExprKind::Lit(Value::Str(text)) if expr.ty == Type::Regex => {
                Some(Constant::Regex(text.to_string()))
            }
            ExprKind::Const(index) => self.pattern(&self.program.consts.get(*index)?.body.expr),
            _ => None,
        }
    }

    fn interpolation(&mut self, parts: &[Expr], dst: Reg, at: u32) -> Result<(), Fault> {
        let count = small(parts.len(), at)?;
        let first = self.alloc(count)?;
        for (reg, part) in (first..).zip(parts) {
            let types = &self.program.types;
            let is_text = matches!(
                types.repr(&part.ty),
                Type::String | Type::Url | Type::Email | Type::Domain | Type::Hash
            );
            if is_text {
                self.expr(part, reg)?;
            } else {
                let top = self.top;
                let src = self.read(part)?;
                let ty = self.ty(&part.ty);
                self.emit(Instr::Text { dst: reg, src, ty });
                self.top = top;
            }
        }
        self.emit(Instr::Concat { dst, first, count });
        Ok(())
    }
}

pub(crate) fn scalar(value: &Value, at: u32) -> Result<Constant, Fault> {
    Constant::of(value).ok_or(Fault { what: "a pattern that is no constant".into(), at })
}

fn operator(op: BinaryOp) -> Option<Op> {
    Some(match op {
        BinaryOp::Add => Op::Add,
        BinaryOp::Sub => Op::Sub,
        BinaryOp::Mul => Op::Mul,
        BinaryOp::Div => Op::Div,
        BinaryOp::Rem => Op::Rem,
        BinaryOp::Eq => Op::Eq,
        BinaryOp::Ne => Op::Ne,
        BinaryOp::Lt => Op::Lt,
        BinaryOp::Le => Op::Le,
        BinaryOp::Gt => Op::Gt,
        BinaryOp::Ge => Op::Ge,
        BinaryOp::In => Op::In,
        BinaryOp::Matches => Op::Matches,
        BinaryOp::Like => Op::Like,
        BinaryOp::ILike => Op::ILike,
        BinaryOp::And | BinaryOp::Or => return None,
    })
}

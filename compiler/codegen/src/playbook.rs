//! Playbooks to task trees.
//!
//! Each expression with effects becomes a task; each of its pure parts that needs computing, and the expression itself when
//! its parts are there, becomes an `Eval`. What an expression's parts leave, the expression finds in slots.

use std::collections::HashMap;

use play_check::typed::{self, BinaryOp, Effects, Expr, ExprKind, LocalId, Missing, Pattern, Stmt};
use play_program::code::{
    Arm, Block, Change, ChangeKind, Constant, Entry, Fits, Guard, Input, Instr, On, Operand, Outs, PartSlots,
    Playbook, Region, Sides, Site, Slot, Task, TaskId, TaskKind,
};
use play_program::exec::Fault;
use play_program::types::Type;
use play_program::value::Value;

use crate::block::{Blocks, Leaf, scalar, small, too_large, unknown_local};
use crate::visit::operands;

/// Locals that stand for the parts of an expression which have their values in slots. Far above all that a program has.
const FIRST_PART: u32 = 1 << 31;

pub(crate) fn code(blocks: Blocks<'_>, playbook: &typed::Playbook) -> Result<Playbook, Fault> {
    let when = playbook.when.as_ref().map(|body| blocks.entry(&body.expr, &|_| None)).transpose()?;
    let mut trees = Trees {
        blocks,
        regions: vec![Growing::default()],
        here: 0,
        sites: Vec::new(),
        parts: HashMap::new(),
    };
    trees.task(&playbook.body.expr, None)?;
    let regions = trees.regions.into_iter().map(|r| Region { slots: r.slots, tasks: r.tasks }).collect();
    let untils = playbook.untils.iter().map(|u| crate::guard::until(blocks, u));
    Ok(Playbook { when, regions, sites: trees.sites, untils: untils.collect::<Result<_, _>>()? })
}

#[derive(Default)]
struct Growing {
    slots: u16,
    tasks: Vec<Task>,
    locals: HashMap<LocalId, Slot>,
    outer: Option<usize>,
}

struct Trees<'a> {
    blocks: Blocks<'a>,
    regions: Vec<Growing>,
    here: usize,
    sites: Vec<Site>,
    /// Slots, in the region at hand, of locals that stand for parts.
    parts: HashMap<LocalId, Slot>,
}

/// What an expression needs before its own value can be made.
#[derive(Default)]
struct Parts {
    tasks: Vec<TaskId>,
    operands: Vec<Operand>,
}

const PURE: Effects = Effects {
    read: false,
    act: false,
    change: false,
    end: false,
    end_in_else: false,
    fault: false,
    passes: false,
};

impl Trees<'_> {
    fn region(&mut self) -> Result<&mut Growing, Fault> {
        self.regions.get_mut(self.here).ok_or_else(|| too_large(0))
    }

    fn slot(&mut self) -> Result<Slot, Fault> {
        let region = self.region()?;
        let slot = region.slots;
        region.slots = slot.checked_add(1).ok_or_else(|| too_large(0))?;
        Ok(slot)
    }

    fn bind(&mut self, local: LocalId, slot: Slot) -> Result<(), Fault> {
        self.region()?.locals.insert(local, slot);
        Ok(())
    }

    fn local(&self, id: LocalId) -> Option<Input> {
        if let Some(slot) = self.parts.get(&id) {
            return Some(Input::Local { up: 0, slot: *slot });
        }
        let mut up = 0_u16;
        let mut at = Some(self.here);
        while let Some(region) = at.and_then(|n| self.regions.get(n)) {
            if let Some(slot) = region.locals.get(&id) {
                return Some(Input::Local { up, slot: *slot });
            }
            at = region.outer;
            up = up.checked_add(1)?;
        }
        None
    }

    /// Takes the next index: a task stands before its children.
    fn reserve(&mut self) -> Result<TaskId, Fault> {
        let tasks = &mut self.region()?.tasks;
        let id = u32::try_from(tasks.len()).map_err(|_| too_large(0))?;
        let kind = TaskKind::All { tasks: Vec::new() };
        tasks.push(Task { ordered: false, barrier: false, sets: Vec::new(), kind });
        Ok(id)
    }

    fn put(&mut self, id: TaskId, fx: Effects, kind: TaskKind) -> Result<TaskId, Fault> {
        let mut sets: Vec<u16> = Vec::new();
        if let TaskKind::Change { change: Change { kind: ChangeKind::Set { slot, .. }, .. }, .. } = &kind {
            sets.push(*slot);
        }
        let inner = match &kind {
            TaskKind::For { region, .. } => self.regions.get(*region as usize).and_then(|r| r.tasks.first()),
            _ => None,
        };
        sets.extend(inner.into_iter().flat_map(|t| &t.sets));
        let tasks = &mut self.region()?.tasks;
        for child in kind.children() {
            sets.extend(tasks.get(child as usize).into_iter().flat_map(|t| &t.sets));
        }
        sets.sort_unstable();
        sets.dedup();
        if let Some(task) = tasks.get_mut(id as usize) {
            *task = Task { ordered: fx.is_ordered(), barrier: fx.is_barrier(), sets, kind };
        }
        Ok(id)
    }

    fn eval(&mut self, entry: Entry, fault: bool, outs: Outs) -> Result<TaskId, Fault> {
        let id = self.reserve()?;
        self.put(id, Effects { fault, ..PURE }, TaskKind::Eval { entry, outs })
    }

    fn entry(&self, expr: &Expr) -> Result<Entry, Fault> {
        self.blocks.entry(expr, &|id| self.local(id))
    }

    /// A task that gives nothing, as a value.
    fn nothing(&mut self, at: u32, out: Slot) -> Result<TaskId, Fault> {
        let code = vec![Instr::Return { src: 0 }];
        let entry = Entry { block: Block { at, regs: 1, code, ..Block::default() }, inputs: Vec::new() };
        self.eval(entry, false, Outs::One(out))
    }

    /// The task of an arm of a node, which in code with marks says first that it is taken.
    fn arm(&mut self, at: u32, n: usize, expr: &Expr, out: Option<Slot>) -> Result<TaskId, Fault> {
        if !self.blocks.marks {
            return self.task(expr, out);
        }
        let id = self.reserve()?;
        let tasks = vec![self.mark(at, n)?, self.task(expr, out)?];
        self.put(id, expr.fx, TaskKind::Seq { tasks })
    }

    /// The same for an arm that is not written: there is none without marks.
    fn no_arm(&mut self, at: u32, n: usize) -> Result<Option<TaskId>, Fault> {
        if self.blocks.marks { self.mark(at, n).map(Some) } else { Ok(None) }
    }

    fn mark(&mut self, at: u32, n: usize) -> Result<TaskId, Fault> {
        let code = vec![Instr::Mark { at, arm: small(n, at)? }, Instr::Return { src: 0 }];
        let entry = Entry { block: Block { at, regs: 1, code, ..Block::default() }, inputs: Vec::new() };
        self.eval(entry, false, Outs::None)
    }

    /// The task of an expression; its value goes to `out`, if anybody wants it.
    fn task(&mut self, expr: &Expr, out: Option<Slot>) -> Result<TaskId, Fault> {
        if expr.fx.is_pure() {
            let entry = self.entry(expr)?;
            return self.eval(entry, expr.fx.fault, out.map_or(Outs::None, Outs::One));
        }
        if let (Some(out), true) = (out, gives_nothing(&expr.kind)) {
            let id = self.reserve()?;
            let tasks = vec![self.task(expr, None)?, self.nothing(expr.at, out)?];
            return self.put(id, expr.fx, TaskKind::All { tasks });
        }
        match &expr.kind {
            ExprKind::Block(stmts, value) => {
                let id = self.reserve()?;
                let mut tasks = Vec::new();
                for stmt in stmts {
                    tasks.push(match stmt {
                        Stmt::Expr(e) => self.task(e, None)?,
                        Stmt::Let(local, e) => {
                            let slot = self.slot()?;
                            let task = self.named(e, slot)?;
                            self.bind(*local, slot)?;
                            task
                        }
                    });
                }
                if let Some(value) = value {
                    tasks.push(self.task(value, out)?);
                }
                self.put(id, expr.fx, TaskKind::Seq { tasks })
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let id = self.reserve()?;
                let (left_slot, right_slot) = (self.slot()?, self.slot()?);
                let left = self.task(a, Some(left_slot))?;
                let right = self.task(b, Some(right_slot))?;
                let and = matches!(expr.kind, ExprKind::And(..));
                let out = self.out(out)?;
                self.put(id, expr.fx, TaskKind::Short { and, left, left_slot, right, right_slot, out })
            }
            ExprKind::Else(missing, value, arm) => {
                let id = self.reserve()?;
                let from = self.slot()?;
                let (guard, value) = self.guarded(*missing, value, from)?;
                let arm_out = if arm.ty == Type::Never { None } else { out };
                let arm = self.after_failure(expr.at, arm, from, arm_out)?;
                self.put(id, expr.fx, TaskKind::Else { guard, value, from, arm, out })
            }
            ExprKind::If(test, then, other) => {
                let id = self.reserve()?;
                let is = self.slot()?;
                let mut parts = Vec::new();
                let test = self.test(test, is, &mut parts)?;
                let then = self.arm(expr.at, 0, then, out)?;
                let other = match other {
                    Some(other) => Some(self.arm(expr.at, 1, other, out)?),
                    None => self.no_arm(expr.at, 1)?,
                };
                self.put(id, expr.fx, TaskKind::If { at: expr.at, test, is, parts, then, other })
            }
            ExprKind::IfLet { missing, value, var, then, other } => {
                let id = self.reserve()?;
                let (from, slot) = (self.slot()?, self.slot()?);
                let on = On { at: value.at, ty: value.ty.clone() };
                let (guard, value) = self.guarded(*missing, value, from)?;
                self.bind(*var, slot)?;
                let then = self.arm(expr.at, 0, then, out)?;
                let other = match other {
                    Some(other) => Some(self.after_failure(expr.at, other, from, out)?),
                    None => self.no_arm(expr.at, 1)?,
                };
                let at = expr.at;
                self.put(id, expr.fx, TaskKind::IfLet { at, guard, value, from, on, var: slot, then, other })
            }
            ExprKind::Match { value, arms } => {
                let id = self.reserve()?;
                let from = self.slot()?;
                let on = On { at: value.at, ty: value.ty.clone() };
                let value = self.task(value, Some(from))?;
                let mut all = Vec::new();
                for (n, arm) in arms.iter().enumerate() {
                    let patterns = arm.patterns.iter().map(|p| match p {
                        Pattern::Any => Ok(Fits::Any),
                        Pattern::Value(v) => scalar(v, arm.body.at).map(Fits::Is),
                        Pattern::Range(low, high) => Ok(Fits::Within(*low, *high)),
                    });
                    let patterns = patterns.collect::<Result<_, _>>()?;
                    all.push(Arm {
                        patterns,
                        label: arm.label.clone(),
                        task: self.arm(expr.at, n, &arm.body, out)?,
                    });
                }
                self.put(id, expr.fx, TaskKind::Match { at: expr.at, value, from, on, arms: all })
            }
            ExprKind::For { var, list, body } => self.for_each(expr, *var, list, body, out),
            ExprKind::Read(..) | ExprKind::Do(..) | ExprKind::Suspend(..) => {
                let out = self.out(out)?;
                self.effect(expr, out)
            }
            ExprKind::Step { name, body, other } => {
                let id = self.reserve()?;
                let (at, other_at, name) = (expr.at, other.at, String::from(&**name));
                let failure = if let ExprKind::Catch(..) = other.kind { Some(self.slot()?) } else { None };
                let body = self.task(body, None)?;
                let other = match failure {
                    Some(from) => self.after_failure(at, other, from, None)?,
                    None => self.arm(at, 1, other, None)?,
                };
                self.put(id, expr.fx, TaskKind::Step { at, name, body, other, other_at, failure })
            }
            ExprKind::Rollback { because } => {
                let out = self.out(out)?;
                let id = self.reserve()?;
                let parts = self.parts(&[because])?;
                let Some(because) = parts.operands.last().cloned() else {
                    return Err(unknown_local(expr.at));
                };
                self.put(id, expr.fx, TaskKind::Rollback { at: expr.at, parts: parts.tasks, because, out })
            }
            ExprKind::Set { slot, value, because } => {
                let slot = small(*slot, expr.at)?;
                self.change(expr, &[value, because], |operands| {
                    let [value, _] = operands else { return None };
                    Some(ChangeKind::Set { slot, value: value.clone() })
                })
            }
            ExprKind::Note(text) => self.change(expr, &[text], |_| Some(ChangeKind::Note)),
            ExprKind::Revealed { because, .. } => {
                self.change(expr, &[because], |_| Some(ChangeKind::Revealed))
            }
            ExprKind::Route { to, because } => {
                self.change(expr, &[because], |_| Some(ChangeKind::Route { to: to.clone() }))
            }
            ExprKind::HandOver { to, because } => {
                self.change(expr, &[because], |_| Some(ChangeKind::HandOver { to: to.clone() }))
            }
            ExprKind::Close { class, because } => {
                self.change(expr, &[because], |_| Some(ChangeKind::Close { class: *class }))
            }
            _ => self.composite(expr, out),
        }
    }

    /// The task of an expression that gets a name. Whoever mentions the name looks for its value in the slot, so nothing
    /// may be there before the expression is done as a whole (rule 1).
    fn named(&mut self, expr: &Expr, slot: Slot) -> Result<TaskId, Fault> {
        if !gives_early(expr) {
            return self.task(expr, Some(slot));
        }
        let id = self.reserve()?;
        let inside = self.slot()?;
        let mut tasks = vec![self.task(expr, Some(inside))?];
        let mut own = Expr { kind: ExprKind::Lit(Value::None), ty: expr.ty.clone(), at: expr.at, fx: PURE };
        self.stand_in(&mut own, inside)?;
        let entry = self.entry(&own)?;
        tasks.push(self.eval(entry, false, Outs::One(slot))?);
        self.put(id, expr.fx, TaskKind::All { tasks })
    }

    fn out(&mut self, out: Option<Slot>) -> Result<Slot, Fault> {
        out.map_or_else(|| self.slot(), Ok)
    }

    /// What an `else` or `if let` guards; its value goes to `from`.
    fn guarded(&mut self, missing: Missing, value: &Expr, from: Slot) -> Result<(Guard, TaskId), Fault> {
        let guard = if missing == Missing::Option { Guard::Absent } else { Guard::Failed };
        Ok((guard, self.task(value, Some(from))?))
    }

    /// What is done when a value is missing. Where a call failed, its failure is where the value would be.
    fn after_failure(&mut self, at: u32, arm: &Expr, from: Slot, out: Option<Slot>) -> Result<TaskId, Fault> {
        match &arm.kind {
            ExprKind::Catch(var, arm) => {
                self.bind(*var, from)?;
                self.arm(at, 1, arm, out)
            }
            ExprKind::FailStep => {
                let id = self.reserve()?;
                self.put(id, arm.fx, TaskKind::FailStep { from })
            }
            _ => self.arm(at, 1, arm, out),
        }
    }

    fn for_each(
        &mut self,
        expr: &Expr,
        var: LocalId,
        list: &Expr,
        body: &Expr,
        out: Option<Slot>,
    ) -> Result<TaskId, Fault> {
        let id = self.reserve()?;
        let from = self.slot()?;
        let list = self.task(list, Some(from))?;

        let outer = self.here;
        let region = u32::try_from(self.regions.len()).map_err(|_| too_large(expr.at))?;
        self.here = self.regions.len();
        self.regions.push(Growing { outer: Some(outer), ..Growing::default() });
        let slot = self.slot()?;
        self.bind(var, slot)?;
        let gives = if matches!(expr.ty, Type::List(_)) { Some(self.slot()?) } else { None };
        self.task(body, gives)?;
        self.here = outer;

        self.put(id, expr.fx, TaskKind::For { at: expr.at, list, from, region, var: slot, gives, out })
    }

    fn effect(&mut self, expr: &Expr, out: Slot) -> Result<TaskId, Fault> {
        let Some((call, args)) = expr.kind.asked() else { return Err(unknown_local(expr.at)) };
        let id = self.reserve()?;
        let site = u32::try_from(self.sites.len()).map_err(|_| too_large(expr.at))?;
        self.sites.push(Site { call, at: expr.at });
        let parts = self.parts(&args.iter().collect::<Vec<_>>())?;
        self.put(id, expr.fx, TaskKind::Effect { site, parts: parts.tasks, args: parts.operands, out })
    }

    fn change(
        &mut self,
        expr: &Expr,
        operands: &[&Expr],
        kind: impl FnOnce(&[Operand]) -> Option<ChangeKind>,
    ) -> Result<TaskId, Fault> {
        let id = self.reserve()?;
        let parts = self.parts(operands)?;
        let (Some(kind), Some(text)) = (kind(&parts.operands), parts.operands.last().cloned()) else {
            return Err(unknown_local(expr.at));
        };
        self.put(
            id,
            expr.fx,
            TaskKind::Change { at: expr.at, parts: parts.tasks, change: Change { kind, text } },
        )
    }

    /// The parts of a call or change, from left to right.
    fn parts(&mut self, all: &[&Expr]) -> Result<Parts, Fault> {
        // A field that one part sets may be read by another before that: such reads need a place in the order.
        let changes = all.iter().any(|e| e.fx.change);
        let mut parts = Parts::default();
        for expr in all {
            if let Some(operand) = self.operand(expr, changes)? {
                parts.operands.push(operand);
                continue;
            }
            let slot = self.slot()?;
            parts.tasks.push(self.task(expr, Some(slot))?);
            parts.operands.push(Operand::Input(Input::Local { up: 0, slot }));
        }
        Ok(parts)
    }

    fn operand(&self, expr: &Expr, changes: bool) -> Result<Option<Operand>, Fault> {
        Ok(match &expr.kind {
            ExprKind::Lit(value) if expr.ty != Type::Regex => Constant::of(value).map(Operand::Const),
            ExprKind::Local(id) => {
                Some(Operand::Input(self.local(*id).ok_or_else(|| unknown_local(expr.at))?))
            }
            ExprKind::CaseField(slot) if !changes => {
                Some(Operand::Input(Input::Case(small(*slot, expr.at)?)))
            }
            _ => None,
        })
    }

    /// Any other expression with effects in its parts: the parts, then the expression over their values.
    fn composite(&mut self, expr: &Expr, out: Option<Slot>) -> Result<TaskId, Fault> {
        let id = self.reserve()?;
        let mut own = expr.clone();
        let mut tasks = Vec::new();
        let changes = expr.fx.change;
        for part in operands(&mut own) {
            // A part that cannot fault and always has the same value may as well be computed with the whole.
            if part.fx.is_pure() && !part.fx.fault && !changes {
                continue;
            }
            let slot = self.slot()?;
            tasks.push(self.task(part, Some(slot))?);
            self.stand_in(part, slot)?;
        }
        let entry = self.entry(&own)?;
        tasks.push(self.eval(entry, self.can_fault(expr), out.map_or(Outs::None, Outs::One))?);
        self.put(id, expr.fx, TaskKind::All { tasks })
    }

    /// Puts a local in the place of a part whose value is in a slot.
    fn stand_in(&mut self, part: &mut Expr, slot: Slot) -> Result<(), Fault> {
        let n = u32::try_from(self.parts.len()).map_err(|_| too_large(part.at))?;
        let local = LocalId(FIRST_PART.checked_add(n).ok_or_else(|| too_large(part.at))?);
        self.parts.insert(local, slot);
        part.kind = ExprKind::Local(local);
        part.fx = PURE;
        Ok(())
    }

    /// Whether an expression can fault when all of its parts have values.
    fn can_fault(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Call(index, _) => {
                self.blocks.program.fns.get(*index).is_some_and(|f| f.body.expr.fx.fault)
            }
            ExprKind::ListOp { body, .. } => body.fx.fault,
            ExprKind::Neg(of) if of.ty.is_int() => play_check::interval::negated(of).is_none(),
            ExprKind::Neg(of) => !matches!(self.blocks.program.types.repr(&of.ty), Type::Float),
            ExprKind::Binary(op, left, right) if left.ty.is_int() && right.ty.is_int() => {
                play_check::interval::faults(*op, left, right)
            }
            ExprKind::Binary(op, left, right) => {
                let repr = |e: &Expr| self.blocks.program.types.repr(&e.ty).clone();
                match op {
                    BinaryOp::Add => {
                        !matches!(repr(left), Type::Float | Type::String | Type::Bytes | Type::List(_))
                    }
                    BinaryOp::Sub => !matches!(
                        (repr(left), repr(right)),
                        (Type::Float, _) | (Type::Time, Type::Time) | (Type::Date, Type::Date)
                    ),
                    BinaryOp::Mul | BinaryOp::Div => repr(left) != Type::Float,
                    BinaryOp::Rem => true,
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// The condition of a decision: its value goes to `is`, and what it rests on to `parts`.
    fn test(&mut self, expr: &Expr, is: Slot, parts: &mut Vec<PartSlots>) -> Result<TaskId, Fault> {
        if expr.fx.is_pure() {
            return self.pure_test(expr, is, parts);
        }
        match &expr.kind {
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let id = self.reserve()?;
                let (left_slot, right_slot) = (self.slot()?, self.slot()?);
                let left = self.test(a, left_slot, parts)?;
                let right = self.test(b, right_slot, parts)?;
                let and = matches!(expr.kind, ExprKind::And(..));
                self.put(id, expr.fx, TaskKind::Short { and, left, left_slot, right, right_slot, out: is })
            }
            ExprKind::Not(of) => {
                let id = self.reserve()?;
                let slot = self.slot()?;
                let inner = self.test(of, slot, parts)?;
                let mut own = expr.clone();
                if let ExprKind::Not(of) = &mut own.kind {
                    self.stand_in(of, slot)?;
                }
                let entry = self.entry(&own)?;
                let not = self.eval(entry, false, Outs::One(is))?;
                self.put(id, expr.fx, TaskKind::All { tasks: vec![inner, not] })
            }
            _ => self.leaf(expr, is, parts),
        }
    }

    fn pure_test(&mut self, expr: &Expr, is: Slot, parts: &mut Vec<PartSlots>) -> Result<TaskId, Fault> {
        let mut leaves: Vec<Leaf<'_>> = Vec::new();
        self.blocks.leaves(expr, &mut leaves);
        if let [Leaf { sides: None, .. }] = leaves.as_slice()
            && !matches!(expr.kind, ExprKind::Not(_))
        {
            parts.push(PartSlots { at: expr.at, is, sides: None });
            let entry = self.entry(expr)?;
            return self.eval(entry, expr.fx.fault, Outs::One(is));
        }
        let mut outs = vec![is];
        for leaf in &leaves {
            let leaf_is = self.slot()?;
            outs.push(leaf_is);
            let sides = match leaf.sides {
                Some((left, right)) => {
                    let (l, r) = (self.slot()?, self.slot()?);
                    outs.extend([l, r]);
                    Some(Box::new(Sides { left: (l, left.ty.clone()), right: (r, right.ty.clone()) }))
                }
                None => None,
            };
            parts.push(PartSlots { at: leaf.expr.at, is: leaf_is, sides });
        }
        let entry = self.blocks.condition(expr, &|id| self.local(id))?;
        self.eval(entry, expr.fx.fault, Outs::Spread(outs))
    }

    /// A leaf with effects.
    fn leaf(&mut self, expr: &Expr, is: Slot, parts: &mut Vec<PartSlots>) -> Result<TaskId, Fault> {
        let Some((left, right)) = self.blocks.sides(expr) else {
            parts.push(PartSlots { at: expr.at, is, sides: None });
            return self.task(expr, Some(is));
        };
        let id = self.reserve()?;
        let (l, r) = (self.slot()?, self.slot()?);
        let sides = Sides { left: (l, left.ty.clone()), right: (r, right.ty.clone()) };
        parts.push(PartSlots { at: expr.at, is, sides: Some(Box::new(sides)) });
        let mut tasks = vec![self.task(left, Some(l))?, self.task(right, Some(r))?];
        let mut own = expr.clone();
        if let ExprKind::Binary(_, left, right) = &mut own.kind {
            self.stand_in(left, l)?;
            self.stand_in(right, r)?;
        }
        let entry = self.entry(&own)?;
        tasks.push(self.eval(entry, false, Outs::One(is))?);
        self.put(id, expr.fx, TaskKind::All { tasks })
    }
}

/// Whether an expression with effects is one that has no value of its own.
fn gives_nothing(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::Set { .. }
            | ExprKind::Note(_)
            | ExprKind::Revealed { .. }
            | ExprKind::Route { .. }
            | ExprKind::Step { .. }
            | ExprKind::Block(_, None)
            | ExprKind::If(_, _, None)
            | ExprKind::IfLet { other: None, .. }
    )
}

/// Whether the value of an expression may be in its slot while a statement of it still waits.
fn gives_early(expr: &Expr) -> bool {
    match &expr.kind {
        _ if expr.fx.is_pure() => false,
        ExprKind::Block(stmts, Some(value)) => !stmts.is_empty() || gives_early(value),
        ExprKind::Else(_, _, arm) | ExprKind::Catch(_, arm) => gives_early(arm),
        ExprKind::If(_, then, Some(other)) | ExprKind::IfLet { then, other: Some(other), .. } => {
            gives_early(then) || gives_early(other)
        }
        ExprKind::Match { arms, .. } => arms.iter().any(|arm| gives_early(&arm.body)),
        _ => false,
    }
}

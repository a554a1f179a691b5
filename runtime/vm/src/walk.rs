//! One walk over a playbook, in source order, by the rules of [`play_program::exec`].
//!
//! What is done is passed by; what is ready is done. The walk carries what the rules speak of: whether ordered things are
//! blocked, and the case as it is at this point of the source.

use std::collections::BTreeMap;

use play_program::code::{
    Arm, Change, ChangeKind, Guard, Input, On, Operand, Outs, PartSlots, Playbook, Slot, Task, TaskId,
    TaskKind,
};
use play_program::config;
use play_program::exec::{Emission, Emit, Key, Part, Scope};
use play_program::json::ReadLog;
use play_program::value::Value;

use crate::frame::{Frame, State};
use crate::interpreter::{self, Scratch, Stop};
use crate::load::Loaded;

/// How a task stands after the walk has been there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// It is done, and its value is in its slot.
    Ready,
    /// It is done: a call or conversion that failed.
    Failed,
    /// It waits.
    Pending,
    /// It failed the step that it stands in.
    Left,
    /// It ended the run.
    Ended,
}

pub(crate) struct Walk<'a> {
    pub(crate) program: &'a Loaded,
    pub(crate) playbook: usize,
    pub(crate) frames: &'a mut Vec<Frame>,
    pub(crate) asked: &'a mut BTreeMap<Key, (usize, TaskId)>,
    /// The frame of the call that was answered.
    pub(crate) hit: Option<usize>,
    pub(crate) case: &'a mut Vec<Value>,
    pub(crate) scratch: &'a mut Scratch,
    /// The fields of the case at this point; `None`: something pending before it contains a `set` of it (rule 7).
    pub(crate) view: Vec<Option<Value>>,
    /// An ordered thing before this point is not settled (rule 3).
    pub(crate) blocked: bool,
    /// The steps round this point, in their bodies or in what follows their failure.
    pub(crate) steps: Vec<Scope>,
    /// What failed the step that the walk is leaving.
    pub(crate) failure: Option<Value>,
    pub(crate) out: Vec<Emission>,
}

impl<'a> Walk<'a> {
    /// Walks the whole playbook; gives what became due.
    pub(crate) fn whole(&mut self) -> Vec<Emission> {
        if matches!(self.walk(0, 0), Flow::Ready | Flow::Left) {
            // The checker refuses a playbook with a way that does not end, and a failure that no step takes.
            self.damaged();
        }
        std::mem::take(&mut self.out)
    }

    pub(crate) fn code(&self) -> Option<&'a Playbook> {
        self.program.artifact.code.playbooks.get(self.playbook)
    }

    fn task(&self, frame: usize, id: TaskId) -> Option<&'a Task> {
        let region = self.frames.get(frame)?.region;
        self.code()?.regions.get(region)?.tasks.get(id as usize)
    }

    pub(crate) fn state(&mut self, frame: usize, id: TaskId) -> Option<&mut State> {
        self.frames.get_mut(frame)?.states.get_mut(id as usize)
    }

    pub(crate) fn put_state(&mut self, frame: usize, id: TaskId, state: State) {
        if let Some(place) = self.state(frame, id) {
            *place = state;
        }
    }

    pub(crate) fn slot(&self, frame: usize, slot: Slot) -> Option<&Value> {
        self.frames.get(frame)?.slots.get(usize::from(slot))?.as_ref()
    }

    pub(crate) fn put(&mut self, frame: usize, slot: Slot, value: Value) {
        let Some(frame) = self.frames.get_mut(frame) else { return };
        if let Some(place) = frame.slots.get_mut(usize::from(slot)) {
            // What is there does not change any more; it may be put again.
            if place.is_none() {
                frame.changes = frame.changes.saturating_add(1);
            }
            *place = Some(value);
        }
    }

    fn copy(&mut self, frame: usize, from: Slot, to: Option<Slot>) {
        if let (Some(value), Some(to)) = (self.slot(frame, from).cloned(), to) {
            self.put(frame, to, value);
        }
    }

    fn truth(&self, frame: usize, slot: Slot) -> Option<bool> {
        match self.slot(frame, slot)? {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    fn input(&self, frame: usize, input: Input) -> Option<Value> {
        match input {
            Input::Case(slot) => {
                let at = config::place(usize::from(slot), self.view.len())?;
                self.view.get(at).cloned().flatten()
            }
            Input::Local { up, slot } => {
                let mut at = frame;
                for _ in 0..up {
                    at = self.frames.get(at)?.outer?;
                }
                self.slot(at, slot).cloned()
            }
        }
    }

    pub(crate) fn operand(&self, frame: usize, operand: &Operand) -> Option<Value> {
        match operand {
            Operand::Input(input) => self.input(frame, *input),
            Operand::Const(constant) => Some(constant.value()),
        }
    }

    pub(crate) fn emit(&mut self, frame: usize, at: u32, what: Emit) -> Key {
        let mut key = self.frames.get(frame).map(|f| f.prefix.clone()).unwrap_or_default();
        key.push(at);
        self.out.push(Emission { key: key.clone(), at, what });
        key
    }

    pub(crate) fn damaged(&mut self) -> Flow {
        let at = self.program.artifact.manifest.playbooks.get(self.playbook).map_or(0, |p| p.at);
        self.emit(0, at, Emit::Fault(interpreter::damaged(at)));
        Flow::Ended
    }

    /// The walk leaves a pending task behind: ordered things after it are blocked by those in it (rule 3), and what is set
    /// in it is not settled (rule 7).
    pub(crate) fn leave(&mut self, task: &Task) {
        self.blocked |= task.ordered;
        for slot in &task.sets {
            if let Some(field) = self.view.get_mut(usize::from(*slot)) {
                *field = None;
            }
        }
    }

    pub(crate) fn walk(&mut self, frame: usize, id: TaskId) -> Flow {
        crate::loops::count();
        let Some(task) = self.task(frame, id) else { return self.damaged() };
        match self.state(frame, id) {
            // What sets the case is walked again, for the view of what follows it.
            Some(State::Done) if task.sets.is_empty() => return Flow::Ready,
            Some(State::Failed) if task.sets.is_empty() => return Flow::Failed,
            _ => {}
        }
        let flow = self.kind(frame, id, task);
        match flow {
            Flow::Ready if task.sets.is_empty() => self.put_state(frame, id, State::Done),
            Flow::Failed if task.sets.is_empty() => self.put_state(frame, id, State::Failed),
            Flow::Pending => self.leave(task),
            _ => {}
        }
        flow
    }

    fn kind(&mut self, frame: usize, id: TaskId, task: &'a Task) -> Flow {
        match &task.kind {
            TaskKind::Eval { entry, outs } => self.eval(frame, id, task, &entry.inputs, outs),
            TaskKind::All { tasks } => {
                let Some((last, parts)) = tasks.split_last() else { return Flow::Ready };
                match self.parts(frame, parts) {
                    Flow::Ready => self.walk(frame, *last),
                    other => other,
                }
            }
            TaskKind::Seq { tasks } => self.statements(frame, tasks),
            TaskKind::Short { and, left, left_slot, right, right_slot, out } => {
                match self.walk(frame, *left) {
                    Flow::Ready => {}
                    flow => return flow,
                }
                let Some(decides) = self.truth(frame, *left_slot) else { return self.damaged() };
                if decides != *and {
                    self.copy(frame, *left_slot, Some(*out));
                    return Flow::Ready;
                }
                let flow = self.walk(frame, *right);
                if flow == Flow::Ready {
                    self.copy(frame, *right_slot, Some(*out));
                }
                flow
            }
            TaskKind::Else { guard, value, from, arm, out } => {
                match self.guarded(frame, *guard, *value, *from) {
                    Err(flow) => flow,
                    Ok(true) => {
                        self.copy(frame, *from, *out);
                        Flow::Ready
                    }
                    Ok(false) => self.walk(frame, *arm),
                }
            }
            TaskKind::If { at, test, is, parts, then, other } => {
                match self.walk(frame, *test) {
                    Flow::Ready => {}
                    flow => return flow,
                }
                let Some(holds) = self.truth(frame, *is) else { return self.damaged() };
                let parts = |w: &Self| parts.iter().map(|p| w.part(frame, p)).collect();
                self.take(frame, id, *at, holds, parts);
                self.arm(frame, holds, *then, *other)
            }
            TaskKind::IfLet { at, guard, value, from, on, var, then, other } => {
                let holds = match self.guarded(frame, *guard, *value, *from) {
                    Err(flow) => return flow,
                    Ok(holds) => holds,
                };
                if holds {
                    self.copy(frame, *from, Some(*var));
                }
                let parts = |w: &Self| vec![w.on(frame, on, if holds { Some(*from) } else { None })];
                self.take(frame, id, *at, holds, parts);
                self.arm(frame, holds, *then, *other)
            }
            TaskKind::Match { at, value, from, on, arms } => {
                self.choice(frame, id, *at, *value, *from, on, arms)
            }
            TaskKind::For { .. } => self.for_each(frame, id, &task.kind),
            TaskKind::Effect { site, parts, args, out: _ } => {
                match self.parts(frame, parts) {
                    Flow::Ready => {}
                    other => return other,
                }
                match self.state(frame, id) {
                    Some(State::Open) => {}
                    Some(State::Done) => return Flow::Ready,
                    Some(State::Failed) => return Flow::Failed,
                    _ => return Flow::Pending,
                }
                let Some(site) = self.code().and_then(|c| c.sites.get(*site as usize)) else {
                    return self.damaged();
                };
                let Some(args) = args.iter().map(|a| self.operand(frame, a)).collect::<Option<Vec<_>>>()
                else {
                    return Flow::Pending;
                };
                // Rules 2 and 5.
                if site.call.is_ordered() && self.blocked {
                    return Flow::Pending;
                }
                let key = self.emit(frame, site.at, Emit::of_call(&site.call, args));
                self.asked.insert(key, (frame, id));
                self.put_state(frame, id, State::Asked);
                Flow::Pending
            }
            TaskKind::Step { .. } => self.step(frame, id, &task.kind),
            TaskKind::FailStep { from } => self.fail_step(frame, *from),
            TaskKind::Rollback { at, parts, because, out: _ } => {
                self.rollback(frame, id, *at, parts, because)
            }
            TaskKind::Change { at, parts, change } => self.change(frame, id, *at, parts, change),
        }
    }

    fn eval(&mut self, frame: usize, id: TaskId, task: &Task, inputs: &[Input], outs: &Outs) -> Flow {
        // Rule 1; and one that may fault is an ordered thing.
        let Some(args) = inputs.iter().map(|i| self.input(frame, *i)).collect::<Option<Vec<_>>>() else {
            return Flow::Pending;
        };
        if task.ordered && self.blocked {
            return Flow::Pending;
        }
        let program = self.program;
        let region = self.frames.get(frame).map_or(0, |f| f.region);
        let ready = program.playbooks.get(self.playbook).and_then(|p| p.evals.get(region));
        let Some(block) = ready.and_then(|r| r.get(id as usize)).and_then(Option::as_ref) else {
            return self.damaged();
        };
        match program.run(block, args, &mut ReadLog::default(), self.scratch) {
            Ok(value) => {
                match (outs, value) {
                    (Outs::None, _) => {}
                    (Outs::One(slot), value) => self.put(frame, *slot, value),
                    (Outs::Spread(slots), Value::List(items)) => {
                        for (slot, item) in slots.iter().zip(items.iter()) {
                            self.put(frame, *slot, item.clone());
                        }
                    }
                    (Outs::Spread(_), _) => return self.damaged(),
                }
                Flow::Ready
            }
            Err(Stop::Misfit(_)) => Flow::Failed,
            Err(Stop::Fault(fault)) => {
                self.emit(frame, fault.at, Emit::Fault(fault));
                Flow::Ended
            }
        }
    }

    /// Parts of one expression: a pending one keeps no other from being walked (rule 1).
    pub(crate) fn parts(&mut self, frame: usize, parts: &[TaskId]) -> Flow {
        let mut pending = false;
        for part in parts {
            match self.walk(frame, *part) {
                Flow::Ready => {}
                Flow::Pending => pending = true,
                over @ (Flow::Ended | Flow::Left) => return over,
                Flow::Failed => return self.damaged(),
            }
        }
        if pending { Flow::Pending } else { Flow::Ready }
    }

    /// Statements: nothing after a barrier starts before it is done (rule 4).
    fn statements(&mut self, frame: usize, tasks: &[TaskId]) -> Flow {
        let mut pending = false;
        for id in tasks {
            match self.walk(frame, *id) {
                Flow::Ready => {}
                Flow::Pending if self.task(frame, *id).is_none_or(|t| t.barrier) => return Flow::Pending,
                Flow::Pending => pending = true,
                over @ (Flow::Ended | Flow::Left) => return over,
                Flow::Failed => return self.damaged(),
            }
        }
        if pending { Flow::Pending } else { Flow::Ready }
    }

    /// Whether what an `else` or `if let` guards is there; the flow when that is not known, or the run ended.
    fn guarded(&mut self, frame: usize, guard: Guard, value: TaskId, from: Slot) -> Result<bool, Flow> {
        match (self.walk(frame, value), guard) {
            (Flow::Ready, Guard::Failed) => Ok(true),
            (Flow::Ready, Guard::Absent) => Ok(!matches!(self.slot(frame, from), None | Some(Value::None))),
            (Flow::Failed, Guard::Failed) => Ok(false),
            (Flow::Failed, Guard::Absent) => Err(self.damaged()),
            (flow, _) => Err(flow),
        }
    }

    // Decisions (rule 8).

    fn take(
        &mut self,
        frame: usize,
        id: TaskId,
        at: u32,
        holds: bool,
        parts: impl FnOnce(&Self) -> Vec<Part>,
    ) {
        if matches!(self.state(frame, id), Some(State::Took(_))) {
            return;
        }
        let parts = parts(self);
        let took = if holds { "then" } else { "else" };
        self.emit(frame, at, Emit::Decided { took: took.to_string(), parts });
        self.put_state(frame, id, State::Took(usize::from(!holds)));
    }

    fn arm(&mut self, frame: usize, holds: bool, then: TaskId, other: Option<TaskId>) -> Flow {
        match (holds, other) {
            (true, _) => self.walk(frame, then),
            (false, Some(other)) => self.walk(frame, other),
            (false, None) => Flow::Ready,
        }
    }

    fn part(&self, frame: usize, part: &PartSlots) -> Part {
        let is = self.truth(frame, part.is);
        let value = |slot: Slot| self.slot(frame, slot).cloned().unwrap_or(Value::None);
        let sides = part.sides.as_ref().filter(|_| is.is_some()).map(|sides| {
            let (left, right) = (&sides.left, &sides.right);
            Box::new([(value(left.0), left.1.clone()), (value(right.0), right.1.clone())])
        });
        Part::Condition { at: part.at, is, sides }
    }

    fn on(&self, frame: usize, on: &On, slot: Option<Slot>) -> Part {
        let value = slot.and_then(|s| self.slot(frame, s)).cloned().unwrap_or(Value::None);
        Part::On { at: on.at, value, ty: on.ty.clone() }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one task, taken apart once")]
    fn choice(
        &mut self,
        frame: usize,
        id: TaskId,
        at: u32,
        value: TaskId,
        from: Slot,
        on: &On,
        arms: &[Arm],
    ) -> Flow {
        match self.walk(frame, value) {
            Flow::Ready => {}
            flow => return flow,
        }
        let taken = match self.state(frame, id) {
            Some(State::Took(taken)) => arms.get(*taken),
            _ => {
                let Some(value) = self.slot(frame, from) else { return self.damaged() };
                let fits = |arm: &&Arm| arm.patterns.iter().any(|p| p.admits(value));
                let found = arms.iter().enumerate().find(|(_, arm)| fits(arm));
                let Some((index, arm)) = found else { return self.damaged() };
                let parts = vec![self.on(frame, on, Some(from))];
                self.emit(frame, at, Emit::Decided { took: arm.label.clone(), parts });
                self.put_state(frame, id, State::Took(index));
                Some(arm)
            }
        };
        match taken {
            Some(arm) => self.walk(frame, arm.task),
            None => self.damaged(),
        }
    }

    // Changes of the case (rules 3 and 7).

    fn change(&mut self, frame: usize, id: TaskId, at: u32, parts: &[TaskId], change: &Change) -> Flow {
        match self.parts(frame, parts) {
            Flow::Ready => self.apply(frame, id, at, change),
            other => other,
        }
    }

    fn apply(&mut self, frame: usize, id: TaskId, at: u32, change: &Change) -> Flow {
        let done = matches!(self.state(frame, id), Some(State::Done));
        if self.blocked && !done {
            return Flow::Pending;
        }
        let value = match &change.kind {
            ChangeKind::Set { value, .. } => self.operand(frame, value),
            _ => Some(Value::None),
        };
        let (Some(value), Some(text)) = (value, self.operand(frame, &change.text)) else {
            return Flow::Pending;
        };
        let Value::Str(text) = text else { return self.damaged() };
        let because = text.to_string();
        if done {
            if let ChangeKind::Set { slot, .. } = &change.kind {
                self.show(*slot, value);
            }
            return Flow::Ready;
        }
        self.put_state(frame, id, State::Done);
        let what = match &change.kind {
            ChangeKind::Set { slot, .. } => {
                let slot = usize::from(*slot);
                let from = self.view.get(slot).cloned().flatten().unwrap_or(Value::None);
                if let Some(field) = self.case.get_mut(slot) {
                    *field = value.clone();
                }
                self.show(u16::try_from(slot).unwrap_or(u16::MAX), value.clone());
                Emit::Set { slot, from, to: value, because }
            }
            ChangeKind::Note => Emit::Note { text: because },
            ChangeKind::Revealed => Emit::Revealed { because },
            ChangeKind::Route { to } => Emit::Route { to: to.clone(), because },
            ChangeKind::HandOver { to } => Emit::HandOver { to: to.clone(), because },
            ChangeKind::Close { class } => Emit::Close { class: *class, because },
        };
        let ends = what.ends();
        self.emit(frame, at, what);
        if ends { Flow::Ended } else { Flow::Ready }
    }

    pub(crate) fn show(&mut self, slot: u16, value: Value) {
        if let Some(field) = self.view.get_mut(usize::from(slot)) {
            *field = Some(value);
        }
    }
}

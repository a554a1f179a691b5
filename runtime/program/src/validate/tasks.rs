//! What must hold of task trees: trees, not graphs, of bounded depth; every slot, site and field in range.

use jiff::SignedDuration;

use super::{Check, DEEPEST_TASK, claim, known_node, known_type, must, nesting};
use crate::call::{Call, MOST_TURNS, Poll, Suspend, Turn};
use crate::code::{
    ChangeKind, Constant, Entry, Guard, Input, On, Operand, Outs, Playbook, Region, Slot, Task, TaskId,
    TaskKind,
};
use crate::types::TypeTable;

/// Those who are asked one after the other have some time each, and are not asked for ever.
pub(super) fn asked_in_time(within: SignedDuration, then: &[Turn]) -> Result<(), String> {
    must(then.len() <= MOST_TURNS, || format!("more than {MOST_TURNS} are asked after each other"))?;
    let later = then.iter().all(|t| t.within.is_positive());
    must(later && (then.is_empty() || within.is_positive()), || "somebody is asked for no time".into())
}

impl Check<'_> {
    /// How many arguments a call has.
    fn parameters(&self, call: &Call) -> usize {
        match call {
            Call::Read(action, _) | Call::Act(action, _) => {
                self.manifest.action(*action).map_or(0, |a| a.params.len())
            }
            Call::Suspend(Suspend::Pause(_)) => 0,
            Call::Suspend(Suspend::Ask(question)) => question.arguments(),
            Call::Suspend(Suspend::Approve(wanted)) => {
                self.manifest.action(wanted.action).map_or(0, |a| a.params.len().saturating_add(1))
            }
            Call::Suspend(Suspend::Event(wanted)) => {
                self.manifest.events.get(wanted.event as usize).map_or(0, |e| e.params.len())
            }
            Call::Suspend(Suspend::Poll(poll)) => {
                self.manifest.action(poll.action).map_or(0, |a| a.params.len().saturating_add(poll.more()))
            }
        }
    }

    /// What is asked again and again is a read, not too often, and its condition is there.
    fn poll(&self, poll: &Poll, playbook: &Playbook, width: usize) -> Result<(), String> {
        let read = self.manifest.action(poll.action).is_some_and(|a| !a.write);
        must(read, || "what is asked again and again is no read".into())?;
        must(poll.every.is_positive() && poll.every <= poll.within, || {
            "it is asked again after no time, or never".into()
        })?;
        let Some((until, more)) = poll.until else { return Ok(()) };
        let condition = playbook.untils.get(until as usize).ok_or("its condition is not there")?;
        self.condition(condition, width, usize::from(more).saturating_add(1))
    }

    /// What is asked of somebody is of types that there are, and of acts.
    fn question(&self, call: &Call) -> Result<(), String> {
        if let Call::Suspend(Suspend::Approve(wanted)) = call {
            let write = self.manifest.action(wanted.action).is_some_and(|a| a.write);
            must(wanted.needed > 0, || "nobody has to approve it".into())?;
            asked_in_time(wanted.within, &wanted.then)?;
            return must(write, || "what is to be approved is no write".into());
        }
        let Call::Suspend(Suspend::Ask(question)) = call else { return Ok(()) };
        asked_in_time(question.within, &question.then)?;
        let types = &self.manifest.types;
        let choices = types.enumeration(question.choices).ok_or("it asks for no known choice")?;
        let known = question.otherwise.is_none_or(|tag| (tag as usize) < choices.variants.len());
        must(known, || "it falls back on no known choice".into())?;
        question.shown.iter().try_for_each(|(_, ty)| known_type(types, ty))
    }

    pub(super) fn playbook(&self, playbook: &Playbook, width: usize) -> Result<(), String> {
        must(!playbook.regions.is_empty(), || "it does nothing".into())?;
        for site in &playbook.sites {
            if let Some(id) = site.call.action() {
                let action = self.manifest.action(id).ok_or_else(|| format!("no action {}", id.0))?;
                must(action.write == site.call.is_ordered(), || {
                    format!("{} is not what it is called as", action.full_name())
                })?;
            }
            self.question(&site.call)?;
            match &site.call {
                Call::Suspend(Suspend::Poll(poll)) => self.poll(poll, playbook, width)?,
                Call::Suspend(Suspend::Event(wanted)) => {
                    let known = (wanted.event as usize) < self.manifest.events.len();
                    must(known && wanted.within.is_positive(), || "it waits for no known event".into())?;
                }
                _ => {}
            }
            known_node(self.manifest, site.at)?;
        }

        // Parent of each region and depth at which it stands. A region stands after the one that it is in.
        let mut within: Vec<Option<(usize, usize)>> = vec![None; playbook.regions.len()];
        for (n, region) in playbook.regions.iter().enumerate() {
            let base = within.get(n).copied().flatten().map_or(0, |(_, depth)| depth);
            must(n == 0 || within.get(n).copied().flatten().is_some(), || {
                format!("nothing leads to region {n}")
            })?;
            let mut seen = vec![false; region.tasks.len()];
            for (t, task) in region.tasks.iter().enumerate() {
                must(t == 0 || seen.get(t) == Some(&true), || format!("nothing leads to task {n}.{t}"))?;
                claim(&mut seen, t, &task.kind.children())?;
            }
            must(!region.tasks.is_empty(), || format!("region {n} is empty"))?;
            let depth = nesting(region.tasks.len(), |t| {
                region.tasks.get(t).map(|t| t.kind.children()).unwrap_or_default()
            })?;
            for (t, task) in region.tasks.iter().enumerate() {
                let TaskKind::For { region: inner, .. } = &task.kind else { continue };
                let inner = *inner as usize;
                must(inner > n, || format!("region {inner} stands before the one it is in"))?;
                let slot = within.get_mut(inner).ok_or_else(|| format!("there is no region {inner}"))?;
                must(slot.is_none(), || format!("region {inner} has two loops"))?;
                let below = base.saturating_add(depth.get(t).copied().unwrap_or(0)).saturating_add(1);
                must(below <= DEEPEST_TASK, || format!("nested more than {DEEPEST_TASK} deep"))?;
                *slot = Some((n, below));
            }
            let deepest = base.saturating_add(depth.iter().copied().max().unwrap_or(0));
            must(deepest <= DEEPEST_TASK, || format!("nested more than {DEEPEST_TASK} deep"))?;
        }
        steps_to_fail(playbook)?;
        for (n, region) in playbook.regions.iter().enumerate() {
            let tasks = Tasks { check: self, playbook, within: &within, here: n, region, width };
            for (t, task) in region.tasks.iter().enumerate() {
                tasks.task(task).map_err(|e| format!("task {n}.{t}: {e}"))?;
            }
            // Nobody is there to take the failure of a whole region.
            must(!tasks.can_fail(0), || format!("region {n} can fail"))?;
        }
        Ok(())
    }
}

struct Tasks<'a> {
    check: &'a Check<'a>,
    playbook: &'a Playbook,
    within: &'a [Option<(usize, usize)>],
    here: usize,
    region: &'a Region,
    width: usize,
}

impl Tasks<'_> {
    fn slot(&self, slot: Slot) -> Result<(), String> {
        must(slot < self.region.slots, || format!("there is no slot {slot}"))
    }

    fn slots(&self, slots: &[Option<Slot>]) -> Result<(), String> {
        slots.iter().flatten().try_for_each(|s| self.slot(*s))
    }

    fn field(&self, slot: u16) -> Result<(), String> {
        must(usize::from(slot) < self.width, || format!("the case has no field {slot}"))
    }

    fn input(&self, input: Input) -> Result<(), String> {
        match input {
            Input::Case(slot) => self.check.field(slot, self.width),
            Input::Local { up, slot } => {
                let mut at = self.here;
                for _ in 0..up {
                    let outer = self.within.get(at).copied().flatten();
                    at = outer.map(|(outer, _)| outer).ok_or("there is no frame so far out")?;
                }
                let known = self.playbook.regions.get(at).is_some_and(|r| slot < r.slots);
                must(known, || format!("there is no slot {slot}, {up} frames out"))
            }
        }
    }

    fn operand(&self, operand: &Operand) -> Result<(), String> {
        match operand {
            Operand::Input(input) => self.input(*input),
            Operand::Const(Constant::Regex(_)) => Err("a pattern is no operand".into()),
            Operand::Const(_) => Ok(()),
        }
    }

    fn entry(&self, entry: &Entry) -> Result<(), String> {
        entry.inputs.iter().try_for_each(|i| self.input(*i))?;
        let bounds = self.check.bounds(entry.inputs.len());
        self.check.block(&entry.block, super::Bounds { may_fail: true, ..bounds })
    }

    fn on(&self, on: &On) -> Result<(), String> {
        known_node(self.check.manifest, on.at)?;
        known_type(&self.check.manifest.types, &on.ty)
    }

    /// Whether a task can fail in place of having a value.
    fn can_fail(&self, task: TaskId) -> bool {
        let mut task = task;
        loop {
            match self.region.tasks.get(task as usize).map(|t| &t.kind) {
                Some(TaskKind::Effect { .. } | TaskKind::Rollback { .. }) => return true,
                Some(TaskKind::Eval { entry, .. }) => return entry.block.can_fail(),
                // Children stand after their parents: this ends.
                Some(TaskKind::All { tasks }) => match tasks.last() {
                    Some(last) if *last > task => task = *last,
                    _ => return false,
                },
                _ => return false,
            }
        }
    }

    fn sound(&self, tasks: &[TaskId]) -> Result<(), String> {
        tasks
            .iter()
            .try_for_each(|t| must(!self.can_fail(*t), || format!("nobody takes the failure of task {t}")))
    }

    fn guarded(&self, guard: Guard, value: TaskId) -> Result<(), String> {
        if guard == Guard::Failed { Ok(()) } else { self.sound(&[value]) }
    }

    fn task(&self, task: &Task) -> Result<(), String> {
        task.sets.iter().try_for_each(|s| self.field(*s))?;
        match &task.kind {
            TaskKind::Eval { entry, outs } => {
                self.entry(entry)?;
                match outs {
                    Outs::None => Ok(()),
                    Outs::One(slot) => self.slot(*slot),
                    Outs::Spread(slots) => slots.iter().try_for_each(|s| self.slot(*s)),
                }
            }
            TaskKind::All { tasks } => self.sound(tasks.split_last().map_or(&[], |(_, parts)| parts)),
            TaskKind::Seq { tasks } => self.sound(tasks),
            TaskKind::Short { left, left_slot, right, right_slot, out, .. } => {
                self.sound(&[*left, *right])?;
                self.slots(&[Some(*left_slot), Some(*right_slot), Some(*out)])
            }
            TaskKind::Else { guard, value, from, arm, out } => {
                self.guarded(*guard, *value)?;
                self.sound(&[*arm])?;
                self.slots(&[Some(*from), *out])
            }
            TaskKind::If { at, test, is, parts, then, other } => {
                known_node(self.check.manifest, *at)?;
                self.sound(&[*test, *then])?;
                self.sound(other.as_slice())?;
                self.slot(*is)?;
                for part in parts {
                    known_node(self.check.manifest, part.at)?;
                    self.slot(part.is)?;
                    if let Some(sides) = &part.sides {
                        for (slot, ty) in [&sides.left, &sides.right] {
                            self.slot(*slot)?;
                            known_type(&self.check.manifest.types, ty)?;
                        }
                    }
                }
                Ok(())
            }
            TaskKind::IfLet { at, guard, value, from, on, var, then, other } => {
                known_node(self.check.manifest, *at)?;
                self.guarded(*guard, *value)?;
                self.sound(&[*then])?;
                self.sound(other.as_slice())?;
                self.on(on)?;
                self.slots(&[Some(*from), Some(*var)])
            }
            TaskKind::Match { at, value, from, on, arms } => {
                known_node(self.check.manifest, *at)?;
                self.sound(&[*value])?;
                arms.iter().try_for_each(|a| self.sound(&[a.task]))?;
                self.on(on)?;
                self.slot(*from)
            }
            TaskKind::For { at, list, from, region, var, gives, out } => {
                known_node(self.check.manifest, *at)?;
                self.sound(&[*list])?;
                self.slots(&[Some(*from), *out])?;
                let inner = self.playbook.regions.get(*region as usize).ok_or("there is no such region")?;
                let inside = [Some(*var), *gives].iter().flatten().all(|s| *s < inner.slots);
                must(inside, || "its body has no such slot".into())
            }
            TaskKind::Effect { site, parts, args, out } => {
                self.sound(parts)?;
                let site = self.playbook.sites.get(*site as usize).ok_or("there is no such call")?;
                let params = self.check.parameters(&site.call);
                must(args.len() == params, || format!("{} arguments where {params} are taken", args.len()))?;
                args.iter().try_for_each(|a| self.operand(a))?;
                self.slot(*out)
            }
            TaskKind::Step { at, body, other, other_at, failure, .. } => {
                known_node(self.check.manifest, *at)?;
                known_node(self.check.manifest, *other_at)?;
                self.slots(&[*failure])?;
                self.sound(&[*body, *other])
            }
            TaskKind::FailStep { from } => self.slot(*from),
            TaskKind::Rollback { at, parts, because, out } => {
                self.slot(*out)?;
                known_node(self.check.manifest, *at)?;
                self.sound(parts)?;
                self.operand(because)
            }
            TaskKind::Change { at, parts, change } => {
                known_node(self.check.manifest, *at)?;
                self.sound(parts)?;
                self.operand(&change.text)?;
                match &change.kind {
                    ChangeKind::Set { slot, value } => {
                        self.field(*slot)?;
                        self.operand(value)
                    }
                    ChangeKind::Close { class } => {
                        let known = self.check.manifest.types.variant(TypeTable::CLOSURE, *class).is_some();
                        must(known, || format!("there is no closure {class}"))
                    }
                    ChangeKind::Note
                    | ChangeKind::Revealed
                    | ChangeKind::Route { .. }
                    | ChangeKind::HandOver { .. } => Ok(()),
                }
            }
        }
    }
}

/// What fails a step stands in the body of one. Children, and the regions of loops, stand after their parents.
fn steps_to_fail(playbook: &Playbook) -> Result<(), String> {
    let mut loops = vec![false; playbook.regions.len()];
    for (n, region) in playbook.regions.iter().enumerate() {
        let mut inside = vec![loops.get(n).copied().unwrap_or(false); region.tasks.len()];
        for (t, task) in region.tasks.iter().enumerate() {
            let here = inside.get(t).copied().unwrap_or(false);
            for child in task.kind.children() {
                let body = matches!(&task.kind, TaskKind::Step { body, .. } if *body == child);
                if let Some(place) = inside.get_mut(child as usize) {
                    *place = here || body;
                }
            }
            match &task.kind {
                TaskKind::For { region, .. } => {
                    if let Some(place) = loops.get_mut(*region as usize) {
                        *place = here;
                    }
                }
                TaskKind::FailStep { .. } => {
                    must(here, || format!("task {n}.{t} fails a step, and stands in none"))?
                }
                _ => {}
            }
        }
    }
    Ok(())
}

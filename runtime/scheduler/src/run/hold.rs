//! Holds: what was done for a time, and what happens when that is over.
//!
//! What an act is done to is held as long as any act holds it: one that was done for a time until that is over, one without a
//! time until it is taken back. What takes it back is done when the last of them ends. A run that has ended still waits for the end
//! of its holds: lines follow `run.closed`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use play_evidence::J;
use play_program::action::{ActionId, Answer, Related};
use play_program::call::{Retry, Terms};
use play_program::exec::Key;
use play_program::value::{Failure, Value};

use super::lines::{fields, seq, time};
use super::release::Why;
use super::undo::{Aside, Done};
use super::waiting::{Sent, Wait, Waiting};
use super::{Run, SchedulerError};
use crate::event::{Command, Event, Step};

/// What takes something back that was held is tried so often where that may be repeated: nobody looks at it any more.
const AGAIN: Retry = Retry { times: 10, backoff: SignedDuration::from_mins(1) };

/// An act that holds what it was done to until a time.
#[derive(Debug)]
pub(super) struct Hold {
    /// Line of its intent.
    pub(super) act: u64,
    pub(super) due: Timestamp,
    at: u32,
}

/// The holds of a run.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// By line of their `hold.started`.
    open: BTreeMap<u64, Hold>,
    /// What a hold that ended leaves to be taken back, by its line; the last comes first.
    ending: BTreeMap<u64, Vec<u64>>,
}

impl Waiting {
    /// Whether it takes something back. Such a call outlives steps and the playbook: what becomes of it is of use to whoever has to
    /// know what is in force.
    pub(super) fn takes_back(&self) -> bool {
        let aside = self.sent().and_then(|sent| sent.aside.as_ref());
        self.key.is_empty() || matches!(aside, Some(Aside::Undo { .. } | Aside::End { .. }))
    }
}

impl Run {
    /// Whether nothing more will happen: it has ended, and nothing that it did has an end that is still to come.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let nothing_waits = self.holds.open.is_empty() && self.waiting.is_empty() && self.releases.is_empty();
        self.state.is_over() && nothing_waits && !self.is_rolling()
    }

    /// An event for a run that has ended, and does not wait for it: its answers were cancelled.
    pub(super) fn is_late(&self, event: &Event) -> bool {
        let waits = |of: u64| {
            let awaited = self.waiting.contains_key(&of) || self.releases.waits(of);
            awaited || self.holds.open.contains_key(&of)
        };
        match event.of() {
            _ if matches!(event, Event::UndoAsked { .. } | Event::CancelAsked { .. }) => false,
            Some(of) => self.state.is_over() && !waits(of),
            None => self.is_settled(),
        }
    }

    /// What it holds until a time: for whoever looks at it.
    #[must_use]
    pub fn holds(&self) -> Vec<Wait> {
        let one = |(of, hold): (&u64, &Hold)| {
            let action = self.manifest.action(self.acts.done.get(&hold.act)?.action)?;
            Some(Wait { of: *of, what: action.full_name(), until: hold.due, person: None })
        };
        self.holds.open.iter().filter_map(one).collect()
    }

    /// The acts that were done for a time: which, with what, and for how long.
    pub fn held(&self) -> impl Iterator<Item = (ActionId, &[Value], SignedDuration)> {
        let done = self.acts.done.values();
        done.filter_map(|done| Some((done.action, done.args.as_slice(), done.length?)))
    }

    /// The timers of its holds.
    pub(super) fn hold_timers(&self) -> impl Iterator<Item = Command> + '_ {
        self.holds.open.iter().map(|(of, hold)| Command::Wake { of: *of, at: hold.due })
    }

    pub(super) fn is_held_until(&self, of: u64) -> bool {
        self.holds.open.contains_key(&of)
    }

    /// An act was done. If it is for a time, that begins now; if it takes back by itself what an earlier one did, that is over.
    pub(super) fn begin_hold(&mut self, step: &mut Step, act: u64, at: u32) -> Result<(), SchedulerError> {
        self.taken_back_by(step, act)?;
        let Some(length) = self.acts.done.get(&act).and_then(|done| done.length) else { return Ok(()) };
        let due = self.until(length);
        let f = fields([("of", seq(act)), ("until", time(due))]);
        let of = self.write(step, "hold.started", "engine", Some(at), f)?;
        self.holds.open.insert(of, Hold { act, due, at });
        step.commands.push(Command::Wake { of, at: due });
        Ok(())
    }

    /// The playbook itself did what takes an earlier act of it back.
    fn taken_back_by(&mut self, step: &mut Step, act: u64) -> Result<(), SchedulerError> {
        let Some(by) = self.acts.done.get(&act) else { return Ok(()) };
        let (action, args) = (by.action, by.args.clone());
        let now = self.last;
        for of in self.taken_back_with(action, &args).into_iter().filter(|of| *of < act) {
            if let Some(done) = self.acts.done.get_mut(&of) {
                done.undone = Some(now);
            }
            self.over(step, of, "undone")?;
        }
        Ok(())
    }

    /// The acts that this call takes back which is not made for that.
    pub(super) fn taken_back_with(&self, action: ActionId, args: &[Value]) -> Vec<u64> {
        let is_undone = |(of, done): (&u64, &Done)| {
            let other = done.undone.is_none() && done.action != action;
            let undo = if other { self.undo_of(*of).ok()?? } else { return None };
            is_same(&undo, action, args).then_some(*of)
        };
        self.acts.done.iter().filter_map(is_undone).collect()
    }

    /// The other acts whose time is over, and that the call takes back which takes this one back.
    fn taken_back_too(&self, act: u64) -> Vec<u64> {
        let Ok(Some(undo)) = self.undo_of(act) else { return Vec::new() };
        let same = |(of, done): (&u64, &Done)| {
            let other = *of != act && done.over && done.undone.is_none();
            let o = if other { self.undo_of(*of).ok()?? } else { return None };
            is_same(&o, undo.action, &undo.args).then_some(*of)
        };
        self.acts.done.iter().filter_map(same).collect()
    }

    /// The time of a hold has come.
    pub(super) fn hold_due(&mut self, step: &mut Step, of: u64) -> Result<(), SchedulerError> {
        let Some(hold) = self.holds.open.remove(&of) else { return Err(SchedulerError::NotWaiting(of)) };
        self.write(step, "timer.fired", "engine", Some(hold.at), fields([("of", seq(of))]))?;
        self.end_hold(step, of, &hold)
    }

    /// An act does not hold any more what it was done to: it was taken back, or is left to another.
    pub(super) fn over(&mut self, step: &mut Step, act: u64, why: &str) -> Result<(), SchedulerError> {
        if let Some(done) = self.acts.done.get_mut(&act) {
            done.over = true;
        }
        let of_act = self.holds.open.iter().filter(|(_, hold)| hold.act == act);
        let ended: Vec<u64> = of_act.map(|(of, _)| *of).collect();
        for of in ended {
            let Some(hold) = self.holds.open.remove(&of) else { continue };
            let f = fields([("of", seq(of)), ("why", J::Str(why.into())), ("acts", J::Arr(Vec::new()))]);
            self.write(step, "hold.ended", "engine", Some(hold.at), f)?;
            step.commands.retain(|c| c.of() != of);
            step.commands.push(Command::Cancel { of });
        }
        Ok(())
    }

    /// Ends a hold whose time is over: what it held is taken back, unless something else still holds it.
    fn end_hold(&mut self, step: &mut Step, of: u64, hold: &Hold) -> Result<(), SchedulerError> {
        if let Some(done) = self.acts.done.get_mut(&hold.act) {
            done.over = true;
        }
        let mut f = fields([("of", seq(of)), ("why", J::Str("time".into()))]);
        let (mut acts, mut nothing, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(other) = self.holder(hold.act, &[]) {
            f.insert("held".into(), seq(other));
        } else {
            for act in self.to_take_back(hold.act) {
                match self.undo_of(act) {
                    Ok(Some(_)) => acts.push(act),
                    Ok(None) => nothing.push(act),
                    Err(failure) => {
                        self.is_not_undone(act, &failure);
                        failed.push(act);
                    }
                }
            }
        }
        f.insert("acts".into(), J::Arr(acts.iter().rev().map(|act| seq(*act)).collect()));
        for (name, all) in [("nothing", nothing), ("failed", failed)] {
            if !all.is_empty() {
                f.insert(name.into(), J::Arr(all.iter().map(|act| seq(*act)).collect()));
            }
        }
        self.write(step, "hold.ended", "engine", Some(hold.at), f)?;
        self.holds.ending.insert(of, acts);
        self.end_next(step, of)
    }

    /// An act, other than these, that still holds what this one was done to.
    pub(super) fn holder(&self, act: u64, but: &[u64]) -> Option<u64> {
        let target = self.target(act)?;
        let holds = |(of, done): (&u64, &Done)| {
            let in_force = *of != act && !but.contains(of) && done.undone.is_none() && !done.over;
            in_force && self.target(*of).is_some_and(|other| is_same_target(&target, &other))
        };
        self.acts.done.iter().filter(|(of, done)| holds((of, done))).map(|(of, _)| *of).next_back()
    }

    /// What an act was done to: the action that takes it back, and what that is given of the act's arguments.
    fn target(&self, act: u64) -> Option<(String, Vec<Value>)> {
        let done = self.acts.done.get(&act)?;
        let action = self.manifest.action(done.action)?;
        let undo = format!("{}.{}", action.connector, action.undo.as_ref()?);
        let args = action.target.iter().filter_map(|n| done.args.get(usize::from(*n)).cloned()).collect();
        Some((undo, args))
    }

    /// The acts that were done to the same as this one, and are neither taken back nor about to be; oldest first.
    fn to_take_back(&self, act: u64) -> Vec<u64> {
        let Some(target) = self.target(act) else { return Vec::new() };
        let same = |of: &u64| self.target(*of).is_some_and(|other| is_same_target(&target, &other));
        let open =
            |(of, done): (&u64, &Done)| done.undone.is_none() && !self.is_being_undone(*of) && same(of);
        self.acts.done.iter().filter(|(of, done)| open((of, done))).map(|(of, _)| *of).collect()
    }

    pub(super) fn is_being_undone(&self, act: u64) -> bool {
        let by = |sent: &Sent| match sent.aside {
            Some(Aside::Undo { act: of, .. } | Aside::End { act: of, .. }) => of == act,
            _ => false,
        };
        self.waiting.values().filter_map(Waiting::sent).any(by)
            || self.holds.ending.values().flatten().any(|of| *of == act)
            || self.releases.waits(act)
            || self.acts.is_rolling(act)
    }

    /// Takes the next act back that a hold leaves, unless another run holds the same; when there is none left, all that it was
    /// about is over.
    pub(super) fn end_next(&mut self, step: &mut Step, hold: u64) -> Result<(), SchedulerError> {
        while let Some(act) = self.holds.ending.get_mut(&hold).and_then(Vec::pop) {
            // Done twice and taken back once; or nothing to take back.
            let open = self.acts.done.get(&act).is_some_and(|done| done.undone.is_none());
            if let (true, Ok(Some(undo))) = (open, self.undo_of(act)) {
                self.release(step, act, &undo, Why::Hold(hold));
                return Ok(());
            }
        }
        self.holds.ending.remove(&hold);
        Ok(())
    }

    /// Sends what takes an act back whose hold has ended.
    pub(super) fn end(&mut self, step: &mut Step, hold: u64, act: u64) -> Result<(), SchedulerError> {
        let (Some(done), Ok(Some(undo))) = (self.acts.done.get(&act), self.undo_of(act)) else {
            return self.end_next(step, hold);
        };
        let at = done.at;
        let Related { action, args } = undo;
        let again = self.manifest.action(action).filter(|a| a.idempotent).map(|_| AGAIN);
        let terms = Terms { retry: again, ..Terms::default() };
        self.holds.ending.entry(hold).or_default();
        let also = self.taken_back_too(act);
        let aside = Some(Aside::End { hold, act, also });
        let key = Some(self.new_key());
        let sent = Sent { action, args, terms, key, n: 1, sent_before: None, aside };
        self.send(step, Key::new(), at, sent, None)
    }

    /// What takes back what a hold left is done, or failed.
    pub(super) fn ended(
        &mut self,
        step: &mut Step,
        hold: u64,
        act: u64,
        mut also: Vec<u64>,
        answer: &Answer,
    ) -> Result<(), SchedulerError> {
        match answer {
            Ok(_) => {
                also.push(act);
                self.are_undone(&also);
            }
            Err(failure) => self.is_not_undone(act, failure),
        }
        self.end_next(step, hold)?;
        self.go_on_along(step, act, answer)
    }

    pub(super) fn are_undone(&mut self, acts: &[u64]) {
        let now = self.last;
        for of in acts {
            if let Some(done) = self.acts.done.get_mut(of).filter(|d| d.undone.is_none()) {
                done.undone = Some(now);
            }
        }
    }

    pub(super) fn is_not_undone(&mut self, act: u64, failure: &Failure) {
        if let Some(done) = self.acts.done.get_mut(&act) {
            done.failed = Some(format!("{}: {}", failure.kind.name(), failure.words));
        }
    }
}

fn is_same(undo: &Related, action: ActionId, args: &[Value]) -> bool {
    undo.action == action
        && undo.args.len() == args.len()
        && undo.args.iter().zip(args).all(|(a, b)| a.same(b))
}

fn is_same_target(one: &(String, Vec<Value>), other: &(String, Vec<Value>)) -> bool {
    one.0 == other.0 && one.1.len() == other.1.len() && one.1.iter().zip(&other.1).all(|(a, b)| a.same(b))
}

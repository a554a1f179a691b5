//! Holds: what was done for a time, and what happens when that is over.
//!
//! What an act is done to is held as long as any act holds it: one that was done for a time until that is over, one without a
//! time until it is taken back. What takes it back is done when the last of them ends. A run that has ended still waits for the end
//! of its holds: lines follow `run.closed`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use play_evidence::J;
use play_program::action::{ActionId, Related};
use play_program::call::{Retry, Terms};
use play_program::exec::Key;
use play_program::value::Value;

use super::lines::{fields, seq, time};
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
    /// Whether it belongs to the end of a hold, and not to what the playbook does. Such a wait outlives steps and the playbook.
    pub(super) fn ends_a_hold(&self) -> bool {
        self.key.is_empty()
    }
}

impl Run {
    /// Whether nothing more will happen: it has ended, and nothing that it did has an end that is still to come.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.state.is_over() && self.holds.open.is_empty() && self.waiting.is_empty()
    }

    /// An event for a run that has ended, and does not wait for it: its answers were cancelled.
    pub(super) fn is_late(&self, event: &Event) -> bool {
        let waits = |of: u64| self.holds.open.contains_key(&of) || self.waiting.contains_key(&of);
        match event.of() {
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
        let is_undone = |(of, done): (&u64, &Done)| {
            let earlier = *of < act && done.undone.is_none() && done.action != action;
            let undo = if earlier { self.undo_of(*of).ok()?? } else { return None };
            is_same(&undo, action, &args).then_some(*of)
        };
        let undone: Vec<u64> = self.acts.done.iter().filter_map(is_undone).collect();
        let now = self.last;
        for of in undone {
            if let Some(done) = self.acts.done.get_mut(&of) {
                done.undone = Some(now);
            }
            self.over(step, of, "undone")?;
        }
        Ok(())
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
        let mut acts = Vec::new();
        if let Some(other) = self.holder(hold.act, &[]) {
            f.insert("held".into(), seq(other));
        } else {
            acts = self.to_take_back(hold.act);
        }
        f.insert("acts".into(), J::Arr(acts.iter().rev().map(|act| seq(*act)).collect()));
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

    fn is_being_undone(&self, act: u64) -> bool {
        let by = |sent: &Sent| match sent.aside {
            Some(Aside::Undo(of) | Aside::End { act: of, .. }) => of == act,
            _ => false,
        };
        self.waiting.values().filter_map(Waiting::sent).any(by)
            || self.holds.ending.values().flatten().any(|of| *of == act)
            || self.acts.is_rolling(act)
    }

    /// Takes the next act back that a hold leaves; when there is none left, all that it was about is over.
    fn end_next(&mut self, step: &mut Step, hold: u64) -> Result<(), SchedulerError> {
        while let Some(act) = self.holds.ending.get_mut(&hold).and_then(Vec::pop) {
            let Some(done) = self.acts.done.get(&act) else { continue };
            let at = done.at;
            // Done twice and taken back once; or nothing to take back; or it cannot be computed what would.
            let (None, Ok(Some(Related { action, args }))) = (done.undone, self.undo_of(act)) else {
                continue;
            };
            let again = self.manifest.action(action).filter(|a| a.idempotent).map(|_| AGAIN);
            let terms = Terms { retry: again, ..Terms::default() };
            let key = Some(format!("{}-{}", self.name, self.chain.next_seq()));
            let aside = Some(Aside::End { hold, act });
            let sent = Sent { action, args, terms, key, n: 1, aside };
            return self.send(step, Key::new(), at, sent, None);
        }
        self.holds.ending.remove(&hold);
        Ok(())
    }

    /// What takes back what a hold left is done, or failed.
    pub(super) fn ended(
        &mut self,
        step: &mut Step,
        hold: u64,
        act: u64,
        is_done: bool,
    ) -> Result<(), SchedulerError> {
        if is_done && let Ok(Some(undo)) = self.undo_of(act) {
            let now = self.last;
            // The same call takes back what was done by several.
            let same = |of: &u64| {
                self.undo_of(*of).ok().flatten().is_some_and(|o| is_same(&o, undo.action, &undo.args))
            };
            let all: Vec<u64> = self.acts.done.keys().copied().filter(same).collect();
            for of in all {
                if let Some(done) = self.acts.done.get_mut(&of).filter(|d| d.undone.is_none() && d.over) {
                    done.undone = Some(now);
                }
            }
        }
        self.end_next(step, hold)
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

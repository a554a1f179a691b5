//! Taking back what other runs may hold: asked before it is done.
//!
//! Runs know nothing of each other. Whether another one holds what an act was done to is an answer from outside, an input that
//! stands in `hold.checked`; the rule by which it is found is [`crate::register::Register::ask`].
//!
//! An act is taken back by one call, with one key, whoever wants it: a hold that ends and a rollback may both come to it. Whoever comes
//! second to one that is asked about, out, or to be tried again goes along with the first, and goes on when that does. Where something
//! else has come to hold the same meanwhile, the call that is made when that ends is another one: its target must not take it for the
//! one before.

use std::collections::{BTreeMap, VecDeque};

use play_evidence::J;
use play_program::action::{ActionId, Answer, Related};
use play_program::artifact::Manifest;
use play_program::exec::Key;
use play_program::value::Value;

use super::lines::{fields, seq, time};
use super::undo::Aside;
use super::waiting::{Awaited, Sent, Wait, Waiting};
use super::{Run, SchedulerError};
use crate::encode;
use crate::event::{Command, Step};
use crate::ids;
use crate::register::{self, Release};

/// Why an act is to be taken back.
pub(super) enum Why {
    /// This hold has ended.
    Hold(u64),
    /// A rollback has come to it.
    Rollback,
    /// It could not be taken back before, and is tried again.
    Again(Box<(Key, u32, Sent)>),
    /// Another run held it when its own time came.
    Kept,
}

/// The acts that are to be taken back when nobody else holds what they were done to.
#[derive(Default)]
pub(super) struct Releases {
    /// By line of the intent: why, and the last answer.
    open: BTreeMap<u64, (Why, Option<Release>)>,
    /// The acts that another run held, at some time.
    kept: Vec<u64>,
    /// What else wants an act taken back that is asked about or being taken back already: it goes on when that does.
    along: BTreeMap<u64, VecDeque<Why>>,
}

impl Releases {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether an act waits for an answer.
    pub(super) fn waits(&self, act: u64) -> bool {
        self.open.contains_key(&act)
    }
}

/// What an act was done to, as a digest: the action that takes it back, and what that is given of the act's arguments. The same
/// for all runs of a store, whatever program they are pinned to.
#[must_use]
pub fn target(manifest: &Manifest, action: ActionId, args: &[Value]) -> Option<String> {
    let action = manifest.action(action)?;
    let undo = format!("{}.{}", action.connector, action.undo.as_ref()?);
    let of = |n: &u16| {
        let (_, ty) = action.params.get(usize::from(*n))?;
        Some(encode::value(args.get(usize::from(*n))?, ty, &manifest.types))
    };
    let args: Vec<J> = action.target.iter().filter_map(of).collect();
    Some(ids::sha256_hex(&J::Arr(vec![J::Str(undo), J::Arr(args)]).to_bytes()))
}

impl Run {
    /// An act is to be taken back by this call, unless another run holds the same.
    pub(super) fn release(&mut self, step: &mut Step, act: u64, undo: &Related, why: Why) {
        let first = match self.releases.open.get(&act) {
            Some((Why::Again(again), _)) => Some(again.2.aside.clone()),
            Some((Why::Hold(_) | Why::Rollback, _)) => Some(None),
            Some((Why::Kept, _)) | None => None,
        };
        if let Some(first) = first {
            self.goes_along(act, first.as_ref(), why);
            return;
        }
        self.releases.open.insert(act, (why, None));
        step.commands.extend(self.ask_release(act, undo, None));
    }

    fn goes_along(&mut self, act: u64, first: Option<&Aside>, why: Why) {
        // A call of the rollback that is under way goes on with it by itself.
        if matches!((first, &why), (Some(Aside::Undo { of, .. }), Why::Rollback) if self.acts.rolls(*of)) {
            return;
        }
        self.releases.along.entry(act).or_default().push_back(why);
    }

    /// Something else wants the act taken back that is to be tried to be taken back again: that is not waited for any longer, and goes
    /// on in its place. Its target may know it by its key.
    fn taken_over(&mut self, step: &mut Step, act: u64, why: Why) -> Why {
        if !matches!(why, Why::Hold(_) | Why::Rollback) {
            return why;
        }
        let Some((timer, retry)) = self.retry_of(act) else { return why };
        // No line says so but that of the next attempt: `timer.cancelled` would be that there is none, and that it is in doubt as before.
        step.commands.retain(|c| c.of() != timer);
        step.commands.push(Command::Cancel { of: timer });
        let Waiting { key, at, what: Awaited::Retry { sent, .. } } = retry else { return why };
        self.goes_along(act, sent.aside.as_ref(), why);
        Why::Again(Box::new((key, at, sent)))
    }

    /// It is known what became of the call that takes an act back: what went along with it goes on as well.
    pub(super) fn go_on_along(
        &mut self,
        step: &mut Step,
        act: u64,
        answer: &Answer,
    ) -> Result<(), SchedulerError> {
        for why in self.releases.along.remove(&act).unwrap_or_default() {
            match (&why, answer) {
                (Why::Rollback, Err(failure)) => self.not_undone(act, failure.clone()),
                (Why::Rollback, Ok(_)) => self.over(step, act, "undone")?,
                _ => {}
            }
            self.wanted_goes_on(step, why)?;
        }
        Ok(())
    }

    /// The same where it failed before.
    pub(super) fn release_again(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        sent: Sent,
    ) -> Result<(), SchedulerError> {
        let Some(Aside::Undo { act, .. } | Aside::End { act, .. }) = sent.aside else {
            return self.send(step, key, at, sent, None);
        };
        if let Some((why @ (Why::Hold(_) | Why::Rollback), _)) = self.releases.open.get_mut(&act) {
            // It is asked about already: the answer is for this one, which has a key, and for what asked.
            let aside = sent.aside.clone();
            let asked = std::mem::replace(why, Why::Again(Box::new((key, at, sent))));
            self.goes_along(act, aside.as_ref(), asked);
            return Ok(());
        }
        if self.holder(act, &[]).is_some() {
            // Its own run has come to hold the same: it is taken back when that ends.
            return self.pass_by(step, act, Why::Again(Box::new((key, at, sent))), "held by another");
        }
        let undo = Related { action: sent.action, args: sent.args.clone() };
        self.release(step, act, &undo, Why::Again(Box::new((key, at, sent))));
        Ok(())
    }

    fn ask_release(&self, of: u64, undo: &Related, known: Option<Release>) -> Option<Command> {
        let done = self.acts.done.get(&of)?;
        let action = self.manifest.action(undo.action)?;
        let digest = ids::sha256_hex(&self.args(action, &undo.args).to_bytes());
        let call = register::call(&action.full_name(), &digest);
        Some(Command::Release { of, act: (done.action, done.args.clone()), call, known })
    }

    /// What has to be asked again after a stop.
    pub(super) fn unreleased(&self) -> impl Iterator<Item = Command> + '_ {
        self.releases.open.iter().filter_map(|(act, (_, known))| {
            let undo = self.undo_of(*act).ok()??;
            self.ask_release(*act, &undo, known.clone())
        })
    }

    /// The program has ended, and does not take back any more what its rollback was about.
    pub(super) fn drop_releases(&mut self, step: &mut Step) {
        // A call that was made before goes on: its target may know it by its key.
        let of_program = |why: &Why| matches!(why, Why::Rollback);
        let Releases { open, along, .. } = &mut self.releases;
        along.retain(|_, along| {
            along.retain(|why| !of_program(why));
            !along.is_empty()
        });
        for (of, (why, _)) in open.iter_mut().filter(|(_, (why, _))| matches!(why, Why::Rollback)) {
            // What else wants it asks in its place.
            if let Some(first) = along.get_mut(of).and_then(VecDeque::pop_front) {
                *why = first;
            }
        }
        let dropped = |of: &u64, why: &Why| of_program(why) && !along.contains_key(of);
        for (of, _) in open.extract_if(.., |of, (why, _)| dropped(of, why)) {
            step.commands.retain(|c| c.of() != of);
            step.commands.push(Command::Cancel { of });
        }
    }

    /// Whether an act may be taken back.
    pub(super) fn released(
        &mut self,
        step: &mut Step,
        of: u64,
        answer: &Release,
    ) -> Result<(), SchedulerError> {
        if !self.releases.waits(of) {
            return Err(SchedulerError::NotWaiting(of));
        }
        let mut f = fields([("of", seq(of))]);
        match answer {
            Release::Free => {}
            Release::Held { run, until } => {
                f.insert("holder".into(), J::Str(run.clone()));
                if let Some(until) = until {
                    f.insert("until".into(), time(*until));
                }
            }
            Release::Undone { run } => {
                f.insert("undone".into(), J::Str(run.clone()));
            }
            Release::Overtaken { run } => {
                f.insert("overtaken".into(), J::Str(run.clone()));
            }
        }
        let at = self.acts.done.get(&of).map(|done| done.at);
        self.write(step, "hold.checked", "engine", at, f)?;
        let Some((why, _)) = self.releases.open.remove(&of) else { return Ok(()) };
        match answer {
            Release::Free => self.free(step, of, why, false),
            Release::Overtaken { .. } => self.free(step, of, why, true),
            Release::Held { .. } => {
                self.releases.open.insert(of, (Why::Kept, Some(answer.clone())));
                self.releases.kept.push(of);
                if let Some(done) = self.acts.done.get_mut(&of) {
                    done.over = true;
                }
                self.pass_by(step, of, why, "held by another run")
            }
            Release::Undone { .. } => {
                self.are_undone(&[of]);
                self.pass_by(step, of, why, "undone")
            }
        }
    }

    /// Nobody else holds it: it is taken back; `anew`, by a call that its target has not seen.
    fn free(&mut self, step: &mut Step, act: u64, why: Why, anew: bool) -> Result<(), SchedulerError> {
        if self.acts.done.get(&act).is_none_or(|done| done.undone.is_some()) {
            return self.pass_by(step, act, why, "undone");
        }
        match self.taken_over(step, act, why) {
            Why::Hold(hold) => self.end(step, hold, act),
            Why::Rollback => self.roll_on(step, act),
            Why::Again(again) => {
                let (key, at, sent) = *again;
                let sent = match anew {
                    true => Sent { key: Some(self.new_key()), n: 1, sent_before: None, ..sent },
                    false => sent,
                };
                self.send(step, key, at, sent, None)
            }
            // That no act of its own run holds the same is in the answer: whether one whose undo was refused does is said there alone.
            Why::Kept => self.end(step, act, act),
        }
    }

    /// It is not taken back, or was already: what wanted it goes on.
    fn pass_by(&mut self, step: &mut Step, act: u64, why: Why, word: &str) -> Result<(), SchedulerError> {
        self.over(step, act, word)?;
        self.wanted_goes_on(step, why)?;
        for why in self.releases.along.remove(&act).unwrap_or_default() {
            self.wanted_goes_on(step, why)?;
        }
        Ok(())
    }

    fn wanted_goes_on(&mut self, step: &mut Step, why: Why) -> Result<(), SchedulerError> {
        match why {
            Why::Hold(hold) => self.end_next(step, hold),
            Why::Rollback => self.roll(step),
            Why::Again(again) => match again.2.aside {
                Some(Aside::End { hold, .. }) => self.end_next(step, hold),
                Some(Aside::Undo { of, .. }) if self.acts.rolls(of) => self.roll(step),
                _ => Ok(()),
            },
            Why::Kept => Ok(()),
        }
    }

    /// What it does not hold any more, and another run does: for whoever looks at it.
    #[must_use]
    pub fn kept_by_others(&self) -> Vec<(Wait, Option<Release>)> {
        let one = |(of, (_, known)): (&u64, &(Why, Option<Release>))| {
            let action = self.manifest.action(self.acts.done.get(of)?.action)?;
            let until = match known {
                Some(Release::Held { until, .. }) => until.unwrap_or(jiff::Timestamp::MAX),
                _ => self.last,
            };
            Some((Wait { of: *of, what: action.full_name(), until, person: None }, known.clone()))
        };
        self.releases.open.iter().filter_map(one).collect()
    }

    /// The acts that another run held when they were to be taken back: which, and with what.
    pub fn kept(&self) -> impl Iterator<Item = (ActionId, &[Value])> {
        let done = self.releases.kept.iter().filter_map(|of| self.acts.done.get(of));
        done.map(|done| (done.action, done.args.as_slice()))
    }
}

//! Taking back what other runs may hold: asked before it is done.
//!
//! Runs know nothing of each other. Whether another one holds what an act was done to is an answer from outside, an input that
//! stands in `hold.checked`; the rule by which it is found is [`crate::register::Register::ask`].

use std::collections::BTreeMap;

use play_evidence::J;
use play_program::action::{ActionId, Related};
use play_program::artifact::Manifest;
use play_program::exec::Key;
use play_program::value::Value;

use super::lines::{fields, seq, time};
use super::undo::Aside;
use super::waiting::{Sent, Wait};
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
        self.releases.open.insert(act, (why, None));
        step.commands.extend(self.ask_release(act, undo, None));
    }

    /// The same where it failed before.
    pub(super) fn release_again(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        sent: Sent,
    ) -> Result<(), SchedulerError> {
        let Some(Aside::Undo(act) | Aside::End { act, .. }) = sent.aside else {
            return self.send(step, key, at, sent, None);
        };
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
        let of_program = |why: &Why| match why {
            Why::Rollback => true,
            Why::Again(again) => matches!(again.2.aside, Some(Aside::Undo(_))),
            Why::Hold(_) | Why::Kept => false,
        };
        for (of, _) in self.releases.open.extract_if(.., |_, (why, _)| of_program(why)) {
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
        }
        let at = self.acts.done.get(&of).map(|done| done.at);
        self.write(step, "hold.checked", "engine", at, f)?;
        let Some((why, _)) = self.releases.open.remove(&of) else { return Ok(()) };
        match answer {
            Release::Free => self.free(step, of, why),
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

    /// Nobody else holds it: it is taken back.
    fn free(&mut self, step: &mut Step, act: u64, why: Why) -> Result<(), SchedulerError> {
        if self.acts.done.get(&act).is_none_or(|done| done.undone.is_some()) {
            return self.pass_by(step, act, why, "undone");
        }
        match why {
            Why::Hold(hold) => self.end(step, hold, act),
            Why::Rollback => self.roll_on(step, act),
            Why::Again(again) => {
                let (key, at, sent) = *again;
                self.send(step, key, at, sent, None)
            }
            // Its own run may have come to hold the same again: then it is taken back when that ends.
            Why::Kept if self.holder(act, &[]).is_some() => Ok(()),
            Why::Kept => self.end(step, act, act),
        }
    }

    /// It is not taken back, or was already: what wanted it goes on.
    fn pass_by(&mut self, step: &mut Step, act: u64, why: Why, word: &str) -> Result<(), SchedulerError> {
        self.over(step, act, word)?;
        match why {
            Why::Hold(hold) => self.end_next(step, hold),
            Why::Rollback => self.roll(step),
            Why::Again(again) => match again.2.aside {
                Some(Aside::End { hold, .. }) => self.end_next(step, hold),
                _ => self.roll(step),
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

//! What an event becomes: one line, and what follows from it.

use std::sync::Arc;

use play_evidence::J;
use play_program::action::{Action, Answer};
use play_program::artifact::Manifest;
use play_program::exec::Key;
use play_program::value::{Failure, FailureKind};

use super::lines::{Fields, answer_fields, by, failure_fields, fields, seq};
use super::undo::Aside;
use super::waiting::{Awaited, Sent};
use super::{Run, RunState, SchedulerError};
use crate::encode;
use crate::event::{Event, Step};

impl Run {
    pub(super) fn take(&mut self, event: Event) -> Result<Step, SchedulerError> {
        let mut step = Step::default();
        let manifest = Arc::clone(&self.manifest);
        match event {
            Event::ReadAnswered { of, value, came } => {
                let (key, at, action) = self.expect_waiting(&manifest, of, false)?;
                let f = fields([("val", encode::value(&value, &action.result, self.types()))]);
                self.write(&mut step, "read.answered", &by(action), Some(at), answer_fields(f, of, &came))?;
                self.go_on(&mut step, of, &key, Ok(value))?;
            }
            Event::ReadFailed { of, failure, came } => {
                let (_, at, action) = self.expect_waiting(&manifest, of, false)?;
                let f = failure_fields(Fields::new(), &failure);
                self.write(&mut step, "read.failed", &by(action), Some(at), answer_fields(f, of, &came))?;
                self.failed(&mut step, of, failure)?;
            }
            Event::ActDone { of, value, came } => {
                let (key, at, action) = self.expect_waiting(&manifest, of, true)?;
                let f = fields([("val", encode::value(&value, &action.result, self.types()))]);
                self.write(&mut step, "act.done", &by(action), Some(at), answer_fields(f, of, &came))?;
                self.go_on(&mut step, of, &key, Ok(value))?;
            }
            Event::ActFailed { of, how, failure, came } => {
                let (_, at, action) = self.expect_waiting(&manifest, of, true)?;
                let f = failure_fields(fields([("how", J::Str(how.name().into()))]), &failure);
                self.write(&mut step, "act.failed", &by(action), Some(at), answer_fields(f, of, &came))?;
                self.failed(&mut step, of, failure)?;
            }
            Event::ActInDoubt { of, why, words, came } => {
                let (_, at, _) = self.expect_waiting(&manifest, of, true)?;
                let mut f = answer_fields(fields([("why", J::Str(why))]), of, &came);
                f.remove("ms");
                if let Some(words) = words {
                    f.insert("words".into(), encode::text(&words));
                }
                self.write(&mut step, "act.in_doubt", "engine", Some(at), f)?;
                if self.doubted(&mut step, of)? {
                    return Ok(step);
                }
                if let Some(Awaited::Act { in_doubt, .. }) = self.waiting.get_mut(&of).map(|w| &mut w.what) {
                    *in_doubt = true;
                }
                if !self.state.is_over() {
                    self.state = RunState::InDoubt;
                }
                self.verify(&mut step, of)?;
            }
            Event::ActHeld { of, perhaps } => self.act_held(&mut step, of, perhaps)?,
            Event::ActReleased { of } => self.act_released(&mut step, of)?,
            Event::ActResolved { of, done, person, because } => {
                let (key, at, action) = self.expect_waiting(&manifest, of, true)?;
                if !self.in_doubt().iter().any(|(doubt, _)| *doubt == of) {
                    return Err(SchedulerError::WrongKind(of));
                }
                let mut f = fields([
                    ("of", seq(of)),
                    ("how", J::Str(if done.is_some() { "done" } else { "not_done" }.into())),
                    ("person", J::Str(person.clone())),
                    ("because", encode::text(&because)),
                ]);
                if let Some(value) = &done {
                    f.insert("val".into(), encode::value(value, &action.result, self.types()));
                }
                self.write(&mut step, "act.resolved", &format!("person:{person}"), Some(at), f)?;
                let answer = done.ok_or_else(|| Failure {
                    kind: FailureKind::Unavailable,
                    words: "a person found that it was not done".into(),
                });
                self.go_on(&mut step, of, &key, answer)?;
            }
            Event::Counted { of, counts } => {
                self.counted(&mut step, of, &counts)?;
                self.follow(&mut step, Vec::new())?;
            }
            Event::PersonAnswered { of, person, choice, because, basis, turn } => {
                self.person_answered(&mut step, of, (&person, turn, &basis), &choice, &because)?;
            }
            Event::Arrived { of, value, arrived } => self.arrived(&mut step, of, value, &arrived)?,
            Event::Woke { of } => self.woken(&mut step, of)?,
            Event::Released { of, answer } => self.released(&mut step, of, &answer)?,
            Event::UndoAsked { person, because, acts } => {
                self.undo_asked(&mut step, &person, &because, &acts)?;
            }
            Event::CancelAsked { person, because } => self.cancel_asked(&mut step, &person, &because)?,
            Event::Resumed { engine, why } => {
                let f = fields([("engine", J::Str(engine)), ("why", J::Str(why))]);
                self.write(&mut step, "run.resumed", "engine", None, f)?;
                step.commands = self.pending();
            }
        }
        Ok(step)
    }

    /// What waits for the answer to a call.
    fn expect_waiting<'m>(
        &self,
        manifest: &'m Manifest,
        of: u64,
        write: bool,
    ) -> Result<(Key, u32, &'m Action), SchedulerError> {
        let w = self.waiting.get(&of).ok_or(SchedulerError::NotWaiting(of))?;
        let sent = match &w.what {
            Awaited::Read(sent) if !write => sent,
            Awaited::Act { sent, .. } if write => sent,
            _ => return Err(SchedulerError::WrongKind(of)),
        };
        let action = manifest.action(sent.action).ok_or(SchedulerError::NotWaiting(of))?;
        Ok((w.key.clone(), w.at, action))
    }

    /// What was waited for has come: the program goes on.
    pub(super) fn go_on(
        &mut self,
        step: &mut Step,
        of: u64,
        key: &Key,
        answer: Answer,
    ) -> Result<(), SchedulerError> {
        let Some(was) = self.waiting.remove(&of) else { return Ok(()) };
        if let Some(Aside::Poll(wait)) = was.sent().and_then(|s| s.aside.as_ref()) {
            return self.polled(step, of, *wait, answer);
        }
        self.no_doubt();
        // What became of an act is not the program's to see: there the failure itself counts.
        if let Some(Aside::Verify(act)) = was.sent().and_then(|s| s.aside.as_ref()) {
            return self.verified(step, *act, was.at, answer);
        }
        // What the line says is what happened; the program sees what the action promises.
        let of_program = |s: &Sent| match &s.aside {
            // What cannot be read before an act is the failure of that act.
            Some(Aside::Snapshot(intended)) => intended.action,
            _ => s.action,
        };
        let action = was.sent().and_then(|s| self.manifest.action(of_program(s)));
        let answer = answer.map_err(|failure| match action {
            Some(action) => action.promised(failure),
            None => failure,
        });
        if let Some(aside) = was.sent().and_then(|s| s.aside.clone()) {
            return self.aside_done(step, aside, &was, answer);
        }
        self.keep(of, &was, &answer);
        if answer.is_ok() {
            self.begin_hold(step, of, was.at)?;
        }
        if self.state.is_over() {
            // What came of a write that was out when the run ended: nobody goes on from there.
            return Ok(());
        }
        self.answer(step, key, answer)
    }

    /// When nothing is in doubt any more, the run goes on.
    pub(super) fn no_doubt(&mut self) {
        if self.state == RunState::InDoubt && self.in_doubt().is_empty() {
            self.state = RunState::Running;
        }
    }

    /// Gives the program an answer.
    pub(super) fn answer(
        &mut self,
        step: &mut Step,
        key: &Key,
        answer: Answer,
    ) -> Result<(), SchedulerError> {
        let emissions = self.machine.step(Some((key, answer)));
        self.follow(step, emissions)
    }
}

//! Waiting for what a read says: it is asked again and again until it has what is waited for, or the time is over.
//!
//! Each question is a read like any other, with lines of its own; none is answered from what a connector said before. That
//! something is not there, or that nobody could say, is no reason to give up: those failures ask again. Any other ends the wait.

use jiff::{SignedDuration, Timestamp};
use play_evidence::J;
use play_program::action::{ActionId, Answer};
use play_program::call::{Poll as Wanted, Terms};
use play_program::exec::{Key, Part};
use play_program::value::{Failure, FailureKind, Value};

use super::lines::{Fields, fields, seq, time};
use super::undo::Aside;
use super::waiting::{Awaited, Sent, Waiting};
use super::{Run, SchedulerError};
use crate::event::{Command, Step};

/// A read that is asked again and again.
pub(super) struct Poll {
    pub(super) action: ActionId,
    args: Vec<Value>,
    every: SignedDuration,
    within: SignedDuration,
    /// When it is over.
    pub(super) due: Timestamp,
    /// Index of its condition, and what that needs besides the answer.
    until: Option<(u32, Vec<Value>)>,
    /// How often it was asked, and when it was last.
    n: u32,
    asked: Timestamp,
    /// What is out for it: the line of the question, or of the pause before the next.
    out: Option<u64>,
    /// How the last question ended, if it failed.
    last: Option<Failure>,
}

impl Run {
    /// Begins to wait for what a read says.
    pub(super) fn poll(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        wanted: &Wanted,
        mut args: Vec<Value>,
    ) -> Result<(), SchedulerError> {
        let Some(action) = self.manifest.action(wanted.action).cloned() else { return Ok(()) };
        let needs = args.split_off(args.len().saturating_sub(wanted.more()));
        let due = self.until(wanted.within);
        let every = i64::try_from(wanted.every.as_millis()).unwrap_or(i64::MAX);
        let f = fields([
            ("for", J::Str("read".into())),
            ("action", J::Str(action.full_name())),
            ("args", self.args(&action, &args)),
            ("every", J::int(every)),
            ("until", time(due)),
        ]);
        let of = self.write(step, "wait.started", "engine", Some(at), f)?;
        step.commands.push(Command::Wake { of, at: due });
        let poll = Poll {
            action: wanted.action,
            args,
            every: wanted.every,
            within: wanted.within,
            due,
            until: wanted.until.map(|(until, _)| (until, needs)),
            n: 0,
            asked: self.last,
            out: None,
            last: None,
        };
        self.waiting.insert(of, Waiting { key, at, what: Awaited::Poll(Box::new(poll)) });
        self.poll_again(step, of)
    }

    /// Asks, for the first time or again.
    pub(super) fn poll_again(&mut self, step: &mut Step, of: u64) -> Result<(), SchedulerError> {
        let now = self.last;
        let Some(Waiting { key, at, what: Awaited::Poll(poll) }) = self.waiting.get_mut(&of) else {
            return Err(SchedulerError::NotWaiting(of));
        };
        poll.n = poll.n.saturating_add(1);
        poll.asked = now;
        // The next line is that of the question.
        poll.out = Some(self.chain.next_seq());
        let sent = Sent {
            action: poll.action,
            args: poll.args.clone(),
            terms: Terms::default(),
            key: None,
            n: poll.n,
            sent_before: None,
            aside: Some(Aside::Poll(of)),
        };
        let (key, at) = (key.clone(), *at);
        self.read(step, key, at, sent)
    }

    /// A question was answered, or failed.
    pub(super) fn polled(
        &mut self,
        step: &mut Step,
        asked: u64,
        of: u64,
        answer: Answer,
    ) -> Result<(), SchedulerError> {
        self.waiting.remove(&asked);
        let Some(Waiting { key, at, what: Awaited::Poll(poll) }) = self.waiting.get_mut(&of) else {
            return Err(SchedulerError::NotWaiting(of));
        };
        let (key, at) = (key.clone(), *at);
        poll.out = None;
        let answer = match answer {
            Err(failure) if failure.kind.may_come() => {
                poll.last = Some(failure);
                return self.poll_later(step, of, at, None);
            }
            Err(failure) => {
                let action = self.manifest.action(poll.action);
                let failure = action.map_or(failure.clone(), |a| a.promised(failure));
                return self.poll_over(step, of, &key, at, ("failed", None), Err(failure));
            }
            Ok(value) => value,
        };
        poll.last = None;
        let Some((until, needs)) = &poll.until else {
            return self.poll_over(step, of, &key, at, ("there", None), Ok(answer));
        };
        let mut given = needs.clone();
        given.push(answer.clone());
        match self.machine.until(*until, &given) {
            Ok((true, parts)) => self.poll_over(step, of, &key, at, ("there", Some(parts)), Ok(answer)),
            Ok((false, parts)) => self.poll_later(step, of, at, Some(parts)),
            Err(fault) => self.fault(step, &fault),
        }
    }

    /// What is waited for is not there yet.
    fn poll_later(
        &mut self,
        step: &mut Step,
        of: u64,
        at: u32,
        parts: Option<Vec<Part>>,
    ) -> Result<(), SchedulerError> {
        let now = self.last;
        let Some(Waiting { key, what: Awaited::Poll(poll), .. }) = self.waiting.get(&of) else {
            return Err(SchedulerError::NotWaiting(of));
        };
        let (key, over) = (key.clone(), poll.due);
        let due = poll.asked.checked_add(poll.every).unwrap_or(Timestamp::MAX).max(now);
        let mut f = self.poll_fields(of, "not yet", parts);
        // Where the time is over before the next question, only its end is left.
        if due < over {
            f.insert("due".into(), time(due));
        }
        let pause = self.write(step, "wait.polled", "engine", Some(at), f)?;
        if due < over {
            step.commands.push(Command::Wake { of: pause, at: due });
            self.waiting.insert(pause, Waiting { key, at, what: Awaited::Between { due, of } });
            if let Some(Waiting { what: Awaited::Poll(poll), .. }) = self.waiting.get_mut(&of) {
                poll.out = Some(pause);
            }
        }
        Ok(())
    }

    /// What is waited for is there, or will not come.
    fn poll_over(
        &mut self,
        step: &mut Step,
        of: u64,
        key: &Key,
        at: u32,
        (is, parts): (&str, Option<Vec<Part>>),
        answer: Answer,
    ) -> Result<(), SchedulerError> {
        let f = self.poll_fields(of, is, parts);
        self.write(step, "wait.polled", "engine", Some(at), f)?;
        step.commands.push(Command::Cancel { of });
        self.go_on(step, of, key, answer)
    }

    fn poll_fields(&self, of: u64, is: &str, parts: Option<Vec<Part>>) -> Fields {
        let mut f = fields([("of", seq(of)), ("is", J::Str(is.into()))]);
        if let Some(parts) = parts {
            f.insert("parts".into(), J::Arr(parts.iter().map(|p| self.part(p)).collect()));
        }
        f
    }

    /// The time of a wait is over.
    pub(super) fn poll_expired(&mut self, step: &mut Step, of: u64) -> Result<(), SchedulerError> {
        let Some(Waiting { key, what: Awaited::Poll(poll), .. }) = self.waiting.get(&of) else {
            return Err(SchedulerError::NotWaiting(of));
        };
        let (key, out) = (key.clone(), poll.out);
        let name = self.manifest.action(poll.action).map(play_program::action::Action::full_name);
        let last = match &poll.last {
            Some(failure) => format!("; asked last, it failed as {}: {}", failure.kind.name(), failure.words),
            None => String::new(),
        };
        let words = format!(
            "what `{}` is to say was not there within {:#}{last}",
            name.unwrap_or_default(),
            poll.within
        );
        if let Some((out, w)) = out.and_then(|out| Some((out, self.waiting.remove(&out)?))) {
            self.cancel(step, out, &w)?;
        }
        self.go_on(step, of, &key, Err(Failure { kind: FailureKind::Timeout, words }))
    }
}

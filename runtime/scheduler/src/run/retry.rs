//! Trying again: which failures are worth it, and how long after.

use jiff::SignedDuration;
use play_evidence::J;
use play_program::action::Answer;
use play_program::call::Retry;
use play_program::value::{Failure, FailureKind};
use sha2::{Digest, Sha256};

use super::lines::{fields, seq, time};
use super::undo::Aside;
use super::waiting::{Awaited, Sent, Waiting};
use super::{Run, SchedulerError};
use crate::event::{Command, Step};

/// The longest time between two attempts, unless `backoff` itself is longer.
const LONGEST: SignedDuration = SignedDuration::from_mins(5);

/// So often a write of which nobody knows whether it was done is sent again to a target that honours our key, unless it says
/// itself how often it is tried again.
const IN_DOUBT: Retry = Retry { times: 3, backoff: SignedDuration::from_secs(1) };

/// Whether the same request may succeed later. The other failures are the same however often one asks.
#[must_use]
pub fn may_pass(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Timeout | FailureKind::RateLimited | FailureKind::Unavailable)
}

impl Run {
    /// A call failed: it is tried again, if it says so and that may help, or its failure is its answer. A write comes
    /// here only when it is certain that it was not done.
    pub(super) fn failed(
        &mut self,
        step: &mut Step,
        of: u64,
        failure: Failure,
    ) -> Result<(), SchedulerError> {
        let Some(w) = self.waiting.get(&of) else { return Err(SchedulerError::NotWaiting(of)) };
        if let Some(Aside::Poll(wait)) = w.sent().and_then(|s| s.aside.as_ref()) {
            let wait = *wait;
            return self.polled(step, of, wait, Err(failure));
        }
        let again = w.sent().filter(|_| may_pass(failure.kind) && !self.is_left(w)).and_then(|s| {
            let retry = s.terms.retry.or(self.manifest.action(s.action)?.retry).filter(|r| s.n <= r.times)?;
            Some((s.clone(), retry))
        });
        let Some((sent, retry)) = again else {
            let key = w.key.clone();
            return self.go_on(step, of, &key, Err(failure));
        };
        self.try_again(step, of, sent, retry)
    }

    /// Nobody knows whether a write was done. A target that honours our key does the same request once however often it comes:
    /// there it is sent again, as long as its `retry` says; `false` where that is no way, or none any more.
    pub(super) fn doubted(&mut self, step: &mut Step, of: u64) -> Result<bool, SchedulerError> {
        let Some(w) = self.waiting.get(&of).filter(|w| !self.is_left(w)) else { return Ok(false) };
        let Some(sent) = w.sent() else { return Ok(false) };
        let Some(action) = self.manifest.action(sent.action) else { return Ok(false) };
        let retry = sent.terms.retry.or(action.retry).unwrap_or(IN_DOUBT);
        if !action.idempotent || sent.n > retry.times {
            return Ok(false);
        }
        let sent = Sent { sent_before: Some(of), ..sent.clone() };
        self.try_again(step, of, sent, retry)?;
        Ok(true)
    }

    /// A call is made again after a pause, in place of the one of that line.
    fn try_again(
        &mut self,
        step: &mut Step,
        of: u64,
        mut sent: Sent,
        retry: Retry,
    ) -> Result<(), SchedulerError> {
        let Some(w) = self.waiting.get(&of) else { return Err(SchedulerError::NotWaiting(of)) };
        let (key, at) = (w.key.clone(), w.at);
        let due = self.until(self.pause(retry.backoff, sent.n));
        sent.n = sent.n.saturating_add(1);
        let f = fields([("of", seq(of)), ("n", J::Int(i64::from(sent.n))), ("due", time(due))]);
        let timer = self.write(step, "retry.scheduled", "engine", Some(at), f)?;
        self.waiting.remove(&of);
        self.no_doubt();
        let snapshot = self.acts.take_snapshot(of);
        self.waiting.insert(timer, Waiting { key, at, what: Awaited::Retry { sent, due, snapshot } });
        step.commands.push(Command::Wake { of: timer, at: due });
        Ok(())
    }

    /// How long to wait after attempt `n`: doubled each time, up to a limit. So that many runs which failed together do
    /// not come back together, up to a quarter is added, made of the run's name and the line: a replay finds the same. Runs
    /// of tests have none, so that they can say how long something takes.
    fn pause(&self, backoff: SignedDuration, n: u32) -> SignedDuration {
        let doubled = 1_i32.checked_shl(n.saturating_sub(1)).filter(|f| *f > 0).unwrap_or(i32::MAX);
        let pause = backoff.checked_mul(doubled).unwrap_or(LONGEST).min(LONGEST.max(backoff));
        if self.is_test {
            return pause;
        }
        let mut hash = Sha256::new();
        hash.update(b"play jitter v0\n");
        hash.update(self.name.as_bytes());
        hash.update(self.chain.next_seq().to_be_bytes());
        let drawn = hash.finalize().first().copied().unwrap_or(0);
        // 1024 parts of the pause, of which the byte takes up to 255.
        let part = pause.checked_div(1024).unwrap_or_default();
        pause.saturating_add(part.saturating_mul(i32::from(drawn)))
    }

    /// The timer of a call that failed has gone off.
    pub(super) fn again(&mut self, step: &mut Step, of: u64) -> Result<(), SchedulerError> {
        let Some(Waiting { key, at, what: Awaited::Retry { sent, snapshot, .. } }) = self.waiting.remove(&of)
        else {
            return Err(SchedulerError::NotWaiting(of));
        };
        match sent.key {
            // Another run may have come to hold the same meanwhile.
            Some(_) if matches!(sent.aside, Some(Aside::Undo { .. } | Aside::End { .. })) => {
                self.release_again(step, key, at, sent)
            }
            Some(_) => self.send(step, key, at, sent, snapshot),
            None => self.read(step, key, at, sent),
        }
    }

    /// What takes this act back, where that waits to be tried again, by its timer: it does not wait any more.
    pub(super) fn retry_of(&mut self, act: u64) -> Option<(u64, Waiting)> {
        let is_of = |w: &Waiting| match &w.what {
            Awaited::Retry { sent, .. } => {
                matches!(sent.aside, Some(Aside::Undo { act: of, .. } | Aside::End { act: of, .. }) if of == act)
            }
            _ => false,
        };
        let timer = self.waiting.iter().find_map(|(timer, w)| is_of(w).then_some(*timer))?;
        Some((timer, self.waiting.remove(&timer)?))
    }

    /// A timer has gone off.
    pub(super) fn woken(&mut self, step: &mut Step, of: u64) -> Result<(), SchedulerError> {
        if self.is_held_until(of) {
            return self.hold_due(step, of);
        }
        let w = self.waiting.get(&of).ok_or(SchedulerError::NotWaiting(of))?;
        if w.due().is_none() {
            return Err(SchedulerError::WrongKind(of));
        }
        let (key, at) = (w.key.clone(), w.at);
        self.write(step, "timer.fired", "engine", Some(at), fields([("of", seq(of))]))?;
        let Some(w) = self.waiting.get(&of) else { return Err(SchedulerError::NotWaiting(of)) };
        match &w.what {
            Awaited::Retry { .. } => self.again(step, of),
            Awaited::Person(_) => self.expired(step, of),
            Awaited::Poll(_) => self.poll_expired(step, of),
            Awaited::Event { .. } => self.never_arrived(step, of),
            Awaited::Between { of: wait, .. } => {
                let wait = *wait;
                self.waiting.remove(&of);
                self.poll_again(step, wait)
            }
            Awaited::Pause { .. } => self.go_on(step, of, &key, Answer::Ok(play_program::Value::None)),
            Awaited::Read(_) | Awaited::Act { .. } | Awaited::Held { .. } => {
                Err(SchedulerError::WrongKind(of))
            }
        }
    }
}

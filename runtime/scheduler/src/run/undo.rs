//! What a run did, and taking it back: latest first, one after the other, each an act like any other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use play_evidence::J;
use play_program::action::{ActionId, Answer, Related, Relation};
use play_program::call::Terms;
use play_program::exec::{Key, Scope};
use play_program::value::{Failure, FailureKind, Value};

use super::lines::{fields, seq};
use super::release::Why;
use super::waiting::{Awaited, Sent, Waiting};
use super::{Run, SchedulerError};
use crate::encode;
use crate::event::Step;

/// What a call is for whose outcome is not the program's.
#[derive(Clone, Debug)]
pub(super) enum Aside {
    /// It takes this act back, for the rollback that this line began.
    Undo { act: u64, of: u64 },
    /// It takes this act back, because this hold has ended, and others of the run with it.
    End { hold: u64, act: u64, also: Vec<u64> },
    /// It is read before the act that waits for it is done.
    Snapshot(Box<Intended>),
    /// It is asked for this wait.
    Poll(u64),
    /// It finds out whether this act, which is in doubt, was done.
    Verify(u64),
}

/// An act that is not sent yet.
#[derive(Clone, Debug)]
pub(super) struct Intended {
    key: Key,
    at: u32,
    pub(super) action: ActionId,
    pub(super) args: Vec<Value>,
    terms: Terms,
}

/// An act that was done.
#[derive(Debug)]
pub(super) struct Done {
    key: Key,
    pub(super) at: u32,
    pub(super) action: ActionId,
    pub(super) args: Vec<Value>,
    result: Value,
    /// When.
    done: Timestamp,
    /// `for 4h`
    pub(super) length: Option<SignedDuration>,
    /// Its time is over, or a rollback has left it to another act: it does not hold any more what it was done to.
    pub(super) over: bool,
    /// When it was taken back.
    pub(super) undone: Option<Timestamp>,
    /// Why it could not be taken back.
    pub(super) failed: Option<String>,
}

/// How an act stands that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It can be taken back.
    InForce,
    /// It was taken back.
    Undone(Timestamp),
    /// It is being taken back, or is when another run lets go of the same.
    Waits,
    /// Nothing takes it back.
    ForGood,
}

/// A rollback that is under way.
#[derive(Debug)]
struct Rolling {
    /// The key of the program's call; `None` where a person wants it.
    key: Option<Key>,
    /// Its node.
    at: u32,
    /// Line that started it.
    of: u64,
    /// What is still to be taken back; the last comes first.
    open: Vec<u64>,
    /// What could not be taken back, and why the first of them could not.
    failed: Vec<u64>,
    why: Option<Failure>,
}

/// What the run did.
#[derive(Debug, Default)]
pub(super) struct Acts {
    /// By line of the intent.
    pub(super) done: BTreeMap<u64, Done>,
    /// What was read before an act, by line of its intent.
    snapshots: BTreeMap<u64, Value>,
    rolling: Option<Rolling>,
    /// Rollbacks of the program that wait for one that a person wants.
    later: VecDeque<(Key, u32, Option<Scope>, String)>,
}

impl Acts {
    /// What was read before an act that was not done, for its next attempt.
    pub(super) fn take_snapshot(&mut self, of: u64) -> Option<Value> {
        self.snapshots.remove(&of)
    }

    /// Whether a rollback that is under way comes to this act.
    pub(super) fn is_rolling(&self, act: u64) -> bool {
        self.rolling.as_ref().is_some_and(|rolling| rolling.open.contains(&act))
    }

    /// Whether the rollback that this line began is under way.
    pub(super) fn rolls(&self, of: u64) -> bool {
        self.rolling.as_ref().is_some_and(|rolling| rolling.of == of)
    }

    pub(super) fn keep_snapshot(&mut self, of: u64, value: Value) {
        self.snapshots.insert(of, value);
    }
}

impl Run {
    /// The acts that were taken back: which, with what they had been done, and how long before.
    pub fn undone(&self) -> impl Iterator<Item = (ActionId, &[Value], SignedDuration)> {
        let undone = |done: &'_ Done| Some(done.undone?.duration_since(done.done));
        let done = self.acts.done.values();
        done.filter_map(move |done| Some((done.action, done.args.as_slice(), undone(done)?)))
    }

    /// What it did: line of the intent, the action, and how it stands.
    pub fn done(&self) -> impl Iterator<Item = (u64, ActionId, Fate)> + '_ {
        self.acts.done.iter().map(|(of, done)| {
            let undo = self.manifest.action(done.action).is_some_and(|a| a.undo.is_some());
            let fate = match done.undone {
                Some(t) => Fate::Undone(t),
                None if self.is_being_undone(*of) => Fate::Waits,
                None if undo => Fate::InForce,
                None => Fate::ForGood,
            };
            (*of, done.action, fate)
        })
    }

    /// An act is to be done: first what has to be read before it.
    pub(super) fn act(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        action: ActionId,
        args: Vec<Value>,
        terms: Terms,
    ) -> Result<(), SchedulerError> {
        let intended = Intended { key, at, action, args, terms };
        match self.machine.related(action, Relation::Snapshot, &intended.args) {
            Ok(None) => self.intend(step, intended, None),
            Ok(Some(Related { action, args })) => {
                let aside = Some(Aside::Snapshot(Box::new(intended.clone())));
                let sent =
                    Sent { action, args, terms: Terms::default(), key: None, n: 1, sent_before: None, aside };
                self.read(step, intended.key, at, sent)
            }
            Err(fault) => self.fault(step, &fault),
        }
    }

    /// Writes down what is to be done, and has it done.
    fn intend(
        &mut self,
        step: &mut Step,
        intended: Intended,
        snapshot: Option<Value>,
    ) -> Result<(), SchedulerError> {
        let Intended { key, at, action, args, terms } = intended;
        let name = Some(self.new_key());
        let sent = Sent { action, args, terms, key: name, n: 1, sent_before: None, aside: None };
        self.send(step, key, at, sent, snapshot)
    }

    /// What the target of the next write may know it by.
    pub(super) fn new_key(&self) -> String {
        format!("{}-{}", self.name, self.chain.next_seq())
    }

    /// Remembers what was done, so that it can be taken back.
    pub(super) fn keep(&mut self, of: u64, was: &Waiting, answer: &Answer) {
        let (Awaited::Act { sent, .. }, Ok(result)) = (&was.what, answer) else {
            self.acts.snapshots.remove(&of);
            return;
        };
        let done = Done {
            key: was.key.clone(),
            at: was.at,
            action: sent.action,
            args: sent.args.clone(),
            result: result.clone(),
            done: self.last,
            length: sent.terms.hold,
            over: false,
            undone: None,
            failed: None,
        };
        self.acts.done.insert(of, done);
    }

    /// The outcome of a call that is not the program's.
    pub(super) fn aside_done(
        &mut self,
        step: &mut Step,
        aside: Aside,
        was: &Waiting,
        answer: Answer,
    ) -> Result<(), SchedulerError> {
        match aside {
            // They have ways of their own: see `polled` and `verified`.
            Aside::Poll(_) | Aside::Verify(_) => Ok(()),
            Aside::Snapshot(intended) => match answer {
                Ok(value) => self.intend(step, *intended, Some(value)),
                // What could not be taken back as it was is not done.
                Err(failure) => self.answer(step, &was.key, Err(failure)),
            },
            Aside::Undo { act, of } => {
                // Its rollback may have ended with the program, and another one be under way: that waits for its own.
                let rolls = self.acts.rolls(of);
                match &answer {
                    Ok(_) => {
                        self.are_undone(&[act]);
                        self.over(step, act, "undone")?;
                    }
                    Err(failure) if rolls => self.not_undone(act, failure.clone()),
                    Err(failure) => self.is_not_undone(act, failure),
                }
                if rolls {
                    self.roll(step)?;
                }
                self.go_on_along(step, act, &answer)
            }
            Aside::End { hold, act, also } => self.ended(step, hold, act, also, &answer),
        }
    }

    /// A write is in doubt: it is looked up, where its action says how.
    pub(super) fn verify(&mut self, step: &mut Step, of: u64) -> Result<(), SchedulerError> {
        let Some(w) = self.waiting.get(&of).filter(|w| !self.is_left(w)) else { return Ok(()) };
        let Some(sent) = w.sent() else { return Ok(()) };
        let (key, at) = (w.key.clone(), w.at);
        match self.machine.related(sent.action, Relation::Verify, &sent.args) {
            Ok(Some(Related { action, args })) => {
                let aside = Some(Aside::Verify(of));
                let sent =
                    Sent { action, args, terms: Terms::default(), key: None, n: 1, sent_before: None, aside };
                self.read(step, key, at, sent)
            }
            // Without it, or where it cannot be computed, a person finds out.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// What a write in doubt was looked up by has answered. What it does not tell is left to a person.
    pub(super) fn verified(
        &mut self,
        step: &mut Step,
        act: u64,
        at: u32,
        answer: Answer,
    ) -> Result<(), SchedulerError> {
        // A person may have been faster.
        let Some(w) = self.waiting.get(&act) else { return Ok(()) };
        let Some(sent) = w.sent() else { return Ok(()) };
        let Some(action) = self.manifest.action(sent.action).cloned() else { return Ok(()) };
        let key = w.key.clone();
        let done = match answer {
            Ok(answer) => {
                let mut given = sent.args.clone();
                given.push(answer);
                match self.machine.related(sent.action, Relation::Verified, &given) {
                    Ok(related) => related.map(|r| r.args.into_iter().next().unwrap_or(Value::None)),
                    Err(_) => return Ok(()),
                }
            }
            Err(failure) if failure.kind == FailureKind::NotFound => None,
            Err(_) => return Ok(()),
        };
        let how = if done.is_some() { "done" } else { "not_done" };
        let mut f = fields([("of", seq(act)), ("how", J::Str(how.into()))]);
        if let Some(value) = &done {
            f.insert("val".into(), encode::value(value, &action.result, self.types()));
        }
        self.write(step, "act.verified", "engine", Some(at), f)?;
        match done {
            Some(value) => self.go_on(step, act, &key, Ok(value)),
            // Now it may be sent again, whether its target would notice or not.
            None => {
                let words = "it was looked up, and found not done".to_string();
                self.failed(step, act, Failure { kind: FailureKind::Unavailable, words })
            }
        }
    }

    pub(super) fn not_undone(&mut self, act: u64, failure: Failure) {
        self.is_not_undone(act, &failure);
        if let Some(rolling) = &mut self.acts.rolling {
            rolling.failed.push(act);
            rolling.why.get_or_insert(failure);
        }
    }

    /// Takes back what a step did, or the whole run.
    pub(super) fn rollback(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        of: Option<Scope>,
        because: &str,
    ) -> Result<(), SchedulerError> {
        if self.is_rolling() {
            self.acts.later.push_back((key, at, of, because.to_string()));
            return Ok(());
        }
        let in_scope = |done: &Done| of.as_ref().is_none_or(|s| s.holds(&done.key));
        let acts = self.acts.done.iter().filter(|(_, done)| in_scope(done)).map(|(of, _)| *of).collect();
        self.roll_back(step, Some(key), at, acts, because, None)
    }

    /// A person wants these acts taken back.
    pub(super) fn undo_asked(
        &mut self,
        step: &mut Step,
        person: &str,
        because: &str,
        acts: &[u64],
    ) -> Result<(), SchedulerError> {
        if self.is_rolling() {
            return Err(SchedulerError::Rolling);
        }
        if let Some(act) = acts.iter().find(|act| !self.acts.done.contains_key(act)) {
            return Err(SchedulerError::NotWaiting(*act));
        }
        let at = self.manifest.playbooks.get(self.playbook).map_or(0, |p| p.at);
        let f = fields([
            ("person", J::Str(person.into())),
            ("because", encode::text(because)),
            ("acts", J::Arr(acts.iter().map(|n| seq(*n)).collect())),
        ]);
        let asked = self.write(step, "undo.asked", &format!("person:{person}"), Some(at), f)?;
        self.roll_back(step, None, at, acts.iter().copied().collect(), because, Some(asked))
    }

    /// Takes acts back, those of them that are in force.
    fn roll_back(
        &mut self,
        step: &mut Step,
        key: Option<Key>,
        at: u32,
        acts: BTreeSet<u64>,
        because: &str,
        asked: Option<u64>,
    ) -> Result<(), SchedulerError> {
        let (mut open, mut without) = (Vec::new(), Vec::new());
        let in_force =
            |of: &u64, done: &Done| acts.contains(of) && done.undone.is_none() && !self.releases.waits(*of);
        for (of, done) in self.acts.done.iter().filter(|(of, done)| in_force(of, done)) {
            let Some(action) = self.manifest.action(done.action) else { continue };
            match &action.undo {
                Some(_) => open.push(*of),
                None if changes_the_target(action.class.as_deref()) => without.push(*of),
                None => {}
            }
        }
        let numbers = |all: &mut dyn Iterator<Item = &u64>| J::Arr(all.map(|n| seq(*n)).collect());
        // What something else holds as well stays until that ends.
        let (held, open): (Vec<u64>, Vec<u64>) =
            open.iter().partition(|act| self.holder(**act, &open).is_some());
        let mut f = fields([
            ("because", encode::text(because)),
            ("acts", numbers(&mut open.iter().rev())),
            ("without", numbers(&mut without.iter())),
        ]);
        if !held.is_empty() {
            f.insert("held".into(), numbers(&mut held.iter()));
        }
        if let Some(asked) = asked {
            f.insert("asked".into(), seq(asked));
        }
        let of = self.write(step, "rollback.started", "engine", Some(at), f)?;
        for act in held {
            self.over(step, act, "held by another")?;
        }
        self.acts.rolling = Some(Rolling { key, at, of, open, failed: Vec::new(), why: None });
        self.roll(step)
    }

    /// Takes the next act back, unless another run holds the same; when there is none left, the program goes on.
    pub(super) fn roll(&mut self, step: &mut Step) -> Result<(), SchedulerError> {
        loop {
            let Some(rolling) = &mut self.acts.rolling else { return Ok(()) };
            let Some(act) = rolling.open.pop() else { break };
            match self.undo_of(act) {
                Ok(None) => {}
                Ok(Some(undo)) => {
                    self.release(step, act, &undo, Why::Rollback);
                    return Ok(());
                }
                Err(failure) => self.not_undone(act, failure),
            }
        }
        let Some(Rolling { key, at, of, failed, why, .. }) = self.acts.rolling.take() else { return Ok(()) };
        let f = fields([("of", seq(of)), ("failed", J::Arr(failed.iter().map(|n| seq(*n)).collect()))]);
        self.write(step, "rollback.done", "engine", Some(at), f)?;
        if let Some(key) = key {
            let answer = why.map_or(Ok(Value::None), Err);
            self.answer(step, &key, answer)?;
        }
        match self.acts.later.pop_front() {
            Some((key, at, of, because)) if !self.state.is_over() => {
                self.rollback(step, key, at, of, &because)
            }
            _ => Ok(()),
        }
    }

    /// Sends what takes the act back that a rollback has come to.
    pub(super) fn roll_on(&mut self, step: &mut Step, act: u64) -> Result<(), SchedulerError> {
        let (Some(rolling), Ok(Some(undo))) = (&self.acts.rolling, self.undo_of(act)) else {
            return self.roll(step);
        };
        // What a person wants belongs to nothing in the program.
        let (key, at, of) = (rolling.key.clone().unwrap_or_default(), rolling.at, rolling.of);
        let Related { action, args } = undo;
        let aside = Some(Aside::Undo { act, of });
        let name = Some(self.new_key());
        let sent = Sent { action, args, terms: Terms::default(), key: name, n: 1, sent_before: None, aside };
        self.send(step, key, at, sent, None)
    }

    /// The program has ended: what it was still to take back stays. What a person wants taken back is all the same.
    pub(super) fn stop_rolling(&mut self, step: &mut Step) {
        self.acts.later.clear();
        if self.acts.rolling.as_ref().is_some_and(|rolling| rolling.key.is_some()) {
            self.acts.rolling = None;
            self.drop_releases(step);
        }
    }

    /// Whether a rollback is under way.
    #[must_use]
    pub fn is_rolling(&self) -> bool {
        self.acts.rolling.is_some()
    }

    /// The acts that could not be taken back, and why.
    #[must_use]
    pub fn not_taken_back(&self) -> Vec<(u64, ActionId, String)> {
        let open = |(of, done): (&u64, &Done)| {
            let why = done.failed.clone().filter(|_| done.undone.is_none())?;
            (!self.is_being_undone(*of)).then_some((*of, done.action, why))
        };
        self.acts.done.iter().filter_map(open).collect()
    }

    /// What takes an act back; `None` when there is nothing to take back.
    pub(super) fn undo_of(&self, act: u64) -> Result<Option<Related>, Failure> {
        let Some(done) = self.acts.done.get(&act) else { return Ok(None) };
        let snapshot = self.acts.snapshots.get(&act).cloned().unwrap_or(Value::None);
        let mut given = done.args.clone();
        given.extend([done.result.clone(), snapshot]);
        self.machine.related(done.action, Relation::Undo, &given).map_err(|fault| Failure {
            kind: FailureKind::Rejected,
            words: format!("what takes it back could not be computed: {}", fault.what),
        })
    }
}

/// Whether what such a write did stays until it is taken back. Messages and records, and what restores, do not count.
pub(super) fn changes_the_target(class: Option<&str>) -> bool {
    !matches!(class, Some("notify" | "record" | "restore"))
}

//! Approvals: an act, with its arguments, that somebody is asked for before it is done.
//!
//! What is approved is the act with the digest of its arguments, and nothing else. Guards ask for it where no `allow` of theirs
//! holds; a playbook may ask beforehand, with `approve`. The first denial decides, or as many approvals of
//! different persons as it takes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::SignedDuration;
use play_evidence::J;
use play_program::action::ActionId;
use play_program::call::{Approval, Turn};
use play_program::exec::{Key, Part};
use play_program::value::{Failure, FailureKind, Value};

use super::escalation::later;
use super::guard::Asked as Guarded;
use super::lines::{Fields, fields, seq, time};
use super::person::{Person, Said, Then, words};
use super::quorum::together;
use super::waiting::{Awaited, Waiting};
use super::{Run, SchedulerError};
use crate::encode;
use crate::event::{APPROVE, Asked, Command, DENY, Step};
use crate::ids;
use crate::testing::call_text;

/// A guard that wants somebody to approve an act.
pub(super) struct Wanting {
    pub(super) guard: usize,
    /// Its line.
    pub(super) at: u32,
    pub(super) from: String,
    /// How many persons it takes.
    pub(super) needed: u32,
    pub(super) within: SignedDuration,
    pub(super) then: Vec<Turn>,
    /// Whether nobody decides who has had a say already.
    pub(super) distinct: bool,
    pub(super) parts: Vec<Part>,
}

/// What somebody decided over an act.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Which.
    pub action: ActionId,
    /// With what.
    pub args: Vec<Value>,
    /// The roles of those who did.
    pub to: Vec<String>,
    /// Approved, or not.
    pub approved: bool,
    /// Why.
    pub because: String,
}

/// What persons have decided.
#[derive(Debug, Default)]
pub(super) struct Approvals {
    /// All of it, for whoever looks at the run.
    decided: Vec<Decided>,
    /// What was approved before it came to be done.
    before: Vec<Before>,
    /// Every act that somebody has approved.
    given: Vec<Before>,
    /// The approvals behind an act, by its key.
    of: BTreeMap<Key, Vec<u64>>,
    /// The acts that are asked for, by the line that asks.
    acts: BTreeMap<u64, (ActionId, Vec<Value>)>,
}

/// An act that was approved.
#[derive(Debug)]
struct Before {
    action: ActionId,
    /// Of its arguments.
    digest: String,
    /// What persons said, each another.
    said: Vec<Said>,
}

/// Whom an approval is asked of.
struct Whom {
    to: String,
    needed: u32,
    within: SignedDuration,
    then: Vec<Turn>,
    distinct: bool,
}

impl Whom {
    /// Those who are asked, one after the other.
    fn roles(&self) -> Vec<String> {
        std::iter::once(&self.to).chain(self.then.iter().map(|t| &t.to)).cloned().collect()
    }

    /// What suits both: as many persons as the stricter takes, in as long as the shorter waits for each.
    fn and(&mut self, other: &Self) {
        self.needed = self.needed.max(other.needed);
        self.within = self.within.min(other.within);
        self.distinct |= other.distinct;
        for (turn, other) in self.then.iter_mut().zip(&other.then) {
            turn.within = turn.within.min(other.within);
        }
    }
}

impl Approvals {
    /// The act that is asked for in a line.
    pub(super) fn act(&self, of: u64) -> Option<(ActionId, Vec<Value>)> {
        self.acts.get(&of).cloned()
    }

    /// The lines in which an act was approved.
    pub(super) fn of(&self, key: &Key) -> Option<&[u64]> {
        self.of.get(key).map(Vec::as_slice)
    }

    /// These are behind the act with this key.
    pub(super) fn count_for(&mut self, key: &Key, mut approvals: Vec<u64>) {
        approvals.dedup();
        if !approvals.is_empty() {
            self.of.insert(key.clone(), approvals);
        }
    }
}

impl Run {
    /// What persons have approved and denied, in the order in which they did.
    #[must_use]
    pub fn approvals(&self) -> &[Decided] {
        &self.approvals.decided
    }

    /// `approve okta.suspend(user) from role.soc_lead within 2h because "…"`
    pub(super) fn approve(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        wanted: &Approval,
        mut args: Vec<Value>,
    ) -> Result<(), SchedulerError> {
        let because = words(args.pop());
        let Some(digest) = self.digest(wanted.action, &args) else { return Ok(()) };
        let more = fields([("because", encode::text(&because))]);
        let Approval { from, needed, within, then, distinct, .. } = wanted;
        let (to, then) = (from.clone(), then.clone());
        let whom = Whom { to, needed: *needed, within: *within, then, distinct: *distinct };
        let then = Then::Approve(wanted.action, digest);
        self.ask_to_approve(step, (key, at), (wanted.action, args), whom, then, more)?;
        Ok(())
    }

    /// Asks every role that the guards want, all at once.
    pub(super) fn needs_approval(
        &mut self,
        step: &mut Step,
        of: u64,
        mut asked: Guarded,
        wanting: Vec<Wanting>,
    ) -> Result<(), SchedulerError> {
        // A role that several guards want is asked once, where they also agree on who is asked after it.
        let mut roles: BTreeMap<Vec<String>, (Vec<usize>, u32, Whom)> = BTreeMap::new();
        for w in wanting {
            self.wants_approval(step, of, &w)?;
            let Wanting { guard, at, from: to, needed, within, then, distinct, .. } = w;
            let whom = Whom { to, needed, within, then, distinct };
            match roles.entry(whom.roles()) {
                Entry::Vacant(new) => _ = new.insert((vec![guard], at, whom)),
                Entry::Occupied(mut known) => {
                    let (guards, _, known) = known.get_mut();
                    guards.push(guard);
                    known.and(&whom);
                }
            }
        }
        let act = (asked.action, asked.args.clone());
        let key = asked.emission.key.clone();
        for (guards, at, whom) in roles.into_values() {
            let names: Vec<&str> = guards.iter().filter_map(|g| self.guard_name(*g)).collect();
            let more = fields([("of", seq(of)), ("guards", J::Str(names.join(", ")))]);
            let then = Then::Guards(of, guards);
            let line = self.ask_to_approve(step, (key.clone(), at), act.clone(), whom, then, more)?;
            asked.open.extend(line);
        }
        asked.counting = Vec::new();
        self.asked.insert(of, asked);
        Ok(())
    }

    /// Writes down that a guard wants somebody to approve an act.
    pub(super) fn wants_approval(
        &mut self,
        step: &mut Step,
        of: u64,
        w: &Wanting,
    ) -> Result<(), SchedulerError> {
        let Some(guard) = self.guard_name(w.guard) else { return Ok(()) };
        let mut f = fields([
            ("of", seq(of)),
            ("guard", J::Str(guard.into())),
            ("from", J::Str(w.from.clone())),
            ("parts", J::Arr(w.parts.iter().map(|p| self.part(p)).collect())),
        ]);
        f.extend(persons(w.needed));
        f.extend(later(&w.then));
        self.write(step, "guard.needs_approval", "engine", Some(w.at), f)?;
        Ok(())
    }

    /// Asks somebody to approve an act. Gives the line that says so.
    fn ask_to_approve(
        &mut self,
        step: &mut Step,
        (key, at): (Key, u32),
        (action, args): (ActionId, Vec<Value>),
        whom: Whom,
        then: Then,
        more: Fields,
    ) -> Result<Option<u64>, SchedulerError> {
        let Some(spec) = self.manifest.action(action).cloned() else { return Ok(None) };
        let question = call_text(&spec, &args, self.types());
        let until = self.until(whom.within);
        let shown = self.args(&spec, &args);
        let digest = ids::sha256_hex(&shown.to_bytes());
        let mut f = fields([
            ("what", J::Str("approval".into())),
            ("to", J::Str(whom.to.clone())),
            ("choices", J::Str(format!("{APPROVE}, {DENY}"))),
            ("question", encode::text(&question)),
            ("action", J::Str(spec.full_name())),
            ("digest", J::Str(digest.clone())),
            ("shown", shown),
            ("until", time(until)),
        ]);
        f.extend(persons(whom.needed));
        if whom.distinct {
            f.insert("distinct".into(), J::Str("true".into()));
        }
        f.extend(later(&whom.then));
        f.extend(more);
        let of = self.write(step, "person.asked", "engine", Some(at), f)?;
        let choices = vec![APPROVE.to_string(), DENY.to_string()];
        let Whom { to, needed, then: turns, distinct, .. } = whom;
        let (to, by, approval) = (vec![to], Vec::new(), true);
        let earlier = if distinct { self.said_before(action, &digest) } else { Vec::new() };
        let asked =
            Asked { to, then: turns, question, choices, until, approval, needed, by, distinct, earlier };
        let act = (action, args);
        step.commands.push(Command::Ask { of, asked: asked.clone(), act: Some(act.clone()) });
        step.commands.push(Command::Wake { of, at: until });
        self.approvals.acts.insert(of, act);
        self.waiting
            .insert(of, Waiting { key, at, what: Awaited::Person(Person { asked, said: Vec::new(), then }) });
        Ok(Some(of))
    }

    /// As many as it takes have approved an act, or somebody has denied it. `said` is the line that says so last.
    pub(super) fn decided(
        &mut self,
        step: &mut Step,
        of: u64,
        said: u64,
        (person, role, approved, because): (&str, &str, bool, &str),
    ) -> Result<(), SchedulerError> {
        let Some(w) = self.waiting.get(&of) else { return Err(SchedulerError::NotWaiting(of)) };
        let Awaited::Person(Person { asked, said: all, then }) = &w.what else {
            return Err(SchedulerError::WrongKind(of));
        };
        let key = w.key.clone();
        // What several say is what the program knows of it: all of them, and all of their reasons.
        let (by, because) = match approved {
            true => (asked.by.join(", "), together(all)),
            false => (person.to_string(), because.to_string()),
        };
        let to = match approved {
            true => all.iter().map(|said| said.role.clone()).collect(),
            false => vec![role.to_string()],
        };
        let lines: Vec<u64> = all.iter().map(|said| said.line).collect();
        if let Some((action, args)) = self.approvals.acts.get(&of).cloned() {
            if let (true, Some(digest)) = (approved, self.digest(action, &args)) {
                self.approvals.given.push(Before { action, digest, said: all.clone() });
            }
            self.approvals.decided.push(Decided { action, args, to, approved, because: because.clone() });
        }
        let denied = || Failure { kind: FailureKind::Denied, words: format!("denied by {by}: {because}") };
        match then {
            Then::Program(_) => Err(SchedulerError::WrongKind(of)),
            Then::Approve(action, digest) => {
                let answer = if approved {
                    let (action, digest) = (*action, digest.clone());
                    let said = all.clone();
                    self.approvals.before.push(Before { action, digest, said });
                    Ok(Value::Record(vec![Value::str(&because), Value::str(&by)].into()))
                } else {
                    Err(denied())
                };
                self.go_on(step, of, &key, answer)
            }
            Then::Guards(..) if !approved => self.not_approved(step, of, Some(said), denied()),
            Then::Guards(line, guards) => {
                let (line, guards) = (*line, guards.clone());
                self.waiting.remove(&of);
                let Some(mut asked) = self.asked.remove(&line) else { return Ok(()) };
                asked.open.retain(|open| *open != of);
                asked.approved.extend(guards.into_iter().map(|g| (g, lines.clone())));
                if asked.open.is_empty() {
                    self.ask_guards(step, line, asked)?;
                } else {
                    self.asked.insert(line, asked);
                }
                self.follow(step, Vec::new())
            }
        }
    }

    /// A person has not approved what guards want approved: the act is refused, and nobody else is asked any more.
    pub(super) fn not_approved(
        &mut self,
        step: &mut Step,
        of: u64,
        said: Option<u64>,
        failure: Failure,
    ) -> Result<(), SchedulerError> {
        let Some(w) = self.waiting.remove(&of) else { return Err(SchedulerError::NotWaiting(of)) };
        let Awaited::Person(Person { then: Then::Guards(line, guards), .. }) = &w.what else {
            return Err(SchedulerError::WrongKind(of));
        };
        let Some(asked) = self.asked.remove(line) else { return Ok(()) };
        for other in asked.open.iter().filter(|open| **open != of) {
            if let Some(w) = self.waiting.remove(other) {
                self.cancel(step, *other, &w)?;
            }
        }
        let Some(guard) = guards.first().and_then(|g| self.guard_name(*g)).map(str::to_string) else {
            return Ok(());
        };
        let f = said.map(|said| fields([("approval", seq(said))])).unwrap_or_default();
        self.refuse_as(step, *line, asked, (&guard, "approval", w.at), f, failure)?;
        self.follow(step, Vec::new())
    }

    /// The lines in which so many of these roles have approved this act, with these arguments, before it came to be done.
    pub(super) fn approved_before(&self, asked: &Guarded, roles: &[&str], needed: u32) -> Option<Vec<u64>> {
        let digest = self.digest(asked.action, &asked.args)?;
        let those = self.approvals.before.iter().filter(|b| b.action == asked.action && b.digest == digest);
        let mut lines = those.map(|b| {
            let theirs = b.said.iter().filter(|said| roles.contains(&said.role.as_str()));
            theirs.map(|said| said.line).collect::<Vec<u64>>()
        });
        lines.find(|lines| u32::try_from(lines.len()).unwrap_or(u32::MAX) >= needed)
    }

    /// An act counts as approved before it comes to be done, by so many of a role as that takes: a shadow run has asked nobody.
    pub(super) fn count_as_approved(
        &mut self,
        action: ActionId,
        digest: String,
        wanted: &Approval,
        line: u64,
    ) {
        // More than anybody has people for.
        let many = usize::try_from(wanted.needed.min(10_000)).unwrap_or_default();
        let said = Said { line, role: wanted.from.clone(), because: String::new() };
        self.approvals.before.push(Before { action, digest, said: vec![said; many] });
    }

    /// The lines in which somebody of a role has approved this act, with these arguments, in this run.
    pub(super) fn was_approved(&self, action: ActionId, args: &[Value], role: &str) -> Option<Vec<u64>> {
        let digest = self.digest(action, args)?;
        let those = self.approvals.given.iter().filter(|b| b.action == action && b.digest == digest);
        let theirs =
            |b: &Before| b.said.iter().filter(|said| said.role == role).map(|said| said.line).collect();
        those.map(theirs).find(|lines: &Vec<u64>| !lines.is_empty())
    }

    pub(super) fn digest(&self, action: ActionId, args: &[Value]) -> Option<String> {
        let spec = self.manifest.action(action)?;
        Some(ids::sha256_hex(&self.args(spec, args).to_bytes()))
    }
}

/// How many persons it takes, as a line has it: only where it is more than one.
pub(super) fn persons(needed: u32) -> Option<(String, J)> {
    (needed > 1).then(|| ("persons".to_string(), J::Int(i64::from(needed))))
}

//! `[approvals] distinct = true`: who has had a say in a run does not approve its acts as well.
//!
//! Whoever has answered a question of the run approves nothing in it, and whoever has approved an act as one role does not
//! approve the same act as another. Each approval of the program says whether it is so.

use play_program::action::ActionId;
use play_program::person::known_as;

use super::waiting::Awaited;
use super::{Run, SchedulerError};
use crate::event::{APPROVE, Asked, Earlier};

/// An act: an action, and the digest of its arguments.
type Act = (ActionId, String);

/// What persons have said that may keep them from approving an act; for approvals, of which.
#[derive(Debug, Default)]
pub(super) struct Sayings(Vec<(Earlier, Option<Act>)>);

impl Asked {
    /// Whether what a person says to it as the role at `turn` counts; `of` is the line that asks. Anybody who has the role may deny.
    ///
    /// # Errors
    /// Why it does not.
    pub fn hears(&self, of: u64, (person, turn): (&str, usize), choice: &str) -> Result<(), SchedulerError> {
        if !self.approval || choice != APPROVE {
            return Ok(());
        }
        let known = known_as(person);
        if self.by.iter().any(|by| known_as(by) == known) {
            return Err(SchedulerError::Again { of, person: person.into(), missing: self.missing() });
        }
        let role = self.to.get(turn).map(String::as_str).unwrap_or_default();
        let other = |e: &&Earlier| {
            known_as(&e.person) == known && e.approved_as.as_deref().is_none_or(|other| other != role)
        };
        match self.earlier.iter().find(other) {
            Some(earlier) if self.distinct => {
                Err(SchedulerError::Distinct { of, role: role.into(), earlier: earlier.clone() })
            }
            _ => Ok(()),
        }
    }
}

impl Run {
    /// What was said before an act is asked for, and bears on it.
    pub(super) fn said_before(&self, action: ActionId, digest: &str) -> Vec<Earlier> {
        let bears = |of: &Option<Act>| of.as_ref().is_none_or(|(a, d)| *a == action && d == digest);
        self.sayings.0.iter().filter(|(_, of)| bears(of)).map(|(earlier, _)| earlier.clone()).collect()
    }

    /// Somebody has answered a question or approved an act, in the line `of`: whatever is asked for by now knows it as well.
    pub(super) fn has_said(&mut self, of: u64, person: &str, approved_as: Option<&str>) {
        let act_of = |run: &Self, line: u64| {
            let (action, args) = run.approvals.act(line)?;
            Some((action, run.digest(action, &args)?))
        };
        let act = approved_as.and_then(|_| act_of(self, of));
        if approved_as.is_some() && act.is_none() {
            return;
        }
        let earlier = Earlier { person: person.into(), of, approved_as: approved_as.map(str::to_string) };
        let wants = |what: &Awaited| matches!(what, Awaited::Person(p) if p.asked.distinct);
        let lines: Vec<u64> =
            self.waiting.iter().filter(|(_, w)| wants(&w.what)).map(|(of, _)| *of).collect();
        let lines: Vec<u64> =
            lines.into_iter().filter(|line| act.is_none() || act_of(self, *line) == act).collect();
        for line in lines {
            if let Some(Awaited::Person(p)) = self.waiting.get_mut(&line).map(|w| &mut w.what) {
                p.asked.earlier.push(earlier.clone());
            }
        }
        self.sayings.0.push((earlier, act));
    }
}

//! A shadow run: it asks what it asks, its guards decide, and nothing is done. What would be is written down.
//!
//! A write counts as done, an approval as given. What they would have given is known to nobody: where the playbook looks at that
//! the run ends, rather than go on with something that was made up.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use play_evidence::J;
use play_program::action::ActionId;
use play_program::artifact::Manifest;
use play_program::call::{Approval, Question, Terms};
use play_program::exec::{Key, Scope};
use play_program::types::Type;
use play_program::value::Value;

use super::approval::{Wanting, persons};
use super::guard::Decided;
use super::lines::{Fields, fields, seq};
use super::person::words;
use super::undo::changes_the_target;
use super::{Run, RunState, SchedulerError};
use crate::encode;
use crate::event::Step;
use crate::ids;
use crate::testing::call_text;

/// Something that a shadow run would have done.
#[derive(Clone, Debug)]
pub enum WouldBe {
    /// A write.
    Done {
        /// Which.
        action: ActionId,
        /// With what.
        args: Vec<Value>,
        /// `for 4h`
        hold: Option<SignedDuration>,
        /// The roles whose approval its guards want.
        asks: Vec<String>,
    },
    /// A question.
    Asked {
        /// `role.analyst`
        to: String,
        /// May hold text from outside.
        question: String,
    },
    /// An approval that the playbook wants.
    ToApprove {
        /// `role.soc_lead`
        to: String,
        /// Which.
        action: ActionId,
        /// With what.
        args: Vec<Value>,
    },
    /// A rollback of these acts: `seq` of their lines.
    RolledBack(Vec<u64>),
}

/// The same in words: what is ours and what may come from outside stand apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WouldWords {
    /// `act`, `question`, `approval`, `rollback`
    pub what: &'static str,
    /// `okta.suspend`
    pub head: String,
    /// `("00u1")`: may hold text from outside.
    pub values: String,
    /// ` for 4h`
    pub tail: String,
    /// The roles that would be asked.
    pub asks: Vec<String>,
}

impl WouldBe {
    /// In words.
    #[must_use]
    pub fn words(&self, manifest: &Manifest) -> WouldWords {
        let call = |action: ActionId, args: &[Value]| {
            let Some(action) = manifest.action(action) else { return (String::new(), String::new()) };
            let text = call_text(action, args, &manifest.types);
            let values = text.strip_prefix(&action.full_name()).unwrap_or_default().to_string();
            (action.full_name(), values)
        };
        match self {
            Self::Done { action, args, hold, asks } => {
                let (head, values) = call(*action, args);
                let tail = hold.map(|time| format!(" for {time:#}")).unwrap_or_default();
                WouldWords { what: "act", head, values, tail, asks: asks.clone() }
            }
            Self::ToApprove { to, action, args } => {
                let (head, values) = call(*action, args);
                WouldWords { what: "approval", head, values, tail: String::new(), asks: vec![to.clone()] }
            }
            Self::Asked { to, question } => WouldWords {
                what: "question",
                head: String::new(),
                values: format!("\"{question}\""),
                tail: String::new(),
                asks: vec![to.clone()],
            },
            Self::RolledBack(acts) => {
                let acts: Vec<String> = acts.iter().map(|of| format!("line {of}")).collect();
                let head = if acts.is_empty() { "nothing".to_string() } else { acts.join(", ") };
                let (values, tail) = (String::new(), String::new());
                WouldWords { what: "rollback", head, values, tail, asks: Vec::new() }
            }
        }
    }
}

/// What a shadow run would have done.
#[derive(Debug, Default)]
pub(super) struct Shadow {
    /// All of it, by line.
    would: Vec<(u64, WouldBe)>,
    /// The acts that would be in force, by line: where in the run they stand, and which.
    acts: BTreeMap<u64, (Key, ActionId)>,
    /// What its guards say of an act that is about to be written down: the line that asked them, and whose approval they want.
    guarded: BTreeMap<Key, (u64, Vec<String>)>,
}

impl Run {
    /// What a shadow run would have done, each with its line.
    #[must_use]
    pub fn would(&self) -> &[(u64, WouldBe)] {
        &self.shadow.would
    }

    /// The guards let an act through, or would if somebody approved it.
    pub(super) fn would_allow(
        &mut self,
        step: &mut Step,
        of: u64,
        key: &Key,
        decided: Decided,
    ) -> Result<(), SchedulerError> {
        let Decided { allowed, approved, wanting, .. } = decided;
        let mut asks: Vec<String> = Vec::new();
        for w in &wanting {
            self.wants_approval(step, of, w)?;
            let asked = match w.needed {
                1 => w.from.clone(),
                n => format!("{n} of {}", w.from),
            };
            if !asks.contains(&asked) {
                asks.push(asked);
            }
        }
        let by_person =
            approved.into_iter().map(|(guard, at, approval)| (guard, at, approval.first().copied()));
        let by_nobody = wanting.into_iter().map(|Wanting { guard, at, .. }| (guard, at, None));
        for (index, at, approval) in by_person.chain(by_nobody) {
            let more = approval.map(|approval| ("approval".to_string(), seq(approval)));
            self.guard_would(step, (of, index, at), "approval", J::Arr(Vec::new()), more)?;
        }
        for (index, clause, parts) in allowed {
            let Some(at) = self.guard(index).and_then(|g| g.clauses.get(clause)).map(|c| c.at) else {
                continue;
            };
            let parts = J::Arr(parts.iter().map(|p| self.part(p)).collect());
            self.guard_would(step, (of, index, at), "allow", parts, None)?;
        }
        self.shadow.guarded.insert(key.clone(), (of, asks));
        Ok(())
    }

    fn guard_would(
        &mut self,
        step: &mut Step,
        (of, guard, at): (u64, usize, u32),
        clause: &str,
        parts: J,
        more: Option<(String, J)>,
    ) -> Result<(), SchedulerError> {
        let Some(name) = self.guard(guard).map(|g| g.name.clone()) else { return Ok(()) };
        let mut f = fields([
            ("of", seq(of)),
            ("guard", J::Str(name)),
            ("clause", J::Str(clause.into())),
            ("parts", parts),
        ]);
        f.extend(more);
        self.write(step, "guard.would_allow", "engine", Some(at), f)?;
        Ok(())
    }

    /// A write that nothing is in the way of.
    pub(super) fn would_act(
        &mut self,
        step: &mut Step,
        (key, at): (Key, u32),
        action: ActionId,
        args: Vec<Value>,
        terms: &Terms,
    ) -> Result<(), SchedulerError> {
        let Some(spec) = self.manifest.action(action).cloned() else { return Ok(()) };
        let shown = self.args(&spec, &args);
        let mut f = fields([
            ("action", J::Str(spec.full_name())),
            ("digest", J::Str(ids::sha256_hex(&shown.to_bytes()))),
            ("args", shown),
            ("class", J::Str(spec.class.clone().unwrap_or_else(|| "change".into()))),
        ]);
        let mut asks = Vec::new();
        if let Some((guarded, roles)) = self.shadow.guarded.remove(&key) {
            f.insert("guarded".into(), seq(guarded));
            asks = roles;
        }
        if !asks.is_empty() {
            f.insert("asks".into(), J::Str(asks.join(", ")));
        }
        if let Some(undo) = &spec.undo {
            f.insert("undo".into(), J::Str(format!("{}.{undo}", spec.connector)));
        }
        if let Some(hold) = terms.hold {
            f.insert("hold".into(), J::int(i64::try_from(hold.as_millis()).unwrap_or(i64::MAX)));
        }
        if let Some(reason) = &terms.irreversible {
            f.insert("irreversible".into(), encode::text(reason));
        }
        let of = self.write(step, "act.would", "engine", Some(at), f)?;
        self.shadow.would.push((of, WouldBe::Done { action, args, hold: terms.hold, asks }));
        self.shadow.acts.insert(of, (key.clone(), action));
        let wanted = spec.result != Type::Unit && self.machine.wants(at);
        self.go_on_as_if(step, (key, at, of), wanted, || format!("the result of {}", spec.full_name()))
    }

    /// `approve` in a playbook.
    pub(super) fn would_approve(
        &mut self,
        step: &mut Step,
        (key, at): (Key, u32),
        wanted: &Approval,
        mut args: Vec<Value>,
    ) -> Result<(), SchedulerError> {
        let because = words(args.pop());
        let action = wanted.action;
        let (Some(spec), Some(digest)) = (self.manifest.action(action).cloned(), self.digest(action, &args))
        else {
            return Ok(());
        };
        let mut f = fields([
            ("what", J::Str("approval".into())),
            ("to", J::Str(wanted.from.clone())),
            ("question", encode::text(&call_text(&spec, &args, self.types()))),
            ("action", J::Str(spec.full_name())),
            ("digest", J::Str(digest.clone())),
            ("shown", self.args(&spec, &args)),
            ("because", encode::text(&because)),
        ]);
        f.extend(persons(wanted.needed));
        let of = self.write(step, "person.would_ask", "engine", Some(at), f)?;
        self.count_as_approved(action, digest, wanted, of);
        self.shadow.would.push((of, WouldBe::ToApprove { to: wanted.from.clone(), action, args }));
        let used = self.machine.wants(at);
        self.go_on_as_if(step, (key, at, of), used, || format!("the answer of {}", wanted.from))
    }

    /// `ask` in a playbook.
    pub(super) fn would_ask(
        &mut self,
        step: &mut Step,
        (key, at): (Key, u32),
        question: &Question,
        args: Vec<Value>,
    ) -> Result<(), SchedulerError> {
        let mut args = args.into_iter();
        let text = words(args.next());
        let shown = question.shown.iter().zip(args);
        let shown: Fields =
            shown.map(|((name, ty), v)| (name.clone(), encode::value(&v, ty, self.types()))).collect();
        let choices = self.types().enumeration(question.choices).map(|c| c.variants.join(", "));
        let f = fields([
            ("what", J::Str("question".into())),
            ("to", J::Str(question.to.clone())),
            ("choices", J::Str(choices.unwrap_or_default())),
            ("question", encode::text(&text)),
            ("shown", J::Obj(shown)),
        ]);
        let of = self.write(step, "person.would_ask", "engine", Some(at), f)?;
        self.shadow.would.push((of, WouldBe::Asked { to: question.to.clone(), question: text }));
        let used = self.machine.wants(at);
        self.go_on_as_if(step, (key, at, of), used, || format!("the answer of {}", question.to))
    }

    /// `rollback` in a playbook: of what would be in force of it by now, the latest first.
    pub(super) fn would_roll_back(
        &mut self,
        step: &mut Step,
        (key, at): (Key, u32),
        of: Option<&Scope>,
        because: &str,
    ) -> Result<(), SchedulerError> {
        let in_scope = |key: &Key| of.is_none_or(|scope| scope.holds(key));
        let (mut acts, mut without) = (Vec::new(), Vec::new());
        for (act, (_, action)) in self.shadow.acts.iter().filter(|(_, (key, _))| in_scope(key)) {
            let Some(action) = self.manifest.action(*action) else { continue };
            match &action.undo {
                Some(_) => acts.insert(0, *act),
                None if changes_the_target(action.class.as_deref()) => without.push(*act),
                None => {}
            }
        }
        self.shadow.acts.retain(|act, _| !acts.contains(act));
        let numbers = |all: &[u64]| J::Arr(all.iter().map(|n| seq(*n)).collect());
        let f = fields([
            ("because", encode::text(because)),
            ("acts", numbers(&acts)),
            ("without", numbers(&without)),
        ]);
        let line = self.write(step, "rollback.would", "engine", Some(at), f)?;
        self.shadow.would.push((line, WouldBe::RolledBack(acts)));
        self.go_on_as_if(step, (key, at, line), false, String::new)
    }

    /// The run goes on as if that had been done, unless it looks at what nobody knows.
    fn go_on_as_if(
        &mut self,
        step: &mut Step,
        (key, at, of): (Key, u32, u64),
        wanted: bool,
        what: impl FnOnce() -> String,
    ) -> Result<(), SchedulerError> {
        if !wanted {
            self.denied.push_back((key, Ok(Value::None)));
            return Ok(());
        }
        let needs = what();
        self.cancel_all(step)?;
        let f = fields([("of", seq(of)), ("needs", J::Str(needs.clone()))]);
        self.write(step, "run.shadow_ended", "engine", Some(at), f)?;
        self.state = RunState::ShadowEnded(needs);
        Ok(())
    }
}

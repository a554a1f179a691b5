//! What became due in the program: lines and commands.

use std::sync::Arc;

use play_evidence::J;
use play_program::call::Suspend;
use play_program::exec::{Emission, Emit, Fault, Key};
use play_program::types::TypeTable;
use play_program::value::Value;

use super::lines::{fields, seq, time};
use super::release::target;
use super::undo::Aside;
use super::waiting::{Awaited, Sent, Waiting};
use super::{Run, RunState, SchedulerError};
use crate::encode;
use crate::event::{Command, Step};
use crate::ids;

impl Run {
    /// Turns what became due into lines and commands.
    pub(super) fn follow(
        &mut self,
        step: &mut Step,
        mut emissions: Vec<Emission>,
    ) -> Result<(), SchedulerError> {
        loop {
            self.follow_all(step, emissions)?;
            // What a guard refused has failed, and the run goes on from there.
            match self.denied.pop_front() {
                Some((key, answer)) if !self.state.is_over() => {
                    emissions = self.machine.step(Some((&key, answer)));
                }
                _ => return Ok(()),
            }
        }
    }

    fn follow_all(&mut self, step: &mut Step, emissions: Vec<Emission>) -> Result<(), SchedulerError> {
        for emission in emissions {
            let at = emission.at;
            match self.guarded(step, emission) {
                // Text that a playbook joined together has no bound of its own. A person has the case then.
                Err(SchedulerError::TooLong) => {
                    self.fault(step, &Fault { what: "too much text for one line".into(), at })?;
                }
                done => done?,
            }
            if self.state.is_over() {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn due(&mut self, step: &mut Step, emission: Emission) -> Result<(), SchedulerError> {
        let Emission { key, at, what } = emission;
        match what {
            Emit::Read { action, args, terms } => {
                let sent = Sent { action, args, terms, key: None, n: 1, sent_before: None, aside: None };
                self.read(step, key, at, sent)?;
            }
            Emit::Act { action, args, terms } if self.autonomy.is_shadow() => {
                self.would_act(step, (key, at), action, args, &terms)?;
            }
            Emit::Rollback { of, because } if self.autonomy.is_shadow() => {
                self.would_roll_back(step, (key, at), of.as_ref(), &because)?;
            }
            Emit::Act { action, args, terms } => self.act(step, key, at, action, args, terms)?,
            Emit::StepFailed { step: name, body } => self.step_failed(step, at, name, &body)?,
            Emit::Rollback { of, because } => self.rollback(step, key, at, of, &because)?,
            Emit::Suspend { what, args } => self.suspend(step, key, at, what, args)?,
            Emit::Decided { took, parts } => {
                let parts = parts.iter().map(|p| self.part(p)).collect();
                let f = fields([("took", J::Str(took)), ("parts", J::Arr(parts))]);
                self.write(step, "decision.decided", "engine", Some(at), f)?;
            }
            Emit::Set { slot, from, to, because } => {
                let Some((name, ty)) = self.case_field(slot) else { return Ok(()) };
                let f = fields([
                    ("field", J::Str(name)),
                    ("from", encode::value(&from, &ty, self.types())),
                    ("to", encode::value(&to, &ty, self.types())),
                    ("because", encode::text(&because)),
                ]);
                self.write(step, "case.set", "engine", Some(at), f)?;
            }
            Emit::Revealed { because } => {
                let f = fields([("label", J::Str("pii".into())), ("because", encode::text(&because))]);
                self.write(step, "privacy.revealed", "engine", Some(at), f)?;
            }
            Emit::Note { text } => {
                self.write(step, "case.noted", "engine", Some(at), fields([("text", encode::text(&text))]))?;
            }
            Emit::Route { to, because } => {
                let f = fields([("to", J::Str(to)), ("because", encode::text(&because))]);
                self.write(step, "case.routed", "engine", Some(at), f)?;
            }
            Emit::HandOver { to, because } => {
                self.cancel_all(step)?;
                let f = fields([("to", J::Str(to.clone())), ("because", encode::text(&because))]);
                self.write(step, "run.handed_over", "engine", Some(at), f)?;
                self.state = RunState::HandedOver(to, because);
            }
            Emit::Close { class, because } => {
                self.cancel_all(step)?;
                let class = self.types().variant(TypeTable::CLOSURE, class).unwrap_or("unknown").to_string();
                let mut f = fields([("class", J::Str(class.clone())), ("because", encode::text(&because))]);
                let controls = self.manifest.playbooks.get(self.playbook).map(|p| p.controls.join(", "));
                if let Some(controls) = controls.filter(|c| !c.is_empty()) {
                    f.insert("controls".into(), J::Str(controls));
                }
                self.write(step, "run.closed", "engine", Some(at), f)?;
                self.state = RunState::Closed(class, because);
            }
            Emit::Fault(fault) => self.fault(step, &fault)?,
        }
        Ok(())
    }

    /// Asks, for the first time or again.
    pub(super) fn read(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        sent: Sent,
    ) -> Result<(), SchedulerError> {
        let manifest = Arc::clone(&self.manifest);
        let Some(action) = manifest.action(sent.action) else { return Ok(()) };
        let ms = i64::try_from(sent.within(action).as_millis()).unwrap_or(i64::MAX);
        let f = fields([
            ("action", J::Str(action.full_name())),
            ("args", self.args(action, &sent.args)),
            ("n", J::Int(i64::from(sent.n))),
            ("within", J::int(ms)),
        ]);
        let of = self.write(step, "read.asked", "engine", Some(at), f)?;
        step.commands.push(sent.read(of, action));
        self.waiting.insert(of, Waiting { key, at, what: Awaited::Read(sent) });
        Ok(())
    }

    /// Intends a write, for the first time or again.
    pub(super) fn send(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        sent: Sent,
        snapshot: Option<Value>,
    ) -> Result<(), SchedulerError> {
        let manifest = Arc::clone(&self.manifest);
        let Some(action) = manifest.action(sent.action) else { return Ok(()) };
        let until = self.until(sent.within(action));
        let args = self.args(action, &sent.args);
        let mut f = fields([
            ("action", J::Str(action.full_name())),
            ("digest", J::Str(ids::sha256_hex(&args.to_bytes()))),
            ("args", args),
            ("class", J::Str(action.class.clone().unwrap_or_else(|| "change".into()))),
            ("key", J::Str(sent.key.clone().unwrap_or_default())),
            ("until", time(until)),
        ]);
        if sent.n > 1 {
            f.insert("n".into(), J::Int(i64::from(sent.n)));
        }
        if let Some(approved) = self.approvals.of(&key).filter(|_| sent.aside.is_none()) {
            f.insert("approvals".into(), J::Arr(approved.iter().map(|n| seq(*n)).collect()));
        }
        let also = match (&sent.aside, &action.undo) {
            (Some(Aside::Undo { act, .. }), _) => {
                f.insert("undoes".into(), seq(*act));
                Vec::new()
            }
            (Some(Aside::End { act, also, .. }), _) => {
                f.insert("undoes".into(), seq(*act));
                also.clone()
            }
            (_, undo) => {
                if let (Some(undo), Some(target)) = (undo, target(&self.manifest, sent.action, &sent.args)) {
                    f.insert("undo".into(), J::Str(format!("{}.{undo}", action.connector)));
                    f.insert("target".into(), J::Str(target));
                }
                self.taken_back_with(sent.action, &sent.args)
            }
        };
        if !also.is_empty() {
            f.insert("also".into(), J::Arr(also.into_iter().map(seq).collect()));
        }
        if let Some(reason) = &sent.terms.irreversible {
            f.insert("irreversible".into(), encode::text(reason));
        }
        let of = self.write(step, "act.intended", "engine", Some(at), f)?;
        if let Some(value) = snapshot {
            self.acts.keep_snapshot(of, value);
        }
        step.commands.push(sent.act(of, action, until, sent.sent_before.is_some()));
        self.waiting.insert(of, Waiting { key, at, what: Awaited::Act { sent, in_doubt: false } });
        Ok(())
    }

    /// Begins a wait.
    fn suspend(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        what: Suspend,
        args: Vec<Value>,
    ) -> Result<(), SchedulerError> {
        match what {
            Suspend::Pause(length) => {
                let due = self.until(length);
                let f = fields([("for", J::Str("time".into())), ("until", time(due))]);
                let of = self.write(step, "wait.started", "engine", Some(at), f)?;
                self.waiting.insert(of, Waiting { key, at, what: Awaited::Pause { due } });
                step.commands.push(Command::Wake { of, at: due });
            }
            Suspend::Approve(wanted) if self.autonomy.is_shadow() => {
                self.would_approve(step, (key, at), &wanted, args)?;
            }
            Suspend::Ask(question) if self.autonomy.is_shadow() => {
                self.would_ask(step, (key, at), &question, args)?;
            }
            Suspend::Approve(wanted) => self.approve(step, key, at, &wanted, args)?,
            Suspend::Event(wanted) => self.listen(step, key, at, wanted, args)?,
            Suspend::Poll(wanted) => self.poll(step, key, at, &wanted, args)?,
            Suspend::Ask(question) => self.ask(step, key, at, &question, args)?,
        }
        Ok(())
    }

    pub(super) fn fault(&mut self, step: &mut Step, fault: &Fault) -> Result<(), SchedulerError> {
        self.cancel_all(step)?;
        let place =
            self.manifest.place(fault.at).map_or_else(String::new, |(p, l, c)| format!("{p}:{l}:{c}"));
        let f = fields([("what", J::Str(fault.what.clone())), ("why", encode::text(&place))]);
        self.write(step, "run.faulted", "engine", Some(fault.at), f)?;
        self.state = RunState::Faulted(format!("{} at {place}", fault.what));
        Ok(())
    }
}

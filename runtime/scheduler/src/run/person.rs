//! Persons: what they are asked, what they answer, and what happens when they do not.

use play_evidence::J;
use play_program::action::ActionId;
use play_program::call::Question;
use play_program::exec::Key;
use play_program::value::{Failure, FailureKind, Value};

use super::escalation::later;
use super::lines::{fields, seq, time};
use super::waiting::{Awaited, Waiting};
use super::{Run, SchedulerError};
use crate::basis::Basis;
use crate::encode;
use crate::event::{APPROVE, Asked, Command, Step};

/// Somebody who is asked.
pub(super) struct Person {
    /// Who, what, and how long.
    pub(super) asked: Asked,
    /// What those said who have approved it so far.
    pub(super) said: Vec<Said>,
    pub(super) then: Then,
}

/// What somebody has said who has approved something.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// The line.
    pub(super) line: u64,
    /// As whom.
    pub(super) role: String,
    pub(super) because: String,
}

/// What an answer is for.
pub(super) enum Then {
    /// The program gets it; with the choice that counts when there is none, and why.
    Program(Option<(u32, String)>),
    /// An act is approved before it comes to be done: with the digest of its arguments.
    Approve(ActionId, String),
    /// These guards let an act through, or not: by the line that asks them.
    Guards(u64, Vec<usize>),
}

/// Who has answered where nobody did.
const NOBODY: &str = "nobody";

impl Run {
    /// Asks somebody, and sets the time for it.
    pub(super) fn ask(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        question: &Question,
        args: Vec<Value>,
    ) -> Result<(), SchedulerError> {
        let mut args = args.into_iter();
        let text = words(args.next());
        let shown = question.shown.iter().zip(args.by_ref());
        let shown =
            shown.map(|((name, ty), v)| (name.clone(), encode::value(&v, ty, self.types()))).collect();
        let otherwise = question.otherwise.map(|tag| (tag, words(args.next())));
        let choices =
            self.types().enumeration(question.choices).map(|c| c.variants.clone()).unwrap_or_default();
        let until = self.until(question.within);
        let mut f = fields([
            ("what", J::Str("question".into())),
            ("to", J::Str(question.to.clone())),
            ("choices", J::Str(choices.join(", "))),
            ("question", encode::text(&text)),
            ("shown", J::Obj(shown)),
            ("until", time(until)),
        ]);
        f.extend(later(&question.then));
        if let Some(choice) = otherwise.as_ref().and_then(|(tag, _)| choices.get(*tag as usize)) {
            f.insert("otherwise".into(), J::Str(choice.clone()));
        }
        let of = self.write(step, "person.asked", "engine", Some(at), f)?;
        let asked = Asked {
            to: vec![question.to.clone()],
            then: question.then.clone(),
            question: text,
            choices,
            until,
            approval: false,
            needed: 1,
            by: Vec::new(),
            distinct: false,
            earlier: Vec::new(),
        };
        step.commands.push(Command::Ask { of, asked: asked.clone(), act: None });
        step.commands.push(Command::Wake { of, at: until });
        let what = Awaited::Person(Person { asked, said: Vec::new(), then: Then::Program(otherwise) });
        self.waiting.insert(of, Waiting { key, at, what });
        Ok(())
    }

    /// Somebody has answered. What comes when the time is over counts no more: the first decision does.
    pub(super) fn person_answered(
        &mut self,
        step: &mut Step,
        of: u64,
        (person, turn, basis): (&str, usize, &Basis),
        choice: &str,
        because: &str,
    ) -> Result<(), SchedulerError> {
        let w = self.waiting.get(&of).ok_or(SchedulerError::NotWaiting(of))?;
        let Awaited::Person(Person { asked, .. }) = &w.what else {
            return Err(SchedulerError::WrongKind(of));
        };
        // Until others are asked in fact, those who were asked may still decide.
        if self.last >= asked.until && asked.then.is_empty() {
            return Err(SchedulerError::TooLate(of));
        }
        let Some(role) = asked.to.get(turn).cloned() else { return Err(SchedulerError::WrongKind(of)) };
        let Some(tag) = asked.choices.iter().position(|c| c == choice) else {
            return Err(SchedulerError::NoSuchChoice(of, asked.choices.join(", ")));
        };
        asked.hears(of, (person, turn), choice)?;
        let (approval, approves) = (asked.approval, asked.approval && choice == APPROVE);
        let (key, at) = (w.key.clone(), w.at);
        let mut f = fields([
            ("of", seq(of)),
            ("person", J::Str(person.into())),
            ("role", J::Str(role.clone())),
            ("choice", J::Str(choice.into())),
            ("because", encode::text(because)),
        ]);
        if asked.to.len() > 1 {
            f.insert("turn".into(), J::Int(i64::try_from(turn).unwrap_or(i64::MAX)));
        }
        f.extend(basis.fields().into_iter().map(|(name, value)| (name.to_string(), value)));
        let said = self.write(step, "person.answered", &format!("person:{person}"), Some(at), f)?;
        if approves || !approval {
            self.has_said(of, person, approval.then_some(role.as_str()));
        }
        if approves && self.one_more(of, said, (person, &role, because)) {
            // Others are asked still.
            return Ok(());
        }
        step.commands.push(Command::Cancel { of });
        match self.waiting.get(&of).map(|w| &w.what) {
            Some(Awaited::Person(Person { then: Then::Program(_), .. })) => {
                let tag = u32::try_from(tag).unwrap_or_default();
                self.go_on(step, of, &key, Ok(answer(tag, because, person)))
            }
            _ => self.decided(step, of, said, (person, &role, choice == APPROVE, because)),
        }
    }

    /// The time is over, and nobody has answered.
    pub(super) fn expired(&mut self, step: &mut Step, of: u64) -> Result<(), SchedulerError> {
        if self.escalated(step, of)? {
            return Ok(());
        }
        let w = self.waiting.get(&of).ok_or(SchedulerError::NotWaiting(of))?;
        let Awaited::Person(Person { asked, then, .. }) = &w.what else {
            return Err(SchedulerError::WrongKind(of));
        };
        let otherwise = match then {
            Then::Program(otherwise) => otherwise.as_ref(),
            Then::Approve(..) | Then::Guards(..) => None,
        };
        let guards = matches!(then, Then::Guards(..));
        let (key, at) = (w.key.clone(), w.at);
        let mut f = fields([("of", seq(of))]);
        let given = match otherwise {
            Some((tag, why)) => {
                let choice = asked.choices.get(*tag as usize).cloned().unwrap_or_default();
                f.insert("choice".into(), J::Str(choice));
                f.insert("because".into(), encode::text(why));
                Ok(answer(*tag, why, NOBODY))
            }
            None => {
                let said = if asked.approval { "approved it" } else { "answered" };
                let words = match asked.so_far() {
                    Some(far) if !asked.by.is_empty() => {
                        format!("{}: {far}, and nobody else in time", asked.who())
                    }
                    _ => format!("{} has not {said} in time", asked.who()),
                };
                Err(Failure { kind: FailureKind::Timeout, words })
            }
        };
        self.write(step, "person.expired", "engine", Some(at), f)?;
        if let (true, Err(failure)) = (guards, &given) {
            return self.not_approved(step, of, None, failure.clone());
        }
        self.go_on(step, of, &key, given)
    }
}

/// The record that a program sees: `Answer { choice, reason, by }`.
fn answer(choice: u32, reason: &str, by: &str) -> Value {
    Value::Record(vec![Value::Enum(choice), Value::str(reason), Value::str(by)].into())
}

pub(super) fn words(value: Option<Value>) -> String {
    match value {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    }
}

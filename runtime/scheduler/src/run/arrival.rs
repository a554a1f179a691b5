//! Waiting for an event: something that happens elsewhere, and arrives as a record.
//!
//! Whoever runs the run knows what has arrived. A wait takes the first arrival since the run was opened that is the event, has
//! the same arguments, and was not taken by an earlier wait of this run: so what has happened before the wait is reached does
//! not hang the run, and one arrival does not answer twice.

use play_evidence::J;
use play_program::call::Happening;
use play_program::exec::Key;
use play_program::types::Type;
use play_program::value::{Failure, FailureKind, Value};

use super::lines::{fields, seq, time};
use super::waiting::{Awaited, Waiting};
use super::{Run, SchedulerError};
use crate::encode;
use crate::event::{Arrived, Command, Listen, Step};

impl Run {
    /// Begins to wait for an event.
    pub(super) fn listen(
        &mut self,
        step: &mut Step,
        key: Key,
        at: u32,
        wanted: Happening,
        args: Vec<Value>,
    ) -> Result<(), SchedulerError> {
        let Some(event) = self.manifest.events.get(wanted.event as usize).cloned() else { return Ok(()) };
        let due = self.until(wanted.within);
        let pairs = event.params.iter().zip(&args);
        let given = pairs.map(|((name, ty), v)| (name.clone(), encode::value(v, ty, self.types())));
        let f = fields([
            ("for", J::Str("event".into())),
            ("event", J::Str(event.full_name())),
            ("args", J::Obj(given.collect())),
            ("until", time(due)),
        ]);
        let of = self.write(step, "wait.started", "engine", Some(at), f)?;
        let what = Awaited::Event { wanted, args, due };
        self.waiting.insert(of, Waiting { key, at, what });
        step.commands.push(Command::Wake { of, at: due });
        step.commands.extend(self.listening(of));
        Ok(())
    }

    /// What has to be looked for, for the wait of a line.
    pub(super) fn listening(&self, of: u64) -> Option<Command> {
        let Awaited::Event { wanted, args, due } = &self.waiting.get(&of)?.what else { return None };
        let taken = self.arrivals.iter().copied().collect();
        let wanted =
            Listen { event: wanted.event, args: args.clone(), since: self.opened, until: *due, taken };
        Some(Command::Listen { of, wanted })
    }

    /// What the event gives that the wait of a line is for.
    #[must_use]
    pub fn event_of(&self, of: u64) -> Option<&Type> {
        let Awaited::Event { wanted, .. } = &self.waiting.get(&of)?.what else { return None };
        self.manifest.events.get(wanted.event as usize).map(|e| &e.result)
    }

    /// It has come.
    pub(super) fn arrived(
        &mut self,
        step: &mut Step,
        of: u64,
        value: Value,
        arrived: &Arrived,
    ) -> Result<(), SchedulerError> {
        let w = self.waiting.get(&of).ok_or(SchedulerError::NotWaiting(of))?;
        let Awaited::Event { wanted, .. } = &w.what else { return Err(SchedulerError::WrongKind(of)) };
        let Some(event) = self.manifest.events.get(wanted.event as usize) else {
            return Err(SchedulerError::NotWaiting(of));
        };
        if self.arrivals.contains(&arrived.arrival) {
            return Err(SchedulerError::WrongKind(of));
        }
        let (key, at, by) = (w.key.clone(), w.at, format!("connector:{}", event.connector));
        let f = fields([
            ("of", seq(of)),
            ("val", encode::value(&value, &event.result, self.types())),
            ("arrival", seq(arrived.arrival)),
            ("came", time(arrived.came)),
            ("pos", J::Str(arrived.pos.clone())),
            ("record", J::Str(arrived.record.clone())),
        ]);
        self.write(step, "event.arrived", &by, Some(at), f)?;
        self.arrivals.insert(arrived.arrival);
        step.commands.push(Command::Cancel { of });
        self.go_on(step, of, &key, Ok(value))
    }

    /// The time is over, and it has not come.
    pub(super) fn never_arrived(&mut self, step: &mut Step, of: u64) -> Result<(), SchedulerError> {
        let w = self.waiting.get(&of).ok_or(SchedulerError::NotWaiting(of))?;
        let Awaited::Event { wanted, .. } = &w.what else { return Err(SchedulerError::WrongKind(of)) };
        let name = self.manifest.events.get(wanted.event as usize).map(|e| e.full_name());
        let words = format!("`{}` has not come within {:#}", name.unwrap_or_default(), wanted.within);
        let key = w.key.clone();
        step.commands.push(Command::Cancel { of });
        self.go_on(step, of, &key, Err(Failure { kind: FailureKind::Timeout, words }))
    }
}

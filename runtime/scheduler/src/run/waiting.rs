//! What a run waits for, and what that means when it is stopped, taken up again, or over.

use jiff::{SignedDuration, Timestamp};
use play_evidence::J;
use play_program::Value;
use play_program::action::{Action, ActionId};
use play_program::call::{Happening, Terms};
use play_program::exec::Key;

use super::guard::Asked as Guarded;
use super::lines::{fields, seq};
use super::person::Person;
use super::poll::Poll;
use super::undo::Aside;
use super::{Run, SchedulerError};
use crate::event::{Asked, Command, Step};

/// Something that is waited for, by the `seq` of the line that says so.
pub(super) struct Waiting {
    /// Where in the run its answer goes.
    pub(super) key: Key,
    pub(super) at: u32,
    pub(super) what: Awaited,
}

/// What is waited for.
pub(super) enum Awaited {
    /// The answer to a read.
    Read(Sent),
    /// The outcome of a write.
    Act { sent: Sent, in_doubt: bool },
    /// That writes leave again; with whether an earlier attempt may have left.
    Held { sent: Sent, perhaps: bool },
    /// The time to try a call again; with what was read before it.
    Retry { sent: Sent, due: Timestamp, snapshot: Option<Value> },
    /// The end of a pause.
    Pause { due: Timestamp },
    /// The answer of a person.
    Person(Person),
    /// What a read is to say, which is asked again and again.
    Poll(Box<Poll>),
    /// An event.
    Event { wanted: Happening, args: Vec<Value>, due: Timestamp },
    /// The time to ask again, for the wait of that line.
    Between { due: Timestamp, of: u64 },
}

/// A call of an action.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) action: ActionId,
    pub(super) args: Vec<Value>,
    pub(super) terms: Terms,
    /// Of a write, what its target may know it by; the same at each attempt.
    pub(super) key: Option<String>,
    /// Which attempt, from 1.
    pub(super) n: u32,
    /// Of a write: the line of an earlier attempt that may have done it. What fails now says nothing of that.
    pub(super) sent_before: Option<u64>,
    /// What it is for, where its outcome is not the program's.
    pub(super) aside: Option<Aside>,
}

/// What a run that goes no further by itself waits for: for whoever looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// `seq` of the line that says so.
    pub of: u64,
    /// For what, in words.
    pub what: String,
    /// Until when.
    pub until: Timestamp,
    /// Where it is a person's answer: what they are asked.
    pub person: Option<Asked>,
}

impl Sent {
    /// How long its answer is waited for.
    pub(super) fn within(&self, action: &Action) -> SignedDuration {
        self.terms.timeout.unwrap_or(action.timeout)
    }

    pub(super) fn read(&self, of: u64, action: &Action) -> Command {
        Command::Read {
            of,
            action: self.action,
            args: self.args.clone(),
            within: self.within(action),
            // How things stand before an act, or what became of one, is asked of the system itself.
            fresh: self.aside.is_some(),
            before: match &self.aside {
                Some(Aside::Snapshot(act)) => Some((act.action, act.args.clone())),
                _ => None,
            },
            owed: matches!(self.aside, Some(Aside::Verify(_))),
        }
    }

    pub(super) fn act(&self, of: u64, action: &Action, until: Timestamp, again: bool) -> Command {
        Command::Act {
            of,
            action: self.action,
            args: self.args.clone(),
            key: self.key.clone().unwrap_or_default(),
            within: self.within(action),
            until,
            again,
            owed: again || matches!(self.aside, Some(Aside::Undo { .. } | Aside::End { .. })),
        }
    }
}

impl Waiting {
    /// The call that is out, or is to go out again.
    pub(super) fn sent(&self) -> Option<&Sent> {
        match &self.what {
            Awaited::Read(sent)
            | Awaited::Act { sent, .. }
            | Awaited::Held { sent, .. }
            | Awaited::Retry { sent, .. } => Some(sent),
            Awaited::Pause { .. }
            | Awaited::Person(_)
            | Awaited::Poll(_)
            | Awaited::Event { .. }
            | Awaited::Between { .. } => None,
        }
    }

    /// When the timer goes off that it has, if it has one.
    pub(super) fn due(&self) -> Option<Timestamp> {
        match &self.what {
            Awaited::Retry { due, .. }
            | Awaited::Pause { due }
            | Awaited::Event { due, .. }
            | Awaited::Between { due, .. } => Some(*due),
            Awaited::Poll(poll) => Some(poll.due),
            Awaited::Person(person) => Some(person.asked.until),
            Awaited::Read(_) | Awaited::Act { .. } | Awaited::Held { .. } => None,
        }
    }

    fn is_in_doubt(&self) -> bool {
        matches!(self.what, Awaited::Act { in_doubt: true, .. })
    }
}

impl Run {
    /// What has to be carried out again after a stop: reads, writes whose target honours a key, and timers. Other writes
    /// are not among them: see [`Run::unresolved`].
    #[must_use]
    pub fn pending(&self) -> Vec<Command> {
        let waiting = self.waiting.iter().filter_map(|(of, w)| self.command(*of, w));
        let listening = self.waiting.keys().filter_map(|of| self.listening(*of));
        let waiting = waiting.chain(listening).chain(self.uncounted());
        waiting.chain(self.hold_timers()).chain(self.unreleased()).collect()
    }

    fn command(&self, of: u64, w: &Waiting) -> Option<Command> {
        match &w.what {
            Awaited::Read(sent) => Some(sent.read(of, self.manifest.action(sent.action)?)),
            Awaited::Act { sent, in_doubt } => {
                let action = self.manifest.action(sent.action)?;
                let again = action.idempotent && !in_doubt;
                again.then(|| sent.act(of, action, self.until(sent.within(action)), true))
            }
            Awaited::Held { .. } => Some(Command::Hold { of }),
            Awaited::Retry { .. }
            | Awaited::Pause { .. }
            | Awaited::Person(_)
            | Awaited::Poll(_)
            | Awaited::Event { .. }
            | Awaited::Between { .. } => Some(Command::Wake { of, at: w.due()? }),
        }
    }

    /// Whether a call is under way: a stop now cuts it off, and the run has to be resumed.
    #[must_use]
    pub fn is_calling(&self) -> bool {
        self.asked.values().any(Guarded::is_counting)
            || self.waiting.values().any(|w| match &w.what {
                Awaited::Read(_) => true,
                Awaited::Act { in_doubt, .. } => !in_doubt,
                Awaited::Held { .. }
                | Awaited::Retry { .. }
                | Awaited::Pause { .. }
                | Awaited::Person(_)
                | Awaited::Poll(_)
                | Awaited::Event { .. }
                | Awaited::Between { .. } => false,
            })
    }

    /// Writes that were intended, have no outcome, and must not be sent again: after a stop each is in doubt.
    #[must_use]
    pub fn unresolved(&self) -> Vec<u64> {
        let unsafe_to_repeat = |w: &Waiting| match &w.what {
            Awaited::Act { sent, in_doubt: false } => {
                !self.manifest.action(sent.action).is_some_and(|a| a.idempotent)
            }
            _ => false,
        };
        self.waiting.iter().filter(|(_, w)| unsafe_to_repeat(w)).map(|(of, _)| *of).collect()
    }

    /// Writes in doubt: `seq` of the intent, the action, and its result's type.
    #[must_use]
    pub fn in_doubt(&self) -> Vec<(u64, ActionId)> {
        let one = |(of, w): (&u64, &Waiting)| w.sent().filter(|_| w.is_in_doubt()).map(|s| (*of, s.action));
        self.waiting.iter().filter_map(one).collect()
    }

    /// What it waits for besides calls that are under way.
    #[must_use]
    pub fn waits(&self) -> Vec<Wait> {
        let one = |(of, w): (&u64, &Waiting)| {
            let action = |s: &Sent| self.manifest.action(s.action).map(Action::full_name);
            let (what, until) = match &w.what {
                Awaited::Retry { sent, due, .. } => (format!("to try `{}` again", action(sent)?), *due),
                Awaited::Pause { due } => ("for the time to pass".to_string(), *due),
                Awaited::Person(Person { asked, .. }) if asked.approval => {
                    let far = asked.so_far().map(|far| format!(" ({far})")).unwrap_or_default();
                    (format!("for {} to approve {}{far}", asked.who(), asked.question), asked.until)
                }
                Awaited::Person(Person { asked, .. }) => {
                    (format!("for {} to answer \"{}\"", asked.who(), asked.question), asked.until)
                }
                Awaited::Poll(poll) => {
                    let name = self.manifest.action(poll.action)?.full_name();
                    (format!("for what `{name}` is to say"), poll.due)
                }
                Awaited::Event { wanted, due, .. } => {
                    let name = self.manifest.events.get(wanted.event as usize)?.full_name();
                    (format!("for `{name}`"), *due)
                }
                // The wait that it is for is told, and what is held has no time: see `Run::held_back`.
                Awaited::Read(_) | Awaited::Act { .. } | Awaited::Held { .. } | Awaited::Between { .. } => {
                    return None;
                }
            };
            let person = match &w.what {
                Awaited::Person(person) => Some(person.asked.clone()),
                _ => None,
            };
            Some(Wait { of: *of, what, until, person })
        };
        self.waiting.iter().filter_map(one).collect()
    }

    /// The action that a waiting line is about.
    #[must_use]
    pub fn action_of(&self, of: u64) -> Option<(ActionId, &[Value])> {
        self.waiting.get(&of)?.sent().map(|s| (s.action, s.args.as_slice()))
    }

    /// The run is over: nobody waits any more.
    pub(super) fn cancel_all(&mut self, step: &mut Step) -> Result<(), SchedulerError> {
        for of in std::mem::take(&mut self.asked).into_keys() {
            step.commands.retain(|c| c.of() != of);
            step.commands.push(Command::Cancel { of });
        }
        self.stop_rolling(step);
        for (of, w) in std::mem::take(&mut self.waiting) {
            if w.takes_back() {
                self.waiting.insert(of, w);
                continue;
            }
            self.cancel(step, of, &w)?;
            let Waiting { key, at, what } = w;
            let (of, sent) = match what {
                Awaited::Act { sent, .. } | Awaited::Held { sent, perhaps: true } => (of, sent),
                Awaited::Retry { sent, snapshot, .. } => match sent.sent_before {
                    Some(before) => {
                        // Its undo may need what was there before it.
                        if let Some(snapshot) = snapshot {
                            self.acts.keep_snapshot(before, snapshot);
                        }
                        (before, sent)
                    }
                    None => continue,
                },
                _ => continue,
            };
            // Its outcome may come still, or a person may find out: others may hold the same, and have to know.
            self.waiting.insert(of, Waiting { key, at, what: Awaited::Act { sent, in_doubt: true } });
        }
        Ok(())
    }

    /// Whether the run has ended, and this is of no use to it any more but for what became of it.
    pub(super) fn is_left(&self, w: &Waiting) -> bool {
        self.state.is_over() && !w.takes_back()
    }

    /// Nobody waits for this any more.
    pub(super) fn cancel(&mut self, step: &mut Step, of: u64, w: &Waiting) -> Result<(), SchedulerError> {
        let kind = match &w.what {
            // A write cannot be called back. Nobody will wait for it any more, so nobody will know.
            Awaited::Act { in_doubt: true, .. } => return Ok(()),
            Awaited::Held { perhaps: false, .. } => {
                step.commands.retain(|c| c.of() != of);
                return self.withdrawn(step, of, w.at);
            }
            Awaited::Act { .. } | Awaited::Held { .. } => {
                let f = fields([("of", seq(of)), ("why", J::Str("the run ended first".into()))]);
                self.write(step, "act.in_doubt", "engine", Some(w.at), f)?;
                return Ok(());
            }
            Awaited::Read(_) => "read.cancelled",
            Awaited::Retry { .. }
            | Awaited::Pause { .. }
            | Awaited::Person(_)
            | Awaited::Poll(_)
            | Awaited::Event { .. }
            | Awaited::Between { .. } => "timer.cancelled",
        };
        self.write(step, kind, "engine", Some(w.at), fields([("of", seq(of))]))?;
        step.commands.retain(|c| c.of() != of);
        step.commands.push(Command::Cancel { of });
        Ok(())
    }

    /// The time at which something that begins now and takes so long is over.
    pub(super) fn until(&self, time: SignedDuration) -> Timestamp {
        self.last.checked_add(time).unwrap_or(Timestamp::MAX)
    }
}

//! What a run asks of the world, without the arguments. All of it is written out in the source, so it stands in the
//! artifact, and the machine hands it on as it is.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::action::ActionId;
use crate::types::{EnumId, Type};
use crate::wire;

/// Something that suspends a run until it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// A read of a connector.
    Read(ActionId, Terms),
    /// A write of a connector.
    Act(ActionId, Terms),
    /// A wait for time or for somebody.
    Suspend(Suspend),
}

/// What a call of a connector says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// `timeout 10s`, in place of what the action declares.
    pub timeout: Option<SignedDuration>,
    /// `retry 3 backoff 2s`
    pub retry: Option<Retry>,
    /// `for 4h`: it is taken back after that.
    pub hold: Option<SignedDuration>,
    /// `irreversible because "…"`: it is not taken back, and why.
    pub irreversible: Option<String>,
}

/// How often a call that failed is tried again, and how long after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How often, after the first attempt.
    pub times: u32,
    /// How long before the first of these; doubled before each further one.
    pub backoff: SignedDuration,
}

/// A wait. All of them are ordering points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "wire::Suspend", into = "wire::Suspend")]
pub enum Suspend {
    /// `wait 5m`: answered with nothing, when the time is over. No arguments.
    Pause(SignedDuration),
    /// `ask`: answered with a record of the choice, the reason and who it was. Its arguments are the question, what is shown,
    /// and the reason of `otherwise`, where there is one.
    Ask(Box<Question>),
    /// `approve`: answered with a record of the reason and who it was. Its arguments are those of the action, and why it is asked
    /// for.
    Approve(Box<Approval>),
    /// `wait sandbox.report(id) every 30s until answer.done within 10m`: answered with the result of the read. Its arguments are
    /// those of the action, and what its condition needs besides the answer.
    Poll(Box<Poll>),
    /// `wait tickets.closed(id) within 5d`: answered with what the event gives. Its arguments are those of the event.
    Event(Happening),
}

/// An event that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// Which, by index.
    pub event: u32,
    /// How long at the longest; then the call fails with `Timeout`.
    pub within: SignedDuration,
}

/// A read that is asked again and again, until it has what is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// The read.
    pub action: ActionId,
    /// How long after it was asked it is asked again.
    pub every: SignedDuration,
    /// How long at the longest; then the call fails with `Timeout`.
    pub within: SignedDuration,
    /// What the answer has to be: index in the playbook's conditions of waits, and how many values it needs besides the answer.
    pub until: Option<(u32, u16)>,
}

impl Poll {
    /// How many arguments it has besides those of its action.
    #[must_use]
    pub fn more(&self) -> usize {
        self.until.map_or(0, |(_, more)| usize::from(more))
    }
}

/// What somebody is asked to approve: an act of a playbook, with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The write.
    pub action: ActionId,
    /// `role.soc_lead`
    pub from: String,
    /// How many different persons have to approve it.
    pub needed: u32,
    /// How long they have.
    pub within: SignedDuration,
    /// Who is asked after that.
    pub then: Vec<Turn>,
    /// Whether nobody approves it who has answered a question of the run, or approved the same act for another role.
    pub distinct: bool,
}

/// How many can be asked after each other, behind the first.
pub const MOST_TURNS: usize = 8;

/// Somebody who is asked as well, when nobody has decided in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// `role.soc_lead`
    pub to: String,
    /// How long they have.
    pub within: SignedDuration,
}

/// What somebody is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// `role.analyst`
    pub to: String,
    /// What can be answered: an enum of the question's own.
    pub choices: EnumId,
    /// What is shown with it: as it is written, and its type.
    pub shown: Vec<(String, Type)>,
    /// How long they have.
    pub within: SignedDuration,
    /// Who is asked after that.
    pub then: Vec<Turn>,
    /// The choice that counts when there is no answer; without one the call fails with `Timeout`.
    pub otherwise: Option<u32>,
}

impl Question {
    /// How many arguments it has.
    #[must_use]
    pub fn arguments(&self) -> usize {
        self.shown.len().saturating_add(1).saturating_add(usize::from(self.otherwise.is_some()))
    }
}

impl Call {
    /// Whether it is asked in source order only, and nothing behind it starts before it is answered (rules 4 and 5 of
    /// [`crate::exec`]).
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        !matches!(self, Self::Read(..))
    }

    /// The action that it calls, if it calls one.
    #[must_use]
    pub fn action(&self) -> Option<ActionId> {
        match self {
            Self::Read(action, _) | Self::Act(action, _) => Some(*action),
            Self::Suspend(_) => None,
        }
    }
}

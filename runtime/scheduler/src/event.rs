//! What happens to a run, and what it wants of the world.

use jiff::{SignedDuration, Timestamp};
use play_evidence::Line;
use play_program::Value;
use play_program::action::ActionId;
use play_program::autonomy::Autonomy;
use play_program::call::Turn;
use play_program::value::Failure;

use crate::basis::Basis;
use crate::register::Release;

/// A body that came from outside, kept beside the log: digest of salt and content (lower-case hex), length in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyRef {
    /// Lower-case hex SHA-256.
    pub digest: String,
    /// Bytes, without the salt.
    pub len: u64,
}

/// How an answer came.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Came {
    /// Milliseconds from dispatch to answer.
    pub ms: u64,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// The body, where there was one.
    pub body: Option<BodyRef>,
    /// It is the answer to the same read that was asked before: when it came.
    pub kept: Option<Timestamp>,
}

/// Whether a write that failed may have reached its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It never left.
    NotSent,
    /// The target said no.
    Refused,
}

impl How {
    /// As in the evidence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
        }
    }

    /// By its name in the evidence.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "not_sent" => Some(Self::NotSent),
            "refused" => Some(Self::Refused),
            _ => None,
        }
    }
}

/// Something from outside that a run is told. Each becomes one line, the *input*; all that follows from it is derived.
#[derive(Clone, Debug)]
pub enum Event {
    /// A read was answered.
    ReadAnswered {
        /// `seq` of its `read.asked`.
        of: u64,
        /// The result.
        value: Value,
        /// How it came.
        came: Came,
    },
    /// A read failed.
    ReadFailed {
        /// `seq` of its `read.asked`.
        of: u64,
        /// Why.
        failure: Failure,
        /// How it came.
        came: Came,
    },
    /// A write was done.
    ActDone {
        /// `seq` of its `act.intended`.
        of: u64,
        /// The result.
        value: Value,
        /// How it came.
        came: Came,
    },
    /// A write was not done, for certain.
    ActFailed {
        /// `seq` of its `act.intended`.
        of: u64,
        /// Never left, or refused.
        how: How,
        /// Why.
        failure: Failure,
        /// How it came.
        came: Came,
    },
    /// A write went out, and nobody knows whether it was done.
    ActInDoubt {
        /// `seq` of its `act.intended`.
        of: u64,
        /// `timeout`, `crash`, …: fixed words.
        why: String,
        /// What the target or the transport said, if anything: for the person who has to find out.
        words: Option<String>,
        /// How what came, came.
        came: Came,
    },
    /// A write did not leave: the store is paused.
    ActHeld {
        /// `seq` of its `act.intended`.
        of: u64,
        /// An earlier attempt may have left.
        perhaps: bool,
    },
    /// Writes leave again, and this one is sent.
    ActReleased {
        /// `seq` of its `act.intended`.
        of: u64,
    },
    /// A person found out what became of a write in doubt.
    ActResolved {
        /// `seq` of its `act.intended`.
        of: u64,
        /// Its result if it was done; `None` if it was not.
        done: Option<Value>,
        /// Who.
        person: String,
        /// Why they think so.
        because: String,
    },
    /// Somebody who was asked has answered.
    PersonAnswered {
        /// `seq` of its `person.asked`.
        of: u64,
        /// Who.
        person: String,
        /// The choice, by its name.
        choice: String,
        /// Why.
        because: String,
        /// On what they have the role that was asked.
        basis: Basis,
        /// Of the roles that are asked by then, which they have: its place, from 0.
        turn: usize,
    },
    /// An event that is waited for has arrived.
    Arrived {
        /// `seq` of its `wait.started`.
        of: u64,
        /// What it gives.
        value: Value,
        /// The record that it came as.
        arrived: Arrived,
    },
    /// The time of a `Wake` has come.
    Woke {
        /// `seq` of the line that set the timer.
        of: u64,
    },
    /// The limits of an act's guards were counted.
    Counted {
        /// `seq` of its `guard.asked`.
        of: u64,
        /// For each limit of the command, in its order, how many acts were let through within its time.
        counts: Vec<u64>,
    },
    /// Whether an act may be taken back: what other runs hold.
    Released {
        /// `seq` of its `act.intended`.
        of: u64,
        /// The answer of the register.
        answer: Release,
    },
    /// A person wants acts taken back.
    UndoAsked {
        /// Who.
        person: String,
        /// Why.
        because: String,
        /// `seq` of their `act.intended`.
        acts: Vec<u64>,
    },
    /// A person ends the run.
    CancelAsked {
        /// Who.
        person: String,
        /// Why.
        because: String,
    },
    /// The engine took the run up again after a stop.
    Resumed {
        /// Engine and version.
        engine: String,
        /// `restart`, …: a fixed word.
        why: String,
    },
}

/// What the run wants done.
#[derive(Clone, Debug)]
pub enum Command {
    /// Ask, and bring the answer as an event.
    Read {
        /// `seq` of its line: what the answer is `of`.
        of: u64,
        /// Which.
        action: ActionId,
        /// With what.
        args: Vec<Value>,
        /// How long to wait for the answer.
        within: SignedDuration,
        /// Only an answer that is given now will do.
        fresh: bool,
        /// The act that it is a snapshot for: how things stand before that. Nobody is to take back meanwhile what the act will be
        /// done to.
        before: Option<(ActionId, Vec<Value>)>,
        /// It is tried however the target is: it finds out whether a write was done.
        owed: bool,
    },
    /// Do, once the lines of the same step are durable, and bring the outcome as an event.
    Act {
        /// `seq` of its line: what the outcome is `of`.
        of: u64,
        /// Which.
        action: ActionId,
        /// With what.
        args: Vec<Value>,
        /// For targets that honour one: the same however often it is sent.
        key: String,
        /// How long to wait for the outcome.
        within: SignedDuration,
        /// Not to be dispatched after this.
        until: Timestamp,
        /// It may have been sent before. What fails now says nothing of that time.
        again: bool,
        /// It is tried however the target is: it takes something back, or may have been sent before.
        owed: bool,
    },
    /// A write is held: bring [`Event::ActReleased`] when writes leave.
    Hold {
        /// `seq` of its `act.intended`.
        of: u64,
    },
    /// Bring [`Event::Woke`], at that time or as soon after it as can be.
    Wake {
        /// `seq` of the line that sets the timer: what the event is `of`.
        of: u64,
        /// When.
        at: Timestamp,
    },
    /// Bring [`Event::Arrived`] when the event has arrived or arrives: the first that fits.
    Listen {
        /// `seq` of its `wait.started`.
        of: u64,
        /// For what.
        wanted: Listen,
    },
    /// Let somebody know that they are asked; the answer comes as an event, whenever it does.
    Ask {
        /// `seq` of its `person.asked`: what the answer is `of`.
        of: u64,
        /// Who, what, and how long.
        asked: Asked,
        /// The act that is to be approved, where it is an approval.
        act: Option<(ActionId, Vec<Value>)>,
    },
    /// Count what the guards of an act have let through, and bring the counts as an event. All of it at one moment: when no
    /// count has reached its limit and `reserve` is set, the act counts from then on, once for each guard.
    Count {
        /// `seq` of its `guard.asked`.
        of: u64,
        /// What is counted.
        limits: Vec<Counting>,
        /// Whether the act is done if no limit is reached.
        reserve: bool,
    },
    /// Find out whether an act may be taken back, and bring the answer as an event, as soon as it is another than the one that is
    /// known. Until it is another than [`Release::Held`] the run goes on waiting for further answers.
    Release {
        /// `seq` of its `act.intended`.
        of: u64,
        /// The act.
        act: (ActionId, Vec<Value>),
        /// How the call is called that takes it back: see [`crate::register::call`].
        call: String,
        /// The last answer.
        known: Option<Release>,
    },
    /// Nobody waits for this answer or timer any more.
    Cancel {
        /// `seq` of its line.
        of: u64,
    },
}

impl Command {
    /// `seq` of the line that it is about.
    #[must_use]
    pub fn of(&self) -> u64 {
        match self {
            Self::Read { of, .. }
            | Self::Act { of, .. }
            | Self::Hold { of }
            | Self::Wake { of, .. }
            | Self::Listen { of, .. }
            | Self::Ask { of, .. }
            | Self::Count { of, .. }
            | Self::Release { of, .. }
            | Self::Cancel { of } => *of,
        }
    }
}

/// A record that was an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Which arrival: `seq` of its line in the intake.
    pub arrival: u64,
    /// When it came.
    pub came: Timestamp,
    /// Where the record stood.
    pub pos: String,
    /// Keyed digest of the record.
    pub record: String,
}

/// An event that is waited for.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Which, by index.
    pub event: u32,
    /// To what it has to happen.
    pub args: Vec<Value>,
    /// What came before does not count.
    pub since: Timestamp,
    /// Nor what comes then or later.
    pub until: Timestamp,
    /// The arrivals that the run has taken already.
    pub taken: Vec<u64>,
}

impl Listen {
    /// Whether an arrival may be the one, whatever it was: in time, and not taken.
    #[must_use]
    pub fn takes(&self, arrival: u64, came: Timestamp) -> bool {
        self.since <= came && came < self.until && !self.taken.contains(&arrival)
    }

    /// Whether it happened to the same.
    #[must_use]
    pub fn is_for(&self, args: &[Value]) -> bool {
        self.args.len() == args.len() && self.args.iter().zip(args).all(|(a, b)| a.same(b))
    }
}

/// What somebody is asked, for whoever brings it to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who is asked, in the order in which they were: `role.analyst`.
    pub to: Vec<String>,
    /// Who is asked as well, when nobody has decided in time.
    pub then: Vec<Turn>,
    /// The question. May hold text from outside.
    pub question: String,
    /// What can be answered.
    pub choices: Vec<String>,
    /// Until when; then others are asked, or it is over.
    pub until: Timestamp,
    /// It is an act that is to be approved: the choices are [`APPROVE`] and [`DENY`].
    pub approval: bool,
    /// How many different persons have to approve it.
    pub needed: u32,
    /// Those who have, so far.
    pub by: Vec<String>,
    /// Whether it takes others than those who have had a say in the run already.
    pub distinct: bool,
    /// What those have said, where it does.
    pub earlier: Vec<Earlier>,
}

/// What somebody has said in a run that keeps them from approving an act of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Who.
    pub person: String,
    /// The line that asked.
    pub of: u64,
    /// They have approved the same act, as this role; otherwise they have answered a question.
    pub approved_as: Option<String>,
}

impl Asked {
    /// Those who are asked, in words.
    #[must_use]
    pub fn who(&self) -> String {
        self.to.join(" or ")
    }

    /// Who was asked last.
    #[must_use]
    pub fn last(&self) -> &str {
        self.to.last().map(String::as_str).unwrap_or_default()
    }

    /// How many persons are missing still.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.needed.saturating_sub(u32::try_from(self.by.len()).unwrap_or(u32::MAX))
    }

    /// How far it is, where it takes several persons: `1 of 2, approved by ada`.
    #[must_use]
    pub fn so_far(&self) -> Option<String> {
        so_far(self.needed, &self.by)
    }
}

/// How far an approval is that takes several persons: `1 of 2, approved by ada`.
#[must_use]
pub fn so_far(needed: u32, by: &[String]) -> Option<String> {
    let names = if by.is_empty() { String::new() } else { format!(", approved by {}", by.join(", ")) };
    (needed > 1).then(|| format!("{} of {needed}{names}", by.len()))
}

/// What somebody says who approves an act.
pub const APPROVE: &str = "approve";
/// What somebody says who does not.
pub const DENY: &str = "deny";

/// A limit that is to be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counting {
    /// Index of the guard.
    pub index: usize,
    /// As it is called where counts are kept, over all runs of a store: see [`Counting::name_for`].
    pub guard: String,
    /// How many acts it lets through.
    pub most: u32,
    /// In which time, up to now.
    pub window: SignedDuration,
}

impl Counting {
    /// What the counts of a guard are kept by: its name, and for shadow runs another, so that what they would have done counts
    /// for themselves alone.
    #[must_use]
    pub fn name_for(guard: &str, autonomy: &Autonomy) -> String {
        match autonomy {
            Autonomy::Shadow => format!("shadow:{guard}"),
            Autonomy::Automatic | Autonomy::Supervised { .. } => guard.to_string(),
        }
    }
}

/// What follows from an event.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// To be made durable, in order.
    pub lines: Vec<Line>,
    /// To be carried out, in order.
    pub commands: Vec<Command>,
}

impl Event {
    /// `seq` of the line that it answers, if it answers one.
    #[must_use]
    pub fn of(&self) -> Option<u64> {
        match self {
            Self::ReadAnswered { of, .. }
            | Self::ReadFailed { of, .. }
            | Self::ActDone { of, .. }
            | Self::ActFailed { of, .. }
            | Self::ActInDoubt { of, .. }
            | Self::ActHeld { of, .. }
            | Self::ActReleased { of }
            | Self::ActResolved { of, .. }
            | Self::PersonAnswered { of, .. }
            | Self::Counted { of, .. }
            | Self::Released { of, .. }
            | Self::Arrived { of, .. }
            | Self::Woke { of } => Some(*of),
            Self::UndoAsked { .. } | Self::CancelAsked { .. } | Self::Resumed { .. } => None,
        }
    }

    /// The outcome of a write that went out without a clear answer.
    #[must_use]
    pub fn in_doubt(of: u64, why: &str) -> Self {
        Self::ActInDoubt { of, why: why.to_string(), words: None, came: Came::default() }
    }

    /// The outcome of a write that may have been sent before: a failure now does not say that it was not done then.
    #[must_use]
    pub fn of_resent(self) -> Self {
        match self {
            Self::ActFailed { of, failure, came, .. } => Self::ActInDoubt {
                of,
                why: "sent before, and not confirmed now".into(),
                words: Some(format!("{}: {}", failure.kind.name(), failure.words)),
                came,
            },
            Self::ActHeld { of, .. } => Self::ActHeld { of, perhaps: true },
            other => other,
        }
    }
}

//! Why the engine stopped, or could not do something.

use play_journal::JournalError;
use play_scheduler::SchedulerError;

use crate::intake::Record;

/// Why the engine stopped, or could not do something.
#[derive(Debug)]
pub enum EngineError {
    /// The journal failed. Nothing is dispatched any more.
    Journal(JournalError),
    /// The scheduler refused an event: a defect, or a store that does not fit.
    Scheduler(SchedulerError),
    /// A line could not be made.
    Evidence(String),
    /// The store was made with the other sort of world.
    OtherWorld {
        /// How its runs were made: by this engine.
        theirs: String,
        /// How this one would make them.
        ours: String,
    },
    /// The store is paused, and some who share it have not said yet that they know.
    NotTold(Vec<String>),
    /// Another of those who share the store drives a run.
    Elsewhere {
        /// Which.
        run: String,
        /// Who, where that is known.
        owner: Option<String>,
    },
    /// A run could not be taken up again, or could not go on.
    Resume {
        /// Which.
        run: String,
        /// Why.
        why: String,
    },
}

impl EngineError {
    /// Whether the store was only out of reach: nothing was asked of it, and the same may be tried again.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Journal(e) if e.passes())
    }
}

/// A record that was not taken.
#[derive(Debug)]
pub struct NotTaken {
    /// Why.
    pub error: EngineError,
    /// The record, where that passes: it may be given again.
    pub record: Option<Record>,
}

impl NotTaken {
    /// Nothing was made of it yet.
    pub(crate) fn yet(error: EngineError, record: Record) -> Box<Self> {
        let record = error.passes().then_some(record);
        Box::new(Self { error, record })
    }
}

impl From<EngineError> for Box<NotTaken> {
    fn from(error: EngineError) -> Self {
        Self::new(NotTaken { error, record: None })
    }
}

impl From<Box<NotTaken>> for EngineError {
    fn from(not: Box<NotTaken>) -> Self {
        not.error
    }
}

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Journal(e) => write!(f, "the store failed: {e}"),
            Self::Scheduler(e) => write!(f, "the run could not go on: {e}"),
            Self::Evidence(e) => write!(f, "the evidence could not be written: {e}"),
            Self::OtherWorld { theirs, ours } => write!(
                f,
                "the runs of this store were made by `{theirs}`, these would be by `{ours}`: stubs and the outside systems do \
                 not mix; name another store with --store"
            ),
            Self::NotTold(who) => write!(
                f,
                "the store is paused, and these who share it have not said yet that they know: {}; ask again",
                who.join(", ")
            ),
            Self::Elsewhere { run, owner: Some(owner) } => {
                write!(f, "run {run} is driven by {}: say it there", owner.escape_debug())
            }
            Self::Elsewhere { run, owner: None } => {
                write!(
                    f,
                    "whoever drove run {run} is gone, and it is being taken over: say it again in some seconds"
                )
            }
            Self::Resume { run, why } => write!(f, "run {run} cannot go on: {why}"),
        }
    }
}

impl std::error::Error for EngineError {}

impl From<JournalError> for EngineError {
    fn from(e: JournalError) -> Self {
        Self::Journal(e)
    }
}

impl From<SchedulerError> for EngineError {
    fn from(e: SchedulerError) -> Self {
        Self::Scheduler(e)
    }
}

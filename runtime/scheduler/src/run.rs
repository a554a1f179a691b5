//! One run: what it has asked, what it waits for, and the lines that prove it.

mod approval;
mod arrival;
mod cancel;
mod distinct;
mod due;
mod escalation;
mod guard;
mod hold;
mod lines;
mod paused;
mod person;
mod poll;
mod quorum;
mod release;
mod retry;
mod shadow;
mod steps;
mod supervised;
mod take;
mod undo;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use play_evidence::{Chain, J};
use play_program::action::ActionId;
use play_program::artifact::Manifest;
use play_program::autonomy::Autonomy;
use play_program::exec::{Machine, Mapped, Program};
use play_program::types::TypeTable;
use play_program::value::Value;

use crate::autonomy;
use crate::encode;
use crate::event::{Earlier, Event, Step};
use crate::intake;
use approval::Approvals;
pub use approval::Decided;
use distinct::Sayings;
use guard::{Asked, Denied};
use hold::Holds;
use lines::fields;
use release::Releases;
pub use release::target;
pub use retry::may_pass;
use shadow::Shadow;
pub use shadow::{WouldBe, WouldWords};
use undo::Acts;
pub use undo::Fate;
pub use waiting::Wait;
use waiting::Waiting;

/// With what a run is opened. All of it is recorded, or computed again by a replay.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Digest of the artifact, lower-case hex.
    pub artifact: String,
    /// Name of the run's chain.
    pub run: String,
    /// The case.
    pub case_id: String,
    /// Index of the source; `None` when a test gave the case.
    pub source: Option<usize>,
    /// Keyed digest of the record.
    pub record: String,
    /// Where the record stood: `alerts.jsonl:3`.
    pub pos: String,
    /// Engine and version.
    pub engine: String,
    /// Index of the playbook.
    pub playbook: usize,
    /// The mapped record.
    pub mapped: Mapped,
    /// All values of the configuration. Those that the run rests on are recorded, and a replay has no others.
    pub config: Vec<Value>,
    /// How it is driven, for life.
    pub autonomy: Autonomy,
}

/// Where a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It waits for answers.
    Running,
    /// It waits for a person to say what became of a write, or for answers besides.
    InDoubt,
    /// The case is closed, as this class, because of this.
    Closed(String, String),
    /// A person has the case: target and reason.
    HandedOver(String, String),
    /// It ended in a fault: a person has the case. What went wrong.
    Faulted(String),
    /// A shadow run that cannot go on without what nobody gave. What that is.
    ShadowEnded(String),
}

impl RunState {
    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Running | Self::InDoubt)
    }
}

/// Why an event could not be taken. The run is as it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchedulerError {
    /// Nothing with this `seq` waits for an answer.
    NotWaiting(u64),
    /// The event is not one for what waits there.
    WrongKind(u64),
    /// What is asked there cannot be answered so; with what can.
    NoSuchChoice(u64, String),
    /// The time for an answer is over.
    TooLate(u64),
    /// Who approves what that line asks for has approved it before; with how many others are missing.
    Again {
        /// The line that asks.
        of: u64,
        /// Who.
        person: String,
        /// How many.
        missing: u32,
    },
    /// Who approves what that line asks for has had a say in the run, and another person is wanted.
    Distinct {
        /// The line that asks.
        of: u64,
        /// As whom they would approve it.
        role: String,
        /// What they have said.
        earlier: Earlier,
    },
    /// A rollback is under way already.
    Rolling,
    /// The run has ended.
    Over,
    /// The program does not fit the opening.
    Opening(String),
    /// A line would be longer than [`MAX_LINE`].
    TooLong,
    /// A line could not be made.
    Evidence(String),
}

/// What stands for the source where a test gave the case.
pub const GIVEN: &str = "given";

/// The longest line of a run, in bytes.
pub const MAX_LINE: usize = 8 << 20;

impl std::fmt::Display for SchedulerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotWaiting(seq) => write!(f, "nothing waits for an answer to line {seq}"),
            Self::WrongKind(seq) => write!(f, "line {seq} does not wait for such an answer"),
            Self::NoSuchChoice(seq, choices) => {
                write!(f, "what line {seq} asks is answered with one of: {choices}")
            }
            Self::Over => write!(f, "the run has ended"),
            Self::Rolling => write!(f, "what it did is being taken back already"),
            Self::TooLate(seq) => write!(f, "the time for an answer to line {seq} is over"),
            Self::Again { of, person, missing } => {
                let others = if *missing == 1 { "other person is" } else { "other persons are" };
                write!(
                    f,
                    "{person} has approved line {of} already, and counts once; {missing} {others} missing"
                )
            }
            Self::Distinct { of, role, earlier: Earlier { person, of: line, approved_as } } => {
                match approved_as {
                    None => write!(f, "{person} answered line {line} of this run")?,
                    Some(other) => write!(f, "{person} has approved this act in line {line} as {other}")?,
                }
                write!(f, ", and `[approvals] distinct` of play.toml wants another person")?;
                write!(f, " to approve line {of} as {role}")
            }
            Self::Opening(why) => write!(f, "the run cannot be opened: {why}"),
            Self::TooLong => write!(f, "a line would be longer than {MAX_LINE} bytes"),
            Self::Evidence(why) => write!(f, "the line cannot be written: {why}"),
        }
    }
}

impl std::error::Error for SchedulerError {}

/// A run.
pub struct Run {
    manifest: Arc<Manifest>,
    machine: Box<dyn Machine>,
    chain: Chain,
    name: String,
    case_id: String,
    playbook: usize,
    waiting: BTreeMap<u64, Waiting>,
    acts: Acts,
    holds: Holds,
    releases: Releases,
    /// Acts whose guards have not all agreed yet, by their `guard.asked`.
    asked: BTreeMap<u64, Asked>,
    /// What guards refused, and the program has not been told yet.
    denied: Denied,
    refusals: Vec<(ActionId, Vec<Value>, String)>,
    approvals: Approvals,
    /// What persons have said, where it may keep them from approving.
    sayings: Sayings,
    autonomy: Autonomy,
    shadow: Shadow,
    /// The arrivals that its waits have taken.
    arrivals: BTreeSet<u64>,
    state: RunState,
    /// A test gave the case.
    is_test: bool,
    opened: Timestamp,
    last: Timestamp,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("run", &self.name).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Run {
    /// Opens a run at a time, and takes it as far as it goes without an answer.
    ///
    /// # Errors
    /// When the opening does not fit the program (never for an opening made by the engine from the same program).
    pub fn open(
        program: &dyn Program,
        manifest: &Arc<Manifest>,
        opening: Opening,
        t: Timestamp,
    ) -> Result<(Self, Step), SchedulerError> {
        let source = match opening.source {
            None => None,
            Some(i) => Some(
                manifest
                    .sources
                    .get(i)
                    .ok_or_else(|| SchedulerError::Opening("the program has no such source".into()))?,
            ),
        };
        let playbook = manifest
            .playbooks
            .get(opening.playbook)
            .ok_or_else(|| SchedulerError::Opening("the program has no such playbook".into()))?;
        let mut case = opening.mapped.case.clone();
        let given = source.is_none().then(|| encode::given(&case, playbook.case, &manifest.types));
        let source_name = source.map_or(GIVEN, |s| s.name.as_str());
        intake::fill(&mut case, &opening.case_id, source_name, t, &opening.config);
        let applies = program.applies(opening.playbook, &case);

        let mut run = Self {
            manifest: Arc::clone(manifest),
            machine: program.start(opening.playbook, case),
            chain: Chain::new(&opening.run),
            name: opening.run.clone(),
            case_id: opening.case_id.clone(),
            playbook: opening.playbook,
            waiting: BTreeMap::new(),
            acts: Acts::default(),
            holds: Holds::default(),
            releases: Releases::default(),
            asked: BTreeMap::new(),
            denied: Denied::new(),
            refusals: Vec::new(),
            approvals: Approvals::default(),
            sayings: Sayings::default(),
            autonomy: opening.autonomy.clone(),
            shadow: Shadow::default(),
            arrivals: BTreeSet::new(),
            state: RunState::Running,
            is_test: source.is_none(),
            opened: t,
            last: t,
        };
        let mut step = Step::default();
        let read = opening.mapped.read.leaves().iter().map(|(p, f)| (p.clone(), encode::found(f))).collect();
        let mut f = fields([
            ("artifact", J::Str(opening.artifact)),
            ("case", J::Str(opening.case_id)),
            ("playbook", J::Str(playbook.name.clone())),
            ("source", J::Str(source_name.into())),
            ("record", J::Str(opening.record)),
            ("pos", J::Str(opening.pos)),
            ("engine", J::Str(opening.engine)),
            ("read", J::Obj(read)),
        ]);
        if let Some(given) = given {
            f.insert("given".into(), given);
        }
        if let Some(config) = encode::config(&opening.config, playbook, manifest) {
            f.insert("config".into(), config);
        }
        f.extend(autonomy::fields(&opening.autonomy));
        run.write(&mut step, "run.opened", "engine", Some(playbook.at), f)?;
        if let Some(source) = source {
            let mapped = encode::mapped(&opening.mapped, source.case, run.types());
            run.write(&mut step, "case.mapped", "engine", Some(source.at), fields([("fields", mapped)]))?;
        }
        match applies {
            Ok(_) => {
                let emissions = run.machine.step(None);
                run.follow(&mut step, emissions)?;
            }
            Err(fault) => run.fault(&mut step, &fault)?,
        }
        Ok((run, step))
    }

    /// Tells the run an event. An event for a run that is over is ignored: its answers were cancelled.
    ///
    /// # Errors
    /// When the event is not an answer to anything that waits, or its line would be too long: the run is as before. Any
    /// other error is a defect; the run must not be used any more.
    pub fn apply(&mut self, t: Timestamp, event: Event) -> Result<Step, SchedulerError> {
        if self.is_late(&event) {
            return Ok(Step::default());
        }
        let before = self.last;
        // A clock that was set back must not make the record run backwards.
        self.last = self.last.max(t);
        let done = self.take(event);
        if done.is_err() {
            self.last = before;
        }
        done
    }

    /// Where it is.
    #[must_use]
    pub fn state(&self) -> &RunState {
        &self.state
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its case.
    #[must_use]
    pub fn case_id(&self) -> &str {
        &self.case_id
    }

    /// Index of its playbook.
    #[must_use]
    pub fn playbook(&self) -> usize {
        self.playbook
    }

    /// How it is driven.
    #[must_use]
    pub fn autonomy(&self) -> &Autonomy {
        &self.autonomy
    }

    /// The case's fields, by slot.
    #[must_use]
    pub fn case(&self) -> &[Value] {
        self.machine.case()
    }

    /// When it was opened.
    #[must_use]
    pub fn opened(&self) -> Timestamp {
        self.opened
    }

    /// Time of its last line.
    #[must_use]
    pub fn last(&self) -> Timestamp {
        self.last
    }

    fn types(&self) -> &TypeTable {
        &self.manifest.types
    }
}

//! One run: what it has asked, what it waits for, and the lines that prove it.

mod steps;
mod undo;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use play_evidence::{Chain, J, Line, kinds};
use play_program::action::{Action, ActionId, Answer};
use play_program::artifact::Manifest;
use play_program::exec::{Emission, Emit, Fault, Key, Machine, Mapped, Part, Program};
use play_program::types::TypeTable;
use play_program::value::{Failure, FailureKind, Value};

use crate::encode;
use crate::event::{Came, Command, Event, Step};
use crate::intake;
use undo::{Acts, Aside};

type Fields = BTreeMap<String, J>;

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
            Self::Opening(why) => write!(f, "the run cannot be opened: {why}"),
            Self::TooLong => write!(f, "a line would be longer than {MAX_LINE} bytes"),
            Self::Evidence(why) => write!(f, "the line cannot be written: {why}"),
        }
    }
}

impl std::error::Error for SchedulerError {}

struct Waiting {
    key: Key,
    at: u32,
    action: ActionId,
    args: Vec<Value>,
    /// For acts; reads have none.
    key_text: Option<String>,
    in_doubt: bool,
    /// What it is for, where its outcome is not the program's.
    aside: Option<Aside>,
}

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
    state: RunState,
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
        intake::fill(&mut case, &opening.case_id, source_name, t);
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
            state: RunState::Running,
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
        run.write(&mut step, "run.opened", "engine", Some(playbook.at), f)?;
        if let Some(source) = source {
            let mapped = run.mapped_fields(source.case.0 as usize, &opening.mapped);
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
        if self.state.is_over() {
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

    fn take(&mut self, event: Event) -> Result<Step, SchedulerError> {
        let mut step = Step::default();
        match event {
            Event::ReadAnswered { of, value, came } => {
                let (key, at, action) = self.expect_waiting(of, false)?;
                let f = fields([("val", encode::value(&value, &action.result, self.types()))]);
                self.write(&mut step, "read.answered", &by(&action), Some(at), answer_fields(f, of, &came))?;
                self.go_on(&mut step, of, &key, Ok(value))?;
            }
            Event::ReadFailed { of, failure, came } => {
                let (key, at, action) = self.expect_waiting(of, false)?;
                let f = failure_fields(Fields::new(), &failure);
                self.write(&mut step, "read.failed", &by(&action), Some(at), answer_fields(f, of, &came))?;
                self.go_on(&mut step, of, &key, Err(failure))?;
            }
            Event::ActDone { of, value, came } => {
                let (key, at, action) = self.expect_waiting(of, true)?;
                let f = fields([("val", encode::value(&value, &action.result, self.types()))]);
                self.write(&mut step, "act.done", &by(&action), Some(at), answer_fields(f, of, &came))?;
                self.go_on(&mut step, of, &key, Ok(value))?;
            }
            Event::ActFailed { of, how, failure, came } => {
                let (key, at, action) = self.expect_waiting(of, true)?;
                let f = failure_fields(fields([("how", J::Str(how.name().into()))]), &failure);
                self.write(&mut step, "act.failed", &by(&action), Some(at), answer_fields(f, of, &came))?;
                self.go_on(&mut step, of, &key, Err(failure))?;
            }
            Event::ActInDoubt { of, why, words, came } => {
                let (_, at, _) = self.expect_waiting(of, true)?;
                let mut f = answer_fields(fields([("why", J::Str(why))]), of, &came);
                f.remove("ms");
                if let Some(words) = words {
                    f.insert("words".into(), encode::text(&words));
                }
                self.write(&mut step, "act.in_doubt", "engine", Some(at), f)?;
                if let Some(waiting) = self.waiting.get_mut(&of) {
                    waiting.in_doubt = true;
                }
                self.state = RunState::InDoubt;
            }
            Event::ActResolved { of, done, person, because } => {
                let (key, at, action) = self.expect_waiting(of, true)?;
                if !self.waiting.get(&of).is_some_and(|w| w.in_doubt) {
                    return Err(SchedulerError::WrongKind(of));
                }
                let mut f = fields([
                    ("of", seq(of)),
                    ("how", J::Str(if done.is_some() { "done" } else { "not_done" }.into())),
                    ("person", J::Str(person.clone())),
                    ("because", encode::text(&because)),
                ]);
                if let Some(value) = &done {
                    f.insert("val".into(), encode::value(value, &action.result, self.types()));
                }
                self.write(&mut step, "act.resolved", &format!("person:{person}"), Some(at), f)?;
                let answer = done.ok_or_else(|| Failure {
                    kind: FailureKind::Unavailable,
                    words: "a person found that it was not done".into(),
                });
                self.go_on(&mut step, of, &key, answer)?;
            }
            Event::Resumed { engine, why } => {
                let f = fields([("engine", J::Str(engine)), ("why", J::Str(why))]);
                self.write(&mut step, "run.resumed", "engine", None, f)?;
                step.commands = self.pending();
            }
        }
        Ok(step)
    }

    /// What has to be carried out again after a stop: reads, and writes whose target honours a key. Other writes are not
    /// among them: see [`Run::unresolved`].
    #[must_use]
    pub fn pending(&self) -> Vec<Command> {
        let mut commands = Vec::new();
        for (of, w) in &self.waiting {
            let Some(action) = self.manifest.action(w.action) else { continue };
            match &w.key_text {
                None => commands.push(read_command(*of, w, action)),
                Some(key) if action.idempotent && !w.in_doubt => {
                    commands.push(act_command(*of, w, action, key.clone(), self.until(action), true));
                }
                Some(_) => {}
            }
        }
        commands
    }

    /// Writes that were intended, have no outcome, and must not be sent again: after a stop each is in doubt.
    #[must_use]
    pub fn unresolved(&self) -> Vec<u64> {
        let unsafe_to_repeat = |w: &Waiting| {
            w.key_text.is_some()
                && !w.in_doubt
                && !self.manifest.action(w.action).is_some_and(|a| a.idempotent)
        };
        self.waiting.iter().filter(|(_, w)| unsafe_to_repeat(w)).map(|(of, _)| *of).collect()
    }

    /// Writes in doubt: `seq` of the intent, the action, and its result's type.
    #[must_use]
    pub fn in_doubt(&self) -> Vec<(u64, ActionId)> {
        self.waiting.iter().filter(|(_, w)| w.in_doubt).map(|(of, w)| (*of, w.action)).collect()
    }

    /// The action that a waiting line is about.
    #[must_use]
    pub fn action_of(&self, of: u64) -> Option<(ActionId, &[Value])> {
        self.waiting.get(&of).map(|w| (w.action, w.args.as_slice()))
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

    fn expect_waiting(&self, of: u64, write: bool) -> Result<(Key, u32, Action), SchedulerError> {
        let w = self.waiting.get(&of).ok_or(SchedulerError::NotWaiting(of))?;
        let action = self.manifest.action(w.action).ok_or(SchedulerError::NotWaiting(of))?;
        if w.key_text.is_some() != write {
            return Err(SchedulerError::WrongKind(of));
        }
        Ok((w.key.clone(), w.at, action.clone()))
    }

    fn go_on(&mut self, step: &mut Step, of: u64, key: &Key, answer: Answer) -> Result<(), SchedulerError> {
        let Some(was) = self.waiting.remove(&of) else { return Ok(()) };
        // What the line says is what happened; the program sees what the action promises.
        let answer = answer.map_err(|failure| match self.manifest.action(was.action) {
            Some(action) => action.promised(failure),
            None => failure,
        });
        if self.state == RunState::InDoubt && !self.waiting.values().any(|w| w.in_doubt) {
            self.state = RunState::Running;
        }
        match &was.aside {
            Some(aside) => return self.aside_done(step, aside.clone(), &was, answer),
            None => self.keep(of, &was, &answer),
        }
        self.answer(step, key, answer)
    }

    /// Gives the program an answer.
    fn answer(&mut self, step: &mut Step, key: &Key, answer: Answer) -> Result<(), SchedulerError> {
        let emissions = self.machine.step(Some((key, answer)));
        self.follow(step, emissions)
    }

    /// Turns what became due into lines and commands.
    fn follow(&mut self, step: &mut Step, emissions: Vec<Emission>) -> Result<(), SchedulerError> {
        for emission in emissions {
            let at = emission.at;
            match self.due(step, emission) {
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

    fn due(&mut self, step: &mut Step, emission: Emission) -> Result<(), SchedulerError> {
        let Emission { key, at, what } = emission;
        match what {
            Emit::Read { action, args } => {
                let Some(spec) = self.manifest.action(action).cloned() else { return Ok(()) };
                let ms = i64::try_from(spec.timeout.as_millis()).unwrap_or(i64::MAX);
                let f = fields([
                    ("action", J::Str(spec.full_name())),
                    ("args", self.args(&spec, &args)),
                    ("n", J::Int(1)),
                    ("within", J::int(ms)),
                ]);
                let of = self.write(step, "read.asked", "engine", Some(at), f)?;
                let waiting = Waiting { key, at, action, args, key_text: None, in_doubt: false, aside: None };
                step.commands.push(read_command(of, &waiting, &spec));
                self.waiting.insert(of, waiting);
            }
            Emit::Act { action, args } => self.act(step, key, at, action, args)?,
            Emit::StepFailed { step: name, body } => self.step_failed(step, at, name, &body)?,
            Emit::Rollback { of, because } => self.rollback(step, key, at, of, &because)?,
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
                let f = fields([("class", J::Str(class.clone())), ("because", encode::text(&because))]);
                self.write(step, "run.closed", "engine", Some(at), f)?;
                self.state = RunState::Closed(class, because);
            }
            Emit::Fault(fault) => self.fault(step, &fault)?,
        }
        Ok(())
    }

    fn fault(&mut self, step: &mut Step, fault: &Fault) -> Result<(), SchedulerError> {
        self.cancel_all(step)?;
        let place =
            self.manifest.place(fault.at).map_or_else(String::new, |(p, l, c)| format!("{p}:{l}:{c}"));
        let f = fields([("what", J::Str(fault.what.clone())), ("why", encode::text(&place))]);
        self.write(step, "run.faulted", "engine", Some(fault.at), f)?;
        self.state = RunState::Faulted(format!("{} at {place}", fault.what));
        Ok(())
    }

    fn cancel_all(&mut self, step: &mut Step) -> Result<(), SchedulerError> {
        for (of, w) in std::mem::take(&mut self.waiting) {
            if w.key_text.is_some() {
                // A write cannot be called back. Nobody will wait for it any more, so nobody will know.
                if !w.in_doubt {
                    let f = fields([("of", seq(of)), ("why", J::Str("the run ended first".into()))]);
                    self.write(step, "act.in_doubt", "engine", Some(w.at), f)?;
                }
                continue;
            }
            self.write(step, "read.cancelled", "engine", Some(w.at), fields([("of", seq(of))]))?;
            step.commands.retain(|c| !matches!(c, Command::Read { of: o, .. } if *o == of));
            step.commands.push(Command::Cancel { of });
        }
        Ok(())
    }

    fn write(
        &mut self,
        step: &mut Step,
        kind: &str,
        by: &str,
        at: Option<u32>,
        f: Fields,
    ) -> Result<u64, SchedulerError> {
        let kind = kinds::kind(kind).ok_or_else(|| SchedulerError::Evidence(format!("no kind {kind}")))?;
        let seq = self.chain.next_seq();
        let mut chain = self.chain.clone();
        let line: Line =
            chain.append(self.last, by, at, kind, f).map_err(|e| SchedulerError::Evidence(e.to_string()))?;
        if line.bytes.len() > MAX_LINE {
            return Err(SchedulerError::TooLong);
        }
        self.chain = chain;
        step.lines.push(line);
        Ok(seq)
    }

    fn until(&self, action: &Action) -> Timestamp {
        self.last.checked_add(action.timeout).unwrap_or(Timestamp::MAX)
    }

    fn args(&self, action: &Action, args: &[Value]) -> J {
        let pairs = action.params.iter().zip(args);
        J::Obj(pairs.map(|((name, ty), v)| (name.clone(), encode::value(v, ty, self.types()))).collect())
    }

    fn case_field(&self, slot: usize) -> Option<(String, play_program::Type)> {
        let playbook = self.manifest.playbooks.get(self.playbook)?;
        let field = self.types().record(playbook.case)?.fields.get(slot)?;
        Some((field.name.clone(), field.ty.clone()))
    }

    fn mapped_fields(&self, case: usize, mapped: &Mapped) -> J {
        let Some(record) = self.types().records.get(case) else { return J::Obj(BTreeMap::new()) };
        let one = |(slot, from): &(usize, Vec<String>)| {
            let field = record.fields.get(*slot)?;
            let value = mapped.case.get(*slot)?;
            let mut position = match encode::value(value, &field.ty, self.types()) {
                J::Obj(members) => members,
                _ => return None,
            };
            position.insert("from".into(), J::Arr(from.iter().map(|p| J::Str(p.clone())).collect()));
            Some((field.name.clone(), J::Obj(position)))
        };
        J::Obj(mapped.from.iter().filter_map(one).collect())
    }

    fn part(&self, part: &Part) -> J {
        match part {
            Part::Condition { at, is, sides } => {
                let is = match is {
                    Some(true) => "true",
                    Some(false) => "false",
                    None => "skipped",
                };
                let mut f = fields([("at", J::Int(i64::from(*at))), ("is", J::Str(is.into()))]);
                if let Some(sides) = sides {
                    let [(l, lt), (r, rt)] = &**sides;
                    f.insert("l".into(), encode::value(l, lt, self.types()));
                    f.insert("r".into(), encode::value(r, rt, self.types()));
                }
                J::Obj(f)
            }
            Part::On { at, value, ty } => J::Obj(fields([
                ("at", J::Int(i64::from(*at))),
                ("on", encode::value(value, ty, self.types())),
            ])),
        }
    }
}

fn by(action: &Action) -> String {
    format!("connector:{}", action.connector)
}

fn seq(of: u64) -> J {
    J::int(i64::try_from(of).unwrap_or(i64::MAX))
}

fn fields<const N: usize>(pairs: [(&str, J); N]) -> Fields {
    pairs.into_iter().map(|(k, v)| (k.to_string(), v)).collect()
}

fn failure_fields(mut f: Fields, failure: &Failure) -> Fields {
    f.insert("failure".into(), J::Str(failure.kind.name().into()));
    f.insert("words".into(), encode::text(&failure.words));
    f
}

fn answer_fields(mut f: Fields, of: u64, came: &Came) -> Fields {
    f.insert("of".into(), seq(of));
    f.insert("ms".into(), J::int(i64::try_from(came.ms).unwrap_or(i64::MAX)));
    if let Some(status) = came.status {
        f.insert("status".into(), J::Int(i64::from(status)));
    }
    if let Some(body) = &came.body {
        f.insert("body".into(), play_evidence::json::blob(&body.digest, body.len));
    }
    f
}

fn read_command(of: u64, w: &Waiting, action: &Action) -> Command {
    Command::Read { of, action: w.action, args: w.args.clone(), within: action.timeout }
}

fn act_command(of: u64, w: &Waiting, action: &Action, key: String, until: Timestamp, again: bool) -> Command {
    let within: SignedDuration = action.timeout;
    Command::Act { of, action: w.action, args: w.args.clone(), key, within, until, again }
}

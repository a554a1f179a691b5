//! `test` blocks: the same run, on stubs and a virtual clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use play_evidence::Line;
use play_program::action::{Action, ActionId};
use play_program::artifact::{Expect, Manifest, PersonStub, Stub, StubAnswer, TestSpec};
use play_program::convert;
use play_program::exec::{Mapped, Program};
use play_program::json::ReadLog;
use play_program::types::{Type, TypeTable};
use play_program::value::{Failure, FailureKind, Value};

use crate::basis::Basis;
use crate::event::{Arrived, Asked, Came, Command, Counting, Event, How, Listen, Step};
use crate::ids;
use crate::intake;
use crate::others::Others;
use crate::replay::{Replay, replay};
use crate::run::{Opening, Run, RunState, SchedulerError};
use crate::supply::Supply;

/// How a test went.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// Its title.
    pub title: String,
    /// Its node.
    pub at: u32,
    /// What did not hold: the node of the expectation, and what was seen instead. Empty: it passed.
    pub failures: Vec<(u32, String)>,
    /// The evidence of its run.
    pub lines: Vec<Line>,
    /// How the run ended.
    pub state: RunState,
    /// Virtual time from opening to the last line.
    pub elapsed: SignedDuration,
    /// The calls that no `given` answers, each with the answer that was made up for it.
    pub made_up: Vec<String>,
    /// The calls that no `given` answers, and for which none could be made up.
    pub unanswered: Vec<String>,
    /// Whose case it is.
    pub taken: Taken,
}

/// Which playbook takes the case of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The one that the test runs.
    ByThis,
    /// Another, by index.
    ByAnother(usize),
    /// None of them.
    ByNone,
}

impl TestResult {
    /// Whether all expectations held.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// When the case of a test is opened.
#[must_use]
pub fn start() -> Timestamp {
    let since = SignedDuration::from_hours(24 * 365 * 56);
    Timestamp::UNIX_EPOCH.checked_add(since).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// More events than any test has a use for; a test that reaches it fails.
const MOST_EVENTS: u32 = 1_000_000;

/// Runs one test (index `index` of the program's tests).
#[must_use]
pub fn run_test(
    program: &dyn Program,
    manifest: &Arc<Manifest>,
    artifact: &str,
    index: usize,
    spec: &TestSpec,
) -> TestResult {
    run_once(program, manifest, artifact, index, spec, start(), true)
}

/// The same for a case that is only tried, and opened at this time: what comes of it is nobody's evidence, and it is not replayed.
#[must_use]
pub fn try_test(
    program: &dyn Program,
    manifest: &Arc<Manifest>,
    artifact: &str,
    spec: &TestSpec,
    opened: Timestamp,
) -> TestResult {
    run_once(program, manifest, artifact, 0, spec, opened, false)
}

/// What cannot be replayed is no evidence: every test is one of this too.
fn proved(program: &dyn Program, manifest: &Arc<Manifest>, artifact: &str, result: &mut TestResult) {
    let views: Vec<&[u8]> = result.lines.iter().map(|l| &l.bytes[..]).collect();
    let why = match replay(program, manifest, artifact, &views) {
        Replay::Identical { .. } => return,
        Replay::Differs(d) => format!("the run does not replay: line {}: {}", d.line, d.why),
        Replay::Undecidable { line, why } => format!("the run cannot be replayed from line {line}: {why}"),
    };
    result.failures.push((result.at, why));
}

fn run_once(
    program: &dyn Program,
    manifest: &Arc<Manifest>,
    artifact: &str,
    index: usize,
    spec: &TestSpec,
    start: Timestamp,
    replayed: bool,
) -> TestResult {
    let run_name = ids::run_id("test", &spec.title, "");
    let mut result = TestResult {
        title: spec.title.clone(),
        at: spec.at,
        failures: Vec::new(),
        lines: Vec::new(),
        state: RunState::Running,
        elapsed: SignedDuration::ZERO,
        made_up: Vec::new(),
        unanswered: Vec::new(),
        taken: Taken::ByThis,
    };
    let opening = Opening {
        artifact: artifact.to_string(),
        case_id: ids::case_id(&run_name),
        run: run_name,
        source: None,
        record: ids::sha256_hex(spec.title.as_bytes()),
        pos: "test".into(),
        engine: "playc test".into(),
        playbook: spec.playbook,
        mapped: Mapped { case: spec.case.clone(), from: Vec::new(), dedup: None, read: ReadLog::default() },
        config: spec.config.clone(),
        autonomy: spec.autonomy.clone(),
    };
    let mut world = World {
        manifest,
        spec,
        start,
        now: start,
        queue: BTreeMap::new(),
        order: 0,
        missing: Vec::new(),
        unheard: Vec::new(),
        made_up: Vec::new(),
        unanswered: Vec::new(),
        acts: Vec::new(),
        reads: Vec::new(),
        asked: Vec::new(),
        supply: Supply::default(),
        out: BTreeMap::new(),
        answered: BTreeMap::new(),
        let_through: Vec::new(),
        others: Others::default(),
    };
    let (mut run, step) = match Run::open(program, manifest, opening, start) {
        Ok(opened) => opened,
        Err(e) => {
            result.failures.push((spec.at, e.to_string()));
            return result;
        }
    };
    if let Ok(false) = program.applies(spec.playbook, run.case()) {
        let case = manifest.playbooks.get(spec.playbook).map(|p| p.case);
        let taker = case.and_then(|case| intake::routed(program, manifest, case, run.case()));
        result.taken = taker.map_or(Taken::ByNone, Taken::ByAnother);
        let text = "the playbook does not take this case: its `when` does not hold";
        result.failures.push((spec.at, text.into()));
    } else if let Some(playbook) = manifest.playbooks.get(spec.playbook)
        && let Some(index) = intake::routed(program, manifest, playbook.case, run.case())
        && let Some(taker) = manifest.playbooks.get(index).filter(|t| t.name != playbook.name)
    {
        result.taken = Taken::ByAnother(index);
        let text = format!("`{}` takes this case: it comes before `{}`", taker.name, playbook.name);
        result.failures.push((spec.at, text));
    }
    world.follow(run.name(), step, &mut result.lines);
    // Holds end after the run: the time that it took is that of its own end.
    let mut ended = None;
    let mut events = 0;
    while let Some(((t, _), due)) = world.queue.pop_first() {
        if events == MOST_EVENTS {
            result.failures.push((spec.at, format!("the run has not ended after {MOST_EVENTS} answers")));
            break;
        }
        events = events.saturating_add(1);
        if run.state().is_over() {
            ended = ended.or(Some(run.last()));
        }
        world.now = t;
        let event = match due {
            Due::Event(event) => event,
            Due::LetGo(other) => {
                world.let_go(run.name(), other);
                continue;
            }
        };
        world.keep(&event);
        match run.apply(t, event) {
            // They are told so, and the run waits on.
            Err(e @ (SchedulerError::Again { .. } | SchedulerError::Distinct { .. })) => {
                world.unheard.push(e.to_string())
            }
            Ok(step) => world.follow(run.name(), step, &mut result.lines),
            Err(e) => {
                result.failures.push((spec.at, e.to_string()));
                break;
            }
        }
    }
    if replayed {
        proved(program, manifest, artifact, &mut result);
    }
    result.elapsed = ended.unwrap_or(run.last()).duration_since(run.opened());
    result.state = run.state().clone();
    for missing in &world.missing {
        result.failures.push((spec.at, missing.clone()));
    }
    let seen = Seen {
        program,
        manifest,
        index,
        run: &run,
        acts: &world.acts,
        reads: &world.reads,
        asked: &world.asked,
        lines: &result.lines,
        elapsed: result.elapsed,
    };
    for (at, expect) in &spec.expect {
        if let Some(instead) = seen.check(expect) {
            result.failures.push((*at, instead));
        }
    }
    if !result.failures.is_empty() {
        result.failures.extend(world.unheard.iter().map(|why| (spec.at, format!("not heard: {why}"))));
    }
    world.made_up.dedup();
    result.made_up = world.made_up;
    result.unanswered = world.unanswered;
    if !result.failures.is_empty() && !result.made_up.is_empty() {
        let all = result.made_up.join(", ");
        result
            .failures
            .push((spec.at, format!("no `given` answers these, and the answers were made up: {all}")));
    }
    result
}

/// The `n`th of those with a role that no test has a name for: nobody who has had a say already, where others are wanted.
fn somebody(role: &str, n: usize, asked: &Asked) -> String {
    let name = |n: usize| if n == 1 { role.to_string() } else { format!("{role} {n}") };
    let fresh = |name: &String| !asked.distinct || asked.earlier.iter().all(|e| e.person != *name);
    (1..).map(name).filter(fresh).nth(n.saturating_sub(1)).unwrap_or_default()
}

/// What comes at a time.
pub(crate) enum Due {
    /// Something for the run.
    Event(Event),
    /// Another run lets go of what it held: which of those that the test gives.
    LetGo(usize),
}

pub(crate) struct World<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) spec: &'a TestSpec,
    /// When the case was opened.
    pub(crate) start: Timestamp,
    pub(crate) now: Timestamp,
    queue: BTreeMap<(Timestamp, u64), Due>,
    order: u64,
    missing: Vec<String>,
    /// What persons said that does not count, and why.
    unheard: Vec<String>,
    /// What no stub answers, and what it was made to give.
    made_up: Vec<String>,
    /// What no stub answers, and what was not made up.
    unanswered: Vec<String>,
    acts: Vec<(ActionId, Vec<Value>)>,
    reads: Vec<(ActionId, Vec<Value>)>,
    asked: Vec<Asked>,
    supply: Supply,
    /// Reads that are out.
    out: BTreeMap<u64, (ActionId, Vec<Value>)>,
    /// How many calls each stub has answered.
    answered: BTreeMap<usize, usize>,
    /// Guards with a limit, and when each let something through.
    let_through: Vec<(usize, Timestamp)>,
    /// What other runs hold.
    pub(crate) others: Others,
}

impl World<'_> {
    /// Keeps the lines, and carries out what follows.
    fn follow(&mut self, run: &str, step: Step, lines: &mut Vec<Line>) {
        self.others.take(&step.lines);
        lines.extend(step.lines);
        self.carry_out(step.commands);
        self.ask_again(run);
    }

    fn carry_out(&mut self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Read { of, action, args, within, fresh, .. } => {
                    let recent = self.supply.recent(self.manifest, action, &args, self.now);
                    if let Some((at, value)) = recent.filter(|_| !fresh) {
                        let came = Came { kept: Some(at), ..Came::default() };
                        self.bring((SignedDuration::ZERO, Event::ReadAnswered { of, value, came }));
                        continue;
                    }
                    self.reads.push((action, args.clone()));
                    let (after, answer) = self.answer(action, &args);
                    let outcome = stub_outcome(of, false, &answer, after, within);
                    let came = self.send(action, outcome);
                    self.out.insert(of, (action, args));
                    self.bring_at(came.0, came.1);
                }
                Command::Act { of, action, args, within, again, .. } => {
                    self.acts.push((action, args.clone()));
                    let (after, answer) = self.answer(action, &args);
                    let (after, outcome) = stub_outcome(of, true, &answer, after, within);
                    let outcome = (after, if again { outcome.of_resent() } else { outcome });
                    let came = self.send(action, outcome);
                    if let Some(action) = self.manifest.action(action) {
                        self.supply.forget(self.manifest, &action.connector);
                    }
                    self.bring_at(came.0, came.1);
                }
                Command::Count { of, limits, reserve } => {
                    let counts: Vec<u64> = limits.iter().map(|l| self.count(l)).collect();
                    let under = limits.iter().zip(&counts).all(|(l, n)| *n < u64::from(l.most));
                    if reserve && under {
                        let mut guards: Vec<usize> = limits.iter().map(|l| l.index).collect();
                        guards.dedup();
                        self.let_through.extend(guards.into_iter().map(|g| (g, self.now)));
                    }
                    self.bring((SignedDuration::ZERO, Event::Counted { of, counts }));
                }
                Command::Listen { of, wanted } => self.listen(of, &wanted),
                Command::Ask { of, asked, act } => self.ask(of, asked, act.as_ref()),
                Command::Wake { of, at } => self.bring_at(at, Event::Woke { of }),
                // Nobody pauses a test.
                Command::Hold { of } => self.bring_at(self.now, Event::ActReleased { of }),
                Command::Release { of, act, call, known } => self.release(of, &act, call, known),
                Command::Cancel { of } => {
                    self.queue.retain(|_, due| !matches!(due, Due::Event(e) if e.of() == Some(of)));
                    self.others.forget(of);
                }
            }
        }
    }

    /// Somebody is asked: they answer as the test says, in time or never. Where several have to approve, each does.
    fn ask(&mut self, of: u64, asked: Asked, act: Option<&(ActionId, Vec<Value>)>) {
        let fitting = self.spec.persons.iter().filter(|p| says(p, &asked, act));
        // Where it takes several persons, or others than before, each line is another one's.
        let most = if asked.needed > 1 || asked.distinct { usize::MAX } else { 1 };
        for (says, n) in fitting.take(most).zip(1_usize..).collect::<Vec<_>>() {
            let at = self.now.checked_add(says.after).unwrap_or(Timestamp::MAX);
            let role = asked.last().strip_prefix("role.").unwrap_or(asked.last());
            let unnamed = || somebody(role, n, &asked);
            let event = Event::PersonAnswered {
                of,
                person: says.person.clone().unwrap_or_else(unnamed),
                choice: says.choice.clone(),
                because: says.because.clone(),
                basis: Basis::Test,
                turn: asked.to.len().saturating_sub(1),
            };
            // Others may be asked meanwhile.
            let later = asked.then.iter().try_fold(asked.until, |end, turn| end.checked_add(turn.within));
            if at < later.unwrap_or(Timestamp::MAX) {
                self.bring_at(at, event);
            }
        }
        self.asked.push(asked);
    }

    /// The first that arrives of what is waited for; it may have been there before.
    fn listen(&mut self, of: u64, wanted: &Listen) {
        let arrivals = self.spec.arrivals.iter().zip(0_u64..).filter_map(|(stub, arrival)| {
            let came = self.start.checked_add(stub.after).ok()?;
            let fits = stub.event == wanted.event && args_fit(stub.args.as_deref(), &wanted.args);
            (fits && wanted.takes(arrival, came)).then_some((came, arrival, stub))
        });
        let Some((came, arrival, stub)) = arrivals.min_by_key(|(came, arrival, _)| (*came, *arrival)) else {
            return;
        };
        let record = ids::sha256_hex(&arrival.to_be_bytes());
        let arrived = Arrived { arrival, came, pos: "test".into(), record };
        self.bring_at(came.max(self.now), Event::Arrived { of, value: stub.value.clone(), arrived });
    }

    /// What a guard let through in this run, and before it as the test says.
    fn count(&self, limit: &Counting) -> u64 {
        let given = self.spec.counted.iter().filter(|(g, _)| *g == limit.index).map(|(_, n)| u64::from(*n));
        let recent = |t: &Timestamp| self.now.duration_since(*t) < limit.window;
        let own = self.let_through.iter().filter(|(g, t)| *g == limit.index && recent(t)).count();
        given.sum::<u64>().saturating_add(u64::try_from(own).unwrap_or(u64::MAX))
    }

    /// A request waits for its turn where its connector has a limit: when its outcome comes.
    fn send(&mut self, action: ActionId, (after, event): (SignedDuration, Event)) -> (Timestamp, Event) {
        let turn = match self.manifest.action(action) {
            Some(action) => self.supply.turn(self.manifest, action, self.now),
            None => self.now,
        };
        (turn.checked_add(after).unwrap_or(Timestamp::MAX), event)
    }

    /// What came may be used again.
    fn keep(&mut self, event: &Event) {
        if let Some((action, args)) = event.of().and_then(|of| self.out.remove(&of))
            && let Event::ReadAnswered { value, .. } = event
        {
            self.supply.keep(self.manifest, action, &args, value, self.now);
        }
    }

    pub(crate) fn bring(&mut self, (after, event): (SignedDuration, Event)) {
        self.bring_at(self.now.checked_add(after).unwrap_or(Timestamp::MAX), event);
    }

    fn bring_at(&mut self, t: Timestamp, event: Event) {
        self.queue_at(t, Due::Event(event));
    }

    pub(crate) fn queue_at(&mut self, t: Timestamp, due: Due) {
        self.order = self.order.saturating_add(1);
        self.queue.insert((t, self.order), due);
    }

    fn answer(&mut self, id: ActionId, args: &[Value]) -> (SignedDuration, StubAnswer) {
        if let Some((index, stub)) = self.spec.stubs.iter().enumerate().find(|(_, s)| fits(s, id, args)) {
            let n = self.answered.entry(index).or_default();
            let (answer, after) = reply(stub, *n);
            *n = n.saturating_add(1);
            return (after, answer.clone());
        }
        let Some(action) = self.manifest.action(id) else {
            return (SignedDuration::ZERO, StubAnswer::Fails(FailureKind::NotFound));
        };
        // A write that nothing is said of succeeds, where its result can be made up without pretending anything.
        if action.write
            && let Some(value) = plain_result(&action.result, &self.manifest.types)
        {
            if !matches!(value, Value::None) {
                let call = call_text(action, args, &self.manifest.types);
                let gave = convert::to_recorded(&value, &action.result, &self.manifest.types);
                self.made_up.push(format!("`{call}` gave {gave}"));
            }
            return (SignedDuration::ZERO, StubAnswer::Returns(value));
        }
        let text = call_text(action, args, &self.manifest.types);
        let message = format!(
            "no stub answers `{text}`; add `given {}(_) returns …` or `fails NotFound`",
            action.full_name()
        );
        if !self.missing.contains(&message) {
            self.missing.push(message);
            self.unanswered.push(text);
        }
        (SignedDuration::ZERO, StubAnswer::Fails(FailureKind::NotFound))
    }
}

/// The answer of a stub to its nth call, from 0, and after how long: the last one stays.
#[must_use]
pub fn reply(stub: &Stub, n: usize) -> (&StubAnswer, SignedDuration) {
    let later = n.checked_sub(1).and_then(|n| stub.then.get(n.min(stub.then.len().saturating_sub(1))));
    later.map_or((&stub.answer, stub.after), |(answer, after)| (answer, *after))
}

/// Whether somebody in a test answers that.
fn says(stub: &PersonStub, asked: &Asked, act: Option<&(ActionId, Vec<Value>)>) -> bool {
    stub.role == asked.last()
        && stub.approval == asked.approval
        && asked.choices.contains(&stub.choice)
        && match (&stub.act, act) {
            (None, _) => true,
            (Some((action, args)), Some(act)) => is_call(act, *action, args.as_deref()),
            (Some(_), None) => false,
        }
        && stub.question.as_ref().is_none_or(|q| asked.question.contains(q))
}

fn plain_result(ty: &Type, types: &TypeTable) -> Option<Value> {
    match types.repr(ty) {
        Type::Unit | Type::Option(_) => Some(Value::None),
        Type::String => Some(Value::str("stub")),
        Type::Int => Some(Value::Int(1)),
        Type::Ranged(low, _) => Some(Value::Int(*low)),
        Type::Bool => Some(Value::Bool(true)),
        _ => None,
    }
}

/// Whether a stub is for this call.
#[must_use]
pub fn fits(stub: &Stub, action: ActionId, args: &[Value]) -> bool {
    stub.action == action && args_fit(stub.args.as_deref(), args)
}

/// Whether a call is one of this action with these arguments.
pub(crate) fn is_call(
    call: &(ActionId, Vec<Value>),
    action: ActionId,
    wanted: Option<&[Option<Value>]>,
) -> bool {
    call.0 == action && args_fit(wanted, &call.1)
}

pub(crate) fn args_fit(wanted: Option<&[Option<Value>]>, args: &[Value]) -> bool {
    wanted.is_none_or(|wanted| {
        wanted.len() == args.len()
            && wanted.iter().zip(args).all(|(w, a)| w.as_ref().is_none_or(|w| w.same(a)))
    })
}

/// A call as a person writes it: `okta.user("a@example.com")`.
#[must_use]
pub fn call_text(action: &Action, args: &[Value], types: &TypeTable) -> String {
    let arg = |((_, ty), v): (&(String, Type), &Value)| convert::to_recorded(v, ty, types).to_string();
    let args: Vec<String> = action.params.iter().zip(args).map(arg).collect();
    format!("{}({})", action.full_name(), args.join(", "))
}

/// What a stubbed call comes to, and after how long: the same table as over HTTP. A write whose answer is late, lost or
/// unreadable is in doubt.
#[must_use]
pub fn stub_outcome(
    of: u64,
    write: bool,
    answer: &StubAnswer,
    after: SignedDuration,
    within: SignedDuration,
) -> (SignedDuration, Event) {
    let late = after > within || matches!(answer, StubAnswer::Lost);
    let wait = if late { within } else { after };
    let came = Came { ms: u64::try_from(wait.as_millis()).unwrap_or(0), ..Came::default() };
    let kind = match answer {
        StubAnswer::Returns(value) if !late => {
            let value = value.clone();
            let event = if write {
                Event::ActDone { of, value, came }
            } else {
                Event::ReadAnswered { of, value, came }
            };
            return (wait, event);
        }
        StubAnswer::Fails(kind) | StubAnswer::FailsSaying(kind, _) if !late => *kind,
        _ => FailureKind::Timeout,
    };
    let words = match answer {
        _ if late => format!("no answer within {within:#}"),
        StubAnswer::FailsSaying(_, words) => words.clone(),
        _ => "stub".to_string(),
    };
    let event = match kind {
        _ if !write => Event::ReadFailed { of, failure: Failure { kind, words }, came },
        FailureKind::Timeout => Event::in_doubt(of, "timeout"),
        FailureKind::BadResponse => Event::in_doubt(of, "unreadable answer"),
        FailureKind::Unavailable => {
            Event::ActFailed { of, how: How::NotSent, failure: Failure { kind, words }, came }
        }
        _ => Event::ActFailed { of, how: How::Refused, failure: Failure { kind, words }, came },
    };
    (wait, event)
}

pub(crate) struct Seen<'a> {
    program: &'a dyn Program,
    pub(crate) manifest: &'a Manifest,
    index: usize,
    pub(crate) run: &'a Run,
    pub(crate) acts: &'a [(ActionId, Vec<Value>)],
    pub(crate) reads: &'a [(ActionId, Vec<Value>)],
    pub(crate) asked: &'a [Asked],
    pub(crate) lines: &'a [Line],
    elapsed: SignedDuration,
}

impl Seen<'_> {
    /// What was seen instead of what is expected.
    fn check(&self, expect: &Expect) -> Option<String> {
        match expect {
            Expect::Closed(class) => {
                let wanted = self.manifest.types.variant(TypeTable::CLOSURE, *class)?;
                match self.run.state() {
                    RunState::Closed(class, _) if class == wanted => None,
                    other => Some(format!("expected it closed as {wanted}, but {}", tell(other))),
                }
            }
            Expect::HandedOver(target) => match (self.run.state(), target) {
                (RunState::HandedOver(to, _), Some(wanted)) if to == wanted => None,
                (RunState::HandedOver(..), None) => None,
                (other, Some(wanted)) => {
                    Some(format!("expected it handed over to {wanted}, but {}", tell(other)))
                }
                (other, None) => Some(format!("expected it handed over, but {}", tell(other))),
            },
            Expect::Act { did, action, args } => {
                let found = self.acts.iter().any(|call| is_call(call, *action, args.as_deref()));
                if found == *did {
                    return None;
                }
                let name = self.manifest.action(*action)?.full_name();
                let all = self.calls(self.acts);
                Some(if *did {
                    format!("expected `do {name}`, but what was done is: {all}")
                } else {
                    format!("expected that `{name}` is never done, but what was done is: {all}")
                })
            }
            Expect::Undone { action, args, after } => self.undone(*action, args.as_deref(), *after),
            Expect::Held { action, args, length } => self.held(*action, args.as_deref(), *length),
            Expect::Kept { action, args } => self.kept(*action, args.as_deref()),
            Expect::Would { never, action, args } => self.would(*never, *action, args.as_deref()),
            Expect::Times { action, args, times } => self.times(*action, args.as_deref(), *times),
            Expect::Read { action, args } => self.asked(*action, args.as_deref()),
            Expect::Asked { never, to, question, times } => {
                self.person_asked(*never, to, question.as_deref(), *times)
            }
            Expect::Approved { never, action, args, by } => {
                self.approved(*never, *action, args.as_deref(), by.as_deref())
            }
            Expect::Before { first, second } => self.before(first, second),
            Expect::Set(slot, value) => self.set_to(*slot, value),
            Expect::Routed(to) => self.routed(to.as_deref()),
            Expect::InDoubt(action) => {
                if self.run.in_doubt().iter().any(|(_, a)| a == action) {
                    return None;
                }
                let name = self.manifest.action(*action)?.full_name();
                Some(format!("expected `{name}` to be in doubt, but {}", tell(self.run.state())))
            }
            Expect::Refused { never, action, args, guard } => {
                self.refused(*never, *action, args.as_deref(), *guard)
            }
            Expect::Reason(what, because) => self.check(what).or_else(|| self.reason_of(what, because)),
            Expect::Reasons(wanted) => self.reasons(wanted),
            Expect::Because(text) => match self.run.state() {
                RunState::Closed(_, because)
                | RunState::HandedOver(_, because)
                | RunState::ShadowEnded(because)
                    if because.contains(text) =>
                {
                    None
                }
                other => Some(format!("expected a reason that contains \"{text}\", but {}", tell(other))),
            },
            Expect::Noted(text) => {
                let notes: Vec<String> = self.lines.iter().filter_map(note_text).collect();
                if notes.iter().any(|n| n.contains(text)) {
                    return None;
                }
                Some(format!("expected a note that contains \"{text}\", but the notes are: {notes:?}"))
            }
            Expect::Elapsed(wanted) => {
                if self.elapsed == *wanted {
                    return None;
                }
                Some(format!("expected {wanted:#} of virtual time, but it took {:#}", self.elapsed))
            }
            Expect::That(condition) => {
                match self.program.expectation(self.index, *condition, self.run.case()) {
                    Ok(true) => None,
                    Ok(false) => Some("the condition does not hold at the end of the run".into()),
                    Err(fault) => Some(format!("the condition went wrong: {}", fault.what)),
                }
            }
        }
    }
}

fn note_text(line: &Line) -> Option<String> {
    let parsed = play_evidence::ParsedLine::parse(&line.bytes).ok()?;
    if parsed.k != "case.noted" {
        return None;
    }
    let play_evidence::J::Obj(text) = parsed.field("text")? else { return None };
    match text.get("val") {
        Some(play_evidence::J::Str(s)) => Some(s.clone()),
        _ => None,
    }
}

/// A state in a sentence, after “but”.
#[must_use]
pub fn tell(state: &RunState) -> String {
    match state {
        RunState::Running => "the run still waits for an answer".into(),
        RunState::InDoubt => "the run waits: a write is in doubt".into(),
        RunState::Closed(class, because) => format!("it was closed as {class} because \"{because}\""),
        RunState::HandedOver(to, because) => format!("it was handed over to {to} because \"{because}\""),
        RunState::Faulted(what) => format!("it ended in a fault: {what}"),
        RunState::ShadowEnded(needs) => format!("the shadow run ended where it would need {needs}"),
    }
}

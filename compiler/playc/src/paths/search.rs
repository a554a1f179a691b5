//! The search for a case that comes to a point: what tests there are is varied, one thing at a time, and whatever comes
//! somewhere new is varied further. The same program gives the same cases.

use std::collections::{BTreeSet, VecDeque};

use jiff::SignedDuration;
use play_check::typed::{Expr, Program, Suspend};
use play_program::Value;
use play_program::action::ActionId;
use play_program::artifact::{ArrivalStub, PersonStub, Stub, StubAnswer, TestSpec};
use play_program::autonomy::Autonomy;
use play_program::call::Call;
use play_program::guard::{ClauseKind, Otherwise};
use play_program::shape::{CASE_OPENED, CASE_SEVERITY, case_default};
use play_program::types::Type;
use play_program::value::FailureKind;
use play_scheduler::RunState;
use play_scheduler::event::{APPROVE, DENY};
use play_scheduler::testing::TestResult;

use super::pool::Pool;
use crate::commands::test::Tester;
use crate::coverage::Mark;

/// How many ways of one are tried before those of the next.
const TURN: usize = 24;

/// Runs for one playbook, at the most.
pub const MOST_RUNS: usize = 6_000;

/// A case that came somewhere.
#[derive(Clone)]
pub struct Found {
    /// With these answers.
    pub spec: TestSpec,
    /// How it went.
    pub result: TestResult,
    /// Where it came.
    pub marks: BTreeSet<Mark>,
}

/// Somebody who may be asked.
struct Asked {
    /// `role.analyst`
    role: String,
    /// For an approval.
    approval: bool,
    /// What may be said.
    choices: Vec<String>,
    /// How many persons it takes.
    needed: u32,
}

impl Asked {
    fn approval(role: &str, needed: u32) -> Self {
        let choices = [APPROVE, DENY].map(str::to_string).to_vec();
        Self { role: role.to_string(), approval: true, choices, needed }
    }
}

/// The search for one playbook.
pub struct Search<'a> {
    tester: &'a Tester,
    program: &'a Program,
    pool: &'a Pool,
    playbook: usize,
    actions: Vec<ActionId>,
    asked: Vec<Asked>,
    /// The events that are waited for.
    events: Vec<u32>,
    guards: Vec<(usize, u32)>,
    runs: usize,
}

impl<'a> Search<'a> {
    /// Looks at what the playbook asks of the world.
    pub fn new(tester: &'a Tester, pool: &'a Pool, playbook: usize) -> Self {
        let program: &Program = &tester.compiled.program;
        let mut search = Self {
            tester,
            program,
            pool,
            playbook,
            actions: Vec::new(),
            asked: Vec::new(),
            events: Vec::new(),
            guards: Vec::new(),
            runs: 0,
        };
        if let Some(playbook) = program.playbooks.get(playbook) {
            search.look(&playbook.body.expr);
        }
        let mut next = 0;
        while let Some(code) = search.actions.get(next).and_then(|a| program.action_code.get(a.0 as usize)) {
            for related in [&code.undo, &code.snapshot, &code.verify].into_iter().flatten() {
                search.calls(related.action);
            }
            next += 1;
        }
        for (at, guard) in program.guards.iter().enumerate() {
            let covers = |action: &ActionId| guard.spec.covers.iter().any(|c| c.action == *action);
            if let Otherwise::Approval { from, needed, then, .. } = &guard.spec.otherwise
                && search.actions.iter().any(covers)
            {
                search.asks(Asked::approval(from, *needed));
                then.iter().for_each(|t| search.asks(Asked::approval(&t.to, *needed)));
            }
            let limit = guard.spec.clauses.iter().find_map(|c| match c.kind {
                ClauseKind::Limit { most, .. } => Some(most),
                _ => None,
            });
            search.guards.extend(limit.map(|most| (at, most)));
        }
        search
    }

    /// How many cases were tried.
    pub fn runs(&self) -> usize {
        self.runs
    }

    fn calls(&mut self, action: ActionId) {
        if !self.actions.contains(&action) {
            self.actions.push(action);
        }
    }

    fn asks(&mut self, asked: Asked) {
        let same = |a: &&mut Asked| {
            (&a.role, a.approval, &a.choices) == (&asked.role, asked.approval, &asked.choices)
        };
        match self.asked.iter_mut().find(same) {
            Some(known) => known.needed = known.needed.max(asked.needed),
            None => self.asked.push(asked),
        }
    }

    fn look(&mut self, e: &Expr) {
        match e.kind.asked() {
            Some((Call::Read(action, _) | Call::Act(action, _), _)) => self.calls(action),
            Some((Call::Suspend(Suspend::Poll(poll)), _)) => self.calls(poll.action),
            Some((Call::Suspend(Suspend::Event(wanted)), _)) if !self.events.contains(&wanted.event) => {
                self.events.push(wanted.event);
            }
            Some((Call::Suspend(Suspend::Ask(question)), _)) => {
                let choices = self.program.types.enumeration(question.choices);
                let choices = choices.map(|e| e.variants.clone()).unwrap_or_default();
                for to in std::iter::once(&question.to).chain(question.then.iter().map(|t| &t.to)) {
                    let choices = choices.clone();
                    self.asks(Asked { role: to.clone(), approval: false, choices, needed: 1 });
                }
            }
            Some((Call::Suspend(Suspend::Approve(approval)), _)) => {
                self.asks(Asked::approval(&approval.from, approval.needed));
                approval.then.iter().for_each(|t| self.asks(Asked::approval(&t.to, approval.needed)));
            }
            _ => {}
        }
        e.parts().into_iter().for_each(|part| self.look(part));
    }

    /// Tries, until all that is wanted was reached or there is nothing left to try. Gives what came to something wanted.
    pub fn run(&mut self, wanted: &BTreeSet<Mark>) -> Vec<Found> {
        let mut wanted = wanted.clone();
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        // What is left to try of each that came somewhere new: a few of one, then a few of the next.
        let mut open: VecDeque<std::vec::IntoIter<TestSpec>> = VecDeque::new();
        open.push_back(self.seeds().into_iter());
        let mut first = true;
        while let Some(mut ways) = open.pop_front() {
            // All that is there already comes before what is made of it.
            let turn = if std::mem::take(&mut first) { usize::MAX } else { TURN };
            for next in ways.by_ref().take(turn) {
                if self.runs >= MOST_RUNS || wanted.is_empty() {
                    return found;
                }
                let Some(one) = self.try_one(next) else { continue };
                if one.marks.iter().all(|m| seen.contains(m)) {
                    continue;
                }
                seen.extend(one.marks.iter().copied());
                open.push_back(self.neighbours(&one).into_iter());
                if one.marks.iter().any(|m| wanted.contains(m)) {
                    wanted.retain(|m| !one.marks.contains(m));
                    found.push(one);
                }
            }
            if ways.len() > 0 {
                open.push_back(ways);
            }
        }
        found
    }

    /// Runs a case; `None` when it is none for this playbook, or does not come to an end.
    pub fn try_one(&mut self, spec: TestSpec) -> Option<Found> {
        self.runs = self.runs.saturating_add(1);
        let (result, marks) = self.tester.tried(&spec);
        let ended = !matches!(result.state, RunState::Running | RunState::Faulted(_));
        (result.passed() && ended).then_some(Found { spec, result, marks })
    }

    /// The tests that there are, without what they expect; and one of which nothing is said.
    fn seeds(&self) -> Vec<TestSpec> {
        let mut all: Vec<TestSpec> =
            self.tester.specs.iter().filter(|s| s.playbook == self.playbook).cloned().collect();
        // What is done is what is looked for.
        all.iter_mut().for_each(|spec| spec.autonomy = Autonomy::Automatic);
        all.extend(self.plain());
        for spec in &mut all {
            spec.expect.clear();
            for action in &self.actions {
                if !spec.stubs.iter().any(|s| s.action == *action && s.args.is_none()) {
                    let answer = self.answers(*action).into_iter().next();
                    spec.stubs.extend(answer.map(|answer| stub(*action, answer, Vec::new())));
                }
            }
        }
        all
    }

    fn plain(&self) -> Option<TestSpec> {
        let types = &self.program.types;
        let case = types.record(self.program.playbooks.get(self.playbook)?.case)?;
        let mut values = Vec::new();
        for (slot, field) in case.fields.iter().enumerate() {
            values.push(match case_default(slot) {
                Some(value) => value,
                None if slot <= CASE_OPENED => Value::None,
                None => Pool::plain(&field.ty, types)?,
            });
        }
        let constants = play_reference::constants::Constants::of(self.program);
        let mut config = play_reference::config::values(self.program, &constants, None, &[]).ok()?;
        let layout = self.program.config.as_ref().and_then(|c| types.record(c.record));
        for (value, field) in config.iter_mut().zip(layout.map(|l| l.fields.as_slice()).unwrap_or_default()) {
            if matches!(value, Value::None) && !matches!(field.ty, Type::Option(_)) {
                *value = Pool::plain(&field.ty, types)?;
            }
        }
        Some(TestSpec {
            title: "a case that was looked for".into(),
            at: 0,
            case: values,
            config,
            stubs: Vec::new(),
            persons: Vec::new(),
            arrivals: Vec::new(),
            counted: Vec::new(),
            others: Vec::new(),
            playbook: self.playbook,
            autonomy: Autonomy::Automatic,
            expect: Vec::new(),
        })
    }

    /// All answers that an action may give, that which says the least first.
    fn answers(&self, action: ActionId) -> Vec<StubAnswer> {
        let Some(of) = self.program.actions.get(action.0 as usize) else { return Vec::new() };
        let mut all: Vec<StubAnswer> = match of.result {
            Type::Unit => vec![StubAnswer::Returns(Value::None)],
            _ => self
                .pool
                .values(&of.result, &self.program.types)
                .into_iter()
                .map(StubAnswer::Returns)
                .collect(),
        };
        let mut kinds = if of.fails.is_empty() { FailureKind::ALL.to_vec() } else { of.fails.clone() };
        if of.write {
            // A write without an answer is in doubt, and has not failed.
            kinds.push(FailureKind::Denied);
            kinds.sort_by_key(|k| {
                (*k != FailureKind::Denied, *k == FailureKind::Timeout, *k == FailureKind::BadResponse)
            });
            kinds.dedup();
        }
        all.extend(kinds.into_iter().filter(|k| *k != FailureKind::Cancelled).map(StubAnswer::Fails));
        if of.write {
            all.push(StubAnswer::Lost);
        }
        all
    }

    /// The same case with one thing changed, of what was asked on its way: first each thing once, then each a second time.
    fn neighbours(&self, one: &Found) -> Vec<TestSpec> {
        let mut things = self.other_answers(one);
        things.extend(self.other_cases(&one.spec));
        things.extend(self.other_persons(&one.spec));
        things.extend(self.other_arrivals(&one.spec));
        things.extend(self.other_config(&one.spec));
        things.extend(self.guards.iter().map(|(guard, most)| {
            let count = |count: u32| {
                let mut other = one.spec.clone();
                other.counted.retain(|(g, _)| g != guard);
                other.counted.push((*guard, count));
                other
            };
            vec![count(*most), count(0)]
        }));
        let mut ways: Vec<(usize, TestSpec)> =
            things.into_iter().flat_map(|t| t.into_iter().enumerate()).collect();
        ways.sort_by_key(|(turn, _)| *turn);
        ways.into_iter().map(|(_, spec)| spec).collect()
    }

    fn other_answers(&self, one: &Found) -> Vec<Vec<TestSpec>> {
        let called = super::block::called(&one.result);
        let mut things = Vec::new();
        for action in &self.actions {
            let Some(of) = self.program.actions.get(action.0 as usize) else { continue };
            if !called.contains(&of.full_name()) {
                continue;
            }
            let failing = |a: &StubAnswer| matches!(a, StubAnswer::Fails(_));
            let (fails, gives): (Vec<_>, Vec<_>) = self.answers(*action).into_iter().partition(failing);
            let own = one.spec.stubs.iter().rfind(|s| s.action == *action).map(|s| &s.answer);
            let varied = match own {
                Some(StubAnswer::Returns(value)) => {
                    self.pool.varied(value, &of.result, &self.program.types, 0)
                }
                _ => Vec::new(),
            };
            let (good, bad) = (gives.first().cloned(), fails.first().cloned());
            let mut ways: Vec<(StubAnswer, Vec<StubAnswer>)> = Vec::new();
            ways.extend(bad.iter().map(|bad| (bad.clone(), Vec::new())));
            if let (Some(good), Some(bad)) = (good, bad) {
                ways.push((good.clone(), vec![bad.clone()]));
                ways.push((bad.clone(), vec![good.clone()]));
                ways.push((good.clone(), vec![good, bad]));
            }
            let gives = turn_by_turn(gives, varied.into_iter().map(StubAnswer::Returns).collect());
            let others = turn_by_turn(fails.into_iter().skip(1).collect(), gives);
            ways.extend(others.into_iter().map(|a| (a, Vec::new())));
            let with = |(answer, then): (StubAnswer, Vec<StubAnswer>)| {
                let mut other = one.spec.clone();
                other.stubs.retain(|s| s.action != *action);
                other.stubs.push(stub(*action, answer, then));
                other
            };
            things.push(ways.into_iter().map(with).collect());
        }
        things
    }

    fn other_cases(&self, spec: &TestSpec) -> Vec<Vec<TestSpec>> {
        let types = &self.program.types;
        let case = self.program.playbooks.get(self.playbook).and_then(|p| types.record(p.case));
        let fields = case.into_iter().flat_map(|c| c.fields.iter().enumerate()).zip(&spec.case);
        let own = fields.filter(|((slot, _), _)| *slot >= CASE_SEVERITY);
        own.map(|((slot, field), own)| {
            let varied = self.pool.varied(own, &field.ty, types, 0);
            let values = turn_by_turn(self.pool.values(&field.ty, types), varied);
            let with = |value: Value| {
                let mut other = spec.clone();
                if let Some(place) = other.case.get_mut(slot) {
                    *place = value;
                }
                other
            };
            values.into_iter().filter(|v| !v.same(own)).map(with).collect()
        })
        .collect()
    }

    fn other_persons(&self, spec: &TestSpec) -> Vec<Vec<TestSpec>> {
        let of = |asked: &Asked| {
            let same = |p: &PersonStub| {
                p.role == asked.role && p.approval == asked.approval && asked.choices.contains(&p.choice)
            };
            let with = |choice: Option<&String>| {
                let mut other = spec.clone();
                other.persons.retain(|p| !same(p));
                // One denial decides; approving takes as many as it takes.
                let all = if choice.is_some_and(|c| c == APPROVE) { asked.needed } else { 1 };
                other.persons.extend((0..all).filter_map(|_| Some(person(asked, choice?))));
                other
            };
            asked.choices.iter().map(Some).chain([None]).map(with).collect()
        };
        self.asked.iter().map(of).collect()
    }

    /// An event comes with another value, comes twice for two who wait, or does not come.
    fn other_arrivals(&self, spec: &TestSpec) -> Vec<Vec<TestSpec>> {
        let of = |event: &u32| {
            let result = self.program.events.get(*event as usize).map(|e| &e.spec.result);
            let values = match result {
                None | Some(Type::Unit) => vec![Value::None],
                Some(ty) => self.pool.values(ty, &self.program.types),
            };
            let with = |values: Vec<Value>| {
                let mut other = spec.clone();
                other.arrivals.retain(|a| a.event != *event);
                let come =
                    |value| ArrivalStub { event: *event, args: None, value, after: SignedDuration::ZERO };
                other.arrivals.extend(values.into_iter().map(come));
                other
            };
            let times = |n: usize| values.iter().map(move |value| vec![value.clone(); n]);
            let all = turn_by_turn(times(1).collect(), times(2).collect());
            all.into_iter().chain([Vec::new()]).map(with).collect()
        };
        self.events.iter().map(of).collect()
    }

    fn other_config(&self, spec: &TestSpec) -> Vec<Vec<TestSpec>> {
        let types = &self.program.types;
        let read = self.program.playbooks.get(self.playbook).map(|p| p.config.as_slice()).unwrap_or_default();
        let layout = self.program.config.as_ref().and_then(|c| types.record(c.record));
        let mut things = Vec::new();
        for at in read {
            let (Some(field), Some(own)) = (layout.and_then(|l| l.fields.get(*at)), spec.config.get(*at))
            else {
                continue;
            };
            let varied = self.pool.varied(own, &field.ty, types, 0);
            let values = turn_by_turn(self.pool.values(&field.ty, types), varied);
            let with = |value: Value| {
                let mut other = spec.clone();
                if let Some(place) = other.config.get_mut(*at) {
                    *place = value;
                }
                other
            };
            things.push(values.into_iter().map(with).collect());
        }
        things
    }

    /// The same case with as little in it as still comes there.
    pub fn smaller(&mut self, found: Found, wanted: &BTreeSet<Mark>) -> Found {
        let goal: BTreeSet<Mark> = found.marks.intersection(wanted).copied().collect();
        let mut best = found;
        let Some(plain) = self.plain() else { return best };
        let mut ways: Vec<Change> = vec![
            Box::new(|s| s.persons.clear()),
            Box::new(|s| s.counted.clear()),
            Box::new(|s| s.arrivals.clear()),
            Box::new(|s| s.arrivals.truncate(1)),
            Box::new(|s| s.others.clear()),
            Box::new(move |s| s.stubs.iter_mut().for_each(|stub| stub.then.clear())),
        ];
        for (slot, value) in plain.case.into_iter().enumerate() {
            ways.push(Box::new(move |s| {
                if let Some(place) = s.case.get_mut(slot) {
                    place.clone_from(&value);
                }
            }));
        }
        for way in ways {
            let mut spec = best.spec.clone();
            way(&mut spec);
            best = self.less(spec, &goal).unwrap_or(best);
        }
        // One that answers nothing, or what another answers as well, is left out.
        for at in (0..best.spec.stubs.len()).rev() {
            let mut spec = best.spec.clone();
            spec.stubs.remove(at);
            best = self.less(spec, &goal).unwrap_or(best);
        }
        best
    }

    fn less(&mut self, spec: TestSpec, goal: &BTreeSet<Mark>) -> Option<Found> {
        self.try_one(spec).filter(|less| goal.is_subset(&less.marks))
    }
}

/// One of these, one of those.
fn turn_by_turn<T>(these: Vec<T>, those: Vec<T>) -> Vec<T> {
    let (mut these, mut those) = (these.into_iter(), those.into_iter());
    let mut all = Vec::new();
    loop {
        let (one, other) = (these.next(), those.next());
        if one.is_none() && other.is_none() {
            return all;
        }
        all.extend(one);
        all.extend(other);
    }
}

/// A change of a test.
type Change = Box<dyn Fn(&mut TestSpec)>;

fn stub(action: ActionId, answer: StubAnswer, then: Vec<StubAnswer>) -> Stub {
    let then = then.into_iter().map(|a| (a, SignedDuration::ZERO)).collect();
    Stub { action, args: None, answer, after: SignedDuration::ZERO, then }
}

fn person(asked: &Asked, choice: &str) -> PersonStub {
    PersonStub {
        role: asked.role.clone(),
        person: None,
        choice: choice.to_string(),
        approval: asked.approval,
        act: None,
        question: None,
        because: "it was looked at".into(),
        after: SignedDuration::ZERO,
    }
}

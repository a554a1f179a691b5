//! The lines of a run as a test.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use play_evidence::{J, ParsedLine};
use play_program::action::ActionId;
use play_program::artifact::{ArrivalStub, Manifest, OtherHold, PersonStub, Stub, StubAnswer, TestSpec};
use play_program::shape::{CASE_FIELDS, case_default};
use play_program::types::Type;
use play_program::value::{FailureKind, Value};
use play_scheduler::autonomy;
use play_scheduler::encode;
use play_scheduler::event::{APPROVE, DENY};

use crate::standing::text;

type Outcome<T> = std::result::Result<T, String>;

/// A run, as a test gives it and as it is expected again.
pub struct Record {
    /// What is given.
    pub spec: TestSpec,
    /// What came of it, in order.
    pub expect: Vec<Came>,
}

/// Something that came of a run.
pub enum Came {
    /// A write that the playbook did.
    Did(ActionId, Vec<Option<Value>>),
    /// A write that a shadow run would have done.
    Would(ActionId, Vec<Option<Value>>),
    /// One that a guard refused; or a person, in a supervised run that its guards had let on.
    Refused(ActionId, Option<String>),
    /// One that was taken back.
    Undone(ActionId),
    /// The class that the case was closed as.
    Closed(String),
    /// Who has the case.
    HandedOver(String),
    /// What a shadow run would have needed to go on.
    Needs(String),
}

/// The lines, and what they are read with.
struct Lines<'a> {
    manifest: &'a Manifest,
    all: Vec<ParsedLine>,
    opened: Timestamp,
}

/// Reads the lines of a run that is over, for this program: as a test, and what is to come of it.
///
/// # Errors
/// What is missing in the record, or in the program, in words.
pub fn read(manifest: &Manifest, lines: &[Vec<u8>], title: &str) -> Outcome<Record> {
    let (spec, read) = given(manifest, lines, title, Instead::default())?;
    let expect = read.came()?;
    Ok(Record { spec, expect })
}

/// What is given otherwise than the record has it.
#[derive(Default)]
pub struct Instead {
    /// The case, all its slots.
    pub case: Option<Vec<Value>>,
    /// The configuration, all of it.
    pub config: Option<Vec<Value>>,
}

/// Reads what a run was given, whether it is over or not, for this program, but for what is given instead.
///
/// # Errors
/// What is missing in the record, or in the program, in words.
pub fn spec(manifest: &Manifest, lines: &[Vec<u8>], title: &str, instead: Instead) -> Outcome<TestSpec> {
    Ok(given(manifest, lines, title, instead)?.0)
}

fn given<'a>(
    manifest: &'a Manifest,
    lines: &[Vec<u8>],
    title: &str,
    instead: Instead,
) -> Outcome<(TestSpec, Lines<'a>)> {
    let all: Vec<ParsedLine> = lines
        .iter()
        .map(|bytes| ParsedLine::parse(bytes).map_err(|e| format!("a line of it cannot be read: {e}")))
        .collect::<Outcome<_>>()?;
    let first = all.first().filter(|l| l.k == "run.opened").ok_or("its first line does not open a run")?;
    let autonomy = autonomy::read(first)?;
    let opened = at(first)?;
    let name = text(first, "playbook");
    let index = manifest.playbooks.iter().position(|p| p.name == name);
    let index = index.ok_or_else(|| format!("there is no playbook `{name}` any more"))?;
    let recorded = || encode::read_config(first.field("config"), manifest);
    let config = instead.config.map_or_else(recorded, Ok)?;
    let mut spec = TestSpec {
        title: title.to_string(),
        at: 0,
        case: Vec::new(),
        config,
        stubs: Vec::new(),
        persons: Vec::new(),
        arrivals: Vec::new(),
        counted: Vec::new(),
        others: Vec::new(),
        playbook: index,
        autonomy,
        expect: Vec::new(),
    };
    let read = Lines { manifest, all, opened };
    spec.case = instead.case.map_or_else(|| read.case(index), Ok)?;
    spec.stubs = read.stubs()?;
    spec.persons = read.persons()?;
    spec.arrivals = read.arrivals()?;
    spec.counted = read.counted();
    spec.others = read.others()?;
    Ok((spec, read))
}

fn at(line: &ParsedLine) -> Outcome<Timestamp> {
    line.t.parse().map_err(|_| format!("line {} has no time", line.seq))
}

/// As a person would write it: in whole seconds, and what is shorter in milliseconds.
fn whole(time: SignedDuration) -> SignedDuration {
    match time.as_secs() {
        0 => SignedDuration::from_millis(i64::from(time.subsec_millis())),
        seconds => SignedDuration::from_secs(seconds),
    }
}

impl Lines<'_> {
    fn line(&self, seq: u64) -> Option<&ParsedLine> {
        self.all.iter().find(|line| line.seq == seq)
    }

    /// The line whose `of` is this one, of one of these kinds.
    fn answer(&self, of: u64, kinds: &[&str]) -> Option<&ParsedLine> {
        self.all.iter().find(|line| kinds.contains(&line.k.as_str()) && line.number("of") == Some(of))
    }

    fn answers(&self, of: u64, kind: &str) -> impl Iterator<Item = &ParsedLine> {
        self.all.iter().filter(move |line| line.k == kind && line.number("of") == Some(of))
    }

    fn action(&self, line: &ParsedLine) -> Outcome<ActionId> {
        let name = text(line, "action");
        let found = self.manifest.actions.iter().position(|a| a.full_name() == name);
        let index = found.and_then(|i| u32::try_from(i).ok());
        index.map(ActionId).ok_or_else(|| format!("there is no action `{name}` any more"))
    }

    /// The arguments of a line in the order of these parameters.
    fn args(&self, line: &ParsedLine, params: &[(String, Type)]) -> Outcome<Vec<Option<Value>>> {
        let Some(J::Obj(given)) = line.field("args") else { return Ok(vec![None; params.len()]) };
        let one = |(name, ty): &(String, Type)| match given.get(name) {
            Some(position) => {
                let value = encode::read_value(position, ty, &self.manifest.types);
                value.map(Some).map_err(|why| format!("line {}: `{name}`: {why}", line.seq))
            }
            None => Ok(None),
        };
        params.iter().map(one).collect()
    }

    fn args_of(&self, line: &ParsedLine, action: ActionId) -> Outcome<Vec<Option<Value>>> {
        let params = self.manifest.actions.get(action.0 as usize).map(|a| a.params.as_slice());
        self.args(line, params.unwrap_or_default())
    }

    /// The case as it was mapped; what a test leaves out is as it is where nothing is mapped.
    fn case(&self, playbook: usize) -> Outcome<Vec<Value>> {
        let case = self.manifest.playbooks.get(playbook).map(|p| p.case).ok_or("no playbook")?;
        let types = &self.manifest.types;
        let first = self.all.first().ok_or("it has no lines")?;
        if let Some(given) = first.field("given") {
            return encode::read_given(given, case, types);
        }
        let fields = types.record(case).map(|r| r.fields.as_slice()).unwrap_or_default();
        let mapped = self.all.iter().find(|l| l.k == "case.mapped");
        let mapped = match mapped.and_then(|l| l.field("fields")) {
            Some(J::Obj(mapped)) => mapped.clone(),
            _ => BTreeMap::new(),
        };
        let mut values = Vec::with_capacity(fields.len());
        for (slot, field) in fields.iter().enumerate() {
            let default = case_default(slot);
            let own = slot < CASE_FIELDS.len() && default.is_none();
            let value = match mapped.get(&field.name).filter(|_| !own) {
                Some(position) => encode::read_value(position, &field.ty, types)
                    .map_err(|why| format!("the field `{}` of the case: {why}", field.name))?,
                None => default.unwrap_or(Value::None),
            };
            values.push(value);
        }
        Ok(values)
    }

    /// What each call was answered, in the order in which it was asked; one answer after the other where it was asked more
    /// than once with the same arguments.
    fn stubs(&self) -> Outcome<Vec<Stub>> {
        let mut stubs: Vec<Stub> = Vec::new();
        for line in self.all.iter().filter(|l| matches!(l.k.as_str(), "read.asked" | "act.intended")) {
            // What the program does not call any more needs no answer.
            let Ok(action) = self.action(line) else { continue };
            let Some((answer, after)) = self.answered(line, action)? else { continue };
            let args = self.args_of(line, action)?;
            let known = stubs
                .iter_mut()
                .find(|s| s.action == action && s.args.as_ref().is_some_and(|given| same(given, &args)));
            match known {
                Some(stub) => stub.then.push((answer, after)),
                None => stubs.push(Stub { action, args: Some(args), answer, after, then: Vec::new() }),
            }
        }
        Ok(stubs)
    }

    /// What a call was answered and how long that took; nothing when nobody waited for it any more.
    fn answered(
        &self,
        asked: &ParsedLine,
        action: ActionId,
    ) -> Outcome<Option<(StubAnswer, SignedDuration)>> {
        let kinds = ["read.answered", "read.failed", "act.done", "act.failed", "act.in_doubt"];
        let Some(line) = self.answer(asked.seq, &kinds) else { return Ok(None) };
        let after = SignedDuration::from_millis(line.field("ms").and_then(J::as_int).unwrap_or(0));
        let answer = match line.k.as_str() {
            "read.answered" | "act.done" => {
                let ty = self.manifest.actions.get(action.0 as usize).map(|a| &a.result);
                let position = line.field("val").ok_or("an answer has no value")?;
                let value = encode::read_value(position, ty.unwrap_or(&Type::Unit), &self.manifest.types);
                let name = text(asked, "action");
                StubAnswer::Returns(value.map_err(|why| format!("line {}: `{name}`: {why}", line.seq))?)
            }
            "act.in_doubt" => StubAnswer::Lost,
            // What the other side said may be about anybody.
            _ => {
                let name = text(line, "failure");
                let kind = FailureKind::ALL.iter().find(|kind| kind.name() == name);
                StubAnswer::Fails(*kind.ok_or_else(|| format!("line {}: `{name}` is no failure", line.seq))?)
            }
        };
        Ok(Some((answer, after)))
    }

    fn persons(&self) -> Outcome<Vec<PersonStub>> {
        let asked: Vec<&ParsedLine> = self.all.iter().filter(|l| l.k == "person.asked").collect();
        let mut persons = Vec::new();
        for line in &asked {
            let approval = text(line, "what") == "approval";
            let act = match (approval, line.number("of").and_then(|of| self.line(of))) {
                (true, Some(of)) => {
                    let action = self.action(of)?;
                    Some((action, Some(self.args_of(of, action)?)))
                }
                (true, None) => Some((self.action(line)?, None)),
                (false, _) => None,
            };
            let role = text(line, "to");
            // Each has the time since when they were asked.
            let since = |answer: &ParsedLine| {
                let theirs = |l: &&ParsedLine| text(l, "to") == text(answer, "role");
                self.answers(line.seq, "person.escalated").find(theirs).unwrap_or(line)
            };
            // Who is asked one thing only answers that.
            let others =
                asked.iter().filter(|l| text(l, "to") == role && text(l, "what") == text(line, "what"));
            let question = (!approval && others.count() > 1).then(|| text(line, "question"));
            // Where it took several, each that is named here is another person's.
            for answer in self.answers(line.seq, "person.answered") {
                let choice = text(answer, "choice");
                persons.push(PersonStub {
                    role: text(answer, "role"),
                    person: answer.field("person").and_then(J::as_str).map(str::to_string),
                    choice: match (approval, choice == APPROVE) {
                        (true, true) => APPROVE.into(),
                        (true, false) => DENY.into(),
                        (false, _) => choice,
                    },
                    approval,
                    act: act.clone(),
                    question: question.clone(),
                    because: text(answer, "because"),
                    after: whole(at(answer)?.duration_since(at(since(answer))?)),
                });
            }
        }
        Ok(persons)
    }

    fn arrivals(&self) -> Outcome<Vec<ArrivalStub>> {
        let mut arrivals = Vec::new();
        for line in self.all.iter().filter(|l| l.k == "event.arrived") {
            let wait =
                line.number("of").and_then(|of| self.line(of)).ok_or("an event that nobody waited for")?;
            let name = text(wait, "event");
            let index = self.manifest.events.iter().position(|e| e.full_name() == name);
            let index = index.ok_or_else(|| format!("there is no event `{name}` any more"))?;
            let spec = self.manifest.events.get(index).ok_or("no event")?;
            let position = line.field("val").ok_or("an event has no value")?;
            arrivals.push(ArrivalStub {
                event: u32::try_from(index).unwrap_or(u32::MAX),
                args: Some(self.args(wait, &spec.params)?),
                value: encode::read_value(position, &spec.result, &self.manifest.types)?,
                after: whole(at(line)?.duration_since(self.opened)),
            });
        }
        Ok(arrivals)
    }

    /// What each guard had counted when it was first asked.
    fn counted(&self) -> Vec<(usize, u32)> {
        let mut counted: BTreeMap<usize, u32> = BTreeMap::new();
        for line in self.all.iter().filter(|l| l.k == "guard.counted") {
            let Some(J::Obj(counts)) = line.field("counts") else { continue };
            let mut now: BTreeMap<usize, u32> = BTreeMap::new();
            for (name, position) in counts {
                let guard = name.rsplit_once('.').map_or(name.as_str(), |(guard, _)| guard);
                let index = self.manifest.guards.iter().position(|g| g.name == guard);
                let J::Obj(position) = position else { continue };
                let count = position.get("val").and_then(J::as_int).and_then(|n| u32::try_from(n).ok());
                if let (Some(index), Some(count)) = (index, count) {
                    let most = now.entry(index).or_default();
                    *most = count.max(*most);
                }
            }
            for (guard, count) in now {
                counted.entry(guard).or_insert(count);
            }
        }
        counted.into_iter().collect()
    }

    /// What other runs held when something was to be taken back.
    fn others(&self) -> Outcome<Vec<OtherHold>> {
        let mut others = Vec::new();
        for line in self.all.iter().filter(|l| l.k == "hold.checked" && l.field("holder").is_some()) {
            let act = line.number("of").and_then(|of| self.line(of)).filter(|l| l.k == "act.intended");
            let Some(act) = act else { continue };
            let action = self.action(act)?;
            let until = text(line, "until").parse::<Timestamp>().ok();
            others.push(OtherHold {
                action,
                args: Some(self.args_of(act, action)?),
                until: until.map(|until| whole(until.duration_since(self.opened))),
            });
        }
        Ok(others)
    }

    fn came(&self) -> Outcome<Vec<Came>> {
        let (mut came, mut end) = (Vec::new(), None);
        for line in &self.all {
            match line.k.as_str() {
                "act.intended" => match line.number("undoes").and_then(|of| self.line(of)) {
                    Some(act) if self.answer(line.seq, &["act.done"]).is_some() => {
                        came.push(Came::Undone(self.action(act)?));
                    }
                    Some(_) => {}
                    // A later attempt is the same act.
                    None if line.field("n").is_some() => {}
                    // Nor is one that was held until the run ended.
                    None if self.answer(line.seq, &["act.withdrawn"]).is_some() => {}
                    None => {
                        let action = self.action(line)?;
                        came.push(Came::Did(action, self.args_of(line, action)?));
                    }
                },
                "guard.refused" => {
                    if let Some(asked) = line.number("of").and_then(|of| self.line(of)) {
                        let guard = text(line, "guard");
                        let is_one = self.manifest.guards.iter().any(|g| g.name == guard);
                        came.push(Came::Refused(self.action(asked)?, is_one.then_some(guard)));
                    }
                }
                "act.would" => {
                    let action = self.action(line)?;
                    came.push(Came::Would(action, self.args_of(line, action)?));
                }
                "run.shadow_ended" => end = Some(Came::Needs(text(line, "needs"))),
                "run.closed" => end = Some(Came::Closed(text(line, "class"))),
                "run.handed_over" => end = Some(Came::HandedOver(text(line, "to"))),
                "run.faulted" => return Err("it ended by a fault: no test can expect that".into()),
                "cancel.asked" => return Err("a person ended it: no test can expect that".into()),
                _ => {}
            }
        }
        came.push(end.ok_or("it is not over: nothing is known of how it ends")?);
        Ok(came)
    }
}

fn same(a: &[Option<Value>], b: &[Option<Value>]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| match (a, b) {
            (Some(a), Some(b)) => a.same(b),
            (None, None) => true,
            _ => false,
        })
}

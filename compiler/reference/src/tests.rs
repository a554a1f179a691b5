//! `test` blocks, with their constants computed: what a test runner needs, whichever engine it runs.

use play_check::typed::{self, Body, Program};
use play_program::artifact::{ArrivalStub, Expect, OtherHold, PersonStub, Stub, StubAnswer, TestSpec};
use play_program::exec::Fault;
use play_program::value::Value;

use crate::constants::Constants;
use crate::pure::broken;
use crate::source::empty_case;

/// The tests of a program, in its order.
///
/// # Errors
/// The fault of a constant in one of them.
pub fn compile(program: &Program) -> Result<Vec<TestSpec>, Fault> {
    let constants = Constants::of(program);
    let values = Values { program, constants: &constants };
    program.tests.iter().map(|test| values.test(test)).collect()
}

struct Values<'a> {
    program: &'a Program,
    constants: &'a Constants,
}

impl Values<'_> {
    fn test(&self, test: &typed::Test) -> Result<TestSpec, Fault> {
        let mut case = empty_case(self.program, test.case);
        for (slot, body) in &test.given {
            if let Some(place) = case.get_mut(*slot) {
                *place = self.value(body)?;
            }
        }
        let mut config = crate::config::values(self.program, self.constants, None, &[])?;
        for (field, body) in &test.config {
            if let Some(place) = config.get_mut(*field) {
                *place = self.value(body)?;
            }
        }
        let mut conditions = 0..;
        let mut expect = Vec::new();
        for (at, what) in &test.expect {
            expect.push((*at, self.expect(what, &mut conditions)?));
        }
        Ok(TestSpec {
            title: test.title.clone(),
            at: test.at,
            case,
            config,
            stubs: test.stubs.iter().map(|stub| self.stub(stub)).collect::<Result<_, _>>()?,
            persons: test.persons.iter().map(|says| self.person(says)).collect::<Result<_, _>>()?,
            arrivals: test.arrivals.iter().map(|a| self.arrival(a)).collect::<Result<_, _>>()?,
            counted: test.counted.clone(),
            others: test.others.iter().map(|other| self.other(other)).collect::<Result<_, _>>()?,
            autonomy: test.autonomy.clone(),
            playbook: test.playbook,
            expect,
        })
    }

    fn value(&self, body: &Body) -> Result<Value, Fault> {
        self.constants.evaluate(self.program, body)
    }

    fn text(&self, body: &Body) -> Result<String, Fault> {
        match self.value(body)? {
            Value::Str(text) => Ok(text.to_string()),
            _ => Err(broken(body.expr.at)),
        }
    }

    fn texts(&self, body: &Body) -> Result<Vec<String>, Fault> {
        let Value::List(items) = self.value(body)? else { return Err(broken(body.expr.at)) };
        let text = |item: &Value| match item {
            Value::Str(text) => Ok(text.to_string()),
            _ => Err(broken(body.expr.at)),
        };
        items.iter().map(text).collect()
    }

    fn args(&self, args: Option<&[Option<Body>]>) -> Result<Option<Vec<Option<Value>>>, Fault> {
        let Some(args) = args else { return Ok(None) };
        args.iter()
            .map(|arg| arg.as_ref().map(|body| self.value(body)).transpose())
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn stub(&self, stub: &typed::Stub) -> Result<Stub, Fault> {
        Ok(Stub {
            action: stub.action,
            args: self.args(stub.args.as_deref())?,
            answer: self.answer(&stub.answer)?,
            after: stub.after,
            then: stub
                .then
                .iter()
                .map(|(answer, after)| Ok((self.answer(answer)?, *after)))
                .collect::<Result<_, _>>()?,
        })
    }

    fn other(&self, other: &typed::OtherHold) -> Result<OtherHold, Fault> {
        let args = self.args(other.args.as_deref())?;
        Ok(OtherHold { action: other.action, args, until: other.until })
    }

    fn person(&self, says: &typed::PersonStub) -> Result<PersonStub, Fault> {
        let text = |body: &Option<Body>| body.as_ref().map(|b| self.text(b)).transpose();
        Ok(PersonStub {
            role: says.role.clone(),
            person: text(&says.person)?,
            choice: says.choice.1.clone(),
            approval: says.approval,
            act: match &says.act {
                Some((action, args)) => Some((*action, self.args(args.as_deref())?)),
                None => None,
            },
            question: text(&says.question)?,
            because: text(&says.because)?.unwrap_or_else(|| "no reason is given".into()),
            after: says.after,
        })
    }

    fn arrival(&self, arrival: &typed::ArrivalStub) -> Result<ArrivalStub, Fault> {
        Ok(ArrivalStub {
            event: arrival.event,
            args: self.args(arrival.args.as_deref())?,
            value: arrival.value.as_ref().map_or(Ok(Value::None), |value| self.value(value))?,
            after: arrival.after,
        })
    }

    fn answer(&self, answer: &typed::StubAnswer) -> Result<StubAnswer, Fault> {
        Ok(match answer {
            typed::StubAnswer::Returns(body) => StubAnswer::Returns(self.value(body)?),
            typed::StubAnswer::Fails(kind) => StubAnswer::Fails(*kind),
            typed::StubAnswer::FailsSaying(kind, words) => StubAnswer::FailsSaying(*kind, self.text(words)?),
            typed::StubAnswer::Lost => StubAnswer::Lost,
        })
    }

    fn expect(
        &self,
        expect: &typed::Expect,
        conditions: &mut std::ops::RangeFrom<usize>,
    ) -> Result<Expect, Fault> {
        use typed::Expect as E;
        Ok(match expect {
            E::Closed(class) => Expect::Closed(*class),
            E::HandedOver(to) => Expect::HandedOver(to.clone()),
            E::Act { did, action, args } => {
                Expect::Act { did: *did, action: *action, args: self.args(args.as_deref())? }
            }
            E::Undone { action, args, after } => {
                Expect::Undone { action: *action, args: self.args(args.as_deref())?, after: *after }
            }
            E::Held { action, args, length } => {
                Expect::Held { action: *action, args: self.args(args.as_deref())?, length: *length }
            }
            E::Would { never, action, args } => {
                Expect::Would { never: *never, action: *action, args: self.args(args.as_deref())? }
            }
            E::Kept { action, args } => Expect::Kept { action: *action, args: self.args(args.as_deref())? },
            E::Times { action, args, times } => {
                Expect::Times { action: *action, args: self.args(args.as_deref())?, times: *times }
            }
            E::Read { action, args } => Expect::Read { action: *action, args: self.args(args.as_deref())? },
            E::Approved { never, action, args, by } => Expect::Approved {
                never: *never,
                action: *action,
                args: self.args(args.as_deref())?,
                by: by.clone(),
            },
            E::Asked { never, to, question, times } => Expect::Asked {
                never: *never,
                to: to.clone(),
                question: question.as_ref().map(|q| self.text(q)).transpose()?,
                times: *times,
            },
            E::Before { first, second } => Expect::Before {
                first: (first.0, self.args(first.1.as_deref())?),
                second: (second.0, self.args(second.1.as_deref())?),
            },
            E::Set(slot, value) => Expect::Set(*slot, self.value(value)?),
            E::Routed(to) => Expect::Routed(to.clone()),
            E::Refused { never, action, args, guard } => Expect::Refused {
                never: *never,
                action: *action,
                args: self.args(args.as_deref())?,
                guard: *guard,
            },
            E::Reason(what, body) => {
                Expect::Reason(Box::new(self.expect(what, conditions)?), self.text(body)?)
            }
            E::Reasons(body) => Expect::Reasons(self.texts(body)?),
            E::InDoubt(action) => Expect::InDoubt(*action),
            E::Because(body) => Expect::Because(self.text(body)?),
            E::Noted(body) => Expect::Noted(self.text(body)?),
            E::Elapsed(time) => Expect::Elapsed(*time),
            E::That(_) => Expect::That(conditions.next().unwrap_or_default()),
        })
    }
}

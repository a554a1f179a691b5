//! What has nodes, and what it is when they get other numbers: bodies are checked on two threads, each of which numbers its own.

use std::sync::Arc;

use play_program::guard;

use crate::dropped::Dropped;
use crate::typed::{
    ArrivalStub, Body, Const, Expect, Fn, Guard, NodeId, OtherHold, PersonStub, Playbook, Source, Stub,
    StubAnswer, Test,
};

/// What has nodes.
pub(crate) trait Numbered {
    /// They have numbers now that are greater by so much.
    fn renumber(&mut self, by: NodeId);
}

impl<T: Numbered> Numbered for Option<T> {
    fn renumber(&mut self, by: NodeId) {
        self.iter_mut().for_each(|one| one.renumber(by));
    }
}

impl<T: Numbered> Numbered for Vec<T> {
    fn renumber(&mut self, by: NodeId) {
        self.iter_mut().for_each(|one| one.renumber(by));
    }
}

impl Numbered for (Option<Source>, Vec<Dropped>) {
    fn renumber(&mut self, by: NodeId) {
        self.0.renumber(by);
    }
}

impl Numbered for Body {
    fn renumber(&mut self, by: NodeId) {
        let Self { locals: _, params: _, expr } = self;
        expr.renumber(by);
    }
}

impl Numbered for Fn {
    fn renumber(&mut self, by: NodeId) {
        let Self { name: _, at, body, result: _ } = self;
        *at = at.wrapping_add(by);
        Arc::make_mut(body).renumber(by);
    }
}

impl Numbered for Const {
    fn renumber(&mut self, by: NodeId) {
        let Self { name: _, body, ty: _ } = self;
        Arc::make_mut(body).renumber(by);
    }
}

impl Numbered for Source {
    fn renumber(&mut self, by: NodeId) {
        let Self { name: _, feed: _, at, case: _, accept, dedup, map } = self;
        *at = at.wrapping_add(by);
        let key = dedup.iter_mut().map(|(key, _)| key);
        let map = map.iter_mut().map(|(_, value)| value);
        accept.iter_mut().chain(key).chain(map).for_each(|body| body.renumber(by));
    }
}

impl Numbered for Playbook {
    fn renumber(&mut self, by: NodeId) {
        let Self { name: _, at, case: _, when, body, untils, config: _, controls: _, before: _, rank: _ } =
            self;
        *at = at.wrapping_add(by);
        when.renumber(by);
        body.renumber(by);
        untils.iter_mut().for_each(|until| until.expr.renumber(by));
    }
}

impl Numbered for Guard {
    fn renumber(&mut self, by: NodeId) {
        let Self { spec, conditions } = self;
        let guard::Guard { name: _, at, case: _, covers: _, params: _, clauses, otherwise } = spec;
        *at = at.wrapping_add(by);
        clauses.iter_mut().for_each(|clause| clause.at = clause.at.wrapping_add(by));
        if let guard::Otherwise::Approval { at, .. } = otherwise {
            *at = at.wrapping_add(by);
        }
        conditions.renumber(by);
    }
}

impl Numbered for Test {
    fn renumber(&mut self, by: NodeId) {
        let Self {
            title: _,
            at,
            case: _,
            given,
            config,
            stubs,
            persons,
            arrivals,
            counted: _,
            others,
            playbook: _,
            autonomy: _,
            expect,
        } = self;
        *at = at.wrapping_add(by);
        given.iter_mut().chain(config).for_each(|(_, body)| body.renumber(by));
        stubs.renumber(by);
        persons.renumber(by);
        arrivals.renumber(by);
        others.renumber(by);
        for (at, expected) in expect {
            *at = at.wrapping_add(by);
            expected.renumber(by);
        }
    }
}

impl Numbered for Stub {
    fn renumber(&mut self, by: NodeId) {
        let Self { action: _, args, answer, after: _, then } = self;
        args.renumber(by);
        answer.renumber(by);
        then.iter_mut().for_each(|(answer, _)| answer.renumber(by));
    }
}

impl Numbered for StubAnswer {
    fn renumber(&mut self, by: NodeId) {
        match self {
            StubAnswer::Returns(body) | StubAnswer::FailsSaying(_, body) => body.renumber(by),
            StubAnswer::Fails(_) | StubAnswer::Lost => {}
        }
    }
}

impl Numbered for PersonStub {
    fn renumber(&mut self, by: NodeId) {
        let Self { at, role: _, person, choice, approval: _, act, question, because, after: _ } = self;
        *at = at.wrapping_add(by);
        choice.0 = choice.0.wrapping_add(by);
        person.renumber(by);
        act.iter_mut().for_each(|(_, args)| args.renumber(by));
        question.renumber(by);
        because.renumber(by);
    }
}

impl Numbered for ArrivalStub {
    fn renumber(&mut self, by: NodeId) {
        let Self { event: _, args, value, after: _ } = self;
        args.renumber(by);
        value.renumber(by);
    }
}

impl Numbered for OtherHold {
    fn renumber(&mut self, by: NodeId) {
        let Self { action: _, args, until: _ } = self;
        args.renumber(by);
    }
}

impl Numbered for Expect {
    fn renumber(&mut self, by: NodeId) {
        match self {
            Expect::Act { args, .. }
            | Expect::Undone { args, .. }
            | Expect::Held { args, .. }
            | Expect::Kept { args, .. }
            | Expect::Would { args, .. }
            | Expect::Times { args, .. }
            | Expect::Read { args, .. }
            | Expect::Approved { args, .. }
            | Expect::Refused { args, .. } => args.renumber(by),
            Expect::Asked { question, .. } => question.renumber(by),
            Expect::Before { first, second } => {
                first.1.renumber(by);
                second.1.renumber(by);
            }
            Expect::Set(_, body)
            | Expect::Because(body)
            | Expect::Reasons(body)
            | Expect::Noted(body)
            | Expect::That(body) => body.renumber(by),
            Expect::Reason(what, body) => {
                what.renumber(by);
                body.renumber(by);
            }
            Expect::Closed(_)
            | Expect::HandedOver(_)
            | Expect::Routed(_)
            | Expect::InDoubt(_)
            | Expect::Elapsed(_) => {}
        }
    }
}

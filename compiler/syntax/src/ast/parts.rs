//! What is done to every part of a tree: its places move while the text before it changes, and its lists give back what they do
//! not need.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::*;

/// Something that is done to every part.
pub(crate) trait Touch: Copy {
    /// To a place.
    fn place(self, _: &mut Span) {}
    /// To a list, before what is in it.
    fn list<T>(self, _: &mut Vec<T>) {}
}

/// From where to where a part of a text has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// The index that its file has now.
    pub(crate) file: u32,
    /// How many bytes further it stands; where it is nearer, what has to be added for that in 32 bits.
    pub(crate) by: u32,
}

impl Way {
    /// The way of a part that began at `from` and begins at `to` in `file`.
    pub(crate) fn new(file: u32, from: u32, to: u32) -> Self {
        Self { file, by: to.wrapping_sub(from) }
    }
}

impl Touch for Way {
    fn place(self, span: &mut Span) {
        let Span { file, start, end } = span;
        *file = self.file;
        *start = start.wrapping_add(self.by);
        *end = end.wrapping_add(self.by);
    }
}

/// Lists take no more room than what is in them: most hold one thing or two, and have grown to four. A large project is read whole before
/// it is checked, and the system gives new memory slower than it is filled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fit;

impl Touch for Fit {
    fn list<T>(self, list: &mut Vec<T>) {
        list.shrink_to_fit();
    }
}

/// What has parts.
pub(crate) trait Parts {
    /// Does it to all of them.
    fn touch(&mut self, how: impl Touch);
}

impl Parts for Span {
    fn touch(&mut self, how: impl Touch) {
        how.place(self);
    }
}

/// What has none.
macro_rules! placeless {
    ($($ty:ty),* $(,)?) => {
        $(impl Parts for $ty {
            fn touch(&mut self, _: impl Touch) {}
        })*
    };
}

/// Every field by its name, so that none is forgotten.
macro_rules! records {
    ($($name:ident { $($field:ident),* $(,)? })*) => {
        $(impl Parts for $name {
            fn touch(&mut self, how: impl Touch) {
                let Self { $($field),* } = self;
                $($field.touch(how);)*
            }
        })*
    };
}

/// Every form by its name.
macro_rules! choices {
    ($($name:ident { $($form:ident $(($($part:ident),*))? $({ $($field:ident),* })?),* $(,)? })*) => {
        $(impl Parts for $name {
            fn touch(&mut self, how: impl Touch) {
                match self {
                    $(Self::$form $(($($part),*))? $({ $($field),* })? => {
                        let _ = how;
                        $($($part.touch(how);)*)?
                        $($($field.touch(how);)*)?
                    })*
                }
            }
        })*
    };
}

placeless!(
    String,
    EcoString,
    &'static str,
    bool,
    i64,
    u32,
    u64,
    f64,
    IpAddr,
    IpNet,
    Date,
    SignedDuration,
    Timestamp,
    UnaryOp,
    BinaryOp
);

impl<T: Parts> Parts for Vec<T> {
    fn touch(&mut self, how: impl Touch) {
        how.list(self);
        self.iter_mut().for_each(|part| part.touch(how));
    }
}

impl<T: Parts> Parts for Option<T> {
    fn touch(&mut self, how: impl Touch) {
        self.iter_mut().for_each(|part| part.touch(how));
    }
}

impl<T: Parts> Parts for Box<T> {
    fn touch(&mut self, how: impl Touch) {
        (**self).touch(how);
    }
}

impl<A: Parts, B: Parts> Parts for (A, B) {
    fn touch(&mut self, how: impl Touch) {
        self.0.touch(how);
        self.1.touch(how);
    }
}

records! {
    Name { text, span }
    Item { doc, span, kind }
    UsePath { segments, span }
    RecordDecl { name, fields }
    ConfigDecl { record, defaults }
    FieldDecl { doc, name, ty, labels, span }
    NewtypeDecl { name, of }
    EnumDecl { name, open, variants }
    VariantDecl { doc, name, holds }
    ConstDecl { name, ty, value }
    FailuresDecl { name, kinds }
    FnDecl { name, params, result, body }
    ProcedureDecl { name, params, case, result, body }
    Param { name, ty, labels }
    PlaybookDecl { name, case, when, controls, before, not_yet, body }
    ControlsDecl { name, controls }
    ConnectorDecl { name, config, auth, limit, actions, events }
    AuthDecl { scheme, args, grant, span }
    Grant { kind, method, named }
    ActionDecl {
        doc, write, broken, name, params, result, labels, method, path, query, headers, json, expect, timeout, undo, undo_when, verify,
        irreversible, snapshot, idempotent, class, fails, cache, retry, span,
    }
    EventDecl { doc, name, params, result, accept, matches, span }
    RetryDecl { times, backoff, span }
    VerifyDecl { call, is, gives }
    ExpectDecl { status, value, span }
    GuardDecl { name, case, covers, lines }
    GuardLine { kind, span }
    SourceDecl { name, from, case, accept, dedup, maps }
    Dedup { by, within, span }
    MapBlock { span, fields }
    TypeExpr { kind, span }
    Ranged { name, low, high }
    Target { kind, name }
    Block { stmts, span }
    Stmt { kind, span }
    Wait { what, every, until, within }
    Ask { to, question, choices, choices_span, showing, within, then, otherwise }
    Escalation { to, within }
    Quorum { persons, span }
    Approve { act, from, quorum, within, then, because }
    Arg { name, value }
    Arm { patterns, body, span }
    Pattern { kind, span }
    Capture { field, name }
    TestDecl { title, steps }
    TestStep { kind, span }
    Reply { answer, after }
    PersonStub { role, person, says, because, after }
    RunAs { word, asks }
    Expr { kind, span }
}

choices! {
    ItemKind {
        Use(a), Case(a), Record(a), Newtype(a), Enum(a), Const(a), Failures(a), Fn(a), Procedure(a), Source(a), Connector(a),
        Playbook(a), Guard(a), Config(a), Test(a), Controls(a), Role(a), Queue(a), NotYet { what },
    }
    Covers { Actions(a), Class(a) }
    GuardLineKind { Never(a), Limit { count, per }, Allow(a), Refuse, Approval { from, quorum, within, then } }
    TypeExprKind { Name(a), List(a), Option(a), Map(a, b), Ranged(a), NotYet(a) }
    StmtKind { Let { name, ty, value }, Expr(a) }
    Term { Retry { times, backoff }, Timeout(a), For(a), Irreversible(a) }
    Cond { Expr(a), Let { name, value } }
    PatternKind { Any, Variant { of, name, captures }, Range { low, high }, Literal(a), None }
    TestStepKind {
        GivenCase(a), GivenStub { action, args, replies }, GivenCounted { guard, count }, GivenOther { action, args, until },
        GivenConfig(a, b), GivenPerson(a), ExpectApproved { never, action, args, by }, ExpectAsked { never, to, question, times },
        Run(a, b), ExpectClosed(a), ExpectHandedOver(a), ExpectAct { did, action, args, how }, ExpectUndone { action, args, after },
        ExpectHeld { action, args, length }, ExpectKept { action, args }, ExpectWould { never, action, args },
        ExpectRead { action, args, times }, ExpectSet(a, b), ExpectRouted(a), ExpectInDoubt { action },
        ExpectRefused { never, action, args, guard }, ExpectBecause(a), ExpectReason { what, because }, ExpectReasons(a),
        ExpectNoted(a), ExpectElapsed(a), ExpectThat(a),
    }
    How { Times(a), Before { action, args } }
    Says { Answers { choice, question }, Decides { word, approves, act, args } }
    StubAnswer { Returns(a), Fails(a, b), Arrives(a, b), Lost(a) }
    ExprKind {
        Int(a), Float(a), Bool(a), None, Str(a), Ip(a), Cidr { net }, Duration(a), Size(a), Time(a), Date(a), Regex(a), List(a),
        Record { name, fields }, Object(a), Map(a), Name(a), Field { base, name, optional }, Index { base, index },
        Call { callee, args }, Lambda { param, body }, As { value, ty }, Try(a), Else { value, arm }, Unary { op, value },
        Binary { op, op_span, left, right }, Block(a), If { cond, then, other }, Match { value, arms }, For { var, list, body },
        Do(a), Set { field, value, because }, Note(a), Reveal { value, because }, Route { to, because }, HandOver { to, because },
        Close { class, because }, Step { name, body, other }, Rollback { because }, OnTerms { call, word, term }, Wait(a), Ask(a),
        Approve(a), NotYet { what, inner }, Error,
    }
    StrPart { Text(a), Expr(a) }
}

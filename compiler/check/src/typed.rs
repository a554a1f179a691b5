//! The typed program: every name resolved, every expression with its type and its effects. What is here cannot go wrong by
//! type at run time; the code generator and the reference evaluator both start from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use play_program::action::{Action, ActionId, Connector};
use play_program::artifact::Node;
use play_program::autonomy::Autonomy;
use play_program::builtin::BuiltinId;
pub use play_program::call::{Approval, Call, Happening, Poll, Question, Retry, Suspend, Terms};
use play_program::types::{RecordId, Type, TypeTable};
use play_program::value::{FailureKind, Value};
pub use play_syntax::ast::{BinaryOp, EcoString, UnaryOp};

/// Index into [`Program::nodes`]. Ids ascend in evaluation order within a playbook: a node that is evaluated earlier in
/// source order has the smaller id; an enclosing expression has a smaller id than its parts.
pub type NodeId = u32;

/// A checked program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Name of the project.
    pub project: String,
    /// All files, the standard library's that are used too.
    pub files: Vec<File>,
    /// Places of nodes.
    pub nodes: Vec<Node>,
    /// All types.
    pub types: TypeTable,
    /// Functions. None is recursive, and each only calls functions with a smaller index.
    pub fns: Vec<Fn>,
    /// Constants; each only uses constants with a smaller index.
    pub consts: Vec<Const>,
    /// Connectors.
    pub connectors: Vec<Connector>,
    /// Actions, their data; index is `ActionId`.
    pub actions: Vec<Action>,
    /// Actions, their expressions; same index.
    pub action_code: Vec<ActionCode>,
    /// Sources.
    pub sources: Vec<Source>,
    /// Playbooks.
    pub playbooks: Vec<Playbook>,
    /// How the runs of each playbook are driven that are opened from now on, by `play.toml`. No part of the artifact.
    pub autonomy: Vec<Autonomy>,
    /// Guards.
    pub guards: Vec<Guard>,
    /// Events of all connectors.
    pub events: Vec<Event>,
    /// The configuration, when it has one.
    pub config: Option<Config>,
    /// What is labelled as personal data.
    pub personal: Personal,
    /// Tests.
    pub tests: Vec<Test>,
    /// The bodies of procedures as they are by themselves; where one is called, its body stands.
    pub procedures: Vec<Expr>,
    /// What the project itself declares that runs, for reports.
    pub owners: Vec<Owner>,
}

/// A source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative path; `std/…` for the standard library.
    pub path: String,
    /// The whole text, shared with who has read it, and with who shows it.
    pub text: Arc<str>,
}

/// What is `pii`.
#[derive(Clone, Debug, Default)]
pub struct Personal {
    /// Fields, by record and name.
    pub fields: BTreeSet<(RecordId, String)>,
    /// Parameters of actions, by index.
    pub params: BTreeSet<(ActionId, usize)>,
    /// The results of actions.
    pub results: BTreeSet<ActionId>,
}

/// A declaration of the project that runs.
#[derive(Clone, Debug)]
pub struct Owner {
    /// `playbook`, `procedure`, `fn`, `guard`
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// The whole of it.
    pub place: Node,
}

/// Index of a local of a body (function, playbook, mapping, …): parameters first, then every `let`, loop variable, lambda
/// parameter and `if let` name in source order, each its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// A body: its locals and what it computes.
#[derive(Clone, Debug)]
pub struct Body {
    /// Name and type of each local, parameters first.
    pub locals: Vec<(EcoString, Type)>,
    /// How many of them are parameters.
    pub params: u32,
    /// What it computes.
    pub expr: Expr,
}

/// The condition of a wait: until when it asks again. Pure, and a `Bool`.
#[derive(Clone, Debug)]
pub struct Until {
    /// The locals of the body that it needs, in the order in which the wait has them as arguments; the last is the answer.
    pub needs: Vec<LocalId>,
    /// What it computes.
    pub expr: Expr,
}

/// A function. Pure.
#[derive(Clone, Debug)]
pub struct Fn {
    /// Its name.
    pub name: String,
    /// Its node.
    pub at: NodeId,
    /// Its body. `Try` in it gives `none` back from the function (its result is an option then).
    pub body: Arc<Body>,
    /// Its result type.
    pub result: Type,
}

/// A constant: no parameters. Evaluated by the code generator once; cannot fault (checked by evaluating it).
#[derive(Clone, Debug)]
pub struct Const {
    /// Its name.
    pub name: String,
    /// Its body.
    pub body: Arc<Body>,
    /// Its type.
    pub ty: Type,
}

/// The expressions of an action. All are bodies whose parameters are the action's.
#[derive(Clone, Debug)]
pub struct ActionCode {
    /// Path: literal parts and values, each value to be percent-encoded as one segment (type in the expression).
    pub path: Vec<PathPart>,
    /// Query parameters; an absent option is left out.
    pub query: Vec<(String, Body)>,
    /// Headers; an absent option is left out.
    pub headers: Vec<(String, Body)>,
    /// JSON body.
    pub json: Option<JsonTemplate>,
    /// For each status of `Action::statuses` the result: a body with two more parameters after the action's: `body: Json`,
    /// `status: Int`. `None`: the result is nothing (`Type::Unit`). Where the expression is `Json` and the result type
    /// is another, it holds the conversion. `Try` in it fails with `BadResponse`.
    pub respond: Vec<Option<Body>>,
    /// What takes it back: parameters are the action's, its result, and the snapshot.
    pub undo: Option<Related>,
    /// The read that is asked before it is done: parameters are the action's.
    pub snapshot: Option<Related>,
    /// The read that finds out whether it was done: parameters are the action's.
    pub verify: Option<Related>,
    /// What that answered: parameters are the action's, and the answer. Its condition says that the write was done; its only
    /// argument, if it has one, is the result then.
    pub verified: Option<Related>,
}

/// An action that belongs to another: its undo, its snapshot.
#[derive(Clone, Debug)]
pub struct Related {
    /// Which.
    pub action: ActionId,
    /// Its arguments, as a list, in order of its parameters.
    pub args: Body,
    /// Whether it is needed at all; it is without this.
    pub when: Option<Body>,
}

/// A part of a path template.
#[derive(Clone, Debug)]
pub enum PathPart {
    /// As it stands.
    Text(String),
    /// One segment.
    Value(Body),
}

/// The JSON of a request.
#[derive(Clone, Debug)]
pub enum JsonTemplate {
    /// `{ … }`; a member whose value is an absent option is left out.
    Object(Vec<(String, JsonTemplate)>),
    /// `[ … ]`
    List(Vec<JsonTemplate>),
    /// A value, by `convert::plain_json`.
    Value(Body),
}

/// An event of a connector. Its bodies have one parameter, `payload: Json`.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its data.
    pub spec: play_program::artifact::Event,
    /// Whether a record is one.
    pub accept: Body,
    /// To what it happened: one a parameter.
    pub keys: Vec<Body>,
    /// What it gives; without it, nothing.
    pub gives: Option<Body>,
}

/// A source. Its bodies have one parameter, `payload: Json`. `Try` in them ends the mapping: the record is unmapped.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// `aws.guardduty`
    pub feed: String,
    /// Its node.
    pub at: NodeId,
    /// The case type.
    pub case: RecordId,
    /// `accept`, in source order; all must hold.
    pub accept: Vec<Body>,
    /// Key and window.
    pub dedup: Option<(Body, SignedDuration)>,
    /// Slot and value of each field written, in source order. Every own field of the case that is not an option is
    /// written; an option that is not written is `none`.
    pub map: Vec<(usize, Body)>,
}

/// A playbook.
#[derive(Clone, Debug)]
pub struct Playbook {
    /// Its name.
    pub name: String,
    /// Its node.
    pub at: NodeId,
    /// The case type.
    pub case: RecordId,
    /// Its condition: no parameters; `CaseField` reads the case.
    pub when: Option<Body>,
    /// Its body: no parameters; of type `Never` (every path ends).
    pub body: Body,
    /// The conditions of its waits.
    pub untils: Vec<Until>,
    /// The values of the configuration that a run of it rests on, ascending.
    pub config: Vec<usize>,
    /// The controls that it carries out: `iso27001.A_5_26`, in source order.
    pub controls: Vec<String>,
    /// The playbooks that it says to come before, by index.
    pub before: Vec<usize>,
    /// Of the playbooks that take a case, the one with the smallest rank does.
    pub rank: u32,
}

/// The configuration of a project. Its values are read as `CaseField`s of the slots of [`play_program::config`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Its layout.
    pub record: RecordId,
    /// The default of each value, where it has one.
    pub defaults: Vec<Option<Body>>,
    /// What `[config]` of `play.toml` gives, by index.
    pub given: Vec<(usize, Value)>,
    /// What `[env.NAME.config]` gives, by name of the environment.
    pub environments: Vec<(String, Vec<(usize, Value)>)>,
}

/// A guard.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Its data.
    pub spec: play_program::guard::Guard,
    /// The condition of each clause; `None` for a clause without one. Its parameters are those of `spec`; `CaseField` reads the
    /// case.
    pub conditions: Vec<Option<Body>>,
}

/// A `test` block. All values in it are constant expressions without parameters.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its title.
    pub title: String,
    /// Its node.
    pub at: NodeId,
    /// The case type.
    pub case: RecordId,
    /// Slot and value of each field given. What is not given has its default (severity, title) or is an option.
    pub given: Vec<(usize, Body)>,
    /// Values of the configuration, by index; the others are as the project has them.
    pub config: Vec<(usize, Body)>,
    /// Stubs.
    pub stubs: Vec<Stub>,
    /// What persons say.
    pub persons: Vec<PersonStub>,
    /// What arrives.
    pub arrivals: Vec<ArrivalStub>,
    /// What the limits of a guard (by index) have counted before the run.
    pub counted: Vec<(usize, u32)>,
    /// What other runs hold.
    pub others: Vec<OtherHold>,
    /// Index of the playbook.
    pub playbook: usize,
    /// How it is driven.
    pub autonomy: Autonomy,
    /// Expectations.
    pub expect: Vec<(NodeId, Expect)>,
}

/// `given okta.user(_) returns …`
#[derive(Clone, Debug)]
pub struct Stub {
    /// Which action.
    pub action: ActionId,
    /// One an argument; `None` fits any. `None` as a whole fits all.
    pub args: Option<Vec<Option<Body>>>,
    /// The answer of the first call, and after how long.
    pub answer: StubAnswer,
    /// `after`, zero unless given.
    pub after: SignedDuration,
    /// The answers of the calls after it; the last one stays.
    pub then: Vec<(StubAnswer, SignedDuration)>,
}

/// `given another run holds okta.suspend("x") until 1d`
#[derive(Clone, Debug)]
pub struct OtherHold {
    /// Which action.
    pub action: ActionId,
    /// As in [`Stub`].
    pub args: Option<Vec<Option<Body>>>,
    /// From the opening of the run; for good without it.
    pub until: Option<SignedDuration>,
}

/// `given tickets.closed(_) arrives Ticket { … } after 2h`
#[derive(Clone, Debug)]
pub struct ArrivalStub {
    /// Which event, by index.
    pub event: u32,
    /// As in [`Stub`].
    pub args: Option<Vec<Option<Body>>>,
    /// What it gives; nothing without it.
    pub value: Option<Body>,
    /// How long after the run was opened.
    pub after: SignedDuration,
}

/// `given role.analyst answers Yes because "…" after 10m`
#[derive(Clone, Debug)]
pub struct PersonStub {
    /// Its node: the role.
    pub at: NodeId,
    /// `role.analyst`
    pub role: String,
    /// Who of them.
    pub person: Option<Body>,
    /// The node of the choice, and its name; `approve` or `deny` where it is an approval.
    pub choice: (NodeId, String),
    /// It is an approval, or its refusal.
    pub approval: bool,
    /// Of this act only, with arguments as in [`Stub`].
    pub act: Option<(ActionId, Option<Vec<Option<Body>>>)>,
    /// What the question has to contain.
    pub question: Option<Body>,
    /// Why.
    pub because: Option<Body>,
    /// How long it takes.
    pub after: SignedDuration,
}

/// What a stub gives.
#[derive(Clone, Debug)]
pub enum StubAnswer {
    /// A result.
    Returns(Body),
    /// A failure.
    Fails(FailureKind),
    /// A failure, with what the other side says.
    FailsSaying(FailureKind, Body),
    /// No answer after the request went out (writes only).
    Lost,
}

/// What a test expects.
#[derive(Clone, Debug)]
pub enum Expect {
    /// Tag of the closure class.
    Closed(u32),
    /// `queue.tier2`
    HandedOver(Option<String>),
    /// `did`, `never`
    Act {
        /// `did` or `never`.
        did: bool,
        /// Which.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Body>>>,
    },
    /// It was taken back, with these arguments and so long after it was done, if given.
    Undone {
        /// Which.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Body>>>,
        /// How long after.
        after: Option<SignedDuration>,
    },
    /// It was done for a time, for this long if given.
    Held {
        /// Which.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Body>>>,
        /// How long.
        length: Option<SignedDuration>,
    },
    /// Another run held the same when it was to be taken back.
    Kept {
        /// Which.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Body>>>,
    },
    /// A shadow run would have done it.
    Would {
        /// It would not.
        never: bool,
        /// Which.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Body>>>,
    },
    /// Done or asked exactly so often.
    Times {
        /// Which.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Body>>>,
        /// How often.
        times: u64,
    },
    /// A read was asked.
    Read {
        /// Which.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Body>>>,
    },
    /// Somebody approved it.
    Approved {
        /// Nobody did.
        never: bool,
        /// Which.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Body>>>,
        /// `role.soc_lead`
        by: Option<String>,
    },
    /// Somebody was asked.
    Asked {
        /// Nobody was asked that.
        never: bool,
        /// `role.analyst`
        to: String,
        /// What the question contains.
        question: Option<Body>,
        /// How often.
        times: Option<u64>,
    },
    /// The first of these acts was done before the first of those.
    Before {
        /// Which, and its arguments as in [`Stub`].
        first: (ActionId, Option<Vec<Option<Body>>>),
        /// The other.
        second: (ActionId, Option<Vec<Option<Body>>>),
    },
    /// A field of the case was set to this at some time.
    Set(usize, Body),
    /// The case was routed, there if given.
    Routed(Option<String>),
    /// In doubt at the end.
    InDoubt(ActionId),
    /// Refused at least once, by this guard if named.
    Refused {
        /// No guard did.
        never: bool,
        /// The write.
        action: ActionId,
        /// As in [`Stub`].
        args: Option<Vec<Option<Body>>>,
        /// Index of the guard.
        guard: Option<usize>,
    },
    /// The reason contains the text.
    Because(Body),
    /// What is expected, and a part of the reason for it: of what ends or changes the case, and of an approval.
    Reason(Box<Expect>, Body),
    /// The reasons of changes, rollbacks and the ending, in order: as many, and each contains its text. A list.
    Reasons(Body),
    /// A note contains the text.
    Noted(Body),
    /// Virtual time.
    Elapsed(SignedDuration),
    /// A condition: no parameters; `CaseField` reads the case at its end. Numbered in order of appearance in the test.
    That(Body),
}

/// What an expression, with all its parts, may do. Sets of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Contains a read.
    pub read: bool,
    /// Contains a `do` or a wait.
    pub act: bool,
    /// Contains a `set`, `note` or `route`.
    pub change: bool,
    /// Contains a `close` or `hand over` outside of an `else` arm.
    pub end: bool,
    /// Contains an `else` arm that can end the run (an `else` whose arm contains `close` or `hand over`).
    pub end_in_else: bool,
    /// Contains an operation that can fault (checked arithmetic, or a function that does), or a `for` that is reached only
    /// once something else is known, and may have too many passes then.
    pub fault: bool,
    /// Contains a `for` with effects.
    pub passes: bool,
}

impl Effects {
    /// Nothing but computing (it may fault).
    #[must_use]
    pub fn is_pure(self) -> bool {
        !(self.read || self.act || self.change || self.end || self.end_in_else)
    }

    /// A barrier: see the rules in `play_program::exec`.
    #[must_use]
    pub fn is_barrier(self) -> bool {
        self.act || self.end
    }

    /// Contains an ordered thing: see the rules in `play_program::exec`.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        self.change || self.end_in_else || self.fault || self.act || self.end
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Effects) -> Effects {
        Effects {
            read: self.read || other.read,
            act: self.act || other.act,
            change: self.change || other.change,
            end: self.end || other.end,
            end_in_else: self.end_in_else || other.end_in_else,
            fault: self.fault || other.fault,
            passes: self.passes || other.passes,
        }
    }

    /// The same of what is reached only once something else is known: an arm, a right side, a pass. How many passes a `for` in
    /// it has is not known before (rule 12 in `play_program::exec`).
    #[must_use]
    pub fn later(self) -> Effects {
        Effects { fault: self.fault || self.passes, ..self }
    }
}

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What.
    pub kind: ExprKind,
    /// Its type. `Failable` expressions (a call of an action, `as`) have the type of their success; the checker has made
    /// sure that an `Else`, `Try` or `IfLet` stands directly round them.
    pub ty: Type,
    /// Its node.
    pub at: NodeId,
    /// What it may do, with all its parts.
    pub fx: Effects,
}

/// What an `Else`, `Try` or `IfLet` guards against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The value is an option: it is missing when it is `Value::None`.
    Option,
    /// The value is a conversion (`As`): it is missing when it fails.
    Conversion,
    /// The value is a call (`Read`, `Do`, `Rollback`) or a wait: it is missing when it fails (a write: was not sent or was
    /// refused).
    Call,
}

/// The forms of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant value.
    Lit(Value),
    /// A local.
    Local(LocalId),
    /// A field of the case at hand, by slot.
    CaseField(usize),
    /// A constant of the program, by index.
    Const(usize),
    /// A field of a record, by slot.
    Field(Box<Expr>, usize),
    /// A field of an optional record: `none` when there is no record (never nested: an optional field stays an option).
    OptField(Box<Expr>, usize),
    /// A built-in function over evaluated arguments. Pure, total.
    Builtin(BuiltinId, Vec<Expr>),
    /// A built-in function with a lambda over a list.
    ListOp {
        /// Which.
        op: ListOp,
        /// Over what.
        list: Box<Expr>,
        /// The lambda's parameter.
        var: LocalId,
        /// Its body. Pure.
        body: Box<Expr>,
    },
    /// A function of the program, by index.
    Call(usize, Vec<Expr>),
    /// A record, its fields in slot order (absent options are `Lit(None)`).
    Record(RecordId, Vec<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ "a": 1 }`: keys and values, in turn.
    Map(Vec<Expr>),
    /// A string: parts are displayed (`convert::display` by their type) and joined.
    Interp(Vec<Expr>),
    /// `-x`: Int (checked), Float, Duration (checked).
    Neg(Box<Expr>),
    /// `not x`
    Not(Box<Expr>),
    /// `a and b`, short-circuit.
    And(Box<Expr>, Box<Expr>),
    /// `a or b`, short-circuit.
    Or(Box<Expr>, Box<Expr>),
    /// Any other operator. The types of the sides say which: see `docs/reference.md`, “Operators”.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `x.key` of a `Json`.
    JsonKey(Box<Expr>, String),
    /// `x[0]`, `x["k"]` of a `Json`.
    JsonIndex(Box<Expr>, Box<Expr>),
    /// `x.exists` of a `Json`: something other than `null` stands there.
    JsonExists(Box<Expr>),
    /// `x as T` of a `Json` or a `String`. Fails when it is not one.
    As(Box<Expr>, Type),
    /// `x?`. In a source: the record is unmapped. In `expect … -> …`: `BadResponse`. In a function: gives `none` back.
    Try(Missing, Box<Expr>),
    /// `x else y`. `arm` may be of type `Never`.
    Else(Missing, Box<Expr>, Box<Expr>),
    /// What is done when a call failed, where it looks at the failure: the local is a record `Failure`. Only as the arm of
    /// an `Else` or the `other` of an `IfLet` that guards a call, and of a `Step`.
    Catch(LocalId, Box<Expr>),
    /// `if c { … } else { … }`; without `else` its type is `Unit`.
    If(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    /// `if let u = x { … } else { … }`
    IfLet {
        /// Option, conversion or call.
        missing: Missing,
        /// What may be missing.
        value: Box<Expr>,
        /// What it is called when it is there.
        var: LocalId,
        /// When it is there.
        then: Box<Expr>,
        /// When not.
        other: Option<Box<Expr>>,
    },
    /// `match`, exhaustive.
    Match {
        /// On what.
        value: Box<Expr>,
        /// In source order.
        arms: Vec<Arm>,
    },
    /// `for x in xs { … }`: the list of what the passes give; of type `Unit` when the body's is `Unit` or `Never`.
    For {
        /// The variable.
        var: LocalId,
        /// Over what.
        list: Box<Expr>,
        /// For each.
        body: Box<Expr>,
    },
    /// Statements, then a value (`Unit` without one).
    Block(Vec<Stmt>, Option<Box<Expr>>),
    /// `step NAME { … } else { … }`: gives nothing. What fails in the body, and is not handled there, ends the body and
    /// starts `other`.
    Step {
        /// Its name.
        name: Box<str>,
        /// What is to be done.
        body: Box<Expr>,
        /// What is done when that fails.
        other: Box<Expr>,
    },
    /// Fails the innermost step in whose body it stands: the arm of an `Else` round a call, that is not written.
    FailStep,
    /// `rollback because "…"`: takes back what the step round it did, or the run. Only directly inside an `Else` or `IfLet`.
    Rollback {
        /// Why: a `String`.
        because: Box<Expr>,
    },
    /// A call of a read. Only directly inside an `Else` or `IfLet`.
    Read(ActionId, Vec<Expr>, Box<Terms>),
    /// A `do`. Only directly inside an `Else` or `IfLet`.
    Do(ActionId, Vec<Expr>, Box<Terms>),
    /// A wait, with its arguments. Only directly inside an `Else` or `IfLet`.
    Suspend(Box<Suspend>, Vec<Expr>),
    /// `set f = x because "…"`
    Set {
        /// Slot of the case.
        slot: usize,
        /// New value.
        value: Box<Expr>,
        /// Why: a `String`.
        because: Box<Expr>,
    },
    /// `note "…"`
    Note(Box<Expr>),
    /// What `reveal x because "…"` records: that the value of a local is shown from here on.
    Revealed {
        /// The local.
        value: Box<Expr>,
        /// Why.
        because: Box<Expr>,
    },
    /// `route to queue.x because "…"`
    Route {
        /// `queue.x`
        to: String,
        /// Why.
        because: Box<Expr>,
    },
    /// `hand over to queue.x because "…"`
    HandOver {
        /// `queue.x`
        to: String,
        /// Why.
        because: Box<Expr>,
    },
    /// `close Class because "…"`
    Close {
        /// Tag of the closure class.
        class: u32,
        /// Why.
        because: Box<Expr>,
    },
}

impl ExprKind {
    /// What is asked of the world, and with which arguments.
    #[must_use]
    pub fn asked(&self) -> Option<(Call, &[Expr])> {
        match self {
            Self::Read(action, args, terms) => Some((Call::Read(*action, Terms::clone(terms)), args)),
            Self::Do(action, args, terms) => Some((Call::Act(*action, Terms::clone(terms)), args)),
            Self::Suspend(what, args) => Some((Call::Suspend(Suspend::clone(what)), args)),
            _ => None,
        }
    }

    /// What is waited for.
    #[must_use]
    pub fn suspends(&self) -> Option<&Suspend> {
        if let Self::Suspend(what, _) = self { Some(what) } else { None }
    }
}

/// Functions that take a lambda. The lambda's body is Bool but for `Map`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListOp {
    /// `xs.any(x => …)`: stops at the first that holds.
    Any,
    /// `xs.all(x => …)`: stops at the first that does not hold.
    All,
    /// `xs.filter(x => …)`
    Filter,
    /// `xs.map(x => …)`
    Map,
    /// `xs.count(x => …)`
    Count,
    /// `xs.find(x => …)`: the first, or none.
    Find,
}

/// An arm of a `match`.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Alternatives.
    pub patterns: Vec<Pattern>,
    /// The patterns as written: `Suspicious | Malicious`.
    pub label: String,
    /// What then.
    pub body: Expr,
}

/// A pattern.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Anything.
    Any,
    /// Whole numbers from the first to the second.
    Range(i64, i64),
    /// A value, compared by `Value::same`. `Value::None` fits an absent option; another value fits a present option's content.
    Value(Value),
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Stmt {
    /// `let x = …`
    Let(LocalId, Expr),
    /// An expression for its effect.
    Expr(Expr),
}

#[cfg(test)]
mod tests {
    use super::Expr;

    #[test]
    fn an_expression_is_as_small_as_a_size_of_the_allocator() {
        assert!(size_of::<Expr>() <= 80, "{}", size_of::<Expr>());
    }
}

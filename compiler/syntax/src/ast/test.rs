//! Tests, and what is given and expected in them.

use super::{Expr, Name, Span, Target};

/// `test "…" { given … run … expect … }`
#[derive(Clone, Debug, PartialEq)]
pub struct TestDecl {
    /// Its title.
    pub title: Name,
    /// In source order.
    pub steps: Vec<TestStep>,
}

/// One line of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStep {
    /// What it says.
    pub kind: TestStepKind,
    /// Where.
    pub span: Span,
}

/// The lines that a test may have.
#[derive(Clone, Debug, PartialEq)]
pub enum TestStepKind {
    /// `given Phishing { … }`: the case. The expression is of kind `Record`.
    GivenCase(Expr),
    /// `given okta.user(_) returns User { … } after 100ms` · `given okta.user("x") fails Timeout then returns User { … }`
    GivenStub {
        /// `okta.user`
        action: (Name, Name),
        /// One an argument; `None` for `_`. `None` as a whole when no parentheses were written: any arguments.
        args: Option<Vec<Option<Expr>>>,
        /// The answers, one a call; the last one stays. Never empty.
        replies: Vec<Reply>,
    },
    /// `given guard mailbox_cleanup counted 20`: what its limits have counted before this run.
    GivenCounted {
        /// The guard.
        guard: Name,
        /// An integer literal.
        count: Expr,
    },
    /// `given another run holds okta.suspend("x") until 1d`: what it was done to, and until when.
    GivenOther {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// How long from the opening of the run; for good without it.
        until: Option<Expr>,
    },
    /// `given config.own_domains = ["example.com"]`
    GivenConfig(Name, Expr),
    /// `given role.analyst answers Yes because "…" after 10m`
    GivenPerson(Box<PersonStub>),
    /// `expect approved okta.suspend("x") by role.soc_lead` · `expect never approved okta.suspend`
    ExpectApproved {
        /// `never`: nobody does.
        never: bool,
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// Who does.
        by: Option<Target>,
    },
    /// `expect asked role.analyst "malicious" times 2` · `expect never asked role.analyst`
    ExpectAsked {
        /// `never`: nobody is asked that.
        never: bool,
        /// Who.
        to: Target,
        /// What the question contains: a text.
        question: Option<Expr>,
        /// How often.
        times: Option<Expr>,
    },
    /// `run triage` · `run triage as shadow`
    Run(Name, Option<RunAs>),
    /// `expect closed FalsePositive`
    ExpectClosed(Name),
    /// `expect handed over to queue.tier2` (target may be left out)
    ExpectHandedOver(Option<Target>),
    /// `expect did okta.suspend` · `expect did okta.suspend("x")` · `expect never okta.suspend`
    ExpectAct {
        /// `did` or `never`.
        did: bool,
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// How often, or before which other act.
        how: Option<How>,
    },
    /// `expect undone okta.suspend("x")` · `expect undone okta.suspend("x") after 4h`
    ExpectUndone {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// How long after it was done.
        after: Option<Expr>,
    },
    /// `expect held okta.suspend("x")` · `expect held okta.suspend("x") for 4h`
    ExpectHeld {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// For how long.
        length: Option<Expr>,
    },
    /// `expect kept okta.suspend("x")`: another run held it.
    ExpectKept {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
    },
    /// `expect would okta.suspend("x")`: a shadow run would have done it. `expect never would okta.suspend`
    ExpectWould {
        /// `never`: it would not.
        never: bool,
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
    },
    /// `expect read okta.user("x")` · `expect read okta.user times 2`
    ExpectRead {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// How often.
        times: Option<Expr>,
    },
    /// `expect set severity = High`: at some time it was set to that.
    ExpectSet(Name, Expr),
    /// `expect routed to queue.tier2` (target may be left out)
    ExpectRouted(Option<Target>),
    /// `expect in doubt okta.suspend`
    ExpectInDoubt {
        /// The action.
        action: (Name, Name),
    },
    /// `expect refused mailbox.purge("x") by guard mailbox_cleanup` (the guard may be left out)
    ExpectRefused {
        /// `never`: no guard does.
        never: bool,
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// The guard.
        guard: Option<Name>,
    },
    /// `expect because contains "…"`: of the closing or handing over.
    ExpectBecause(Expr),
    /// `expect closed FalsePositive because "…"`: what is expected, and a part of the reason for it.
    ExpectReason {
        /// What.
        what: Box<TestStep>,
        /// A text.
        because: Expr,
    },
    /// `expect reasons ["…", "…"]`: all that the playbook gave, in order; each contains the text.
    ExpectReasons(Expr),
    /// `expect noted "…"`: a note contains the text.
    ExpectNoted(Expr),
    /// `expect elapsed == 100ms`: virtual time from opening to end.
    ExpectElapsed(Expr),
    /// `expect case.severity == High`: a condition over the case at its end.
    ExpectThat(Expr),
}

/// `times 2` · `before tickets.open(_)`
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// Exactly so often.
    Times(Expr),
    /// The first of these before the first of those.
    Before {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
    },
}

/// One answer of a stub.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What it gives.
    pub answer: StubAnswer,
    /// `after 100ms`
    pub after: Option<Expr>,
}

/// What somebody says in a test.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonStub {
    /// Who.
    pub role: Target,
    /// Who of them, by name: a string.
    pub person: Option<Expr>,
    /// What.
    pub says: Says,
    /// Why they say so.
    pub because: Option<Expr>,
    /// `after 10m`
    pub after: Option<Expr>,
}

/// What somebody says who was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// `answers Yes to "malicious"`
    Answers {
        /// The choice.
        choice: Name,
        /// What the question contains: a text.
        question: Option<Expr>,
    },
    /// `approves okta.suspend("x")` · `denies`
    Decides {
        /// The word.
        word: Name,
        /// Whether it is `approves`.
        approves: bool,
        /// The act, with its arguments as in `GivenStub`; any without it.
        act: Option<(Name, Name)>,
        /// Arguments.
        args: Option<Vec<Option<Expr>>>,
    },
}

/// What a stub gives back.
#[derive(Clone, Debug, PartialEq)]
pub enum StubAnswer {
    /// `returns EXPR`
    Returns(Expr),
    /// `fails Timeout` · `fails Denied "the account is locked"`
    Fails(Name, Option<Expr>),
    /// `arrives EXPR`: of an event; the value may be left out where there is none to speak of.
    Arrives(Option<Expr>, Span),
    /// `is lost`: for writes: the request went out, no answer came. The act is in doubt.
    Lost(Span),
}

/// `as supervised by role.soc_lead within 4h` · `as shadow`: how the run of a test is driven.
#[derive(Clone, Debug, PartialEq)]
pub struct RunAs {
    /// `shadow`, `supervised` or `automatic`, as it is written.
    pub word: Name,
    /// Who is asked for every write, and how long they have.
    pub asks: Option<(Target, Expr)>,
}

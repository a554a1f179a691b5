//! Blocks, statements, and what stands in them: patterns, conditions, waits and questions.

use super::{Expr, Name, Span, TypeExpr};

/// `queue.tier2`, `role.soc_lead`
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// `queue` or `role`.
    pub kind: Name,
    /// `tier2`
    pub name: Name,
}

impl Target {
    /// The whole of it.
    #[must_use]
    pub fn span(&self) -> Span {
        self.kind.span.to(self.name.span)
    }
}

/// `{ … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// In source order. The last expression statement of a block is its value.
    pub stmts: Vec<Stmt>,
    /// With its braces.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// What.
    pub kind: StmtKind,
    /// Where.
    pub span: Span,
}

/// The kinds of statements. `close`, `set`, `do` … are expressions (they may stand in an arm).
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// `let x: T = expr`
    Let {
        /// The name; `_` is allowed.
        name: Name,
        /// The type, when written: seldom.
        ty: Option<Box<TypeExpr>>,
        /// The value.
        value: Expr,
    },
    /// An expression.
    Expr(Expr),
}

/// What a call says of itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `retry 3 backoff 2s`
    Retry {
        /// How often.
        times: Box<Expr>,
        /// How long after.
        backoff: Option<Box<Expr>>,
    },
    /// `timeout 10s`
    Timeout(Box<Expr>),
    /// `for 4h`: taken back after that.
    For(Box<Expr>),
    /// `irreversible because "…"`: not taken back, and why.
    Irreversible(Box<Expr>),
}

/// `wait 5m`, `wait tickets.closed(t) within 5d`, `wait sandbox.report(id) every 30s until answer.done within 10m`
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// For how long, or for what.
    pub what: Expr,
    /// How often to look.
    pub every: Option<Expr>,
    /// What its answer has to be.
    pub until: Option<Expr>,
    /// How long at the longest.
    pub within: Option<Expr>,
}

/// `ask role.analyst "Is this mail malicious?" { Yes, No } showing urls within 4h else Yes because "…"`
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Who.
    pub to: Target,
    /// What: a text.
    pub question: Expr,
    /// What can be answered.
    pub choices: Vec<Name>,
    /// With its braces.
    pub choices_span: Span,
    /// What they are shown.
    pub showing: Vec<Expr>,
    /// How long they have; `None` when it was left out (the checker reports it).
    pub within: Option<Expr>,
    /// Who is asked after that, one after the other.
    pub then: Vec<Escalation>,
    /// What counts as the answer when there is none, and why.
    pub otherwise: Option<(Name, Expr)>,
}

/// `then role.soc_lead within 1h`: who is asked as well, when nobody has decided in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Escalation {
    /// Who.
    pub to: Target,
    /// How long they have: a duration literal.
    pub within: Expr,
}

/// How many different persons an approval takes: `2 of`.
#[derive(Clone, Debug, PartialEq)]
pub struct Quorum {
    /// The number; `None` for one that no number of persons can be.
    pub persons: Option<u32>,
    /// With the `of`.
    pub span: Span,
}

/// `approve okta.suspend(user) from 2 of role.soc_lead within 2h because "…"`
#[derive(Clone, Debug, PartialEq)]
pub struct Approve {
    /// The act: a call.
    pub act: Expr,
    /// Who is asked; `None` when it was left out (the checker reports it, as with the others).
    pub from: Option<Target>,
    /// How many of them; one when it is left out.
    pub quorum: Option<Quorum>,
    /// How long they have.
    pub within: Option<Expr>,
    /// Who is asked after that, one after the other.
    pub then: Vec<Escalation>,
    /// Why it is asked for.
    pub because: Option<Expr>,
}

/// The condition of an `if`.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// `if c`
    Expr(Box<Expr>),
    /// `if let u = case.user`
    Let {
        /// What it is called when it is there.
        name: Name,
        /// What may be missing.
        value: Box<Expr>,
    },
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// `title` of `title: x`.
    pub name: Option<Name>,
    /// `x`
    pub value: Expr,
}

/// One arm of a `match`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Alternatives: `A | B`.
    pub patterns: Vec<Pattern>,
    /// What then.
    pub body: Expr,
    /// Where.
    pub span: Span,
}

/// A pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// What.
    pub kind: PatternKind,
    /// Where.
    pub span: Span,
}

/// A name for a part of what a member holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// Which part, where that is written; else by its position.
    pub field: Option<Name>,
    /// What it is called in the arm; `_` for nothing.
    pub name: Name,
}

/// The forms of patterns.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternKind {
    /// `_`
    Any,
    /// `Clean`, `Verdict.Clean`
    Variant {
        /// `Verdict`, when written.
        of: Option<Name>,
        /// `Clean`
        name: Name,
        /// `(family, score: n)`: names for its contents, when there are parentheses.
        captures: Option<Vec<Capture>>,
    },
    /// `40..69`
    Range {
        /// The smallest.
        low: i64,
        /// The largest.
        high: i64,
    },
    /// A literal: an expression of one of the literal kinds (a negative integer is folded into the literal).
    Literal(Box<Expr>),
    /// `none`
    None,
}

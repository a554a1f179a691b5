//! Expressions and operators.

use std::net::IpAddr;

use ecow::EcoString;
use ipnet::IpNet;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Approve, Arg, Arm, Ask, Block, Cond, Name, Span, Target, Term, TypeExpr, Wait};

/// The functions of lists that take a lambda.
pub const LIST_OPS: &[&str] = &[
    "any", "all", "none", "one", "filter", "map", "flat_map", "count", "find", "sort_by", "min_by", "max_by",
    "group_by", "count_by",
];

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

impl Expr {
    /// A text that is written out, without anything put into it.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Str(parts) => match parts.as_slice() {
                [] => Some(""),
                [StrPart::Text(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The forms of expressions. There are very many of the commonest: what only seldom ones have stands in a box, so that all are small.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `42`
    Int(i64),
    /// `2.5`
    Float(f64),
    /// `true`
    Bool(bool),
    /// `none`
    None,
    /// `"a {b} c"`: a string without interpolation is one `Text`, or no part when empty.
    Str(Vec<StrPart>),
    /// `10.0.0.1`, `fe80::1`
    Ip(IpAddr),
    /// `10.0.0.0/8` (host bits as written; the checker rejects them)
    Cidr {
        /// As written.
        net: IpNet,
    },
    /// `1h30m`
    Duration(SignedDuration),
    /// `5MB`, in bytes
    Size(u64),
    /// `2026-11-20T12:00Z`
    Time(Timestamp),
    /// `2026-11-20`
    Date(Date),
    /// `/…/`: the pattern, `\/` already reduced to `/`.
    Regex(String),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `Host { id: x }`
    Record {
        /// The type.
        name: Box<Name>,
        /// In source order.
        fields: Vec<(Name, Expr)>,
    },
    /// `{ action: "contain", ids: [id] }`: the JSON of a request, or a map; keys are words or texts.
    Object(Vec<(Name, Expr)>),
    /// `{ 22: "ssh", 443: "https" }`: a map, with a key among them that is neither a word nor a text.
    Map(Vec<(Expr, Expr)>),
    /// `x`, `case`, `payload`
    Name(EcoString),
    /// `a.b`; `optional` for `a?.b`
    Field {
        /// What has the field.
        base: Box<Expr>,
        /// The field.
        name: Name,
        /// `?.`
        optional: bool,
    },
    /// `a[0]`, `a["k"]`
    Index {
        /// What is indexed.
        base: Box<Expr>,
        /// By what.
        index: Box<Expr>,
    },
    /// `f(x, title: y)`; the callee is a `Name` or a `Field`.
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// With what.
        args: Vec<Arg>,
    },
    /// `u => u.host`: only as an argument.
    Lambda {
        /// Its one parameter.
        param: Name,
        /// Its body.
        body: Box<Expr>,
    },
    /// `x as Int`
    As {
        /// What.
        value: Box<Expr>,
        /// To what.
        ty: Box<TypeExpr>,
    },
    /// `x?`
    Try(Box<Expr>),
    /// `x else y`: `y` may be a block or a `close`.
    Else {
        /// What may be missing or fail.
        value: Box<Expr>,
        /// What then.
        arm: Box<Expr>,
    },
    /// `not x`, `-x`
    Unary {
        /// Which.
        op: UnaryOp,
        /// Of what.
        value: Box<Expr>,
    },
    /// `a + b`, `a and b`, `ip in net`, `s matches /x/`
    Binary {
        /// Which.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `{ … }`
    Block(Block),
    /// `if c { … } else { … }`; an `else if` is an `Expr` of kind `If` in `other`.
    If {
        /// The condition.
        cond: Box<Cond>,
        /// When it holds.
        then: Box<Block>,
        /// When not.
        other: Option<Box<Expr>>,
    },
    /// `match x { A => …, B | C => …, _ => … }`
    Match {
        /// On what.
        value: Box<Expr>,
        /// In source order.
        arms: Vec<Arm>,
    },
    /// `for x in xs { … }`
    For {
        /// The variable.
        var: Box<Name>,
        /// Over what.
        list: Box<Expr>,
        /// For each.
        body: Box<Block>,
    },
    /// `do okta.suspend(user)`: the call is an `Expr` of kind `Call` (checked later).
    Do(Box<Expr>),
    /// `set severity = High because "…"`
    Set {
        /// The field of the case.
        field: Box<Name>,
        /// Its new value.
        value: Box<Expr>,
        /// Why; `None` when it was left out (the checker reports it).
        because: Option<Box<Expr>>,
    },
    /// `note "…"`
    Note(Box<Expr>),
    /// `reveal case.user because "…"`
    Reveal {
        /// What.
        value: Box<Expr>,
        /// Why.
        because: Option<Box<Expr>>,
    },
    /// `route to queue.tier2 because "…"`
    Route {
        /// To where.
        to: Box<Target>,
        /// Why.
        because: Option<Box<Expr>>,
    },
    /// `hand over to queue.tier2 because "…"`
    HandOver {
        /// To whom.
        to: Box<Target>,
        /// Why.
        because: Option<Box<Expr>>,
    },
    /// `close FalsePositive because "…"`
    Close {
        /// The closure class.
        class: Name,
        /// Why.
        because: Option<Box<Expr>>,
    },
    /// `step contain { … } else { … }`
    Step {
        /// `contain`
        name: Box<Name>,
        /// What is to be done.
        body: Box<Block>,
        /// What is done when it fails; `None` when it was left out (the checker reports it).
        other: Option<Box<Block>>,
    },
    /// `rollback because "…"`
    Rollback {
        /// Why; `None` when it was left out (the checker reports it).
        because: Option<Box<Expr>>,
    },
    /// `okta.user(x) retry 3`, `do okta.suspend(x) timeout 10s`
    OnTerms {
        /// The call.
        call: Box<Expr>,
        /// Its keyword.
        word: Box<Name>,
        /// What it says of itself.
        term: Box<Term>,
    },
    /// `wait 5m`, `wait tickets.closed(t) within 5d`
    Wait(Box<Wait>),
    /// `ask role.analyst "Is this mail malicious?" { Yes, No } within 4h else Yes because "…"`
    Ask(Box<Ask>),
    /// `approve okta.suspend(user) from role.soc_lead within 2h because "…"`
    Approve(Box<Approve>),
    /// A construct not supported yet.
    /// `what` is its keyword as the message should name it; `inner` is the expression it was attached to, if any, so
    /// that the rest is still checked.
    NotYet {
        /// `ask`, …
        what: Name,
        /// What it was attached to.
        inner: Option<Box<Expr>>,
    },
    /// Could not be parsed; an error is reported already, and nothing more is to be said.
    Error,
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq)]
pub enum StrPart {
    /// Text, escapes already resolved.
    Text(String),
    /// `{expr}`
    Expr(Box<Expr>),
}

/// Prefix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Neg,
}

/// Infix operators, loosest first: `or`, `and`, comparisons (which do not chain), `+ -`, `* / %`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`: an element in a list, an address in a network
    In,
    /// `matches`: a string and a regex
    Matches,
    /// `like`: a string and a wildcard pattern
    Like,
    /// `ilike`: the same, both in lower case
    ILike,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
}

#[cfg(test)]
mod tests {
    use super::Expr;

    #[test]
    fn an_expression_is_as_small_as_a_size_of_the_allocator() {
        assert!(size_of::<Expr>() <= 64, "{}", size_of::<Expr>());
    }
}

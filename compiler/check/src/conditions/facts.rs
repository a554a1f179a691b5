//! What is known at a place of the source, and what follows from it for a condition.

use std::collections::BTreeSet;
use std::rc::Rc;

use play_program::builtin;
use play_program::types::{Type, TypeTable};
use play_program::value::Value;
use play_syntax::ast::BinaryOp;

use super::range::{Limit, Range, number};
use super::terms::{bare, fields, may_be_nan, same};
use crate::interval;
use crate::typed::{Expr, ExprKind, NodeId};

/// What a condition is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'e> {
    /// A value.
    Value(&'e Expr),
    /// The length of a text or list.
    Len(&'e Expr),
    /// Whether two values are equal.
    Equal(&'e Expr, &'e Expr),
    /// Whether the first is less than the second.
    Less(&'e Expr, &'e Expr),
}

impl<'e> Subject<'e> {
    fn exprs(self) -> impl Iterator<Item = &'e Expr> {
        let (a, b) = match self {
            Self::Value(e) | Self::Len(e) => (e, None),
            Self::Equal(a, b) | Self::Less(a, b) => (a, Some(b)),
        };
        std::iter::once(a).chain(b)
    }

    fn is(self, other: Subject<'_>) -> bool {
        match (self, other) {
            (Self::Value(a), Subject::Value(b)) | (Self::Len(a), Subject::Len(b)) => same(a, b),
            (Self::Less(a, b), Subject::Less(c, d)) => same(a, c) && same(b, d),
            (Self::Equal(a, b), Subject::Equal(c, d)) => same(a, c) && same(b, d) || same(a, d) && same(b, c),
            _ => false,
        }
    }
}

/// A condition taken apart as far as can be.
enum Atom<'e> {
    /// It holds, or does not, whatever the case.
    Known(bool, Plain),
    /// It holds just when the subject is within the limit.
    Within(Subject<'e>, Limit),
}

impl<'e> Atom<'e> {
    fn is(subject: Subject<'e>, holds: bool) -> Self {
        Self::Within(subject, Limit::OneOf(vec![Value::Bool(holds)]))
    }

    /// A condition of which nothing is known but itself.
    fn opaque(e: &'e Expr) -> Self {
        Self::is(Subject::Value(e), true)
    }
}

/// Why a condition is decided without anything that stands above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// Both sides are the same.
    SameSides,
    /// There are only literals in it.
    Literals,
    /// No value of its type is different.
    EveryValue,
}

/// What is known, and since where.
#[derive(Clone, Debug)]
struct Fact<'e> {
    subject: Subject<'e>,
    limit: Rc<Limit>,
    /// The condition that says so.
    at: NodeId,
    /// Whether that condition held.
    held: bool,
}

/// A decided condition.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    /// Always true, or never.
    pub(crate) holds: bool,
    /// Why, where nothing above it is the reason.
    pub(crate) plain: Option<Plain>,
    /// The conditions above it that are the reason, and whether they held.
    pub(crate) since: Vec<(NodeId, bool)>,
}

/// All that is known at one place.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'e> {
    types: &'e TypeTable,
    known: Vec<Fact<'e>>,
}

impl<'e> Facts<'e> {
    pub(crate) fn new(types: &'e TypeTable) -> Self {
        Self { types, known: Vec::new() }
    }

    /// Takes note that a condition held, or did not.
    pub(crate) fn learn(&mut self, e: &'e Expr, holds: bool) {
        let e = bare(e);
        match &e.kind {
            ExprKind::Not(inner) => return self.learn(inner, !holds),
            ExprKind::And(a, b) if holds => {
                self.learn(a, true);
                self.learn(b, true);
            }
            ExprKind::Or(a, b) if !holds => {
                self.learn(a, false);
                self.learn(b, false);
            }
            _ => {}
        }
        if let Atom::Within(subject, limit) = self.atom(e) {
            self.keep(subject, if holds { limit } else { limit.not() }, e.at, holds);
        }
    }

    /// Takes note that a value is there, or absent; said by what stands at `at`.
    pub(crate) fn learn_presence(&mut self, e: &'e Expr, there: bool, at: NodeId) {
        let none = vec![Value::None];
        let limit = if there { Limit::NoneOf(none) } else { Limit::OneOf(none) };
        self.keep(Subject::Value(bare(e)), limit, at, there);
    }

    /// Takes note that a value is one of some, or none of them; said by what stands at `at`.
    pub(crate) fn learn_values(&mut self, e: &'e Expr, values: Vec<Value>, among: bool, at: NodeId) {
        let limit = if among { Limit::OneOf(values) } else { Limit::NoneOf(values) };
        self.keep(Subject::Value(bare(e)), limit, at, among);
    }

    /// Takes note that a value is a whole number from one to another; said by what stands at `at`.
    pub(crate) fn learn_range(&mut self, e: &'e Expr, low: i64, high: i64, at: NodeId) {
        self.keep(Subject::Value(bare(e)), Limit::AtLeast(low.into()), at, true);
        self.keep(Subject::Value(bare(e)), Limit::AtMost(high.into()), at, true);
    }

    fn keep(&mut self, subject: Subject<'e>, limit: Limit, at: NodeId, held: bool) {
        // What is computed anew each time, or asked of somebody, says nothing of the next time.
        if subject.exprs().all(|e| e.fx.is_pure()) {
            self.known.push(Fact { subject, limit: Rc::new(limit), at, held });
        }
    }

    /// Forgets what is known of fields of the case.
    pub(crate) fn forget(&mut self, slots: &BTreeSet<usize>) {
        if slots.is_empty() {
            return;
        }
        self.known.retain(|fact| {
            let mut looked_at = BTreeSet::new();
            fact.subject.exprs().for_each(|e| fields(e, &mut looked_at));
            looked_at.is_disjoint(slots)
        });
    }

    /// Whether a condition is decided here.
    pub(crate) fn decide(&self, e: &'e Expr) -> Option<Decided> {
        let e = bare(e);
        let plain = |holds, plain| Some(Decided { holds, plain: Some(plain), since: Vec::new() });
        match self.atom(e) {
            Atom::Known(holds, why) => plain(holds, why),
            Atom::Within(subject, limit) => match self.all_of(subject).answer(&limit) {
                Some(holds) => plain(holds, Plain::EveryValue),
                None => self.by_facts(subject, &limit),
            },
        }
    }

    fn by_facts(&self, subject: Subject<'e>, limit: &Limit) -> Option<Decided> {
        let mut range = self.all_of(subject);
        let about: Vec<&Fact<'_>> = self.known.iter().filter(|f| f.subject.is(subject)).collect();
        about.iter().for_each(|f| range.limit(&f.limit));
        let holds = range.answer(limit)?;
        // One of them may say it alone; the nearest that does is what is shown.
        let alone = about.iter().rev().find(|f| {
            let mut range = self.all_of(subject);
            range.limit(&f.limit);
            range.answer(limit) == Some(holds)
        });
        let since = match alone {
            Some(fact) => vec![(fact.at, fact.held)],
            None => about.iter().map(|f| (f.at, f.held)).collect(),
        };
        Some(Decided { holds, plain: None, since })
    }

    /// The values that a subject can have by its type alone.
    fn all_of(&self, subject: Subject<'_>) -> Range {
        match subject {
            Subject::Len(_) => {
                let mut range = Range::of(None);
                range.limit(&Limit::AtLeast(0));
                range
            }
            Subject::Equal(..) | Subject::Less(..) => Range::of(self.values_of(&Type::Bool)),
            Subject::Value(e) => {
                let mut range = Range::of(self.values_of(&e.ty));
                let inside =
                    if let Type::Option(of) = &e.ty { interval::of_type(of) } else { interval::of(e) };
                if let Some((low, high)) =
                    inside.filter(|inside| *inside != interval::ALL && inside.0 < inside.1)
                {
                    range.limit(&Limit::AtLeast(low));
                    range.limit(&Limit::AtMost(high));
                }
                if e.ty == Type::Size {
                    range.limit(&Limit::AtLeast(0));
                }
                range
            }
        }
    }

    fn values_of(&self, ty: &Type) -> Option<Vec<Value>> {
        match ty {
            Type::Bool => Some(vec![Value::Bool(false), Value::Bool(true)]),
            Type::Enum(id) if self.types.enumeration(*id).is_some_and(|e| e.open) => None,
            Type::Enum(id) => {
                let count = crate::names::index(self.types.enumeration(*id)?.variants.len());
                Some((0..count).map(Value::Enum).collect())
            }
            Type::Option(of) => {
                let mut all = self.values_of(of)?;
                all.push(Value::None);
                Some(all)
            }
            _ => None,
        }
    }

    fn atom(&self, e: &'e Expr) -> Atom<'e> {
        match &e.kind {
            ExprKind::Lit(Value::Bool(b)) => Atom::Known(*b, Plain::Literals),
            ExprKind::Binary(op, a, b) => self.comparison(e, *op, bare(a), bare(b)),
            ExprKind::Builtin(id, args) => {
                let Some(of) = builtin::get(*id) else { return Atom::opaque(e) };
                let Some(receiver) = args.first().map(bare) else { return Atom::opaque(e) };
                if let Some(values) = literals(args) {
                    return match of.eval(&values, &receiver.ty, self.types) {
                        Value::Bool(holds) => Atom::Known(holds, Plain::Literals),
                        _ => Atom::opaque(e),
                    };
                }
                match (of.name, args.len()) {
                    ("is_some", 1) => {
                        Atom::Within(Subject::Value(receiver), Limit::NoneOf(vec![Value::None]))
                    }
                    ("is_none", 1) => Atom::Within(Subject::Value(receiver), Limit::OneOf(vec![Value::None])),
                    ("is_empty", 1) => match length(receiver) {
                        Some(n) => Atom::Known(n == 0, Plain::Literals),
                        None => Atom::Within(Subject::Len(receiver), Limit::AtMost(0)),
                    },
                    _ => Atom::opaque(e),
                }
            }
            _ => Atom::opaque(e),
        }
    }

    fn comparison(&self, e: &'e Expr, op: BinaryOp, a: &'e Expr, b: &'e Expr) -> Atom<'e> {
        use BinaryOp::{Eq, Ge, Gt, In, Le, Lt, Ne};
        match (op, &a.kind, &b.kind) {
            (In, _, ExprKind::List(items)) => match literals(items) {
                Some(items) if items.is_empty() => Atom::Known(false, Plain::EveryValue),
                // A list of networks holds more addresses than it has elements.
                Some(items) if b.ty == Type::List(Box::new(a.ty.clone())) => match &a.kind {
                    ExprKind::Lit(value) => Atom::Known(items.iter().any(|i| i.same(value)), Plain::Literals),
                    _ => Atom::Within(subject(a), Limit::OneOf(items)),
                },
                _ => Atom::opaque(e),
            },
            (Eq | Ne, ExprKind::Lit(x), ExprKind::Lit(y)) => {
                Atom::Known(x.same(y) == (op == Eq), Plain::Literals)
            }
            (Lt | Le | Gt | Ge, ExprKind::Lit(x), ExprKind::Lit(y)) => match (number(x), number(y)) {
                (Some(x), Some(y)) => Atom::Known(orders(op, x, y), Plain::Literals),
                _ => Atom::opaque(e),
            },
            (Eq | Ne | Lt | Le | Gt | Ge, ..)
                if same(a, b) && !may_be_nan(&a.ty, self.types, 0) && a.fx.is_pure() =>
            {
                Atom::Known(matches!(op, Eq | Le | Ge), Plain::SameSides)
            }
            (Eq | Ne | Lt | Le | Gt | Ge, _, ExprKind::Lit(value)) => limited(e, op, a, value),
            (Eq | Ne | Lt | Le | Gt | Ge, ExprKind::Lit(value), _) => limited(e, turned(op), b, value),
            (Eq | Ne, ..) => Atom::is(Subject::Equal(a, b), op == Eq),
            (Lt | Gt | Le | Ge, ..) if !may_be_nan(&a.ty, self.types, 0) => match op {
                Lt => Atom::is(Subject::Less(a, b), true),
                Gt => Atom::is(Subject::Less(b, a), true),
                Le => Atom::is(Subject::Less(b, a), false),
                _ => Atom::is(Subject::Less(a, b), false),
            },
            _ => Atom::opaque(e),
        }
    }
}

/// `subject OP literal`
fn limited<'e>(e: &'e Expr, op: BinaryOp, of: &'e Expr, value: &Value) -> Atom<'e> {
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    if matches!(value, Value::Float(_)) {
        return Atom::opaque(e);
    }
    let limit = match (op, number(value)) {
        (Eq, _) => Limit::OneOf(vec![value.clone()]),
        (Ne, _) => Limit::NoneOf(vec![value.clone()]),
        (Lt, Some(n)) => Limit::AtMost(n.saturating_sub(1)),
        (Le, Some(n)) => Limit::AtMost(n),
        (Gt, Some(n)) => Limit::AtLeast(n.saturating_add(1)),
        (Ge, Some(n)) => Limit::AtLeast(n),
        _ => return Atom::opaque(e),
    };
    Atom::Within(subject(of), limit)
}

/// What a comparison is about: `x.len` is about the length of `x`.
fn subject(e: &Expr) -> Subject<'_> {
    match &e.kind {
        ExprKind::Builtin(id, args) if builtin::get(*id).is_some_and(|b| b.name == "len") => {
            match args.as_slice() {
                [of] => Subject::Len(bare(of)),
                _ => Subject::Value(e),
            }
        }
        _ => Subject::Value(e),
    }
}

/// The same comparison, read from the right.
fn turned(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        other => other,
    }
}

fn orders(op: BinaryOp, x: i128, y: i128) -> bool {
    match op {
        BinaryOp::Lt => x < y,
        BinaryOp::Le => x <= y,
        BinaryOp::Gt => x > y,
        _ => x >= y,
    }
}

pub(super) fn literals(items: &[Expr]) -> Option<Vec<Value>> {
    let literal =
        |e: &Expr| if let ExprKind::Lit(value) = &bare(e).kind { Some(value.clone()) } else { None };
    items.iter().map(literal).collect()
}

/// How long a list that is written out is; a text with something written in it is longer than 0.
fn length(e: &Expr) -> Option<usize> {
    match &e.kind {
        ExprKind::List(items) => Some(items.len()),
        ExprKind::Interp(parts) => {
            let written = |p: &Expr| matches!(&p.kind, ExprKind::Lit(Value::Str(text)) if !text.is_empty());
            parts.iter().any(written).then_some(1)
        }
        _ => None,
    }
}

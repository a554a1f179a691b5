//! What a condition fixes: the values that a field of the case has wherever it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use play_program::builtin::BuiltinId;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::BinaryOp;

use super::facts::literals;
use super::terms::bare;
use crate::typed::{Expr, ExprKind};

/// One step from the case to what is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Case(usize),
    Field(usize),
    OptField(usize),
    Of(BuiltinId),
}

/// A value that is the same as another just when it is equal to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Plain {
    None,
    Bool(bool),
    Int(i64),
    Enum(u32),
    Str(Arc<str>),
}

/// Of each place that is fixed, the values that it can have.
pub(crate) type Fixed = BTreeMap<Vec<Step>, BTreeSet<Plain>>;

/// What a condition fixes where it comes out so. Two conditions that fix one place to values of which none is the same never hold
/// together.
pub(crate) fn fixed(e: &Expr, is: bool) -> Fixed {
    let e = bare(e);
    match (&e.kind, is) {
        (ExprKind::Not(inner), _) => fixed(inner, !is),
        (ExprKind::And(a, b), true) | (ExprKind::Or(a, b), false) => {
            let mut all = fixed(a, is);
            for (place, values) in fixed(b, is) {
                match all.get_mut(&place) {
                    Some(before) => before.retain(|value| values.contains(value)),
                    None => drop(all.insert(place, values)),
                }
            }
            all
        }
        (ExprKind::And(a, b), false) | (ExprKind::Or(a, b), true) => {
            let (all, mut others) = (fixed(a, is), fixed(b, is));
            let both = all.into_iter().filter_map(|(place, mut values)| {
                values.append(&mut others.remove(&place)?);
                Some((place, values))
            });
            both.collect()
        }
        (ExprKind::Binary(BinaryOp::Eq, a, b), true) | (ExprKind::Binary(BinaryOp::Ne, a, b), false) => {
            let (a, b) = (bare(a), bare(b));
            match (&a.kind, &b.kind) {
                (_, ExprKind::Lit(value)) => one(a, std::slice::from_ref(value)),
                (ExprKind::Lit(value), _) => one(b, std::slice::from_ref(value)),
                _ => Fixed::new(),
            }
        }
        (ExprKind::Binary(BinaryOp::In, a, b), true) => {
            let (a, b) = (bare(a), bare(b));
            match &b.kind {
                // A list of networks holds more addresses than it has elements.
                ExprKind::List(items) if b.ty == Type::List(Box::new(a.ty.clone())) => {
                    literals(items).map(|values| one(a, &values)).unwrap_or_default()
                }
                _ => Fixed::new(),
            }
        }
        (ExprKind::CaseField(_) | ExprKind::Field(..), _) if e.ty == Type::Bool => one(e, &[Value::Bool(is)]),
        _ => Fixed::new(),
    }
}

fn one(of: &Expr, values: &[Value]) -> Fixed {
    let values: Option<BTreeSet<Plain>> = values.iter().map(plain).collect();
    path(of).zip(values).into_iter().collect()
}

fn path(e: &Expr) -> Option<Vec<Step>> {
    let (inner, step) = match &bare(e).kind {
        ExprKind::CaseField(slot) => return Some(vec![Step::Case(*slot)]),
        ExprKind::Field(of, slot) => (of, Step::Field(*slot)),
        ExprKind::OptField(of, slot) => (of, Step::OptField(*slot)),
        ExprKind::Builtin(id, args) => match args.as_slice() {
            [of] => return then(of, Step::Of(*id)),
            _ => return None,
        },
        _ => return None,
    };
    then(inner, step)
}

fn then(inner: &Expr, step: Step) -> Option<Vec<Step>> {
    let mut steps = path(inner)?;
    steps.push(step);
    Some(steps)
}

fn plain(value: &Value) -> Option<Plain> {
    match value {
        Value::None => Some(Plain::None),
        Value::Bool(b) => Some(Plain::Bool(*b)),
        Value::Int(n) => Some(Plain::Int(*n)),
        Value::Enum(tag) => Some(Plain::Enum(*tag)),
        Value::Str(text) => Some(Plain::Str(Arc::clone(text))),
        _ => None,
    }
}

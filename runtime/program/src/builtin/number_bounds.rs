//! The smaller and the larger of two numbers.

use std::cmp::Ordering;

use crate::builtin::{Builtin, Call, Shape};
use crate::ops::order;
use crate::value::Value;

pub(super) const INT_MIN: Builtin = Builtin {
    name: "min",
    property: false,
    receiver: Shape::Int,
    params: &[Shape::Int],
    result: Shape::Int,
    doc: "The smaller of both.",
    examples: &[("3.min(5)", "3")],
    run: |call| better(call, Ordering::is_lt),
};

pub(super) const INT_MAX: Builtin = Builtin {
    name: "max",
    property: false,
    receiver: Shape::Int,
    params: &[Shape::Int],
    result: Shape::Int,
    doc: "The larger of both.",
    examples: &[("3.max(5)", "5")],
    run: |call| better(call, Ordering::is_gt),
};

pub(super) const INT_CLAMP: Builtin = Builtin {
    name: "clamp",
    property: false,
    receiver: Shape::Int,
    params: &[Shape::Int, Shape::Int],
    result: Shape::Int,
    doc: "The nearest number that is at least the first and at most the second; where these are the wrong way round, the second.",
    examples: &[("120.clamp(0, 100)", "100"), ("(-5).clamp(0, 100)", "0")],
    run: |call| Some(Value::Int(call.int(0)?.max(call.int(1)?).min(call.int(2)?))),
};

pub(super) const FLOAT_MIN: Builtin = Builtin {
    name: "min",
    property: false,
    receiver: Shape::Float,
    params: &[Shape::Float],
    result: Shape::Float,
    doc: "The smaller of both; the other when one is no number.",
    examples: &[("1.5.min(0.5)", "0.5")],
    run: |call| Some(Value::Float(call.float(0)?.min(call.float(1)?))),
};

pub(super) const FLOAT_MAX: Builtin = Builtin {
    name: "max",
    property: false,
    receiver: Shape::Float,
    params: &[Shape::Float],
    result: Shape::Float,
    doc: "The larger of both; the other when one is no number.",
    examples: &[("1.5.max(0.5)", "1.5"), ("(0.0 / 0.0).max(0.5)", "0.5")],
    run: |call| Some(Value::Float(call.float(0)?.max(call.float(1)?))),
};

fn better(call: &Call<'_>, is: fn(Ordering) -> bool) -> Option<Value> {
    let (a, b) = (call.args.first()?, call.args.get(1)?);
    Some(if order(b, a).is_some_and(is) { b.clone() } else { a.clone() })
}

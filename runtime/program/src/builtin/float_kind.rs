//! What is a number, and what a `Float` has besides.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const IS_NAN: Builtin = Builtin {
    name: "is_nan",
    property: true,
    receiver: Shape::Float,
    params: &[],
    result: Shape::Bool,
    doc: "Whether it is no number, as `0.0 / 0.0`.",
    examples: &[("(0.0 / 0.0).is_nan", "true"), ("1.5.is_nan", "false")],
    run: |call| Some(Value::Bool(call.float(0)?.is_nan())),
};

pub(super) const IS_INFINITE: Builtin = Builtin {
    name: "is_infinite",
    property: true,
    receiver: Shape::Float,
    params: &[],
    result: Shape::Bool,
    doc: "Whether it is beyond all numbers, as `1.0 / 0.0`.",
    examples: &[("(-1.0 / 0.0).is_infinite", "true"), ("1.5.is_infinite", "false")],
    run: |call| Some(Value::Bool(call.float(0)?.is_infinite())),
};

pub(super) const IS_FINITE: Builtin = Builtin {
    name: "is_finite",
    property: true,
    receiver: Shape::Float,
    params: &[],
    result: Shape::Bool,
    doc: "Whether it is a number: neither of these.",
    examples: &[("1.5.is_finite", "true"), ("(0.0 / 0.0).is_finite", "false")],
    run: |call| Some(Value::Bool(call.float(0)?.is_finite())),
};

//! Durations and sizes as numbers.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const SECONDS: Builtin = Builtin {
    name: "seconds",
    property: true,
    receiver: Shape::Duration,
    params: &[],
    result: Shape::Int,
    doc: "Its whole seconds, toward zero.",
    examples: &[("90s.seconds", "90"), ("1500ms.seconds", "1")],
    run: |call| match call.args.first()? {
        Value::Duration(d) => Some(Value::Int(d.as_secs())),
        _ => None,
    },
};

pub(super) const BYTES: Builtin = Builtin {
    name: "bytes",
    property: true,
    receiver: Shape::Size,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "Its bytes, `none` when there are more than an `Int` holds.",
    examples: &[("5KB.bytes", "5000")],
    run: |call| match call.args.first()? {
        Value::Size(n) => i64::try_from(*n).ok().map(Value::Int),
        _ => None,
    },
};

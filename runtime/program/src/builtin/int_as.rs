//! Whole numbers as what they count.

use jiff::Timestamp;

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const FLOAT: Builtin = Builtin {
    name: "float",
    property: true,
    receiver: Shape::Int,
    params: &[],
    result: Shape::Float,
    doc: "The nearest `Float`; the same number up to 2⁵³.",
    examples: &[("7.float", "7.0"), ("7.float / 2.0", "3.5")],
    #[expect(clippy::cast_precision_loss, reason = "says so")]
    run: |call| Some(Value::Float(call.int(0)? as f64)),
};

pub(super) const BYTES: Builtin = Builtin {
    name: "bytes",
    property: true,
    receiver: Shape::Int,
    params: &[],
    result: Shape::Option(&Shape::Size),
    doc: "So many bytes, `none` of a negative number.",
    examples: &[("5000.bytes", "5KB"), ("(-1).bytes == none", "true")],
    run: |call| u64::try_from(call.int(0)?).ok().map(Value::Size),
};

pub(super) const UNIX_SECONDS: Builtin = Builtin {
    name: "unix_seconds",
    property: true,
    receiver: Shape::Int,
    params: &[],
    result: Shape::Option(&Shape::Time),
    doc: "The time so many seconds after 1970, `none` beyond the years -9999 to 9999.",
    examples: &[
        ("1795176000.unix_seconds", "2026-11-20T12:00Z"),
        ("9223372036854775807.unix_seconds == none", "true"),
    ],
    run: |call| Timestamp::from_second(call.int(0)?).ok().map(Value::Time),
};

pub(super) const UNIX_MILLIS: Builtin = Builtin {
    name: "unix_millis",
    property: true,
    receiver: Shape::Int,
    params: &[],
    result: Shape::Option(&Shape::Time),
    doc: "The time so many milliseconds after 1970, `none` beyond the years -9999 to 9999.",
    examples: &[("1795176000250.unix_millis", "2026-11-20T12:00:00.25Z")],
    run: |call| Timestamp::from_millisecond(call.int(0)?).ok().map(Value::Time),
};

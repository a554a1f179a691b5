//! Times as what other systems count.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const SECONDS: Builtin = Builtin {
    name: "unix_seconds",
    property: true,
    receiver: Shape::Time,
    params: &[],
    result: Shape::Int,
    doc: "The whole seconds since 1970, the earlier where it is between two.",
    examples: &[
        ("2026-11-20T12:00Z.unix_seconds", "1795176000"),
        ("1969-12-31T23:59:59.5Z.unix_seconds", "-1"),
    ],
    run: |call| floor(call.time(0)?.as_nanosecond(), 1_000_000_000),
};

pub(super) const MILLIS: Builtin = Builtin {
    name: "unix_millis",
    property: true,
    receiver: Shape::Time,
    params: &[],
    result: Shape::Int,
    doc: "The whole milliseconds since 1970, the earlier where it is between two.",
    examples: &[("2026-11-20T12:00:00.25Z.unix_millis", "1795176000250")],
    run: |call| floor(call.time(0)?.as_nanosecond(), 1_000_000),
};

fn floor(nanos: i128, by: i128) -> Option<Value> {
    i64::try_from(nanos.checked_div_euclid(by)?).ok().map(Value::Int)
}

//! A number rounded.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const ROUND: Builtin = Builtin {
    name: "round",
    property: false,
    receiver: Shape::Float,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "The nearest whole number, halves away from zero; `none` when it does not fit, and of what is no number.",
    examples: &[("2.5.round()", "3"), ("(-2.4).round()", "-2"), ("(0.0 / 0.0).round() == none", "true")],
    run: |call| whole(call, f64::round),
};

pub(super) const FLOOR: Builtin = Builtin {
    name: "floor",
    property: false,
    receiver: Shape::Float,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "The next whole number below, or itself; `none` as for `round`.",
    examples: &[("(-1.2).floor()", "-2")],
    run: |call| whole(call, f64::floor),
};

pub(super) const CEIL: Builtin = Builtin {
    name: "ceil",
    property: false,
    receiver: Shape::Float,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "The next whole number above, or itself; `none` as for `round`.",
    examples: &[("1.2.ceil()", "2")],
    run: |call| whole(call, f64::ceil),
};

pub(super) const TRUNC: Builtin = Builtin {
    name: "trunc",
    property: false,
    receiver: Shape::Float,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "The next whole number toward zero, or itself; `none` as for `round`.",
    examples: &[("(-7.9).trunc()", "-7")],
    run: |call| whole(call, f64::trunc),
};

fn whole(call: &Call<'_>, round: fn(f64) -> f64) -> Option<Value> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let x = round(call.float(0)?);
    // In range and without a fraction, so the cast is exact.
    #[expect(clippy::cast_possible_truncation)]
    (-LIMIT..LIMIT).contains(&x).then_some(Value::Int(x as i64))
}

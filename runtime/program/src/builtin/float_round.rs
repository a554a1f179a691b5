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
    run: round,
};

fn round(call: &Call<'_>) -> Option<Value> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let Value::Float(x) = call.args.first()? else { return None };
    let x = x.round();
    // In range and without a fraction, so the cast is exact.
    #[expect(clippy::cast_possible_truncation)]
    (-LIMIT..LIMIT).contains(&x).then_some(Value::Int(x as i64))
}

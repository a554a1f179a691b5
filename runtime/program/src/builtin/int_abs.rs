//! A number without its sign.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const ABS: Builtin = Builtin {
    name: "abs",
    property: false,
    receiver: Shape::Int,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "Its distance from zero, `none` for the smallest number, whose distance does not fit.",
    examples: &[("(-5).abs()", "5")],
    run: |call| call.int(0)?.checked_abs().map(Value::Int),
};

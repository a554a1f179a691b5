//! A sum.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const SUM: Builtin = Builtin {
    name: "sum",
    property: false,
    receiver: Shape::List(&Shape::Int),
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "The sum of its elements, 0 of an empty list, `none` when it does not fit.",
    examples: &[("[1, 2, 3].sum()", "6"), ("[9223372036854775807, 1].sum() == none", "true")],
    run: sum,
};

fn sum(call: &Call<'_>) -> Option<Value> {
    // Wide enough for any list, so that the order of large and negative elements does not matter.
    let mut sum: i128 = 0;
    for item in call.list()? {
        let Value::Int(n) = item else { return None };
        sum = sum.checked_add(i128::from(*n))?;
    }
    i64::try_from(sum).ok().map(Value::Int)
}

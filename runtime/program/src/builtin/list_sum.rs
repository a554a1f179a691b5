//! Sums and averages.

use crate::builtin::{Builtin, Call, Shape};
use crate::ops::{Op, binary};
use crate::value::Value;

pub(super) const SUM: Builtin = Builtin {
    name: "sum",
    property: false,
    receiver: Shape::List(&Shape::Int),
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "The sum of its elements, 0 of an empty list, `none` when it does not fit.",
    examples: &[("[1, 2, 3].sum()", "6"), ("[9223372036854775807, 1].sum() == none", "true")],
    run: |call| i64::try_from(wide_sum(call)?).ok().map(Value::Int),
};

pub(super) const SUM_FLOAT: Builtin = Builtin {
    name: "sum",
    property: false,
    receiver: Shape::List(&Shape::Float),
    params: &[],
    result: Shape::Float,
    doc: "The sum of its elements from the first to the last, 0.0 of an empty list.",
    examples: &[("[1.5, 2.5].sum()", "4.0")],
    run: |call| float_sum(call).map(Value::Float),
};

pub(super) const SUM_DURATION: Builtin = Builtin {
    name: "sum",
    property: false,
    receiver: Shape::List(&Shape::Duration),
    params: &[],
    result: Shape::Option(&Shape::Duration),
    doc: "The sum of its elements, 0s of an empty list, `none` when it does not fit.",
    examples: &[("[1h, 30m].sum()", "1h30m")],
    run: |call| checked_sum(call, Value::Duration(jiff::SignedDuration::ZERO)),
};

pub(super) const SUM_SIZE: Builtin = Builtin {
    name: "sum",
    property: false,
    receiver: Shape::List(&Shape::Size),
    params: &[],
    result: Shape::Option(&Shape::Size),
    doc: "The sum of its elements, 0B of an empty list, `none` when it does not fit.",
    examples: &[("[1KB, 24B].sum()", "1KiB")],
    run: |call| checked_sum(call, Value::Size(0)),
};

pub(super) const AVERAGE: Builtin = Builtin {
    name: "average",
    property: false,
    receiver: Shape::List(&Shape::Int),
    params: &[],
    result: Shape::Option(&Shape::Float),
    doc: "The sum of its elements by their number, `none` of an empty list.",
    examples: &[("[1, 2].average()", "1.5"), ("[1].take(0).average() == none", "true")],
    #[expect(clippy::cast_precision_loss, reason = "an average is a Float")]
    run: |call| {
        let items = call.list()?.len();
        (items > 0).then_some(Value::Float(wide_sum(call)? as f64 / items as f64))
    },
};

pub(super) const AVERAGE_FLOAT: Builtin = Builtin {
    name: "average",
    property: false,
    receiver: Shape::List(&Shape::Float),
    params: &[],
    result: Shape::Option(&Shape::Float),
    doc: "The sum of its elements by their number, `none` of an empty list.",
    examples: &[("[0.5, 1.0].average()", "0.75")],
    #[expect(clippy::cast_precision_loss, reason = "an average is a Float")]
    run: |call| {
        let items = call.list()?.len();
        (items > 0).then_some(Value::Float(float_sum(call)? / items as f64))
    },
};

/// Wide enough for any list, so that the order of large and negative elements does not matter.
fn wide_sum(call: &Call<'_>) -> Option<i128> {
    let mut sum: i128 = 0;
    for item in call.list()? {
        let Value::Int(n) = item else { return None };
        sum = sum.checked_add(i128::from(*n))?;
    }
    Some(sum)
}

fn float_sum(call: &Call<'_>) -> Option<f64> {
    let mut sum = 0.0;
    for item in call.list()? {
        let Value::Float(x) = item else { return None };
        sum += x;
    }
    Some(sum)
}

fn checked_sum(call: &Call<'_>, zero: Value) -> Option<Value> {
    call.list()?.iter().try_fold(zero, |sum, item| binary(Op::Add, &sum, item)).ok()
}

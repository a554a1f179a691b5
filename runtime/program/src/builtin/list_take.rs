//! The front of a list.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const TAKE: Builtin = Builtin {
    name: "take",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Int],
    result: Shape::List(&Shape::Any),
    doc: "Its first elements, at most so many; none for a negative number.",
    examples: &[("[1, 2, 3].take(2)", "[1, 2]"), ("[1].take(5)", "[1]")],
    run: take,
};

fn take(call: &Call<'_>) -> Option<Value> {
    let count = usize::try_from(call.int(1)?.max(0)).unwrap_or(usize::MAX);
    Some(Value::List(call.list()?.iter().take(count).cloned().collect()))
}

//! A list of lists as one.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const FLAT: Builtin = Builtin {
    name: "flat",
    property: false,
    receiver: Shape::List(&Shape::List(&Shape::Any)),
    params: &[],
    result: Shape::List(&Shape::Any),
    doc: "The elements of all its lists, one list after the other.",
    examples: &[("[[1, 2], [3]].flat()", "[1, 2, 3]")],
    run: flat,
};

fn flat(call: &Call<'_>) -> Option<Value> {
    let inner = call.list()?.iter().filter_map(|item| match item {
        Value::List(items) => Some(items.iter()),
        _ => None,
    });
    Some(Value::List(inner.flatten().cloned().collect()))
}

//! An element in a list.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const CONTAINS: Builtin = Builtin {
    name: "contains",
    property: false,
    receiver: Shape::List(&Shape::Comparable),
    params: &[Shape::Comparable],
    result: Shape::Bool,
    doc: "Whether an element equals the value.",
    examples: &[("[1, 2].contains(2)", "true"), ("[1, 2].contains(3)", "false")],
    run: contains,
};

fn contains(call: &Call<'_>) -> Option<Value> {
    let wanted = call.args.get(1)?;
    Some(Value::Bool(call.list()?.iter().any(|item| item.same(wanted))))
}

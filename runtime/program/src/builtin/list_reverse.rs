//! A list from its end to its start.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const REVERSE: Builtin = Builtin {
    name: "reverse",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[],
    result: Shape::List(&Shape::Any),
    doc: "Its elements from the last to the first.",
    examples: &[("[1, 2, 3].reverse()", "[3, 2, 1]"), ("[3, 1, 2].sort().reverse()", "[3, 2, 1]")],
    run: |call| Some(Value::List(call.list()?.iter().rev().cloned().collect())),
};

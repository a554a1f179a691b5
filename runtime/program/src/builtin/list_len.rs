//! How long a list is.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const LEN: Builtin = Builtin {
    name: "len",
    property: true,
    receiver: Shape::List(&Shape::Any),
    params: &[],
    result: Shape::Int,
    doc: "The number of its elements.",
    examples: &[("[1, 2].len", "2")],
    run: |call| i64::try_from(call.list()?.len()).ok().map(Value::Int),
};

pub(super) const IS_EMPTY: Builtin = Builtin {
    name: "is_empty",
    property: true,
    receiver: Shape::List(&Shape::Any),
    params: &[],
    result: Shape::Bool,
    doc: "Whether it has no elements.",
    examples: &[("[1].is_empty", "false")],
    run: |call| Some(Value::Bool(call.list()?.is_empty())),
};

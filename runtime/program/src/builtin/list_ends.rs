//! The ends of a list.

use crate::builtin::{Builtin, Shape};

pub(super) const FIRST: Builtin = Builtin {
    name: "first",
    property: true,
    receiver: Shape::List(&Shape::Any),
    params: &[],
    result: Shape::Option(&Shape::Any),
    doc: "Its first element, `none` of an empty list.",
    examples: &[("[1, 2].first", "1")],
    run: |call| call.list()?.first().cloned(),
};

pub(super) const LAST: Builtin = Builtin {
    name: "last",
    property: true,
    receiver: Shape::List(&Shape::Any),
    params: &[],
    result: Shape::Option(&Shape::Any),
    doc: "Its last element, `none` of an empty list.",
    examples: &[("[1, 2].last", "2")],
    run: |call| call.list()?.last().cloned(),
};

//! A list without repetitions.

use std::collections::HashSet;

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;
use crate::value::key;

pub(super) const DISTINCT: Builtin = Builtin {
    name: "distinct",
    property: false,
    receiver: Shape::List(&Shape::Comparable),
    params: &[],
    result: Shape::List(&Shape::Comparable),
    doc: "Each element once, where it first stood.",
    examples: &[("[1, 2, 1, 3, 2].distinct()", "[1, 2, 3]")],
    run: distinct,
};

fn distinct(call: &Call<'_>) -> Option<Value> {
    let mut seen = HashSet::new();
    let items = call.list()?.iter().filter(|item| key(item).is_none_or(|key| seen.insert(key)));
    Some(Value::List(items.cloned().collect()))
}

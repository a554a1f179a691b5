//! Lists as sets.

use std::collections::HashSet;

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;
use crate::value::key;

pub(super) const UNION: Builtin = Builtin {
    name: "union",
    property: false,
    receiver: Shape::List(&Shape::Comparable),
    params: &[Shape::List(&Shape::Comparable)],
    result: Shape::List(&Shape::Comparable),
    doc: "Each element of both once, where it first stood.",
    examples: &[("[1, 2].union([2, 3])", "[1, 2, 3]")],
    run: |call| {
        let (left, right) = both(call)?;
        let mut seen = HashSet::new();
        let items = left.iter().chain(right).filter(|item| key(item).is_none_or(|key| seen.insert(key)));
        Some(Value::List(items.cloned().collect()))
    },
};

pub(super) const INTERSECT: Builtin = Builtin {
    name: "intersect",
    property: false,
    receiver: Shape::List(&Shape::Comparable),
    params: &[Shape::List(&Shape::Comparable)],
    result: Shape::List(&Shape::Comparable),
    doc: "Its elements that are in the other too.",
    examples: &[("[1, 2, 3].intersect([3, 1])", "[1, 3]")],
    run: |call| kept(call, true),
};

pub(super) const WITHOUT: Builtin = Builtin {
    name: "without",
    property: false,
    receiver: Shape::List(&Shape::Comparable),
    params: &[Shape::List(&Shape::Comparable)],
    result: Shape::List(&Shape::Comparable),
    doc: "Its elements that are not in the other.",
    examples: &[("[1, 2, 3].without([3, 1])", "[2]")],
    run: |call| kept(call, false),
};

pub(super) const CONTAINS_ANY: Builtin = Builtin {
    name: "contains_any",
    property: false,
    receiver: Shape::List(&Shape::Comparable),
    params: &[Shape::List(&Shape::Comparable)],
    result: Shape::Bool,
    doc: "Whether an element of the other is in it.",
    examples: &[("[1, 2].contains_any([2, 3])", "true"), ("[1, 2].contains_any([3])", "false")],
    run: |call| {
        let (left, right) = both(call)?;
        let left = keys(left);
        Some(Value::Bool(right.iter().filter_map(key).any(|key| left.contains(&key))))
    },
};

pub(super) const CONTAINS_ALL: Builtin = Builtin {
    name: "contains_all",
    property: false,
    receiver: Shape::List(&Shape::Comparable),
    params: &[Shape::List(&Shape::Comparable)],
    result: Shape::Bool,
    doc: "Whether each element of the other is in it.",
    examples: &[("[1, 2, 3].contains_all([3, 1])", "true"), ("[1, 2].contains_all([2, 3])", "false")],
    run: |call| {
        let (left, right) = both(call)?;
        let left = keys(left);
        Some(Value::Bool(right.iter().all(|item| key(item).is_some_and(|key| left.contains(&key)))))
    },
};

fn both<'a>(call: &Call<'a>) -> Option<(&'a [Value], &'a [Value])> {
    match (call.args.first()?, call.args.get(1)?) {
        (Value::List(left), Value::List(right)) => Some((left, right)),
        _ => None,
    }
}

fn keys(items: &[Value]) -> HashSet<Vec<u8>> {
    items.iter().filter_map(key).collect()
}

/// The elements of the first list that are in the second, or those that are not.
fn kept(call: &Call<'_>, common: bool) -> Option<Value> {
    let (left, right) = both(call)?;
    let right = keys(right);
    let items = left.iter().filter(|item| key(item).is_some_and(|key| right.contains(&key)) == common);
    Some(Value::List(items.cloned().collect()))
}

//! Lists in order.

use crate::builtin::sorting::compare;
use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const SORT: Builtin = Builtin {
    name: "sort",
    property: false,
    receiver: Shape::List(&Shape::Sortable),
    params: &[],
    result: Shape::List(&Shape::Sortable),
    doc: "From the smallest to the largest: numbers, times, sizes, ordered enums; texts by code point; addresses. What is no number comes last.",
    examples: &[("[3, 1, 2].sort()", "[1, 2, 3]"), (r#"["b", "a", "B"].sort()"#, r#"["B", "a", "b"]"#)],
    run: |call| {
        let mut items = call.list()?.to_vec();
        items.sort_by(compare);
        Some(Value::List(items.into()))
    },
};

pub(super) const SORT_BY: Builtin = Builtin {
    name: "sort_by",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Each(&Shape::Sortable)],
    result: Shape::List(&Shape::Any),
    doc: "By what the lambda makes of each, from the smallest to the largest; those alike stay as they stood.",
    examples: &[
        (r#"["ccc", "a", "bb"].sort_by(s => s.len)"#, r#"["a", "bb", "ccc"]"#),
        (r#"["b2", "a1", "b1"].sort_by(s => s.take(1))"#, r#"["a1", "b2", "b1"]"#),
    ],
    run: |call| {
        let mut pairs = pairs(call)?;
        pairs.sort_by(|(_, a), (_, b)| compare(a, b));
        Some(Value::List(pairs.into_iter().map(|(item, _)| item.clone()).collect()))
    },
};

pub(super) const MAX_BY: Builtin = Builtin {
    name: "max_by",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Each(&Shape::Sortable)],
    result: Shape::Option(&Shape::Any),
    doc: "The one of which the lambda makes the largest, the first of equals; `none` of an empty list.",
    examples: &[
        (r#"["a", "ccc", "bbb"].max_by(s => s.len)"#, r#""ccc""#),
        ("[1].take(0).max_by(n => n) == none", "true"),
    ],
    run: |call| best(call, |new, best| compare(new, best).is_gt()),
};

pub(super) const MIN_BY: Builtin = Builtin {
    name: "min_by",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Each(&Shape::Sortable)],
    result: Shape::Option(&Shape::Any),
    doc: "The one of which the lambda makes the smallest, the first of equals; `none` of an empty list.",
    examples: &[(r#"["bb", "a", "c"].min_by(s => s.len)"#, r#""a""#)],
    run: |call| best(call, |new, best| compare(new, best).is_lt()),
};

/// Each element with what the lambda made of it.
fn pairs<'a>(call: &Call<'a>) -> Option<Vec<(&'a Value, &'a Value)>> {
    let (Value::List(items), Value::List(keys)) = (call.args.first()?, call.args.get(1)?) else {
        return None;
    };
    Some(items.iter().zip(keys.iter()).collect())
}

fn best(call: &Call<'_>, better: fn(&Value, &Value) -> bool) -> Option<Value> {
    let mut best: Option<(&Value, &Value)> = None;
    for (item, key) in pairs(call)? {
        if best.is_none_or(|(_, best)| better(key, best)) {
            best = Some((item, key));
        }
    }
    best.map(|(item, _)| item.clone())
}

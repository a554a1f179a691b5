//! The largest and the smallest of a list.

use std::cmp::Ordering;

use crate::builtin::{Builtin, Call, Shape};
use crate::ops::order;
use crate::value::Value;

pub(super) const MAX: Builtin = Builtin {
    name: "max",
    property: false,
    receiver: Shape::List(&Shape::Ordered),
    params: &[],
    result: Shape::Option(&Shape::Ordered),
    doc: "Its largest element, the first of equals; `none` of an empty list. A `Float` that is no number is passed over.",
    examples: &[("[2, 3, 1].max()", "3")],
    run: |call| extreme(call, Ordering::is_gt),
};

pub(super) const MIN: Builtin = Builtin {
    name: "min",
    property: false,
    receiver: Shape::List(&Shape::Ordered),
    params: &[],
    result: Shape::Option(&Shape::Ordered),
    doc: "Its smallest element, the first of equals; `none` of an empty list. A `Float` that is no number is passed over.",
    examples: &[("[2, 3, 1].min()", "1")],
    run: |call| extreme(call, Ordering::is_lt),
};

fn extreme(call: &Call<'_>, better: fn(Ordering) -> bool) -> Option<Value> {
    let mut best: Option<&Value> = None;
    for item in call.list()?.iter().filter(|item| order(item, item).is_some()) {
        if best.is_none_or(|best| order(item, best).is_some_and(better)) {
            best = Some(item);
        }
    }
    best.cloned()
}

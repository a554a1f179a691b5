//! Parts of a list by positions; the first has the position 0.

use crate::builtin::{Builtin, Call, Shape, position};
use crate::value::Value;

pub(super) const SLICE: Builtin = Builtin {
    name: "slice",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Int, Shape::Int],
    result: Shape::List(&Shape::Any),
    doc: "Its elements from one position up to, and without, another; what would lie beyond its ends is left out.",
    examples: &[
        ("[1, 2, 3, 4].slice(1, 3)", "[2, 3]"),
        ("[1, 2].slice(1, 9)", "[2]"),
        ("[1, 2].slice(1, 0).is_empty", "true"),
    ],
    run: |call| {
        let (from, to) = (position(call.int(1)?), position(call.int(2)?));
        Some(Value::List(call.list()?.iter().skip(from).take(to.saturating_sub(from)).cloned().collect()))
    },
};

pub(super) const DROP: Builtin = Builtin {
    name: "drop",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Int],
    result: Shape::List(&Shape::Any),
    doc: "Without its first elements, so many.",
    examples: &[("[1, 2, 3].drop(1)", "[2, 3]"), ("[1].drop(5).is_empty", "true")],
    run: |call| Some(Value::List(call.list()?.iter().skip(position(call.int(1)?)).cloned().collect())),
};

pub(super) const AT: Builtin = Builtin {
    name: "at",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Int],
    result: Shape::Option(&Shape::Any),
    doc: "The element at a position, `none` beyond its ends.",
    examples: &[("[7, 8, 9].at(2)", "9"), ("[7].at(1) == none", "true"), ("[7].at(-1) == none", "true")],
    run: |call| call.list()?.get(usize::try_from(call.int(1)?).ok()?).cloned(),
};

pub(super) const CHUNKS: Builtin = Builtin {
    name: "chunks",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Int],
    result: Shape::List(&Shape::List(&Shape::Any)),
    doc: "Its elements in lists of so many, at least one; the last may be shorter. For calls that take so many at a time.",
    examples: &[("[1, 2, 3].chunks(2)", "[[1, 2], [3]]"), ("[1, 2].chunks(0)", "[[1], [2]]")],
    run: chunks,
};

fn chunks(call: &Call<'_>) -> Option<Value> {
    let size = position(call.int(1)?).max(1);
    Some(Value::List(call.list()?.chunks(size).map(|part| Value::List(part.into())).collect()))
}

pub(super) const INDICES: Builtin = Builtin {
    name: "indices",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[],
    result: Shape::List(&Shape::Int),
    doc: "The positions of its elements.",
    examples: &[(r#"["a", "b"].indices()"#, "[0, 1]")],
    run: |call| {
        let len = i64::try_from(call.list()?.len()).ok()?;
        Some(Value::List((0..len).map(Value::Int).collect()))
    },
};

pub(super) const INDEX_OF: Builtin = Builtin {
    name: "index_of",
    property: false,
    receiver: Shape::List(&Shape::Comparable),
    params: &[Shape::Comparable],
    result: Shape::Option(&Shape::Int),
    doc: "The position of the first element that equals the value.",
    examples: &[(r#"["a", "b", "b"].index_of("b")"#, "1"), (r#"["a"].index_of("c") == none"#, "true")],
    run: |call| {
        let wanted = call.args.get(1)?;
        let index = call.list()?.iter().position(|item| item.same(wanted))?;
        i64::try_from(index).ok().map(Value::Int)
    },
};

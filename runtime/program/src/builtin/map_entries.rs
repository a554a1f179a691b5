//! What is in a map.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const LEN: Builtin = Builtin {
    name: "len",
    property: true,
    receiver: Shape::Map(&Shape::Any),
    params: &[],
    result: Shape::Int,
    doc: "The number of its keys.",
    examples: &[(r#"{ "a": 1, "b": 2 }.len"#, "2")],
    run: |call| i64::try_from(call.map()?.len()).ok().map(Value::Int),
};

pub(super) const IS_EMPTY: Builtin = Builtin {
    name: "is_empty",
    property: true,
    receiver: Shape::Map(&Shape::Any),
    params: &[],
    result: Shape::Bool,
    doc: "Whether it has no keys.",
    examples: &[(r#"{ "a": 1 }.is_empty"#, "false")],
    run: |call| Some(Value::Bool(call.map()?.is_empty())),
};

pub(super) const KEYS: Builtin = Builtin {
    name: "keys",
    property: true,
    receiver: Shape::Map(&Shape::Any),
    params: &[],
    result: Shape::List(&Shape::Key),
    doc: "Its keys, in order.",
    examples: &[(r#"{ "b": 1, "a": 2 }.keys"#, r#"["b", "a"]"#)],
    run: |call| Some(Value::List(call.map()?.iter().map(|(key, _)| key.clone()).collect())),
};

pub(super) const VALUES: Builtin = Builtin {
    name: "values",
    property: true,
    receiver: Shape::Map(&Shape::Any),
    params: &[],
    result: Shape::List(&Shape::Any),
    doc: "Its values, in the order of their keys.",
    examples: &[(r#"{ "b": 1, "a": 2 }.values"#, "[1, 2]")],
    run: |call| Some(Value::List(call.map()?.iter().map(|(_, value)| value.clone()).collect())),
};

pub(super) const GET: Builtin = Builtin {
    name: "get",
    property: false,
    receiver: Shape::Map(&Shape::Any),
    params: &[Shape::Key],
    result: Shape::Option(&Shape::Any),
    doc: "The value of a key, `none` when it is not there; the same as in brackets.",
    examples: &[(r#"{ "a": 1, "b": 2 }.get("b")"#, "2"), (r#"{ "a": 1 }["b"] == none"#, "true")],
    run: |call| call.map()?.get(call.args.get(1)?).cloned(),
};

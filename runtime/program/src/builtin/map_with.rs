//! Maps with one key more or less.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::{Map, Value};

pub(super) const WITH: Builtin = Builtin {
    name: "with",
    property: false,
    receiver: Shape::Map(&Shape::Any),
    params: &[Shape::Key, Shape::Any],
    result: Shape::Map(&Shape::Any),
    doc: "With that value for the key: where the key stands, or at the end when it is new.",
    examples: &[
        (r#"{ "a": 1, "b": 2 }.with("a", 3)"#, r#"{ "a": 3, "b": 2 }"#),
        (r#"{ "a": 1 }.with("b", 2).keys"#, r#"["a", "b"]"#),
    ],
    run: with,
};

pub(super) const WITHOUT: Builtin = Builtin {
    name: "without",
    property: false,
    receiver: Shape::Map(&Shape::Any),
    params: &[Shape::Key],
    result: Shape::Map(&Shape::Any),
    doc: "Without the key, if it is there.",
    examples: &[(r#"{ "a": 1, "b": 2 }.without("a")"#, r#"{ "b": 2 }"#)],
    run: without,
};

fn with(call: &Call<'_>) -> Option<Value> {
    let mut map = call.map()?.clone();
    map.insert(call.args.get(1)?.clone(), call.args.get(2)?.clone());
    Some(Value::Map(map.into()))
}

fn without(call: &Call<'_>) -> Option<Value> {
    let key = call.args.get(1)?;
    let kept: Map = call.map()?.iter().filter(|(k, _)| !k.same(key)).cloned().collect();
    Some(Value::Map(kept.into()))
}

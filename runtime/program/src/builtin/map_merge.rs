//! Maps of two, and parts of one.

use crate::builtin::{Builtin, Shape};
use crate::value::{Map, Value};

pub(super) const MERGE: Builtin = Builtin {
    name: "merge",
    property: false,
    receiver: Shape::Map(&Shape::Any),
    params: &[Shape::Map(&Shape::Any)],
    result: Shape::Map(&Shape::Any),
    doc: "With the keys of the other; of a key that both have, the value of the other.",
    examples: &[(r#"{ "a": 1, "b": 2 }.merge({ "b": 3, "c": 4 })"#, r#"{ "a": 1, "b": 3, "c": 4 }"#)],
    run: |call| {
        let Some(Value::Map(other)) = call.args.get(1) else { return None };
        let mut map = call.map()?.clone();
        for (key, value) in other.iter() {
            map.insert(key.clone(), value.clone());
        }
        Some(Value::Map(map.into()))
    },
};

pub(super) const ONLY: Builtin = Builtin {
    name: "only",
    property: false,
    receiver: Shape::Map(&Shape::Any),
    params: &[Shape::List(&Shape::Key)],
    result: Shape::Map(&Shape::Any),
    doc: "Without the keys that are not in the list.",
    examples: &[(r#"{ "a": 1, "b": 2 }.only(["b", "c"])"#, r#"{ "b": 2 }"#)],
    run: |call| {
        let Some(Value::List(keys)) = call.args.get(1) else { return None };
        let wanted: Map = keys.iter().map(|key| (key.clone(), Value::None)).collect();
        let kept: Map = call.map()?.iter().filter(|(key, _)| wanted.get(key).is_some()).cloned().collect();
        Some(Value::Map(kept.into()))
    },
};

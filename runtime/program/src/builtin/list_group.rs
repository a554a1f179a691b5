//! Lists to maps.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::{Map, Value};

pub(super) const GROUP_BY: Builtin = Builtin {
    name: "group_by",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Each(&Shape::Key)],
    result: Shape::Map(&Shape::List(&Shape::Any)),
    doc: "Its elements in a map, by what the lambda makes of each; each list in the order in which they stood.",
    examples: &[
        (r#"["a1", "b1", "a2"].group_by(s => s.take(1))"#, r#"{ "a": ["a1", "a2"], "b": ["b1"] }"#),
        (r#"["a1", "b1"].group_by(s => s.len).len"#, "1"),
    ],
    run: group_by,
};

pub(super) const COUNT_BY: Builtin = Builtin {
    name: "count_by",
    property: false,
    receiver: Shape::List(&Shape::Any),
    params: &[Shape::Each(&Shape::Key)],
    result: Shape::Map(&Shape::Int),
    doc: "How many elements there are of each that the lambda makes of them.",
    examples: &[(r#"["a1", "b1", "a2"].count_by(s => s.take(1))"#, r#"{ "a": 2, "b": 1 }"#)],
    run: |call| {
        let Some(Value::Map(groups)) = group_by(call) else { return None };
        let count = |list: &Value| match list {
            Value::List(items) => i64::try_from(items.len()).ok(),
            _ => None,
        };
        let counts: Option<Map> =
            groups.iter().map(|(key, list)| Some((key.clone(), Value::Int(count(list)?)))).collect();
        Some(Value::Map(counts?.into()))
    },
};

pub(super) const TO_MAP: Builtin = Builtin {
    name: "to_map",
    property: false,
    receiver: Shape::List(&Shape::Key),
    params: &[Shape::List(&Shape::Any)],
    result: Shape::Map(&Shape::Any),
    doc: "A map of its elements as keys, each with the value that stands at the same place in the other list. Of a key that comes again, the last value counts; what has no counterpart is left out.",
    examples: &[
        (r#"["a", "b"].to_map([1, 2])"#, r#"{ "a": 1, "b": 2 }"#),
        (r#"["a", "b", "a"].to_map([1, 2, 3])"#, r#"{ "a": 3, "b": 2 }"#),
    ],
    run: |call| {
        let Some(Value::List(values)) = call.args.get(1) else { return None };
        let pairs = call.list()?.iter().cloned().zip(values.iter().cloned());
        Some(Value::Map(pairs.collect::<Map>().into()))
    },
};

fn group_by(call: &Call<'_>) -> Option<Value> {
    let Some(Value::List(keys)) = call.args.get(1) else { return None };
    // Where the list of a key is: the map has its place, so that each element is looked at once.
    let mut places = Map::default();
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (item, key) in call.list()?.iter().zip(keys.iter()) {
        let place = match places.get(key) {
            Some(Value::Int(place)) => usize::try_from(*place).ok()?,
            _ => {
                places.insert(key.clone(), Value::Int(i64::try_from(groups.len()).ok()?));
                groups.push((key.clone(), Vec::new()));
                groups.len().saturating_sub(1)
            }
        };
        groups.get_mut(place)?.1.push(item.clone());
    }
    let groups: Map = groups.into_iter().map(|(key, items)| (key, Value::List(items.into()))).collect();
    Some(Value::Map(groups.into()))
}

//! Whether a value of Play's is what the corpus expects.

use play_program::Value;

use super::textproto::{Field, Message};

/// Whether both are the same. `none` is no value of the corpus.
#[must_use]
pub fn agrees(expected: &Message, found: &Value) -> bool {
    let Some((kind, field)) = expected.0.first() else { return false };
    match (kind.as_str(), field, found) {
        ("bool_value", Field::Word(w), Value::Bool(b)) => *w == b.to_string(),
        ("int64_value" | "uint64_value", Field::Word(w), Value::Int(n)) => *w == n.to_string(),
        ("double_value", Field::Word(w), Value::Float(x)) => {
            let wanted: f64 = w.parse().unwrap_or(f64::NAN);
            wanted == *x || wanted.is_nan() && x.is_nan() && w.eq_ignore_ascii_case("nan")
        }
        ("string_value", Field::Text(t), Value::Str(s)) => *t == s.as_bytes(),
        ("bytes_value", Field::Text(t), Value::Bytes(bytes)) => t.as_slice() == &**bytes,
        ("map_value", Field::Message(map), Value::Map(found)) => {
            let wanted: Vec<_> = map.messages("entries").collect();
            let has = |entry: &&Message| {
                let (Some(key), Some(value)) = (entry.message("key"), entry.message("value")) else {
                    return false;
                };
                found.iter().any(|(k, v)| agrees(key, k) && agrees(value, v))
            };
            wanted.len() == found.len() && wanted.iter().all(has)
        }
        ("list_value", Field::Message(list), Value::List(items)) => {
            let wanted: Vec<_> = list.messages("values").collect();
            wanted.len() == items.len() && wanted.iter().zip(items.iter()).all(|(w, f)| agrees(w, f))
        }
        ("object_value", Field::Message(object), found) => {
            let Some((name, Field::Message(parts))) = object.0.first() else { return false };
            let number = |n| parts.word(n).and_then(|w| w.parse::<i128>().ok()).unwrap_or(0);
            let nanos = number("seconds") * 1_000_000_000 + number("nanos");
            match found {
                Value::Time(t) => name.ends_with(".Timestamp") && t.as_nanosecond() == nanos,
                Value::Duration(d) => name.ends_with(".Duration") && d.as_nanos() == nanos,
                _ => false,
            }
        }
        _ => false,
    }
}

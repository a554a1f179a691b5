//! Values as requests carry them.

use serde_json::{Map, Number, Value as Plain};

use crate::convert::display;
use crate::convert::recorded::subtree;
use crate::types::{Type, TypeTable};
use crate::value::Value;

/// The JSON of a request: numbers as numbers (a `Float` that is none as `null`), a `Size` as its bytes, a `Duration` in
/// ISO 8601, records without their absent options. A value that is not of the type is `null`.
#[must_use]
pub fn plain_json(value: &Value, ty: &Type, types: &TypeTable) -> Plain {
    match (types.repr(ty), value) {
        (Type::Option(_), Value::None) => Plain::Null,
        (Type::Option(of), present) => plain_json(present, of, types),
        (_, Value::Bool(b)) => Plain::Bool(*b),
        (_, Value::Int(n)) => Plain::Number((*n).into()),
        (_, Value::Float(x)) => Number::from_f64(*x).map_or(Plain::Null, Plain::Number),
        (_, Value::Size(n)) => Plain::Number((*n).into()),
        (_, Value::Duration(d)) => Plain::String(d.to_string()),
        (_, Value::Json(at)) => subtree(at).unwrap_or(Plain::Null),
        (Type::List(of), Value::List(items)) => {
            Plain::Array(items.iter().map(|item| plain_json(item, of, types)).collect())
        }
        (Type::Map(key, of), Value::Map(map)) => {
            let members = map.iter().map(|(k, v)| (display(k, key, types), plain_json(v, of, types)));
            Plain::Object(members.collect())
        }
        (Type::Record(id), Value::Record(slots)) => {
            let fields = types.record(*id).map(|r| r.fields.as_slice()).unwrap_or_default();
            let members = fields.iter().zip(slots.iter()).filter(|(_, v)| !matches!(v, Value::None));
            let members: Map<_, _> =
                members.map(|(f, v)| (f.name.clone(), plain_json(v, &f.ty, types))).collect();
            Plain::Object(members)
        }
        (Type::Union(id), held @ Value::Record(_)) => match types.parts(*id, held) {
            Some((name, parts)) if parts.len() == 0 => Plain::String(name.into()),
            Some((name, parts)) => {
                let there = parts.filter(|(_, v)| !matches!(v, Value::None));
                let members: Map<_, _> =
                    there.map(|(f, v)| (f.name.clone(), plain_json(v, &f.ty, types))).collect();
                Plain::Object(std::iter::once((name.to_string(), Plain::Object(members))).collect())
            }
            None => Plain::Null,
        },
        (_, Value::None | Value::List(_) | Value::Map(_) | Value::Record(_)) => Plain::Null,
        (_, text) => Plain::String(display(text, ty, types)),
    }
}

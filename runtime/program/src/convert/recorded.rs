//! Values as the evidence keeps them: JSON without floating-point numbers, and without whole numbers that a reader of
//! JSON may round. Reading it back gives the same value again.

use std::sync::Arc;

use serde_json::{Value as Plain, json};

use crate::convert::text::parse_text;
use crate::convert::{EXACT, display};
use crate::json::{Doc, Found, JsonAt};
use crate::types::{Type, TypeTable};
use crate::value::{Map, Value};

/// The recorded form. A value that is not of the type is `null`.
#[must_use]
pub fn to_recorded(value: &Value, ty: &Type, types: &TypeTable) -> Plain {
    match (types.repr(ty), value) {
        (Type::Option(_), Value::None) => Plain::Null,
        (Type::Option(of), present) => to_recorded(present, of, types),
        (_, Value::Bool(b)) => Plain::Bool(*b),
        (_, Value::Int(n)) if n.unsigned_abs() < EXACT => json!(n),
        (_, Value::Int(n)) => Plain::String(n.to_string()),
        (_, Value::Size(n)) if *n < EXACT => json!(n),
        (_, Value::Size(n)) => Plain::String(n.to_string()),
        (_, Value::Float(x)) => Plain::String(format!("{x:?}")),
        (_, Value::Str(text)) => Plain::String(text.to_string()),
        (_, Value::Time(t)) => Plain::String(format!("{t:.9}")),
        (_, Value::Duration(d)) => Plain::String(d.to_string()),
        (_, Value::Ip(ip)) => Plain::String(ip.to_string()),
        (_, Value::Cidr(net)) => Plain::String(net.to_string()),
        (_, Value::Bytes(_) | Value::Date(_) | Value::Version(_)) => Plain::String(display(value, ty, types)),
        (Type::Enum(id), Value::Enum(tag)) => {
            types.variant(*id, *tag).map_or(Plain::Null, |name| Plain::String(name.into()))
        }
        (Type::List(of), Value::List(items)) => {
            Plain::Array(items.iter().map(|item| to_recorded(item, of, types)).collect())
        }
        // A list of pairs: the members of an object have no order.
        (Type::Map(key, of), Value::Map(map)) => {
            let pair =
                |(k, v): &(Value, Value)| json!([to_recorded(k, key, types), to_recorded(v, of, types)]);
            Plain::Array(map.iter().map(pair).collect())
        }
        (Type::Record(id), Value::Record(slots)) => {
            let fields = types.record(*id).map(|r| r.fields.as_slice()).unwrap_or_default();
            let members = fields.iter().zip(slots.iter()).filter(|(_, v)| !matches!(v, Value::None));
            let members: serde_json::Map<_, _> =
                members.map(|(f, v)| (f.name.clone(), to_recorded(v, &f.ty, types))).collect();
            Plain::Object(members)
        }
        (Type::Union(id), held @ Value::Record(_)) => match types.parts(*id, held) {
            Some((name, parts)) if parts.len() == 0 => Plain::String(name.into()),
            Some((name, parts)) => {
                let there = parts.filter(|(_, v)| !matches!(v, Value::None));
                let members: serde_json::Map<_, _> =
                    there.map(|(f, v)| (f.name.clone(), to_recorded(v, &f.ty, types))).collect();
                json!({ name: members })
            }
            None => Plain::Null,
        },
        (_, Value::Json(at)) => {
            json!({ "json": subtree(at).map_or_else(String::new, |json| json.to_string()) })
        }
        (_, Value::None | Value::Enum(_) | Value::List(_) | Value::Map(_) | Value::Record(_)) => Plain::Null,
    }
}

/// Reads the recorded form.
///
/// # Errors
/// What does not fit the type, in words; the evidence is not of this program, or was tampered with.
pub fn from_recorded(json: &Plain, ty: &Type, types: &TypeTable) -> Result<Value, String> {
    let wrong = || format!("not a recorded {}", types.name(ty));
    match (types.repr(ty), json) {
        (Type::Unit, Plain::Null) | (Type::Option(_), Plain::Null) => Ok(Value::None),
        (Type::Option(of), present) => from_recorded(present, of, types),
        (Type::Bool, Plain::Bool(b)) => Ok(Value::Bool(*b)),
        (Type::Int, Plain::Number(n)) => n.as_i64().map(Value::Int).ok_or_else(wrong),
        (Type::Int, Plain::String(n)) => n.parse().map(Value::Int).map_err(|_| wrong()),
        (Type::Ranged(low, high), number) => match from_recorded(number, &Type::Int, types)? {
            Value::Int(n) if (*low..=*high).contains(&n) => Ok(Value::Int(n)),
            _ => Err(wrong()),
        },
        (Type::Size, Plain::Number(n)) => n.as_u64().map(Value::Size).ok_or_else(wrong),
        (Type::Size, Plain::String(n)) => n.parse().map(Value::Size).map_err(|_| wrong()),
        (Type::Float, Plain::String(x)) => x.parse().map(Value::Float).map_err(|_| wrong()),
        // Kept in normal form already; and these two are written in ways that text from outside is not.
        (Type::Time, Plain::String(t)) => t.parse().map(Value::Time).map_err(|_| wrong()),
        (Type::Duration, Plain::String(d)) => d.parse().map(Value::Duration).map_err(|_| wrong()),
        (
            Type::String | Type::Url | Type::Email | Type::Domain | Type::Hash | Type::Regex,
            Plain::String(text),
        ) => Ok(Value::str(text)),
        (
            Type::Ip | Type::Cidr | Type::Bytes | Type::Date | Type::Version | Type::Enum(_),
            Plain::String(text),
        ) => parse_text(ty, text, types).map_err(|_| wrong()),
        (Type::List(of), Plain::Array(items)) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| from_recorded(item, of, types)).collect();
            Ok(Value::List(items?.into()))
        }
        (Type::Map(key, of), Plain::Array(pairs)) => {
            let pairs: Result<Map, String> = pairs
                .iter()
                .map(|pair| match pair.as_array().map(Vec::as_slice) {
                    Some([k, v]) => Ok((from_recorded(k, key, types)?, from_recorded(v, of, types)?)),
                    _ => Err(wrong()),
                })
                .collect();
            Ok(Value::Map(pairs?.into()))
        }
        (Type::Record(id), Plain::Object(members)) => {
            let fields = types.record(*id).map(|r| r.fields.as_slice()).unwrap_or_default();
            let slots: Result<Vec<_>, _> = fields
                .iter()
                .map(|f| match members.get(&f.name) {
                    Some(member) => from_recorded(member, &f.ty, types),
                    None if matches!(types.repr(&f.ty), Type::Option(_) | Type::Unit) => Ok(Value::None),
                    None => Err(format!("{}: the field `{}` is missing", wrong(), f.name)),
                })
                .collect();
            Ok(Value::Record(slots?.into()))
        }
        (Type::Union(id), written) => {
            let nothing = serde_json::Map::new();
            let (name, members) = match written {
                Plain::String(name) => (name, &nothing),
                Plain::Object(outer) => match outer.iter().next() {
                    Some((name, Plain::Object(members))) if outer.len() == 1 => (name, members),
                    _ => return Err(wrong()),
                },
                _ => return Err(wrong()),
            };
            let tag = types.tag(*id, name).ok_or_else(wrong)?;
            let (_, record) = types.held(*id, tag).ok_or_else(wrong)?;
            let mut slots = vec![Value::Enum(tag)];
            for field in record.fields.iter().skip(1) {
                slots.push(match members.get(&field.name) {
                    Some(member) => from_recorded(member, &field.ty, types)?,
                    None if matches!(types.repr(&field.ty), Type::Option(_)) => Value::None,
                    None => return Err(format!("{}: the field `{}` is missing", wrong(), field.name)),
                });
            }
            Ok(Value::Record(slots.into()))
        }
        (Type::Json, Plain::Object(members)) => {
            let text = members.get("json").and_then(Plain::as_str).ok_or_else(wrong)?;
            let doc = if text.is_empty() {
                Doc::Sparse([(String::new(), Found::Absent)].into())
            } else {
                Doc::Whole(serde_json::from_str(text).map_err(|_| wrong())?)
            };
            Ok(Value::Json(JsonAt::root(Arc::new(doc))))
        }
        _ => Err(wrong()),
    }
}

/// What stands at a place and below it; `None` for nothing. Of a sparse document, what was recorded of it.
pub(super) fn subtree(at: &JsonAt) -> Option<Plain> {
    match &*at.doc {
        Doc::Whole(value) => value.pointer(&at.pointer).cloned(),
        Doc::Sparse(leaves) => match leaves.get(&*at.pointer) {
            Some(Found::Null) => Some(Plain::Null),
            Some(Found::Bool(b)) => Some(Plain::Bool(*b)),
            Some(Found::Int(n)) => Some(json!(n)),
            Some(Found::Number(n)) => serde_json::from_str(n).ok(),
            Some(Found::Str(text)) => Some(Plain::String(text.clone())),
            Some(Found::List(len)) => {
                // Only as far as it was recorded: a length alone must not make room for itself.
                Some(Plain::Array((0..*len).map_while(|i| subtree(&at.index(i))).collect()))
            }
            Some(Found::Object) => {
                let below = format!("{}/", at.pointer);
                let names =
                    leaves.range(below.clone()..).map_while(|(pointer, _)| pointer.strip_prefix(&below));
                let names = names
                    .filter_map(|rest| rest.split('/').next())
                    .map(|name| name.replace("~1", "/").replace("~0", "~"));
                Some(Plain::Object(
                    names.filter_map(|name| subtree(&at.key(&name)).map(|v| (name, v))).collect(),
                ))
            }
            Some(Found::Absent | Found::NotRecorded) | None => None,
        },
    }
}

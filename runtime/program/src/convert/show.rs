//! Values as people read them.

use crate::convert::recorded::subtree;
use crate::convert::{bytes, size, time};
use crate::types::{Type, TypeTable};
use crate::value::Value;

/// The text of a value: what an interpolation puts in, and what a listing shows. May hold what came from outside: who
/// shows it on a terminal escapes it.
#[must_use]
pub fn display(value: &Value, ty: &Type, types: &TypeTable) -> String {
    match (types.repr(ty), value) {
        (_, Value::None) => "none".into(),
        (Type::Option(of), present) => display(present, of, types),
        (_, Value::Bool(b)) => b.to_string(),
        (_, Value::Int(n)) => n.to_string(),
        (_, Value::Float(x)) => format!("{x:?}"),
        (_, Value::Str(text)) => text.to_string(),
        (_, Value::Time(t)) => t.to_string(),
        (_, Value::Duration(d)) => time::show_duration(*d),
        (_, Value::Size(n)) => size::show_size(*n),
        (_, Value::Ip(ip)) => ip.to_string(),
        (_, Value::Cidr(net)) => net.to_string(),
        (_, Value::Bytes(bytes)) => bytes::show_bytes(bytes),
        (_, Value::Date(date)) => date.to_string(),
        (_, Value::Version(version)) => version.to_string(),
        (Type::Enum(id), Value::Enum(tag)) => types.variant(*id, *tag).unwrap_or("?").to_string(),
        (Type::List(of), Value::List(items)) => {
            let items: Vec<_> = items.iter().map(|item| display(item, of, types)).collect();
            format!("[{}]", items.join(", "))
        }
        (Type::Map(key, of), Value::Map(map)) => {
            let entries =
                map.iter().map(|(k, v)| format!("{}: {}", display(k, key, types), display(v, of, types)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        (Type::Record(id), Value::Record(slots)) => {
            let (name, fields) =
                types.record(*id).map(|r| (r.name.as_str(), r.fields.as_slice())).unwrap_or_default();
            let members = fields.iter().zip(slots.iter()).filter(|(_, v)| !matches!(v, Value::None));
            let members: Vec<_> =
                members.map(|(f, v)| format!("{}: {}", f.name, display(v, &f.ty, types))).collect();
            format!("{name} {{ {} }}", members.join(", "))
        }
        (Type::Union(id), held @ Value::Record(_)) => match types.parts(*id, held) {
            Some((name, parts)) if parts.len() == 0 => name.to_string(),
            Some((name, parts)) => {
                let there = parts.filter(|(_, v)| !matches!(v, Value::None));
                let parts: Vec<_> =
                    there.map(|(f, v)| format!("{}: {}", f.name, display(v, &f.ty, types))).collect();
                format!("{name}({})", parts.join(", "))
            }
            None => "?".into(),
        },
        (_, Value::Json(at)) => subtree(at).map_or_else(|| "nothing".into(), |json| json.to_string()),
        (_, Value::Enum(_) | Value::List(_) | Value::Map(_) | Value::Record(_)) => "?".into(),
    }
}

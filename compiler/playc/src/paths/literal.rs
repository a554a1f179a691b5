//! Values as Play writes them.

use play_program::Value;
use play_program::convert;
use play_program::types::{Type, TypeTable};

/// A value as an expression, where its type is known from its place; `None` for what cannot be written.
pub fn literal(value: &Value, ty: &Type, types: &TypeTable) -> Option<String> {
    let text = match (ty, value) {
        (_, Value::None) => "none".to_string(),
        (Type::Option(of), present) => return literal(present, of, types),
        (Type::Newtype(id), _) => {
            let of = types.newtype(*id)?;
            let inner = literal(value, &of.of, types)?;
            if matches!(value, Value::Str(_)) { inner } else { format!("{}({inner})", of.name) }
        }
        (_, Value::Str(text)) => quoted(text),
        (_, Value::Float(x)) => {
            let text = format!("{x:?}");
            let plain = x.is_finite() && !text.contains('e');
            plain.then_some(text)?
        }
        (_, Value::Version(_) | Value::Bytes(_)) => quoted(&convert::display(value, ty, types)),
        (Type::List(of), Value::List(items)) => {
            let items: Option<Vec<_>> = items.iter().map(|item| literal(item, of, types)).collect();
            format!("[{}]", items?.join(", "))
        }
        (Type::Map(key, of), Value::Map(map)) => {
            let entry = |(k, v): &(Value, Value)| {
                Some(format!("{}: {}", literal(k, key, types)?, literal(v, of, types)?))
            };
            let entries: Option<Vec<_>> = map.iter().map(entry).collect();
            let entries = entries?;
            if entries.is_empty() { "{}".into() } else { format!("{{ {} }}", entries.join(", ")) }
        }
        (Type::Record(id), Value::Record(slots)) => {
            let record = types.record(*id)?;
            let there = record.fields.iter().zip(slots.iter()).filter(|(_, v)| !matches!(v, Value::None));
            let fields: Option<Vec<_>> =
                there.map(|(f, v)| Some(format!("{}: {}", f.name, literal(v, &f.ty, types)?))).collect();
            let fields = fields?;
            if fields.is_empty() {
                format!("{} {{}}", record.name)
            } else {
                format!("{} {{ {} }}", record.name, fields.join(", "))
            }
        }
        (Type::Union(id), Value::Record(_)) => {
            let (name, parts) = types.parts(*id, value)?;
            let part = |(f, v): (&play_program::types::FieldType, &Value)| {
                Some(format!("{}: {}", f.name, literal(v, &f.ty, types)?))
            };
            let parts: Option<Vec<_>> = parts.map(part).collect();
            let parts = parts?;
            if parts.is_empty() { name.to_string() } else { format!("{name}({})", parts.join(", ")) }
        }
        (_, Value::Json(_) | Value::List(_) | Value::Map(_) | Value::Record(_)) => return None,
        _ => convert::display(value, ty, types),
    };
    Some(text)
}

/// Text in quotes.
pub fn quoted(text: &str) -> String {
    let mut all = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => all.push_str("\\n"),
            '\r' => all.push_str("\\r"),
            '\t' => all.push_str("\\t"),
            '"' | '\\' | '{' | '}' => {
                all.push('\\');
                all.push(c);
            }
            c if c.is_control() => all.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => all.push(c),
        }
    }
    all.push('"');
    all
}

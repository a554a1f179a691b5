//! Places in documents to values.

use std::fmt;
use std::sync::Arc;

use crate::convert::text::{expected, from_text, parse_text};
use crate::json::{Doc, Found, JsonAt, ReadLog};
use crate::types::{EnumId, Type, TypeTable};
use crate::value::{Map, Value};

/// Why a place could not be read as a type.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfit {
    /// JSON pointer of the place; empty for the whole, and for a text that came from no document.
    pub path: String,
    /// The type, or the type and the rule that the text breaks.
    pub expected: String,
    /// What stands there. From outside: hostile.
    pub found: Found,
}

/// Reads a place as a type. Looks at leaves only, so that the log has every one that the value rests on.
///
/// # Errors
/// The first place, in the order of fields and elements, that does not fit.
pub fn from_json(at: &JsonAt, ty: &Type, types: &TypeTable, log: &mut ReadLog) -> Result<Value, Misfit> {
    match types.repr(ty) {
        Type::Json => Ok(Value::Json(at.clone())),
        Type::Unit => Ok(Value::None),
        Type::Option(of) => match at.look(log) {
            Found::Absent | Found::Null => Ok(Value::None),
            _ => from_json(at, of, types, log),
        },
        Type::List(of) => match at.look(log) {
            Found::List(len) => {
                let items: Result<Vec<_>, _> =
                    (0..len).map(|i| from_json(&at.index(i), of, types, log)).collect();
                Ok(Value::List(items?.into()))
            }
            found => Err(misfit(at, types.name(ty), found)),
        },
        Type::Map(key, of) => {
            let found = at.look(log);
            if !matches!(found, Found::Object) {
                return Err(misfit(at, types.name(ty), found));
            }
            // An object has no order: its members come in that of their names.
            let mut map = Map::default();
            for name in at.members() {
                let member = at.key(&name);
                // Noted even when nothing is read of it: a replay has the same members.
                member.look(log);
                let k = from_text(&name, key, types)
                    .map_err(|m| Misfit { path: member.pointer.to_string(), ..m })?;
                if map.get(&k).is_some() {
                    let expected = format!("{}: each key once", types.name(ty));
                    return Err(misfit(&member, expected, Found::Str(name)));
                }
                map.insert(k, from_json(&member, of, types, log)?);
            }
            Ok(Value::Map(map.into()))
        }
        Type::Record(id) => {
            let found = at.look(log);
            let Some(record) = types.record(*id).filter(|_| matches!(found, Found::Object)) else {
                return Err(misfit(at, types.name(ty), found));
            };
            let fields: Result<Vec<_>, _> =
                record.fields.iter().map(|f| from_json(&at.key(&f.name), &f.ty, types, log)).collect();
            Ok(Value::Record(fields?.into()))
        }
        Type::Union(id) => union(at, *id, ty, types, log),
        simple => {
            leaf(at.look(log), ty, simple, types).map_err(|(expected, found)| misfit(at, expected, found))
        }
    }
}

/// A member of an enum whose members hold values: its name, or `{"Name": {…}}` where it holds something.
fn union(at: &JsonAt, id: EnumId, ty: &Type, types: &TypeTable, log: &mut ReadLog) -> Result<Value, Misfit> {
    let found = at.look(log);
    let (name, inside) = match &found {
        Found::Str(name) => (name.clone(), None),
        Found::Object => {
            let members = at.members();
            for name in &members {
                at.key(name).look(log);
            }
            let [name] = members.as_slice() else {
                return Err(misfit(at, format!("{}: one member", types.name(ty)), found));
            };
            (name.clone(), Some(at.key(name)))
        }
        _ => return Err(misfit(at, types.name(ty), found)),
    };
    let held = types.tag(id, &name).and_then(|tag| Some((tag, types.held(id, tag)?.1)));
    let Some((tag, record)) = held else {
        let all = types.enumeration(id).map(|e| e.variants.join(", ")).unwrap_or_default();
        return Err(misfit(at, format!("{}: one of {all}", types.name(ty)), Found::Str(name)));
    };
    let fields = record.fields.get(1..).unwrap_or_default();
    let mut slots = vec![Value::Enum(tag)];
    match inside {
        Some(inside) => {
            let found = inside.look(log);
            if !matches!(found, Found::Object) {
                return Err(misfit(&inside, format!("what {name} holds"), found));
            }
            for field in fields {
                slots.push(from_json(&inside.key(&field.name), &field.ty, types, log)?);
            }
        }
        None if fields.is_empty() => {}
        None => {
            let names: Vec<&str> = fields.iter().map(|f| f.name.as_str()).collect();
            return Err(misfit(at, format!("{name} with {}", names.join(", ")), found));
        }
    }
    Ok(Value::Record(slots.into()))
}

fn misfit(at: &JsonAt, expected: String, found: Found) -> Misfit {
    Misfit { path: at.pointer.to_string(), expected, found }
}

/// A leaf as a simple type: `ty` as it is named, `simple` as it is at run time.
fn leaf(found: Found, ty: &Type, simple: &Type, types: &TypeTable) -> Result<Value, (String, Found)> {
    if let Type::Ranged(low, high) = simple {
        return match leaf(found.clone(), ty, &Type::Int, types) {
            Ok(Value::Int(n)) if (*low..=*high).contains(&n) => Ok(Value::Int(n)),
            _ => Err((types.name(ty), found)),
        };
    }
    let value = match (simple, &found) {
        (Type::Bool, Found::Bool(b)) => Some(Value::Bool(*b)),
        (Type::Int, Found::Int(n)) => Some(Value::Int(*n)),
        (Type::Int, Found::Number(n)) => whole(n).map(Value::Int),
        // The nearest double, as any reader of JSON takes it.
        #[expect(clippy::cast_precision_loss)]
        (Type::Float, Found::Int(n)) => Some(Value::Float(*n as f64)),
        (Type::Float, Found::Number(n)) => n.parse().ok().map(Value::Float),
        (Type::Size, Found::Int(n)) => u64::try_from(*n).ok().map(Value::Size),
        (Type::Size, Found::Number(n)) => {
            n.parse::<u64>().ok().or_else(|| whole(n).and_then(|n| u64::try_from(n).ok())).map(Value::Size)
        }
        (Type::Bool | Type::Int | Type::Float, Found::Str(_)) => None,
        (_, Found::Str(text)) => match parse_text(ty, text, types) {
            Ok(value) => Some(value),
            Err(why) => return Err((expected(ty, &why, types), found)),
        },
        _ => None,
    };
    value.ok_or_else(|| (types.name(ty), found))
}

/// `n as Int 0..100` of a number that is one already.
///
/// # Errors
/// A misfit without a path.
pub fn from_int(n: i64, ty: &Type, types: &TypeTable) -> Result<Value, Misfit> {
    match types.repr(ty) {
        Type::Option(of) => from_int(n, of, types),
        Type::Int => Ok(Value::Int(n)),
        Type::Ranged(low, high) if (*low..=*high).contains(&n) => Ok(Value::Int(n)),
        _ => Err(Misfit { path: String::new(), expected: types.name(ty), found: Found::Int(n) }),
    }
}

/// A whole number in any form: `8.0`, `1e3`.
fn whole(number: &str) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let x: f64 = number.parse().ok()?;
    // In range and without a fraction, so the cast is exact.
    #[expect(clippy::cast_possible_truncation)]
    (x.fract() == 0.0 && (-LIMIT..LIMIT).contains(&x)).then_some(x as i64)
}

/// In a sentence: where, what was expected, what was found. What was found is from outside: hostile.
impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at {}: ", self.path)?;
        }
        write!(f, "expected {}, found ", self.expected)?;
        match &self.found {
            Found::Str(text) => write!(f, "the text {text:?}"),
            Found::Int(n) => write!(f, "the number {n}"),
            Found::Number(n) => write!(f, "the number {n}"),
            other => f.write_str(other.kind()),
        }
    }
}

/// A value out of a file of ours (stubs, configuration), which has it as a document would.
///
/// # Errors
/// Path, expected and found, in a sentence.
pub fn from_plain(json: &serde_json::Value, ty: &Type, types: &TypeTable) -> Result<Value, String> {
    let root = JsonAt::root(Arc::new(Doc::Whole(json.clone())));
    from_json(&root, ty, types, &mut ReadLog::default()).map_err(|misfit| misfit.to_string())
}

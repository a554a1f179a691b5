//! Values and documents at random: what the world answers.

use std::net::IpAddr;

use play_program::types::{RecordId, Type, TypeTable};
use play_program::value::{Map, Value, Version};

use super::Rng;

/// A value of a type. Whole numbers are small, but for a few that are as large as can be.
#[must_use]
pub fn value(rng: &mut Rng, ty: &Type, types: &TypeTable) -> Value {
    let n = i64::try_from(rng.below(25)).unwrap_or(0);
    match ty {
        Type::Bool => Value::Bool(n % 2 == 0),
        Type::Int => Value::Int(match rng.below(60) {
            0 => i64::MAX,
            1 => i64::MIN,
            _ => n,
        }),
        Type::Float => Value::Float(match rng.below(24) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => -0.0,
            _ => f64::from(u32::try_from(n).unwrap_or(0)) / 4.0,
        }),
        Type::String => Value::str(rng.word(&["7", "done", "k0", "k1", "rec", "", "Zoë"])),
        Type::Time => {
            let seconds = [0, 1_795_176_000, -62_000_000_000, 253_000_000_000];
            let at = rng.pick(&seconds).copied().unwrap_or(0);
            Value::Time(jiff::Timestamp::from_second(at).unwrap_or_default())
        }
        Type::Duration => Value::Duration(jiff::SignedDuration::from_secs(n * 30)),
        Type::Size => Value::Size(if n == 0 { u64::MAX } else { n.unsigned_abs() * 1000 }),
        Type::Ip => {
            Value::Ip(if n % 2 == 0 { IpAddr::from([10, 0, 0, 1]) } else { IpAddr::from([192, 0, 2, 7]) })
        }
        Type::Option(_) if n % 2 == 0 => Value::None,
        Type::Option(of) => value(rng, of, types),
        Type::List(of) => {
            let items: Vec<Value> = (0..n % 4).map(|_| value(rng, of, types)).collect();
            Value::List(items.into())
        }
        Type::Ranged(low, high) => Value::Int(low + n.min(high - low)),
        Type::Map(key, of) => {
            let pairs = (0..n % 4).map(|_| (value(rng, key, types), value(rng, of, types)));
            Value::Map(pairs.collect::<Map>().into())
        }
        Type::Date => Value::Date(jiff::civil::date(2026, 11, i8::try_from(n).unwrap_or(0) + 1)),
        Type::Version => {
            let text = rng.word(&["1.2", "1.2.0", "2.0-rc.1", "1.1.1k"]);
            Version::parse(text).map_or(Value::None, |version| Value::Version(version.into()))
        }
        Type::Bytes => Value::Bytes(rng.word(&["", "k0", "Zoë"]).as_bytes().into()),
        Type::Union(id) => {
            let of = types.enumeration(*id).map(|e| e.holds.clone()).unwrap_or_default();
            let tag = rng.index(of.len());
            let mut slots = of.get(tag).map(|held| record(rng, *held, types)).unwrap_or_default();
            if let Some(member) = slots.first_mut() {
                *member = Value::Enum(u32::try_from(tag).unwrap_or(0));
            }
            Value::Record(slots.into())
        }
        Type::Enum(id) if n % 5 == 0 && types.enumeration(*id).is_some_and(|e| e.open) => {
            Value::str(rng.word(&["quic", "\u{1b}[2J"]))
        }
        Type::Enum(id) => {
            let count = types.enumeration(*id).map_or(1, |e| e.variants.len());
            Value::Enum(u32::try_from(rng.index(count)).unwrap_or(0))
        }
        Type::Record(id) => Value::Record(record(rng, *id, types).into()),
        Type::Newtype(_) => value(rng, types.repr(ty), types),
        _ => Value::None,
    }
}

/// The fields of a record or case.
#[must_use]
pub fn record(rng: &mut Rng, id: RecordId, types: &TypeTable) -> Vec<Value> {
    let fields = types.record(id).map(|r| r.fields.clone()).unwrap_or_default();
    fields.iter().map(|f| value(rng, &f.ty, types)).collect()
}

/// A document of the kind that the generated sources read: what they ask for is there, missing, `null` or something else.
#[must_use]
pub fn document(rng: &mut Rng) -> serde_json::Value {
    let mut root = serde_json::Map::new();
    for name in ["a", "f", "s", "o", "xs", "odd key", "at", "ip", "rec", "depth"] {
        if rng.chance(80) {
            root.insert(name.into(), leaf(rng, name, 2));
        }
    }
    serde_json::Value::Object(root)
}

fn leaf(rng: &mut Rng, name: &str, depth: u8) -> serde_json::Value {
    use serde_json::json;
    // Not what was asked for, now and then.
    let name = if rng.chance(20) { rng.word(&["a", "f", "s", "null", "float", "xs", "rec"]) } else { name };
    match name {
        "a" | "o" | "depth" => json!(rng.below(9)),
        "f" => json!(rng.chance(50)),
        "float" => json!(2.5),
        "null" => serde_json::Value::Null,
        "xs" if depth > 0 => (0..rng.below(4)).map(|_| leaf(rng, "a", depth - 1)).collect(),
        "rec" if depth > 0 => {
            let mut members = serde_json::Map::new();
            for (key, of) in [("n", "a"), ("s", "s"), ("xs", "xs"), ("b", "f")] {
                if rng.chance(85) {
                    members.insert(key.into(), leaf(rng, of, depth - 1));
                }
            }
            serde_json::Value::Object(members)
        }
        _ => json!(rng.word(&["k0", "7", "", " text ", "2026-11-20T12:00:00Z", "10.0.0.1"])),
    }
}

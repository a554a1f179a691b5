//! Values of each type: what the program speaks of, what stands beside it, and one of every kind.

use std::rc::Rc;

use jiff::SignedDuration;
use play_program::Value;
use play_program::convert;
use play_program::types::{EnumId, Type, TypeTable};
use play_program::value::Map;
use play_scheduler::testing::start;

use super::Pool;
use super::near::{near, near_duration};

/// Of one type, at the most.
const MOST: usize = 48;
/// Elements of a list, at the most.
const LONGEST: usize = 64;
/// How deep records are varied.
const DEEPEST: usize = 3;

/// One of each kind of text.
const TEXTS: &[&str] = &[
    "x",
    "example.com",
    "someone@example.com",
    "https://example.com/",
    "192.0.2.1",
    "192.0.2.0/24",
    "1.2.3",
    "2026-01-31",
    "eA==",
    "y",
];

/// Addresses that functions tell apart: private, of this machine, of the link, of the other family.
const ADDRESSES: &[&str] = &["10.0.0.1", "127.0.0.1", "169.254.1.1", "224.0.0.1", "2001:db8::1", "::1"];

/// A member of an open enum that nobody has declared.
const UNDECLARED: &str = "SOMETHING_ELSE";

impl Pool {
    /// A value that says nothing in particular; `None` for a type of which none can be written.
    pub fn plain(ty: &Type, types: &TypeTable) -> Option<Value> {
        let text = |text: &str| convert::from_text(text, ty, types).ok();
        Some(match types.repr(ty) {
            Type::Bool => Value::Bool(false),
            Type::Int => Value::Int(1),
            Type::Ranged(low, high) => Value::Int(1.clamp(*low, *high)),
            Type::Float => Value::Float(1.0),
            Type::Enum(_) => Value::Enum(0),
            Type::Union(id) => Self::member(*id, 0, types)?,
            Type::Option(_) | Type::Unit => Value::None,
            Type::List(_) => Value::List(Vec::new().into()),
            Type::Map(..) => Value::Map(std::sync::Arc::default()),
            Type::Time => Value::Time(start()),
            Type::Duration => Value::Duration(SignedDuration::from_mins(5)),
            Type::Size => Value::Size(1_000_000),
            Type::Record(id) => {
                let fields = &types.record(*id)?.fields;
                let fields: Option<Vec<_>> = fields.iter().map(|f| Self::plain(&f.ty, types)).collect();
                Value::Record(fields?.into())
            }
            Type::Json | Type::Regex | Type::Never | Type::Newtype(_) => return None,
            Type::Hash => return text(&"a".repeat(64)),
            _ => TEXTS.iter().find_map(|t| text(t))?,
        })
    }

    /// A member of an enum whose members hold values, with plain ones in it.
    fn member(id: EnumId, tag: u32, types: &TypeTable) -> Option<Value> {
        let (_, record) = types.held(id, tag)?;
        let parts = record.fields.iter().skip(1).map(|f| Self::plain(&f.ty, types));
        let slots: Option<Vec<_>> = std::iter::once(Some(Value::Enum(tag))).chain(parts).collect();
        Some(Value::Record(slots?.into()))
    }

    /// Values of a type, those first that say the least.
    pub fn values(&self, ty: &Type, types: &TypeTable) -> Vec<Value> {
        self.some(ty, types, 0).to_vec()
    }

    fn some(&self, ty: &Type, types: &TypeTable, depth: usize) -> Rc<[Value]> {
        let key = (ty.clone(), depth);
        let made = self.made.borrow().get(&key).cloned();
        made.unwrap_or_else(|| {
            let made: Rc<[Value]> = self.make(ty, types, depth).into();
            self.made.borrow_mut().insert(key, Rc::clone(&made));
            made
        })
    }

    fn make(&self, ty: &Type, types: &TypeTable, depth: usize) -> Vec<Value> {
        let mut all: Vec<Value> = Self::plain(ty, types).into_iter().collect();
        match types.repr(ty) {
            Type::Bool => all.push(Value::Bool(true)),
            Type::Int => all.extend(self.whole().map(Value::Int)),
            Type::Ranged(low, high) => {
                let inside = self.whole().filter(|n| (low..=high).contains(&n));
                let middle = low.checked_add(*high).map(|sum| sum / 2);
                all.extend([*low, *high].into_iter().chain(middle).chain(inside).map(Value::Int));
            }
            Type::Size => {
                all.extend(self.whole().filter_map(|n| u64::try_from(n).ok()).map(Value::Size));
                all.extend(self.spoken_of(|v| matches!(v, Value::Size(_))));
            }
            Type::Float => all.extend(self.spoken_of(|v| matches!(v, Value::Float(_)))),
            Type::Duration => {
                let spans = self.durations.iter().flat_map(|d| near_duration(*d));
                all.extend(spans.map(Value::Duration));
            }
            Type::Time => all.extend(self.times()),
            Type::Date => all.extend(self.dates()),
            Type::Version => {
                all.extend(self.spoken_of(|v| matches!(v, Value::Version(_))));
                all.extend(self.texts(ty, types));
            }
            Type::Bytes => {
                all.extend(self.spoken_of(|v| matches!(v, Value::Bytes(_))));
                let bytes = |of: &[u8]| Value::Bytes(of.into());
                all.extend(std::iter::once(bytes(b"")).chain(self.texts.iter().map(|t| bytes(t.as_bytes()))));
                all.extend(self.lengths(1).map(|n| bytes(&vec![b'x'; n])));
            }
            Type::Ip => {
                all.extend(self.spoken_of(|v| matches!(v, Value::Ip(_))));
                all.extend(ADDRESSES.iter().filter_map(|a| convert::from_text(a, ty, types).ok()));
            }
            Type::Cidr => all.extend(self.spoken_of(|v| matches!(v, Value::Cidr(_)))),
            Type::Enum(id) => {
                let of = types.enumeration(*id);
                let members = of.map_or(0, |e| e.variants.len());
                all.extend((0..u32::try_from(members).unwrap_or(0)).map(Value::Enum));
                all.extend(of.filter(|e| e.open).map(|_| Value::str(UNDECLARED)));
            }
            Type::Union(id) => {
                let members = types.enumeration(*id).map_or(0, |e| e.variants.len());
                let members =
                    (0..u32::try_from(members).unwrap_or(0)).filter_map(|t| Self::member(*id, t, types));
                let members: Vec<Value> = members.collect();
                if depth < DEEPEST {
                    let varied = members.iter().map(|m| self.varied(m, ty, types, depth));
                    let varied = in_turn(varied.collect());
                    all.extend(members.into_iter().chain(varied));
                } else {
                    all.extend(members);
                }
            }
            Type::Option(of) => all.extend(self.some(of, types, depth).iter().cloned()),
            Type::List(of) => all.extend(self.lists(of, types, depth)),
            Type::Map(key, of) => all.extend(self.maps(key, of, types, depth)),
            Type::Record(_) if depth < DEEPEST => {
                let plain = all.first().cloned();
                all.extend(plain.iter().flat_map(|p| self.varied(p, ty, types, depth)));
            }
            Type::Json | Type::Regex | Type::Unit | Type::Never | Type::Newtype(_) | Type::Record(_) => {}
            _ => all.extend(self.texts(ty, types)),
        }
        let mut kept: Vec<Value> = Vec::new();
        for value in all {
            if kept.len() < MOST && !kept.iter().any(|k| k.same(&value)) {
                kept.push(value);
            }
        }
        kept
    }

    /// A value with one part of it changed.
    pub fn varied(&self, value: &Value, ty: &Type, types: &TypeTable, depth: usize) -> Vec<Value> {
        match (types.repr(ty), value) {
            (Type::Option(of), present) if !matches!(present, Value::None) => {
                self.varied(present, of, types, depth)
            }
            (Type::Record(id), Value::Record(slots)) if depth < DEEPEST => {
                let fields = types.record(*id).map(|r| r.fields.as_slice()).unwrap_or_default();
                self.changed(slots, fields.iter().map(|f| &f.ty).enumerate(), types, depth)
            }
            (Type::Union(id), Value::Record(slots)) if depth < DEEPEST => {
                let Some(Value::Enum(tag)) = slots.first() else { return Vec::new() };
                let fields = types.held(*id, *tag).map(|(_, r)| r.fields.as_slice()).unwrap_or_default();
                // The first says which member it is.
                self.changed(slots, fields.iter().map(|f| &f.ty).enumerate().skip(1), types, depth)
            }
            (Type::List(of), Value::List(items)) if items.len() < LONGEST => {
                let mut all = Vec::new();
                for value in self.some(of, types, depth + 1).iter().cloned() {
                    let mut longer = items.to_vec();
                    longer.push(value);
                    all.push(Value::List(longer.into()));
                }
                for (at, item) in items.iter().enumerate() {
                    for value in self.varied(item, of, types, depth + 1) {
                        let mut other = items.to_vec();
                        if let Some(place) = other.get_mut(at) {
                            *place = value;
                        }
                        all.push(Value::List(other.into()));
                    }
                }
                all
            }
            (Type::Map(key, of), Value::Map(map)) if map.len() < LONGEST => {
                let (keys, values) = (self.some(key, types, depth + 1), self.some(of, types, depth + 1));
                let one = |key: &Value, value: &Value| {
                    let mut other = Map::clone(map);
                    other.insert(key.clone(), value.clone());
                    Value::Map(std::sync::Arc::new(other))
                };
                let there = map.iter().flat_map(|(key, _)| values.iter().map(move |v| (key, v)));
                let new = keys.iter().filter(|k| map.get(k).is_none()).zip(values.iter().cycle());
                there.chain(new).map(|(key, value)| one(key, value)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn changed<'a>(
        &self,
        slots: &[Value],
        fields: impl Iterator<Item = (usize, &'a Type)>,
        types: &TypeTable,
        depth: usize,
    ) -> Vec<Value> {
        let one = |(slot, ty): (usize, &Type)| {
            let with = |value: Value| {
                let mut other = slots.to_vec();
                if let Some(place) = other.get_mut(slot) {
                    *place = value;
                }
                Value::Record(other.into())
            };
            self.some(ty, types, depth + 1).iter().cloned().map(with).collect()
        };
        in_turn(fields.map(one).collect())
    }

    fn lists(&self, of: &Type, types: &TypeTable, depth: usize) -> Vec<Value> {
        let elements = self.some(of, types, depth + 1);
        let one = elements.iter().map(|e| Value::List(vec![e.clone()].into()));
        let mut all: Vec<Value> = one.take(MOST / 3).collect();
        if let [first, second, ..] = &*elements {
            all.push(Value::List(vec![first.clone(), second.clone()].into()));
        }
        let long = |e: &Value, n: usize| Value::List(vec![e.clone(); n].into());
        let lengths: Vec<usize> = self.lengths(2).collect();
        let first = elements.first().map(|e| lengths.iter().map(|n| long(e, *n)).collect());
        // What is counted may be only some of them: as many of each other kind as the program asks for at the most.
        let most = lengths.iter().max().copied();
        let others = most.map(|n| elements.iter().skip(1).map(|e| long(e, n)).collect());
        all.extend(in_turn(first.into_iter().chain(others).collect()));
        all
    }

    /// Maps of one entry: each key once, with each value in turn; and of as many entries as the program asks for.
    fn maps(&self, key: &Type, of: &Type, types: &TypeTable, depth: usize) -> Vec<Value> {
        let (keys, values) = (self.some(key, types, depth + 1), self.some(of, types, depth + 1));
        let map = |entries: &mut dyn Iterator<Item = (Value, Value)>| {
            let mut map = Map::default();
            entries.for_each(|(key, value)| map.insert(key, value));
            Value::Map(std::sync::Arc::new(map))
        };
        let one = |(key, value): (&Value, &Value)| map(&mut std::iter::once((key.clone(), value.clone())));
        let mut all: Vec<Value> = keys.iter().zip(values.iter().cycle()).map(one).collect();
        all.truncate(MOST / 3);
        if let Some(first) = values.first() {
            all.extend(
                self.lengths(2).map(|n| map(&mut keys.iter().take(n).map(|k| (k.clone(), first.clone())))),
            );
        }
        all.extend(
            keys.iter().take(8).flat_map(|k| values.iter().skip(1).take(8).map(move |v| (k, v))).map(one),
        );
        all
    }

    /// What the program speaks of, and what stands beside it.
    fn spoken_of(&self, wanted: impl Fn(&Value) -> bool) -> impl Iterator<Item = Value> {
        self.others.iter().filter(move |v| wanted(v)).flat_map(near)
    }

    fn times(&self) -> Vec<Value> {
        let mut all: Vec<Value> = self.spoken_of(|v| matches!(v, Value::Time(_))).collect();
        let spans = self.durations.iter().flat_map(|d| near_duration(*d));
        // The hours of a day, and the days of a week.
        let parts = [6, 12, 18, 24, 48, 72, 96, 120, 144].into_iter().map(SignedDuration::from_hours);
        for span in spans {
            let both = [start().checked_sub(span), start().checked_add(span)];
            all.extend(both.into_iter().flatten().map(Value::Time));
        }
        all.extend(parts.filter_map(|span| start().checked_add(span).ok()).map(Value::Time));
        all
    }

    fn dates(&self) -> Vec<Value> {
        let mut all: Vec<Value> = self.spoken_of(|v| matches!(v, Value::Date(_))).collect();
        let today = start().to_zoned(jiff::tz::TimeZone::UTC).date();
        all.push(Value::Date(today));
        let day = SignedDuration::from_hours(24);
        let days = self.durations.iter().flat_map(|d| [d.checked_sub(day), Some(*d), d.checked_add(day)]);
        for span in days.flatten() {
            let both = [today.checked_sub(span), today.checked_add(span)];
            all.extend(both.into_iter().flatten().map(Value::Date));
        }
        all
    }

    /// Numbers that the program compares with, and those beside them.
    fn whole(&self) -> impl Iterator<Item = i64> + '_ {
        let near = |n: &i64| [n.checked_sub(1), Some(*n), n.checked_add(1)];
        [0, 1].into_iter().chain(self.numbers.iter().flat_map(near).flatten())
    }

    /// Those of them that a length may have.
    fn lengths(&self, least: usize) -> impl Iterator<Item = usize> + '_ {
        let whole = self.whole().filter_map(|n| usize::try_from(n).ok());
        whole.filter(move |n| (least..=LONGEST).contains(n))
    }

    fn texts(&self, ty: &Type, types: &TypeTable) -> Vec<Value> {
        let read = |text: &str| convert::from_text(text, ty, types).ok();
        let mut all = Vec::new();
        for text in &self.texts {
            all.extend(read(text));
            match types.repr(ty) {
                Type::Email => all.extend(read(&format!("someone@{text}"))),
                Type::Url => all.extend(read(&url(text))),
                Type::Domain => all.extend(text.rsplit('@').next().and_then(|d| read(&format!("sub.{d}")))),
                _ => {}
            }
        }
        all.extend(TEXTS.iter().copied().chain([""]).filter_map(read));
        match types.repr(ty) {
            Type::String => all.extend(self.lengths(2).map(|n| Value::str(&"x".repeat(n)))),
            Type::Url => {
                let ports = self.numbers.iter().filter(|n| (80..=65_535).contains(*n));
                all.extend(ports.filter_map(|n| read(&format!("https://example.com:{n}/"))));
            }
            Type::Hash => all.extend([32, 40, 128].into_iter().filter_map(|n| read(&"a".repeat(n)))),
            _ => {}
        }
        all
    }
}

/// The first of each, then the second of each, and so on.
fn in_turn(of: Vec<Vec<Value>>) -> Vec<Value> {
    let mut ways: Vec<(usize, Value)> = of.into_iter().flat_map(|one| one.into_iter().enumerate()).collect();
    ways.sort_by_key(|(turn, _)| *turn);
    ways.into_iter().map(|(_, value)| value).collect()
}

/// An address with a text in it, where one like that stands.
fn url(text: &str) -> String {
    match text {
        "http" | "ftp" | "ws" | "wss" => format!("{text}://example.com/"),
        _ if text.starts_with(['/', '?', '#']) => format!("https://example.com{text}"),
        _ if text.ends_with(".php") || text.ends_with(".exe") || text.ends_with(".zip") => {
            format!("https://example.com/{text}")
        }
        _ => format!("https://{text}/"),
    }
}

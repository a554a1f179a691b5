//! Literals of CEL as literals of Play, and the values that variables of the corpus have.

use super::Reason;
use super::parse::E;
use super::textproto::{Field, Message};

/// A type, as far as the translation has to know it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum T {
    Bool,
    Int,
    /// An `Int` to Play.
    Uint,
    Double,
    Str,
    Time,
    Duration,
    Ip,
    Cidr,
    Bytes,
    /// Keys and values.
    Map(Box<T>, Box<T>),
    List(Box<T>),
    Option(Box<T>),
    /// Of an empty list: any would do.
    Any,
}

impl T {
    /// As it is written in Play.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Bool => "Bool".into(),
            Self::Int | Self::Uint | Self::Any => "Int".into(),
            Self::Double => "Float".into(),
            Self::Str => "String".into(),
            Self::Time => "Time".into(),
            Self::Duration => "Duration".into(),
            Self::Ip => "Ip".into(),
            Self::Cidr => "Cidr".into(),
            Self::Bytes => "Bytes".into(),
            // Any key would do.
            Self::Map(key, of) if **key == Self::Any => format!("{{String: {}}}", of.name()),
            Self::Map(key, of) => format!("{{{}: {}}}", key.name(), of.name()),
            Self::List(of) => format!("[{}]", of.name()),
            Self::Option(of) => format!("{}?", of.name().trim_end_matches('?')),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Any => true,
            Self::List(of) | Self::Option(of) | Self::Map(_, of) => of.is_open(),
            _ => false,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Uint | Self::Double)
    }

    /// Whether both are one type to Play.
    pub(super) fn same(&self, other: &T) -> bool {
        self.is_open() || other.is_open() || self.name() == other.name()
    }
}

/// A literal.
pub(super) fn literal(e: &E) -> Option<(String, T)> {
    Some(match e {
        E::Bool(b) => (b.to_string(), T::Bool),
        E::Int(n) => (n.to_string(), T::Int),
        E::Uint(n) => (n.to_string(), T::Uint),
        E::Double(x) => (float(*x), T::Double),
        E::Str(text) => (quoted(text), T::Str),
        _ => return None,
    })
}

fn float(x: f64) -> String {
    let text = format!("{x:?}");
    match text.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0e{exponent}"),
        _ => text,
    }
}

/// A text as a literal of Play.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '{' | '}' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if c.is_control() || c == '\u{feff}' || c == '\u{2028}' || c == '\u{2029}' => {
                quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The value of a variable, as an expression of CEL, or of Play where CEL has no literal for it.
pub(super) fn bound(value: &Message) -> Result<Bound, Reason> {
    let Some((kind, field)) = value.0.first() else { return Err(Reason::Dynamic) };
    let number = |w: &str| w.parse::<i128>().map_err(|_| Reason::Dynamic);
    Ok(Bound::Cel(match (kind.as_str(), field) {
        ("bool_value", Field::Word(w)) => E::Bool(w == "true"),
        ("int64_value", Field::Word(w)) => E::Int(number(w)?),
        ("uint64_value", Field::Word(w)) => E::Uint(number(w)?.unsigned_abs()),
        ("double_value", Field::Word(w)) => E::Double(w.parse().map_err(|_| Reason::Dynamic)?),
        ("string_value", Field::Text(t)) => E::Str(String::from_utf8_lossy(t).into_owned()),
        ("bytes_value", Field::Text(bytes)) => E::Bytes(bytes.clone()),
        ("null_value", _) => return Err(Reason::Null),
        ("map_value", Field::Message(map)) => {
            let part = |entry: &Message, name: &str| match entry.message(name).map(bound) {
                Some(Ok(Bound::Cel(e))) => Ok(e),
                Some(Err(reason)) => Err(reason),
                _ => Err(Reason::Dynamic),
            };
            let entries = map.messages("entries").map(|e| Ok((false, part(e, "key")?, part(e, "value")?)));
            E::Map(entries.collect::<Result<_, _>>()?)
        }
        ("list_value", Field::Message(list)) => {
            let items = list.messages("values").map(|v| match bound(v)? {
                Bound::Cel(e) => Ok((false, e)),
                Bound::Play(..) => Err(Reason::Dynamic),
            });
            E::List(items.collect::<Result<_, _>>()?)
        }
        ("object_value", Field::Message(object)) => {
            let Some((name, Field::Message(parts))) = object.0.first() else { return Err(Reason::Messages) };
            let part = |n| parts.word(n).unwrap_or("0").to_string();
            if name.ends_with(".Duration") {
                let text = format!("{}s{}ns", part("seconds"), part("nanos"));
                return Ok(Bound::Play(format!("(\"{text}\" as Duration?)"), T::Duration));
            }
            return Err(Reason::Messages);
        }
        _ => return Err(Reason::Messages),
    }))
}

/// What a variable stands for.
pub(super) enum Bound {
    Cel(E),
    /// A conversion that may fail.
    Play(String, T),
}

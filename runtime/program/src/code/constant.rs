//! Values that stand in code.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::value::{Value, Version};

/// A value without parts. Lists and records are made by instructions, so that decoding needs no recursion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Constant {
    /// An absent option; nothing.
    None,
    /// `Bool`
    Bool(bool),
    /// `Int`
    Int(i64),
    /// `Float`, by its bits: equal constants are the same constant.
    Float(u64),
    /// `String`, `Url`, `Email`, `Domain`, `Hash`
    Str(String),
    /// A pattern. Compiled when the program is loaded.
    Regex(String),
    /// `Time`
    Time(Timestamp),
    /// `Duration`
    Duration(SignedDuration),
    /// `Size`, bytes
    Size(u64),
    /// `Ip`
    Ip(IpAddr),
    /// `Cidr`
    Cidr(IpNet),
    /// A member of an enum, by its tag.
    Enum(u32),
    /// `Bytes`
    Bytes(Vec<u8>),
    /// `Date`
    Date(Date),
    /// `Version`, as it is written.
    Version(String),
}

impl Constant {
    /// The constant of a value; `None` for lists, maps, records and places in documents.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::None => Self::None,
            Value::Bool(b) => Self::Bool(*b),
            Value::Int(n) => Self::Int(*n),
            Value::Float(x) => Self::Float(x.to_bits()),
            Value::Str(s) => Self::Str(s.to_string()),
            Value::Time(t) => Self::Time(*t),
            Value::Duration(d) => Self::Duration(*d),
            Value::Size(n) => Self::Size(*n),
            Value::Ip(ip) => Self::Ip(*ip),
            Value::Cidr(net) => Self::Cidr(*net),
            Value::Enum(tag) => Self::Enum(*tag),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Value::Date(date) => Self::Date(*date),
            Value::Version(version) => Self::Version(version.to_string()),
            Value::List(_) | Value::Map(_) | Value::Record(_) | Value::Json(_) => return None,
        })
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::None => Value::None,
            Self::Bool(b) => Value::Bool(*b),
            Self::Int(n) => Value::Int(*n),
            Self::Float(bits) => Value::Float(f64::from_bits(*bits)),
            Self::Str(s) | Self::Regex(s) => Value::str(s),
            Self::Time(t) => Value::Time(*t),
            Self::Duration(d) => Value::Duration(*d),
            Self::Size(n) => Value::Size(*n),
            Self::Ip(ip) => Value::Ip(*ip),
            Self::Cidr(net) => Value::Cidr(*net),
            Self::Enum(tag) => Value::Enum(*tag),
            Self::Bytes(bytes) => Value::Bytes(bytes.as_slice().into()),
            Self::Date(date) => Value::Date(*date),
            // One that is none stands in no checked artifact.
            Self::Version(text) => {
                Version::parse(text).map_or(Value::None, |version| Value::Version(version.into()))
            }
        }
    }
}

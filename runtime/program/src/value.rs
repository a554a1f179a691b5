//! Values at run time.

mod key;
mod map;
mod version;

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use key::key;
pub use map::Map;
pub use version::Version;

use crate::json::JsonAt;

/// A value. The static type says how to read it: `Url`, `Email`, `Domain`, `Hash` and `String` are all `Str`, in normal
/// form; a newtype is its content; an absent option is `None`, a present one its content.
#[derive(Clone, Debug)]
pub enum Value {
    /// An absent option, and the result of an action without one.
    None,
    /// `Bool`
    Bool(bool),
    /// `Int`
    Int(i64),
    /// `Float`
    Float(f64),
    /// `String`, `Url`, `Email`, `Domain`, `Hash`, and the pattern of a `Regex`.
    Str(Arc<str>),
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
    /// `Bytes`
    Bytes(Arc<[u8]>),
    /// `Date`
    Date(Date),
    /// `Version`
    Version(Arc<Version>),
    /// A member of an enum, by its tag.
    Enum(u32),
    /// `{K: V}`
    Map(Arc<Map>),
    /// `[T]`
    List(Arc<[Value]>),
    /// A record, by slot.
    Record(Arc<[Value]>),
    /// A place in a document.
    Json(JsonAt),
}

impl Value {
    /// Text.
    #[must_use]
    pub fn str(text: &str) -> Self {
        Self::Str(Arc::from(text))
    }

    /// Equality of values of the same static type. Floats by IEEE; JSON places are never equal (the checker allows no
    /// comparison of them).
    #[must_use]
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Size(a), Self::Size(b)) => a == b,
            (Self::Ip(a), Self::Ip(b)) => a == b,
            (Self::Cidr(a), Self::Cidr(b)) => a == b,
            (Self::Enum(a), Self::Enum(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Date(a), Self::Date(b)) => a == b,
            (Self::Version(a), Self::Version(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a.same(b),
            (Self::List(a), Self::List(b)) | (Self::Record(a), Self::Record(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(x, y)| x.same(y))
            }
            _ => false,
        }
    }
}

/// Why a call failed. A value, never a panic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which of the eight.
    pub kind: FailureKind,
    /// The connector's own words, or where and what for a body that could not be read. Comes from outside: hostile.
    pub words: String,
}

impl Failure {
    /// As the record that a program sees: `Failure { kind, words }`. The tag of a kind is its index in [`FailureKind::ALL`].
    #[must_use]
    pub fn value(&self) -> Value {
        let tag = FailureKind::ALL.iter().position(|k| *k == self.kind).unwrap_or_default();
        Value::Record(
            vec![Value::Enum(u32::try_from(tag).unwrap_or_default()), Value::str(&self.words)].into(),
        )
    }
}

/// The ways in which a call can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FailureKind {
    /// No answer in time.
    Timeout,
    /// 401, 403.
    Denied,
    /// 404.
    NotFound,
    /// 429.
    RateLimited,
    /// Could not be reached, or 5xx.
    Unavailable,
    /// Any other 4xx.
    Rejected,
    /// An answer that could not be read as what the action promises.
    BadResponse,
    /// Stopped by us.
    Cancelled,
}

impl FailureKind {
    /// All, in the order of the language's reference.
    pub const ALL: [FailureKind; 8] = [
        Self::Timeout,
        Self::Denied,
        Self::NotFound,
        Self::RateLimited,
        Self::Unavailable,
        Self::Rejected,
        Self::BadResponse,
        Self::Cancelled,
    ];

    /// As written in Play.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Timeout => "Timeout",
            Self::Denied => "Denied",
            Self::NotFound => "NotFound",
            Self::RateLimited => "RateLimited",
            Self::Unavailable => "Unavailable",
            Self::Rejected => "Rejected",
            Self::BadResponse => "BadResponse",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether what a wait asks for may come yet: it is not there, or nobody could say. Any other failure ends the wait.
    #[must_use]
    pub fn may_come(self) -> bool {
        matches!(self, Self::NotFound | Self::Timeout | Self::RateLimited | Self::Unavailable)
    }

    /// By its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

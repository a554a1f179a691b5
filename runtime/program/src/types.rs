//! Types as the runtime sees them: enough to lay out records, and to read and write values.

use serde::{Deserialize, Serialize};

use crate::value::Value;

/// Index into [`TypeTable::records`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordId(pub u32);

/// Index into [`TypeTable::enums`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EnumId(pub u32);

/// Index into [`TypeTable::newtypes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NewtypeId(pub u32);

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// `Bool`
    Bool,
    /// 64-bit signed, checked.
    Int,
    /// `Int 0..100`: an `Int` from the first to the second, both inside.
    Ranged(i64, i64),
    /// IEEE double.
    Float,
    /// Unicode text.
    String,
    /// An instant, nanoseconds.
    Time,
    /// A span of time, nanoseconds, no calendar months.
    Duration,
    /// Bytes.
    Size,
    /// IPv4 or IPv6 address.
    Ip,
    /// A network; host bits are zero.
    Cidr,
    /// A host name, lower case, ASCII (IDNA).
    Domain,
    /// An absolute URL.
    Url,
    /// A mail address, domain in lower case.
    Email,
    /// MD5, SHA-1, SHA-256 or SHA-512, lower-case hex.
    Hash,
    /// Bytes, as base64 in documents.
    Bytes,
    /// A day, without a time or a zone.
    Date,
    /// A version of some software.
    Version,
    /// A pattern; only as a constant.
    Regex,
    /// The only untyped value: a place in a document that came from outside.
    Json,
    /// What an action without a result gives.
    Unit,
    /// `[T]`
    #[serde(deserialize_with = "nested::read")]
    List(Box<Type>),
    /// `T?`; never nested.
    #[serde(deserialize_with = "nested::read")]
    Option(Box<Type>),
    /// `{K: V}`
    Map(
        #[serde(deserialize_with = "nested::read")] Box<Type>,
        #[serde(deserialize_with = "nested::read")] Box<Type>,
    ),
    /// A record or a case.
    Record(RecordId),
    /// An enum; one whose members hold nothing, or the member alone of one whose members do.
    Enum(EnumId),
    /// An enum whose members hold values: a record, by the layout of its member.
    Union(EnumId),
    /// A newtype: its own type to the checker, its content at run time.
    Newtype(NewtypeId),
    /// Of an expression that never has a value (`close …`).
    Never,
}

impl Type {
    /// Whether its values are whole numbers, of whatever range.
    #[must_use]
    pub fn is_int(&self) -> bool {
        matches!(self, Self::Int | Self::Ranged(..))
    }

    /// The type without ranges: values of both look the same.
    #[must_use]
    pub fn widened(&self) -> Type {
        match self {
            Self::Ranged(..) => Self::Int,
            Self::List(of) => Self::List(Box::new(of.widened())),
            Self::Option(of) => Self::Option(Box::new(of.widened())),
            Self::Map(key, of) => Self::Map(Box::new(key.widened()), Box::new(of.widened())),
            other => other.clone(),
        }
    }
}

/// A record's layout: the field's index is its slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordType {
    /// Its name.
    pub name: String,
    /// Whether it is a `case`; its first fields are then those of [`crate::shape::CASE_FIELDS`].
    pub is_case: bool,
    /// In slot order.
    pub fields: Vec<FieldType>,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldType {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// An enum's members: the member's index is its tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumType {
    /// Its name.
    pub name: String,
    /// Whether `<` is defined on it (members in ascending order).
    pub ordered: bool,
    /// Whether there may be members that nobody has declared: each is the text of its name then.
    pub open: bool,
    /// In tag order.
    pub variants: Vec<String>,
    /// What each member holds, in tag order: a record whose first field is the member itself. Empty where none holds
    /// anything.
    pub holds: Vec<RecordId>,
}

impl EnumType {
    /// A closed enum without an order, whose members hold nothing.
    #[must_use]
    pub fn of(name: impl Into<String>, variants: Vec<String>) -> Self {
        Self { name: name.into(), ordered: false, open: false, variants, holds: Vec::new() }
    }
}

/// A newtype.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewType {
    /// Its name.
    pub name: String,
    /// What it is made of (never another newtype).
    pub of: Type,
}

/// All named types of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeTable {
    /// Records and cases.
    pub records: Vec<RecordType>,
    /// Enums. The first two are built in: see [`TypeTable::SEVERITY`] and [`TypeTable::CLOSURE`].
    pub enums: Vec<EnumType>,
    /// Newtypes.
    pub newtypes: Vec<NewType>,
}

impl TypeTable {
    /// `Severity`, ordered: Informational < Low < Medium < High < Critical.
    pub const SEVERITY: EnumId = EnumId(0);
    /// `Closure`: how a case can be closed.
    pub const CLOSURE: EnumId = EnumId(1);

    /// A table with the built-in enums.
    #[must_use]
    pub fn with_builtins() -> Self {
        let own = |v: &[&str]| v.iter().map(|s| (*s).to_string()).collect();
        Self {
            records: Vec::new(),
            enums: vec![
                EnumType {
                    name: "Severity".into(),
                    ordered: true,
                    open: false,
                    variants: own(&["Informational", "Low", "Medium", "High", "Critical"]),
                    holds: Vec::new(),
                },
                EnumType {
                    name: "Closure".into(),
                    ordered: false,
                    open: false,
                    variants: own(&[
                        "TruePositive",
                        "BenignPositive",
                        "FalsePositive",
                        "Duplicate",
                        "Suppressed",
                    ]),
                    holds: Vec::new(),
                },
            ],
            newtypes: Vec::new(),
        }
    }

    /// The layout of a record.
    #[must_use]
    pub fn record(&self, id: RecordId) -> Option<&RecordType> {
        self.records.get(id.0 as usize)
    }

    /// The members of an enum.
    #[must_use]
    pub fn enumeration(&self, id: EnumId) -> Option<&EnumType> {
        self.enums.get(id.0 as usize)
    }

    /// The name of an enum's member.
    #[must_use]
    pub fn variant(&self, id: EnumId, tag: u32) -> Option<&str> {
        self.enumeration(id)?.variants.get(tag as usize).map(String::as_str)
    }

    /// What a member holds: a record whose first field is the member itself.
    #[must_use]
    pub fn held(&self, id: EnumId, tag: u32) -> Option<(RecordId, &RecordType)> {
        let record = *self.enumeration(id)?.holds.get(tag as usize)?;
        Some((record, self.record(record)?))
    }

    /// The tag of a member by its name.
    #[must_use]
    pub fn tag(&self, id: EnumId, name: &str) -> Option<u32> {
        let tag = self.enumeration(id)?.variants.iter().position(|v| v == name)?;
        u32::try_from(tag).ok()
    }

    /// The member of a value of an enum whose members hold values, and what it holds: each with its name and type.
    #[must_use]
    pub fn parts<'a>(
        &'a self,
        id: EnumId,
        value: &'a Value,
    ) -> Option<(&'a str, impl ExactSizeIterator<Item = (&'a FieldType, &'a Value)>)> {
        let Value::Record(slots) = value else { return None };
        let Some(Value::Enum(tag)) = slots.first() else { return None };
        let (_, record) = self.held(id, *tag)?;
        Some((self.variant(id, *tag)?, record.fields.iter().zip(slots.iter()).skip(1)))
    }

    /// A newtype.
    #[must_use]
    pub fn newtype(&self, id: NewtypeId) -> Option<&NewType> {
        self.newtypes.get(id.0 as usize)
    }

    /// The type as it is at run time: newtypes replaced by what they are made of (not inside lists and options).
    #[must_use]
    pub fn repr<'a>(&'a self, ty: &'a Type) -> &'a Type {
        match ty {
            Type::Newtype(id) => self.newtype(*id).map_or(ty, |n| &n.of),
            other => other,
        }
    }

    /// The type as it is written.
    #[must_use]
    pub fn name(&self, ty: &Type) -> String {
        match ty {
            Type::List(of) => format!("[{}]", self.name(of)),
            Type::Option(of) => format!("{}?", self.name(of)),
            Type::Map(key, value) => format!("{{{}: {}}}", self.name(key), self.name(value)),
            Type::Record(id) => self.record(*id).map_or_else(|| "?".into(), |r| r.name.clone()),
            Type::Enum(id) | Type::Union(id) => {
                self.enumeration(*id).map_or_else(|| "?".into(), |e| e.name.clone())
            }
            Type::Newtype(id) => self.newtype(*id).map_or_else(|| "?".into(), |n| n.name.clone()),
            Type::Ranged(low, high) => format!("Int {low}..{high}"),
            Type::Unit => "nothing".into(),
            Type::Never => "never".into(),
            simple => format!("{simple:?}"),
        }
    }
}

/// Reads the inner type of a list or option, to a bounded depth: a damaged artifact must not exhaust the stack.
mod nested {
    use std::cell::Cell;

    use serde::{Deserialize, Deserializer, de::Error};

    use super::Type;

    const DEEPEST: u32 = 64;

    thread_local! {
        static DEPTH: Cell<u32> = const { Cell::new(0) };
    }

    pub(super) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Box<Type>, D::Error> {
        let depth = DEPTH.get();
        if depth >= DEEPEST {
            return Err(D::Error::custom("a type is nested too deeply"));
        }
        DEPTH.set(depth.saturating_add(1));
        let inner = Type::deserialize(from);
        DEPTH.set(depth);
        inner.map(Box::new)
    }
}

//! What every case has.

use crate::types::{Type, TypeTable};
use crate::value::Value;

/// The fields that every case has, before its own, in slot order.
pub const CASE_FIELDS: &[&str] = &["id", "source", "opened", "severity", "title"];

/// Slot of `id: String`: given by the engine.
pub const CASE_ID: usize = 0;
/// Slot of `source: String`: the name of the source.
pub const CASE_SOURCE: usize = 1;
/// Slot of `opened: Time`: when the engine took the alert.
pub const CASE_OPENED: usize = 2;
/// Slot of `severity: Severity`: `Medium` unless mapped.
pub const CASE_SEVERITY: usize = 3;
/// Slot of `title: String`: empty unless mapped.
pub const CASE_TITLE: usize = 4;

/// Tag of `Medium`, the default severity.
pub const SEVERITY_MEDIUM: u32 = 2;

/// What a field is that every case has and no source has mapped; nothing for those that the engine gives.
#[must_use]
pub fn case_default(slot: usize) -> Option<Value> {
    match slot {
        CASE_SEVERITY => Some(Value::Enum(SEVERITY_MEDIUM)),
        CASE_TITLE => Some(Value::str("")),
        _ => None,
    }
}

/// The type of a field that every case has.
#[must_use]
pub fn case_field_type(slot: usize) -> Option<Type> {
    match slot {
        CASE_ID | CASE_SOURCE | CASE_TITLE => Some(Type::String),
        CASE_OPENED => Some(Type::Time),
        CASE_SEVERITY => Some(Type::Enum(TypeTable::SEVERITY)),
        _ => None,
    }
}

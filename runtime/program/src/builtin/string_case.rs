//! Upper and lower case, by Unicode, the same in every language.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const LOWER: Builtin = Builtin {
    name: "lower",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::String,
    doc: "In lower case.",
    examples: &[(r#""ÄB-1".lower()"#, r#""äb-1""#)],
    run: |call| Some(Value::str(&call.text(0)?.to_lowercase())),
};

pub(super) const UPPER: Builtin = Builtin {
    name: "upper",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::String,
    doc: "In upper case.",
    examples: &[(r#""äb-1".upper()"#, r#""ÄB-1""#)],
    run: |call| Some(Value::str(&call.text(0)?.to_uppercase())),
};

//! A text in a text.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const CONTAINS: Builtin = Builtin {
    name: "contains",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Bool,
    doc: "Whether the other text stands somewhere in it.",
    examples: &[(r#""mimikatz.exe".contains("katz")"#, "true"), (r#""a".contains("A")"#, "false")],
    run: |call| Some(Value::Bool(call.text(0)?.contains(call.text(1)?))),
};

pub(super) const STARTS_WITH: Builtin = Builtin {
    name: "starts_with",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Bool,
    doc: "Whether it starts with the other text.",
    examples: &[(r#""arn:aws:iam".starts_with("arn:")"#, "true")],
    run: |call| Some(Value::Bool(call.text(0)?.starts_with(call.text(1)?))),
};

pub(super) const ENDS_WITH: Builtin = Builtin {
    name: "ends_with",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Bool,
    doc: "Whether it ends with the other text.",
    examples: &[(r#""a.exe".ends_with(".exe")"#, "true"), (r#""a.EXE".ends_with(".exe")"#, "false")],
    run: |call| Some(Value::Bool(call.text(0)?.ends_with(call.text(1)?))),
};

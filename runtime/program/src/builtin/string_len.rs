//! How long a text is.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const LEN: Builtin = Builtin {
    name: "len",
    property: true,
    receiver: Shape::String,
    params: &[],
    result: Shape::Int,
    doc: "The number of its characters (Unicode scalar values, not bytes).",
    examples: &[(r#""Zoë".len"#, "3"), (r#""".len"#, "0")],
    run: |call| i64::try_from(call.text(0)?.chars().count()).ok().map(Value::Int),
};

pub(super) const BYTES_LEN: Builtin = Builtin {
    name: "len",
    property: true,
    receiver: Shape::Bytes,
    params: &[],
    result: Shape::Int,
    doc: "How many there are.",
    examples: &[("content.len", "5")],
    run: |call| match call.args.first()? {
        Value::Bytes(bytes) => i64::try_from(bytes.len()).ok().map(Value::Int),
        _ => None,
    },
};

pub(super) const IS_EMPTY: Builtin = Builtin {
    name: "is_empty",
    property: true,
    receiver: Shape::String,
    params: &[],
    result: Shape::Bool,
    doc: "Whether there is nothing in it, not even a blank.",
    examples: &[(r#""".is_empty"#, "true"), (r#"" ".is_empty"#, "false")],
    run: |call| Some(Value::Bool(call.text(0)?.is_empty())),
};

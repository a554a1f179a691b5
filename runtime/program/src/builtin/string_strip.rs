//! The ends of a text taken off.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const STRIP_PREFIX: Builtin = Builtin {
    name: "strip_prefix",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::String,
    doc: "Without the other text at its start; as it is when it does not start with it.",
    examples: &[
        (r#""Re: alert".strip_prefix("Re: ")"#, r#""alert""#),
        (r#""alert".strip_prefix("Re: ")"#, r#""alert""#),
    ],
    run: |call| {
        let text = call.text(0)?;
        Some(Value::str(text.strip_prefix(call.text(1)?).unwrap_or(text)))
    },
};

pub(super) const STRIP_SUFFIX: Builtin = Builtin {
    name: "strip_suffix",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::String,
    doc: "Without the other text at its end; as it is when it does not end with it.",
    examples: &[(r#""HOST$".strip_suffix("$")"#, r#""HOST""#)],
    run: |call| {
        let text = call.text(0)?;
        Some(Value::str(text.strip_suffix(call.text(1)?).unwrap_or(text)))
    },
};

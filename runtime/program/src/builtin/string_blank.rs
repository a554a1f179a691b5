//! Whether a text says anything.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const IS_BLANK: Builtin = Builtin {
    name: "is_blank",
    property: true,
    receiver: Shape::String,
    params: &[],
    result: Shape::Bool,
    doc: "Whether there is nothing in it but blanks (of Unicode, line ends too).",
    examples: &[(r#"" \n".is_blank"#, "true"), (r#""a".is_blank"#, "false")],
    run: |call| Some(Value::Bool(call.text(0)?.trim().is_empty())),
};

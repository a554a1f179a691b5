//! Blanks at the ends of a text.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const TRIM: Builtin = Builtin {
    name: "trim",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::String,
    doc: "Without blanks (of Unicode, line ends too) at its start and end.",
    examples: &[(r#"" a b ".trim()"#, r#""a b""#)],
    run: |call| Some(Value::str(call.text(0)?.trim())),
};

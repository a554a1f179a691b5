//! Comparing without regard to case.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const EQUALS_IGNORING_CASE: Builtin = Builtin {
    name: "equals_ignoring_case",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Bool,
    doc: "Whether both are the same in lower case.",
    examples: &[
        (r#""Admin".equals_ignoring_case("ADMIN")"#, "true"),
        (r#""Admin".equals_ignoring_case("admins")"#, "false"),
    ],
    run: |call| Some(Value::Bool(call.text(0)?.to_lowercase() == call.text(1)?.to_lowercase())),
};

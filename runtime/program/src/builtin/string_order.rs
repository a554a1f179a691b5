//! The order of texts. A function and no operator: `"10" < "9"` is true of texts and never what was meant.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const SORTS_BEFORE: Builtin = Builtin {
    name: "sorts_before",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Bool,
    doc: "Whether `.sort()` puts it before the other: by code point, so capitals come before small letters.",
    examples: &[
        (r#""a".sorts_before("b")"#, "true"),
        (r#""a".sorts_before("B")"#, "false"),
        (r#""10".sorts_before("9")"#, "true"),
    ],
    run: |call| Some(Value::Bool(call.text(0)? < call.text(1)?)),
};

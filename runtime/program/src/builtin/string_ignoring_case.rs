//! A text in a text, without regard to case: as in [`super::string_search`], of both in lower case.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const CONTAINS: Builtin = Builtin {
    name: "contains_ignoring_case",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Bool,
    doc: "Whether the other text stands somewhere in it, both in lower case.",
    examples: &[(r#""Mimikatz.EXE".contains_ignoring_case("KATZ")"#, "true")],
    run: |call| both(call, |text, part| text.contains(part)),
};

pub(super) const STARTS_WITH: Builtin = Builtin {
    name: "starts_with_ignoring_case",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Bool,
    doc: "Whether it starts with the other text, both in lower case.",
    examples: &[(r#""ADM-ada".starts_with_ignoring_case("adm-")"#, "true")],
    run: |call| both(call, |text, part| text.starts_with(part)),
};

pub(super) const ENDS_WITH: Builtin = Builtin {
    name: "ends_with_ignoring_case",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Bool,
    doc: "Whether it ends with the other text, both in lower case.",
    examples: &[(r#""INVOICE.PDF.EXE".ends_with_ignoring_case(".exe")"#, "true")],
    run: |call| both(call, |text, part| text.ends_with(part)),
};

fn both(call: &Call<'_>, holds: fn(&str, &str) -> bool) -> Option<Value> {
    Some(Value::Bool(holds(&call.text(0)?.to_lowercase(), &call.text(1)?.to_lowercase())))
}

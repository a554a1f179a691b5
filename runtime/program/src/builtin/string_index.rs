//! Where a text stands in a text.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const INDEX_OF: Builtin = Builtin {
    name: "index_of",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Option(&Shape::Int),
    doc: "The position of the first occurrence of the other text, in characters from 0.",
    examples: &[(r#""ta©o©αT".index_of("©α")"#, "4"), (r#""abc".index_of("x") == none"#, "true")],
    run: |call| chars_before(call.text(0)?, call.text(0)?.find(call.text(1)?)?),
};

pub(super) const LAST_INDEX_OF: Builtin = Builtin {
    name: "last_index_of",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Option(&Shape::Int),
    doc: "The position of the last occurrence of the other text, in characters from 0.",
    examples: &[(r#""a.b.c".last_index_of(".")"#, "3"), (r#""abc".last_index_of("x") == none"#, "true")],
    run: |call| chars_before(call.text(0)?, call.text(0)?.rfind(call.text(1)?)?),
};

fn chars_before(text: &str, byte: usize) -> Option<Value> {
    i64::try_from(text.get(..byte)?.chars().count()).ok().map(Value::Int)
}

//! A text taken apart.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const SPLIT: Builtin = Builtin {
    name: "split",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::List(&Shape::String),
    doc: "The parts between the occurrences of the other text; the whole when that is empty.",
    examples: &[(r#""a,b,,c".split(",")"#, r#"["a", "b", "", "c"]"#), (r#""abc".split("")"#, r#"["abc"]"#)],
    run: split,
};

fn split(call: &Call<'_>) -> Option<Value> {
    let (text, at) = (call.text(0)?, call.text(1)?);
    if at.is_empty() {
        return Some(Value::List([Value::str(text)].into()));
    }
    Some(Value::List(text.split(at).map(Value::str).collect()))
}

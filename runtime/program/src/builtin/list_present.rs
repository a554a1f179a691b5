//! What is there in a list of options.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const PRESENT: Builtin = Builtin {
    name: "present",
    property: false,
    receiver: Shape::List(&Shape::Option(&Shape::Any)),
    params: &[],
    result: Shape::List(&Shape::Any),
    doc: "Its elements that are there.",
    examples: &[(r#"[["a"].first, ["b"].take(0).first].present()"#, r#"["a"]"#)],
    run: present,
};

fn present(call: &Call<'_>) -> Option<Value> {
    let there = call.list()?.iter().filter(|item| !matches!(item, Value::None));
    Some(Value::List(there.cloned().collect()))
}

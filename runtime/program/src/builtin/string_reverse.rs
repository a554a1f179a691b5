//! A text from its end to its start.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const REVERSE: Builtin = Builtin {
    name: "reverse",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::String,
    doc: "Its characters from the last to the first.",
    examples: &[(r#""Ta©oCαt".reverse()"#, r#""tαCo©aT""#)],
    run: |call| Some(Value::Str(call.text(0)?.chars().rev().collect::<String>().into())),
};

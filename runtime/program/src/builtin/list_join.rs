//! Texts put together.

use crate::builtin::{Builtin, Call, Shape, push_within, text_limit};
use crate::value::Value;

pub(super) const JOIN: Builtin = Builtin {
    name: "join",
    property: false,
    receiver: Shape::List(&Shape::String),
    params: &[Shape::String],
    result: Shape::String,
    doc: "Its texts, with the other between each two. Cut at a mebibyte, unless more went in.",
    examples: &[(r#"["a", "b"].join(", ")"#, r#""a, b""#), (r#"["a"].join(", ")"#, r#""a""#)],
    run: join,
};

fn join(call: &Call<'_>) -> Option<Value> {
    let between = call.text(1)?;
    let texts = || {
        call.list().unwrap_or_default().iter().filter_map(|item| match item {
            Value::Str(text) => Some(text),
            _ => None,
        })
    };
    call.list()?;
    let limit = text_limit(texts().fold(between.len(), |sum, text| sum.saturating_add(text.len())));
    let mut result = String::new();
    for (index, text) in texts().enumerate() {
        if (index > 0 && !push_within(limit, &mut result, between)) || !push_within(limit, &mut result, text)
        {
            break;
        }
    }
    Some(Value::Str(result.into()))
}

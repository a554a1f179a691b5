//! Texts made longer.

use crate::builtin::{Builtin, Call, Shape, push_within, text_limit};
use crate::value::Value;

pub(super) const PAD_START: Builtin = Builtin {
    name: "pad_start",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Int, Shape::String],
    result: Shape::String,
    doc: "Made so many characters long by the other text, repeated, before it. As it is when it is that long, or the other is empty. At most a mebibyte is added.",
    examples: &[(r#""7".pad_start(3, "0")"#, r#""007""#), (r#""1234".pad_start(3, "0")"#, r#""1234""#)],
    run: |call| {
        let mut text = padding(call)?;
        text.push_str(call.text(0)?);
        Some(Value::Str(text.into()))
    },
};

pub(super) const PAD_END: Builtin = Builtin {
    name: "pad_end",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Int, Shape::String],
    result: Shape::String,
    doc: "The same, behind it.",
    examples: &[(r#""ab".pad_end(5, ".")"#, r#""ab...""#)],
    run: |call| Some(Value::str(&format!("{}{}", call.text(0)?, padding(call)?))),
};

fn padding(call: &Call<'_>) -> Option<String> {
    let (text, with) = (call.text(0)?, call.text(2)?);
    let wanted = usize::try_from(call.int(1)?.max(0)).unwrap_or(usize::MAX);
    let missing = wanted.saturating_sub(text.chars().count());
    let limit = text_limit(0);
    Some(
        with.chars()
            .cycle()
            .take(missing.min(limit))
            .scan(0_usize, |bytes, c| {
                *bytes = bytes.saturating_add(c.len_utf8());
                (*bytes <= limit).then_some(c)
            })
            .collect(),
    )
}

pub(super) const REPEAT: Builtin = Builtin {
    name: "repeat",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Int],
    result: Shape::String,
    doc: "So many times, one behind the other; empty for a negative number. Cut at a mebibyte, unless more went in.",
    examples: &[(r#""ab".repeat(3)"#, r#""ababab""#), (r#""ab".repeat(-1)"#, r#""""#)],
    run: repeat,
};

fn repeat(call: &Call<'_>) -> Option<Value> {
    let text = call.text(0)?;
    let limit = text_limit(text.len());
    let mut result = String::new();
    if !text.is_empty() {
        for _ in 0..call.int(1)? {
            if !push_within(limit, &mut result, text) {
                break;
            }
        }
    }
    Some(Value::Str(result.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Type, TypeTable};

    #[test]
    fn nothing_gets_longer_than_a_mebibyte() {
        let types = TypeTable::default();
        let len = |builtin: &Builtin, args: &[Value]| match builtin.eval(args, &Type::String, &types) {
            Value::Str(text) => text.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(len(&REPEAT, &[Value::str("ab"), Value::Int(i64::MAX)]), 1 << 20);
        assert_eq!(
            len(&PAD_START, &[Value::str("ab"), Value::Int(i64::MAX), Value::str("é")]),
            (1 << 20) + 2
        );
        assert_eq!(len(&PAD_END, &[Value::str("ab"), Value::Int(9), Value::str("")]), 2);
    }
}

//! Parts of a text replaced.

use crate::builtin::{Builtin, Call, Shape, push_within, text_limit};
use crate::value::Value;

pub(super) const REPLACE: Builtin = Builtin {
    name: "replace",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String, Shape::String],
    result: Shape::String,
    doc: "With each occurrence of the first text replaced by the second; as it is when the first is empty. Cut at a mebibyte, unless more went in.",
    examples: &[
        (r#""a.b.c".replace(".", "[.]")"#, r#""a[.]b[.]c""#),
        (r#""abc".replace("", "-")"#, r#""abc""#),
    ],
    run: replace,
};

fn replace(call: &Call<'_>) -> Option<Value> {
    let (text, from, to) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if from.is_empty() {
        return Some(Value::str(text));
    }
    let limit = text_limit(text.len().saturating_add(from.len()).saturating_add(to.len()));
    let mut result = String::new();
    for (index, part) in text.split(from).enumerate() {
        if (index > 0 && !push_within(limit, &mut result, to)) || !push_within(limit, &mut result, part) {
            break;
        }
    }
    Some(Value::Str(result.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Type, TypeTable};

    #[test]
    fn a_replacement_cannot_fill_the_memory() {
        let args = [Value::str(&"a".repeat(4096)), Value::str("a"), Value::str(&"ö".repeat(4096))];
        let Value::Str(text) = REPLACE.eval(&args, &Type::String, &TypeTable::default()) else {
            panic!("a text")
        };
        assert_eq!(text.len(), 1 << 20);
    }
}

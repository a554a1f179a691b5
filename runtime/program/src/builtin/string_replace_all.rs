//! What a pattern matches, replaced.

use crate::builtin::patterns::compiled;
use crate::builtin::{Builtin, Call, Shape, push_within, text_limit};
use crate::value::Value;

pub(super) const REPLACE_ALL: Builtin = Builtin {
    name: "replace_all",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Regex, Shape::String],
    result: Shape::String,
    doc: "With each part that the pattern matches replaced by the text, as it stands: a `$1` in it is a `$1`. Cut at a mebibyte, unless more went in.",
    examples: &[
        (r#""card 4111-1111".replace_all(/\d/, "*")"#, r#""card ****-****""#),
        (r#""a  b".replace_all(/\s+/, " ")"#, r#""a b""#),
    ],
    run: replace_all,
};

fn replace_all(call: &Call<'_>) -> Option<Value> {
    let (text, with) = (call.text(0)?, call.text(2)?);
    let pattern = compiled(call.text(1)?)?;
    let limit = text_limit(text.len().saturating_add(with.len()));
    let mut result = String::new();
    let mut done = 0;
    for found in pattern.find_iter(text) {
        let between = text.get(done..found.start())?;
        if !push_within(limit, &mut result, between) || !push_within(limit, &mut result, with) {
            return Some(Value::Str(result.into()));
        }
        done = found.end();
    }
    push_within(limit, &mut result, text.get(done..)?);
    Some(Value::Str(result.into()))
}

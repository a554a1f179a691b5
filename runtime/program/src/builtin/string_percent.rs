//! Percent-encoding, as in URLs.

use crate::builtin::{Builtin, Call, Shape, push_within, text_limit};
use crate::value::Value;

pub(super) const ENCODE: Builtin = Builtin {
    name: "percent_encode",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::String,
    doc: "Each byte of its UTF-8 that is no letter or digit of ASCII and none of `-._~` as `%` and two digits. Cut at a mebibyte, unless more went in.",
    examples: &[(r#""a b/é".percent_encode()"#, r#""a%20b%2F%C3%A9""#)],
    run: encode,
};

fn encode(call: &Call<'_>) -> Option<Value> {
    let text = call.text(0)?;
    let limit = text_limit(text.len());
    let mut result = String::new();
    for byte in text.bytes() {
        let fits = if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            push_within(limit, &mut result, char::from(byte).encode_utf8(&mut [0; 4]))
        } else {
            result.len().saturating_add(3) <= limit
                && push_within(limit, &mut result, &format!("%{byte:02X}"))
        };
        if !fits {
            break;
        }
    }
    Some(Value::Str(result.into()))
}

pub(super) const DECODE: Builtin = Builtin {
    name: "percent_decode",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::Option(&Shape::String),
    doc: "With each `%` and two digits as the byte that they stand for; a `+` stays. `none` when that is no UTF-8, or a `%` stands alone.",
    examples: &[
        (r#""a%20b%2f%C3%A9".percent_decode()"#, r#""a b/é""#),
        (r#""100%".percent_decode() == none"#, "true"),
        (r#""%ff".percent_decode() == none"#, "true"),
    ],
    run: decode,
};

fn decode(call: &Call<'_>) -> Option<Value> {
    let mut bytes = Vec::new();
    let mut rest = call.text(0)?.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(high << 4 | low);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(|text| Value::Str(text.into()))
}

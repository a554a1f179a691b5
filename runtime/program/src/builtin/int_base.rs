//! Whole numbers in other bases than ten.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const IN_BASE: Builtin = Builtin {
    name: "in_base",
    property: false,
    receiver: Shape::Int,
    params: &[Shape::Int],
    result: Shape::Option(&Shape::String),
    doc: "In the digits of a base from 2 to 36, in small letters; `none` for another base.",
    examples: &[
        ("255.in_base(16)", r#""ff""#),
        ("(-5).in_base(2)", r#""-101""#),
        ("5.in_base(1) == none", "true"),
    ],
    run: in_base,
};

fn in_base(call: &Call<'_>) -> Option<Value> {
    let base = u32::try_from(call.int(1)?).ok().filter(|b| (2..=36).contains(b))?;
    let number = call.int(0)?;
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(rest.checked_rem(base.into())?).ok()?;
        digits.push(char::from_digit(digit, base)?);
        rest = rest.checked_div(base.into())?;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        digits.push('-');
    }
    Some(Value::Str(digits.iter().rev().collect::<String>().into()))
}

pub(super) const FROM_BASE: Builtin = Builtin {
    name: "int_in_base",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Int],
    result: Shape::Option(&Shape::Int),
    doc: "The number that it is in a base from 2 to 36; `none` when it is none, does not fit, or the base is another.",
    examples: &[
        (r#""ff".int_in_base(16)"#, "255"),
        (r#""0x1F".strip_prefix("0x").int_in_base(16)"#, "31"),
        (r#""9".int_in_base(8) == none"#, "true"),
    ],
    run: |call| {
        let base = u32::try_from(call.int(1)?).ok().filter(|b| (2..=36).contains(b))?;
        let text = call.text(0)?;
        if text.starts_with('+') {
            return None;
        }
        i64::from_str_radix(text, base).ok().map(Value::Int)
    },
};

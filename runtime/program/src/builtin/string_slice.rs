//! A part of a text by positions. A character is a Unicode scalar value, as for `len`; the first has the position 0.

use crate::builtin::{Builtin, Call, Shape, position};
use crate::value::Value;

pub(super) const SLICE: Builtin = Builtin {
    name: "slice",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Int, Shape::Int],
    result: Shape::String,
    doc: "Its characters from one position up to, and without, another; what would lie beyond its ends is left out.",
    examples: &[
        (r#""tacocat".slice(0, 4)"#, r#""taco""#),
        (r#""tacocat".slice(4, 99)"#, r#""cat""#),
        (r#""tacocat".slice(4, 2)"#, r#""""#),
    ],
    run: |call| part(call, position(call.int(1)?), position(call.int(2)?)),
};

pub(super) const TAKE: Builtin = Builtin {
    name: "take",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Int],
    result: Shape::String,
    doc: "Its first characters, at most so many.",
    examples: &[(r#""Zoë!".take(3)"#, r#""Zoë""#), (r#""ab".take(-1)"#, r#""""#)],
    run: |call| part(call, 0, position(call.int(1)?)),
};

pub(super) const DROP: Builtin = Builtin {
    name: "drop",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Int],
    result: Shape::String,
    doc: "Without its first characters, so many.",
    examples: &[(r#""tacocat".drop(4)"#, r#""cat""#), (r#""ab".drop(5)"#, r#""""#)],
    run: |call| part(call, position(call.int(1)?), usize::MAX),
};

pub(super) const AT: Builtin = Builtin {
    name: "at",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Int],
    result: Shape::Option(&Shape::String),
    doc: "The character at a position, `none` beyond its ends.",
    examples: &[
        (r#""©αT".at(1)"#, r#""α""#),
        (r#""ab".at(2) == none"#, "true"),
        (r#""ab".at(-1) == none"#, "true"),
    ],
    run: |call| {
        let index = usize::try_from(call.int(1)?).ok()?;
        call.text(0)?.chars().nth(index).map(|c| Value::str(c.encode_utf8(&mut [0; 4])))
    },
};

fn part(call: &Call<'_>, from: usize, to: usize) -> Option<Value> {
    let chars = call.text(0)?.chars().skip(from).take(to.saturating_sub(from));
    Some(Value::Str(chars.collect::<String>().into()))
}

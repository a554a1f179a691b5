//! The bits of a number: flags that systems pack into one, as `userAccountControl`. All 64 count, the sign's too.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const AND: Builtin = Builtin {
    name: "bit_and",
    property: false,
    receiver: Shape::Int,
    params: &[Shape::Int],
    result: Shape::Int,
    doc: "The bits that are set in both.",
    examples: &[("514.bit_and(2)", "2"), ("512.bit_and(2)", "0")],
    run: |call| Some(Value::Int(call.int(0)? & call.int(1)?)),
};

pub(super) const OR: Builtin = Builtin {
    name: "bit_or",
    property: false,
    receiver: Shape::Int,
    params: &[Shape::Int],
    result: Shape::Int,
    doc: "The bits that are set in one or both.",
    examples: &[("4.bit_or(1)", "5")],
    run: |call| Some(Value::Int(call.int(0)? | call.int(1)?)),
};

pub(super) const XOR: Builtin = Builtin {
    name: "bit_xor",
    property: false,
    receiver: Shape::Int,
    params: &[Shape::Int],
    result: Shape::Int,
    doc: "The bits that are set in one of both.",
    examples: &[("1.bit_xor(3)", "2")],
    run: |call| Some(Value::Int(call.int(0)? ^ call.int(1)?)),
};

pub(super) const NOT: Builtin = Builtin {
    name: "bit_not",
    property: false,
    receiver: Shape::Int,
    params: &[],
    result: Shape::Int,
    doc: "The bits that are not set.",
    examples: &[("0.bit_not()", "-1")],
    run: |call| Some(Value::Int(!call.int(0)?)),
};

pub(super) const SHIFT_LEFT: Builtin = Builtin {
    name: "shift_left",
    property: false,
    receiver: Shape::Int,
    params: &[Shape::Int],
    result: Shape::Option(&Shape::Int),
    doc: "Its bits so many places higher, zeros behind them; those beyond the 64th fall out. `none` for a negative number of places.",
    examples: &[("1.shift_left(4)", "16"), ("1.shift_left(64)", "0"), ("1.shift_left(-1) == none", "true")],
    run: |call| {
        let places = u32::try_from(call.int(1)?.min(64)).ok()?;
        Some(Value::Int(call.int(0)?.checked_shl(places).unwrap_or(0)))
    },
};

pub(super) const SHIFT_RIGHT: Builtin = Builtin {
    name: "shift_right",
    property: false,
    receiver: Shape::Int,
    params: &[Shape::Int],
    result: Shape::Option(&Shape::Int),
    doc: "Its bits so many places lower, zeros before them. `none` for a negative number of places.",
    examples: &[
        ("1024.shift_right(2)", "256"),
        ("(-1).shift_right(63)", "1"),
        ("1.shift_right(-1) == none", "true"),
    ],
    run: |call| {
        let places = u32::try_from(call.int(1)?.min(64)).ok()?;
        let bits = call.int(0)?.cast_unsigned().checked_shr(places).unwrap_or(0);
        Some(Value::Int(bits.cast_signed()))
    },
};

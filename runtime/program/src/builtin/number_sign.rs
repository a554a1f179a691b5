//! The sign of a number.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const INT_SIGN: Builtin = Builtin {
    name: "sign",
    property: false,
    receiver: Shape::Int,
    params: &[],
    result: Shape::Int,
    doc: "-1, 0 or 1.",
    examples: &[("(-11).sign()", "-1")],
    run: |call| Some(Value::Int(call.int(0)?.signum())),
};

pub(super) const FLOAT_SIGN: Builtin = Builtin {
    name: "sign",
    property: false,
    receiver: Shape::Float,
    params: &[],
    result: Shape::Float,
    doc: "-1.0, 0.0 or 1.0; what is no number stays so.",
    examples: &[("(-32.5).sign()", "-1.0"), ("0.0.sign()", "0.0")],
    run: |call| {
        let x = call.float(0)?;
        Some(Value::Float(if x == 0.0 { x } else { x.signum() }))
    },
};

pub(super) const FLOAT_ABS: Builtin = Builtin {
    name: "abs",
    property: false,
    receiver: Shape::Float,
    params: &[],
    result: Shape::Float,
    doc: "Its distance from zero.",
    examples: &[("(-11.5).abs()", "11.5")],
    run: |call| Some(Value::Float(call.float(0)?.abs())),
};

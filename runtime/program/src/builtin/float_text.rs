//! A `Float` for people.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const FIXED: Builtin = Builtin {
    name: "fixed",
    property: false,
    receiver: Shape::Float,
    params: &[Shape::Int],
    result: Shape::String,
    doc: "With so many digits behind the point, from 0 to 17, the nearest such number. `NaN`, `inf` and `-inf` as they are.",
    examples: &[
        ("(2.0 / 3.0).fixed(2)", r#""0.67""#),
        ("1052.9.fixed(0)", r#""1053""#),
        ("(1.0 / 0.0).fixed(2)", r#""inf""#),
    ],
    run: fixed,
};

fn fixed(call: &Call<'_>) -> Option<Value> {
    let digits = usize::try_from(call.int(1)?.clamp(0, 17)).ok()?;
    Some(Value::Str(format!("{:.digits$}", call.float(0)?).into()))
}

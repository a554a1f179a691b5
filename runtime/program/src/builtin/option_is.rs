//! Whether an option is there.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const IS_SOME: Builtin = Builtin {
    name: "is_some",
    property: true,
    receiver: Shape::Option(&Shape::Any),
    params: &[],
    result: Shape::Bool,
    doc: "Whether there is a value.",
    examples: &[("[1].first.is_some", "true")],
    run: |call| Some(Value::Bool(!matches!(call.args.first()?, Value::None))),
};

pub(super) const IS_NONE: Builtin = Builtin {
    name: "is_none",
    property: true,
    receiver: Shape::Option(&Shape::Any),
    params: &[],
    result: Shape::Bool,
    doc: "Whether there is no value.",
    examples: &[("[1].first.is_none", "false")],
    run: |call| Some(Value::Bool(matches!(call.args.first()?, Value::None))),
};

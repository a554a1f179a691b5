//! The name of a member.

use crate::builtin::{Builtin, Call, Shape};
use crate::types::Type;
use crate::value::Value;

pub(super) const NAME: Builtin = Builtin {
    name: "name",
    property: true,
    receiver: Shape::Enum,
    params: &[],
    result: Shape::String,
    doc: "The name of the member, as it is declared.",
    examples: &[("Severity.High.name", r#""High""#)],
    run: name,
};

fn name(call: &Call<'_>) -> Option<Value> {
    let (Type::Enum(id), Value::Enum(tag)) = (call.receiver, call.args.first()?) else { return None };
    call.types.variant(*id, *tag).map(Value::str)
}

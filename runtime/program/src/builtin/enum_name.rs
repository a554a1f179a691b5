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
    match (call.receiver, call.args.first()?) {
        (Type::Enum(id), Value::Enum(tag)) => call.types.variant(*id, *tag).map(Value::str),
        // One that nobody has declared.
        (Type::Enum(_), Value::Str(name)) => Some(Value::Str(name.clone())),
        (Type::Union(id), value) => call.types.parts(*id, value).map(|(name, _)| Value::str(name)),
        _ => None,
    }
}

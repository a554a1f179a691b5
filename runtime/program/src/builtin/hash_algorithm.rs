//! The algorithm of a digest.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const ALGORITHM: Builtin = Builtin {
    name: "algorithm",
    property: true,
    receiver: Shape::Hash,
    params: &[],
    result: Shape::String,
    doc: "Its algorithm by its length: `MD5`, `SHA-1`, `SHA-256` or `SHA-512`.",
    examples: &[("digest.algorithm", r#""MD5""#)],
    run: algorithm,
};

fn algorithm(call: &Call<'_>) -> Option<Value> {
    let name = match call.text(0)?.len() {
        32 => "MD5",
        40 => "SHA-1",
        64 => "SHA-256",
        128 => "SHA-512",
        _ => return None,
    };
    Some(Value::str(name))
}

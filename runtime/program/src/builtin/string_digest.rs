//! The digest of a text.

use sha2::{Digest, Sha256};

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const SHA256: Builtin = Builtin {
    name: "sha256",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::Hash,
    doc: "The SHA-256 digest of its UTF-8.",
    examples: &[(
        r#""abc".sha256().text"#,
        r#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#,
    )],
    run: |call| Some(Value::str(&data_encoding::HEXLOWER.encode(&Sha256::digest(call.text(0)?.as_bytes())))),
};

//! Bytes and text.

use std::sync::Arc;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest, Sha256};

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const OF_TEXT: Builtin = Builtin {
    name: "utf8",
    property: true,
    receiver: Shape::String,
    params: &[],
    result: Shape::Bytes,
    doc: "Its bytes in UTF-8.",
    examples: &[(r#""hello".utf8 == content"#, "true"), (r#""hello".utf8.base64"#, r#""aGVsbG8=""#)],
    run: |call| Some(Value::Bytes(call.text(0)?.as_bytes().into())),
};

pub(super) const UTF8: Builtin = Builtin {
    name: "utf8",
    property: true,
    receiver: Shape::Bytes,
    params: &[],
    result: Shape::Option(&Shape::String),
    doc: "The text that they are in UTF-8; `none` when they are none.",
    examples: &[("content.utf8", r#""hello""#), (r#"("ff".unhex() else content).utf8 == none"#, "true")],
    run: |call| std::str::from_utf8(bytes(call)?).ok().map(Value::str),
};

pub(super) const HEX: Builtin = Builtin {
    name: "hex",
    property: true,
    receiver: Shape::Bytes,
    params: &[],
    result: Shape::String,
    doc: "In hexadecimal digits, small letters.",
    examples: &[("content.hex", r#""68656c6c6f""#)],
    run: |call| Some(Value::str(&HEXLOWER.encode(bytes(call)?))),
};

pub(super) const UNHEX: Builtin = Builtin {
    name: "unhex",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::Option(&Shape::Bytes),
    doc: "The bytes that it is in hexadecimal digits, two for each; `none` when it is something else.",
    examples: &[(r#""68656C6c6f".unhex() == content"#, "true"), (r#""6".unhex() == none"#, "true")],
    run: |call| {
        let decoded = HEXLOWER_PERMISSIVE.decode(call.text(0)?.as_bytes()).ok();
        decoded.map(|bytes| Value::Bytes(bytes.into()))
    },
};

pub(super) const SHA256: Builtin = Builtin {
    name: "sha256",
    property: false,
    receiver: Shape::Bytes,
    params: &[],
    result: Shape::Hash,
    doc: "Their SHA-256 digest.",
    examples: &[(
        "content.sha256().text",
        r#""2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#,
    )],
    run: |call| Some(Value::str(&HEXLOWER.encode(&Sha256::digest(bytes(call)?)))),
};

pub(super) const IS_EMPTY: Builtin = Builtin {
    name: "is_empty",
    property: true,
    receiver: Shape::Bytes,
    params: &[],
    result: Shape::Bool,
    doc: "Whether there are none.",
    examples: &[("content.is_empty", "false")],
    run: |call| Some(Value::Bool(bytes(call)?.is_empty())),
};

fn bytes<'a>(call: &'a Call<'_>) -> Option<&'a Arc<[u8]>> {
    match call.args.first()? {
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

//! Bytes as text: base64.

use data_encoding::{BASE64, DecodeKind};

/// Base64 of RFC 4648: the standard alphabet, with its padding, and nothing else in between.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    BASE64.decode(text.as_bytes()).map_err(|e| {
        match e.kind {
            DecodeKind::Length | DecodeKind::Padding => {
                "base64 has four characters for three bytes, `=` at its end"
            }
            DecodeKind::Symbol => "base64 has letters, digits, `+` and `/`",
            DecodeKind::Trailing => "bits are set behind the last byte",
        }
        .into()
    })
}

/// The base64 of bytes.
pub(super) fn show_bytes(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

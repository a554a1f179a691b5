//! The blobs that a line names.

use std::collections::BTreeMap;

use play_evidence::kinds::{self, Shape};
use play_evidence::line::read_hash;
use play_evidence::{J, ParsedLine};

/// A blob that a line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRef {
    /// Of salt and body.
    pub digest: [u8; 32],
    /// Bytes of the body, as the line says.
    pub len: Option<u64>,
}

/// All blobs that a line names. Only where its kind has value positions: a value may look like one.
#[must_use]
pub fn blob_refs(line: &ParsedLine) -> Vec<BlobRef> {
    let Some(kind) = kinds::kind(&line.k) else { return Vec::new() };
    let mut refs = Vec::new();
    for field in kind.fields() {
        let Some(value) = line.field(field.name) else { continue };
        match (field.shape, value) {
            (Shape::Value | Shape::Blob, J::Obj(position)) => refs.extend(blob_ref(position)),
            (Shape::Values | Shape::Found | Shape::Mapped, J::Obj(members)) => {
                refs.extend(members.values().filter_map(object).filter_map(blob_ref));
            }
            (Shape::Parts, J::Arr(parts)) => {
                let sides = parts.iter().flat_map(|p| [p.get("l"), p.get("r"), p.get("on")]).flatten();
                refs.extend(sides.filter_map(object).filter_map(blob_ref));
            }
            _ => {}
        }
    }
    refs
}

fn object(j: &J) -> Option<&BTreeMap<String, J>> {
    match j {
        J::Obj(members) => Some(members),
        _ => None,
    }
}

fn blob_ref(position: &BTreeMap<String, J>) -> Option<BlobRef> {
    if position.contains_key("val") {
        return None;
    }
    let digest = position.get("blob").and_then(J::as_str).and_then(read_hash)?;
    let len = position.get("len").and_then(J::as_int).and_then(|n| u64::try_from(n).ok());
    Some(BlobRef { digest, len })
}

//! Small records that carry their own checksum: a JSON object with a member `seal`, the SHA-256 of the same object
//! without it. Nothing is proved by that but that the bytes are as written.

use std::collections::BTreeMap;

use play_evidence::J;
use play_evidence::line::{hash, hex};

const SEAL: &str = "seal";

/// The record as a line.
pub(crate) fn seal(mut members: BTreeMap<String, J>) -> Vec<u8> {
    members.remove(SEAL);
    let mut record = J::Obj(members);
    let sealed = hex(&hash(&record.to_bytes()));
    if let J::Obj(members) = &mut record {
        members.insert(SEAL.into(), J::Str(sealed));
    }
    let mut bytes = record.to_bytes();
    bytes.push(b'\n');
    bytes
}

/// The members of a record, if not one byte of it has changed.
pub(crate) fn unseal(bytes: &[u8]) -> Option<BTreeMap<String, J>> {
    let (b'\n', json) = bytes.split_last()? else { return None };
    let Ok(J::Obj(mut members)) = J::parse(json) else { return None };
    let Some(J::Str(sealed)) = members.remove(SEAL) else { return None };
    let bare = J::Obj(members);
    if sealed != hex(&hash(&bare.to_bytes())) {
        return None;
    }
    let J::Obj(members) = bare else { return None };
    Some(members)
}

/// A number of a record.
pub(crate) fn number(members: &BTreeMap<String, J>, name: &str) -> Option<u64> {
    members.get(name).and_then(J::as_int).and_then(|n| u64::try_from(n).ok())
}

/// A text of a record.
pub(crate) fn text<'a>(members: &'a BTreeMap<String, J>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(J::as_str)
}

/// A number for a record. Sizes and offsets are far below 2^53.
pub(crate) fn int(n: u64) -> J {
    J::int(i64::try_from(n).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_record_reads_back_and_an_altered_one_does_not() {
        let members = BTreeMap::from([("a".to_string(), J::Int(7)), ("z".to_string(), J::Str("é".into()))]);
        let bytes = seal(members.clone());
        assert_eq!(unseal(&bytes), Some(members));
        for i in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[i] ^= 1;
            assert_eq!(unseal(&altered), None, "byte {i}");
        }
    }
}

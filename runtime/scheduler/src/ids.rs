//! Names of runs, cases and records: computed, so that the same record never opens a second run.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// Digest of a record under the store's secret salt, lower-case hex: the same record is known again, but nobody can guess
/// its content from the digest.
#[must_use]
pub fn record_digest(store_salt: &[u8], raw: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"play record v0\n");
    hash.update((store_salt.len() as u64).to_be_bytes());
    hash.update(store_salt);
    hash.update(raw);
    HEXLOWER.encode(&hash.finalize())
}

/// The run that a record opens: 20 characters, lower case, out of source, position and digest of the record.
#[must_use]
pub fn run_id(source: &str, position: &str, record: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"play run v0\n");
    for part in [source, position, record] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = BASE32_NOPAD.encode(&hash.finalize()).to_ascii_lowercase();
    text.truncate(20);
    text
}

/// The shadow run that a record opens: another than the one that does something.
#[must_use]
pub fn shadow_run_id(source: &str, position: &str, record: &str) -> String {
    // No source has a name like this.
    run_id(&format!("shadow:{source}"), position, record)
}

/// The case of a run.
#[must_use]
pub fn case_id(run: &str) -> String {
    let short: String = run.chars().take(10).collect();
    format!("C-{}", short.to_ascii_uppercase())
}

/// Lower-case hex SHA-256.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_record_is_the_same_run_and_another_is_not() {
        let record = record_digest(b"salt", b"{}");
        assert_eq!(run_id("okta", "a.jsonl:1", &record), run_id("okta", "a.jsonl:1", &record));
        assert_ne!(run_id("okta", "a.jsonl:1", &record), run_id("okta", "a.jsonl:2", &record));
        assert_ne!(record, record_digest(b"other", b"{}"));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(run_id("ab", "c", "d"), run_id("a", "bc", "d"));
    }

    #[test]
    fn a_case_is_named_after_its_run() {
        assert_eq!(case_id("abcdefghijklmnop"), "C-ABCDEFGHIJ");
    }
}

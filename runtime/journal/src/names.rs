//! Which blobs a line names, read without building its values.
//!
//! What looks like a name may be a value: whoever needs to know reads the line as a whole.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use play_evidence::line::read_hash;

/// Hex digits of a digest.
const DIGITS: usize = 64;

/// How a line names a blob. Within a text its quotes would have a backslash before them.
const NAME: &[u8] = b"\"blob\":\"";

static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(NAME));

/// Whether it names any.
pub(crate) fn any(line: &[u8]) -> bool {
    FINDER.find(line).is_some()
}

/// The digests; `None` for what cannot be one.
pub(crate) fn all(line: &[u8]) -> impl Iterator<Item = Option<[u8; 32]>> {
    FINDER.find_iter(line).map(|at| {
        let digest = line.get(at + NAME.len()..at + NAME.len() + DIGITS)?;
        read_hash(std::str::from_utf8(digest).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_line_names_is_found() {
        let (a, b) = ("ab".repeat(32), "0f".repeat(32));
        let line = format!(
            r#"{{"blob":"{a}","t":"\"blob\":\"{a}","x":{{"blob":"{b}","len":3}},"y":{{"blob":"short"}}}}"#
        );
        assert!(any(line.as_bytes()));
        assert_eq!(all(line.as_bytes()).collect::<Vec<_>>(), [read_hash(&a), read_hash(&b), None]);
        assert!(!any(br#"{"k":"blob","len":3}"#));
    }
}

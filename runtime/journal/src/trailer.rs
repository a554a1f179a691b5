//! The line that closes a batch.
//!
//! `root` covers the batch, `prev` the trailer before, `seal` the trailer itself; `sums` has the first eight hex digits of
//! each line's SHA-256, so that an altered byte can be pinned to one line.

use std::collections::BTreeMap;

use jiff::Timestamp;
use play_evidence::J;
use play_evidence::line::{hex, read_hash, time};
use sha2::{Digest, Sha256};

use crate::seal::{int, number, seal, text, unseal};

/// How every trailer begins, and no evidence line: those have `by` (and some `at`) before anything else.
pub(crate) const START: &[u8] = b"{\"bytes\":";

/// How every trailer ends, and where: nothing in it is nested.
pub(crate) const END: &[u8] = b",\"v\":0}";

/// Hex digits in `sums` for each line.
pub(crate) const SUM: usize = 8;

/// What a trailer says of its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trailer {
    /// Size of the batch's lines in bytes, those with bodies included.
    pub bytes: u64,
    /// Where the batch begins in its segment.
    pub from: u64,
    /// How many of its lines are bodies. They come first.
    pub inline: u64,
    /// How many lines it has, of evidence or with bodies.
    pub lines: u64,
    /// Hash of the trailer line before, in this segment or the one before; zeros in the first.
    pub prev: [u8; 32],
    /// Hash of all the batch's lines.
    pub root: [u8; 32],
    /// See [`SUM`].
    pub sums: String,
}

impl Trailer {
    /// The trailer of a batch of lines that begins at `from`.
    pub(crate) fn of(
        lines: &[u8],
        from: u64,
        (count, inline): (u64, u64),
        sums: String,
        prev: [u8; 32],
    ) -> Self {
        let root = Sha256::digest(lines).into();
        Self { bytes: lines.len() as u64, from, inline, lines: count, prev, root, sums }
    }

    /// As a line.
    pub(crate) fn to_line(&self, t: Timestamp) -> Vec<u8> {
        let mut members = BTreeMap::from([
            ("bytes".to_string(), int(self.bytes)),
            ("from".to_string(), int(self.from)),
            ("k".to_string(), J::Str("batch".to_string())),
            ("lines".to_string(), int(self.lines)),
            ("prev".to_string(), J::Str(hex(&self.prev))),
            ("root".to_string(), J::Str(hex(&self.root))),
            ("sums".to_string(), J::Str(self.sums.clone())),
            ("t".to_string(), J::Str(time(t))),
            ("v".to_string(), J::Int(0)),
        ]);
        if self.inline > 0 {
            members.insert("inline".to_string(), int(self.inline));
        }
        seal(members)
    }

    /// From a line, if it is a trailer and not one byte of it has changed.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        if !line.starts_with(START) {
            return None;
        }
        let members = unseal(line)?;
        let inline = if members.contains_key("inline") { number(&members, "inline")? } else { 0 };
        let trailer = Self {
            bytes: number(&members, "bytes")?,
            from: number(&members, "from")?,
            inline,
            lines: number(&members, "lines")?,
            prev: read_hash(text(&members, "prev")?)?,
            root: read_hash(text(&members, "root")?)?,
            sums: text(&members, "sums")?.to_string(),
        };
        let known = text(&members, "k") == Some("batch") && number(&members, "v") == Some(0);
        let all = members.len() == 9 + usize::from(inline > 0);
        (known && all && inline <= trailer.lines).then_some(trailer)
    }

    /// Whether it says that it closes a batch which begins at `from`, when it stands at `at` itself.
    pub(crate) fn closes(&self, from: usize, at: usize) -> bool {
        self.from == from as u64 && self.from.checked_add(self.bytes) == Some(at as u64)
    }

    /// The sums, line by line.
    pub(crate) fn sums(&self) -> impl Iterator<Item = &[u8]> {
        self.sums.as_bytes().chunks(SUM)
    }
}

/// The sum of a line with this hash.
pub(crate) fn sum(hash: &[u8; 32]) -> String {
    hex(hash.get(..SUM / 2).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trailer() -> Trailer {
        Trailer::of(b"one\ntwo\n", 7, (2, 0), "0123456789abcdef".into(), [9; 32])
    }

    #[test]
    fn how_many_are_bodies_is_said_where_there_are_any() {
        let with = Trailer { inline: 1, ..trailer() };
        let line = with.to_line(Timestamp::UNIX_EPOCH);
        assert!(String::from_utf8_lossy(&line).contains(r#""from":7,"inline":1,"k":"batch""#));
        assert_eq!(Trailer::parse(&line), Some(with));
        let more = Trailer { inline: 3, ..trailer() }.to_line(Timestamp::UNIX_EPOCH);
        assert_eq!(Trailer::parse(&more), None, "more than it has lines");
    }

    #[test]
    fn a_trailer_reads_back() {
        let line = trailer().to_line(Timestamp::UNIX_EPOCH);
        assert_eq!(Trailer::parse(&line), Some(trailer()));
        assert!(line.starts_with(START));
        assert!(line.strip_suffix(b"\n").is_some_and(|l| l.ends_with(END)));
        assert!(trailer().closes(7, 15));
        assert!(!trailer().closes(8, 16));
    }

    #[test]
    fn its_form_is_pinned() {
        let line = trailer().to_line(Timestamp::UNIX_EPOCH);
        let before = concat!(
            r#"{"bytes":8,"from":7,"k":"batch","lines":2,"#,
            r#""prev":"0909090909090909090909090909090909090909090909090909090909090909","root":""#
        );
        let after = r#"","sums":"0123456789abcdef","t":"1970-01-01T00:00:00.000000000Z","v":0}"#;
        let line = String::from_utf8(line).unwrap();
        assert!(line.starts_with(before), "{line}");
        assert!(line.trim_end().ends_with(after), "{line}");
    }

    #[test]
    fn each_altered_byte_is_seen() {
        for trailer in [trailer(), Trailer { inline: 2, ..trailer() }] {
            let line = trailer.to_line(Timestamp::UNIX_EPOCH);
            for i in 0..line.len() {
                let mut altered = line.clone();
                altered[i] ^= 1;
                assert_eq!(Trailer::parse(&altered), None, "byte {i}");
            }
        }
    }
}

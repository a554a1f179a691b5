//! Reading a segment: batch after batch, and what stands behind the last whole one.

use play_evidence::ParsedLine;
use play_evidence::line::hash;

use crate::ahead;
use crate::body;
use crate::trailer::{self, Trailer};

/// A line of a batch, of evidence or with a body.
pub(crate) struct LineAt<'a> {
    /// In bytes from the start of the segment.
    pub offset: usize,
    /// Newline included.
    pub bytes: &'a [u8],
    /// Of these bytes.
    pub hash: [u8; 32],
}

/// A whole batch, whose bytes are what its trailer says.
pub(crate) struct BatchAt<'a> {
    /// Its lines: bodies first, so many.
    pub lines: Vec<LineAt<'a>>,
    pub inline: usize,
    /// What its trailer says of the trailer before.
    pub prev: [u8; 32],
    /// Hash of its trailer line.
    pub hash: [u8; 32],
    /// Just behind its trailer.
    pub end: usize,
}

/// What stands behind the last whole batch of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Nothing.
    Clean,
    /// Place that was made ready, and nothing in it.
    Ahead,
    /// What a crash leaves of a write: its beginning, or parts of it with zeros between them.
    Torn,
    /// Something that no crash leaves: what stands up to here shows it.
    Altered { until: usize },
}

/// The batch that begins at `from`, if it is there as it was written.
pub(crate) fn batch_at(segment: &[u8], from: usize) -> Option<BatchAt<'_>> {
    let mut offset = from;
    let mut lines = Vec::new();
    for bytes in segment.get(from..)?.split_inclusive(|b| *b == b'\n') {
        if bytes.starts_with(trailer::START) {
            let trailer = Trailer::parse(bytes)?;
            let written = Trailer::of(
                segment.get(from..offset)?,
                from as u64,
                (lines.len() as u64, trailer.inline),
                lines.iter().map(|l: &LineAt<'_>| trailer::sum(&l.hash)).collect(),
                trailer.prev,
            );
            let end = offset + bytes.len();
            return (written == trailer).then_some(BatchAt {
                lines,
                inline: usize::try_from(trailer.inline).unwrap_or(usize::MAX),
                prev: trailer.prev,
                hash: hash(bytes),
                end,
            });
        }
        lines.push(LineAt { offset, bytes, hash: hash(bytes) });
        offset += bytes.len();
    }
    None
}

/// So many zeros one after the other are a page that did not reach the disk. A sector has 512 bytes; fewer stand where a write
/// begins or ends in the middle of one. A single one in between is a bit of a blank that was turned over.
const HOLE: usize = 16;

/// Whether a part of this did not reach the disk.
fn has_hole(bytes: &[u8]) -> bool {
    let edge = bytes.first() == Some(&0) || bytes.last() == Some(&0);
    edge || bytes.windows(HOLE).any(|w| w.iter().all(|b| *b == 0))
}

/// What stands behind the last whole batch, which ends at `from`.
///
/// Pages of a write that did not reach the disk read as zeros, and a file that did not grow ends early; both may have been
/// the end of an unfinished write. Bytes that differ from what is ever written, without a page of zeros among them, may not: they
/// were durable once, and cutting them off would lose what somebody has been told is safe.
pub(crate) fn tail(segment: &[u8], from: usize) -> Tail {
    let rest = segment.get(from..).unwrap_or_default();
    if rest.is_empty() {
        return Tail::Clean;
    }
    if ahead::is_ahead(rest, segment.len() as u64) {
        return Tail::Ahead;
    }
    let mut offset = from;
    for piece in rest.split_inclusive(|b| *b == b'\n') {
        let end = offset + piece.len();
        let torn = match piece.strip_suffix(b"\n") {
            Some(_) if piece.starts_with(trailer::START) => match Trailer::parse(piece) {
                // Its own batch did not arrive as a whole; nothing was written after it.
                Some(trailer) => {
                    let (batch, after) = (segment.get(from..end), segment.get(end..));
                    trailer.closes(from, offset)
                        && batch.is_some_and(has_hole)
                        && after.is_some_and(|after| after.iter().all(|b| *b == 0))
                }
                None => has_hole(piece),
            },
            Some(_) => has_hole(piece) || ParsedLine::parse(piece).is_ok() || body::read(piece).is_some(),
            None => !is_trailer_without_newline(piece),
        };
        if !torn {
            return Tail::Altered { until: end };
        }
        offset = end;
    }
    Tail::Torn
}

/// Whether this is a whole trailer, with another byte where its newline should be, whatever place was ready behind it.
fn is_trailer_without_newline(piece: &[u8]) -> bool {
    let end = piece.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    let Some((_, json)) = piece.get(..end).and_then(<[u8]>::split_last) else { return false };
    let mut line = json.to_vec();
    line.push(b'\n');
    Trailer::parse(&line).is_some()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use play_evidence::{Chain, J, kinds};

    use super::*;

    /// A batch that begins at `from`.
    pub(crate) fn batch(chain: &mut Chain, from: usize, lines: usize) -> Vec<u8> {
        let kind = kinds::kind("run.resumed").unwrap();
        let fields = BTreeMap::from([
            ("engine".to_string(), J::Str("e".into())),
            ("why".to_string(), J::Str("restart".into())),
        ]);
        let (mut bytes, mut sums) = (Vec::new(), String::new());
        for _ in 0..lines {
            let line = chain.append(Timestamp::UNIX_EPOCH, "engine", None, kind, fields.clone()).unwrap();
            bytes.extend_from_slice(&line.bytes);
            sums.push_str(&trailer::sum(&line.hash));
        }
        let trailer = Trailer::of(&bytes, from as u64, (lines as u64, 0), sums, [0; 32]);
        bytes.extend(trailer.to_line(Timestamp::UNIX_EPOCH));
        bytes
    }

    fn is_altered(segment: &[u8], from: usize) -> bool {
        matches!(tail(segment, from), Tail::Altered { until } if (from + 1..=segment.len()).contains(&until))
    }

    fn two() -> (Vec<u8>, usize) {
        let mut chain = Chain::new("r");
        let mut bytes = batch(&mut chain, 0, 2);
        let first = bytes.len();
        bytes.extend(batch(&mut chain, first, 3));
        (bytes, first)
    }

    #[test]
    fn batches_are_read_one_after_the_other() {
        let (bytes, first) = two();
        let one = batch_at(&bytes, 0).unwrap();
        assert_eq!((one.lines.len(), one.end), (2, first));
        let two = batch_at(&bytes, first).unwrap();
        assert_eq!((two.lines.len(), two.end), (3, bytes.len()));
        assert!(batch_at(&bytes, bytes.len()).is_none());
        assert!(batch_at(&bytes, 1).is_none());
        assert_eq!(tail(&bytes, bytes.len()), Tail::Clean);
    }

    /// The same in place that was made ready.
    fn ready(bytes: &[u8]) -> Vec<u8> {
        let mut ready = bytes.to_vec();
        ready.resize(bytes.len().next_multiple_of(4096).max(8192), 0);
        ready
    }

    #[test]
    fn place_that_is_ready_is_no_torn_write() {
        let (bytes, _) = two();
        assert_eq!(tail(&ready(&bytes), bytes.len()), Tail::Ahead);
        assert_eq!(tail(&ready(&bytes)[..8191], bytes.len()), Tail::Torn);
    }

    #[test]
    fn a_write_cut_anywhere_is_torn() {
        let (bytes, first) = two();
        for end in first + 1..bytes.len() {
            assert!(batch_at(&bytes[..end], first).is_none(), "{end}");
            assert_eq!(tail(&bytes[..end], first), Tail::Torn, "{end}");
            assert_eq!(tail(&ready(&bytes[..end]), first), Tail::Torn, "{end}");
        }
    }

    #[test]
    fn a_write_with_a_page_of_zeros_is_torn() {
        let (bytes, first) = two();
        for start in first..bytes.len() - 64 {
            let mut torn = bytes.clone();
            torn[start..start + 64].fill(0);
            assert_eq!(tail(&torn, first), Tail::Torn, "{start}");
            assert_eq!(tail(&ready(&torn), first), Tail::Torn, "{start}");
        }
    }

    #[test]
    fn an_altered_byte_is_not_taken_for_a_torn_write() {
        let (bytes, first) = two();
        for i in first..bytes.len() {
            let mut altered = bytes.clone();
            altered[i] ^= 1;
            assert!(batch_at(&altered, first).is_none(), "{i}");
            assert!(is_altered(&altered, first), "{i}");
            assert!(is_altered(&ready(&altered), first), "{i}");
        }
        // Also where it becomes a zero.
        for i in (first..bytes.len()).filter(|i| bytes[*i].is_power_of_two()) {
            let mut altered = bytes.clone();
            altered[i] = 0;
            assert!(is_altered(&altered, first), "{i}");
        }
    }

    #[test]
    fn zeros_before_a_whole_batch_are_damage() {
        let (mut bytes, _) = two();
        bytes[10..20].fill(0);
        assert!(is_altered(&bytes, 0));
    }
}

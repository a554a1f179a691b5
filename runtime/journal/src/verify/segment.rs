//! Verifying a segment: which batches are whole, and which line of one that is not was altered.

use play_evidence::ParsedLine;
use play_evidence::line::hash;

use sha2::{Digest, Sha256};

use super::chains::Chains;
use super::{ProblemKind, Report};
use crate::body;
use crate::scan::{self, Tail, batch_at};
use crate::trailer::{self, Trailer};

/// How many places are tried as the end of a line whose newline was altered.
const TRIED_ENDS: usize = 1000;

/// A trailer whose own bytes are whole, and which stands where it says.
struct Found {
    at: usize,
    /// Just behind it, its newline included, or what stands in the place of its newline.
    end: usize,
    trailer: Trailer,
    hash: [u8; 32],
    newline: bool,
}

/// The first trailer behind a batch that is not whole, of those that stand where they say.
enum Behind {
    /// It is the batch's own.
    Its(Found),
    /// It is of a later batch, which begins here.
    Another(usize),
    Nothing,
}

struct Walk<'a> {
    bytes: &'a [u8],
    name: &'a str,
    chains: &'a mut Chains,
    report: &'a mut Report,
}

/// Verifies a segment, after the trailer with this hash (`None` when it is not known). Gives the hash of its last one.
pub(super) fn verify(
    bytes: &[u8],
    name: &str,
    last: bool,
    mut prev: Option<[u8; 32]>,
    chains: &mut Chains,
    report: &mut Report,
) -> Option<[u8; 32]> {
    let mut walk = Walk { bytes, name, chains, report };
    let mut pos = 0;
    while pos < bytes.len() {
        if let Some(batch) = batch_at(bytes, pos) {
            walk.follows(pos, &batch.prev, prev);
            walk.report.batches += 1;
            for (n, line) in batch.lines.iter().enumerate() {
                walk.as_written(line.offset, line.bytes, &line.hash, n < batch.inline);
            }
            prev = Some(batch.hash);
            pos = batch.end;
            continue;
        }
        // As opening sees it: also where the trailer has reached the disk and a page of its batch has not.
        match scan::tail(bytes, pos) {
            Tail::Torn if last => {
                let what = format!("an unfinished write of {} bytes stands at the end", bytes.len() - pos);
                walk.problem(ProblemKind::TornTail, pos, what);
                return None;
            }
            Tail::Ahead if last => return prev,
            Tail::Clean | Tail::Ahead | Tail::Torn | Tail::Altered { .. } => {}
        }
        match walk.behind(pos) {
            Behind::Its(found) => {
                walk.follows(pos, &found.trailer.prev, prev);
                walk.altered(pos, &found);
                prev = Some(found.hash);
                pos = found.end;
            }
            Behind::Another(next) => {
                walk.without_trailer(pos, next);
                prev = None;
                pos = next;
            }
            Behind::Nothing => {
                walk.without_trailer(pos, bytes.len());
                prev = None;
                pos = bytes.len();
            }
        }
    }
    prev
}

impl<'a> Walk<'a> {
    fn problem(&mut self, kind: ProblemKind, offset: usize, what: impl Into<String>) {
        self.report.problem(kind, self.name, offset as u64, what);
    }

    fn slice(&self, from: usize, to: usize) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// Whether a batch follows the one before it.
    fn follows(&mut self, pos: usize, says: &[u8; 32], prev: Option<[u8; 32]>) {
        if prev.is_some_and(|prev| prev != *says) {
            self.problem(
                ProblemKind::Missing,
                pos,
                "the batch before this one is not the one that was written there",
            );
        }
    }

    /// A line whose bytes are known to be as written: of evidence, or a body.
    fn as_written(&mut self, offset: usize, bytes: &[u8], hash: &[u8; 32], is_body: bool) {
        if !is_body {
            self.report.lines += 1;
            self.chains.line(self.name, offset as u64, bytes, hash, self.report);
        } else if let Some((digest, body)) = body::read(bytes) {
            self.chains.body(digest, body.len() as u64, self.report);
        } else {
            self.problem(ProblemKind::Damage, offset, "the body is not what its digest says");
        }
    }

    /// One that is not what was written. What is known of it: the first digits of the hash of the one that was.
    fn altered_line(&mut self, offset: usize, bytes: &[u8], sum: Option<&[u8]>, is_body: bool) {
        if is_body {
            // The line that names it says whose it is.
            self.problem(ProblemKind::Damage, offset, "the body is not what was written");
        } else {
            self.chains.altered(self.name, offset as u64, bytes, sum, self.report);
        }
    }

    /// What stands behind the start of a batch that is not whole. Looks no further than to the first trailer that it can
    /// trust: of a segment full of damage, every byte is looked at a few times, not once for each batch.
    fn behind(&self, from: usize) -> Behind {
        let mut next = find(self.bytes, from, trailer::START);
        while let Some(at) = next {
            // There is no other start within a trailer.
            next = find(self.bytes, at + 1, trailer::START);
            let Some(found) = self.trailer_at(at, next.unwrap_or(self.bytes.len())) else { continue };
            let Ok(start) = usize::try_from(found.trailer.from) else { continue };
            if start >= from && found.trailer.closes(start, at) {
                return if start == from { Behind::Its(found) } else { Behind::Another(start) };
            }
        }
        Behind::Nothing
    }

    /// The trailer that stands here and ends before `until`, its newline altered or not.
    fn trailer_at(&self, at: usize, until: usize) -> Option<Found> {
        let end = at + find(self.slice(at, until), 0, trailer::END)? + trailer::END.len();
        let mut line = self.slice(at, end).to_vec();
        line.push(b'\n');
        let trailer = Trailer::parse(&line)?;
        // Without even a byte in the place of its newline, the write was not finished.
        let newline = *self.bytes.get(end)? == b'\n';
        Some(Found { at, end: end + 1, trailer, hash: hash(&line), newline })
    }

    /// A batch that is not what its trailer says: finds out which lines.
    fn altered(&mut self, from: usize, found: &Found) {
        let before = self.report.problems.len();
        let sums: Vec<&[u8]> = found.trailer.sums().collect();
        let pieces = self.pieces(from, found.at, &sums);
        let hashes: Vec<[u8; 32]> = pieces.iter().map(|(_, p)| hash(p)).collect();
        let same = |piece: usize, sum: usize| {
            let piece = hashes.get(piece).map(trailer::sum);
            piece.is_some_and(|p| sums.get(sum) == Some(&p.as_bytes()))
        };
        let most = pieces.len().min(sums.len());
        let front = (0..most).take_while(|i| same(*i, *i)).count();
        let back = (0..most - front).take_while(|i| same(pieces.len() - 1 - i, sums.len() - 1 - i)).count();

        let is_body = |sum: usize| (sum as u64) < found.trailer.inline;
        let intact = |walk: &mut Self, range: std::ops::Range<usize>, mut sum: usize| {
            for ((offset, bytes), hash) in pieces.iter().zip(&hashes).take(range.end).skip(range.start) {
                walk.as_written(*offset, bytes, hash, is_body(sum));
                sum += 1;
            }
        };
        intact(self, 0..front, 0);
        let middle = pieces.get(front..pieces.len() - back).unwrap_or_default();
        let altered = sums.get(front..sums.len() - back).unwrap_or_default();
        let at = middle.first().map_or(found.at, |(offset, _)| *offset);
        let until = middle.last().map_or(at, |(offset, bytes)| offset + bytes.len());
        if middle.len() == altered.len() {
            for (i, ((offset, bytes), sum)) in middle.iter().zip(altered).enumerate() {
                if same(front + i, front + i) {
                    intact(self, front + i..front + i + 1, front + i);
                } else {
                    self.altered_line(*offset, bytes, Some(sum), is_body(front + i));
                }
            }
        } else if let [sum] = altered {
            self.altered_line(at, self.slice(at, until), Some(sum), is_body(front));
        } else if altered.is_empty() {
            self.problem(
                ProblemKind::Damage,
                at,
                format!("{} bytes stand here that were never written", until - at),
            );
        } else {
            // What is left of them cannot be told apart; the lines that follow them can tell.
            for (i, sum) in altered.iter().enumerate() {
                self.altered_line(at, &[], Some(sum), is_body(front + i));
            }
        }
        intact(self, pieces.len() - back..pieces.len(), sums.len() - back);

        if !found.newline {
            self.problem(
                ProblemKind::Damage,
                found.end - 1,
                "the newline of the batch's trailer was altered",
            );
        }
        if self.report.problems.len() == before {
            self.problem(ProblemKind::Damage, from, "the batch is not what its trailer says");
        }
    }

    /// Cuts a batch into lines.
    fn pieces(&self, from: usize, to: usize, sums: &[&[u8]]) -> Vec<(usize, &'a [u8])> {
        let mut offset = from;
        let mut lines = Vec::with_capacity(sums.len());
        for line in self.slice(from, to).split_inclusive(|b| *b == b'\n') {
            lines.push((offset, line));
            offset += line.len();
        }
        if lines.len() == sums.len() { lines } else { self.pieces_by_sums(from, to, sums).unwrap_or(lines) }
    }

    /// The same when newlines were altered: each line is what has the right sum with its newline set right.
    fn pieces_by_sums(&self, from: usize, to: usize, sums: &[&[u8]]) -> Option<Vec<(usize, &'a [u8])>> {
        let mut pieces = Vec::with_capacity(sums.len());
        let mut start = from;
        for expected in sums {
            let ends = (start..to).filter(|i| {
                let joint = self.bytes.get(i + 1..i + 3) == Some(b"{\"") || i + 1 == to;
                joint && i.checked_sub(1).and_then(|b| self.bytes.get(b)) == Some(&b'}')
            });
            let (mut hashed, mut hasher) = (start, Sha256::new());
            let end = ends.take(TRIED_ENDS).find(|end| {
                hasher.update(self.slice(hashed, *end));
                hashed = *end;
                let hash = hasher.clone().chain_update(b"\n").finalize();
                trailer::sum(&hash.into()).as_bytes() == *expected
            })?;
            pieces.push((start, self.slice(start, end + 1)));
            start = end + 1;
        }
        (start == to).then_some(pieces)
    }

    /// A part of the segment for which no trailer answers.
    fn without_trailer(&mut self, from: usize, to: usize) {
        let before = self.report.problems.len();
        let mut offset = from;
        for piece in self.slice(from, to).split_inclusive(|b| *b == b'\n') {
            if looks_like_trailer(piece) {
                let what = match Trailer::parse(piece) {
                    Some(_) => "the trailer of another batch stands here",
                    None => "the batch's trailer is not what was written",
                };
                self.problem(ProblemKind::Damage, offset, what);
            } else if ParsedLine::parse(piece).is_ok() || body::read(piece).is_some() {
                self.as_written(offset, piece, &hash(piece), body::seems(piece));
            } else {
                self.altered_line(offset, piece, None, body::seems(piece));
            }
            offset += piece.len();
        }
        if self.report.problems.len() == before {
            self.problem(ProblemKind::Damage, to, "the batch's trailer is missing");
        }
    }
}

fn looks_like_trailer(piece: &[u8]) -> bool {
    piece.starts_with(trailer::START) || find(piece, 0, b",\"sums\":\"").is_some()
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|w| w == what).map(|i| from + i)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use jiff::Timestamp;

    use super::*;

    fn trailer(from: usize, lines: &[u8]) -> Vec<u8> {
        Trailer::of(lines, from as u64, (1, 0), String::new(), [0; 32]).to_line(Timestamp::UNIX_EPOCH)
    }

    fn behind(bytes: &[u8], from: usize) -> Behind {
        let mut chains = Chains::new(None, HashMap::new(), HashSet::new());
        let walk = Walk { bytes, name: "", chains: &mut chains, report: &mut Report::default() };
        walk.behind(from)
    }

    #[test]
    fn the_trailer_of_a_batch_is_looked_for_up_to_the_next_batch() {
        // A batch that has lost its trailer, one that has not, and far behind, a trailer that claims to be the first's.
        let mut bytes = b"first\n".to_vec();
        let second = bytes.len();
        bytes.extend_from_slice(b"second\n");
        bytes.extend(trailer(second, b"second\n"));
        let before = bytes.clone();
        bytes.extend(trailer(0, &before));

        assert!(matches!(behind(&bytes, 0), Behind::Another(start) if start == second));
        let Behind::Its(found) = behind(&bytes, second) else { panic!("it is whole") };
        assert_eq!((found.at, found.end), (second + 7, before.len()));
        assert!(matches!(behind(&bytes, before.len()), Behind::Nothing));
    }

    #[test]
    fn beginnings_of_trailers_are_no_trailers() {
        let mut bytes = trailer::START.repeat(1 << 16);
        assert!(matches!(behind(&bytes, 0), Behind::Nothing));
        let at = bytes.len();
        let all = bytes.clone();
        bytes.extend(trailer(0, &all));
        let Behind::Its(found) = behind(&bytes, 0) else { panic!("it is whole") };
        assert_eq!(found.at, at);
    }
}

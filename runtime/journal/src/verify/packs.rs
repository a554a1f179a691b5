//! Verifying packs.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

use play_evidence::line::{hash, hex};

use super::{Problem, ProblemKind, Report};
use crate::ahead;
use crate::error::JournalError;
use crate::layout::pack_name;
use crate::pack::{HEADER, Header, MAGIC, SALT};

/// What the packs hold, and what is wrong with them.
#[derive(Default)]
pub(super) struct PackReport {
    /// Bytes of the body, by digest; whole blobs only.
    pub blobs: HashMap<[u8; 32], u64>,
    /// Those that stand behind a place in the last pack that is not whole: where a crash has left that, they go with it.
    pub behind: HashSet<[u8; 32]>,
    /// Blobs that stand there once more.
    twice: u64,
    problems: Vec<Problem>,
    /// Problems of the last pack, from the first place that is not whole.
    end: Vec<Problem>,
}

impl PackReport {
    pub(super) fn read(
        root: &Path,
        packs: &BTreeSet<u32>,
        report: &mut Report,
    ) -> Result<Self, JournalError> {
        let mut found = Self::default();
        for number in packs {
            let name = pack_name(*number);
            let last = Some(number) == packs.last();
            let read = || fs::read(root.join(&name)).map_err(super::reading(&name));
            let bytes = if last { settled(read)? } else { read()? };
            report.bytes += bytes.len() as u64;
            found.pack(&bytes, &name, last);
        }
        report.blobs = found.blobs.len() as u64;
        report.twice = found.twice;
        Ok(found)
    }

    /// All that is wrong. Blobs are durable before the lines that name them: where no line needs what is not whole at the end of the
    /// last pack (`needed`), it is the rest of a write, and opening cuts it.
    pub(super) fn problems(mut self, needed: bool) -> Vec<Problem> {
        let mut end = std::mem::take(&mut self.end);
        if !needed && let Some(first) = end.first_mut() {
            first.kind = ProblemKind::TornTail;
            first.what = "an unfinished blob stands at the end".to_string();
            end.truncate(1);
        }
        self.problems.append(&mut end);
        self.problems
    }

    fn pack(&mut self, bytes: &[u8], name: &str, last: bool) {
        let mut pos = 0;
        while pos < bytes.len() {
            let rest = bytes.get(pos..).unwrap_or_default();
            if last && ahead::is_ahead(rest, bytes.len() as u64) {
                break;
            }
            let header = Header::parse(rest);
            let content = header.and_then(|h| {
                let end = HEADER.checked_add(h.len).and_then(|end| usize::try_from(end).ok())?;
                rest.get(HEADER as usize..end).map(|content| (h.digest, content, end))
            });
            let Some((digest, content, len)) = content else {
                let next = next_frame(bytes, pos + 1);
                let what = match header {
                    Some(_) if next.is_none() => "the pack ends in the middle of a blob",
                    _ => "the head of a blob is not what was written",
                };
                self.not_whole(name, pos, last, what.to_string());
                pos = next.unwrap_or(bytes.len());
                continue;
            };
            if hash(content) != digest {
                self.not_whole(name, pos, last, format!("the blob {} is not what was written", hex(&digest)));
            } else if let Entry::Vacant(first) = self.blobs.entry(digest) {
                first.insert(content.len() as u64 - SALT);
                if !self.end.is_empty() {
                    self.behind.insert(digest);
                }
            } else {
                // The same bytes, as its name says: whichever is read is what was written.
                self.twice += 1;
            }
            pos += len;
        }
    }

    fn not_whole(&mut self, name: &str, pos: usize, last: bool, what: String) {
        let problems = if last { &mut self.end } else { &mut self.problems };
        problems.push(problem(name, pos, what));
    }
}

/// The last pack, which somebody may be writing to: a blob that seems to be unfinished is read again, as long as it changes.
fn settled(mut read: impl FnMut() -> Result<Vec<u8>, JournalError>) -> Result<Vec<u8>, JournalError> {
    let mut bytes = read()?;
    loop {
        let mut found = PackReport::default();
        found.pack(&bytes, "", true);
        let Some(from) = found.end.first().map(|problem| problem.offset) else { return Ok(bytes) };
        let again = read()?;
        // Where others stand behind it, more may come behind them all the time.
        let is_last = found.end.len() == 1 && found.behind.is_empty();
        let at = if is_last { rest } else { frame_at };
        if at(&again, from) == at(&bytes, from) {
            return Ok(bytes);
        }
        bytes = again;
    }
}

fn rest(pack: &[u8], from: u64) -> &[u8] {
    usize::try_from(from).ok().and_then(|from| pack.get(from..)).unwrap_or_default()
}

/// What stands in the place of a blob, as far as its head tells how long it is.
fn frame_at(pack: &[u8], from: u64) -> &[u8] {
    let rest = rest(pack, from);
    let len = HEADER.saturating_add(Header::parse(rest).map_or(0, |header| header.len));
    usize::try_from(len).ok().and_then(|len| rest.get(..len)).unwrap_or(rest)
}

fn problem(name: &str, pos: usize, what: String) -> Problem {
    let (segment, offset) = (name.to_string(), pos as u64);
    Problem { segment, offset, run: None, seq: None, kind: ProblemKind::Damage, what }
}

/// Where the next whole head of a frame is.
fn next_frame(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let candidates = rest.windows(MAGIC.len()).enumerate().filter(|(_, w)| w == MAGIC);
    candidates.map(|(i, _)| from + i).find(|at| bytes.get(*at..).and_then(Header::parse).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::Blob;
    use crate::pack::write_frame;

    #[test]
    fn a_blob_that_was_read_while_it_was_written_is_read_again_and_damage_is_not_read_for_ever() {
        let mut whole = Vec::new();
        let mut ends = Vec::new();
        for n in 0..3 {
            write_frame(&Blob::new([n; 32], vec![n + 1; 500]), &mut whole);
            ends.push(whole.len());
        }
        whole.resize(4096, 0);
        let upto = |bytes: &[u8], end: usize| {
            let mut bytes = bytes.to_vec();
            bytes[end..].fill(0);
            bytes
        };
        let reads = |reads: &[Vec<u8>]| {
            let mut n = 0;
            let bytes = settled(|| {
                n += 1;
                Ok(reads[(n - 1).min(reads.len() - 1)].clone())
            });
            (bytes.unwrap(), n)
        };
        let half = upto(&whole, ends[0] + 300);
        assert_eq!(reads(std::slice::from_ref(&whole)), (whole.clone(), 1));
        assert_eq!(reads(&[half.clone(), whole.clone()]), (whole.clone(), 2));
        assert_eq!(reads(&[upto(&whole, ends[0] + 9), half.clone(), whole.clone()]), (whole.clone(), 3));
        assert_eq!(reads(std::slice::from_ref(&half)), (half, 2));
        let mut damaged = whole;
        damaged[ends[0] + 200] ^= 1;
        // Once more when something stands behind it, and no more for what comes behind that.
        let grows = [upto(&damaged, ends[1]), upto(&damaged, ends[1] + 100), damaged];
        assert_eq!(reads(&grows).1, 3);
        assert_eq!(reads(&grows[1..]).1, 2);
    }
}

//! Verifying packs.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use play_evidence::line::{hash, hex};

use super::{Problem, ProblemKind, Report};
use crate::error::JournalError;
use crate::layout::pack_name;
use crate::pack::{HEADER, Header, MAGIC, SALT};

/// What the packs hold, and what is wrong with them.
pub(super) struct PackReport {
    /// Bytes of the body, by digest; whole blobs only.
    pub blobs: HashMap<[u8; 32], u64>,
    pub problems: Vec<Problem>,
}

impl PackReport {
    pub(super) fn read(
        root: &Path,
        packs: &BTreeSet<u32>,
        report: &mut Report,
    ) -> Result<Self, JournalError> {
        let mut found = Self { blobs: HashMap::new(), problems: Vec::new() };
        for number in packs {
            let name = pack_name(*number);
            let bytes = fs::read(root.join(&name)).map_err(super::reading(&name))?;
            report.bytes += bytes.len() as u64;
            found.pack(&bytes, &name, Some(number) == packs.last());
        }
        report.blobs = found.blobs.len() as u64;
        Ok(found)
    }

    fn pack(&mut self, bytes: &[u8], name: &str, last: bool) {
        let mut pos = 0;
        while pos < bytes.len() {
            let rest = bytes.get(pos..).unwrap_or_default();
            let header = Header::parse(rest);
            let content = header.and_then(|h| {
                let end = HEADER.checked_add(h.len).and_then(|end| usize::try_from(end).ok())?;
                rest.get(HEADER as usize..end).map(|content| (h.digest, content, end))
            });
            let Some((digest, content, len)) = content else {
                let next = next_frame(bytes, pos + 1);
                // At the very end, a frame that is too short is one that was not finished.
                let short = rest.len() < HEADER as usize || header.is_some();
                let (kind, what) = match next {
                    None if last && short => (ProblemKind::TornTail, "an unfinished blob stands at the end"),
                    _ => (ProblemKind::Damage, "the head of a blob is not what was written"),
                };
                self.problem(name, pos, kind, what.to_string());
                pos = next.unwrap_or(bytes.len());
                continue;
            };
            if hash(content) == digest {
                self.blobs.insert(digest, content.len() as u64 - SALT);
            } else {
                let what = format!("the blob {} is not what was written", hex(&digest));
                self.problem(name, pos, ProblemKind::Damage, what);
            }
            pos += len;
        }
    }

    fn problem(&mut self, name: &str, pos: usize, kind: ProblemKind, what: String) {
        let (segment, offset) = (name.to_string(), pos as u64);
        self.problems.push(Problem { segment, offset, run: None, seq: None, kind, what });
    }
}

/// Where the next whole head of a frame is.
fn next_frame(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let candidates = rest.windows(MAGIC.len()).enumerate().filter(|(_, w)| w == MAGIC);
    candidates.map(|(i, _)| from + i).find(|at| bytes.get(*at..).and_then(Header::parse).is_some())
}

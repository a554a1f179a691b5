//! What a store holds, as far as it is durable: what the writer and everybody who only reads share.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use play_evidence::line::{hash, read_hash};
use play_evidence::{Chain, kinds::ChainOf};

use crate::abreast::{Checked, Is, for_each_batch};
use crate::error::JournalError;
use crate::head::LineHead;
use crate::index::{Index, Position};
use crate::kept::BlobAt;
use crate::layout::{StoreFile, segment_name};

/// Blobs by digest.
pub(crate) type Blobs = HashMap<[u8; 32], BlobAt>;

/// Where what is durable ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// Number of the last segment; 0 when there is none.
    pub segment: u32,
    /// In bytes from its start.
    pub offset: u64,
}

/// All that is in memory of a store.
pub(crate) struct State {
    pub index: Index,
    pub blobs: Blobs,
    pub end: End,
}

/// A store to read from.
pub(crate) struct Contents {
    pub root: PathBuf,
    pub store: StoreFile,
    state: RwLock<State>,
}

impl Contents {
    pub(crate) fn new(root: PathBuf, store: StoreFile, state: State) -> Self {
        Self { root, store, state: RwLock::new(state) }
    }

    /// The state is changed in steps that cannot fail half way, so that one that a panic left is whole.
    pub(crate) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn chain(&self, name: &str) -> Option<Chain> {
        let head = self.state().index.head(name)?;
        Some(Chain::resume(name, head.next_seq, head.prev))
    }

    pub(crate) fn runs(&self) -> Vec<String> {
        let state = self.state();
        state.index.names().filter(|n| ChainOf::named(n) == ChainOf::Run).map(str::to_string).collect()
    }

    /// The lines of a chain. That each is the one that the next names shows that they are as they were written.
    pub(crate) fn lines_of(&self, run: &str) -> Result<Vec<Vec<u8>>, JournalError> {
        let (positions, last) = {
            let state = self.state();
            (state.index.positions(run).to_vec(), state.index.head(run))
        };
        let mut lines = Vec::with_capacity(positions.len());
        let mut prev = [0; 32];
        let mut open: Option<(u32, File)> = None;
        for (seq, position) in (0_u64..).zip(&positions) {
            let name = segment_name(position.segment);
            let file = match &mut open {
                Some((number, file)) if *number == position.segment => file,
                slot => {
                    let file = File::open(self.root.join(&name))
                        .map_err(JournalError::io(format!("opening {name}")))?;
                    &mut slot.insert((position.segment, file)).1
                }
            };
            let line = read_at(file, position).map_err(JournalError::io(format!("reading {name}")))?;
            let damaged = |what| JournalError::damaged_line(&name, position.offset, run, seq, what);
            let head = LineHead::read(&line).ok_or_else(|| damaged("the line is not what was written"))?;
            if head.run != run || head.seq != seq || head.prev != prev {
                return Err(damaged("this line, or the one before it in its chain, is not what was written"));
            }
            prev = hash(&line);
            if seq + 1 == positions.len() as u64 && last.is_some_and(|l| l.prev != prev) {
                return Err(damaged("the line is not what was written"));
            }
            lines.push(line);
        }
        Ok(lines)
    }

    /// Every durable line with its chain.
    pub(crate) fn for_each_line(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), JournalError> {
        let end = self.state().end;
        for number in 1..=end.segment {
            let name = segment_name(number);
            let read = File::open(self.root.join(&name)).and_then(|file| {
                let mut bytes = Vec::new();
                let limit = if number == end.segment { end.offset } else { u64::MAX };
                file.take(limit).read_to_end(&mut bytes)?;
                Ok(bytes)
            });
            let bytes = read.map_err(JournalError::io(format!("reading {name}")))?;
            let end = for_each_batch(&bytes, 0, |_, Checked { batch, lines }| {
                for (line, is) in batch.lines.iter().zip(lines) {
                    match is {
                        Is::Evidence { head, .. } => each(&head.run, line.bytes),
                        Is::Body(_) => {}
                        Is::Neither => {
                            let what = "this is not a line of evidence";
                            return Err(JournalError::damaged(name.as_str(), line.offset as u64, what));
                        }
                    }
                }
                Ok(())
            })?;
            // What was whole when the store was opened may have been damaged since.
            if end < bytes.len() {
                return Err(JournalError::damaged(name, end as u64, "the batch is not what was written"));
            }
        }
        Ok(())
    }

    pub(crate) fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let Some(digest) = read_hash(digest) else { return Ok(None) };
        let Some(at) = self.state().blobs.get(&digest).copied() else { return Ok(None) };
        let body =
            at.read(&self.root, &digest).map_err(JournalError::io(format!("reading {}", at.file())))?;
        body.map(Some)
            .ok_or_else(|| JournalError::damaged(at.file(), at.offset, "the blob is not what was written"))
    }

    /// Reads a segment as a whole.
    pub(crate) fn read_segment(root: &std::path::Path, number: u32) -> Result<Vec<u8>, JournalError> {
        let name = segment_name(number);
        fs::read(root.join(&name)).map_err(JournalError::io(format!("reading {name}")))
    }
}

pub(crate) fn read_at(file: &mut File, position: &Position) -> io::Result<Vec<u8>> {
    let mut line = vec![0; position.len as usize];
    file.seek(SeekFrom::Start(position.offset))?;
    file.read_exact(&mut line)?;
    Ok(line)
}

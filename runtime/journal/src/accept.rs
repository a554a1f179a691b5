//! What a batch must be like, wherever it is kept.

use std::sync::Arc;

use play_evidence::line::hash;

use crate::error::JournalError;
use crate::head::LineHead;
use crate::index::{Head, Heads};
use crate::journal::Batch;

/// The longest line, in bytes. Bodies are blobs; lines are some hundred bytes.
const MAX_LINE: usize = 16 << 20;

/// The largest batch, in bytes of its lines and blobs: what is written together is in memory together.
const MAX_BATCH: u64 = 64 << 20;

/// What is counted for a blob besides its body: its salt, and what says how long it is.
const BESIDE_BLOB: u64 = crate::pack::HEADER + crate::pack::SALT;

/// A batch that continues its chains.
#[derive(Debug)]
pub struct Accepted {
    /// The chain of each line.
    pub runs: Vec<Arc<str>>,
    /// The ends of those chains once the batch is there.
    pub heads: Heads,
}

/// Looks whether a batch may be appended where chains end as `head_of` says: as a whole, or not at all.
///
/// # Errors
/// [`JournalError::Refused`] when it may not, and what `head_of` fails with.
pub fn accept(
    batch: &Batch,
    mut head_of: impl FnMut(&str) -> Result<Head, JournalError>,
) -> Result<Accepted, JournalError> {
    of_a_size(batch)?;
    let mut accepted = Accepted { runs: Vec::with_capacity(batch.lines.len()), heads: Heads::default() };
    for line in &batch.lines {
        let refused = |run: &str, seq, why: &str| {
            Err(JournalError::Refused { run: run.to_string(), seq, why: why.to_string() })
        };
        let Some(head) = LineHead::read(&line.bytes) else {
            return refused("", 0, "this is not a line of evidence");
        };
        let (name, before) = match accepted.heads.get_key_value(head.run.as_ref()) {
            Some((name, before)) => (Arc::clone(name), *before),
            None => (Arc::from(head.run.as_ref()), head_of(&head.run)?),
        };
        if head.seq != before.next_seq {
            return refused(&name, head.seq, &format!("the chain goes on with line {}", before.next_seq));
        }
        if head.prev != before.prev {
            return refused(&name, head.seq, "its `prev` is not the hash of the chain's last line");
        }
        if hash(&line.bytes) != line.hash {
            return refused(&name, head.seq, "its hash is not the hash of its bytes");
        }
        if line.bytes.len() > MAX_LINE {
            return refused(&name, head.seq, "the line is too long");
        }
        let after = Head { next_seq: before.next_seq.saturating_add(1), prev: line.hash };
        accepted.heads.insert(Arc::clone(&name), after);
        accepted.runs.push(name);
    }
    Ok(accepted)
}

/// Whether a batch is of a sort and size that is written at all.
fn of_a_size(batch: &Batch) -> Result<(), JournalError> {
    let refused = |why: String| Err(JournalError::Refused { run: String::new(), seq: 0, why });
    if batch.lines.is_empty() && !batch.blobs.is_empty() {
        return refused("it has bodies, but no line that could name them".to_string());
    }
    let lines: u64 = batch.lines.iter().map(|l| l.bytes.len() as u64).sum();
    let blobs: u64 = batch.blobs.iter().map(|b| BESIDE_BLOB.saturating_add(b.len())).sum();
    let bytes = lines.saturating_add(blobs);
    if bytes > MAX_BATCH {
        return refused(format!("it has {bytes} bytes; {MAX_BATCH} may be written together"));
    }
    Ok(())
}

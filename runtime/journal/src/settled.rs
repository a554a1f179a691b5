//! A segment that somebody may be writing to while it is read.

use std::path::Path;

use crate::abreast::{Checked, for_each_batch};
use crate::contents::Contents;
use crate::error::JournalError;
use crate::scan::{self, Tail};

/// A segment, and what stands in it.
pub(crate) struct Settled {
    pub bytes: Vec<u8>,
    /// Where the last whole batch ends.
    pub end: usize,
    /// What stands behind it.
    pub tail: Tail,
}

/// Reads a segment, and gives each of its whole batches to `each`, with the place where it begins.
///
/// Who reads a file is not done at once: of one page it may have what stood there before a batch was written, and of the next what stands
/// there after another. So what seems to be damage, or a write that was not finished, is read again, until it is a batch, or stays as it is.
/// What a later write has shown is whole when it is read again, so that each reading ends it or goes on.
///
/// # Errors
/// When it cannot be read; the first of `each`.
pub(crate) fn read(
    root: &Path,
    number: u32,
    each: impl FnMut(usize, Checked<'_>) -> Result<(), JournalError>,
) -> Result<Settled, JournalError> {
    settle(|| Contents::read_segment(root, number), each)
}

fn settle(
    mut read: impl FnMut() -> Result<Vec<u8>, JournalError>,
    mut each: impl FnMut(usize, Checked<'_>) -> Result<(), JournalError>,
) -> Result<Settled, JournalError> {
    let mut bytes = read()?;
    let mut end = 0;
    loop {
        end = for_each_batch(&bytes, end, &mut each)?;
        let tail = scan::tail(&bytes, end);
        if matches!(tail, Tail::Clean | Tail::Ahead) {
            return Ok(Settled { bytes, end, tail });
        }
        let again = read()?;
        let stays = match tail {
            // More may come behind it all the time.
            Tail::Altered { until } => again.get(end..until) == bytes.get(end..until),
            _ => again.get(end..) == bytes.get(end..),
        };
        if stays {
            return Ok(Settled { bytes, end, tail });
        }
        bytes = again;
    }
}

#[cfg(test)]
mod tests {
    use play_evidence::Chain;

    use super::*;
    use crate::scan::tests::batch;

    /// What it gives when the file is read as these, one after the other: where batches begin, what was left, and how often it was read.
    fn settled(reads: &[Vec<u8>]) -> (Vec<usize>, Tail, usize) {
        let (mut begins, mut n) = (Vec::new(), 0);
        let read = || {
            n += 1;
            Ok(reads[(n - 1).min(reads.len() - 1)].clone())
        };
        let each = |from, _: Checked<'_>| {
            begins.push(from);
            Ok(())
        };
        let tail = settle(read, each).unwrap().tail;
        (begins, tail, n)
    }

    /// Four batches in place that was ready, and where they begin.
    fn four() -> (Vec<u8>, Vec<usize>) {
        let mut chain = Chain::new("r");
        let (mut bytes, mut begins) = (Vec::new(), Vec::new());
        for _ in 0..4 {
            begins.push(bytes.len());
            bytes.extend(batch(&mut chain, bytes.len(), 3));
        }
        bytes.resize(8192, 0);
        (bytes, begins)
    }

    #[test]
    fn what_was_read_while_it_was_written_is_read_again() {
        let (bytes, begins) = four();
        // Its second batch was not there when that page was read, and the third was when the next one was.
        let mut between = bytes.clone();
        between[begins[1]..begins[2]].fill(0);
        between[begins[3]..].fill(0);
        let mut before = bytes.clone();
        before[begins[1]..].fill(0);
        let mut half = before.clone();
        half[begins[1]..begins[1] + 200].copy_from_slice(&bytes[begins[1]..begins[1] + 200]);

        assert_eq!(settled(std::slice::from_ref(&bytes)), (begins.clone(), Tail::Ahead, 1));
        assert_eq!(settled(&[before, bytes.clone()]), (vec![0], Tail::Ahead, 1), "as it was a moment ago");
        assert_eq!(settled(&[between.clone(), bytes.clone()]), (begins.clone(), Tail::Ahead, 2));
        assert_eq!(settled(&[half.clone(), bytes.clone()]), (begins.clone(), Tail::Ahead, 2));
        let mut again = bytes.clone();
        again[begins[2]..begins[2] + 300].fill(0);
        assert_eq!(settled(&[between, again, bytes]), (begins, Tail::Ahead, 3), "each batch once");
        assert_eq!(settled(&[half]), (vec![0], Tail::Torn, 2));
    }

    #[test]
    fn damage_is_not_read_for_ever_however_much_is_written_behind_it() {
        let (bytes, begins) = four();
        let mut damaged = bytes;
        damaged[begins[1] + 30] ^= 1;
        let grows = |upto: usize| {
            let mut bytes = damaged.clone();
            bytes[upto..].fill(0);
            bytes
        };
        let (begins, tail, n) = settled(&[grows(begins[2]), grows(begins[3]), damaged.clone()]);
        assert_eq!((begins, n), (vec![0], 2));
        assert!(matches!(tail, Tail::Altered { .. }), "{tail:?}");
    }
}

//! The batches of a segment, one after the other, though several threads look whether they are what was written: that is most of the
//! time that reading a store takes.

use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use crate::body;
use crate::head::LineHead;
use crate::names;
use crate::scan::{self, BatchAt};
use crate::trailer;

/// A thread takes so many bytes at a time, and what follows up to the end of a batch. A segment that has no more is read by one thread.
const SHARE: usize = 1 << 20;

/// More threads than this would wait for the one that takes note of what they read.
const MOST: usize = 8;

/// How many shares a thread may be ahead.
const AHEAD: usize = 2;

/// A whole batch.
pub(crate) struct Checked<'a> {
    pub batch: BatchAt<'a>,
    /// What each of its lines is.
    pub lines: Vec<Is<'a>>,
}

/// What a line of a batch is.
#[derive(Debug)]
pub(crate) enum Is<'a> {
    Evidence {
        /// Where it stands in its chain.
        head: LineHead<'a>,
        /// Whether it names blobs, or has a value that looks like that.
        names: bool,
    },
    /// A body with this digest.
    Body([u8; 32]),
    Neither,
}

impl<'a> Is<'a> {
    fn of(line: &'a [u8], is_body: bool) -> Self {
        if is_body {
            return body::digest(line).map_or(Self::Neither, Self::Body);
        }
        let names = || names::any(line);
        LineHead::read(line).map_or(Self::Neither, |head| Self::Evidence { head, names: names() })
    }
}

/// Gives each whole batch, from there on, to `each` with the place where it begins; stops at the first that is not whole. Gives
/// where that is, or the end.
///
/// # Errors
/// The first of `each`.
pub(crate) fn for_each_batch<'a, E>(
    segment: &'a [u8],
    from: usize,
    mut each: impl FnMut(usize, Checked<'a>) -> Result<(), E>,
) -> Result<usize, E> {
    let shares = shares(segment, from);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST).min(shares.len());
    let mut end = from;
    if threads < 2 {
        while let Some(read) = read(segment, end) {
            let from = std::mem::replace(&mut end, read.batch.end);
            each(from, read)?;
        }
        return Ok(end);
    }
    thread::scope(|scope| {
        let shares = &shares;
        let given: Vec<Receiver<Vec<Checked<'a>>>> = (0..threads)
            .map(|n| {
                let (give, given) = sync_channel(AHEAD);
                // Nobody takes what is behind the first that is not whole.
                scope.spawn(move || {
                    let mut own = shares.iter().skip(n).step_by(threads);
                    own.try_for_each(|share| give.send(whole(segment, share)))
                });
                given
            })
            .collect();
        for (share, given) in shares.iter().zip(given.iter().cycle()) {
            for read in given.recv().unwrap_or_default() {
                let from = std::mem::replace(&mut end, read.batch.end);
                each(from, read)?;
            }
            if end < share.end {
                break;
            }
        }
        Ok(end)
    })
}

/// The batches of a share up to the first that is not whole.
fn whole<'a>(segment: &'a [u8], share: &Range<usize>) -> Vec<Checked<'a>> {
    let mut found = Vec::new();
    let mut pos = share.start;
    while pos < share.end
        && let Some(read) = read(segment, pos)
    {
        pos = read.batch.end;
        found.push(read);
    }
    found
}

fn read(segment: &[u8], from: usize) -> Option<Checked<'_>> {
    let batch = scan::batch_at(segment, from)?;
    let lines =
        batch.lines.iter().enumerate().map(|(n, line)| Is::of(line.bytes, n < batch.inline)).collect();
    Some(Checked { batch, lines })
}

/// Cuts a segment where a trailer ends. All of it, from there on, is in one share or another.
fn shares(segment: &[u8], mut from: usize) -> Vec<Range<usize>> {
    let mut shares = Vec::new();
    while from < segment.len() {
        let end =
            from.checked_add(SHARE).and_then(|least| end_of_batch(segment, least)).unwrap_or(segment.len());
        shares.push(from..end);
        from = end;
    }
    shares
}

/// Just behind the first trailer that begins behind `from`.
fn end_of_batch(segment: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at = line_end(segment, at)?;
        if segment.get(at..)?.starts_with(trailer::START) {
            return line_end(segment, at);
        }
    }
}

/// Just behind the first newline from here on.
fn line_end(segment: &[u8], from: usize) -> Option<usize> {
    let newline = segment.get(from..)?.iter().position(|b| *b == b'\n')?;
    Some(from + newline + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use play_evidence::{Chain, J, kinds};

    use super::*;
    use crate::trailer::{Trailer, sum};

    /// A segment of some shares, in batches of all sizes.
    fn segment() -> Vec<u8> {
        let kind = kinds::kind("run.resumed").unwrap();
        let mut chain = Chain::new("r");
        let mut segment = Vec::new();
        for lines in (1..=7).cycle().take(60) {
            let (mut bytes, mut sums) = (Vec::new(), String::new());
            for n in 0..lines {
                let fields = [("engine", "e".repeat(n * 7_000)), ("why", "restart".into())];
                let fields = BTreeMap::from(fields.map(|(name, text)| (name.to_string(), J::Str(text))));
                let line = chain.append(Timestamp::UNIX_EPOCH, "engine", None, kind, fields).unwrap();
                bytes.extend_from_slice(&line.bytes);
                sums.push_str(&sum(&line.hash));
            }
            let trailer = Trailer::of(&bytes, segment.len() as u64, (lines as u64, 0), sums, [0; 32]);
            segment.extend(bytes);
            segment.extend(trailer.to_line(Timestamp::UNIX_EPOCH));
        }
        assert!(shares(&segment, 0).len() > 3, "{}", segment.len());
        segment
    }

    /// Where batches begin, and where what is whole ends.
    fn all(segment: &[u8]) -> (Vec<usize>, usize) {
        let mut begins = Vec::new();
        let end = for_each_batch(segment, 0, |from, checked| {
            assert_eq!(checked.batch.lines.len(), checked.lines.len());
            assert!(checked.lines.iter().all(|is| matches!(is, Is::Evidence { .. })));
            begins.push(from);
            Ok::<_, ()>(())
        });
        (begins, end.unwrap())
    }

    fn one_after_the_other(segment: &[u8]) -> (Vec<usize>, usize) {
        let (mut begins, mut end) = (Vec::new(), 0);
        while let Some(batch) = scan::batch_at(segment, end) {
            begins.push(end);
            end = batch.end;
        }
        (begins, end)
    }

    #[test]
    fn several_threads_read_what_one_does() {
        let whole = segment();
        assert_eq!(all(&whole), one_after_the_other(&whole));
        assert_eq!(all(&whole).1, whole.len());
        let borders: Vec<usize> =
            shares(&whole, 0).iter().flat_map(|s| [s.start, s.end.saturating_sub(1)]).collect();
        for at in (0..whole.len()).step_by(whole.len() / 40).chain(borders) {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            assert_eq!(all(&altered), one_after_the_other(&altered), "{at}");
            assert_eq!(all(&whole[..at]), one_after_the_other(&whole[..at]), "{at}");
            altered[at..].fill(0);
            assert_eq!(all(&altered), one_after_the_other(&altered), "{at}");
            // What seems to be a trailer, in the middle of a batch.
            let mut false_one = whole[..at].to_vec();
            false_one.extend_from_slice(b"\n{\"bytes\":1}\n");
            false_one.extend_from_slice(&whole[at..]);
            assert_eq!(all(&false_one), one_after_the_other(&false_one), "{at}");
        }
    }

    #[test]
    fn whoever_has_enough_stops_all_of_it() {
        let segment = segment();
        let mut taken = 0;
        let end = for_each_batch(&segment, 0, |_, _| {
            taken += 1;
            if taken < 20 { Ok(()) } else { Err("enough") }
        });
        assert_eq!((end, taken), (Err("enough"), 20));
        assert_eq!(for_each_batch(&[], 0, |_, _| Err("nothing is there")), Ok(0));
    }
}

//! Who reads a store while somebody writes to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use play_evidence::Chain;
use play_journal::{Batch, Blob, JournalError, Options, ProblemKind, Store, verify_store};

use crate::common::{FIRST_SEGMENT, copy, line_with, open, packs, recorded_cuts, written};

/// Of a body, its salt and its head.
const FRAME: usize = 56 + 32 + 3000;
const PACK: &str = "blobs/00000001.pack";

fn put(store: &Store, chain: &mut Chain, n: u32) {
    let mut body = vec![7; 3000];
    body[..4].copy_from_slice(&n.to_le_bytes());
    let blob = Blob::new([1; 32], body);
    store.append_wait(Batch { lines: vec![line_with(chain, &blob)], blobs: vec![blob] }).unwrap();
}

/// Writes as `write` does, again and again, while `read` looks at it; gives what that finds.
fn beside<T>(
    path: &Path,
    write: impl Fn(&Path, &mut Chain, &mut u32) + Send + 'static,
    read: impl Fn(&Path) -> Vec<T>,
) -> Vec<T> {
    let ends = Arc::new(AtomicBool::new(false));
    let (end, of) = (Arc::clone(&ends), PathBuf::from(path));
    let writer = thread::spawn(move || {
        let (mut chain, mut n) = (Chain::new("run-1"), 0);
        while !end.load(Ordering::SeqCst) {
            write(&of, &mut chain, &mut n);
        }
    });
    let (mut found, began) = (Vec::new(), Instant::now());
    while began.elapsed() < Duration::from_millis(1500) {
        found.extend(read(path));
    }
    ends.store(true, Ordering::SeqCst);
    writer.join().unwrap();
    assert!(verify_store(path).unwrap().is_clean());
    found
}

#[test]
fn what_is_verified_while_it_grows_lacks_nothing() {
    for (ahead_bytes, inline_bytes) in [(0, 0), (1 << 20, 0), (1 << 20, 8 << 10)] {
        let dir = tempfile::tempdir().unwrap();
        let store =
            Store::open(dir.path(), Options { ahead_bytes, inline_bytes, ..Options::default() }).unwrap();
        let write = move |_: &Path, chain: &mut Chain, n: &mut u32| {
            *n += 1;
            put(&store, chain, *n);
        };
        let found = beside(dir.path(), write, |path| verify_store(path).unwrap().problems);
        // A write under way is looked at again. One that the system puts aside in the middle may be seen twice as it is.
        let (torn, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|p| p.kind == ProblemKind::TornTail);
        assert!(torn.len() <= 3, "{ahead_bytes}, {inline_bytes}: {} of them: {:?}", torn.len(), torn.first());
        assert!(
            found.is_empty(),
            "{ahead_bytes}, {inline_bytes}: {} of them: {:?}",
            found.len(),
            found.first()
        );
    }
}

#[test]
fn it_is_read_while_whoever_writes_it_opens_and_closes_it() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).close().unwrap();
    let write = |path: &Path, chain: &mut Chain, n: &mut u32| {
        let store =
            Store::open(path, if n.is_multiple_of(2) { packs() } else { Options::default() }).unwrap();
        for _ in 0..3 {
            *n += 1;
            put(&store, chain, *n);
        }
        store.close().unwrap();
    };
    let found = beside(dir.path(), write, |path| Store::read_only(path).err().into_iter().collect());
    assert!(found.is_empty(), "{} of them: {:?}", found.len(), found.first());
}

/// A store of two batches as it was before it was closed, with place behind both files. Where the first of the lines ends.
fn killed(to: &Path) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), packs()).unwrap();
    let mut chain = Chain::new("run-1");
    put(&store, &mut chain, 1);
    let first = usize::try_from(written(dir.path())).unwrap();
    put(&store, &mut chain, 2);
    copy(dir.path(), to);
    first
}

#[test]
fn a_blob_that_a_line_names_and_that_is_zeros_now_is_a_refusal() {
    for kept in [0, FRAME] {
        let dir = tempfile::tempdir().unwrap();
        killed(dir.path());
        let mut bytes = fs::read(dir.path().join(PACK)).unwrap();
        assert!(bytes.len().is_multiple_of(4096));
        bytes[kept..].fill(0);
        fs::write(dir.path().join(PACK), bytes).unwrap();
        for found in
            [Store::read_only(dir.path()).map(drop), Store::open(dir.path(), Options::default()).map(drop)]
        {
            assert!(matches!(found, Err(JournalError::Damaged(_))), "{kept}: {found:?}");
        }
        let problems = verify_store(dir.path()).unwrap().problems;
        assert!(
            problems.iter().all(|p| p.kind == ProblemKind::Missing) && !problems.is_empty(),
            "{problems:?}"
        );
    }
}

/// A small body is of its batch: what a crash leaves of that looks the same, so it is cut with it, and that is said.
#[test]
fn a_small_body_of_the_last_batch_that_is_zeros_now_is_cut_with_it_and_any_other_is_a_refusal() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut chain = Chain::new("run-1");
    put(&store, &mut chain, 1);
    let first = usize::try_from(written(dir.path())).unwrap();
    put(&store, &mut chain, 2);
    let copies = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    copies.iter().for_each(|to| copy(dir.path(), to.path()));
    let zeroed = |path: &Path, at: usize| {
        let mut bytes = fs::read(path.join(FIRST_SEGMENT)).unwrap();
        bytes[at..at + 512].fill(0);
        fs::write(path.join(FIRST_SEGMENT), bytes).unwrap();
    };
    zeroed(copies[0].path(), first + 1000);
    let cut = open(copies[0].path());
    assert_eq!(cut.lines_of("run-1").unwrap().len(), 1);
    cut.close().unwrap();
    assert_eq!(recorded_cuts(copies[0].path()).len(), 1);
    zeroed(copies[1].path(), first - 2000);
    assert!(matches!(Store::read_only(copies[1].path()), Err(JournalError::Damaged(_))));
}

/// As one that was cut there: what shows it are the ends of chains that somebody else keeps.
#[test]
fn a_last_batch_that_is_zeros_from_its_first_byte_on_is_as_if_it_was_never_written() {
    let dir = tempfile::tempdir().unwrap();
    let first = killed(dir.path());
    let mut bytes = fs::read(dir.path().join(FIRST_SEGMENT)).unwrap();
    bytes[first..].fill(0);
    fs::write(dir.path().join(FIRST_SEGMENT), &bytes).unwrap();
    assert!(verify_store(dir.path()).unwrap().is_clean());
    // From one byte further on, it is what a crash leaves, and said.
    let whole = tempfile::tempdir().unwrap();
    killed(whole.path());
    let mut bytes = fs::read(whole.path().join(FIRST_SEGMENT)).unwrap();
    bytes[first + 1..].fill(0);
    fs::write(whole.path().join(FIRST_SEGMENT), bytes).unwrap();
    open(whole.path()).close().unwrap();
    assert_eq!(recorded_cuts(whole.path()).len(), 1);
}

//! What a crash leaves is cut and the cut recorded; what no crash leaves is a refusal to open.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::thread;
use std::time::SystemTime;

use crate::common::*;
use play_evidence::Chain;
use play_journal::{Batch, Blob, JournalError, Options, ProblemKind, Store, verify_store};

fn refused(path: &Path) -> play_journal::Damage {
    let without_lock = || {
        let mut files = contents(path);
        files.remove(&path.join("lock"));
        files
    };
    let before = without_lock();
    let Err(JournalError::Damaged(damage)) = Store::open(path, Options::default()) else {
        panic!("it was opened")
    };
    assert!(without_lock() == before, "a refusal changes nothing");
    assert!(matches!(Store::read_only(path), Err(JournalError::Damaged(_))));
    *damage
}

/// Small stores: with a body in a pack, and with one in the segment.
const STORES: [fn(&Path) -> Vec<u64>; 2] = [small_store, small_store_inline];

#[test]
fn a_segment_that_ends_anywhere_keeps_every_batch_that_is_whole() {
    STORES.into_iter().for_each(ends_anywhere);
}

fn ends_anywhere(small_store: fn(&Path) -> Vec<u64>) {
    // Most of the time goes into waiting for the disk.
    const WORKERS: usize = 8;
    let dir = tempfile::tempdir().unwrap();
    let good = dir.path().join("good");
    let ends = small_store(&good);
    let lines = all_lines(&good);
    let size = fs::metadata(good.join(FIRST_SEGMENT)).unwrap().len();
    assert_eq!(size, ends[4]);
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (good, ends, lines, path) = (&good, &ends, &lines, dir.path().join(worker.to_string()));
            scope.spawn(move || {
                for len in (worker as u64..size).step_by(WORKERS) {
                    copy(good, &path);
                    ends_at(len, &path, ends, lines);
                    fs::remove_dir_all(&path).unwrap();
                }
            });
        }
    });
}

/// Cuts the segment of a small store to a length, and opens it.
fn ends_at(len: u64, path: &Path, ends: &[u64], lines: &[Vec<u8>]) {
    let lines_until = [1, 2, 4, 5, 7];
    OpenOptions::new().write(true).open(path.join(FIRST_SEGMENT)).unwrap().set_len(len).unwrap();
    let whole = ends.iter().filter(|e| **e <= len).count();
    let end = whole.checked_sub(1).map_or(0, |i| ends[i]);
    let kept = whole.checked_sub(1).map_or(0, |i| lines_until[i]);
    let torn = len > end;

    let report = verify_store(path).unwrap();
    let kinds: Vec<_> = report.problems.iter().map(|p| (p.kind, p.offset)).collect();
    if whole == 0 {
        // That it was created was durable before its program and its bodies were there: this no crash leaves.
        assert!(kinds.contains(&(ProblemKind::Missing, 0)), "cut at {len}");
        assert_eq!(kinds.contains(&(ProblemKind::TornTail, 0)), torn, "cut at {len}");
        assert_eq!(refused(path).file, FIRST_SEGMENT, "cut at {len}");
        return;
    }
    assert_eq!(kinds, if torn { vec![(ProblemKind::TornTail, end)] } else { vec![] }, "cut at {len}");

    let store = open(path);
    let mut next = store.chain("run-1").unwrap_or_else(|| Chain::new("run-1"));
    store.append_wait(one(&mut next)).unwrap();
    store.close().unwrap();

    let after = all_lines(path);
    assert_eq!(after[..kept], lines[..kept], "cut at {len}");
    let recorded = (FIRST_SEGMENT.to_string(), end as i64, len as i64 - end as i64);
    assert_eq!(recorded_cuts(path), if torn { vec![recorded] } else { vec![] }, "cut at {len}");
    // The cut, and the line appended now.
    assert_eq!(after.len(), kept + usize::from(torn) + 1, "cut at {len}");
    let report = verify_store(path).unwrap();
    assert!(report.is_clean(), "cut at {len}: {:?}", report.problems);
}

#[test]
fn a_page_that_never_arrived_is_cut_with_its_batch() {
    let dir = tempfile::tempdir().unwrap();
    let good = dir.path().join("good");
    let store = open(&good);
    let mut chain = Chain::new("run-1");
    store.append_wait(one(&mut chain)).unwrap();
    let last = written(&good) as usize;
    let blob = Blob::new([7; 32], vec![b'.'; 300]);
    let with_body = vec![line_with(&mut chain, &blob), line(&mut chain, "last")];
    store.append_wait(Batch { lines: with_body, blobs: vec![blob] }).unwrap();
    store.close().unwrap();
    let bytes = fs::read(good.join(FIRST_SEGMENT)).unwrap();
    for start in (last..bytes.len() - 32).step_by(61).chain([bytes.len() - 32]) {
        let path = dir.path().join("torn");
        copy(&good, &path);
        let mut torn = bytes.clone();
        torn[start..start + 32].fill(0);
        fs::write(path.join(FIRST_SEGMENT), torn).unwrap();
        let kinds: Vec<_> = verify_store(&path).unwrap().problems.iter().map(|p| p.kind).collect();
        assert!(!kinds.is_empty());
        open(&path).close().unwrap();
        assert_eq!(recorded_cuts(&path).len(), 1, "{start}");
        assert!(verify_store(&path).unwrap().is_clean());
        fs::remove_dir_all(&path).unwrap();
    }
}

#[test]
fn zeros_with_a_batch_behind_them_are_a_refusal() {
    let dir = tempfile::tempdir().unwrap();
    let ends = small_store(dir.path());
    let mut bytes = fs::read(dir.path().join(FIRST_SEGMENT)).unwrap();
    let from = ends[1] as usize + 40;
    bytes[from..from + 64].fill(0);
    fs::write(dir.path().join(FIRST_SEGMENT), bytes).unwrap();
    let damage = refused(dir.path());
    assert_eq!((damage.file.as_str(), damage.offset), (FIRST_SEGMENT, Some(ends[1])));
    assert_eq!((damage.run.as_deref(), damage.seq), (Some("run-1"), Some(0)));
}

#[test]
fn a_batch_that_stands_there_twice_is_a_refusal() {
    let dir = tempfile::tempdir().unwrap();
    let good = dir.path().join("good");
    let ends = small_store(&good);
    let bytes = fs::read(good.join(FIRST_SEGMENT)).unwrap();
    for (from, to) in ends.iter().zip(&ends[1..]) {
        let path = dir.path().join("twice");
        copy(&good, &path);
        let (from, to) = (*from as usize, *to as usize);
        let mut twice = bytes[..to].to_vec();
        twice.extend_from_slice(&bytes[from..]);
        fs::write(path.join(FIRST_SEGMENT), twice).unwrap();
        assert_eq!(refused(&path).file, FIRST_SEGMENT);
        assert!(!verify_store(&path).unwrap().is_clean());
        fs::remove_dir_all(&path).unwrap();
    }
}

#[test]
fn a_batch_that_is_gone_with_others_behind_it_is_a_refusal() {
    let dir = tempfile::tempdir().unwrap();
    let good = dir.path().join("good");
    let ends = small_store(&good);
    let bytes = fs::read(good.join(FIRST_SEGMENT)).unwrap();
    for (from, to) in [0].iter().chain(&ends).zip(&ends[..4]) {
        let path = dir.path().join("gone");
        copy(&good, &path);
        let mut gone = bytes.clone();
        gone.drain(*from as usize..*to as usize);
        fs::write(path.join(FIRST_SEGMENT), gone).unwrap();
        refused(&path);
        assert!(!verify_store(&path).unwrap().is_clean());
        fs::remove_dir_all(&path).unwrap();
    }
}

#[test]
fn an_altered_byte_is_never_cut_away_as_torn() {
    STORES.into_iter().for_each(altered_bytes);
}

fn altered_bytes(small_store: fn(&Path) -> Vec<u64>) {
    let dir = tempfile::tempdir().unwrap();
    let ends = small_store(dir.path());
    let segment = dir.path().join(FIRST_SEGMENT);
    let bytes = fs::read(&segment).unwrap();
    // In the last batch too: it was durable, and somebody was told so.
    for at in (0..bytes.len()).step_by(7).chain(ends.iter().map(|e| *e as usize - 1)) {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        fs::write(&segment, &altered).unwrap();
        refused(dir.path());
        // And where the process was killed, with place behind it that was ready.
        altered.resize(bytes.len().next_multiple_of(4096) + 4096, 0);
        fs::write(&segment, altered).unwrap();
        refused(dir.path());
    }
}

#[test]
fn a_sealed_segment_may_not_be_torn_or_missing() {
    let dir = tempfile::tempdir().unwrap();
    let good = dir.path().join("good");
    let store = Store::open(&good, tiny()).unwrap();
    let mut chain = Chain::new("run-1");
    for _ in 0..8 {
        store.append_wait(one(&mut chain)).unwrap();
    }
    store.close().unwrap();
    assert!(good.join("segments/00000003.jsonl").exists());

    let path = dir.path().join("bad");
    copy(&good, &path);
    let name = "segments/00000002.jsonl";
    let bytes = fs::read(path.join(name)).unwrap();
    fs::write(path.join(name), &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(refused(&path).file, name);

    // Also when it ends with a whole batch.
    let first = bytes.windows(9).skip(1).position(|w| w == b"{\"bytes\":").unwrap();
    let end = first + bytes[first..].iter().skip(1).position(|b| *b == b'\n').unwrap() + 2;
    fs::write(path.join(name), &bytes[..end]).unwrap();
    assert_eq!(refused(&path).file, "segments/00000003.jsonl");

    fs::remove_file(path.join(name)).unwrap();
    let damage = refused(&path);
    assert_eq!((damage.file.as_str(), damage.what.as_str()), (name, "the file is missing"));
}

/// A store whose last blob was written without any line, as when a crash comes between the two.
fn with_a_loose_blob(path: &Path) -> usize {
    small_store(path);
    let named = fs::metadata(path.join(FIRST_PACK)).unwrap().len();
    let segment = fs::read(path.join(FIRST_SEGMENT)).unwrap();
    let store = Store::open(path, packs()).unwrap();
    let blob = Blob::new([9; 32], b"nobody names it".to_vec());
    let mut chain = Chain::new("run-3");
    store.append_wait(Batch { lines: vec![line_with(&mut chain, &blob)], blobs: vec![blob] }).unwrap();
    store.close().unwrap();
    fs::write(path.join(FIRST_SEGMENT), segment).unwrap();
    named as usize
}

#[test]
fn a_blob_that_was_not_finished_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let good = dir.path().join("good");
    let named = with_a_loose_blob(&good);
    let bytes = fs::read(good.join(FIRST_PACK)).unwrap();
    for len in named..=bytes.len() {
        let path = dir.path().join("torn");
        copy(&good, &path);
        fs::write(path.join(FIRST_PACK), &bytes[..len]).unwrap();
        let torn = len > named && len < bytes.len();
        let kinds: Vec<_> = verify_store(&path).unwrap().problems.iter().map(|p| p.kind).collect();
        assert_eq!(kinds, if torn { vec![ProblemKind::TornTail] } else { vec![] }, "{len}");
        let store = open(&path);
        store.close().unwrap();
        let cut = (FIRST_PACK.to_string(), named as i64, len as i64 - named as i64);
        assert_eq!(recorded_cuts(&path), if torn { vec![cut] } else { vec![] }, "{len}");
        assert!(verify_store(&path).unwrap().is_clean());
        fs::remove_dir_all(&path).unwrap();
    }
}

#[test]
fn a_blob_that_a_durable_line_names_is_never_cut() {
    let dir = tempfile::tempdir().unwrap();
    let named = with_a_loose_blob(dir.path());
    let pack = dir.path().join(FIRST_PACK);
    let bytes = fs::read(&pack).unwrap();
    for len in 1..named {
        fs::write(&pack, &bytes[..len]).unwrap();
        refused(dir.path());
        let problems = verify_store(dir.path()).unwrap().problems;
        let line = problems.iter().find(|p| p.kind == ProblemKind::Missing).unwrap();
        assert_eq!((line.run.as_deref(), line.seq), (Some("run-1"), Some(0)), "{len}");
    }
}

#[test]
fn a_store_that_was_emptied_is_a_refusal() {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    fs::remove_file(dir.path().join(FIRST_SEGMENT)).unwrap();
    let damage = refused(dir.path());
    assert_eq!(
        (damage.file.as_str(), damage.run.as_deref(), damage.seq),
        (FIRST_SEGMENT, Some("store"), Some(0))
    );

    // Empty files are no lines either.
    for empty in [FIRST_SEGMENT, "segments/00000002.jsonl"] {
        fs::write(dir.path().join(empty), "").unwrap();
        refused(dir.path());
    }
    fs::remove_dir_all(dir.path().join("segments")).unwrap();
    fs::create_dir(dir.path().join("segments")).unwrap();

    // The program alone tells, too.
    fs::remove_file(dir.path().join(FIRST_PACK)).unwrap();
    refused(dir.path());
    fs::remove_dir_all(dir.path().join("artifacts")).unwrap();
    fs::create_dir(dir.path().join("artifacts")).unwrap();
    // Now it is no different from one whose creation was stopped; but what it is to hold is not there yet.
    let problems = verify_store(dir.path()).unwrap().problems;
    assert_eq!(problems.iter().map(|p| p.kind).collect::<Vec<_>>(), [ProblemKind::Missing]);
    open(dir.path()).close().unwrap();
    assert!(verify_store(dir.path()).unwrap().is_clean());
}

#[test]
fn a_program_that_a_line_names_must_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let ends = small_store(dir.path());
    for file in fs::read_dir(dir.path().join("artifacts")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let problems = verify_store(dir.path()).unwrap().problems;
    let [missing] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!((missing.kind, missing.offset), (ProblemKind::Missing, ends[0]));
    assert_eq!((missing.run.as_deref(), missing.seq), (Some("store"), Some(1)));
    assert!(missing.what.starts_with("its artifact 1310ca2c"), "{}", missing.what);
}

/// After a sync that failed, the system may take pages for written that are not: only writing them again helps.
#[test]
fn the_last_batch_and_the_last_pack_are_written_again_when_a_store_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), tiny()).unwrap();
    let mut chain = Chain::new("run-1");
    for n in 0..8 {
        let blob = Blob::new([n; 32], vec![n; 100]);
        store.append_wait(Batch { lines: vec![line_with(&mut chain, &blob)], blobs: vec![blob] }).unwrap();
    }
    store.close().unwrap();
    let before = contents(dir.path());
    let of = |folder: &str| {
        before.keys().filter(|p| p.parent() == Some(&dir.path().join(folder))).collect::<Vec<_>>()
    };
    let (segments, packs) = (of("segments"), of("blobs"));
    for path in segments.iter().chain(&packs) {
        OpenOptions::new().write(true).open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
    open(dir.path()).close().unwrap();

    for files in [segments, packs] {
        assert!(files.len() > 1);
        for path in &files {
            let written = fs::metadata(path).unwrap().modified().unwrap() > SystemTime::UNIX_EPOCH;
            assert_eq!(written, files.last() == Some(path), "{path:?}");
            assert!(fs::read(path).unwrap() == before[*path], "{path:?}");
        }
    }
}

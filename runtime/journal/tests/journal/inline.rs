//! Small bodies, which stand in the segment, and larger ones in a pack beside them.

use std::fs;
use std::path::Path;

use crate::common::*;
use play_evidence::Chain;
use play_journal::{Batch, Blob, JournalError, Options, ProblemKind, Store, verify_store};

fn blob(n: u8, len: usize) -> Blob {
    Blob::new([n; 32], vec![b'a' + n; len])
}

/// A batch of a line that names this blob.
fn with(chain: &mut Chain, blob: &Blob) -> Batch {
    Batch { lines: vec![line_with(chain, blob)], blobs: vec![blob.clone()] }
}

fn segments(path: &Path) -> String {
    let mut files: Vec<_> = fs::read_dir(path.join("segments")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

fn is_refused(path: &Path) -> bool {
    matches!(Store::read_only(path), Err(JournalError::Damaged(_)))
}

#[test]
fn a_body_of_8191_bytes_stands_in_the_segment_and_one_of_8192_in_a_pack() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut chain = Chain::new("run-1");
    let (small, large) = (blob(1, 8191), blob(2, 8192));
    for blob in [&small, &large] {
        store.append_wait(with(&mut chain, blob)).unwrap();
    }
    store.close().unwrap();
    let bodies: Vec<String> =
        segments(dir.path()).lines().filter(|l| is_body(l.as_bytes())).map(String::from).collect();
    assert!(bodies.len() == 1 && bodies[0].contains(&small.digest()));
    assert_eq!(fs::metadata(dir.path().join(FIRST_PACK)).unwrap().len(), 56 + 32 + 8192);
    let store = open(dir.path());
    for blob in [small, large] {
        assert_eq!(store.blob(&blob.digest()).unwrap().as_deref(), Some(blob.body()));
    }
}

#[test]
fn what_is_there_is_not_written_again_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (blob(1, 40), blob(2, 40));
    let mut chain = Chain::new("run-1");
    let store = Store::open(dir.path(), packs()).unwrap();
    store.append_wait(with(&mut chain, &one)).unwrap();
    store.close().unwrap();
    for _ in 0..2 {
        let store = open(dir.path());
        for blob in [&one, &two, &two] {
            store.append_wait(with(&mut chain, blob)).unwrap();
        }
        store.close().unwrap();
    }
    let text = segments(dir.path());
    assert_eq!(text.lines().filter(|l| is_body(l.as_bytes())).count(), 1);
    let report = verify_store(dir.path()).unwrap();
    assert_eq!((report.blobs, report.twice, report.is_clean()), (2, 0, true));
}

#[test]
fn one_that_stands_in_a_pack_as_well_is_counted_and_no_damage() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = blob(1, 40);
    for (path, options) in [(dir.path(), Options::default()), (other.path(), packs())] {
        let store = Store::open(path, options).unwrap();
        store.append_wait(with(&mut Chain::new("run-1"), &one)).unwrap();
        store.close().unwrap();
    }
    fs::copy(other.path().join(FIRST_PACK), dir.path().join(FIRST_PACK)).unwrap();
    let report = verify_store(dir.path()).unwrap();
    assert_eq!((report.blobs, report.twice, report.is_clean()), (1, 1, true));
    assert_eq!(open(dir.path()).blob(&one.digest()).unwrap().as_deref(), Some(one.body()));
}

#[test]
fn a_body_that_has_changed_since_the_store_was_opened_is_not_passed_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let one = blob(1, 40);
    store.append_wait(with(&mut Chain::new("run-1"), &one)).unwrap();
    let path = dir.path().join(FIRST_SEGMENT);
    let at = fs::read(&path).unwrap().windows(8).position(|w| w == b"\"body\":\"").unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[at + 20] ^= 1;
    fs::write(&path, bytes).unwrap();
    let Err(JournalError::Damaged(damage)) = store.blob(&one.digest()) else { panic!("it is passed on") };
    assert_eq!(damage.file, FIRST_SEGMENT);
}

#[test]
fn a_line_that_says_another_size_is_told() {
    for options in [Options::default(), packs()] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), options).unwrap();
        let (one, longer) = (blob(1, 40), blob(1, 41));
        let mut chain = Chain::new("run-1");
        let says = play_evidence::json::blob(&one.digest(), longer.len());
        let line = append(&mut chain, "case.noted", [("text".to_string(), says)].into());
        store.append_wait(Batch { lines: vec![line], blobs: vec![one] }).unwrap();
        store.close().unwrap();
        let problems = verify_store(dir.path()).unwrap().problems;
        assert!(problems.len() == 1 && problems[0].what.ends_with("has 40 bytes, not 41"), "{problems:?}");
    }
}

/// With many small bodies behind the line that names a large one, and a value that looks like a name.
#[test]
fn a_large_body_that_is_lost_is_a_refusal_however_many_small_ones_came_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let options = || Options { segment_bytes: 1500, inline_bytes: 100, ..Options::default() };
    let store = Store::open(dir.path(), options()).unwrap();
    let mut chain = Chain::new("run-1");
    let (early, late) = (blob(1, 200), blob(2, 200));
    let two = [blob(3, 40), late.clone()];
    store.append_wait(with(&mut chain, &early)).unwrap();
    for n in 10..14 {
        store.append_wait(with(&mut chain, &blob(n, 40))).unwrap();
    }
    let both = two.each_ref().map(|blob| line_with(&mut chain, blob)).to_vec();
    store.append_wait(Batch { lines: both, blobs: two.to_vec() }).unwrap();
    for n in 14..18 {
        store.append_wait(with(&mut chain, &blob(n, 40))).unwrap();
    }
    let looks_like = play_evidence::json::val(play_evidence::J::Obj(
        [("blob".to_string(), play_evidence::J::Str("ab".repeat(32)))].into(),
    ));
    let value = append(&mut chain, "case.noted", [("text".to_string(), looks_like)].into());
    store.append_wait(lines([value])).unwrap();
    // As a process that was killed leaves it: with place behind its pack.
    let killed = tempfile::tempdir().unwrap();
    copy(dir.path(), killed.path());
    store.close().unwrap();
    assert!(fs::read_dir(killed.path().join("segments")).unwrap().count() > 4);
    assert!(!is_refused(killed.path()));

    let frame = 56 + 32 + 200;
    let pack = fs::read(killed.path().join(FIRST_PACK)).unwrap();
    assert!(pack.len().is_multiple_of(4096) && pack.len() > 2 * frame);
    for kept in [0, frame] {
        let mut lost = pack.clone();
        lost[kept..].fill(0);
        fs::write(killed.path().join(FIRST_PACK), &lost).unwrap();
        assert!(is_refused(killed.path()), "{kept}");
        fs::write(killed.path().join(FIRST_PACK), &lost[..kept + 70]).unwrap();
        assert!(is_refused(killed.path()), "{kept}, cut");
    }
    let problems = verify_store(killed.path()).unwrap().problems;
    assert!(problems.iter().any(|p| p.kind == ProblemKind::Missing), "{problems:?}");
}

#[test]
fn lines_and_bodies_under_a_block_of_zeros_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut chain = Chain::new("run-1");
    let bodies = [blob(1, 60), blob(2, 60)];
    let mut all: Vec<_> = (0..3).map(|n| line(&mut chain, &n.to_string())).collect();
    all.extend(bodies.iter().map(|blob| line_with(&mut chain, blob)));
    all.extend((0..2).map(|n| line(&mut chain, &n.to_string())));
    store.append_wait(Batch { lines: all, blobs: bodies.to_vec() }).unwrap();
    store.append_wait(one(&mut chain)).unwrap();
    store.close().unwrap();
    let path = dir.path().join(FIRST_SEGMENT);
    let good = fs::read(&path).unwrap();
    let place = |n: usize, start: &str| {
        let mut at = 0;
        let mut lines = good.split_inclusive(|b| *b == b'\n').map(|line| {
            at += line.len();
            (at - line.len(), line)
        });
        let ours = lines.by_ref().filter(|(_, line)| String::from_utf8_lossy(line).contains(start));
        ours.map(|(at, _)| at).nth(n).unwrap()
    };
    // From the middle of the second body to the middle of line 1.
    let mut segment = good.clone();
    segment[place(1, "\"k\":\"body\"") + 50..place(1, "\"run\":\"run-1\"") + 50].fill(0);
    fs::write(&path, segment).unwrap();
    let problems = verify_store(dir.path()).unwrap().problems;
    let told: Vec<_> = problems.iter().map(|p| (p.run.as_deref().zip(p.seq), p.what.as_str())).collect();
    let [body, first, second, lost] = &told[..] else { panic!("{problems:?}") };
    assert_eq!(*body, (None, "the body is not what was written"));
    assert_eq!((first.0, second.0), (Some(("run-1", 0)), Some(("run-1", 1))), "{problems:?}");
    assert!(lost.0 == Some(("run-1", 4)) && lost.1.ends_with("is missing, or was altered"), "{problems:?}");
}

#[test]
fn whole_bodies_of_a_batch_without_its_trailer_are_not_accused() {
    let dir = tempfile::tempdir().unwrap();
    let ends = small_store_inline(dir.path());
    let path = dir.path().join(FIRST_SEGMENT);
    let mut segment = fs::read(&path).unwrap();
    segment[ends[1] as usize - 40] ^= 1;
    fs::write(&path, segment).unwrap();
    let before = verify_store(dir.path()).unwrap().problems;
    let mut segment = fs::read(&path).unwrap();
    segment[ends[1] as usize - 40] ^= 1;
    segment[ends[2] as usize - 40] ^= 1;
    fs::write(&path, segment).unwrap();
    let with_body = verify_store(dir.path()).unwrap().problems;
    let what = "the batch's trailer is not what was written";
    for problems in [before, with_body] {
        assert!(problems.len() == 1 && problems[0].what == what, "{problems:?}");
    }
}

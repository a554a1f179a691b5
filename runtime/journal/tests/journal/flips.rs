//! Every altered byte is found, and in a line, the line is named.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::thread;

use crate::common::*;
use play_evidence::Chain;
use play_journal::{Options, ProblemKind, Store, verify_store};

/// Where a line is, and which it is; `None` for trailers, and for bodies.
type Place = (Range<usize>, Option<(String, u64)>);

fn places(segment: &[u8]) -> Vec<Place> {
    let mut offset = 0;
    let lines = segment.split_inclusive(|b| *b == b'\n').map(|line| {
        let range = offset..offset + line.len();
        offset = range.end;
        (range, (!line.starts_with(b"{\"bytes\":") && !is_body(line)).then(|| name(line)))
    });
    lines.collect()
}

/// Alters each byte of a file with each mask, in turn, and calls `check` with the place of the byte.
fn alter_each(store: &Path, file: &str, masks: &[u8], check: impl Fn(usize, &Path) + Sync) {
    let good = fs::read(store.join(file)).unwrap();
    let workers = 2;
    thread::scope(|scope| {
        for worker in 0..workers {
            let (good, check) = (&good, &check);
            scope.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                copy(store, dir.path());
                let path = dir.path().join(file);
                for at in (worker..good.len()).step_by(workers) {
                    for mask in masks {
                        let mut altered = good.clone();
                        altered[at] ^= mask;
                        fs::write(&path, altered).unwrap();
                        check(at, dir.path());
                    }
                }
            });
        }
    });
}

fn each_line_is_named(store: &Path, file: &str, masks: &[u8]) {
    let places = places(&fs::read(store.join(file)).unwrap());
    alter_each(store, file, masks, |at, path| {
        let problems = verify_store(path).unwrap().problems;
        let damage: Vec<_> = problems.iter().filter(|p| p.kind != ProblemKind::TornTail).collect();
        let (_, line) = places.iter().find(|(range, _)| range.contains(&at)).unwrap();
        let named: Vec<_> = damage.iter().map(|p| p.run.clone().zip(p.seq)).collect();
        match line {
            Some(_) => assert_eq!(named, std::slice::from_ref(line), "byte {at}: {problems:?}"),
            None => assert!(!damage.is_empty(), "byte {at} of a trailer, or a body"),
        }
    });
}

#[test]
fn every_altered_byte_of_a_segment_is_found_and_its_line_named() {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    each_line_is_named(dir.path(), FIRST_SEGMENT, &[0x01, 0x80]);
}

#[test]
fn an_altered_body_is_found_where_it_stands_and_with_the_line_that_has_lost_it() {
    let dir = tempfile::tempdir().unwrap();
    let ends = small_store_inline(dir.path());
    each_line_is_named(dir.path(), FIRST_SEGMENT, &[0x01, 0x80]);
    let segment = fs::read(dir.path().join(FIRST_SEGMENT)).unwrap();
    let body = ends[1];
    let len = segment[body as usize..].iter().position(|b| *b == b'\n').unwrap();
    for at in body as usize..body as usize + len {
        let mut altered = segment.clone();
        altered[at] ^= 0x01;
        fs::write(dir.path().join(FIRST_SEGMENT), altered).unwrap();
        let problems = verify_store(dir.path()).unwrap().problems;
        let [first, second] = &problems[..] else { panic!("byte {at}: {problems:?}") };
        assert_eq!((first.offset, first.what.as_str()), (body, "the body is not what was written"));
        assert_eq!((second.run.as_deref(), second.seq), (Some("run-1"), Some(0)), "byte {at}");
        assert!(second.what.ends_with("is missing, or was altered"), "{}", second.what);
        assert!(Store::read_only(dir.path()).is_err(), "byte {at}");
    }
}

/// Other masks make newlines of other bytes, braces of brackets, digits of letters, and zeros.
#[test]
fn newlines_that_come_and_go_are_no_different() {
    [small_store, small_store_inline].into_iter().for_each(newlines_come_and_go);
}

fn newlines_come_and_go(small_store: fn(&Path) -> Vec<u64>) {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    let segment = fs::read(dir.path().join(FIRST_SEGMENT)).unwrap();
    let places = places(&segment);
    for (range, line) in &places {
        for at in [range.start, range.start + 30, range.end - 2, range.end - 1] {
            for byte in [b'\n', b'}', b'{', b'"', b',', b'0', 0, 0xff] {
                let mut altered = segment.clone();
                if altered[at] == byte {
                    continue;
                }
                altered[at] = byte;
                fs::write(dir.path().join(FIRST_SEGMENT), altered).unwrap();
                let problems = verify_store(dir.path()).unwrap().problems;
                assert!(!problems.is_empty(), "byte {at} made {byte}");
                // A zero where the last write begins or ends may be what a crash has left of it.
                if byte == 0 && problems.iter().all(|p| p.kind == ProblemKind::TornTail) {
                    assert!(Store::read_only(dir.path()).is_ok(), "byte {at}");
                    continue;
                }
                if let Some((run, seq)) = line {
                    let named = problems.iter().any(|p| p.run.as_ref() == Some(run) && p.seq == Some(*seq));
                    assert!(named, "byte {at} made {byte}: {problems:?}");
                }
            }
        }
    }
}

#[test]
fn every_altered_byte_of_a_sealed_segment_is_found_and_its_line_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), tiny()).unwrap();
    let (mut a, mut alone) = (Chain::new("run-1"), Chain::new("run-9"));
    for _ in 0..3 {
        store.append_wait(one(&mut a)).unwrap();
    }
    // A chain of one line: nothing follows that could say which it was.
    store.append_wait(lines([line(&mut alone, "only"), line(&mut a, "last")])).unwrap();
    store.close().unwrap();
    assert!(dir.path().join("segments/00000002.jsonl").exists());
    each_line_is_named(dir.path(), FIRST_SEGMENT, &[0x01]);
    each_line_is_named(dir.path(), "segments/00000002.jsonl", &[0x02]);
}

#[test]
fn every_altered_byte_of_a_pack_is_found() {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    alter_each(dir.path(), FIRST_PACK, &[0x01, 0x80], |at, path| {
        let problems = verify_store(path).unwrap().problems;
        let pack = problems.iter().any(|p| p.segment == FIRST_PACK);
        // The line that has lost its body is named too.
        let line = problems.iter().any(|p| p.run.as_deref() == Some("run-1") && p.seq == Some(0));
        assert!(pack && line, "byte {at}: {problems:?}");
        let reader = Store::read_only(path);
        assert!(reader.is_err(), "byte {at}");
    });
}

#[test]
fn every_altered_byte_of_the_other_files_is_found() {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    let store = open(dir.path());
    let digest = store.put_artifact(b"program").unwrap();
    store.close().unwrap();
    let artifact = format!("artifacts/{digest}.playa");
    for file in ["store.json", &artifact] {
        alter_each(dir.path(), file, &[0x01, 0x80], |at, path| {
            let problems = verify_store(path).unwrap().problems;
            assert!(problems.iter().any(|p| p.segment == file), "{file}, byte {at}: {problems:?}");
        });
    }
    fs::write(dir.path().join(&artifact), "another").unwrap();
    assert!(Store::read_only(dir.path()).unwrap().artifact(&digest).is_err());
}

#[test]
fn several_altered_lines_are_all_named() {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    let mut segment = fs::read(dir.path().join(FIRST_SEGMENT)).unwrap();
    let places = places(&segment);
    for (range, line) in &places {
        if line.is_some() {
            segment[range.start + 12] ^= 1;
        }
    }
    fs::write(dir.path().join(FIRST_SEGMENT), segment).unwrap();
    let problems = verify_store(dir.path()).unwrap().problems;
    let named: Vec<_> = problems.into_iter().map(|p| p.run.zip(p.seq)).collect();
    let lines: Vec<_> = places.into_iter().map(|(_, line)| line).filter(Option::is_some).collect();
    assert_eq!(named, lines);
}

#[test]
fn the_lines_under_a_block_of_zeros_are_named_by_those_after_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut a = Chain::new("run-1");
    store.append_wait(lines((0..8).map(|i| line(&mut a, &i.to_string())).collect::<Vec<_>>())).unwrap();
    store.append_wait(one(&mut a)).unwrap();
    store.close().unwrap();
    let path = dir.path().join(FIRST_SEGMENT);
    let mut segment = fs::read(&path).unwrap();
    let places: Vec<_> =
        places(&segment).into_iter().filter(|(_, l)| l.as_ref().is_some_and(|l| l.0 == "run-1")).collect();
    // From the middle of line 2 to the middle of line 4.
    segment[places[2].0.start + 50..places[4].0.start + 50].fill(0);
    fs::write(&path, segment).unwrap();
    let problems = verify_store(dir.path()).unwrap().problems;
    let named: Vec<_> = problems.iter().map(|p| p.run.as_deref().zip(p.seq)).collect();
    assert_eq!(named, [2, 3, 4].map(|seq| Some(("run-1", seq))), "{problems:?}");
}

/// A name is all that it takes to make a number large: only files that are there are looked at.
#[test]
fn a_file_with_a_large_number_costs_no_more_than_others() {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    for file in ["segments/99999999.jsonl", "blobs/99999999.pack"] {
        fs::write(dir.path().join(file), "").unwrap();
        assert!(Store::open(dir.path(), Options::default()).is_err());
        let problems = verify_store(dir.path()).unwrap().problems;
        assert!(problems.iter().all(|p| p.kind == ProblemKind::Missing));
        assert_eq!(problems.len(), 100, "and no more of its gap is told");
        fs::remove_file(dir.path().join(file)).unwrap();
    }
}

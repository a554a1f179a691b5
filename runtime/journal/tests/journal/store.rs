//! The store in a folder: creation, lock, reopening, reading, closing.

use std::fs;
use std::sync::Mutex;

use crate::common::*;
use play_evidence::{Chain, ParsedLine};
use play_journal::{Batch, Blob, JournalError, Options, ProblemKind, Store, Ticket, verify_store};

#[test]
fn it_does_what_every_journal_does() {
    for options in [Options::default(), tiny(), Options { group_bytes: 0, ..Options::default() }] {
        let dirs = Mutex::new(Vec::new());
        crate::suite::suite(&|| {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(dir.path(), options.clone()).unwrap();
            dirs.lock().unwrap().push(dir);
            Box::new(store)
        });
        for dir in dirs.into_inner().unwrap() {
            let report = verify_store(dir.path()).unwrap();
            assert!(report.is_clean(), "{:?}", report.problems);
        }
    }
}

#[test]
fn it_is_over_time_what_every_journal_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    crate::suite::over_time(&crate::suite::Place {
        open: &|| Ok(Box::new(Store::open(&path, Options::default())?)),
        read: &|| Ok(Box::new(Store::read_only(&path)?)),
    });
}

#[test]
fn a_new_store_says_that_it_was_created() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made/on/the/way");
    let store = open(&path);
    let lines = store.lines_of("store").unwrap();
    let created = ParsedLine::parse(&lines[0]).unwrap();
    assert_eq!((lines.len(), created.k.as_str()), (1, "store.created"));
    assert_eq!(created.field("id").and_then(play_evidence::J::as_str), Some(store.id()));
    assert_eq!(store.runs(), Vec::<String>::new());
}

#[test]
fn everything_is_there_again_after_a_restart() {
    for options in [Options::default(), tiny()] {
        let dir = tempfile::tempdir().unwrap();
        let mut chain = Chain::new("run-1");
        let (mut id, mut salt) = (None, None);
        for round in 0..12_u8 {
            let store = Store::open(dir.path(), options.clone()).unwrap();
            assert_eq!(id.get_or_insert(store.id().to_string()), store.id());
            assert_eq!(*salt.get_or_insert(store.salt()), store.salt());
            assert_eq!(store.chain("run-1").unwrap_or_else(|| Chain::new("run-1")), chain);
            let blob = Blob::new([round; 32], vec![round; 100]);
            let written = line_with(&mut chain, &blob);
            store.append_wait(Batch { lines: vec![written], blobs: vec![blob] }).unwrap();
            store.close().unwrap();
        }
        let store = Store::read_only(dir.path()).unwrap();
        assert_eq!(store.lines_of("run-1").unwrap().len(), 12);
        assert_eq!(store.heads()["store"].next_seq, 1, "nothing was cut");
        for round in 0..12 {
            let digest = Blob::new([round; 32], vec![round; 100]).digest();
            assert_eq!(store.blob(&digest).unwrap(), Some(vec![round; 100]));
        }
        let report = verify_store(dir.path()).unwrap();
        assert!(report.is_clean(), "{:?}", report.problems);
        assert_eq!((report.lines, report.batches, report.chains, report.blobs), (13, 13, 2, 12));
        assert_eq!(report.segments > 1, options.segment_bytes < 2000);
    }
}

#[test]
fn what_is_written_together_costs_one_trailer() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut chain = Chain::new("run-1");
    // The thread that writes is held up by the first caller until all the others wait.
    let (ready, go) = std::sync::mpsc::channel::<()>();
    let (busy, held_up) = std::sync::mpsc::channel();
    let first = Box::new(move |_| {
        busy.send(()).unwrap();
        go.recv().unwrap();
    });
    store.append(one(&mut chain), first);
    held_up.recv().unwrap();
    let tickets: Vec<_> = (0..50)
        .map(|_| {
            let (ticket, done) = Ticket::pair();
            store.append(one(&mut chain), done);
            ticket
        })
        .collect();
    ready.send(()).unwrap();
    tickets.into_iter().for_each(|t| t.wait().unwrap());
    store.close().unwrap();
    let report = verify_store(dir.path()).unwrap();
    assert_eq!((report.lines, report.batches), (52, 3));
}

#[test]
fn only_one_may_write() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let error = Store::open(dir.path(), Options::default()).unwrap_err();
    let JournalError::Locked { holder, .. } = &error else { panic!("{error}") };
    assert!(holder.starts_with(&format!("process {} since ", std::process::id())), "{holder}");
    assert!(error.to_string().contains("open the store only to read"), "{error}");

    // Copies keep it open, until the last is gone.
    let copy = store.clone();
    drop(store);
    assert!(matches!(Store::open(dir.path(), Options::default()), Err(JournalError::Locked { .. })));
    drop(copy);
    open(dir.path());
}

#[test]
fn a_closed_store_takes_nothing_and_frees_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let copy = store.clone();
    let mut chain = Chain::new("run-1");
    let (ticket, done) = Ticket::pair();
    store.append(one(&mut chain), done);
    store.close().unwrap();
    ticket.wait().unwrap();
    assert_eq!(copy.lines_of("run-1").unwrap().len(), 1, "what waited was written");
    assert!(matches!(copy.append_wait(one(&mut chain)), Err(JournalError::Closed)));
    open(dir.path());
    copy.close().unwrap();
}

#[test]
fn the_last_copy_may_go_where_callers_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let copy = store.clone();
    let (told, seen) = std::sync::mpsc::channel();
    let (hold, held) = std::sync::mpsc::channel::<()>();
    store.append(
        one(&mut Chain::new("run-1")),
        Box::new(move |result| {
            held.recv().unwrap();
            drop(copy);
            told.send(result.is_ok()).unwrap();
        }),
    );
    drop(std::thread::spawn(move || drop(store)));
    hold.send(()).unwrap();
    assert!(seen.recv().unwrap());
}

#[test]
fn other_folders_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.txt"), "please").unwrap();
    let error = Store::open(dir.path(), Options::default()).unwrap_err();
    assert!(matches!(error, JournalError::NotAStore { .. }), "{error}");
    assert_eq!(contents(dir.path()).len(), 1);
    assert!(matches!(Store::read_only(dir.path()), Err(JournalError::NotAStore { .. })));
    assert!(matches!(verify_store(dir.path()), Err(JournalError::NotAStore { .. })));
    assert!(matches!(Store::read_only(&dir.path().join("no")), Err(JournalError::NotAStore { .. })));
}

#[test]
fn a_store_that_lost_its_description_is_not_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    fs::remove_file(dir.path().join("store.json")).unwrap();
    let before = contents(dir.path());
    assert!(matches!(Store::open(dir.path(), Options::default()), Err(JournalError::NotAStore { .. })));
    assert_eq!(contents(dir.path()), before);
    let report = verify_store(dir.path()).unwrap();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
}

#[test]
fn a_creation_that_was_stopped_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    for made in ["segments", "blobs", "artifacts"] {
        fs::create_dir(dir.path().join(made)).unwrap();
    }
    fs::write(dir.path().join(".store.json.1-0.tmp"), "{\"fo").unwrap();
    let store = open(dir.path());
    assert_eq!(store.lines_of("store").unwrap().len(), 1);
    assert!(!dir.path().join(".store.json.1-0.tmp").exists());
}

#[test]
fn one_may_read_while_another_writes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut chain = Chain::new("run-1");
    store.append_wait(one(&mut chain)).unwrap();
    let reader = Store::read_only(dir.path()).unwrap();
    store.append_wait(one(&mut chain)).unwrap();
    assert_eq!(reader.lines_of("run-1").unwrap().len(), 1, "it stays as it was");
    assert_eq!(Store::read_only(dir.path()).unwrap().lines_of("run-1").unwrap().len(), 2);
    assert!(verify_store(dir.path()).unwrap().is_clean());
}

#[test]
fn reading_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    let segment = dir.path().join(FIRST_SEGMENT);
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() - 10]).unwrap();
    let before = contents(dir.path());
    let reader = Store::read_only(dir.path()).unwrap();
    assert_eq!(
        reader.heads().values().map(|h| h.next_seq).sum::<u64>(),
        5,
        "the unfinished batch is left out"
    );
    let mut lines = 0;
    reader.for_each_line(|_, _| lines += 1).unwrap();
    assert_eq!(lines, 5);
    verify_store(dir.path()).unwrap();
    assert_eq!(contents(dir.path()), before);
}

#[test]
fn a_line_that_changes_under_an_open_store_is_not_passed_on() {
    let dir = tempfile::tempdir().unwrap();
    small_store(dir.path());
    let reader = Store::read_only(dir.path()).unwrap();
    let segment = dir.path().join(FIRST_SEGMENT);
    let good = fs::read(&segment).unwrap();
    let mut altered = 0;
    for run in ["run-1", "run-2", "store"] {
        for line in reader.lines_of(run).unwrap() {
            let at = good.windows(line.len()).position(|w| w == line).unwrap() + line.len() / 2;
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&segment, &bad).unwrap();
            assert!(matches!(reader.lines_of(run), Err(JournalError::Damaged(_))));
            altered += 1;
            fs::write(&segment, &good).unwrap();
        }
    }
    assert_eq!(altered, 7);
}

#[cfg(unix)]
#[test]
fn others_may_not_look_into_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    small_store(&path);
    let digest = open(&path).put_artifact(b"program").unwrap();
    let artifact = format!("artifacts/{digest}.playa");
    for file in ["", "store.json", "lock", FIRST_SEGMENT, FIRST_PACK, &artifact] {
        let mode = fs::metadata(path.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
}

/// A frame of a pack is named by what it holds: a second one is the same body again, or it is not what its name says.
#[test]
fn a_body_that_stands_there_twice_is_no_damage_and_one_with_other_bytes_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), packs()).unwrap();
    let blobs = [Blob::new([1; 32], b"one".to_vec()), Blob::new([2; 32], b"two".to_vec())];
    let mut chain = Chain::new("run-1");
    for blob in &blobs {
        let line = line_with(&mut chain, blob);
        store.append_wait(Batch { lines: vec![line], blobs: vec![blob.clone()] }).unwrap();
    }
    store.close().unwrap();
    let pack = dir.path().join(FIRST_PACK);
    let good = fs::read(&pack).unwrap();
    let (one, two) = good.split_at(good.len() / 2);
    let verified = |bytes: &[u8]| {
        fs::write(&pack, bytes).unwrap();
        verify_store(dir.path()).unwrap()
    };
    let report = verified(&good);
    assert_eq!((report.blobs, report.twice, report.is_clean()), (2, 0, true));

    for twice in [[one, two, one].concat(), [one, one, two].concat(), [one, two, two].concat()] {
        let report = verified(&twice);
        assert_eq!((report.blobs, report.twice), (2, 1), "{report:?}");
        assert!(report.is_clean(), "{report:?}");
        // Nor is it in the way of whoever reads or writes.
        let store = open(dir.path());
        for blob in &blobs {
            assert_eq!(store.blob(&blob.digest()).unwrap().as_deref(), Some(blob.body()));
        }
        store.close().unwrap();
    }

    // Under the same name, with other bytes.
    let mut other = one.to_vec();
    *other.last_mut().unwrap() ^= 1;
    for altered in [[&other, one, two].concat(), [one, &other, two].concat()] {
        let report = verified(&altered);
        assert_eq!(report.problems.len(), 1, "{report:?}");
        assert_eq!(report.problems[0].kind, ProblemKind::Damage, "{report:?}");
        assert!(report.problems[0].what.contains(&blobs[0].digest()), "{report:?}");
    }
    // At the end nobody needs it: the rest of a write, and opening cuts it.
    let report = verified(&[one, two, &other].concat());
    assert_eq!(report.problems.iter().map(|p| p.kind).collect::<Vec<_>>(), [ProblemKind::TornTail]);
    open(dir.path()).close().unwrap();
    let report = verify_store(dir.path()).unwrap();
    assert_eq!((report.blobs, report.twice, report.is_clean()), (2, 0, true));
    // One that stands whole before what is cut is needed there, and not behind it.
    let report = verified(&[one, two, &other, one].concat());
    assert_eq!(report.problems.iter().map(|p| p.kind).collect::<Vec<_>>(), [ProblemKind::TornTail]);
    open(dir.path()).close().unwrap();
    assert_eq!(open(dir.path()).blob(&blobs[0].digest()).unwrap().as_deref(), Some(blobs[0].body()));
}

//! Tests on a disk that fails, once at every operation there is.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use play_evidence::{Chain, Line, ParsedLine, kinds};

use crate::disk::{Disk, DiskFile, RealDisk};
use crate::layout::CUTS;
use crate::verify::ProblemKind::Damage;
use crate::{Batch, Blob, JournalError, Options, Store, Ticket, verify_store};

/// What the power failure left of what was written and not synced.
#[derive(Clone, Copy, Debug)]
enum Left {
    All,
    Half,
    None,
    /// All of it in size, with zeros in its first half.
    Zeros,
}

/// A disk that fails at one operation, and at all that come after it.
struct FaultyDisk {
    until: Arc<AtomicUsize>,
    left: Left,
    /// What of each file is durable.
    synced: Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>,
}

struct FaultyFile {
    path: PathBuf,
    file: fs::File,
    disk: FaultyDisk,
}

impl FaultyDisk {
    fn new(operations: usize, left: Left) -> Self {
        Self { until: Arc::new(AtomicUsize::new(operations)), left, synced: Arc::default() }
    }

    fn share(&self) -> Self {
        Self { until: Arc::clone(&self.until), left: self.left, synced: Arc::clone(&self.synced) }
    }

    /// Counts an operation; whether it works.
    fn works(&self) -> bool {
        self.until.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
    }

    /// Leaves all files as a power failure would.
    fn fail<T>(&self) -> io::Result<T> {
        for (path, durable) in &*self.synced.lock().unwrap() {
            let written = fs::read(path)?;
            let same = durable.iter().zip(&written).take_while(|(a, b)| a == b).count();
            // Not the zeros behind it, where what was written ends within place that was ready.
            let changed = (same..written.len()).rev().find(|n| durable.get(*n) != written.get(*n));
            let middle = same + (changed.map_or(same, |last| last + 1) - same) / 2;
            let left = match self.left {
                Left::All => written,
                Left::Half => {
                    let mut left = written[..middle].to_vec();
                    left.extend(durable.get(middle..).unwrap_or_default());
                    left
                }
                Left::None => durable.clone(),
                Left::Zeros => {
                    let mut left = written;
                    left[same..middle].fill(0);
                    left
                }
            };
            fs::write(path, left)?;
        }
        Err(io::Error::other("the disk is gone"))
    }

    fn file(&self, path: &Path, file: fs::File) -> io::Result<Box<dyn DiskFile>> {
        self.synced.lock().unwrap().insert(path.to_path_buf(), fs::read(path)?);
        Ok(Box::new(FaultyFile { path: path.to_path_buf(), file, disk: self.share() }))
    }
}

impl Disk for FaultyDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if !self.works() {
            return self.fail();
        }
        self.file(path, OpenOptions::new().write(true).open(path)?)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if !self.works() {
            return self.fail();
        }
        drop(RealDisk.create(path)?);
        self.file(path, OpenOptions::new().write(true).open(path)?)
    }
}

impl DiskFile for FaultyFile {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let works = self.disk.works();
        self.file.write(at, bytes)?;
        if works { Ok(()) } else { self.disk.fail() }
    }

    fn cut(&mut self, at: u64) -> io::Result<()> {
        let works = self.disk.works();
        self.file.set_len(at)?;
        if works { Ok(()) } else { self.disk.fail() }
    }

    fn sync(&mut self) -> io::Result<()> {
        if !self.disk.works() {
            return self.disk.fail();
        }
        let now = fs::read(&self.path)?;
        self.disk.synced.lock().unwrap().insert(self.path.clone(), now);
        Ok(())
    }
}

fn noted(chain: &mut Chain, blob: &Blob) -> Line {
    let text = play_evidence::json::blob(&blob.digest(), blob.len());
    let kind = kinds::kind("case.noted").unwrap();
    let fields = BTreeMap::from([("text".to_string(), text)]);
    chain.append(Timestamp::UNIX_EPOCH, "engine", None, kind, fields).unwrap()
}

/// A line, the blob that it names, and whether they were said to be durable.
type Appended = Vec<(Line, Blob, bool)>;

/// Appends some batches, waiting for each; gives those that were queued.
fn append_some(store: &Store) -> Appended {
    let mut appended = Vec::new();
    let mut chain = store.chain("run-1").unwrap_or_else(|| Chain::new("run-1"));
    for n in 0..6_u8 {
        let blob = Blob::new([n; 32], vec![n; 79 + usize::from(n % 2)]);
        let line = noted(&mut chain, &blob);
        let batch = Batch { lines: vec![line.clone()], blobs: vec![blob.clone()] };
        let durable = store.append_wait(batch).is_ok();
        appended.push((line, blob, durable));
    }
    appended
}

/// After the failure: what was said to be durable is there, and nothing is damaged.
fn check(path: &Path, appended: &Appended, what: &str) {
    let store = Store::open(path, Options::default()).unwrap_or_else(|e| panic!("{what}: {e}"));
    let lines = store.lines_of("run-1").unwrap();
    let durable = appended.iter().take_while(|(_, _, durable)| *durable).count();
    assert!(appended.iter().skip(durable).all(|(_, _, durable)| !durable), "{what}: nothing after a failure");
    assert!(lines.len() >= durable, "{what}: {} of {durable} lines", lines.len());
    for (line, (expected, blob, _)) in lines.iter().zip(appended) {
        assert_eq!(line[..], expected.bytes[..], "{what}");
        assert_eq!(store.blob(&blob.digest()).unwrap().as_deref(), Some(blob.body()), "{what}");
    }
    store.close().unwrap();
    let problems = verify_store(path).unwrap().problems;
    assert!(problems.is_empty(), "{what}: {problems:?}");
    assert!(!path.join(CUTS).exists(), "{what}");
}

fn recovered(path: &Path) -> usize {
    let lines = Store::read_only(path).unwrap().lines_of("store").unwrap();
    lines.iter().filter(|l| ParsedLine::parse(l).unwrap().k == "store.recovered").count()
}

#[test]
fn whichever_operation_fails_what_was_acknowledged_is_there() {
    // Small files, so that making new ones fails too.
    let options = |ahead_bytes, inline_bytes| Options {
        segment_bytes: 1200,
        pack_bytes: 300,
        ahead_bytes,
        inline_bytes,
        ..Options::default()
    };
    let mut failures = 0;
    // Bodies in packs, in segments, and every second one of them in one or the other.
    let ways = [(0, 0), (1, 0), (0, 200), (1, 200), (1, 80)];
    for (left, (ahead, inline)) in [Left::All, Left::Half, Left::None, Left::Zeros]
        .into_iter()
        .flat_map(|left| ways.map(|way| (left, way)))
    {
        for operations in 0.. {
            let what = format!("operation {operations}, {left:?}, {ahead}, {inline}");
            let dir = tempfile::tempdir().unwrap();
            let disk = FaultyDisk::new(operations, left);
            let until = Arc::clone(&disk.until);
            let appended = match Store::open_on(dir.path(), options(ahead, inline), Box::new(disk)) {
                Ok(store) => append_some(&store),
                Err(_) => Vec::new(),
            };
            check(dir.path(), &appended, &what);
            failures += 1;
            if until.load(Ordering::SeqCst) > 0 {
                break;
            }
        }
    }
    assert!(failures > 200, "{failures}");
}

#[test]
fn a_recovery_that_fails_anywhere_records_its_cut_once() {
    // What is counted are the operations of a store that makes nothing ready.
    let options = || Options { ahead_bytes: 0, inline_bytes: 0, ..Options::default() };
    for operations in 0..3 {
        let dir = tempfile::tempdir().unwrap();
        // Opening takes three operations, and so does each batch: the second blob is not there, then the second line.
        let first = FaultyDisk::new(3 + 2 + 2, Left::Half);
        let store = Store::open_on(dir.path(), options(), Box::new(first)).unwrap();
        let appended = append_some(&store);
        drop(store);
        assert!(appended.iter().any(|(_, _, durable)| !durable));

        let second = FaultyDisk::new(operations, Left::Half);
        assert!(Store::open_on(dir.path(), options(), Box::new(second)).is_err(), "{operations}");
        let list = fs::read(dir.path().join(CUTS)).unwrap();
        each_damage_is_refused(dir.path(), &list);
        check(dir.path(), &appended, &operations.to_string());
        let cuts = recovered(dir.path());
        assert!(cuts > 0);

        // Had the process ended just before the list was removed, it would be there again.
        fs::write(dir.path().join(CUTS), list).unwrap();
        check(dir.path(), &appended, &operations.to_string());
        assert_eq!(recovered(dir.path()), cuts, "{operations}");
    }
}

/// With a list of cuts that is not what was written nothing is cut: it is a refusal, and the file is named.
fn each_damage_is_refused(path: &Path, list: &[u8]) {
    let refused = |bytes: &[u8]| {
        fs::write(path.join(CUTS), bytes).unwrap();
        match Store::open(path, Options::default()) {
            Err(JournalError::Damaged(damage)) => assert_eq!(damage.file, CUTS),
            other => panic!("{:?}", other.map(drop)),
        }
        assert!(verify_store(path).unwrap().problems.iter().any(|p| p.segment == CUTS && p.kind == Damage));
    };
    let mut bytes = list.to_vec();
    for at in 0..list.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            refused(&bytes);
            bytes[at] ^= 1 << bit;
        }
        refused(&list[..at]);
    }
    fs::write(path.join(CUTS), list).unwrap();
}

#[test]
fn the_first_failure_is_the_last_word() {
    let dir = tempfile::tempdir().unwrap();
    let store =
        Store::open_on(dir.path(), Options::default(), Box::new(FaultyDisk::new(6, Left::All))).unwrap();
    let mut chain = Chain::new("run-1");
    let blob = Blob::new([1; 32], b"body".to_vec());
    let mut failed = 0;
    let (ticket, done) = Ticket::pair();
    for batch in 0..4 {
        let line = noted(&mut chain, &blob);
        match store.append_wait(Batch { lines: vec![line], blobs: vec![blob.clone()] }) {
            Ok(()) => assert_eq!(failed, 0, "batch {batch} after a failure"),
            Err(e) => {
                assert!(matches!(e, JournalError::Io { .. }) && !e.goes_on(), "{e}");
                assert!(e.to_string().contains("the disk is gone"), "{e}");
                failed += 1;
            }
        }
    }
    assert!(failed > 0);
    store.append(Batch::default(), done);
    assert!(ticket.wait().is_err(), "nothing more is promised, not even for nothing");
    assert!(store.lines_of("run-1").unwrap().len() < 4);
    assert!(matches!(store.close(), Err(JournalError::Io { .. })));
}

/// A disk without place for what is not evidence.
struct FullDisk;

impl Disk for FullDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FullFile(RealDisk.open(path)?)))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FullFile(RealDisk.create(path)?)))
    }
}

struct FullFile(Box<dyn DiskFile>);

impl DiskFile for FullFile {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        if !bytes.starts_with(&[0; 64]) {
            return self.0.write(at, bytes);
        }
        // Some of it has been written when it is found out.
        self.0.write(at, &bytes[..bytes.len() / 2])?;
        Err(io::ErrorKind::StorageFull.into())
    }

    fn cut(&mut self, at: u64) -> io::Result<()> {
        self.0.cut(at)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }
}

fn segment(path: &Path) -> Vec<u8> {
    fs::read(path.join("segments/00000001.jsonl")).unwrap()
}

#[test]
fn where_nothing_can_be_made_ready_evidence_is_written_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_on(dir.path(), Options::default(), Box::new(FullDisk)).unwrap();
    let appended = append_some(&store);
    assert!(appended.iter().all(|(_, _, durable)| *durable));
    assert_eq!(segment(dir.path()).last(), Some(&b'\n'), "and nothing stands behind it");
    drop(store);
    check(dir.path(), &appended, "full");
    assert_eq!(recovered(dir.path()), 0);
}

#[test]
fn what_was_made_ready_is_no_evidence_and_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options::default()).unwrap();
    let appended = append_some(&store);
    let open = segment(dir.path());
    assert!(open.ends_with(&[0; 4096]) && open.len().is_multiple_of(4096), "{}", open.len());
    // Whoever reads meanwhile, or finds it so because the process was killed, passes over it.
    assert_eq!(Store::read_only(dir.path()).unwrap().lines_of("run-1").unwrap().len(), appended.len());
    assert!(verify_store(dir.path()).unwrap().problems.is_empty());
    drop(store);
    let closed = segment(dir.path());
    assert_eq!(closed.last(), Some(&b'\n'));
    assert!(open.starts_with(&closed));
    fs::write(dir.path().join("segments/00000001.jsonl"), &open).unwrap();
    check(dir.path(), &appended, "killed");
    assert_eq!(segment(dir.path()), closed, "it is taken away, and nothing has to be said of that");
    // What is changed in it is of no line, and is cut off as what a write has left.
    let mut flipped = open;
    *flipped.last_mut().unwrap() ^= 1;
    fs::write(dir.path().join("segments/00000001.jsonl"), flipped).unwrap();
    check(dir.path(), &appended, "flipped");
    assert_eq!(recovered(dir.path()), 1);
}

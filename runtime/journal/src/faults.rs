//! Tests on a disk that fails, once at every operation there is.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use play_evidence::{Chain, Line, ParsedLine, kinds};

use crate::disk::{AppendFile, Disk, RealDisk};
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
    /// How much of each file is durable.
    synced: Arc<Mutex<BTreeMap<PathBuf, u64>>>,
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

    fn file(&self, path: &Path, file: fs::File) -> io::Result<Box<dyn AppendFile>> {
        self.synced.lock().unwrap().insert(path.to_path_buf(), file.metadata()?.len());
        Ok(Box::new(FaultyFile { path: path.to_path_buf(), file, disk: self.share() }))
    }
}

fn failure<T>() -> io::Result<T> {
    Err(io::Error::other("the disk is gone"))
}

impl Disk for FaultyDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        if !self.works() {
            return failure();
        }
        self.file(path, OpenOptions::new().append(true).open(path)?)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        if !self.works() {
            return failure();
        }
        drop(RealDisk.create(path)?);
        self.file(path, OpenOptions::new().append(true).open(path)?)
    }
}

impl FaultyFile {
    /// Leaves the file as a power failure would.
    fn fail<T>(&mut self) -> io::Result<T> {
        let synced = self.disk.synced.lock().unwrap()[&self.path];
        let size = self.file.metadata()?.len();
        match self.disk.left {
            Left::All => {}
            Left::Half => self.file.set_len(synced + (size - synced) / 2)?,
            Left::None => self.file.set_len(synced)?,
            Left::Zeros => {
                let mut bytes = fs::read(&self.path)?;
                let middle = synced + (size - synced) / 2;
                bytes[synced as usize..middle as usize].fill(0);
                fs::write(&self.path, bytes)?;
            }
        }
        failure()
    }
}

impl AppendFile for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.disk.works() {
            return self.file.write_all(bytes);
        }
        self.file.write_all(bytes)?;
        self.fail()
    }

    fn sync(&mut self) -> io::Result<()> {
        if !self.disk.works() {
            return self.fail();
        }
        let size = self.file.metadata()?.len();
        self.disk.synced.lock().unwrap().insert(self.path.clone(), size);
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
        let blob = Blob::new([n; 32], vec![n; 80]);
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
    let options = Options { segment_bytes: 1200, pack_bytes: 300, ..Options::default() };
    let mut failures = 0;
    for left in [Left::All, Left::Half, Left::None, Left::Zeros] {
        for operations in 0.. {
            let what = format!("operation {operations}, {left:?}");
            let dir = tempfile::tempdir().unwrap();
            let disk = FaultyDisk::new(operations, left);
            let until = Arc::clone(&disk.until);
            let appended = match Store::open_on(dir.path(), options.clone(), Box::new(disk)) {
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
    assert!(failures > 100, "{failures}");
}

#[test]
fn a_recovery_that_fails_anywhere_records_its_cut_once() {
    let options = Options::default;
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
        Store::open_on(dir.path(), Options::default(), Box::new(FaultyDisk::new(5, Left::All))).unwrap();
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

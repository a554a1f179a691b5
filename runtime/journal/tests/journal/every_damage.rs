//! Every damage of a small store: each bit of each file turned over, each file cut at each byte, blocks twice, gone and zeroed. It is
//! found, and its place named; or it is the rest of a write behind the last whole batch, and is cut, and the cut recorded. In no case
//! is anything read that was not written.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::common::*;
use play_evidence::{Chain, ParsedLine};
use play_journal::{Batch, Blob, JournalError, Options, Problem, ProblemKind, Store, verify_store};

const PROGRAM: &[u8] = b"a program that runs are pinned to";

fn body(n: u8) -> Blob {
    Blob::new([n + 1; 32], vec![n + 65; 40])
}

/// Two segments and two packs, the last of each open; a program; two runs.
fn fill(path: &Path) {
    fill_with(path, tiny());
}

/// The same without packs: each body is beside the line that names it.
fn fill_inline(path: &Path) {
    fill_with(path, Options { inline_bytes: 1 << 10, ..tiny() });
}

fn fill_with(path: &Path, options: Options) {
    let store = Store::open(path, options).unwrap();
    store.put_artifact(PROGRAM).unwrap();
    let (mut a, mut b) = (Chain::new("run-1"), Chain::new("run-2"));
    for n in 0..3_u8 {
        let with = line_with(&mut a, &body(n));
        let batch = Batch { lines: vec![with, line(&mut b, "one")], blobs: vec![body(n)] };
        store.append_wait(batch).unwrap();
    }
    store.close().unwrap();
}

/// What is done to a file.
#[derive(Clone, Debug)]
enum Damage {
    Bit(usize, u8),
    Cut(usize),
    Twice(usize, usize),
    Gone(usize, usize),
    Zeroed(usize, usize),
}

impl Damage {
    /// All of a file of this size.
    fn all(size: usize) -> Vec<Self> {
        let mut all: Vec<Self> =
            (0..size).flat_map(|at| (0..8).map(move |bit| Self::Bit(at, 1 << bit))).collect();
        all.extend((0..size).map(Self::Cut));
        for len in [16, 64, 512] {
            for at in (0..size).step_by(len) {
                let end = (at + len).min(size);
                all.extend([Self::Twice(at, end), Self::Gone(at, end), Self::Zeroed(at, end)]);
            }
        }
        all
    }

    fn of(&self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        match *self {
            Self::Bit(at, mask) => bytes[at] ^= mask,
            Self::Cut(at) => bytes.truncate(at),
            Self::Twice(from, to) => drop(bytes.splice(from..from, good[from..to].to_vec())),
            Self::Gone(from, to) => drop(bytes.drain(from..to)),
            Self::Zeroed(from, to) => bytes[from..to].fill(0),
        }
        bytes
    }

    fn from(&self) -> usize {
        match *self {
            Self::Bit(at, _) | Self::Cut(at) => at,
            Self::Twice(at, _) | Self::Gone(at, _) | Self::Zeroed(at, _) => at,
        }
    }
}

/// What a damage was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    /// Nothing: the bytes are the same as before.
    Nothing,
    /// Found by verification, its place named.
    Named,
    /// Counted: a whole body once more.
    KeptTwice,
    /// As a crash leaves it: cut, and the cut recorded.
    Torn,
    /// A file that ends behind a whole batch, or a whole blob that no line names: nothing can tell it from one that was never longer.
    Shorter,
}

/// A part of a file that a message can name: a batch, a blob; of a segment also its lines.
struct Part {
    range: Range<usize>,
    /// Within it: places of lines, and their names.
    lines: Vec<(Range<usize>, (String, u64))>,
}

/// A store, all of whose damages are tried.
struct Store0 {
    root: PathBuf,
    files: BTreeMap<PathBuf, Vec<u8>>,
    lines: Vec<Vec<u8>>,
    parts: BTreeMap<PathBuf, Vec<Part>>,
}

fn parts(file: &Path, bytes: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut start, mut at, mut lines) = (0, 0, Vec::new());
    if file.starts_with("segments") {
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let range = at..at + line.len();
            at = range.end;
            if line.starts_with(b"{\"bytes\":") {
                parts.push(Part { range: start..at, lines: std::mem::take(&mut lines) });
                start = at;
            } else if !is_body(line) {
                lines.push((range, name(line)));
            }
        }
    } else if file.starts_with("blobs") {
        // Each frame is as long as any other.
        parts.extend((0..bytes.len()).step_by(128).map(|n| Part { range: n..n + 128, lines: Vec::new() }));
    } else {
        parts.push(Part { range: 0..bytes.len(), lines });
    }
    parts
}

impl Store0 {
    fn of(root: &Path) -> Self {
        let files: BTreeMap<PathBuf, Vec<u8>> = contents(root)
            .into_iter()
            .map(|(path, bytes)| (path.strip_prefix(root).unwrap().to_path_buf(), bytes))
            // Who holds the store: read by nobody but for a message.
            .filter(|(path, _)| path != Path::new("lock"))
            .collect();
        assert!(verify_store(root).unwrap().is_clean());
        let lines = all_lines(root);
        let parts = files.iter().map(|(file, bytes)| (file.clone(), parts(file, bytes))).collect();
        Self { root: root.to_path_buf(), files, lines, parts }
    }

    /// Whether it is the file of its folder that is still written to.
    fn is_last(&self, file: &Path) -> bool {
        self.files.keys().rfind(|p| p.parent() == file.parent()).is_some_and(|p| p == file)
    }

    fn found(&self, path: &Path, file: &Path, damage: &Damage) -> Found {
        let good = &self.files[file];
        let bytes = damage.of(good);
        if bytes == *good {
            return Found::Nothing;
        }
        fs::write(path.join(file), &bytes).unwrap();
        let what = format!("{}, {damage:?}", file.display());
        let report = verify_store(path).unwrap_or_else(|e| panic!("{what}: {e}"));
        let (problems, twice) = (report.problems, report.twice);
        let what = format!("{what}: {problems:?}");
        let opened = self.reads_nothing_else(path, &what);
        let damaged: Vec<&Problem> = problems.iter().filter(|p| p.kind != ProblemKind::TornTail).collect();
        if !damaged.is_empty() {
            self.names_the_place(file, damage, &damaged, &what);
            // Programs and bodies are looked at when they are used, and when a store is verified.
            if !file.starts_with("artifacts") && !file.starts_with("blobs") {
                assert!(!opened, "it is opened: {what}");
            }
            return Found::Named;
        }
        if problems.is_empty() && twice > 0 {
            // Whole bodies, as they were written: nothing can be read that was not.
            let whole = matches!(damage, Damage::Twice(from, to) if from % 128 == 0 && to % 128 == 0);
            assert!(opened && whole && file.starts_with("blobs"), "{what}");
            return Found::KeptTwice;
        }
        assert!(opened && self.is_last(file), "{what}");
        if problems.is_empty() {
            assert!(good.starts_with(&bytes), "it is not seen: {what}");
            return Found::Shorter;
        }
        assert!(problems.len() == 1 && Path::new(&problems[0].segment) == file, "{what}");
        Found::Torn
    }

    /// What can be read is what was written. Gives whether the store can be opened.
    fn reads_nothing_else(&self, path: &Path, what: &str) -> bool {
        let Ok(store) = Store::read_only(path) else { return false };
        let mut n = 0;
        let read = store.for_each_line(|_, line| {
            assert_eq!(self.lines.get(n).map(Vec::as_slice), Some(line), "{what}");
            n += 1;
        });
        assert!(read.is_ok(), "{what}");
        for blob in (0..3).map(body) {
            if let Ok(Some(read)) = store.blob(&blob.digest()) {
                assert_eq!(read, blob.body(), "{what}");
            }
        }
        let artifact = play_evidence::line::hex(&play_evidence::line::hash(PROGRAM));
        if let Ok(Some(read)) = store.artifact(&artifact) {
            assert_eq!(read, PROGRAM, "{what}");
        }
        true
    }

    /// A message names the file and the part of it; where one bit of a line was turned over, the line and no other.
    fn names_the_place(&self, file: &Path, damage: &Damage, problems: &[&Problem], what: &str) {
        let part = self.parts[file].iter().find(|p| p.range.contains(&damage.from())).unwrap();
        let of_file = || problems.iter().filter(|p| Path::new(&p.segment) == file);
        match damage {
            Damage::Bit(at, _) => {
                let mut at_part = of_file().filter(|p| part.range.contains(&(p.offset as usize)));
                match part.lines.iter().find(|(range, _)| range.contains(at)) {
                    Some((_, line)) => {
                        let named: Vec<_> = problems.iter().map(|p| p.run.clone().zip(p.seq)).collect();
                        assert_eq!(named, [Some(line.clone())], "{what}");
                        assert!(at_part.next().is_some(), "{what}");
                    }
                    None => assert!(at_part.next().is_some(), "{what}"),
                }
            }
            // Where a file ends behind a whole batch or blob, it is named by what comes after: the next batch, the line of the blob.
            _ if of_file().next().is_none() => {
                let whole = problems.iter().all(|p| p.kind != ProblemKind::Damage)
                    && problems.iter().any(|p| p.kind == ProblemKind::Missing);
                assert!(whole && matches!(damage, Damage::Cut(_) | Damage::Gone(..)), "{what}");
            }
            // From the part in which it begins to where that ended.
            _ => {
                let to = part.range.end + 512;
                let near = |p: &&&Problem| (part.range.start..=to).contains(&(p.offset as usize));
                assert!(of_file().any(|p| near(&p)), "{what}");
            }
        }
    }

    /// What was torn is cut, the cut recorded, and what was durable before it is there.
    fn opens(&self, path: &Path, what: &str) {
        let cuts = recorded_cuts(path).len();
        open(path).close().unwrap();
        assert!(verify_store(path).unwrap().is_clean(), "{what}");
        assert_eq!(recorded_cuts(path).len(), cuts + 1, "{what}");
        let after = all_lines(path);
        let kept = self.lines.iter().zip(&after).take_while(|(a, b)| a == b).count();
        assert_eq!(kept + 1, after.len(), "{what}: the only line more says that there was a cut");
        let says = ParsedLine::parse(&after[kept]).unwrap();
        assert_eq!(says.k, "store.recovered", "{what}");
        // Those who still have a line have what it names.
        let store = Store::read_only(path).unwrap();
        for line in &after[..kept] {
            for blob in play_journal::blob_refs(&ParsedLine::parse(line).unwrap()) {
                let digest = play_evidence::line::hex(&blob.digest);
                assert!(store.blob(&digest).unwrap().is_some(), "{what}");
            }
        }
    }

    /// Tries all damages of these files, side by side.
    fn try_all(&self, files: impl Fn(&Path) -> bool) -> BTreeMap<Found, usize> {
        let work: Vec<(&PathBuf, Damage)> = self
            .files
            .iter()
            .filter(|(file, _)| files(file))
            .flat_map(|(file, bytes)| Damage::all(bytes.len()).into_iter().map(move |d| (file, d)))
            .collect();
        let next = AtomicUsize::new(0);
        let mut sum = BTreeMap::new();
        thread::scope(|scope| {
            let workers = [1, 2].map(|_| scope.spawn(|| self.try_some(&work, &next)));
            for worker in workers {
                let counts = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                counts.into_iter().for_each(|(what, n)| *sum.entry(what).or_default() += n);
            }
        });
        sum
    }

    fn try_some(&self, work: &[(&PathBuf, Damage)], next: &AtomicUsize) -> BTreeMap<Found, usize> {
        let dir = folder();
        let path = dir.path().join("damaged");
        copy(&self.root, &path);
        let mut counts = BTreeMap::new();
        while let Some((file, damage)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = self.found(&path, file, damage);
            if found == Found::Torn {
                self.opens(&path, &format!("{}, {damage:?}", file.display()));
                fs::remove_dir_all(&path).unwrap();
                copy(&self.root, &path);
            }
            fs::write(path.join(file), &self.files[*file]).unwrap();
            *counts.entry(found).or_default() += 1;
        }
        counts
    }
}

/// In memory where the machine has such a folder: nothing here is about what a sync does.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn bits(store: &Store0) -> usize {
    store.files.values().map(Vec::len).sum::<usize>() * 8
}

#[test]
fn every_bit_every_cut_and_every_block_is_found_and_named_or_is_a_torn_tail() {
    every_damage(fill, 2);
}

#[test]
fn the_same_holds_where_bodies_stand_beside_the_lines_that_name_them() {
    every_damage(fill_inline, 0);
}

fn every_damage(fill: fn(&Path), packs: usize) {
    let dir = folder();
    fill(dir.path());
    let store = Store0::of(dir.path());
    let of = |folder: &str| store.files.keys().filter(|p| p.starts_with(folder)).count();
    let files = store.files.keys();
    assert!(of("segments") >= 2 && of("blobs") >= packs && of("artifacts") == 1, "{files:?}");
    let found = store.try_all(|_| true);
    println!("{} damages of {} bytes: {found:?}", found.values().sum::<usize>(), bits(&store) / 8);
    assert!(found[&Found::Named] > bits(&store), "no bit turned over is a torn tail");
    assert!(found[&Found::Torn] > 500 && found[&Found::Shorter] < 100, "{found:?}");
}

/// A store whose last batch did not arrive, but its body did: nobody was promised that.
#[test]
fn whatever_is_behind_the_last_blob_that_a_line_names_is_cut() {
    let dir = folder();
    fill(dir.path());
    let store = Store0::of(dir.path());
    let (segment, bytes) = store.files.iter().rfind(|(file, _)| file.starts_with("segments")).unwrap();
    let last = store.parts[segment].last().unwrap();
    fs::write(dir.path().join(segment), &bytes[..last.range.start]).unwrap();
    let store = Store0::of(dir.path());
    let packs = store.files.keys().filter(|f| f.starts_with("blobs")).count();
    let found = store.try_all(|file| file.starts_with("blobs"));
    println!("{} damages of {packs} packs: {found:?}", found.values().sum::<usize>());
    assert!(found[&Found::Torn] > 128 * 8 && found[&Found::Named] > 128 * 8, "{found:?}");
}

#[test]
fn lines_that_are_damaged_while_a_store_is_open_are_not_read() {
    let dir = folder();
    fill(dir.path());
    let good = Store0::of(dir.path());
    let reader = Store::read_only(dir.path()).unwrap();
    let file = dir.path().join(FIRST_SEGMENT);
    let bytes = fs::read(&file).unwrap();
    for at in 0..bytes.len() {
        fs::write(&file, Damage::Bit(at, 1).of(&bytes)).unwrap();
        let mut n = 0;
        let read = reader.for_each_line(|_, line| {
            assert_eq!(good.lines[n], line, "byte {at}");
            n += 1;
        });
        assert!(matches!(read, Err(JournalError::Damaged(_))), "byte {at}");
    }
}

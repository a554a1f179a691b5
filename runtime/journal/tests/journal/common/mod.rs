//! Material for the tests: lines to append, and a folder to put them in.
#![allow(dead_code, reason = "each test uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use play_evidence::{Chain, J, Line, ParsedLine, kinds};
use play_journal::{Batch, Blob, Options, Store};

pub const FIRST_SEGMENT: &str = "segments/00000001.jsonl";
pub const FIRST_PACK: &str = "blobs/00000001.pack";

/// The next line of a run's chain.
pub fn line(chain: &mut Chain, why: &str) -> Line {
    let fields = BTreeMap::from([
        ("engine".to_string(), J::Str("play 0.1.0".into())),
        ("why".to_string(), J::Str(why.into())),
    ]);
    append(chain, "run.resumed", fields)
}

/// The next line of a run's chain, with a value from outside that is kept beside it.
pub fn line_with(chain: &mut Chain, blob: &Blob) -> Line {
    let text = play_evidence::json::blob(&blob.digest(), blob.len());
    append(chain, "case.noted", BTreeMap::from([("text".to_string(), text)]))
}

/// The next line of a run's chain.
pub fn append(chain: &mut Chain, kind: &str, fields: BTreeMap<String, J>) -> Line {
    let kind = kinds::kind(kind).unwrap();
    chain.append(Timestamp::UNIX_EPOCH, "engine", None, kind, fields).unwrap()
}

pub fn lines(lines: impl IntoIterator<Item = Line>) -> Batch {
    Batch { lines: lines.into_iter().collect(), blobs: Vec::new() }
}

/// A batch of one line.
pub fn one(chain: &mut Chain) -> Batch {
    lines([line(chain, "restart")])
}

pub fn open(path: &Path) -> Store {
    Store::open(path, Options::default()).unwrap()
}

/// Each body in a pack, however small it is.
pub fn packs() -> Options {
    Options { inline_bytes: 0, ..Options::default() }
}

/// Sizes that make a new file of nearly every batch.
pub fn tiny() -> Options {
    Options { segment_bytes: 1500, pack_bytes: 200, ..packs() }
}

/// Every line of a store, in order.
pub fn all_lines(path: &Path) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    Store::read_only(path).unwrap().for_each_line(|_, line| all.push(line.to_vec())).unwrap();
    all
}

/// Whether a line of a segment has a body and is of no chain.
pub fn is_body(line: &[u8]) -> bool {
    line.starts_with(b"{\"blob\":")
}

/// Run and place of a line.
pub fn name(line: &[u8]) -> (String, u64) {
    let line = ParsedLine::parse(line).unwrap();
    (line.run, line.seq)
}

/// What cuts the store has recorded: file, offset, bytes.
pub fn recorded_cuts(path: &Path) -> Vec<(String, i64, i64)> {
    let lines = Store::read_only(path).unwrap().lines_of("store").unwrap();
    let lines = lines.iter().map(|l| ParsedLine::parse(l).unwrap()).filter(|l| l.k == "store.recovered");
    let cut = |l: ParsedLine| {
        let number = |name| l.field(name).and_then(J::as_int).unwrap();
        (l.field("segment").and_then(J::as_str).unwrap().to_string(), number("offset"), number("bytes"))
    };
    lines.map(cut).collect()
}

/// The small store of most tests, closed: two runs in three batches, one of them with a blob in a pack.
///
/// Gives the size of the segment after each batch; the first has the creation of the store, the second a deployment.
pub fn small_store(path: &Path) -> Vec<u64> {
    small_store_with(path, packs())
}

/// The same, with the blob in the segment.
pub fn small_store_inline(path: &Path) -> Vec<u64> {
    small_store_with(path, Options::default())
}

fn small_store_with(path: &Path, options: Options) -> Vec<u64> {
    let store = Store::open(path, options).unwrap();
    let mut about = store.chain("store").unwrap();
    let text = |name: &str, text: &str| (name.to_string(), J::Str(text.into()));
    let artifact = store.put_artifact(b"program").unwrap();
    let deployed =
        BTreeMap::from([text("artifact", &artifact), text("project", "p"), text("compiler", "playc")]);
    let deployed = append(&mut about, "store.deployed", deployed);
    let size = || written(path);
    let mut ends = vec![size()];
    let (mut a, mut b) = (Chain::new("run-1"), Chain::new("run-2"));
    let blob = Blob::new([7; 32], b"{\"alert\": 1.5}".to_vec());
    let batches = [
        lines([deployed]),
        Batch { lines: vec![line_with(&mut a, &blob), line(&mut b, "one")], blobs: vec![blob] },
        lines([line(&mut a, "two")]),
        lines([line(&mut b, "three"), line(&mut a, "four")]),
    ];
    for batch in batches {
        store.append_wait(batch).unwrap();
        ends.push(size());
    }
    store.close().unwrap();
    ends
}

/// How much of the first segment is written, without the place that is ready behind it.
pub fn written(path: &Path) -> u64 {
    let bytes = fs::read(path.join(FIRST_SEGMENT)).unwrap();
    bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last as u64 + 1)
}

/// A copy of a store, without its lock.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else if entry.file_name() != "lock" {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Every file of a folder with its content.
pub fn contents(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(contents(&entry.path()));
        } else {
            found.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    found
}

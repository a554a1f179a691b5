//! The journal beside the disk that it is on, for `cargo xtask bench engine`: durable lines a second and how long one takes,
//! by how many write at once; the disk's own syncs in the same run; opening a store again; verifying it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use play_evidence::json::val;
use play_evidence::{Chain, J, kinds};
use play_journal::{Batch, Options, Store, verify_store};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Who writes at once.
const WRITERS: [usize; 3] = [1, 16, 256];
/// The text of a note: the line is as long as the average one then, about 250 bytes.
const TEXT: &str = "as long as a line of evidence is on average, which is about a quarter of a kilobyte";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, seconds] = args.as_slice() else {
        eprintln!("usage: journal FOLDER SECONDS");
        return ExitCode::from(2);
    };
    let Ok(seconds) = seconds.parse() else {
        eprintln!("SECONDS is a number");
        return ExitCode::from(2);
    };
    match measured(Path::new(folder), Duration::from_secs(seconds)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{folder}: {why}");
            ExitCode::from(2)
        }
    }
}

fn measured(folder: &Path, time: Duration) -> Outcome<()> {
    let disk = syncs(&folder.join("raw"), time)?;
    let (floor, worst) = (at(&disk, 50), at(&disk, 99));
    println!("the disk alone: {:.0} syncs/s, p50 {floor:.3} ms, p99 {worst:.3} ms", rate(&disk, time));
    println!("writers     lines/s   p50 ms   p99 ms   p50 to the disk's");
    let path = folder.join("store");
    let mut lines = 0;
    for writers in WRITERS {
        let taken = written(&path, writers, time)?;
        lines += taken.len();
        let (half, most) = (at(&taken, 50), at(&taken, 99));
        println!("{writers:>7} {:>11.0} {half:>8.3} {most:>8.3} {:>19.2}", rate(&taken, time), half / floor);
    }
    let began = Instant::now();
    let store = Store::open(&path, Options::default())?;
    let opened = began.elapsed();
    store.close()?;
    let began = Instant::now();
    let report = verify_store(&path)?;
    let verified = began.elapsed();
    if !report.problems.is_empty() {
        return Err("it does not verify".into());
    }
    println!("opened again: {:.2} s for each million of {lines} lines", million(opened, lines));
    println!("verified: {:.0} lines/s", 1e6 / million(verified, lines));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn million(took: Duration, lines: usize) -> f64 {
    took.as_secs_f64() * 1e6 / lines.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn rate(taken: &[Duration], time: Duration) -> f64 {
    taken.len() as f64 / time.as_secs_f64()
}

/// So much of a hundred takes no longer, in milliseconds.
fn at(taken: &[Duration], percent: usize) -> f64 {
    let mut sorted = taken.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() * percent / 100).map_or(f64::NAN, |d| d.as_secs_f64() * 1e3)
}

/// A line, written and synced, over and over.
fn syncs(path: &Path, time: Duration) -> Outcome<Vec<Duration>> {
    let mut file = File::create(path)?;
    let (began, mut taken) = (Instant::now(), Vec::new());
    while began.elapsed() < time {
        let one = Instant::now();
        file.write_all(&[b'.'; 250])?;
        file.sync_data()?;
        taken.push(one.elapsed());
    }
    Ok(taken)
}

/// Lines of so many runs at once, each waiting for its own.
fn written(path: &Path, writers: usize, time: Duration) -> Outcome<Vec<Duration>> {
    let store = Store::open(path, Options::default())?;
    let began = Instant::now();
    let threads: Vec<_> = (0..writers)
        .map(|writer| {
            let (store, name) = (store.clone(), format!("run-{writers}-{writer}"));
            std::thread::spawn(move || one_run(&store, &name, began, time))
        })
        .collect();
    let mut taken = Vec::new();
    for thread in threads {
        taken.extend(thread.join().map_err(|_| "a writer panicked")??);
    }
    store.close()?;
    Ok(taken)
}

fn one_run(store: &Store, name: &str, began: Instant, time: Duration) -> Outcome<Vec<Duration>> {
    let kind = kinds::kind("case.noted").ok_or("no such kind")?;
    let (mut chain, mut taken) = (Chain::new(name), Vec::new());
    while began.elapsed() < time {
        let fields = BTreeMap::from([("text".to_string(), val(J::Str(TEXT.into())))]);
        let one = Instant::now();
        let line = chain.append(Timestamp::now(), "engine", None, kind, fields)?;
        store.append_wait(Batch { lines: vec![line], blobs: Vec::new() })?;
        taken.push(one.elapsed());
    }
    Ok(taken)
}

//! Both journals beside the disk that they are on, for `cargo xtask bench store`: durable lines a second and how long one takes,
//! by how many write at once; many that nobody waits for; the disk's own syncs in the same run; opening a store again;
//! verifying it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use play_evidence::json::val;
use play_evidence::{Chain, J, Line, kinds};
use play_journal::{Batch, Journal, Options, Store, Ticket, verify_store};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Who writes at once.
const WRITERS: [usize; 3] = [1, 16, 256];
/// How many lines nobody waits for, in batches of this many.
const MANY: usize = 200_000;
const BATCH: usize = 4;
/// The text of a note: the line is as long as the average one then, about 250 bytes.
const TEXT: &str = "as long as a line of evidence is on average, which is about a quarter of a kilobyte";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (folder, seconds, url) = match args.as_slice() {
        [folder, seconds] => (folder, seconds, None),
        [folder, seconds, url] => (folder, seconds, Some(url.as_str())),
        _ => {
            eprintln!("usage: journal FOLDER SECONDS [URL]");
            return ExitCode::from(2);
        }
    };
    let Ok(seconds) = seconds.parse() else {
        eprintln!("SECONDS is a number");
        return ExitCode::from(2);
    };
    match measured(Path::new(folder), Duration::from_secs(seconds), url) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{folder}: {why}");
            ExitCode::from(2)
        }
    }
}

fn measured(folder: &Path, time: Duration, url: Option<&str>) -> Outcome<()> {
    let disk = syncs(&folder.join("raw"), time)?;
    let (floor, worst) = (at(&disk, 50), at(&disk, 99));
    println!("the disk alone: {:.0} syncs/s, p50 {floor:.3} ms, p99 {worst:.3} ms", rate(&disk, time));

    let path = folder.join("store");
    println!("\na store in a folder");
    let store = Store::open(&path, Options::default())?;
    table(&Arc::new(store.clone()), time, floor)?;
    store.close()?;
    let began = Instant::now();
    let store = Store::open(&path, Options::default())?;
    let opened = began.elapsed();
    store.close()?;
    let began = Instant::now();
    let report = verify_store(&path)?;
    told(opened, began.elapsed(), report.lines, report.problems.is_empty())?;

    let Some(url) = url else { return Ok(()) };
    println!("\na store in PostgreSQL");
    let url: play_postgres::Url = url.parse()?;
    let store = play_postgres::Store::open(&url, play_postgres::Options::default())?;
    table(&Arc::new(store.clone()), time, floor)?;
    store.close()?;
    let began = Instant::now();
    let store = play_postgres::Store::open(&url, play_postgres::Options::default())?;
    let opened = began.elapsed();
    store.close()?;
    let began = Instant::now();
    let report = play_postgres::verify(&url)?;
    told(opened, began.elapsed(), report.lines, report.is_clean())
}

/// Lines that are waited for, one at a time by so many at once; then lines that nobody waits for.
fn table<J: Journal + 'static>(store: &Arc<J>, time: Duration, floor: f64) -> Outcome<()> {
    println!("writers     lines/s   p50 ms   p99 ms   p50 to the disk's");
    for writers in WRITERS {
        let taken = written(store, writers, time)?;
        let (half, most) = (at(&taken, 50), at(&taken, 99));
        println!("{writers:>7} {:>11.0} {half:>8.3} {most:>8.3} {:>19.2}", rate(&taken, time), half / floor);
    }
    println!("batches {:>11.0}", many(&**store)?);
    Ok(())
}

fn told(opened: Duration, verified: Duration, lines: u64, fine: bool) -> Outcome<()> {
    if !fine {
        return Err("it does not verify".into());
    }
    let lines = usize::try_from(lines)?;
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
fn written<J: Journal + 'static>(store: &Arc<J>, writers: usize, time: Duration) -> Outcome<Vec<Duration>> {
    let began = Instant::now();
    let threads: Vec<_> = (0..writers)
        .map(|writer| {
            let (store, name) = (Arc::clone(store), format!("run-{writers}-{writer}"));
            std::thread::spawn(move || one_run(&*store, &name, began, time))
        })
        .collect();
    let mut taken = Vec::new();
    for thread in threads {
        taken.extend(thread.join().map_err(|_| "a writer panicked")??);
    }
    Ok(taken)
}

fn one_run(store: &dyn Journal, name: &str, began: Instant, time: Duration) -> Outcome<Vec<Duration>> {
    let (mut chain, mut taken) = (Chain::new(name), Vec::new());
    while began.elapsed() < time {
        let one = Instant::now();
        store.append_wait(Batch { lines: vec![line(&mut chain)?], blobs: Vec::new() })?;
        taken.push(one.elapsed());
    }
    Ok(taken)
}

fn line(chain: &mut Chain) -> Outcome<Line> {
    let kind = kinds::kind("case.noted").ok_or("no such kind")?;
    let fields = BTreeMap::from([("text".to_string(), val(J::Str(TEXT.into())))]);
    Ok(chain.append(Timestamp::now(), "engine", None, kind, fields)?)
}

/// Lines a second of many that are queued without waiting.
#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn many(store: &dyn Journal) -> Outcome<f64> {
    let mut batches = Vec::with_capacity(MANY / BATCH);
    for run in 0..64 {
        let mut chain = Chain::new(&format!("many-{run}"));
        for _ in 0..MANY / BATCH / 64 {
            let lines = (0..BATCH).map(|_| line(&mut chain)).collect::<Outcome<Vec<_>>>()?;
            batches.push(Batch { lines, blobs: Vec::new() });
        }
    }
    let (lines, began) = (batches.len() * BATCH, Instant::now());
    let mut last = None;
    for batch in batches {
        let (ticket, done) = Ticket::pair();
        store.append(batch, done);
        last = Some(ticket);
    }
    last.ok_or("no batch")?.wait()?;
    Ok(lines as f64 / began.elapsed().as_secs_f64())
}

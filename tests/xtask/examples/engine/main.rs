//! What `cargo xtask bench engine` and `bench store` measure inside one process: the disk alone, evidence kept in a folder and in
//! PostgreSQL, steps of runs on both, and how long a store takes to be opened again and verified. `steps` leaves out all but the
//! disk, the yardstick and the steps in a folder: for whoever works on these.

mod compiled;
mod cpu;
mod disk;
mod figures;
mod lines;
mod plain;
mod rows;
mod steps;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use play_journal::{Journal, Options, Store, verify_store};

use figures::Figures;

/// What may go wrong while something is measured.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Who works at once.
pub const AT_ONCE: [usize; 3] = [1, 16, 256];

/// As in `playc`, of which this is a part.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (what, folder, seconds, file, url) = match args.as_slice() {
        [what @ ("store" | "engine" | "steps"), folder, seconds, file] => {
            (*what, *folder, *seconds, *file, None)
        }
        [what @ ("store" | "engine" | "steps"), folder, seconds, file, url] => {
            (*what, *folder, *seconds, *file, Some(*url))
        }
        _ => {
            eprintln!("usage: engine store|engine|steps FOLDER SECONDS FIGURES [URL]");
            return ExitCode::from(2);
        }
    };
    let measured = || -> Outcome<()> {
        let time = Duration::from_secs(seconds.parse()?);
        let mut figures = Figures::into(Path::new(file))?;
        measured(Path::new(folder), time, url, what, &mut figures)
    };
    match measured() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{folder}: {why}");
            ExitCode::from(2)
        }
    }
}

/// How fast the disk is by itself.
#[derive(Clone, Copy)]
pub struct Floor {
    /// Syncs a second.
    pub rate: f64,
    /// The half of them takes no longer than this, in milliseconds.
    pub half: f64,
}

fn measured(
    folder: &Path,
    time: Duration,
    url: Option<&str>,
    what: &str,
    figures: &mut Figures,
) -> Outcome<()> {
    let taken = disk::syncs(&folder.join("raw"), time)?;
    let floor = Floor { rate: figures::rate(taken.len(), time), half: figures::at(&taken, 50) };
    figures.put("disk.syncs_per_s", floor.rate)?;
    figures.put("disk.p50_ms", floor.half)?;
    figures.put("disk.p99_ms", figures::at(&taken, 99))?;
    println!(
        "the disk alone, a line and a sync: {:.0} syncs/s, p50 {:.3} ms, p99 {:.3} ms",
        floor.rate,
        floor.half,
        figures::at(&taken, 99)
    );

    let plain = plain::table(folder, time, floor, figures)?;
    let beside = (floor, &plain);
    let in_folder = folder.join("steps");
    let in_folder =
        || -> Outcome<Arc<dyn Journal>> { Ok(Arc::new(Store::open(&in_folder, Options::default())?)) };
    if what == "steps" {
        println!();
        return steps::table(in_folder, time, beside, ("folder", figures));
    }
    let runs = what == "engine";

    println!("\na store in a folder");
    let path = folder.join("store");
    let store = Store::open(&path, Options::default())?;
    lines::table(&Arc::new(store.clone()), time, beside, ("folder", figures))?;
    store.close()?;
    let began = Instant::now();
    let store = Store::open(&path, Options::default())?;
    let opened = began.elapsed();
    store.close()?;
    let began = Instant::now();
    let report = verify_store(&path)?;
    told(("folder", figures), opened, began.elapsed(), report.lines, report.problems.is_empty())?;
    if runs {
        steps::table(in_folder, time, beside, ("folder", figures))?;
    }

    let Some(url) = url else { return Ok(()) };
    println!("\na store in PostgreSQL");
    let to: play_postgres::Url = url.parse()?;
    let options = play_postgres::Options::default;
    if runs {
        // First: an engine that starts reads all lines there are.
        let open = || -> Outcome<Arc<dyn Journal>> {
            Ok(Arc::new(play_postgres::Store::open(&to, play_postgres::Options::default())?))
        };
        steps::table(open, time, beside, ("postgres", figures))?;
    }
    let store = play_postgres::Store::open(&to, options())?;
    lines::table(&Arc::new(store.clone()), time, beside, ("postgres", figures))?;
    store.close()?;
    let began = Instant::now();
    let store = play_postgres::Store::open(&to, options())?;
    let opened = began.elapsed();
    store.close()?;
    let began = Instant::now();
    let report = play_postgres::verify(&to)?;
    told(("postgres", figures), opened, began.elapsed(), report.lines, report.is_clean())?;
    rows::plain(url, time, figures)
}

fn told(
    (place, figures): (&str, &mut Figures),
    opened: Duration,
    verified: Duration,
    lines: u64,
    fine: bool,
) -> Outcome<()> {
    if !fine {
        return Err("it does not verify".into());
    }
    let lines = usize::try_from(lines)?;
    let (opened, verified) = (figures::million(opened, lines), 1e6 / figures::million(verified, lines));
    println!("opened again: {opened:.2} s for each million of {lines} lines");
    println!("verified: {verified:.0} lines/s");
    figures.put(&format!("{place}.opened_s_per_million_lines"), opened)?;
    figures.put(&format!("{place}.verified_lines_per_s"), verified)
}

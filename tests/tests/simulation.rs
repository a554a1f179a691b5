//! The engine under a seeded simulation: the real engine, scheduler and journal in one thread, in virtual time, on a disk, a
//! network and targets that fail, with persons who come and go, and crashes at random moments.
//!
//! One seed gives one trace. `PLAY_SEEDS` is how many (`cargo xtask test`, and so CI, takes 2,000), `PLAY_FROM` the first of them,
//! `PLAY_SEED` one alone. One that found something goes into [`FOUND`].

mod simulated;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use simulated::campaign::{Came, Planted, run};

/// Seeds that have found something, and what. They are always run, twice each.
const FOUND: [(u64, &str); 6] = [
    (475, "an undo that a person said late was done was taken to have undone a later act"),
    (1274, "a snapshot was taken while another run took back the same"),
    (1510, "the same"),
    (1972, "the same"),
    (2234, "an act was taken back after its own run had done the same again"),
    (3660, "a rollback took an act back a second time while the end of its hold was doing so"),
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

fn tell(seed: u64, came: &Came) {
    println!("seed {seed}: {came:#?}");
    println!(
        "  again: PLAY_SEED={seed} cargo nextest run -p play-tests -E 'binary(simulation)' --no-capture"
    );
}

/// Runs seeds on all processors; gives those that failed.
fn all(
    seeds: impl Iterator<Item = u64> + Send,
    twice: impl Fn(u64) -> bool + Sync,
    planted: Planted,
) -> Vec<(u64, Came)> {
    let began = Instant::now();
    let seeds = Mutex::new(seeds);
    let failed = Mutex::new(Vec::new());
    let [count, runs, lives, crashes, effects] = [const { AtomicU64::new(0) }; 5];
    let work = || {
        loop {
            let Some(seed) = seeds.lock().unwrap().next() else { return };
            let mut came = run(seed, planted);
            if twice(seed) {
                let again = run(seed, planted);
                if again.hash != came.hash {
                    came.wrong.push(format!("twice, and not the same: {} and {}", came.hash, again.hash));
                }
            }
            let add = |to: &AtomicU64, n: usize| to.fetch_add(n as u64, Ordering::Relaxed);
            add(&count, 1);
            add(&runs, came.runs);
            add(&lives, came.lives);
            add(&crashes, came.crashes);
            add(&effects, came.effects);
            if !came.wrong.is_empty() {
                failed.lock().unwrap().push((seed, came));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            std::thread::Builder::new().stack_size(16 << 20).spawn_scoped(scope, work).unwrap();
        }
    });
    println!(
        "{count:?} seeds in {:.1} s: {runs:?} runs, {effects:?} effects, {lives:?} lives of which {crashes:?} crashed",
        began.elapsed().as_secs_f64()
    );
    let mut failed = failed.into_inner().unwrap();
    failed.sort_by_key(|(seed, _)| *seed);
    failed
}

#[test]
fn nothing_is_lost_and_nothing_done_twice() {
    let failed = match number("PLAY_SEED") {
        Some(seed) => all(std::iter::once(seed), |_| true, Planted::default()),
        None => {
            let seeds = number("PLAY_SEEDS").unwrap_or(200);
            let from = number("PLAY_FROM").unwrap_or(0);
            all(from..from + seeds, |seed| seed % 20 == 0, Planted::default())
        }
    };
    for (seed, came) in failed.iter().take(5) {
        tell(*seed, came);
    }
    let seeds: Vec<u64> = failed.iter().map(|(seed, _)| *seed).collect();
    assert!(failed.is_empty(), "{} failed: {seeds:?}", failed.len());
}

#[test]
fn what_was_found_once_is_not_there_again() {
    let failed = all(FOUND.iter().map(|(seed, _)| *seed), |_| true, Planted::default());
    for (seed, came) in &failed {
        tell(*seed, came);
    }
    assert!(failed.is_empty());
}

/// A simulation that cannot fail is worth nothing.
#[test]
fn a_store_that_says_too_early_that_something_is_durable_is_found_out() {
    let failed = all(0..12, |_| false, Planted { lies: true });
    assert!(failed.len() > 6, "{} of 12 seeds saw it", failed.len());
}

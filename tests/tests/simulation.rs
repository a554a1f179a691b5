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
use simulated::inputs::{FIRST, HOWS};

/// Seeds that have found something when there were only the first playbooks, and what. They are always run, twice each.
const FOUND: [(u64, &str); 6] = [
    (475, "an undo that a person said late was done was taken to have undone a later act"),
    (1274, "a snapshot was taken while another run took back the same"),
    (1510, "the same"),
    (1972, "the same"),
    (2234, "an act was taken back after its own run had done the same again"),
    (3660, "a rollback took an act back a second time while the end of its hold was doing so"),
];

/// The same with all playbooks.
const FOUND_LATER: [(u64, &str); 8] = [
    (
        9830,
        "an act was taken back twice, as a rollback that could not do it was done while the end of its hold did",
    ),
    (28320, "the same"),
    (12449, "an undo in doubt was sent again under its key after a later act on the same, and did nothing"),
    (
        36582,
        "runs that were taken up had all places, and waited for one that was not taken up for want of a place",
    ),
    (
        44768,
        "an act was said to be free, and was not taken back, as one of its own run that could not be seemed to hold",
    ),
    (87042, "the same"),
    (98009, "the same"),
    (96861, "an act that a rollback had passed by was waited for, and nobody took it back any more"),
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
    (planted, hows): (Planted, &[&str]),
) -> Vec<(u64, Came)> {
    let began = Instant::now();
    let seeds = Mutex::new(seeds);
    let failed = Mutex::new(Vec::new());
    let [count, runs, lives, crashes, effects] = [const { AtomicU64::new(0) }; 5];
    let work = || {
        loop {
            let Some(seed) = seeds.lock().unwrap().next() else { return };
            let mut came = run(seed, planted, hows);
            if twice(seed) {
                let again = run(seed, planted, hows);
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
        Some(seed) => all(std::iter::once(seed), |_| true, (Planted::None, &HOWS)),
        None => {
            let seeds = number("PLAY_SEEDS").unwrap_or(200);
            let from = number("PLAY_FROM").unwrap_or(0);
            all(from..from + seeds, |seed| seed % 20 == 0, (Planted::None, &HOWS))
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
    let mut failed = all(FOUND.iter().map(|(seed, _)| *seed), |_| true, (Planted::None, &HOWS[..FIRST]));
    failed.extend(all(FOUND_LATER.iter().map(|(seed, _)| *seed), |_| true, (Planted::None, &HOWS)));
    for (seed, came) in &failed {
        tell(*seed, came);
    }
    assert!(failed.is_empty());
}

/// How many of these seeds are found out by what is to find them out.
fn found_out(planted: Planted, hows: &[&str], seeds: u64, by: &str) -> usize {
    let failed = all(0..seeds, |_| false, (planted, hows));
    let found = failed.iter().filter(|(_, came)| came.wrong.iter().any(|why| why.contains(by))).count();
    println!("{planted:?}: {found} of {seeds} seeds say `{by}`, {} fail", failed.len());
    found
}

/// A simulation that cannot fail is worth nothing.
#[test]
fn a_store_that_says_too_early_that_something_is_durable_is_found_out() {
    let failed = all(0..12, |_| false, (Planted::Lies(""), &HOWS));
    assert!(failed.len() > 6, "{} of 12 seeds saw it", failed.len());
    // And each sort of line by who was told. (What nothing is sent for is lost without a trace at the targets.)
    assert!(found_out(Planted::Lies(""), &["shadow"], 60, "was acknowledged, and its run") > 0);
    assert!(found_out(Planted::Lies("act.intended"), &HOWS, 12, "left before it was durable") > 0);
    assert!(found_out(Planted::Lies(""), &["asked", "stairs"], 40, "was told that") > 0);
}

#[test]
fn a_disk_that_forgets_or_turns_a_bit_over_is_found_out() {
    assert!(found_out(Planted::NoSync, &HOWS, 24, "not all that was durable is there any more") > 0);
    assert!(found_out(Planted::Flips, &HOWS, 12, "the store") > 6);
}

#[test]
fn a_network_that_doubles_or_loses_what_it_says_was_done_is_found_out() {
    assert!(found_out(Planted::SendsTwice, &["cuts", "steps"], 12, "was done 2 times") > 0);
    assert!(found_out(Planted::NeverDone, &["stays", "holds", "asked"], 48, "and not at the target") > 0);
}

#[test]
fn a_run_that_does_more_by_itself_than_it_may_is_found_out() {
    assert!(found_out(Planted::ShadowActs, &["shadow"], 12, "was sent by a shadow run") > 6);
    assert!(found_out(Planted::NobodyWatches, &["watched"], 12, "and it takes 1") > 6);
}

#[test]
fn a_limit_a_quorum_and_a_decision_that_are_not_those_of_the_program_are_found_out() {
    assert!(found_out(Planted::CountsTooFar, &["cuts"], 60, "let through more than 3 within an hour") > 0);
    assert!(found_out(Planted::OneIsEnough, &["pairs"], 40, "and it takes 2") > 0);
    assert!(found_out(Planted::DecidesOtherwise, &["cuts"], 40, "does not replay") > 0);
}

#[test]
fn a_run_that_never_ends_and_a_seed_that_decides_not_all_are_found_out() {
    assert!(found_out(Planted::NobodyWakes, &["waits"], 12, "open [\"") > 3);
    assert!(found_out(Planted::NobodyTriesAgain, &["waits"], 40, "open [\"") > 3);
    // It has to be lived twice, as every twentieth of all is.
    let failed = all(0..6, |_| true, (Planted::OwnRandomness, &HOWS));
    let found = failed.iter().filter(|(_, came)| came.wrong.iter().any(|why| why.starts_with("twice,")));
    assert_eq!(found.count(), 6);
    assert!(all(0..6, |_| false, (Planted::OwnRandomness, &HOWS)).is_empty(), "and else nothing is wrong");
}

#[test]
fn a_target_that_is_asked_while_it_is_to_be_left_alone_is_found_out() {
    assert!(found_out(Planted::NeverLeftAlone, &["reads", "loops"], 24, "while it was to be left alone") > 3);
    assert!(found_out(Planted::AllFindOut, &["reads", "loops"], 60, "while another finds out how it is") > 0);
}

//! `kill -9` of `playc` at every write, sync and request of a suite of playbooks, and again at those of the start that recovers: what
//! was durable stays, nothing is done twice, the evidence holds, and all ends as it would have.
#![cfg(unix)]

mod swept;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use play_demo::{Running, Target};
use play_tests::generate::Rng;
use swept::suite;
use swept::{Broken, Came, Undisturbed};

/// How many kills; a by-hand run sets `PLAY_SWEEP`.
const KILLS: usize = 2_150;

/// Starts side by side: many of them wait for a time.
const WORKERS: usize = 4;

/// Does work of many parts side by side; each part that panics is named and counted.
fn side_by_side<T: Sync, R: Send>(
    parts: &[T],
    name: impl Fn(&T) -> String + Sync,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Ok(result) = catch_unwind(AssertUnwindSafe(|| work(part))) {
                        done.lock().unwrap().push(result);
                        continue;
                    }
                    println!("── failed: {}", name(part));
                    if failed.fetch_add(1, Ordering::Relaxed) >= 20 {
                        break;
                    }
                }
            });
        }
    });
    assert_eq!(failed.load(Ordering::Relaxed), 0, "of {}", parts.len());
    done.into_inner().unwrap()
}

/// One kill, and those of the start after it.
struct Kill<'a> {
    case: &'a Undisturbed<'a>,
    step: usize,
    at: usize,
    name: String,
    again: Vec<u64>,
}

#[test]
fn killed_at_every_write_sync_and_request_nothing_is_lost_and_nothing_is_done_twice() {
    let target = Running::start(Target::serve).unwrap();
    let only = std::env::var("PLAY_SWEEP_CASE").ok();
    let wanted = std::env::var("PLAY_SWEEP").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let begun = Instant::now();
    let cases: Vec<_> = suite::all().filter(|c| only.as_deref().is_none_or(|o| c.name.contains(o))).collect();
    let cases = side_by_side(&cases, |c| c.name.into(), |case| Undisturbed::new(case, &target));
    let mut kills: Vec<Kill<'_>> = Vec::new();
    for case in &cases {
        for (step, points) in case.points().enumerate() {
            kills.extend(points.iter().enumerate().map(|(n, point)| Kill {
                case,
                step,
                at: n + 1,
                name: format!("{}, step {step}, killed at {point}", case.name()),
                again: Vec::new(),
            }));
        }
    }
    println!("{} cases with {} points, undisturbed after {:?}", cases.len(), kills.len(), begun.elapsed());
    assert!(!kills.is_empty(), "no point was passed: `playc` is a build without debug assertions");
    let mut rng = Rng::new(std::env::var("PLAY_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(3));
    let points = kills.len();
    // As many as are wanted: not all of the points, or all, and then others in the recovery after each.
    let mut more = wanted.saturating_sub(points);
    while more > 0 {
        for kill in kills.iter_mut().take(more) {
            kill.again.push(rng.below(1 << 32));
        }
        more = more.saturating_sub(points);
    }
    if wanted < points {
        // A quarter of them twice.
        let singles = wanted * 4 / 5;
        kills = kills
            .into_iter()
            .enumerate()
            .filter(|(n, _)| n * singles / points != (n + 1) * singles / points)
            .map(|(_, k)| k)
            .collect();
        for kill in kills.iter_mut().step_by(4) {
            kill.again.push(rng.below(1 << 32));
        }
    }
    let all = side_by_side(
        &kills,
        |k| format!("{}, then {:?}", k.name, k.again),
        |k| k.case.killed(k.step, k.at, &k.again),
    );
    let mut came = Came::default();
    all.into_iter().for_each(|c| came += c);
    println!("{came:?} at {points} points of {} playbooks in {:?}", cases.len(), begun.elapsed());
    assert!(cases.len() >= 40 || only.is_some());
    assert!(came.kills >= wanted * 94 / 100 || only.is_some(), "{came:?}");
}

/// A sweep that cannot fail is worth nothing: it sees an engine that loses what it said was durable, and one that sends what it has not
/// written down.
#[test]
fn an_engine_that_forgets_is_found_out() {
    let target = Running::start(Target::serve).unwrap();
    let name = "a write that nobody can repeat";
    let case = Undisturbed::new(suite::all().find(|c| c.name == name).unwrap(), &target);
    let points = case.points().next().unwrap().len();
    for (broken, sees) in
        [(Broken::LosesABatch, "lines before"), (Broken::ForgetsIntents, "(\"act/once\", \"a\"")]
    {
        let all: Vec<usize> = (1..=points).collect();
        let words = side_by_side(
            &all,
            |at| format!("{broken:?} at {at}"),
            |at| {
                let seen = catch_unwind(AssertUnwindSafe(|| case.broken(0, *at, broken))).err()?;
                seen.downcast::<String>().ok().map(|words| *words)
            },
        );
        let all: Vec<String> = words.into_iter().flatten().collect();
        let seen = all.iter().filter(|words| words.contains(sees)).count();
        println!("{broken:?}: seen at {seen} of {points} points, {} fail", all.len());
        assert!(seen > 0, "{broken:?}: {:?}", all.first());
    }
}

//! Workers that share a database, and clients that ask them for things all at once, while connections are cut, sessions are ended, and
//! owners are given up who are still there. What the clients were told has to fit one order of everything: a line that was said to be
//! there is there, where it was said to be, and of all who decide about one question the first has decided.
//!
//! Threads are real, so a seed gives the same clients and the same fault, not the same history. `PLAY_HISTORIES=5000` tries more.
#![allow(clippy::print_stdout, reason = "it says what it has tried")]

use std::sync::Mutex;
use std::time::Instant;

use crate::world::{Defect, Tally, World};

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |n| n.parse().unwrap())
}

#[test]
fn what_clients_are_told_fits_one_order_of_everything() {
    let (histories, first) = (number("PLAY_HISTORIES", 200), number("PLAY_SEED", 1));
    let begun = Instant::now();
    let tally: Mutex<Tally> = Mutex::default();
    // Most of the time goes into waiting for the disk; and what is read grows with what was written, so no place is used for long.
    let worlds = Mutex::new((first..first + histories).step_by(20));
    let work = || {
        loop {
            let next = worlds.lock().unwrap().next();
            let Some(from) = next else { return };
            let world = World::new(Defect::None);
            let mut sum = Tally::default();
            for seed in from..(from + 20).min(first + histories) {
                if let Err(why) = world.history(seed, &mut sum) {
                    panic!("PLAY_SEED={seed} PLAY_HISTORIES=1: {why}");
                }
            }
            world.ends();
            sum.add_to(&mut tally.lock().unwrap());
        }
    };
    std::thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(work)));
    });
    let tally = tally.into_inner().unwrap();
    println!("{histories} histories from seed {first} in {:.1} s: {tally:?}", begun.elapsed().as_secs_f64());
    // It is no proof of anything where nothing went wrong and nobody came second.
    let each = [tally.answered, tally.unheard, tally.refused, tally.lost, tally.claimed];
    assert!(histories < 150 || each.iter().all(|n| *n > 3), "{tally:?}");
}

/// The search and the clients see it when the journal, or who uses it, does one of the things that it must not.
#[test]
fn each_defect_is_seen() {
    for defect in [Defect::AnswersEarly, Defect::DecidesBlindly, Defect::ReadsWhatItKnew] {
        let world = World::new(defect);
        let mut tally = Tally::default();
        let seen = (1..=60).find(|seed| world.history(*seed, &mut tally).is_err());
        println!("{defect:?} is seen by history {seen:?}");
        assert!(seen.is_some(), "{defect:?}: {tally:?}");
    }
}

//! What guards have let through, over all runs of a store: for their limits.
//!
//! A projection: it is read from the lines `guard.allowed` at start, and kept in memory from then on.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use play_scheduler::Counting;

/// When each guard let something through, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    by_guard: Mutex<BTreeMap<String, VecDeque<Timestamp>>>,
}

/// What no limit looks back beyond. Longer windows count this far.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 366);

impl Counter {
    /// Notes what the record says.
    pub(crate) fn recall(&self, guard: String, t: Timestamp) {
        let mut all = self.by_guard.lock().unwrap_or_else(PoisonError::into_inner);
        // Lines of several runs come run by run, and those of several engines each by its own clock.
        insert(all.entry(guard).or_default(), t);
    }

    /// Counts, and takes a place where there is one: both at one moment, so that two runs never take the same.
    pub(crate) fn count(&self, limits: &[Counting], reserve: bool, now: Timestamp) -> Vec<u64> {
        let mut all = self.by_guard.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts = Vec::with_capacity(limits.len());
        for limit in limits {
            let times = all.entry(limit.guard.clone()).or_default();
            let recent = times.iter().rev().take_while(|t| now.duration_since(**t) < limit.window);
            counts.push(u64::try_from(recent.count()).unwrap_or(u64::MAX));
        }
        let under = limits.iter().zip(&counts).all(|(l, n)| *n < u64::from(l.most));
        if reserve && under {
            let mut guards: Vec<&str> = limits.iter().map(|l| l.guard.as_str()).collect();
            guards.dedup();
            for guard in guards {
                if let Some(times) = all.get_mut(guard) {
                    insert(times, now);
                    while times.front().is_some_and(|t| now.duration_since(*t) > FARTHEST) {
                        times.pop_front();
                    }
                }
            }
        }
        counts
    }
}

/// In the order of time.
fn insert(times: &mut VecDeque<Timestamp>, t: Timestamp) {
    let at = times.partition_point(|known| *known <= t);
    times.insert(at, t);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(guard: &str, most: u32, seconds: i64) -> Counting {
        let window = SignedDuration::from_secs(seconds);
        Counting { index: 0, guard: guard.into(), most, window }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_place_is_taken_once_and_free_again_after_the_window() {
        let counter = Counter::default();
        let two = [limit("g", 2, 60)];
        assert_eq!(counter.count(&two, true, at(0)), [0]);
        assert_eq!(counter.count(&two, true, at(10)), [1]);
        assert_eq!(counter.count(&two, true, at(59)), [2]);
        assert_eq!(counter.count(&two, true, at(60)), [1], "the first is a window ago");
        assert_eq!(counter.count(&two, false, at(61)), [2]);
    }

    #[test]
    fn nothing_is_taken_when_one_of_several_limits_is_reached() {
        let counter = Counter::default();
        counter.count(&[limit("narrow", 1, 60)], true, at(0));
        let both = [limit("wide", 9, 60), limit("narrow", 1, 60)];
        assert_eq!(counter.count(&both, true, at(1)), [0, 1]);
        assert_eq!(counter.count(&[limit("wide", 9, 60)], false, at(2)), [0]);
    }

    #[test]
    fn two_limits_of_one_guard_take_one_place() {
        let counter = Counter::default();
        let both = [limit("g", 5, 60), limit("g", 9, 3600)];
        counter.count(&both, true, at(0));
        assert_eq!(counter.count(&both, false, at(1)), [1, 1]);
    }

    #[test]
    fn what_is_recorded_counts_in_whatever_order_it_is_read() {
        let counter = Counter::default();
        for t in [50, 10, 30] {
            counter.recall("g".into(), at(t));
        }
        assert_eq!(counter.count(&[limit("g", 9, 25)], false, at(54)), [2]);
    }
}

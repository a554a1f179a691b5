//! When what is asked of a store is out of reach for a while, as that of a database is whose reading connection was cut. What is
//! written goes on: where it cannot, a life comes to its end.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use play_journal::{JournalError, Machine};
use play_tests::generate::Rng;

use super::machine::Simulated;

/// The times of a life at which nothing can be read.
pub struct Outages {
    machine: Arc<Simulated>,
    rng: Mutex<Option<Rng>>,
    away: Mutex<Vec<(Timestamp, Timestamp)>>,
}

impl Outages {
    /// Out of these numbers; none without any.
    pub fn new(machine: Arc<Simulated>, rng: Option<Rng>) -> Self {
        Self { machine, rng: Mutex::new(rng), away: Mutex::default() }
    }

    /// A life is under way: from now on, within some hours.
    pub fn begin(&self) {
        let Some(mut rng) = self.rng.lock().unwrap().take() else { return };
        let now = self.machine.now();
        let after = |from: Timestamp, ms: u64| {
            from.checked_add(SignedDuration::from_millis(i64::try_from(ms).unwrap())).unwrap()
        };
        let mut away = Vec::new();
        let mut from = now;
        for _ in 0..1 + rng.below(12) {
            let pause = *rng.pick(&[2_000, 60_000, 2_000_000]).unwrap();
            from = after(from, rng.below(pause));
            let long = *rng.pick(&[50, 3_000, 120_000, 3_600_000]).unwrap();
            let until = after(from, 1 + rng.below(long));
            away.push((from, until));
            from = until;
        }
        *self.away.lock().unwrap() = away;
    }

    /// Whether something can be read just now.
    pub fn reach(&self) -> Result<(), JournalError> {
        let now = self.machine.now();
        let away = self.away.lock().unwrap();
        let within = |(from, until): &(Timestamp, Timestamp)| *from <= now && now < *until;
        if away.iter().any(within) {
            return Err(JournalError::Unreachable { store: "simulated".into(), why: "it is away".into() });
        }
        Ok(())
    }
}

//! Until when a worker may act on what it has written, by its own clocks.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use play_journal::Lease;
use tokio::sync::watch;

/// The lease as the worker itself knows it.
///
/// Counted from before it was asked for, so that it is over here before it is over by the clock of the server. Two clocks are asked:
/// one cannot be set, but may stand still while the machine sleeps.
#[derive(Debug)]
pub(crate) struct Life {
    /// How long after it was asked for the lease is good for.
    good_for: Duration,
    since: Mutex<(Instant, SystemTime)>,
    lost: watch::Sender<bool>,
}

/// When a lease is asked for.
pub(crate) fn now() -> (Instant, SystemTime) {
    (Instant::now(), SystemTime::now())
}

impl Life {
    /// One that was asked for then.
    pub(crate) fn new(lease: Duration, asked: (Instant, SystemTime)) -> Self {
        // A fifth is for whatever happens between the look and the moment in which a request leaves.
        Self { good_for: lease / 5 * 4, since: Mutex::new(asked), lost: watch::Sender::new(false) }
    }

    fn since(&self) -> MutexGuard<'_, (Instant, SystemTime)> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It was renewed, and that was asked for then. What was asked for later may have been answered before.
    pub(crate) fn renewed(&self, asked: (Instant, SystemTime)) {
        let mut since = self.since();
        if since.0 < asked.0 {
            *since = asked;
        }
    }

    /// Somebody else may have what was this worker's own.
    pub(crate) fn lost(&self) {
        self.lost.send_replace(true);
    }

    /// Waits until then.
    pub(crate) async fn until_lost(&self) {
        // It is not dropped while it is waited for.
        let _ = self.lost.subscribe().wait_for(|lost| *lost).await;
    }

    /// How it stands.
    pub(crate) fn stands(&self) -> Lease {
        let (instant, time) = *self.since();
        // A clock that was set back says nothing.
        let wall = SystemTime::now().duration_since(time).unwrap_or_default();
        if *self.lost.borrow() {
            Lease::Lost
        } else if instant.elapsed().max(wall) < self.good_for {
            Lease::Good
        } else {
            Lease::Stale
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_over_by_whichever_clock_is_ahead() {
        let lease = Duration::from_secs(10);
        let (instant, time) = now();
        let long_ago = time - Duration::from_secs(9);
        assert_eq!(Life::new(lease, (instant, time)).stands(), Lease::Good);
        assert_eq!(Life::new(lease, (instant, long_ago)).stands(), Lease::Stale);
        assert_eq!(Life::new(lease, (instant, time + Duration::from_secs(99))).stands(), Lease::Good);
        let life = Life::new(lease, (instant, long_ago));
        life.renewed(now());
        assert_eq!(life.stands(), Lease::Good);
        life.lost();
        assert_eq!(life.stands(), Lease::Lost);
    }
}

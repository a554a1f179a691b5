//! A change that many wait for.
//!
//! Those who wait are woken in the order in which they began to. (`tokio::sync::watch` draws lots for that: the same seed of a
//! simulation would not give the same trace.)

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Raised whenever something changes.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    raised: AtomicU64,
    waiting: Notify,
}

/// One who waits for a change.
pub(crate) struct Watch {
    signal: Arc<Signal>,
    seen: u64,
}

impl Signal {
    /// Something has changed.
    pub(crate) fn raise(&self) {
        self.raised.fetch_add(1, Ordering::SeqCst);
        self.waiting.notify_waiters();
    }

    /// Changes from the very first on, also those that have been.
    pub(crate) fn from_the_first(self: &Arc<Self>) -> Watch {
        Watch { signal: Arc::clone(self), seen: 0 }
    }
}

impl Watch {
    /// What has changed up to now is known.
    pub(crate) fn mark(&mut self) {
        self.seen = self.signal.raised.load(Ordering::SeqCst);
    }

    /// Whether something has changed since the last mark.
    pub(crate) fn has_changed(&self) -> bool {
        self.signal.raised.load(Ordering::SeqCst) != self.seen
    }

    /// Resolves once something has changed since the last mark.
    pub(crate) async fn changed(&self) {
        loop {
            let waiting = self.signal.waiting.notified();
            tokio::pin!(waiting);
            // Before the look: what changes between it and the wait is not missed.
            waiting.as_mut().enable();
            if self.has_changed() {
                return;
            }
            waiting.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn those_who_wait_are_woken_in_their_order() {
        let signal = Arc::new(Signal::default());
        let woken = Arc::new(Mutex::new(Vec::new()));
        let mut all = tokio::task::JoinSet::new();
        for n in 0..40 {
            let (watch, woken) = (signal.from_the_first(), Arc::clone(&woken));
            all.spawn(async move {
                watch.changed().await;
                woken.lock().unwrap().push(n);
            });
        }
        tokio::task::yield_now().await;
        signal.raise();
        while all.join_next().await.is_some() {}
        assert_eq!(*woken.lock().unwrap(), (0..40).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_is_marked_is_no_change() {
        let signal = Arc::new(Signal::default());
        let mut watch = signal.from_the_first();
        assert!(!watch.has_changed());
        signal.raise();
        watch.changed().await;
        watch.mark();
        assert!(!watch.has_changed());
    }
}

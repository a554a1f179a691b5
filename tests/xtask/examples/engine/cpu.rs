//! The time that the threads of this process have had of a processor, as Linux counts it.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// So much until now: of the thread that writes to a store, and of all others.
#[derive(Clone, Copy, Default)]
pub struct Cpu {
    journal: Duration,
    others: Duration,
}

impl Cpu {
    /// Of the threads that there are now; none where the system does not say.
    pub fn now() -> Self {
        let mut all = Self::default();
        for thread in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
            let taken = taken(&thread.path()).unwrap_or_default();
            let is_journal =
                fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name == "journal\n");
            *(if is_journal { &mut all.journal } else { &mut all.others }) += taken;
        }
        all
    }

    /// What came after `before`. A thread that has ended since does not count.
    pub fn since(self, before: Self) -> Self {
        Self {
            journal: self.journal.saturating_sub(before.journal),
            others: self.others.saturating_sub(before.others),
        }
    }

    /// Microseconds for each of so many: of the others, and of the thread that writes.
    #[expect(clippy::cast_precision_loss, reason = "figures for reading")]
    pub fn micros_each(self, n: usize) -> (f64, f64) {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / n.max(1) as f64;
        (each(self.others), each(self.journal))
    }
}

/// The first number of a thread's `schedstat`: nanoseconds.
fn taken(thread: &Path) -> Option<Duration> {
    let text = fs::read_to_string(thread.join("schedstat")).ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

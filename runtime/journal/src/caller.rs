//! Those who wait for a batch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::JournalError;
use crate::journal::Done;

/// A caller who is told exactly once, also when the thread ends before their turn.
pub struct Caller(Option<Done>);

impl Caller {
    /// One who waits for a batch.
    #[must_use]
    pub fn new(done: Done) -> Self {
        Self(Some(done))
    }

    /// Tells them.
    pub fn tell(mut self, result: Result<(), JournalError>) {
        self.call(result);
    }

    fn call(&mut self, result: Result<(), JournalError>) {
        if let Some(done) = self.0.take() {
            // A caller that panics must not take the journal with it. The hook has reported it already.
            let _ = catch_unwind(AssertUnwindSafe(|| done(result)));
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.call(Err(JournalError::Closed));
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({})", if self.0.is_some() { "waits" } else { "told" })
    }
}

//! Writing without a thread: whoever has the stepper says when.

use crate::commit::Committer;
use crate::queue::Exit;

/// What writes to a store that was opened with [`crate::Store::open_stepped`]. The store is free for others when this is dropped.
pub struct Stepper {
    committer: Committer,
    messages: Exit,
}

impl Stepper {
    pub(crate) fn new(committer: Committer, messages: Exit) -> Self {
        Self { committer, messages }
    }

    /// Commits what waits, as one group, and tells those who wait for it. Whether anything did.
    pub fn step(&mut self) -> bool {
        self.committer.step_now(&self.messages)
    }
}

impl std::fmt::Debug for Stepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stepper")
    }
}

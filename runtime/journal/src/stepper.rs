//! Writing without a thread: whoever has the stepper says when.

use std::sync::mpsc::Receiver;

use crate::commit::{Committer, Message};

/// What writes to a store that was opened with [`crate::Store::open_stepped`]. The store is free for others when this is dropped.
pub struct Stepper {
    committer: Committer,
    messages: Receiver<Message>,
}

impl Stepper {
    pub(crate) fn new(committer: Committer, messages: Receiver<Message>) -> Self {
        Self { committer, messages }
    }

    /// Commits what waits, as one group, and tells those who wait for it. Whether anything did.
    pub fn step(&mut self) -> bool {
        let Ok(first) = self.messages.try_recv() else { return false };
        self.committer.step(first, &self.messages);
        true
    }
}

impl std::fmt::Debug for Stepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stepper")
    }
}

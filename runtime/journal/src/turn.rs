//! Several who write to one place at once. Each has runs of its own; what rests on what others have written is decided in turns.

use crate::error::JournalError;

/// A line that another has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its chain.
    pub chain: String,
    /// Its place there.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// As it was written, newline included.
    pub bytes: Vec<u8>,
}

/// Told the lines of others, each once, in the order in which they became durable. Called on the thread that commits: it must not
/// wait for anything.
pub type Follow = Box<dyn FnMut(&[Foreign]) + Send>;

/// As long as somebody has one, nobody else appends, and whoever follows knows every line there is. What is appended meanwhile is
/// committed, as one, when it is given back: until then nothing of it is durable, so nobody may wait for that who has a turn.
pub struct Turn(Option<Box<dyn FnOnce() + Send>>);

/// Called once with the turn, or with why there is none any more; on the thread that commits.
pub type Granted = Box<dyn FnOnce(Result<Turn, JournalError>) + Send>;

impl Turn {
    /// One that calls this when it is given back.
    #[must_use]
    pub fn new(over: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(over)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(over) = self.0.take() {
            over();
        }
    }
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Turn")
    }
}

//! What a place can do that several write to at once. A folder cannot: it has one who writes.

use std::time::Duration;

use crate::error::JournalError;
use crate::turn::{Follow, Granted};
use crate::word::{Heard, Word};

/// The side of a journal that several share. Each of them has runs of its own, and writes to no other.
pub trait Sharing: Send + Sync {
    /// Tells all lines that others have written and will write, each once; those that are there already before this returns. What
    /// was written by this very worker before is told as well, what it writes later is not.
    ///
    /// # Errors
    /// When they cannot be read.
    fn follow(&self, told: Follow) -> Result<(), JournalError>;

    /// Asks for a turn: see [`crate::Turn`].
    fn turn(&self, granted: Granted);

    /// Makes runs that are nobody's this worker's own; gives those that are now.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn own(&self, names: &[String]) -> Result<Vec<String>, JournalError>;

    /// Takes over runs whose owners are not there any more, at most so many; gives their names.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn claim(&self, most: usize) -> Result<Vec<String>, JournalError>;

    /// Gives runs back of which nothing more is to come.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn let_go(&self, names: &[String]) -> Result<(), JournalError>;

    /// Leaves runs to whoever takes over next, as if this worker were gone. All that it has written of them is durable.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn hand_over(&self, names: &[String]) -> Result<(), JournalError>;

    /// Whether a run is this worker's own.
    fn owns(&self, name: &str) -> bool;

    /// Who owns a run, where it is somebody who is there, other than this worker.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn owner(&self, name: &str) -> Result<Option<String>, JournalError>;

    /// The others who have not been told the line with this `seq` of the store's own chain yet. Those whose time is over do not
    /// count, and write nothing and send nothing from then on.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn not_told(&self, seq: u64) -> Result<Vec<String>, JournalError>;

    /// Says something to whoever owns a run, or to whichever of those who share where nobody does; waits for the answer, and
    /// takes it back where nobody has taken it within that time. Not for a thread that others wait for.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn say(&self, run: &str, said: &str, within: Duration) -> Result<Heard, JournalError>;

    /// Takes what was said to runs of this worker, or to nobody's: each is taken once, by one.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn hear(&self, most: usize) -> Result<Vec<Word>, JournalError>;

    /// Answers something that was taken.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn answer(&self, word: i64, answer: &str) -> Result<(), JournalError>;
}

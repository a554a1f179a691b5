//! What every place where evidence is kept can do.

use std::collections::BTreeMap;
use std::sync::mpsc;

use play_evidence::{Chain, Line};

use crate::blob::Blob;
use crate::error::JournalError;
use crate::index::Head;
use crate::queue::Wake;
use crate::sharing::Sharing;

/// What becomes durable together, or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// In the order of each chain. Lines of several chains may stand in one batch.
    pub lines: Vec<Line>,
    /// The bodies that the lines name, each with the first line that does. They are durable when the lines are, or before.
    pub blobs: Vec<Blob>,
}

/// Whether one who writes may act on what it has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// Nobody else has taken over what was written.
    Good,
    /// Nobody may have, but that is not certain: ask again.
    Stale,
    /// Others may have: nothing leaves any more.
    Lost,
}

/// Something that somebody else has locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// `play_lines`
    pub on: String,
    /// The session that has it, as its server counts them.
    pub by: u64,
}

/// Called once, on the thread that commits: it must not wait for anything.
pub type Done = Box<dyn FnOnce(Result<(), JournalError>) + Send>;

/// What can be read of a place where evidence is kept: all that is durable, as it is now or was when it was opened.
pub trait JournalRead: Send + Sync {
    /// The store's name for itself, made at its creation.
    fn id(&self) -> String;

    /// Each chain's end, as far as it is durable.
    ///
    /// # Errors
    /// When they cannot be read.
    fn heads(&self) -> Result<BTreeMap<String, Head>, JournalError>;

    /// A chain to go on with, from its last durable line; `None` when it has none.
    ///
    /// # Errors
    /// When it cannot be read.
    fn chain(&self, name: &str) -> Result<Option<Chain>, JournalError>;

    /// The runs, in the order in which they were opened. The chains `intake` and `store` are not among them.
    ///
    /// # Errors
    /// When they cannot be read.
    fn runs(&self) -> Result<Vec<String>, JournalError>;

    /// The lines of a chain, each with its newline; none when there is no such chain.
    ///
    /// # Errors
    /// When they cannot be read, or are not those that were written.
    fn lines_of(&self, run: &str) -> Result<Vec<Vec<u8>>, JournalError>;

    /// Every durable line with the name of its chain, in the order in which they were committed.
    ///
    /// # Errors
    /// When they cannot be read.
    fn for_each_line(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), JournalError>;

    /// A body by its digest, without the salt; `None` when it is not here.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError>;

    /// A program by its digest; `None` when it is not here.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    fn artifact(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError>;
}

/// Where evidence is kept.
pub trait Journal: JournalRead {
    /// The store's secret, for keyed digests of records.
    fn salt(&self) -> [u8; 32];

    /// How long one who writes may be silent differs, and whoever was silent for too long has lost what it had. So this is asked
    /// at the last moment before something leaves. A store that locks others out is never lost.
    fn lease(&self) -> Lease {
        Lease::Good
    }

    /// Where others write as well: how that is done. None where this is the one who writes.
    fn sharing(&self) -> Option<&dyn Sharing> {
        None
    }

    /// What is waited for where evidence is written, if that is known and somebody else has it. Itself asked for no longer than some
    /// seconds.
    fn waits_for(&self) -> Option<Lock> {
        None
    }

    /// How many bytes may still be written where it is, if that can be known.
    fn room(&self) -> Option<u64> {
        None
    }

    /// Queues a batch. Batches are committed in the order in which they were queued; `done` is called when this one is
    /// durable, or when that cannot be promised. Of one that is refused, or comes from one who has lost the store to
    /// another, nothing is written. Any other that failed may be there as a whole once the store is opened again, as all of
    /// it may have reached the disk: look there before anything is done twice.
    fn append(&self, batch: Batch, done: Done);

    /// The same for one who holds a lock while it queues: whoever writes is woken when what is given back is dropped, which is to be
    /// soon. None where it was woken already.
    fn queue(&self, batch: Batch, done: Done) -> Option<Wake> {
        self.append(batch, done);
        None
    }

    /// Appends a batch and waits until it is durable.
    ///
    /// # Errors
    /// [`JournalError::Refused`] when a line does not continue its chain; any other error is the end of the store.
    fn append_wait(&self, batch: Batch) -> Result<(), JournalError> {
        let (ticket, done) = Ticket::pair();
        self.append(batch, done);
        ticket.wait()
    }

    /// Keeps a program; gives its lower-case hex SHA-256. It is durable then.
    ///
    /// # Errors
    /// When it cannot be written.
    fn put_artifact(&self, bytes: &[u8]) -> Result<String, JournalError>;

    /// Writes what waits, and ends: another may write then. What is appended after that is answered with
    /// [`JournalError::Closed`]; what is there can still be read.
    ///
    /// # Errors
    /// The failure that ended the store before, if one did.
    fn close(&self) -> Result<(), JournalError>;
}

/// What one gets for a queued batch, to wait for it later.
#[derive(Debug)]
pub struct Ticket(mpsc::Receiver<Result<(), JournalError>>);

impl Ticket {
    /// A ticket, and what to pass to [`Journal::append`] for it.
    #[must_use]
    pub fn pair() -> (Ticket, Done) {
        let (sender, receiver) = mpsc::sync_channel(1);
        let done: Done = Box::new(move |result| {
            // Nobody waits any more: that is theirs to decide.
            let _ = sender.send(result);
        });
        (Ticket(receiver), done)
    }

    /// Blocks until the batch is durable, or has failed: see [`Journal::append`] for what may be left of it then.
    ///
    /// # Errors
    /// As [`Journal::append_wait`].
    pub fn wait(self) -> Result<(), JournalError> {
        self.0.recv().unwrap_or(Err(JournalError::Closed))
    }
}

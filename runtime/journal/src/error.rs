//! Why the journal did not do what it was asked.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the journal did not do what it was asked. All but [`JournalError::Refused`] and [`JournalError::Unreachable`] mean that
/// nothing more can be appended.
#[derive(Clone, Debug)]
pub enum JournalError {
    /// Another process has the store open.
    Locked {
        /// The store's folder.
        store: PathBuf,
        /// Who has it, as that process wrote it down.
        holder: String,
    },
    /// The folder is not a store, or not one that this version can read.
    NotAStore {
        /// The folder.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Something that was durable is not there any more as it was written.
    Damaged(Box<Damage>),
    /// The place could not be reached just now, so that nothing was asked of it and nothing was written. Whatever was at work goes on.
    Unreachable {
        /// The place, without a password.
        store: PathBuf,
        /// What the system, or the server, said.
        why: String,
    },
    /// The system refused to read or write. When it comes from an append, everything appended later gets the same.
    Io {
        /// What was tried.
        doing: String,
        /// What the system said.
        error: Arc<io::Error>,
    },
    /// The batch does not continue its chains, is too large, or has bodies and no lines; nothing of it was written. The
    /// store goes on.
    Refused {
        /// Chain of the first line that does not fit; empty when it is not about a line, or it has none.
        run: String,
        /// Its place in the chain, as it says.
        seq: u64,
        /// Why.
        why: String,
    },
    /// Another has taken over what this one was writing: its lease was over. Nothing of the batch was written, and nothing
    /// that is appended later is.
    Fenced {
        /// What was lost, and to whom.
        why: String,
    },
    /// The store has been closed.
    Closed,
}

/// A place where a store is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file, seen from the store's folder, or the table.
    pub file: String,
    /// In bytes from the start of the file; a table has none.
    pub offset: Option<u64>,
    /// The chain of the line, where it is known.
    pub run: Option<String>,
    /// The line's place in its chain, where it is known.
    pub seq: Option<u64>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(offset) = self.offset {
            write!(f, " at byte {offset}")?;
        }
        match (&self.run, self.seq) {
            (Some(run), Some(seq)) => write!(f, ", line {seq} of {run:?}")?,
            (Some(run), None) => write!(f, ", {run:?}")?,
            _ => {}
        }
        write!(f, ": {}", self.what)
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { store, holder } => write!(
                f,
                "the store {store:?} is in use by {}; stop that one first, or open the store only to read (a service that has it is \
                 spoken to with --api)",
                holder.escape_debug()
            ),
            Self::NotAStore { path, why } => write!(f, "{path:?} cannot be used as a store: {why}"),
            Self::Damaged(damage) => write!(f, "the store is damaged: {damage}"),
            Self::Unreachable { store, why } => write!(
                f,
                "the store {store:?} cannot be reached: {}; nothing was asked of it, so it can be tried again",
                why.escape_debug()
            ),
            Self::Io { doing, error } => write!(f, "{doing}: {error}"),
            Self::Refused { run, why, .. } if run.is_empty() => {
                write!(f, "the batch was not appended: {why}")
            }
            Self::Refused { run, seq, why } => write!(f, "line {seq} of {run:?} was not appended: {why}"),
            Self::Fenced { why } => write!(f, "nothing was appended: {}", why.escape_debug()),
            Self::Closed => write!(f, "the store has been closed"),
        }
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl JournalError {
    /// Whether the store takes appends after this one, from whoever has it open.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Unreachable { .. })
    }

    /// Whether the place was only out of reach, so that the same may be asked again.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// For `map_err` on what the system returned.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |error| Self::Io { doing, error: Arc::new(error) }
    }

    pub(crate) fn damaged(file: impl Into<String>, offset: u64, what: impl Into<String>) -> Self {
        let damage =
            Damage { file: file.into(), offset: Some(offset), run: None, seq: None, what: what.into() };
        Self::Damaged(Box::new(damage))
    }

    pub(crate) fn damaged_line(file: &str, offset: u64, run: &str, seq: u64, what: &str) -> Self {
        Self::Damaged(Box::new(Damage {
            file: file.to_string(),
            offset: Some(offset),
            run: Some(run.to_string()),
            seq: Some(seq),
            what: what.to_string(),
        }))
    }
}

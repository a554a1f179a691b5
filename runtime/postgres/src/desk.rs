//! What the thread that writes shares with those who claim, and how it asks the server: never the one while it has the other.

use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use play_journal::{Batch, Head, JournalError, LineHead, Lock};

use crate::append::Appender;
use crate::connect::{Shared, answered, unanswered};
use crate::io::{Begun, Io};
use crate::lease::EVERYTHING;
use crate::reach::WITHIN;
use crate::read;

/// What is this worker's own.
pub(crate) enum Owns {
    /// Every chain, under this epoch.
    Everything(i64),
    /// Some, each under its own.
    Chains(HashMap<String, i64>),
}

impl Owns {
    /// The scope and the epoch that a chain is held to.
    pub(crate) fn of<'a>(&self, chain: &'a str) -> Option<(&'a str, i64)> {
        match self {
            Self::Everything(epoch) => Some((EVERYTHING, *epoch)),
            Self::Chains(epochs) => epochs.get(chain).map(|epoch| (chain, *epoch)),
        }
    }
}

/// What the thread shares with those who claim.
pub(crate) struct Held {
    pub owns: Owns,
    /// The ends of the chains that have been written to.
    pub heads: HashMap<Arc<str>, Head>,
}

/// See [`Held`].
pub(crate) type SharedHeld = Arc<Mutex<Held>>;

pub(crate) fn held(shared: &SharedHeld) -> MutexGuard<'_, Held> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lock, and the way to the server, of the thread that writes. Whoever has the lock borrows the desk, so nothing can be asked
/// meanwhile: nobody ever waits for the server because somebody else does.
pub(crate) struct Desk {
    io: Arc<Io>,
    held: SharedHeld,
    /// How long an answer is waited for.
    patience: Duration,
    /// How it is asked, beside, what the session that writes is at; and how the server knows that.
    beside: Arc<Shared>,
    pid: i32,
    /// Nothing has come within that time.
    silent: bool,
}

impl Desk {
    pub(crate) fn new(
        io: Arc<Io>,
        held: SharedHeld,
        patience: Duration,
        (beside, pid): (Arc<Shared>, i32),
    ) -> Self {
        Self { io, held, patience, beside, pid, silent: false }
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        held(&self.held)
    }

    /// Waits for the server, and not for ever: where packets vanish and nobody says that the connection is gone, it is given up. Where the
    /// server says that it waits for a lock that others have, it is not silent.
    pub(crate) fn ask<T: Send + 'static>(
        &mut self,
        job: impl Future<Output = Result<T, JournalError>> + Send + 'static,
    ) -> Result<T, JournalError> {
        let asked = self.begin(job);
        self.end(asked)
    }

    /// Begins to: whoever does has something else to do before it waits for the answer.
    pub(crate) fn begin<T: Send + 'static>(
        &self,
        job: impl Future<Output = Result<T, JournalError>> + Send + 'static,
    ) -> Asked<T> {
        let (patience, was_silent) = (self.patience, self.silent);
        let (beside, pid) = (Arc::clone(&self.beside), self.pid);
        self.io.begin(async move {
            let mut job = pin!(job);
            loop {
                if let Some(result) = answered(patience, job.as_mut()).await {
                    return Ok((result, false));
                }
                if was_silent || !waits(&beside, pid).await {
                    return Ok((Err(unanswered(patience)), true));
                }
            }
        })
    }

    /// Waits for what was begun.
    pub(crate) fn end<T>(&mut self, asked: Asked<T>) -> Result<T, JournalError> {
        let ended = asked.end();
        self.answer(ended)
    }

    /// The answer to what was begun, where it is there.
    pub(crate) fn ended<T>(&mut self, asked: &Asked<T>) -> Option<Result<T, JournalError>> {
        asked.ended().map(|ended| self.answer(ended))
    }

    fn answer<T>(&mut self, ended: Result<Answer<T>, JournalError>) -> Result<T, JournalError> {
        let (result, silent) = ended?;
        if silent {
            // What is asked after that is only to tidy up.
            self.silent = true;
            self.patience = self.patience.min(WITHIN);
        }
        result
    }

    /// Does not wait.
    pub(crate) fn spawn(&self, job: impl Future<Output = ()> + Send + 'static) {
        self.io.spawn(job);
    }
}

/// What came of a question, and whether the server has said nothing.
type Answer<T> = (Result<T, JournalError>, bool);

/// What the server was asked.
pub(crate) type Asked<T> = Begun<Answer<T>>;

/// Whether the server is there, and a session there waits for a lock that others have.
async fn waits(beside: &Shared, pid: i32) -> bool {
    let sql =
        "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND wait_event_type = 'Lock'";
    let asked = async {
        let session = beside.connect("asking what is waited for").await.ok()?;
        session.query_opt(sql, &[&pid]).await.ok()?
    };
    answered(WITHIN.saturating_mul(2), asked).await.flatten().is_some()
}

/// What that session waits for, or else any other of ours at the tables of this store: some wait for a lock because others of the same
/// worker do. A database may have other stores, in schemas of their own.
pub(crate) async fn locked(beside: &Shared, pid: i32) -> Option<Lock> {
    let sql = "SELECT coalesce(l.relation::regclass::text, 'a row'), (pg_blocking_pids(l.pid))[1] FROM pg_locks l \
               JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT l.granted AND a.datname = current_database() \
               AND (l.pid = $1 OR a.application_name LIKE 'play:%' AND pg_table_is_visible(l.relation)) ORDER BY l.pid = $1 DESC LIMIT 1";
    let asked = async {
        let session = beside.connect("asking what is waited for").await.ok()?;
        let row = session.query_opt(sql, &[&pid]).await.ok()??;
        let by: Option<i32> = row.try_get(1).ok()?;
        Some(Lock { on: row.try_get(0).ok()?, by: by.and_then(|by| u64::try_from(by).ok())? })
    };
    answered(WITHIN.saturating_mul(2), asked).await.flatten()
}

/// The ends of chains that the server was asked for, and the epoch of each as it was before that.
#[derive(Default)]
pub(crate) struct Ends(BTreeMap<String, (Option<i64>, Head)>);

impl Ends {
    /// The end of a chain, where it is known. One that was asked for is good while the chain is whose it was: others may have written to
    /// what was claimed meanwhile.
    pub(crate) fn of(&self, held: &Held, chain: &str) -> Option<Head> {
        let asked = || {
            let (epoch, head) = self.0.get(chain)?;
            (held.owns.of(chain).map(|(_, epoch)| epoch) == *epoch).then_some(*head)
        };
        held.heads.get(chain).copied().or_else(asked)
    }

    /// Asks for all that a batch continues and that are not known.
    pub(crate) fn ask(
        &mut self,
        desk: &mut Desk,
        appender: &Arc<Appender>,
        batch: &Batch,
    ) -> Result<(), JournalError> {
        let held = desk.held();
        let chains = batch.lines.iter().filter_map(|line| LineHead::read(&line.bytes)).map(|head| head.run);
        let unknown = chains.filter(|chain| self.of(&held, chain).is_none());
        let unknown: BTreeMap<String, Option<i64>> =
            unknown.map(|chain| (chain.to_string(), held.owns.of(&chain).map(|(_, epoch)| epoch))).collect();
        drop(held);
        let appender = Arc::clone(appender);
        let asked = desk.ask(async move {
            let mut asked = Vec::with_capacity(unknown.len());
            for (chain, epoch) in unknown {
                let head = read::head(appender.client(), &chain).await?.unwrap_or(Head::EMPTY);
                asked.push((chain, (epoch, head)));
            }
            Ok(asked)
        })?;
        self.0.extend(asked);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_good_while_the_chain_is_whose_it_was() {
        let (asked, known) = (Head { next_seq: 3, prev: [3; 32] }, Head { next_seq: 5, prev: [5; 32] });
        let mut ends = Ends::default();
        ends.0.extend([("others".to_string(), (None, asked)), ("own".to_string(), (Some(7), asked))]);
        let chains = HashMap::from([("own".to_string(), 7)]);
        let mut held = Held { owns: Owns::Chains(chains), heads: HashMap::new() };
        assert_eq!(ends.of(&held, "others"), Some(asked));
        assert_eq!(ends.of(&held, "own"), Some(asked));
        assert_eq!(ends.of(&held, "never asked"), None);
        // One is claimed, the other was given back and claimed again: who had it meanwhile may have written.
        held.owns = Owns::Chains(HashMap::from([("others".to_string(), 8), ("own".to_string(), 9)]));
        assert_eq!(ends.of(&held, "others"), None);
        assert_eq!(ends.of(&held, "own"), None);
        held.owns = Owns::Chains(HashMap::new());
        assert_eq!(ends.of(&held, "own"), None);
        // What was written since is what counts.
        held.heads.insert("others".into(), known);
        assert_eq!(ends.of(&held, "others"), Some(known));
    }
}

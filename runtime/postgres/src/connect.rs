//! Connections, and what is said when they fail.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use play_journal::JournalError;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};
use tokio::time::Instant;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use crate::reach::{When, in_time, reach};
use crate::session::Session;
use crate::url::Url;

/// After that the server ends the session of one who was stopped in the middle of a transaction. As long as a lease.
const STOPPED: Duration = Duration::from_secs(10);

/// Connects. The connection lives as long as the client does.
pub(crate) async fn connect(url: &Url, what_for: &str) -> Result<Session, JournalError> {
    connect_by(url, what_for, (false, When::Opening), url.until()).await
}

/// Connects to a server that takes writes, and keeps what it has acknowledged.
pub(crate) async fn connect_to_write(url: &Url, what_for: &str) -> Result<Session, JournalError> {
    connect_by(url, what_for, (true, When::Opening), url.until()).await
}

/// All of it until then, with what a new connection is asked first.
async fn connect_by(
    url: &Url,
    what_for: &str,
    (writes, when): (bool, When),
    until: Instant,
) -> Result<Session, JournalError> {
    let mut config = url.config(what_for);
    if writes {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    let client = reach(url, &config, when, until).await?;
    let ready = async {
        in_utf8(url, &client).await?;
        if writes { to_write(url, &client).await } else { Ok(()) }
    };
    in_time(until, ready).await.unwrap_or_else(|late| Err(unreachable(url, late)))?;
    Ok(client)
}

async fn in_utf8(url: &Url, client: &Client) -> Result<(), JournalError> {
    let reached = |e: Error| unreachable(url, said(&e));
    let row = client.query_one("SHOW server_encoding", &[]).await.map_err(reached)?;
    let encoding: String = row.try_get(0).map_err(reached)?;
    if !encoding.eq_ignore_ascii_case("UTF8") {
        return Err(not_a_store(url, format!("its encoding is {encoding}; create it with ENCODING 'UTF8'")));
    }
    Ok(())
}

async fn to_write(url: &Url, client: &Client) -> Result<(), JournalError> {
    // Whatever the default: who waits for a row looks again at how it stands then, and is not turned away.
    let read_committed = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED";
    client.batch_execute(read_committed).await.map_err(asking(url, "asking for READ COMMITTED"))?;
    // Whoever is stopped in the middle of one keeps its locks: others would wait for good, also where it only wanted to claim.
    let patience = format!("SET idle_in_transaction_session_timeout = {}", STOPPED.as_millis());
    client.batch_execute(&patience).await.map_err(asking(url, "asking not to be waited for"))?;
    let doing = || asking(url, "reading how durable what the server acknowledges is");
    let sql = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off'";
    for row in client.query(sql, &[]).await.map_err(doing())? {
        let name: String = row.try_get(0).map_err(doing())?;
        if name == "fsync" {
            let why =
                "the server runs with `fsync = off`: a crash of its machine loses what it has acknowledged";
            return Err(not_a_store(url, why));
        }
        // A default for this user or database. Evidence is durable when it is acknowledged.
        client.batch_execute("SET synchronous_commit = on").await.map_err(doing())?;
    }
    Ok(())
}

/// How long one that is kept may take to say that it is there.
const THERE: Duration = Duration::from_secs(5);

/// A connection that one at a time has for itself, for its transactions: kept, and made again when it was lost.
pub(crate) struct Kept {
    url: Url,
    what_for: &'static str,
    /// How long an answer is waited for.
    pub(crate) patience: Duration,
    client: Mutex<Option<Session>>,
}

impl Kept {
    pub(crate) fn new(url: Url, what_for: &'static str, patience: Duration) -> Self {
        Self { url, what_for, patience, client: Mutex::new(None) }
    }

    /// It, and nobody else has it meanwhile. Asked first whether it is there: what is asked on one that is not cannot be known to have
    /// been done or not.
    pub(crate) async fn client(&self) -> Result<MappedMutexGuard<'_, Session>, JournalError> {
        let mut slot = self.client.lock().await;
        let there = match slot.as_ref() {
            Some(client) => {
                let asked = tokio::time::timeout(THERE, client.batch_execute("")).await;
                matches!(asked, Ok(Ok(())))
            }
            None => false,
        };
        if !there {
            if let Some(silent) = slot.take() {
                silent.give_up();
            }
            *slot = Some(connect_by(&self.url, self.what_for, (true, When::Open), self.url.until()).await?);
        }
        MutexGuard::try_map(slot, Option::as_mut).map_err(|_| JournalError::Closed)
    }
}

/// The connection of those who read: made again when it was lost.
pub(crate) struct Shared {
    pub(crate) url: Url,
    /// Whoever writes reads from the server that takes writes: another may not have all yet.
    pub(crate) writes: bool,
    client: Mutex<Option<Arc<Session>>>,
}

impl Shared {
    pub(crate) fn new(url: Url, writes: bool, client: Session) -> Self {
        Self { url, writes, client: Mutex::new(Some(Arc::new(client))) }
    }

    /// A connection of its own.
    pub(crate) async fn connect(&self, what_for: &str) -> Result<Session, JournalError> {
        connect_by(&self.url, what_for, (self.writes, When::Open), self.url.until()).await
    }

    /// Gives one up on which there is no answer, also for whoever else waits for one there.
    pub(crate) async fn forget(&self, silent: &Arc<Session>) {
        silent.give_up();
        let mut slot = self.client.lock().await;
        if slot.as_ref().is_some_and(|client| Arc::ptr_eq(client, silent)) {
            *slot = None;
        }
    }

    /// It. Those who come while one is made wait for that, and for no other after it.
    pub(crate) async fn client(&self) -> Result<Arc<Session>, JournalError> {
        let until = self.url.until();
        let slot = in_time(until, self.client.lock()).await;
        let mut slot = slot.map_err(|late| unreachable(&self.url, late))?;
        if let Some(client) = slot.as_ref().filter(|c| !c.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(connect_by(&self.url, "reading", (self.writes, When::Open), until).await?);
        *slot = Some(Arc::clone(&client));
        Ok(client)
    }
}

pub(crate) fn not_a_store(url: &Url, why: impl Into<String>) -> JournalError {
    JournalError::NotAStore { path: url.to_string().into(), why: why.into() }
}

pub(crate) fn unreachable(url: &Url, why: String) -> JournalError {
    JournalError::Unreachable { store: url.to_string().into(), why }
}

/// What comes within that time.
pub(crate) async fn answered<T>(patience: Duration, job: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(patience, job).await.ok()
}

/// That nothing has come. Whether it was done nobody knows.
pub(crate) fn unanswered(patience: Duration) -> JournalError {
    let why =
        format!("there was no answer within {:.1} s, and the connection is given up", patience.as_secs_f64());
    JournalError::io("waiting for the database")(io::Error::other(why))
}

/// Whether the server is gone, or sends everybody away, and has said nothing about what it was asked.
fn is_gone(error: &Error) -> bool {
    let Some(code) = error.code() else { return true };
    let sent_away = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    code.code().starts_with("08") || sent_away.contains(code)
}

/// For `map_err` on what a new connection is asked before anything is asked of the store, and on what is asked for again where nobody
/// has heard the answer.
pub(crate) fn asking(url: &Url, doing: &'static str) -> impl FnOnce(Error) -> JournalError {
    move |error| if is_gone(&error) { unreachable(url, said(&error)) } else { failed(doing)(error) }
}

/// For `map_err` on what the database answered.
pub(crate) fn failed(doing: impl Into<String>) -> impl FnOnce(Error) -> JournalError {
    let doing = doing.into();
    move |error| JournalError::Io { doing, error: Arc::new(io::Error::other(said(&error))) }
}

/// What the database said, without the values that it may quote in its details.
pub(crate) fn said(error: &Error) -> String {
    if let Some(db) = error.as_db_error() {
        return format!("{} ({})", db.message(), db.code().code());
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Whether the database has undone the transaction, so that it can be tried again.
pub(crate) fn is_undone(error: &Error) -> bool {
    matches!(error.code(), Some(c) if *c == SqlState::T_R_SERIALIZATION_FAILURE || *c == SqlState::T_R_DEADLOCK_DETECTED)
}

/// Whether somebody else has made the same at the same time.
pub(crate) fn is_twin(error: &Error) -> bool {
    let twins = [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT];
    matches!(error.code(), Some(c) if twins.contains(c)) || is_undone(error)
}

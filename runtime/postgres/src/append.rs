//! The append: one statement, with its fence in it.

use std::sync::Arc;
use std::time::Duration;

use play_journal::{Batch, JournalError, crash};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Statement};

use crate::connect::{failed, is_undone, said};
use crate::session::Session;

/// Lines that may share one number of the sequence that orders them: the step of the sequence.
pub(crate) const PLACES: i64 = 1 << 20;

/// How often a statement that the database has undone is tried again.
const TRIES: u32 = 50;

/// All or nothing: what is not held any more leaves nothing to insert.
///
/// The rows of the leases are locked until the commit, so that whoever takes over comes before the statement, which then
/// writes nothing, or after it, and then finds the lines.
///
/// Arrays are taken apart in a list of what is selected, in step with each other: in `FROM` each would first be written down as a
/// whole, one beside the other, and what is longer than `work_mem` into a file.
const APPEND: &str = "\
WITH held AS MATERIALIZED (
  SELECT l.scope FROM play_leases l JOIN unnest($1::text[], $2::int8[]) AS o(scope, epoch)
  ON l.scope = o.scope AND l.epoch = o.epoch FOR UPDATE OF l
), fence AS MATERIALIZED (
  SELECT (SELECT count(*) FROM held) = cardinality($1::text[]) AS holds
), first AS MATERIALIZED (
  SELECT nextval('play_place') AS place FROM fence WHERE holds
), bodies AS (
  INSERT INTO play_blobs (digest, salt, body)
  SELECT unnest($7::bytea[]), unnest($8::bytea[]), unnest($9::bytea[]) FROM first
  ON CONFLICT DO NOTHING
), lines AS (
  INSERT INTO play_lines (chain, seq, place, hash, line)
  SELECT unnest($3::text[]), unnest($4::int8[]), generate_series(place, place + cardinality($4) - 1),
    unnest($5::bytea[]), unnest($6::bytea[]) FROM first
), opened AS (
  INSERT INTO play_leases (scope, epoch, worker) SELECT unnest($11::text[]), $10::int8, $10::int8 FROM first
)
SELECT holds, (SELECT place FROM first) FROM fence";

/// What is written together.
#[derive(Default)]
pub(crate) struct Group {
    /// Who writes it: the epoch of the runs that it opens, since nobody else ever had that number.
    worker: i64,
    opened: Vec<String>,
    scopes: Vec<String>,
    epochs: Vec<i64>,
    chains: Vec<Arc<str>>,
    seqs: Vec<i64>,
    hashes: Vec<[u8; 32]>,
    lines: Vec<Arc<[u8]>>,
    digests: Vec<Vec<u8>>,
    salts: Vec<Vec<u8>>,
    bodies: Vec<Vec<u8>>,
}

impl Group {
    /// One that this worker writes.
    pub(crate) fn of(worker: i64) -> Self {
        Self { worker, ..Self::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// What it is held to: a scope and its epoch.
    pub(crate) fn hold(&mut self, scope: &str, epoch: i64) {
        // What begins with this very group is nobody else's, and nothing is there yet to be held to.
        if self.opened.iter().any(|run| run == scope) {
            return;
        }
        if !self.scopes.iter().any(|s| s == scope) {
            self.scopes.push(scope.to_string());
            self.epochs.push(epoch);
        }
    }

    /// A run that begins with it, and is the worker's own from then on.
    pub(crate) fn open(&mut self, run: &str) {
        self.opened.push(run.to_string());
    }

    pub(crate) fn lines(&self) -> usize {
        self.lines.len()
    }

    /// The last line of a chain that is in it.
    pub(crate) fn last_of(&self, chain: &str) -> Option<u64> {
        let at = self.chains.iter().rposition(|name| **name == *chain)?;
        self.seqs.get(at).and_then(|seq| u64::try_from(*seq).ok())
    }

    /// Adds a batch that continues its chains: the chain and place of each line.
    pub(crate) fn add(&mut self, batch: &Batch, lines: &[(Arc<str>, i64)]) {
        for (line, (chain, seq)) in batch.lines.iter().zip(lines) {
            self.chains.push(Arc::clone(chain));
            self.seqs.push(*seq);
            self.hashes.push(line.hash);
            self.lines.push(Arc::clone(&line.bytes));
        }
        for blob in &batch.blobs {
            self.digests.push(blob.hash().to_vec());
            self.salts.push(blob.salt().to_vec());
            self.bodies.push(blob.body().to_vec());
        }
    }

    /// Whether a batch of so many lines still fits.
    pub(crate) fn has_room_for(&self, lines: usize) -> bool {
        i64::try_from(self.lines.len().saturating_add(lines)).is_ok_and(|n| n <= PLACES)
    }
}

/// A connection that appends.
pub(crate) struct Appender {
    client: Session,
    /// By which the server knows it.
    pub(crate) pid: i32,
    statement: Statement,
}

impl Appender {
    pub(crate) async fn new(client: Session) -> Result<Self, JournalError> {
        let (texts, numbers, bytes) = (Type::TEXT_ARRAY, Type::INT8_ARRAY, Type::BYTEA_ARRAY);
        let types = [
            texts.clone(),
            numbers.clone(),
            texts,
            numbers,
            bytes.clone(),
            bytes.clone(),
            bytes.clone(),
            bytes.clone(),
            bytes,
            Type::INT8,
            Type::TEXT_ARRAY,
        ];
        let statement =
            client.prepare_typed(APPEND, &types).await.map_err(failed("preparing to write evidence"))?;
        let pid = client.query_one("SELECT pg_backend_pid()", &[]).await.and_then(|row| row.try_get(0));
        let pid = pid.map_err(failed("preparing to write evidence"))?;
        Ok(Self { client, pid, statement })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Writes a group durably, or, when what it is held to is another's, nothing of it.
    pub(crate) async fn write(&self, group: &Group) -> Result<(), JournalError> {
        let mut tries = 0_u32;
        loop {
            crash::point("before an append");
            let written = self.once(group).await;
            crash::point("after an append");
            match written {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => return Err(self.fenced(group).await),
                Err(e) if is_undone(&e) && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(u64::from(tries))).await;
                }
                Err(e) => return Err(not_written(e)),
            }
        }
    }

    /// Where its first line stands in the order of all; `None` when what it is held to is another's.
    pub(crate) async fn once(&self, g: &Group) -> Result<Option<i64>, Error> {
        let chains: Vec<&str> = g.chains.iter().map(|chain| &**chain).collect();
        let hashes: Vec<&[u8]> = g.hashes.iter().map(|hash| &hash[..]).collect();
        let lines: Vec<&[u8]> = g.lines.iter().map(|line| &**line).collect();
        let row = self
            .client
            .query_one(
                &self.statement,
                &[
                    &g.scopes, &g.epochs, &chains, &g.seqs, &hashes, &lines, &g.digests, &g.salts, &g.bodies,
                    &g.worker, &g.opened,
                ],
            )
            .await?;
        row.try_get(1)
    }

    /// Who has it now, as far as that can be found out.
    pub(crate) async fn fenced(&self, group: &Group) -> JournalError {
        let sql = "SELECT o.scope, w.name FROM unnest($1::text[], $2::int8[]) AS o(scope, epoch) \
                   LEFT JOIN play_leases l ON l.scope = o.scope LEFT JOIN play_workers w ON w.worker = l.worker \
                   WHERE l.epoch IS NULL OR l.epoch <> o.epoch LIMIT 1";
        let row = self.client.query_opt(sql, &[&group.scopes, &group.epochs]).await.ok().flatten();
        let scope: Option<String> = row.as_ref().and_then(|r| r.try_get(0).ok());
        let name: Option<String> = row.as_ref().and_then(|r| r.try_get(1).ok()).flatten();
        fenced(scope.as_deref().unwrap_or_default(), name.as_deref())
    }
}

/// Why a group was not written.
pub(crate) fn not_written(e: Error) -> JournalError {
    if e.code() == Some(&SqlState::UNIQUE_VIOLATION) {
        let why = format!("somebody has written to its chains past the lease: {}", said(&e));
        return JournalError::io("writing evidence")(std::io::Error::other(why));
    }
    failed("writing evidence")(e)
}

/// That something is another's.
pub(crate) fn fenced(scope: &str, by: Option<&str>) -> JournalError {
    let what = if scope.is_empty() { "the store".to_string() } else { format!("the run {scope}") };
    let by = by.unwrap_or("another");
    JournalError::Fenced { why: format!("the lease was over, and {by} has taken {what} over") }
}

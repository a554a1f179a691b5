//! What is read of a database.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use futures_util::TryStreamExt as _;
use play_evidence::kinds::ChainOf;
use play_evidence::line::{hash, hex, read_hash};
use play_journal::{Blob, Damage, Head, JournalError, LineHead};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use crate::connect::{Shared, failed};

pub(crate) const LINES: &str = "play_lines";
pub(crate) const BLOBS: &str = "play_blobs";
pub(crate) const ARTIFACTS: &str = "play_artifacts";

/// Rows that are handed over at a time, and their size in bytes, about.
const PAGE: usize = 1000;
const PAGE_BYTES: usize = 1 << 20;

/// Pages that may wait to be taken.
const PAGES: usize = 4;

/// For `map_err` on reading a table.
fn reading(table: &str) -> impl FnOnce(tokio_postgres::Error) -> JournalError {
    failed(format!("reading {table}"))
}

fn damaged(table: &str, run: Option<(&str, u64)>, what: &str) -> JournalError {
    JournalError::Damaged(Box::new(Damage {
        file: table.to_string(),
        offset: None,
        run: run.map(|(run, _)| run.to_string()),
        seq: run.map(|(_, seq)| seq),
        what: what.to_string(),
    }))
}

fn bytes32(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.try_into().ok()
}

/// The end of a chain after the line of this row: `seq` and `hash`.
fn head_of(row: &Row, at: usize) -> Result<Head, JournalError> {
    let seq: i64 = row.try_get(at).map_err(reading(LINES))?;
    let bytes: &[u8] = row.try_get(at + 1).map_err(reading(LINES))?;
    let next_seq = u64::try_from(seq).ok().and_then(|n| n.checked_add(1));
    match (next_seq, bytes32(bytes)) {
        (Some(next_seq), Some(prev)) => Ok(Head { next_seq, prev }),
        _ => Err(damaged(LINES, None, "a line has no place in its chain, or no hash")),
    }
}

pub(crate) async fn head(client: &Client, chain: &str) -> Result<Option<Head>, JournalError> {
    let sql = "SELECT seq, hash FROM play_lines WHERE chain = $1 ORDER BY seq DESC LIMIT 1";
    // No chain has a name that the database does not take.
    if chain.contains('\0') {
        return Ok(None);
    }
    let row = client.query_opt(sql, &[&chain]).await.map_err(reading(LINES))?;
    row.map(|row| head_of(&row, 0)).transpose()
}

pub(crate) async fn heads(client: &Client) -> Result<BTreeMap<String, Head>, JournalError> {
    let sql = "SELECT DISTINCT ON (chain) chain, seq, hash FROM play_lines ORDER BY chain, seq DESC";
    let rows = client.query(sql, &[]).await.map_err(reading(LINES))?;
    rows.iter().map(|row| Ok((row.try_get(0).map_err(reading(LINES))?, head_of(row, 1)?))).collect()
}

pub(crate) async fn runs(client: &Client) -> Result<Vec<String>, JournalError> {
    let sql = "SELECT chain FROM play_lines WHERE seq = 0 ORDER BY place";
    let rows = client.query(sql, &[]).await.map_err(reading(LINES))?;
    let names = rows.iter().map(|row| row.try_get(0).map_err(reading(LINES)));
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    Ok(names.into_iter().filter(|name| ChainOf::named(name) == ChainOf::Run).collect())
}

/// The lines of a chain. That each is the one that the next names shows that they are as they were written.
pub(crate) async fn lines_of(client: &Client, chain: &str) -> Result<Vec<Vec<u8>>, JournalError> {
    if chain.contains('\0') {
        return Ok(Vec::new());
    }
    let sql = "SELECT hash, line FROM play_lines WHERE chain = $1 ORDER BY seq";
    let rows = client.query(sql, &[&chain]).await.map_err(reading(LINES))?;
    let mut lines = Vec::with_capacity(rows.len());
    let mut prev = [0; 32];
    for (seq, row) in (0_u64..).zip(&rows) {
        let stored: &[u8] = row.try_get(0).map_err(reading(LINES))?;
        let line: Vec<u8> = row.try_get(1).map_err(reading(LINES))?;
        prev = follows(chain, seq, &prev, stored, &line)
            .map_err(|what| damaged(LINES, Some((chain, seq)), what))?;
        lines.push(line);
    }
    Ok(lines)
}

/// The hash of a line that is where it was written, and as it was.
pub(crate) fn follows(
    chain: &str,
    seq: u64,
    prev: &[u8; 32],
    stored: &[u8],
    line: &[u8],
) -> Result<[u8; 32], &'static str> {
    let head = LineHead::read(line).ok_or("the line is not what was written")?;
    if head.run != chain || head.seq != seq || head.prev != *prev {
        return Err("this line, or the one before it in its chain, is not what was written");
    }
    let is = hash(line);
    if is[..] != *stored {
        return Err("the line is not what was written");
    }
    Ok(is)
}

pub(crate) async fn blob(client: &Client, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
    let Some(wanted) = read_hash(digest) else { return Ok(None) };
    let sql = "SELECT salt, body FROM play_blobs WHERE digest = $1";
    let row = client.query_opt(sql, &[&wanted.as_slice()]).await.map_err(reading(BLOBS))?;
    let Some(row) = row else { return Ok(None) };
    let salt: &[u8] = row.try_get(0).map_err(reading(BLOBS))?;
    let body: Vec<u8> = row.try_get(1).map_err(reading(BLOBS))?;
    let blob = bytes32(salt).map(|salt| Blob::new(salt, body)).filter(|blob| blob.hash() == wanted);
    let what = format!("the blob {digest} is not what was written");
    blob.map(|b| Some(b.body().to_vec())).ok_or_else(|| damaged(BLOBS, None, &what))
}

pub(crate) async fn artifact(client: &Client, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
    let Some(wanted) = read_hash(digest) else { return Ok(None) };
    let sql = "SELECT program FROM play_artifacts WHERE digest = $1";
    let row = client.query_opt(sql, &[&wanted.as_slice()]).await.map_err(reading(ARTIFACTS))?;
    let Some(row) = row else { return Ok(None) };
    let bytes: Vec<u8> = row.try_get(0).map_err(reading(ARTIFACTS))?;
    if hash(&bytes) != wanted {
        return Err(damaged(ARTIFACTS, None, &format!("the artifact {digest} is not what its name says")));
    }
    Ok(Some(bytes))
}

pub(crate) async fn put_artifact(client: &Client, bytes: &[u8]) -> Result<String, JournalError> {
    let digest = hash(bytes);
    let sql = "INSERT INTO play_artifacts (digest, program) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    client
        .execute(sql, &[&digest.as_slice(), &bytes])
        .await
        .map_err(failed(format!("writing the artifact {}", hex(&digest))))?;
    Ok(hex(&digest))
}

/// Rows that are handed over together, and what makes room for others once they are taken.
pub(crate) type Page = (Vec<Row>, OwnedSemaphorePermit);

/// Hands over the rows of a query as of one moment, in pages, on a connection of its own: whoever takes them may take long.
pub(crate) async fn pages(
    shared: &Shared,
    sql: &str,
    size: fn(&Row) -> usize,
    to: Sender<Page>,
) -> Result<(), JournalError> {
    let client = shared.connect("reading lines").await?;
    let room = Arc::new(Semaphore::new(PAGES));
    let none: [&(dyn ToSql + Sync); 0] = [];
    let rows = client.query_raw(sql, none).await.map_err(reading(LINES))?;
    let mut rows = pin!(rows);
    let (mut page, mut bytes) = (Vec::new(), 0_usize);
    loop {
        let row = rows.try_next().await.map_err(reading(LINES))?;
        let ended = row.is_none();
        if let Some(row) = row {
            bytes = bytes.saturating_add(size(&row));
            page.push(row);
        }
        if page.len() >= PAGE || bytes >= PAGE_BYTES || ended {
            // Never closed.
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return Ok(()) };
            bytes = 0;
            if to.send((std::mem::take(&mut page), permit)).is_err() || ended {
                return Ok(());
            }
        }
    }
}

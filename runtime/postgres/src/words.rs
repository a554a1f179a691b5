//! What persons say to those who share a store: it stands in a table until whoever drives the run has taken it and answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use play_journal::{Heard, JournalError, Word};
use tokio_postgres::{Client, Error};

use crate::connect::failed;

/// How often somebody who spoke looks for an answer.
const LOOK: Duration = Duration::from_millis(100);

/// How long something that was said may be taken. One that has lost its runs is waited out, and whoever takes them over may begin.
pub(crate) const WITHIN: Duration = Duration::from_secs(20);

/// Whether services share the store: those who take over what others leave, and hear what is said.
pub(crate) async fn is_shared(client: &Client) -> Result<bool, JournalError> {
    let sql = "SELECT 1 FROM play_workers WHERE shares = 1 AND until > clock_timestamp() LIMIT 1";
    let row = client.query_opt(sql, &[]).await.map_err(failed("asking who shares the store"))?;
    Ok(row.is_some())
}

/// Says something, and waits for the answer. Whoever has not taken it in time does not take it any more. What is told beside is whether
/// it may be written, and count, where nobody waits until this is over.
pub(crate) async fn say(
    client: &Client,
    run: &str,
    said: &str,
    within: Duration,
    may_count: &AtomicBool,
) -> Result<Heard, JournalError> {
    if let Some(owner) = deaf(client, run).await? {
        return Ok(Heard::Deaf(owner));
    }
    said_and_heard(client, (run, said), within, may_count)
        .await
        .map_err(failed("saying something to those who share the store"))
}

/// The owner of a run, where it hears nothing: it drives what it has opened until it ends.
async fn deaf(client: &Client, run: &str) -> Result<Option<String>, JournalError> {
    let sql = "SELECT w.name FROM play_leases l JOIN play_workers w ON w.worker = l.worker \
               WHERE l.scope = $1 AND w.shares = 2 AND w.until > clock_timestamp()";
    let doing = || failed("asking who has a run");
    let row = client.query_opt(sql, &[&run]).await.map_err(doing())?;
    row.map(|row| row.try_get(0)).transpose().map_err(doing())
}

async fn said_and_heard(
    client: &Client,
    (run, said): (&str, &str),
    within: Duration,
    may_count: &AtomicBool,
) -> Result<Heard, Error> {
    let sql = "INSERT INTO play_words (word, run, said, until) VALUES (nextval('play_epoch'), $1, $2, \
               clock_timestamp() + $3::float8 * interval '1 second') RETURNING word";
    may_count.store(true, Ordering::SeqCst);
    let written = client.query_one(sql, &[&run, &said, &within.as_secs_f64()]).await;
    // Once it is written it may count, whatever becomes of this connection; also where that shows only now.
    let word: i64 = match written {
        Err(e) if e.is_closed() || client.is_closed() => return Ok(Heard::Unknown),
        written => {
            may_count.store(written.is_ok(), Ordering::SeqCst);
            written?.try_get(0)?
        }
    };
    Ok(answer_to(client, word, within).await.unwrap_or(Heard::Unknown))
}

async fn answer_to(client: &Client, word: i64, within: Duration) -> Result<Heard, Error> {
    let start = std::time::Instant::now();
    loop {
        tokio::time::sleep(LOOK).await;
        let row = client.query_opt("SELECT answer FROM play_words WHERE word = $1", &[&word]).await?;
        let answer: Option<String> = match row {
            Some(row) => row.try_get(0)?,
            // Somebody has tidied up: nobody answers any more.
            None => return Ok(Heard::Unknown),
        };
        if let Some(answer) = answer {
            client.execute("DELETE FROM play_words WHERE word = $1", &[&word]).await?;
            return Ok(Heard::Answered(answer));
        }
        if start.elapsed() > within {
            // Either nobody has taken it, and nobody does from now on, or somebody has.
            let gone =
                client.execute("DELETE FROM play_words WHERE word = $1 AND taken = 0", &[&word]).await?;
            if gone > 0 {
                return Ok(Heard::ByNobody);
            }
            if start.elapsed() > within.saturating_mul(2) {
                return Ok(Heard::Unknown);
            }
        }
    }
}

/// Takes what was said to runs of this worker, or to nobody's.
pub(crate) async fn hear(client: &Client, worker: i64, most: i64) -> Result<Vec<Word>, JournalError> {
    let sql = "WITH free AS MATERIALIZED (SELECT w.word FROM play_words w LEFT JOIN play_leases l ON l.scope = w.run \
               WHERE w.taken = 0 AND w.until > clock_timestamp() AND (l.worker = $1 OR l.scope IS NULL) \
               AND EXISTS (SELECT 1 FROM play_workers p WHERE p.worker = $1) \
               ORDER BY w.word LIMIT $2 FOR UPDATE OF w SKIP LOCKED) \
               UPDATE play_words SET taken = $1 WHERE word IN (SELECT word FROM free) AND taken = 0 \
               RETURNING word, run, said";
    let doing = || failed("hearing what was said");
    let rows = client.query(sql, &[&worker, &most]).await.map_err(doing())?;
    let word = |row: &tokio_postgres::Row| {
        Ok(Word { word: row.try_get(0)?, run: row.try_get(1)?, said: row.try_get(2)? })
    };
    let mut words = rows.iter().map(word).collect::<Result<Vec<Word>, Error>>().map_err(doing())?;
    words.sort_by_key(|word| word.word);
    Ok(words)
}

/// Answers something, and removes what nobody waits for any more.
pub(crate) async fn answer(client: &Client, word: i64, answer: &str) -> Result<(), JournalError> {
    let doing = || failed("answering what was said");
    client
        .execute("UPDATE play_words SET answer = $2 WHERE word = $1", &[&word, &answer])
        .await
        .map_err(doing())?;
    let old = "DELETE FROM play_words WHERE until < clock_timestamp() - interval '5 minutes'";
    client.execute(old, &[]).await.map_err(doing()).map(drop)
}

//! Who may write what: workers, leases by the clock of the server, and epochs.
//!
//! A worker has its lease as long as it renews it. What is its own says so with an epoch that nobody ever had before, and
//! every append asks for it in its own statement. So whoever takes over only has to change the epoch: a worker that comes
//! back from a pause writes nothing, whatever it believes.
//!
//! A worker is there as long as it has a row. Whoever takes something over first removes the rows of those whose time is over,
//! and only what belongs to nobody who is there is taken: so one whose row could still be renewed has lost nothing.

use std::time::{Duration, SystemTime};

use play_journal::JournalError;
use tokio_postgres::{Client, Error, Row, Transaction};

use crate::connect::{failed, is_undone};

/// The scope that is everything.
pub(crate) const EVERYTHING: &str = "";

/// How often what the database has undone is tried again.
const TRIES: usize = 20;

/// What one has who asked for a lease.
pub(crate) enum Asked<T> {
    /// It.
    Got(T),
    /// Somebody else has it.
    Busy(Holder),
}

/// Who has a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub worker: i64,
    pub name: String,
    /// Until when, in microseconds by the clock of the server.
    pub until: i64,
    /// How long that is from now, by the same.
    pub left: Duration,
}

/// What a worker is to others. The number is what stands in `play_workers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It has the store alone.
    Alone = 0,
    /// It shares it, takes over what others leave, and hears what is said to its runs.
    Service = 1,
    /// It shares it, and drives what it opens itself, no more.
    Beside = 2,
}

/// Enters a worker; gives its number.
pub(crate) async fn enter(
    client: &Client,
    name: &str,
    lease: Duration,
    part: Part,
) -> Result<i64, JournalError> {
    let sql = "INSERT INTO play_workers (worker, name, until, shares) VALUES (nextval('play_epoch'), $1, \
               clock_timestamp() + $2::float8 * interval '1 second', $3) RETURNING worker";
    let doing = || failed("asking for a lease");
    let shares = part as i32;
    let row = client.query_one(sql, &[&name, &lease.as_secs_f64(), &shares]).await.map_err(doing())?;
    row.try_get(0).map_err(doing())
}

/// Renews the lease of a worker; whether there still was one to renew. Where there was, nobody has taken anything of it over.
pub(crate) async fn renew(client: &Client, worker: i64, lease: Duration) -> Result<bool, Error> {
    let sql = "UPDATE play_workers SET until = clock_timestamp() + $2::float8 * interval '1 second' WHERE worker = $1";
    Ok(client.execute(sql, &[&worker, &lease.as_secs_f64()]).await? > 0)
}

/// Ends the lease of a worker: what is its own may be taken at once.
pub(crate) async fn leave(client: &Client, worker: i64) -> Result<(), JournalError> {
    let sql = "DELETE FROM play_workers WHERE worker = $1";
    client.execute(sql, &[&worker]).await.map_err(failed("giving the lease back")).map(drop)
}

/// One who has a lease, other than the one who asks: of everything, or also of single chains, or who shares the store.
async fn holder(t: &Transaction<'_>, worker: i64, of_anything: bool) -> Result<Option<Holder>, Error> {
    let sql = "SELECT w.worker, w.name, (extract(epoch FROM w.until) * 1000000)::int8, \
               extract(epoch FROM w.until - clock_timestamp())::float8 \
               FROM play_workers w WHERE w.worker <> $1 AND ($2 AND w.shares <> 0 \
               OR EXISTS (SELECT 1 FROM play_leases l WHERE l.worker = w.worker AND (l.scope = '' OR $2))) LIMIT 1";
    t.query_opt(sql, &[&worker, &of_anything]).await?.as_ref().map(read_holder).transpose()
}

/// Tries again what the database has undone because others did something at the same time.
macro_rules! again {
    ($attempt:expr) => {{
        let mut tries = 0;
        loop {
            match $attempt.await {
                Err(e) if is_undone(&e) && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                other => break other,
            }
        }
    }};
    ($attempt:expr, $doing:expr) => {
        again!($attempt).map_err(failed($doing))
    };
}

/// Takes everything, where nobody has a lease of anything; gives the epoch.
pub(crate) async fn take_everything(client: &mut Client, worker: i64) -> Result<Asked<i64>, JournalError> {
    again!(try_everything(client, worker), "taking the store over")
}

async fn try_everything(client: &mut Client, worker: i64) -> Result<Asked<i64>, Error> {
    let t = client.transaction().await?;
    // Whoever takes anything holds this row meanwhile.
    t.query_one("SELECT worker FROM play_leases WHERE scope = '' FOR UPDATE", &[]).await?;
    bury(&t, worker).await?;
    if let Some(holder) = holder(&t, worker, true).await? {
        t.rollback().await?;
        return Ok(Asked::Busy(holder));
    }
    let sql =
        "UPDATE play_leases SET epoch = nextval('play_epoch'), worker = $1 WHERE scope = '' RETURNING epoch";
    let epoch = t.query_one(sql, &[&worker]).await?.try_get(0)?;
    t.execute("DELETE FROM play_leases WHERE scope <> ''", &[]).await?;
    t.commit().await?;
    Ok(Asked::Got(epoch))
}

/// A chain that is a worker's own, and its epoch.
pub(crate) type Owned = (String, i64);

/// Takes chains that nobody has, by name.
///
/// # Errors
/// What the database said. Where the answer to the last statement is lost, [`own_already`] finds what became of it.
pub(crate) async fn own(
    client: &mut Client,
    worker: i64,
    names: &[String],
) -> Result<Asked<Vec<Owned>>, Error> {
    let sql = "INSERT INTO play_leases (scope, epoch, worker) SELECT s.scope, nextval('play_epoch'), $1 \
               FROM unnest($2::text[]) AS s(scope) ON CONFLICT DO NOTHING RETURNING scope, epoch";
    again!(async {
        let t = client.transaction().await?;
        if let Some(holder) = alone(&t, worker).await? {
            t.rollback().await?;
            return Ok(Asked::Busy(holder));
        }
        let rows = t.query(sql, &[&worker, &names]).await?;
        let owned = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?))).collect::<Result<_, Error>>()?;
        t.commit().await?;
        Ok(Asked::Got(owned))
    })
}

/// Takes over chains whose owners' leases are over: the oldest first, at most so many, and none that others take at the same
/// time.
///
/// # Errors
/// As of [`own`].
pub(crate) async fn claim(client: &mut Client, worker: i64, most: i64) -> Result<Asked<Vec<Owned>>, Error> {
    // Owners that are not there any more: one after the other by the index, however many runs they have.
    let gone = "WITH RECURSIVE owner AS (SELECT min(worker) AS worker FROM play_leases WHERE scope <> '' \
                UNION ALL SELECT (SELECT min(l.worker) FROM play_leases l WHERE l.worker > o.worker AND l.scope <> '') \
                FROM owner o WHERE o.worker IS NOT NULL) \
                SELECT o.worker FROM owner o WHERE o.worker IS NOT NULL AND o.worker <> $1 \
                AND NOT EXISTS (SELECT 1 FROM play_workers w WHERE w.worker = o.worker)";
    // Only by columns of the row itself: those are looked at again where somebody has changed it meanwhile.
    let sql = "WITH free AS MATERIALIZED (SELECT l.scope FROM play_leases l WHERE l.scope <> '' AND l.worker = ANY ($3) \
               ORDER BY l.epoch LIMIT $2 FOR UPDATE OF l SKIP LOCKED) \
               UPDATE play_leases SET epoch = nextval('play_epoch'), worker = $1 \
               WHERE scope IN (SELECT scope FROM free) RETURNING scope, epoch";
    again!(async {
        let t = client.transaction().await?;
        if let Some(holder) = alone(&t, worker).await? {
            t.rollback().await?;
            return Ok(Asked::Busy(holder));
        }
        let owners = t.query(gone, &[&worker]).await?;
        let owners: Vec<i64> = owners.iter().map(|row| row.try_get(0)).collect::<Result<_, Error>>()?;
        if owners.is_empty() {
            t.commit().await?;
            return Ok(Asked::Got(Vec::new()));
        }
        let rows = t.query(sql, &[&worker, &most, &owners]).await?;
        let owned = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?))).collect::<Result<_, Error>>()?;
        t.commit().await?;
        Ok(Asked::Got(owned))
    })
}

/// The chains that a worker has, others than those that it has opened: these have its own number for an epoch. To be asked where it has
/// not heard what became of taking some. Of that nothing is under way any more: whoever takes something shares the row that this locks, and
/// ends with the statement to which it never heard the answer.
pub(crate) async fn own_already(client: &mut Client, worker: i64) -> Result<Vec<Owned>, Error> {
    let sql = "SELECT scope, epoch FROM play_leases WHERE worker = $1 AND epoch <> $1 AND scope <> ''";
    again!(async {
        let t = client.transaction().await?;
        t.query_one("SELECT worker FROM play_leases WHERE scope = '' FOR UPDATE", &[]).await?;
        let rows = t.query(sql, &[&worker]).await?;
        let owned = rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?))).collect::<Result<_, Error>>()?;
        t.commit().await?;
        Ok(owned)
    })
}

/// Removes the workers whose time is over. One that renews its lease meanwhile comes first, and stays, or finds that it is gone.
async fn bury(t: &Transaction<'_>, worker: i64) -> Result<(), Error> {
    let sql = "DELETE FROM play_workers WHERE worker <> $1 AND until <= clock_timestamp()";
    t.execute(sql, &[&worker]).await.map(drop)
}

/// Anybody who is at work, by what the tables of every version have. Those whose time is over are removed.
pub(crate) async fn anybody(t: &Transaction<'_>) -> Result<Option<Holder>, Error> {
    bury(t, 0).await?;
    let sql = "SELECT worker, name, (extract(epoch FROM until) * 1000000)::int8, \
               extract(epoch FROM until - clock_timestamp())::float8 FROM play_workers ORDER BY worker LIMIT 1";
    t.query_opt(sql, &[]).await?.as_ref().map(read_holder).transpose()
}

fn read_holder(row: &Row) -> Result<Holder, Error> {
    let left: f64 = row.try_get(3)?;
    Ok(Holder {
        worker: row.try_get(0)?,
        name: row.try_get(1)?,
        until: row.try_get(2)?,
        left: Duration::try_from_secs_f64(left).unwrap_or_default(),
    })
}

/// One who has everything for itself. None comes until the transaction ends.
async fn alone(t: &Transaction<'_>, worker: i64) -> Result<Option<Holder>, Error> {
    t.query_one("SELECT worker FROM play_leases WHERE scope = '' FOR SHARE", &[]).await?;
    bury(t, worker).await?;
    // Whoever had everything and is gone appends nothing any more, whatever it believes.
    let sql = "UPDATE play_leases SET epoch = nextval('play_epoch'), worker = 0 WHERE scope = '' AND worker <> 0 \
               AND NOT EXISTS (SELECT 1 FROM play_workers w WHERE w.worker = play_leases.worker)";
    t.execute(sql, &[]).await?;
    holder(t, worker, false).await
}

/// Whether somebody has everything for itself, so that nobody can share it now.
pub(crate) async fn is_alone(client: &mut Client, worker: i64) -> Result<Option<Holder>, JournalError> {
    again!(
        async {
            let t = client.transaction().await?;
            let holder = alone(&t, worker).await?;
            t.commit().await?;
            Ok(holder)
        },
        "joining others"
    )
}

/// By how much the clock of this machine is ahead of that of the server, at the least.
pub(crate) async fn ahead(client: &Client) -> Result<f64, Error> {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let before = now();
    let row = client.query_one("SELECT extract(epoch FROM clock_timestamp())::float8", &[]).await?;
    let after = now();
    let server: f64 = row.try_get(0)?;
    // What the question and its answer took may be anywhere.
    Ok(if server < before { before - server } else { (after - server).min(0.0) })
}

/// The name of a chain's owner, where it is somebody else who is there.
pub(crate) async fn owner(client: &Client, worker: i64, name: &str) -> Result<Option<String>, JournalError> {
    let sql = "SELECT w.name FROM play_leases l JOIN play_workers w ON w.worker = l.worker \
               WHERE l.scope = $1 AND w.worker <> $2 AND w.until > clock_timestamp()";
    let doing = || failed("asking who has a run");
    let row = client.query_opt(sql, &[&name, &worker]).await.map_err(doing())?;
    row.map(|row| row.try_get(0)).transpose().map_err(doing())
}

/// A worker has done what a line of the store's own chain says.
pub(crate) async fn heeds(client: &Client, worker: i64, seq: i64) -> Result<(), Error> {
    let sql = "UPDATE play_workers SET heeded = greatest(heeded, $2) WHERE worker = $1";
    client.execute(sql, &[&worker, &seq]).await.map(drop)
}

/// The names of the others who share the store and have not heeded a line. Those whose time is over are removed.
pub(crate) async fn not_told(
    client: &mut Client,
    worker: i64,
    seq: i64,
) -> Result<Vec<String>, JournalError> {
    let sql =
        "SELECT name FROM play_workers WHERE worker <> $1 AND shares <> 0 AND heeded < $2 ORDER BY worker";
    again!(
        async {
            let t = client.transaction().await?;
            bury(&t, worker).await?;
            let rows = t.query(sql, &[&worker, &seq]).await?;
            let names = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, Error>>()?;
            t.commit().await?;
            Ok(names)
        },
        "asking whether others know"
    )
}

/// Chains of which nothing more is to come are nobody's.
pub(crate) const LET_GO: &str =
    "DELETE FROM play_leases WHERE worker = $1 AND scope = ANY ($2::text[]) AND scope <> ''";
/// Others are taken over like those of one who is gone: there is no worker 0.
pub(crate) const HAND_OVER: &str = "UPDATE play_leases SET epoch = nextval('play_epoch'), worker = 0 \
                                    WHERE worker = $1 AND scope = ANY ($2::text[]) AND scope <> ''";

/// Gives chains away.
pub(crate) async fn give(
    client: &Client,
    worker: i64,
    names: &[String],
    how: &str,
) -> Result<(), JournalError> {
    client.execute(how, &[&worker, &names]).await.map_err(failed("letting runs go")).map(drop)
}

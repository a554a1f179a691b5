//! The tables, and how they come to be.

use play_evidence::line::hex;
use play_journal::JournalError;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, Transaction};

use crate::connect::{failed, is_twin, not_a_store};
use crate::lease::{self, Asked};
use crate::open::There;
use crate::url::Url;

/// Every step that made the tables what they are, in order. One that was released is never changed.
const STEPS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("shared.sql"),
    include_str!("words.sql"),
    include_str!("bytes.sql"),
];

/// The step since which several may share a store.
pub(crate) const SHARES: usize = 2;
/// The step since which those who share it hear what persons say.
pub(crate) const WORDS: usize = 3;

/// How often one who finds another at the same work begins again.
const TRIES: usize = 200;

/// What the store says of itself.
#[derive(Clone)]
pub(crate) struct About {
    pub id: String,
    pub salt: [u8; 32],
}

/// How many steps were made; none where there is no store.
async fn made(client: &Client) -> Result<usize, tokio_postgres::Error> {
    match client.query_one("SELECT coalesce(max(step), 0)::int8 FROM play_steps", &[]).await {
        Ok(row) => Ok(usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or(usize::MAX)),
        Err(e) if e.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(0),
        Err(e) => Err(e),
    }
}

/// Makes the steps that are missing. Several may try at once: one of them does it, and the others find it done.
///
/// An update is made when nobody writes: who is at work goes by the tables as they were. One who may be gone is waited for.
pub(crate) async fn migrate(client: &mut Client, url: &Url) -> Result<(), JournalError> {
    let mut there = There::default();
    for _ in 0..TRIES {
        let made = made(client).await.map_err(failed("reading what tables there are"))?;
        if made == STEPS.len() {
            return Ok(());
        }
        if made > STEPS.len() {
            return Err(later(url, made));
        }
        let tried = if made == 0 { create(client).await? } else { update(client).await };
        match tried {
            Ok(Asked::Got(())) => {}
            Ok(Asked::Busy(holder)) => there.wait(url, &holder).await.map_err(|e| match e {
                JournalError::Locked { store, holder } => JournalError::Locked {
                    store,
                    holder: format!("{holder}, with its tables as an earlier version made them (step {made}, this one needs {})", STEPS.len()),
                },
                e => e,
            })?,
            Err(e) if is_twin(&e) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            Err(e) => return Err(failed("making the tables")(e)),
        }
    }
    Err(not_a_store(url, "its tables could not be made: others were making them all the time"))
}

/// Makes all steps where there is nothing, as a whole or not at all.
async fn create(client: &mut Client) -> Result<Result<Asked<()>, Error>, JournalError> {
    let about = random()?;
    let work = async {
        let steps =
            "CREATE TABLE IF NOT EXISTS play_steps (step int8 PRIMARY KEY, made timestamptz NOT NULL)";
        client.batch_execute(steps).await?;
        let transaction = client.transaction().await?;
        // Its first line first of all: one who makes the same waits there, and finds it made.
        make(&transaction, 0).await?;
        let store = "INSERT INTO play_store (one, id, salt) VALUES (1, $1, $2)";
        transaction.execute(store, &[&about.id, &about.salt.as_slice()]).await?;
        transaction.commit().await?;
        Ok(Asked::Got(()))
    };
    Ok(work.await)
}

/// Makes the steps that an earlier version did not know, as a whole or not at all, where nobody writes.
async fn update(client: &mut Client) -> Result<Asked<()>, Error> {
    let transaction = client.transaction().await?;
    // Whoever takes anything, and each turn, holds this row meanwhile.
    transaction.query_one("SELECT worker FROM play_leases WHERE scope = '' FOR UPDATE", &[]).await?;
    let row = transaction.query_one("SELECT max(step) FROM play_steps", &[]).await?;
    let made = usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or(usize::MAX);
    if let Some(holder) = lease::anybody(&transaction).await? {
        transaction.rollback().await?;
        return Ok(Asked::Busy(holder));
    }
    // One who comes back from a pause writes nothing, whichever version it is; who has had what may be claimed is still said.
    transaction.execute("UPDATE play_leases SET epoch = nextval('play_epoch')", &[]).await?;
    transaction.execute("UPDATE play_leases SET worker = 0 WHERE scope = ''", &[]).await?;
    make(&transaction, made).await?;
    transaction.commit().await?;
    Ok(Asked::Got(()))
}

/// Makes the steps behind the first `made`.
async fn make(transaction: &Transaction<'_>, made: usize) -> Result<(), Error> {
    for (number, sql) in (1_i64..).zip(STEPS).skip(made) {
        let claim = "INSERT INTO play_steps (step, made) VALUES ($1, clock_timestamp())";
        transaction.execute(claim, &[&number]).await?;
        transaction.batch_execute(sql).await?;
    }
    Ok(())
}

fn random() -> Result<About, JournalError> {
    let (mut id, mut salt) = ([0; 16], [0; 32]);
    getrandom::fill(&mut id)
        .and_then(|()| getrandom::fill(&mut salt))
        .map_err(|e| JournalError::io("drawing random numbers")(std::io::Error::other(e.to_string())))?;
    Ok(About { id: hex(&id), salt })
}

fn later(url: &Url, made: usize) -> JournalError {
    let known = STEPS.len();
    not_a_store(url, format!("its tables were made by a later version (step {made}; this one knows {known})"))
}

/// Whether there is a store that this version can read: that of every version up to this one.
///
/// Lines, bodies and programs are where they have always been. Gives the step that it is at.
pub(crate) async fn check(client: &Client, url: &Url) -> Result<usize, JournalError> {
    match made(client).await.map_err(failed("reading what tables there are"))? {
        0 => Err(not_a_store(url, "there is none in this database yet; make one with `playc store init`")),
        n if n > STEPS.len() => Err(later(url, n)),
        n => Ok(n),
    }
}

/// Whether the tables are still those of this version, for one who has just been let in.
pub(crate) async fn is_current(client: &Client, url: &Url) -> Result<(), JournalError> {
    match made(client).await.map_err(failed("reading what tables there are"))? {
        n if n == STEPS.len() => Ok(()),
        n => Err(later(url, n)),
    }
}

/// The store's name for itself.
pub(crate) async fn id(client: &Client) -> Result<String, JournalError> {
    let doing = || failed("reading what the store says of itself");
    let row = client.query_one("SELECT id FROM play_store", &[]).await.map_err(doing())?;
    row.try_get(0).map_err(doing())
}

/// All that it says of itself: for those who write.
pub(crate) async fn about(client: &Client, url: &Url) -> Result<About, JournalError> {
    let doing = || failed("reading what the store says of itself");
    let row = client.query_one("SELECT id, salt FROM play_store", &[]).await.map_err(doing())?;
    let id: String = row.try_get(0).map_err(doing())?;
    let salt: Vec<u8> = row.try_get(1).map_err(doing())?;
    let salt = salt.try_into().map_err(|_| not_a_store(url, "its salt is not of 32 bytes"))?;
    Ok(About { id, salt })
}

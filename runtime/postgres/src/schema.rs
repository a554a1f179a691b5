//! The tables, and how they come to be.

use play_evidence::line::hex;
use play_journal::JournalError;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::connect::{failed, is_twin, not_a_store};
use crate::url::Url;

/// Every step that made the tables what they are, in order. One that was released is never changed.
const STEPS: &[&str] = &[include_str!("schema.sql"), include_str!("shared.sql"), include_str!("words.sql")];

/// How often one who finds another at the same work begins again.
const TRIES: usize = 20;

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

/// Makes the steps that are missing. Several may try at once.
pub(crate) async fn migrate(client: &mut Client, url: &Url) -> Result<(), JournalError> {
    let doing = "making the tables";
    for _ in 0..TRIES {
        let made = made(client).await.map_err(failed("reading what tables there are"))?;
        if made == STEPS.len() {
            return Ok(());
        }
        if made > STEPS.len() {
            return Err(later(url));
        }
        match step(client, made).await? {
            Ok(()) => {}
            Err(e) if is_twin(&e) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            Err(e) => return Err(failed(doing)(e)),
        }
    }
    Err(not_a_store(url, "its tables could not be made: others were making them all the time"))
}

/// Makes one step, as a whole or not at all.
async fn step(client: &mut Client, made: usize) -> Result<Result<(), tokio_postgres::Error>, JournalError> {
    let Some(sql) = STEPS.get(made) else { return Ok(Ok(())) };
    let about = if made == 0 { Some(random()?) } else { None };
    let work = async {
        if made == 0 {
            let steps =
                "CREATE TABLE IF NOT EXISTS play_steps (step int8 PRIMARY KEY, made timestamptz NOT NULL)";
            client.batch_execute(steps).await?;
        }
        let transaction = client.transaction().await?;
        // First of all: one who makes the same step waits here, and finds it made.
        let number = i64::try_from(made).unwrap_or(i64::MAX).saturating_add(1);
        let claim = "INSERT INTO play_steps (step, made) VALUES ($1, clock_timestamp())";
        transaction.execute(claim, &[&number]).await?;
        transaction.batch_execute(sql).await?;
        if let Some(about) = &about {
            let store = "INSERT INTO play_store (one, id, salt) VALUES (1, $1, $2)";
            transaction.execute(store, &[&about.id, &about.salt.as_slice()]).await?;
        }
        transaction.commit().await
    };
    Ok(work.await)
}

fn random() -> Result<About, JournalError> {
    let (mut id, mut salt) = ([0; 16], [0; 32]);
    getrandom::fill(&mut id)
        .and_then(|()| getrandom::fill(&mut salt))
        .map_err(|e| JournalError::io("drawing random numbers")(std::io::Error::other(e.to_string())))?;
    Ok(About { id: hex(&id), salt })
}

fn later(url: &Url) -> JournalError {
    not_a_store(url, "it was made by a later version")
}

/// Whether there is a store that this version can read and write.
pub(crate) async fn check(client: &Client, url: &Url) -> Result<(), JournalError> {
    match made(client).await.map_err(failed("reading what tables there are"))? {
        0 => Err(not_a_store(url, "there is none in this database yet; make one with `playc store init`")),
        n if n > STEPS.len() => Err(later(url)),
        n if n < STEPS.len() => {
            Err(not_a_store(url, "it was made by an earlier version; open it once for writing"))
        }
        _ => Ok(()),
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

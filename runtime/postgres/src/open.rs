//! Opening a store for writing, alone or beside others.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use play_journal::JournalError;
use tokio_postgres::Client;

use crate::append::Appender;
use crate::connect::{connect_to_write, failed, not_a_store};
use crate::desk::Owns;
use crate::lease::{self, Asked, Holder, Part};
use crate::life::{self, Life};
use crate::schema::{self, About};
use crate::session::Session;
use crate::turns::Turns;
use crate::url::Url;

/// What is made for one who writes.
pub(crate) struct Opened {
    pub appender: Appender,
    pub renewing: Session,
    pub reading: Session,
    pub about: About,
    pub worker: i64,
    pub owns: Owns,
    pub life: Life,
    pub turns: Option<Turns>,
}

/// Opens it.
pub(crate) async fn opened(url: &Url, lease: Duration, part: Part) -> Result<Opened, JournalError> {
    let mut client = connect_to_write(url, "writing").await?;
    schema::migrate(&mut client, url).await?;
    let about = schema::about(&client, url).await?;
    let alone = part == Part::Alone;
    let (worker, owns, life) = if alone {
        take_over(&mut client, url, lease).await?
    } else {
        join(&mut client, url, (lease, part)).await?
    };
    let turns = if alone { None } else { Some(Turns::new(&client, lease).await?) };
    Ok(Opened {
        appender: Appender::new(client).await?,
        renewing: connect_to_write(url, "renewing the lease").await?,
        reading: connect_to_write(url, "reading").await?,
        about,
        worker,
        owns,
        life,
        turns,
    })
}

/// Takes the store. One who has it and renews the lease is there; one who does not is waited for until it is over.
async fn take_over(
    client: &mut Client,
    url: &Url,
    lease: Duration,
) -> Result<(i64, Owns, Life), JournalError> {
    let mut there = There::default();
    loop {
        let since = life::now();
        let worker = lease::enter(client, &name(), lease, Part::Alone).await?;
        let mut asked = lease::take_everything(client, worker).await;
        if matches!(asked, Ok(Asked::Got(_)))
            && let Err(e) = schema::is_current(client, url).await
        {
            // Somebody has updated the tables since they were looked at. Nobody does while this one is there.
            asked = Err(e);
        }
        if !matches!(asked, Ok(Asked::Got(_))) {
            lease::leave(client, worker).await?;
        }
        match asked? {
            Asked::Got(epoch) => return Ok((worker, Owns::Everything(epoch), Life::new(lease, since))),
            Asked::Busy(holder) => there.wait(url, &holder).await?,
        }
    }
}

/// The one who has it, as it was when somebody first came upon it.
#[derive(Default)]
pub(crate) struct There(Option<(Holder, Instant)>);

impl There {
    /// Waits a little, where it may be gone. One who renews the lease is there.
    pub(crate) async fn wait(&mut self, url: &Url, holder: &Holder) -> Result<(), JournalError> {
        let (first, since) = self.0.get_or_insert_with(|| (holder.clone(), Instant::now()));
        // Another worker, or the same with more time than it had: somebody is there.
        let renewed = first.worker != holder.worker || first.until != holder.until;
        let over = first.left.saturating_add(Duration::from_secs(2)) < since.elapsed();
        if renewed || over {
            return Err(locked(url, holder));
        }
        tokio::time::sleep(holder.left.min(Duration::from_millis(200))).await;
        Ok(())
    }
}

/// So far may the clock of a worker be off that of the server, in seconds: what workers decide by time they decide together.
const OFF: f64 = 1.0;

/// Joins those who share it. One who has it alone is waited for, where that may be gone.
async fn join(
    client: &mut Client,
    url: &Url,
    (lease, part): (Duration, Part),
) -> Result<(i64, Owns, Life), JournalError> {
    let ahead = lease::ahead(client).await.map_err(failed("asking for the time"))?;
    if ahead.abs() > OFF {
        let which = if ahead > 0.0 { "ahead of" } else { "behind" };
        let why = format!(
            "the clock of this machine is {:.1} seconds {which} that of the server, and those who share a store go by the same \
             time: have both set by NTP, one second is the most",
            ahead.abs()
        );
        return Err(not_a_store(url, why));
    }
    let mut there = There::default();
    loop {
        let since = life::now();
        // First: whoever takes everything from now on finds that somebody shares it.
        let worker = lease::enter(client, &name(), lease, part).await?;
        let mut alone = lease::is_alone(client, worker).await;
        if matches!(alone, Ok(None))
            && let Err(e) = schema::is_current(client, url).await
        {
            alone = Err(e);
        }
        if !matches!(alone, Ok(None)) {
            lease::leave(client, worker).await?;
        }
        match alone? {
            None => return Ok((worker, Owns::Chains(HashMap::new()), Life::new(lease, since))),
            Some(holder) => there.wait(url, &holder).await?,
        }
    }
}

/// How this worker is called by others.
fn name() -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host = host.trim();
    let on = if host.is_empty() { String::new() } else { format!(" on {host}") };
    let since = play_evidence::line::time(Timestamp::now());
    format!("process {}{on} since {since}", std::process::id())
}

/// That somebody else has it.
pub(crate) fn locked(url: &Url, holder: &Holder) -> JournalError {
    JournalError::Locked { store: url.to_string().into(), holder: holder.name.clone() }
}

//! Keeping the lease: it is renewed each quarter of it, whatever became of the time before.
//!
//! An answer that comes late counts from when it was asked for, so it is waited for as long as it could be of use. Meanwhile another
//! session is tried, since the one may be gone without a word; never more than one beside it, since the server may be there and only
//! slow, or stuck.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::connect::{answered, connect_to_write};
use crate::lease;
use crate::life::{self, Life};
use crate::reach::WITHIN;
use crate::session::Session;
use crate::url::Url;

/// What came of asking once.
enum Came {
    /// The lease is renewed, as of then.
    Renewed((Instant, SystemTime), Session),
    /// There was none any more.
    Gone,
    /// Nothing, and on this session it can be tried again.
    Nothing(Session),
    /// Nothing.
    Silence,
}

/// Renews the lease until whoever writes has ended, or it was lost.
pub(crate) async fn renew(
    url: Url,
    session: Session,
    worker: i64,
    (lease, life): (Duration, Arc<Life>),
    mut stopped: oneshot::Receiver<()>,
) {
    // The server does not notice that nobody waits for an answer any more: behind a lock it would renew the lease whenever that is free,
    // also that of a process that has ended meanwhile.
    let mut idle = within(session, lease / 5 * 4).await;
    let mut asked = JoinSet::new();
    let mut next = tokio::time::Instant::now() + lease / 4;
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            Some(came) = asked.join_next() => match came {
                Ok(Came::Renewed(since, session)) => {
                    life.renewed(since);
                    // What the other has asked for is no more than that.
                    asked.abort_all();
                    idle = Some(session);
                    next = next.min(tokio::time::Instant::from_std(since.0) + lease / 4);
                }
                Ok(Came::Gone) => {
                    life.lost();
                    return;
                }
                Ok(Came::Nothing(session)) => idle = Some(session),
                // Aborted, or silent. Another may get through.
                Ok(Came::Silence) | Err(_) => {}
            },
            () = tokio::time::sleep_until(next) => {
                next = tokio::time::Instant::now() + lease / 4;
                if asked.len() < 2 {
                    asked.spawn(once(url.clone(), idle.take(), worker, lease));
                }
            }
        }
    }
}

/// Asks once, on a session or on one that is made for it.
async fn once(url: Url, session: Option<Session>, worker: i64, lease: Duration) -> Came {
    let session = match session.filter(|session| !session.is_closed()) {
        Some(session) => session,
        None => match further(&url, lease).await {
            Some(session) => session,
            None => return Came::Silence,
        },
    };
    let since = life::now();
    match answered(WITHIN.max(lease), lease::renew(&session, worker, lease)).await {
        Some(Ok(true)) => Came::Renewed(since, session),
        Some(Ok(false)) => Came::Gone,
        Some(Err(_)) if !session.is_closed() => Came::Nothing(session),
        Some(Err(_)) => Came::Silence,
        None => {
            session.give_up();
            Came::Silence
        }
    }
}

/// Another session. Where the server still is at what the one before has asked for, it does not queue up behind that.
async fn further(url: &Url, lease: Duration) -> Option<Session> {
    let session = connect_to_write(url, "renewing the lease").await.ok()?;
    within(session, lease / 4).await
}

/// One on which nothing waits for a lock for longer.
async fn within(session: Session, patience: Duration) -> Option<Session> {
    let limit = format!("SET lock_timeout = {}", patience.as_millis().max(1));
    answered(WITHIN, session.batch_execute(&limit)).await?.ok()?;
    Some(session)
}

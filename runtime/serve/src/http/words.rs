//! What is said to a run that another service drives: it goes there by way of the store, and so does the answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Json, Response};
use play_journal::{Heard, Journal, JournalError, OWN_CHAIN, Word};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};
use tower_service::Service as _;

use super::problem;
use crate::log::{Field, log};

/// How often it is looked whether something was said.
const LOOK: Duration = Duration::from_millis(200);
/// So much is taken at a time.
const MOST: usize = 16;
/// So often an answer is tried to be given, as long as the store is out of reach.
const ANSWERED: usize = 50;
/// The largest answer, in bytes.
const ANSWER: usize = 1 << 20;

/// It was brought here by way of the store, which only those write to who may say it. Nobody can say so from outside.
#[derive(Clone, Copy)]
pub(super) struct Brought;

/// So many are brought at a time. Each has a thread that waits for its answer, out of the 512 that wait for the store: the rest is for
/// those who take runs over, answer, and write.
pub(super) const BROUGHT: usize = 64;
/// How long one waits for its turn to be brought, and to be taken, together.
const PATIENCE: Duration = Duration::from_secs(20);

/// Brings something to the service that drives a run, and gives its answer.
pub(super) async fn bring(
    (journal, places): (&Arc<dyn Journal>, &Arc<Semaphore>),
    run: &str,
    what: &str,
    body: Value,
) -> Response {
    let began = Instant::now();
    let Ok(Ok(place)) = tokio::time::timeout(PATIENCE, Arc::clone(places).acquire_owned()).await else {
        let what = "too much is being brought to other services; nothing was said: say it again";
        return problem(StatusCode::SERVICE_UNAVAILABLE, what);
    };
    let (journal, run) = (Arc::clone(journal), run.to_string());
    let said = json!({ "what": what, "body": body }).to_string();
    // Of the same time: whoever spoke waits no longer because others were before it.
    let left = PATIENCE.saturating_sub(began.elapsed());
    let heard = tokio::task::spawn_blocking(move || {
        // For as long as it takes, also when whoever spoke has gone.
        let _place = place;
        journal.sharing().map(|s| s.say(&run, &said, left))
    })
    .await;
    let nobody = "nobody has taken it: whoever drove the run is gone, or busy; say it again";
    match heard {
        Ok(Some(Ok(Heard::Answered(answer)))) => answered(&answer),
        Ok(Some(Ok(Heard::ByNobody))) => problem(StatusCode::SERVICE_UNAVAILABLE, nobody),
        Ok(Some(Ok(Heard::Deaf(owner)))) => {
            let what = format!(
                "{owner} drives the run and hears no decision, and nothing was said: say it once that one has ended"
            );
            problem(StatusCode::CONFLICT, &what)
        }
        Ok(Some(Ok(Heard::Unknown))) => {
            let what = "it was taken and not answered: look whether it counts before it is said again";
            problem(StatusCode::GATEWAY_TIMEOUT, what)
        }
        Ok(Some(Err(e @ JournalError::Unreachable { .. }))) => {
            problem(StatusCode::SERVICE_UNAVAILABLE, &e.to_string())
        }
        _ => problem(StatusCode::INTERNAL_SERVER_ERROR, "it could not be brought to who drives the run"),
    }
}

fn answered(answer: &str) -> Response {
    let Ok(mut answer) = serde_json::from_str::<Value>(answer) else {
        return problem(StatusCode::BAD_GATEWAY, "the answer cannot be read");
    };
    let status = answer.get("status").and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok());
    let status = status.and_then(|n| StatusCode::from_u16(n).ok()).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, Json(answer.get_mut("body").map(Value::take).unwrap_or_default())).into_response()
}

/// Hears what is said to the runs of this service, until it ends.
pub(crate) async fn hear(journal: Arc<dyn Journal>, router: Router, mut ended: watch::Receiver<bool>) {
    let mut silent = None;
    loop {
        tokio::select! {
            () = crate::set(&mut ended) => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let from = Arc::clone(&journal);
        let heard = tokio::task::spawn_blocking(move || from.sharing().map(|s| s.hear(MOST))).await;
        let words = match heard {
            Ok(Some(Ok(words))) => words,
            Ok(Some(Err(e))) => {
                // A store that is lost ends the service by itself; anything else would go by in silence.
                let why = if e.passes() {
                    "the database cannot be reached"
                } else {
                    "play_words cannot be read: see the rights of this role"
                };
                if silent.replace(why) != Some(why) {
                    log("not_heard", &[("why", Field::Word(why))]);
                }
                continue;
            }
            _ => continue,
        };
        silent = None;
        for word in words {
            let (journal, router) = (Arc::clone(&journal), router.clone());
            tokio::spawn(async move {
                let (number, answer) = (word.word, dealt_with(router, word).await);
                let answer = answer.to_string();
                for _ in 0..ANSWERED {
                    let (journal, answer) = (Arc::clone(&journal), answer.clone());
                    let done = move || journal.sharing().map(|s| s.answer(number, &answer));
                    match tokio::task::spawn_blocking(done).await {
                        Ok(Some(Ok(()))) => return,
                        // The connection was lost; whoever spoke waits.
                        Ok(Some(Err(e))) if e.passes() => tokio::time::sleep(LOOK).await,
                        _ => break,
                    }
                }
                log("not_answered", &[("word", Field::Count(number.unsigned_abs()))]);
            });
        }
    }
}

/// As if it had been said over HTTP.
async fn dealt_with(mut router: Router, word: Word) -> Value {
    let answer = match request(&word) {
        Some(request) => match router.call(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        },
        None => problem(StatusCode::UNPROCESSABLE_ENTITY, "what was said cannot be read"),
    };
    let status = answer.status().as_u16();
    let bytes = to_bytes(answer.into_body(), ANSWER).await.unwrap_or_default();
    let body = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
    json!({ "status": status, "body": body })
}

fn request(word: &Word) -> Option<Request<Body>> {
    let said: Value = serde_json::from_str(&word.said).ok()?;
    let what = said.get("what").and_then(Value::as_str)?;
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !plain(what) || !plain(&word.run) {
        return None;
    }
    let path = match (word.run.as_str(), what) {
        (OWN_CHAIN, "pause" | "resume") => format!("/api/v1/{what}"),
        (OWN_CHAIN, _) => return None,
        (run, _) => format!("/api/v1/runs/{run}/{what}"),
    };
    let body = said.get("body")?.to_string();
    Request::post(path).extension(Brought).body(Body::from(body)).ok()
}

#[cfg(test)]
mod tests;

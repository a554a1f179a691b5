//! Records that come over HTTP, on their way to the engine and back: what became of each.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Json, Response};
use play_connect::records::read_records;
use play_engine::arrival;
use play_engine::intake::{Outcome, Record, found_text};
use play_engine::room::Full;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{State, problem};
use crate::service::{Arrived, Became, Broken, To};

/// Records in one request: more are to be sent in several.
const RECORDS: usize = 1_000;
/// How long a record may wait for a place before its sender is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Brings the records in a body, and says what became of each once that is durable.
pub(super) async fn bring(state: &State, bytes: &[u8], pointer: Option<&str>, pos: &str, to: To) -> Response {
    let records: Vec<_> = read_records(bytes, pointer).take(RECORDS.saturating_add(1)).collect();
    if records.len() > RECORDS {
        return problem(StatusCode::PAYLOAD_TOO_LARGE, &format!("at most {RECORDS} records in a request"));
    }
    if records.is_empty() {
        return problem(StatusCode::BAD_REQUEST, "there is no record in the body");
    }
    let full = *state.full.borrow();
    if full.is_some() {
        return is_full(state, full);
    }
    let mut told = Vec::with_capacity(records.len());
    let mut unreadable = false;
    for record in records {
        let pos = format!("{pos}:{}", record.index.saturating_add(1));
        let (tx, rx) = oneshot::channel();
        let record = match record.body {
            Ok(json) => {
                told.push((pos.clone(), Ok(rx)));
                // Of an event the part is kept that is one: whoever looks at it later knows of no pointer.
                let part = pointer.is_some() && matches!(to, To::Runs { .. });
                let raw = if part { json.to_string().into_bytes() } else { record.raw };
                Ok(Record { pos, raw, json })
            }
            Err(broken) => {
                unreadable = true;
                told.push((pos.clone(), Err(broken.why.clone())));
                Err(Broken { pos, why: broken.why })
            }
        };
        let arrived = Arrived { to, record, done: Some(tx) };
        // What was sent before this one is dealt with; the same request again finds it known.
        if state.records.send_timeout(arrived, PATIENCE).await.is_err() {
            state.metrics.refused("busy");
            return later("busy: send it again", "5");
        }
    }
    let mut all = Vec::with_capacity(told.len());
    for (pos, told) in told {
        all.push(match told {
            Err(why) => json!({ "pos": pos, "outcome": "unreadable", "why": why }),
            Ok(told) => match until_full(state, told).await {
                Ok(became) => shown(&pos, &became),
                Err(not_now) => return not_now,
            },
        });
    }
    let status = if unreadable { StatusCode::BAD_REQUEST } else { StatusCode::ACCEPTED };
    (status, Json(json!({ "version": 1, "records": all }))).into_response()
}

/// What became of a record, or why that is not known yet.
async fn until_full(state: &State, told: oneshot::Receiver<Became>) -> Result<Became, Response> {
    let mut full = state.full.clone();
    tokio::select! {
        biased;
        told = told => {
            // The service ends, or its store has failed: nothing is acknowledged.
            told.map_err(|_| problem(StatusCode::SERVICE_UNAVAILABLE, "ending: send it again"))
        }
        Ok(full) = full.wait_for(Option::is_some) => Err(is_full(state, *full)),
    }
}

fn is_full(state: &State, full: Option<Full>) -> Response {
    state.metrics.refused("full");
    let why = full.map(|full| full.to_string()).unwrap_or_default();
    later(&format!("{why}: send it again later"), "60")
}

/// Nothing is taken now; `seconds` later it may be.
fn later(why: &str, seconds: &'static str) -> Response {
    let mut answer = problem(StatusCode::SERVICE_UNAVAILABLE, why);
    answer.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static(seconds));
    answer
}

fn shown(pos: &str, became: &Became) -> Value {
    let mut value = json!({ "pos": pos, "outcome": became.word() });
    let more = match became {
        Became::Case(outcome) => of_case(outcome),
        Became::Event(outcome) => of_event(outcome),
    };
    if let Some(object) = value.as_object_mut() {
        object.extend(more.into_iter().map(|(k, v)| (k.to_string(), v)));
    }
    value
}

fn of_case(outcome: &Outcome) -> Vec<(&'static str, Value)> {
    let more = match outcome {
        Outcome::Accepted { run, case } => vec![("run", run.clone()), ("case", case.clone())],
        Outcome::Duplicate { into } => vec![("run", into.clone())],
        Outcome::Unmapped { source, why } => vec![
            ("source", source.clone()),
            ("field", why.field.clone()),
            ("path", why.path.clone()),
            ("expected", why.expected.clone()),
            ("found", found_text(why)),
        ],
        Outcome::Unrouted { case_type } => vec![("type", case_type.clone())],
        Outcome::Known | Outcome::Rejected => Vec::new(),
    };
    more.into_iter().map(|(name, text)| (name, text.into())).collect()
}

fn of_event(outcome: &arrival::Outcome) -> Vec<(&'static str, Value)> {
    match outcome {
        arrival::Outcome::Kept { calls, waited } => {
            vec![("events", calls.clone().into()), ("waited", (*waited).into())]
        }
        arrival::Outcome::Unmapped { event, why } => vec![
            ("event", event.clone().into()),
            ("field", why.field.clone().into()),
            ("path", why.path.clone().into()),
            ("expected", why.expected.clone().into()),
            ("found", found_text(why).into()),
        ],
        arrival::Outcome::Known | arrival::Outcome::Other => Vec::new(),
    }
}

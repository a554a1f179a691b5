//! Tickets. The same idempotency key twice is one ticket.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use super::{Known, refuse, reply};

/// Number of the first ticket.
const FIRST: u64 = 1042;

#[derive(Default)]
struct Tickets {
    opened: u64,
    /// Body and id, by key.
    by_key: HashMap<String, (Value, String)>,
}

type Shared = Arc<Mutex<Tickets>>;

pub(super) fn router() -> Router {
    Router::new().route("/api/tickets", post(open)).with_state(Shared::default())
}

async fn open(State(tickets): State<Shared>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).is_some_and(|t| !t.is_empty());
    if !text("title") || !text("severity") {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "a ticket needs a title and a severity");
    }
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok());
    let mut tickets = tickets.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((first, id)) = key.and_then(|k| tickets.by_key.get(k)) {
        if *first != body {
            return refuse(StatusCode::CONFLICT, "the key stands for another ticket");
        }
        let mut response = reply(StatusCode::OK, &json!({"id": id}));
        response.extensions_mut().insert(Known);
        return response;
    }
    let id = format!("SEC-{}", FIRST.saturating_add(tickets.opened));
    tickets.opened = tickets.opened.saturating_add(1);
    if let Some(key) = key {
        tickets.by_key.insert(key.into(), (body, id.clone()));
    }
    reply(StatusCode::CREATED, &json!({"id": id}))
}

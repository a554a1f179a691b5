//! Agents of SentinelOne, and cutting their machines off.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{is_missing, number, refuse, reply};

/// Agents that are cut off.
type Off = Arc<Mutex<HashSet<String>>>;

pub(super) fn router() -> Router {
    Router::new()
        .route("/web/api/v2.1/agents", get(agent))
        .route("/web/api/v2.1/agents/actions/{action}", post(act))
        .with_state(Off::default())
}

#[derive(Deserialize)]
struct Ids {
    ids: String,
}

async fn agent(State(off): State<Off>, Query(Ids { ids }): Query<Ids>) -> Response<Body> {
    if is_missing(&ids) {
        return refuse(StatusCode::NOT_FOUND, "no such agent");
    }
    let cut = off.lock().unwrap_or_else(PoisonError::into_inner).contains(&ids);
    let network = if cut { "disconnected" } else { "connected" };
    let name = format!("HOST-{}", number(&ids) % 1000);
    let agent = json!({"id": ids, "computerName": name, "osName": "Linux", "networkStatus": network, "infected": false});
    reply(StatusCode::OK, &json!({"data": [agent]}))
}

async fn act(State(off): State<Off>, Path(action): Path<String>, body: Bytes) -> Response<Body> {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(id) = body.pointer("/filter/ids/0").and_then(Value::as_str).filter(|id| !is_missing(id)) else {
        return refuse(StatusCode::NOT_FOUND, "no such agent");
    };
    let mut off = off.lock().unwrap_or_else(PoisonError::into_inner);
    match action.as_str() {
        "disconnect" => off.insert(id.to_string()),
        "connect" => off.remove(id),
        _ => return refuse(StatusCode::NOT_FOUND, "no such action"),
    };
    reply(StatusCode::OK, &json!({"data": {"affected": 1}}))
}

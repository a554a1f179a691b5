//! Hosts of CrowdStrike Falcon, and cutting them off.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{is_missing, number, refuse, reply};

/// Hosts that are contained.
type Contained = Arc<Mutex<HashSet<String>>>;

pub(super) fn router() -> Router {
    Router::new()
        .route("/devices/entities/devices/v2", get(host))
        .route("/devices/entities/devices-actions/v2", post(act))
        .with_state(Contained::default())
}

#[derive(Deserialize)]
struct Ids {
    ids: String,
}

async fn host(State(contained): State<Contained>, Query(Ids { ids }): Query<Ids>) -> Response<Body> {
    if is_missing(&ids) {
        return refuse(StatusCode::NOT_FOUND, "no such device");
    }
    let inside = contained.lock().unwrap_or_else(PoisonError::into_inner).contains(&ids);
    let n = number(&ids);
    let status = if inside { "contained" } else { "normal" };
    let host = json!({"device_id": ids, "hostname": format!("HOST-{}", n % 1000), "local_ip": format!("10.0.0.{}", n % 250),
        "os_version": "Windows 11", "last_seen": "2026-11-20T09:00:00Z", "status": status});
    reply(StatusCode::OK, &json!({"resources": [host]}))
}

#[derive(Deserialize)]
struct Action {
    action_name: String,
}

async fn act(
    State(contained): State<Contained>,
    Query(Action { action_name }): Query<Action>,
    body: Bytes,
) -> Response<Body> {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(id) = body.pointer("/ids/0").and_then(Value::as_str).filter(|id| !is_missing(id)) else {
        return refuse(StatusCode::NOT_FOUND, "no such device");
    };
    let mut contained = contained.lock().unwrap_or_else(PoisonError::into_inner);
    let changed = match action_name.as_str() {
        "contain" => contained.insert(id.to_string()),
        "lift_containment" => contained.remove(id),
        _ => return refuse(StatusCode::BAD_REQUEST, "no such action"),
    };
    if !changed {
        return refuse(StatusCode::CONFLICT, "the host is in that state already");
    }
    reply(StatusCode::ACCEPTED, &json!({"resources": [{"id": id}]}))
}

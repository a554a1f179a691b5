//! Users of Microsoft Graph: who they are, and whether their account is switched on.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::{is_missing, number, refuse, reply};

/// Accounts that are switched off.
type Off = Arc<Mutex<HashSet<String>>>;

pub(super) fn router() -> Router {
    Router::new()
        .route("/v1.0/users/{id}", get(user).patch(change))
        .route("/v1.0/users/{id}/revokeSignInSessions", post(revoke))
        .with_state(Off::default())
}

fn nobody() -> Response<Body> {
    refuse(StatusCode::NOT_FOUND, "Request_ResourceNotFound")
}

async fn user(State(off): State<Off>, Path(id): Path<String>) -> Response<Body> {
    if is_missing(&id) {
        return nobody();
    }
    let enabled = !off.lock().unwrap_or_else(PoisonError::into_inner).contains(&id);
    let n = number(&id) % 10_000;
    reply(
        StatusCode::OK,
        &json!({"id": id, "displayName": format!("User {n}"), "mail": format!("user-{n}@example.com"), "accountEnabled": enabled}),
    )
}

async fn change(State(off): State<Off>, Path(id): Path<String>, body: Bytes) -> Response<Body> {
    if is_missing(&id) {
        return nobody();
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(enabled) = body.get("accountEnabled").and_then(Value::as_bool) else {
        return refuse(StatusCode::BAD_REQUEST, "Request_BadRequest");
    };
    let mut off = off.lock().unwrap_or_else(PoisonError::into_inner);
    if enabled {
        off.remove(&id)
    } else {
        off.insert(id)
    };
    let mut done = Response::new(Body::empty());
    *done.status_mut() = StatusCode::NO_CONTENT;
    done
}

async fn revoke(Path(id): Path<String>) -> Response<Body> {
    if is_missing(&id) { nobody() } else { reply(StatusCode::OK, &json!({"value": true})) }
}

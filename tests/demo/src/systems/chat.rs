//! Messages to people. It keeps no keys: the same message twice is two messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use super::{refuse, reply};

pub(super) fn router() -> Router {
    Router::new().route("/messages", post(message)).with_state(Arc::new(AtomicU64::new(1)))
}

async fn message(State(next): State<Arc<AtomicU64>>, body: Bytes) -> Response<Body> {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).is_some_and(|t| !t.is_empty());
    if !text("channel") || !text("text") {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "a message needs a channel and a text");
    }
    let id = format!("m-{}", next.fetch_add(1, Ordering::Relaxed));
    reply(StatusCode::CREATED, &json!({"id": id}))
}

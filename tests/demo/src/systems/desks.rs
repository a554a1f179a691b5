//! Where issues, incidents and messages go: Jira, ServiceNow, Slack. Each counts for itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use super::{is_missing, refuse, reply};

type Count = Arc<AtomicU64>;

pub(super) fn jira() -> Router {
    Router::new()
        .route("/rest/api/3/issue", post(issue))
        .route("/rest/api/3/issue/{key}/comment", post(comment))
        .with_state(Count::default())
}

pub(super) fn servicenow() -> Router {
    Router::new().route("/api/now/table/incident", post(incident)).with_state(Count::default())
}

pub(super) fn slack() -> Router {
    Router::new().route("/api/chat.postMessage", post(message)).with_state(Count::default())
}

fn next(count: &Count) -> u64 {
    count.fetch_add(1, Ordering::Relaxed).saturating_add(1)
}

/// Whether text stands at each of these places.
fn has(body: &Bytes, places: &[&str]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    places.iter().all(|at| body.pointer(at).and_then(Value::as_str).is_some_and(|text| !text.is_empty()))
}

/// Whether a document of Jira stands there, with some text in it and nothing but text: no link, no mention.
fn is_document(body: &Bytes, at: &str) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(document) = body.pointer(at) else { return false };
    let parts = |of: &Value| of["content"].as_array().cloned().unwrap_or_default();
    let plain = |piece: &Value| {
        piece["type"] == "text"
            && piece["text"].as_str().is_some_and(|text| !text.is_empty())
            && piece.get("marks").is_none()
    };
    let paragraphs = parts(document);
    document["type"] == "doc"
        && document["version"] == 1
        && paragraphs.iter().all(|p| p["type"] == "paragraph" && parts(p).iter().all(plain))
        && paragraphs.iter().any(|p| !parts(p).is_empty())
}

async fn issue(State(count): State<Count>, body: Bytes) -> Response<Body> {
    let said = has(&body, &["/fields/project/key", "/fields/issuetype/name", "/fields/summary"]);
    if !said || !is_document(&body, "/fields/description") {
        return refuse(StatusCode::BAD_REQUEST, "an issue needs a project, a type and a summary");
    }
    let n = next(&count);
    reply(
        StatusCode::CREATED,
        &json!({"id": format!("{}", 10_000_u64.saturating_add(n)), "key": format!("SEC-{n}")}),
    )
}

async fn comment(State(count): State<Count>, Path(key): Path<String>, body: Bytes) -> Response<Body> {
    if is_missing(&key) {
        return refuse(StatusCode::NOT_FOUND, "no such issue");
    }
    if !is_document(&body, "/body") {
        return refuse(StatusCode::BAD_REQUEST, "a comment needs a body");
    }
    reply(StatusCode::CREATED, &json!({"id": format!("{}", next(&count))}))
}

async fn incident(State(count): State<Count>, body: Bytes) -> Response<Body> {
    if !has(&body, &["/short_description", "/description", "/urgency", "/impact"]) {
        return refuse(StatusCode::BAD_REQUEST, "an incident needs words, an urgency and an impact");
    }
    let number = format!("INC{:07}", next(&count));
    reply(StatusCode::CREATED, &json!({"result": {"number": number, "sys_id": "0"}}))
}

/// What is wrong is said with status 200, as Slack does.
async fn message(State(count): State<Count>, body: Bytes) -> Response<Body> {
    if !has(&body, &["/channel", "/blocks/0/text/text"]) {
        return reply(StatusCode::OK, &json!({"ok": false, "error": "no_text"}));
    }
    reply(StatusCode::OK, &json!({"ok": true, "ts": format!("1795165200.{:06}", next(&count))}))
}

//! The systems: one file each.

mod assets;
mod aws;
mod chat;
mod desks;
mod entra;
mod falcon;
mod intel;
mod okta;
mod sentinelone;
mod tickets;
mod token;
mod virustotal;

pub(crate) use token::PATH as TOKEN_PATH;

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use serde::Serialize;

/// All systems, with nothing done to them yet. Those that give tokens give this one.
pub(crate) fn router(token: Option<&str>) -> Router {
    Router::new()
        .nest("/okta", okta::router())
        .nest("/intel", intel::router())
        .nest("/aws", aws::router())
        .nest("/assets", assets::router())
        .nest("/tickets", tickets::router())
        .nest("/chat", chat::router())
        .nest("/entra", entra::router().merge(token::router(token)))
        .nest("/falcon", falcon::router().merge(token::router(token)))
        .nest("/sentinelone", sentinelone::router())
        .nest("/jira", desks::jira())
        .nest("/servicenow", desks::servicenow())
        .nest("/slack", desks::slack())
        .nest("/virustotal", virustotal::router())
        .fallback(|| async { refuse(StatusCode::NOT_FOUND, "there is no such address") })
}

/// Marks an answer to a write that had been done before, under the same key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known;

/// An answer in JSON.
pub(crate) fn reply<T: Serialize>(status: StatusCode, body: &T) -> Response<Body> {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

/// A refusal, in the form of Okta's errors.
pub(crate) fn refuse(status: StatusCode, why: &str) -> Response<Body> {
    reply(status, &serde_json::json!({ "errorSummary": why }))
}

/// Nothing stands under such an id.
fn is_missing(id: &str) -> bool {
    id.starts_with("missing")
}

/// A number out of an id, always the same (FNV-1a).
fn number(id: &str) -> u64 {
    id.bytes().fold(0xCBF2_9CE4_8422_2325, |n, b| (n ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01B3))
}

/// One of several, by a number.
fn pick<'a>(of: &[&'a str], by: u64) -> &'a str {
    let len = u64::try_from(of.len()).unwrap_or(1).max(1);
    of.get(usize::try_from(by % len).unwrap_or(0)).copied().unwrap_or("")
}

//! What engines say of files, domains and addresses.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use serde_json::json;

use super::{is_missing, number, refuse, reply};

pub(super) fn router() -> Router {
    Router::new()
        .route("/api/v3/files/{id}", get(report))
        .route("/api/v3/domains/{id}", get(report))
        .route("/api/v3/ip_addresses/{id}", get(report))
}

async fn report(Path(id): Path<String>) -> Response<Body> {
    if is_missing(&id) {
        return refuse(StatusCode::NOT_FOUND, "NotFoundError");
    }
    let malicious = number(&id) % 40;
    let stats = json!({"malicious": malicious, "suspicious": 1, "harmless": 60_u64.saturating_sub(malicious), "undetected": 9});
    reply(StatusCode::OK, &json!({"data": {"attributes": {"last_analysis_stats": stats, "reputation": -3}}}))
}

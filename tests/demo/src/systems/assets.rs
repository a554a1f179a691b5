//! The inventory of cloud accounts.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use serde_json::json;

use super::{number, pick, refuse, reply};

pub(super) fn router() -> Router {
    Router::new().route("/{account}", get(owner))
}

async fn owner(Path(account): Path<String>) -> Response<Body> {
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
        return refuse(StatusCode::NOT_FOUND, "there is no such account");
    }
    let n = number(&account);
    let (name, owner, team, stage) = match account.as_str() {
        "111122223333" => ("shop-production", "ada.hartmann", "Shop", "Production"),
        "444455556666" => ("lab", "ben.okafor", "Research", "Sandbox"),
        _ => ("unlisted", "cloud", "Cloud", pick(&["Production", "Staging", "Sandbox"], n)),
    };
    let owner = format!("{owner}@example.com");
    reply(
        StatusCode::OK,
        &json!({"account": account, "name": name, "owner": owner, "team": team, "stage": stage}),
    )
}

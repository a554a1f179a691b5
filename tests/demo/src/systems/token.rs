//! Tokens for the credentials of a client, as OAuth 2.0 gives them: the one that the server asks for.

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::routing::post;
use serde_json::json;

use super::reply;

/// Where a system gives tokens: no token is needed to get one.
pub(crate) const PATH: &str = "/oauth2/token";

pub(super) fn router(token: Option<&str>) -> Router {
    let token = token.unwrap_or("any").to_string();
    Router::new().route(PATH, post(move || async move { given(&token) }))
}

fn given(token: &str) -> Response<Body> {
    reply(StatusCode::OK, &json!({"access_token": token, "token_type": "bearer", "expires_in": 3600}))
}

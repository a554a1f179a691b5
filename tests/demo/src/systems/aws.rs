//! Cloud principals, and cutting them off.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde_json::json;

use super::{is_missing, number, pick, refuse, reply};

/// A principal of the examples: id, name, kind, active keys, last use, quarantined from the beginning.
type Known = (&'static str, &'static str, &'static str, u64, &'static str, bool);

const PRINCIPALS: [Known; 3] = [
    ("AIDAEXAMPLE0DEPLOYSHOP", "deploy-shop", "IAMUser", 2, "2026-11-20T09:41:00Z", false),
    ("AROAEXAMPLE0BATCHEXPORT:nightly", "batch-export", "AssumedRole", 1, "2026-11-20T09:40:00Z", true),
    (PROTECTED, "ci-runner", "IAMUser", 1, "2026-11-20T09:39:00Z", false),
];

/// Nobody may quarantine this one.
const PROTECTED: &str = "AIDAEXAMPLE00CIRUNNER";

/// Deny-all policies in place, by principal.
#[derive(Default)]
struct Iam {
    policies: HashMap<String, Vec<String>>,
    made: u64,
}

type Shared = Arc<Mutex<Iam>>;

pub(super) fn router() -> Router {
    Router::new()
        .route("/principals/{id}", get(principal))
        .route("/principals/{id}/quarantine", post(quarantine))
        .route("/principals/{id}/release", post(release))
        .with_state(Shared::default())
}

fn known(id: &str) -> Option<&'static Known> {
    PRINCIPALS.iter().find(|p| p.0 == id)
}

fn no_principal() -> Response<Body> {
    refuse(StatusCode::NOT_FOUND, "NoSuchEntity")
}

/// The policies of a principal; one that is quarantined from the beginning has one.
fn policies<'a>(iam: &'a mut Iam, id: &str) -> &'a mut Vec<String> {
    let first =
        || if known(id).is_some_and(|p| p.5) { vec!["PlayDenyAll-0".to_string()] } else { Vec::new() };
    iam.policies.entry(id.to_string()).or_insert_with(first)
}

async fn principal(State(iam): State<Shared>, Path(id): Path<String>) -> Response<Body> {
    if is_missing(&id) {
        return no_principal();
    }
    let quarantined = !policies(&mut iam.lock().unwrap_or_else(PoisonError::into_inner), &id).is_empty();
    let n = number(&id);
    let body = match known(&id) {
        Some((id, name, kind, keys, used, _)) => {
            json!({"id": id, "name": name, "kind": kind, "keys": keys, "last_used": used, "quarantined": quarantined})
        }
        None => {
            let kind = pick(&["IAMUser", "AssumedRole"], n);
            json!({"id": id, "name": format!("principal-{}", n % 10_000), "kind": kind, "keys": n % 3, "quarantined": quarantined})
        }
    };
    reply(StatusCode::OK, &body)
}

async fn quarantine(State(iam): State<Shared>, Path(id): Path<String>) -> Response<Body> {
    if is_missing(&id) {
        return no_principal();
    }
    if id == PROTECTED {
        return refuse(StatusCode::FORBIDDEN, "AccessDenied: a boundary protects this principal");
    }
    let mut iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
    iam.made = iam.made.saturating_add(1);
    let policy = format!("PlayDenyAll-{}", iam.made);
    policies(&mut iam, &id).push(policy.clone());
    reply(StatusCode::OK, &json!({"id": id, "policy": policy}))
}

async fn release(State(iam): State<Shared>, Path(id): Path<String>) -> Response<Body> {
    if is_missing(&id) {
        return no_principal();
    }
    match policies(&mut iam.lock().unwrap_or_else(PoisonError::into_inner), &id).pop() {
        Some(policy) => reply(StatusCode::OK, &json!({"id": id, "policy": policy})),
        None => refuse(StatusCode::CONFLICT, "the principal is not quarantined"),
    }
}

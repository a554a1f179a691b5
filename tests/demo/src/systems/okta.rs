//! Identities: users, their last sign-ins, suspension.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{is_missing, number, pick, refuse, reply};

/// A user of the examples: id, login, name, department, manager, status, country and address of the last sign-in.
type Known = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const USERS: [Known; 4] = [
    (
        "00u1ben3KdSwZ8yUe4x7",
        "ben.okafor",
        "Ben Okafor",
        "Sales",
        "mia.lang",
        "ACTIVE",
        "Germany",
        "203.0.113.12",
    ),
    (
        "00u1cleo5HjNbF6Ta4x7",
        "cleo.marchetti",
        "Cleo Marchetti",
        "Finance",
        "mia.lang",
        "ACTIVE",
        "Germany",
        "203.0.113.17",
    ),
    (
        "00u1dag9MvCqR1oPi4x7",
        "dag.lindqvist",
        "Dag Lindqvist",
        "Engineering",
        "noor.aziz",
        "ACTIVE",
        "Sweden",
        "203.0.113.9",
    ),
    (
        "00u1eve2XzLkJ7hGf4x7",
        "eve.santos",
        "Eve Santos",
        "Engineering",
        "noor.aziz",
        "SUSPENDED",
        "Portugal",
        "203.0.113.21",
    ),
];

const COUNTRIES: [&str; 6] = ["Germany", "France", "Sweden", "Portugal", "Canada", "Japan"];

/// The latest sign-in of anybody; the sample alerts are later: 2026-11-20T09:00:00Z.
const LATEST: i64 = 1_795_165_200;

/// Statuses of users that were changed.
#[derive(Clone, Default)]
struct Users(Arc<Mutex<HashMap<String, &'static str>>>);

impl Users {
    fn status(&self, id: &str) -> &'static str {
        let changed = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied();
        changed.or_else(|| known(id).map(|u| u.5)).unwrap_or("ACTIVE")
    }

    /// Changes a status if it is the one expected.
    fn change(&self, id: &str, from: &str, to: &'static str) -> bool {
        let mut changed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = changed.get(id).copied().or_else(|| known(id).map(|u| u.5)).unwrap_or("ACTIVE");
        if now == from {
            changed.insert(id.into(), to);
        }
        now == from
    }
}

pub(super) fn router() -> Router {
    Router::new()
        .route("/api/v1/users/{id}", get(user))
        .route("/api/v1/users/{id}/sign-ins", get(sign_ins))
        .route("/api/v1/users/{id}/lifecycle/suspend", post(suspend))
        .route("/api/v1/users/{id}/lifecycle/unsuspend", post(unsuspend))
        .with_state(Users::default())
}

fn known(id: &str) -> Option<&'static Known> {
    USERS.iter().find(|u| u.0 == id || id.strip_suffix("@example.com") == Some(u.1))
}

/// The id, also for a login.
fn canonical(id: &str) -> &str {
    known(id).map_or(id, |u| u.0)
}

fn no_user() -> Response<Body> {
    refuse(StatusCode::NOT_FOUND, "Not found: Resource not found (User)")
}

async fn user(State(users): State<Users>, Path(id): Path<String>) -> Response<Body> {
    if is_missing(&id) {
        return no_user();
    }
    let mail = |name: &str| format!("{name}@example.com");
    let profile = match known(&id) {
        Some((_, login, name, department, manager, ..)) => {
            json!({"login": mail(login), "displayName": name, "department": department, "manager": mail(manager)})
        }
        None => {
            let n = number(&id);
            let department = pick(&["Sales", "Finance", "Engineering", "Support"], n);
            let login = format!("user-{}@example.com", n % 10_000);
            json!({"login": login, "displayName": format!("User {}", n % 10_000), "department": department})
        }
    };
    let id = canonical(&id);
    reply(StatusCode::OK, &json!({"id": id, "status": users.status(id), "profile": profile}))
}

#[derive(Deserialize)]
struct Limit {
    limit: Option<u32>,
}

async fn sign_ins(Path(id): Path<String>, Query(Limit { limit }): Query<Limit>) -> Response<Body> {
    if is_missing(&id) {
        return no_user();
    }
    let n = number(&id);
    let home = known(&id).map_or_else(|| pick(&COUNTRIES, n), |u| u.6);
    let address = known(&id).map_or_else(|| format!("203.0.113.{}", 1 + n % 30), |u| u.7.into());
    let list: Vec<Value> = (0..limit.unwrap_or(5).min(50))
        .filter_map(|back| {
            let hours = i64::from(back).saturating_mul(9).saturating_add(i64::try_from(n % 3).unwrap_or(0));
            let time =
                Timestamp::from_second(LATEST).ok()?.checked_sub(SignedDuration::from_hours(hours)).ok()?;
            Some(json!({"time": time.to_string(), "ip": address, "country": home}))
        })
        .collect();
    reply(StatusCode::OK, &list)
}

async fn suspend(State(users): State<Users>, Path(id): Path<String>) -> Response<Body> {
    change(&users, &id, "ACTIVE", "SUSPENDED")
}

async fn unsuspend(State(users): State<Users>, Path(id): Path<String>) -> Response<Body> {
    change(&users, &id, "SUSPENDED", "ACTIVE")
}

fn change(users: &Users, id: &str, from: &str, to: &'static str) -> Response<Body> {
    if is_missing(id) {
        return no_user();
    }
    let id = canonical(id);
    if users.change(id, from, to) {
        reply(StatusCode::OK, &json!({"id": id, "status": to}))
    } else {
        refuse(StatusCode::BAD_REQUEST, &format!("the user is {}, not {from}", users.status(id)))
    }
}

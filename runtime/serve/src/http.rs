//! What can be asked of the service over HTTP: records in, health, counters, and the API of persons.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use play_connect::Secret;
use play_engine::gate::Gate;
use play_engine::person::Roles;
use play_engine::room::Full;
use play_journal::{Journal, JournalRead, Lease};
use serde::de::DeserializeOwned;
use serde_json::json;
use subtle::ConstantTimeEq as _;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::config::Webhook;
use crate::log::{Field, log};
use crate::metrics::{CONTENT_TYPE, Metrics};
use crate::page::{Page, Unlisted, Wanted};
use crate::service::{Arrived, Order, Saying, To, Views};

mod decision;
mod pause;
mod records;
pub(crate) mod words;

/// What the handlers share.
pub(crate) struct State {
    /// By name; with the index of the source.
    pub(crate) webhooks: BTreeMap<String, (Webhook, Option<usize>)>,
    pub(crate) token: Secret,
    pub(crate) roles: Arc<Roles>,
    pub(crate) records: mpsc::Sender<Arrived>,
    pub(crate) sayings: mpsc::Sender<Saying>,
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) reader: Arc<dyn JournalRead>,
    pub(crate) journal: Arc<dyn Journal>,
    /// Places for what is brought to other services.
    pub(crate) bringing: Arc<Semaphore>,
    pub(crate) views: Arc<dyn Views>,
    /// A view may read the whole store: one after the other, however many ask.
    pub(crate) viewing: Semaphore,
    pub(crate) failed: watch::Receiver<bool>,
    pub(crate) ending: watch::Receiver<bool>,
    pub(crate) full: watch::Receiver<Option<Full>>,
}

type Context = Shared<Arc<State>>;

/// The largest body of `/api/v1/events`, in bytes.
const EVENTS: usize = 16 << 20;
/// How long the body of a request may take.
const BODY: Duration = Duration::from_secs(15);

/// Places for what is brought to other services.
pub(crate) fn bringing() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(words::BROUGHT))
}

/// The routes.
pub(crate) fn router(state: State) -> Router {
    let state = Arc::new(state);
    let guarded = Router::new()
        .route("/metrics", get(metrics))
        .route(STATUS, get(status))
        .route(CASES, get(cases))
        .route("/api/v1/events", post(events))
        .route("/api/v1/pause", post(pause::pause))
        .route("/api/v1/resume", post(pause::resume))
        .route("/api/v1/runs/{run}/{decision}", post(decision::decide))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), authorised));
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/hooks/{name}", post(hook))
        .merge(guarded)
        .fallback(async || problem(StatusCode::NOT_FOUND, "there is nothing here"))
        .with_state(state)
}

/// An answer that says what is wrong.
fn problem(status: StatusCode, what: &str) -> Response {
    (status, Json(json!({ "version": 1, "error": what }))).into_response()
}

const STATUS: &str = "/api/v1/status";
const CASES: &str = "/api/v1/cases";

/// What stands behind a `?` would be taken for a filter by whoever wrote it: nothing has one but the lists, which look at it themselves.
/// Those who collect metrics may have to send some to everybody.
fn asks_for_more(request: &Request) -> Option<Response> {
    let path = request.uri().path();
    let query = request.uri().query().filter(|query| !query.is_empty())?;
    if [STATUS, CASES, "/metrics"].contains(&path) {
        return None;
    }
    let what =
        format!("only the lists take parameters in their address, and this has `{}`", query.escape_debug());
    Some(problem(StatusCode::BAD_REQUEST, &what))
}

async fn authorised(Shared(state): Context, request: Request, next: Next) -> Response {
    if request.extensions().get::<words::Brought>().is_some() {
        return next.run(request).await;
    }
    let given = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let given = given.and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
    // The same time wherever the difference is.
    if bool::from(given.as_bytes().ct_eq(state.token.for_signing())) {
        return match asks_for_more(&request) {
            Some(refused) => refused,
            None => next.run(request).await,
        };
    }
    state.metrics.refused("token");
    log("request_refused", &[("why", Field::Word("token"))]);
    let mut answer = problem(StatusCode::UNAUTHORIZED, "show the token: Authorization: Bearer …");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    answer
}

async fn health() -> &'static str {
    "alive\n"
}

async fn ready(Shared(state): Context) -> Response {
    let full = *state.full.borrow();
    let why = if *state.failed.borrow() {
        "the store has failed".to_string()
    } else if *state.ending.borrow() {
        "ending".to_string()
    } else if let Some(full) = full {
        full.to_string()
    } else {
        match state.journal.lease() {
            Lease::Good => return "ready\n".into_response(),
            Lease::Stale => "the lease is over and cannot be renewed: nothing is dispatched".to_string(),
            Lease::Lost => "others may have taken its runs over: nothing is dispatched".to_string(),
        }
    };
    problem(StatusCode::SERVICE_UNAVAILABLE, &why)
}

async fn metrics(Shared(state): Context) -> Response {
    state.metrics.gate(state.gate.is_shut(), state.gate.held());
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], state.metrics.text()).into_response()
}

async fn status(Shared(state): Context, address: Uri) -> Response {
    view(state, &address, STATUS, |views, reader, wanted| views.status(reader, wanted)).await
}

async fn cases(Shared(state): Context, address: Uri) -> Response {
    view(state, &address, CASES, |views, reader, wanted| views.cases(reader, wanted)).await
}

/// Reads the store on a thread that may block.
async fn view(
    state: Arc<State>,
    address: &Uri,
    path: &str,
    read: fn(&dyn Views, &dyn JournalRead, &Wanted) -> Result<Page, Unlisted>,
) -> Response {
    let wanted = match Wanted::read(address) {
        Ok(wanted) => wanted,
        Err(what) => return problem(StatusCode::BAD_REQUEST, &what),
    };
    let turn = state.viewing.acquire().await;
    let (reading, of) = (Arc::clone(&state), wanted.clone());
    let read = tokio::task::spawn_blocking(move || read(&*reading.views, &*reading.reader, &of)).await;
    drop(turn);
    match read {
        Ok(Ok(page)) => Json(page.answer(path, &wanted)).into_response(),
        Ok(Err(Unlisted::NoSuchPlace)) => {
            let what = "no page of this list ended at that `after`: take the address that the page before has as `next`";
            problem(StatusCode::BAD_REQUEST, what)
        }
        Ok(Err(Unlisted::Store(why))) => problem(StatusCode::INTERNAL_SERVER_ERROR, &why),
        Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "the store could not be read"),
    }
}

/// The body, bounded in size and time.
async fn body(body: Body, most: usize) -> Result<axum::body::Bytes, Response> {
    match tokio::time::timeout(BODY, to_bytes(body, most)).await {
        Err(_) => Err(problem(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
        Ok(Err(_)) => Err(problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("the body is larger than {most} bytes, or broke off"),
        )),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

/// The largest decision, in bytes.
const DECISION: usize = 64 * 1024;

/// What somebody has decided, as `example` shows it.
async fn decided<T: DeserializeOwned>(request: Request, example: &str) -> Result<T, Response> {
    let bytes = body(request.into_body(), DECISION).await?;
    serde_json::from_slice(&bytes)
        .map_err(|e| problem(StatusCode::UNPROCESSABLE_ENTITY, &format!("write {example}: {e}")))
}

/// The answer to a decision that does not say who took it, and why.
fn unsigned(by: &str, because: &str) -> Option<Response> {
    let what = "a decision carries who took it, and why: `by` and `because`";
    let says = |text: &str| !text.trim().is_empty();
    (!says(by) || !says(because)).then(|| problem(StatusCode::UNPROCESSABLE_ENTITY, what))
}

/// `POST /hooks/NAME`: one record or several, as a file of alerts holds them.
async fn hook(Shared(state): Context, Path(name): Path<String>, request: Request) -> Response {
    let Some((webhook, only)) = state.webhooks.get(&name) else {
        return problem(StatusCode::NOT_FOUND, "there is no such webhook");
    };
    let (parts, unread) = request.into_parts();
    let bytes = match body(unread, webhook.max).await {
        Ok(bytes) => bytes,
        Err(answer) => {
            state.metrics.refused("body");
            return answer;
        }
    };
    let value = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok());
    if let Err(why) = webhook.scheme.verify(value, &bytes, Timestamp::now()) {
        state.metrics.refused(why.name());
        log("request_refused", &[("webhook", Field::Id(&name)), ("why", Field::Word(why.name()))]);
        return problem(StatusCode::UNAUTHORIZED, "the signature is not good");
    }
    let pos = match webhook.id.as_deref().map(|id| delivery(&parts.headers, id)) {
        None => format!("hooks/{name}"),
        Some(Some(id)) => format!("hooks/{name}/{id}"),
        Some(None) => {
            return problem(StatusCode::BAD_REQUEST, "the header that names the delivery is missing");
        }
    };
    let to = if webhook.events { To::Runs { named: webhook.id.is_some() } } else { To::Source(*only) };
    records::bring(&state, &bytes, webhook.pointer.as_deref(), &pos, to).await
}

/// `POST /api/v1/events`: what has happened elsewhere, brought by whoever has the token.
async fn events(Shared(state): Context, request: Request) -> Response {
    match body(request.into_body(), EVENTS).await {
        Ok(bytes) => records::bring(&state, &bytes, None, "api/events", To::Runs { named: false }).await,
        Err(answer) => answer,
    }
}

/// What a header names a delivery. It comes to stand in positions.
fn delivery(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    let fits = !text.is_empty() && text.len() <= 128 && text.chars().all(|c| c.is_ascii_graphic());
    fits.then(|| text.to_string())
}

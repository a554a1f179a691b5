//! A target for tests that kill whoever asks it: what it is told to do it keeps account of, apart for each *instance*. That is the
//! first part of the path, and stands in the `base_url` of whoever asks.
//!
//! | request | answer |
//! |---|---|
//! | `GET /say/{q}` | `q` |
//! | `GET /slow/{q}` | `q`, after 40 ms |
//! | `GET /never/{q}` | none |
//! | `GET /flaky/{q}` | 503 the first time, then `q` |
//! | `GET /job/{q}` | `running` the first time, then `done` |
//! | `GET /broken/{q}` | text that is no JSON |
//! | `GET /status/{code}/{q}` | that status |
//! | `GET /state/{q}` | `there` when something was done to `q`, otherwise `gone` |
//! | `GET /mode/{q}` | what `q` was last made; `open` at first |
//! | `POST /act/{name}` | done: the `q` of its body becomes its `to` |
//! | `POST /lost/{name}` | done, and the connection reset instead of an answer; under a key that is known, answered |
//! | `POST /drop/{name}` | the first for a `q` is not done and the connection reset; then done |
//! | `POST /busy/{name}` | 429 the first time for a `q`, then done |
//! | `POST /status/{code}/{name}` | that status, nothing done |
//!
//! A write under an `Idempotency-Key` that it has seen is answered and not done again.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, Response, StatusCode};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::systems::{refuse, reply};

/// A write as it was received.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// Path below the instance.
    pub path: String,
    /// `q` of its body: what it was done to.
    pub q: String,
    /// `to` of its body: what became of that.
    pub to: String,
    /// Its `Idempotency-Key`.
    pub key: Option<String>,
    /// Whether something was done.
    pub performed: bool,
}

/// What one instance knows.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Its writes, in the order in which they came.
    pub received: Vec<Received>,
    /// What was made of each `q`.
    pub modes: BTreeMap<String, String>,
    keys: BTreeSet<String>,
    /// What has been asked once.
    asked: BTreeSet<String>,
}

/// A target that runs until this is dropped.
#[derive(Debug)]
pub struct Target {
    address: SocketAddr,
    accounts: Accounts,
    serving: JoinHandle<()>,
}

type Accounts = Arc<Mutex<BTreeMap<String, Account>>>;

impl Target {
    /// Serves on a listener; call it within a tokio runtime.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve(listener: TcpListener) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let accounts = Accounts::default();
        let serving = tokio::spawn(accept(listener, Arc::clone(&accounts)));
        Ok(Self { address, accounts, serving })
    }

    /// Where an instance is: its `base_url`.
    #[must_use]
    pub fn url(&self, instance: &str) -> String {
        format!("http://{}/{instance}", self.address)
    }

    /// What an instance knows.
    #[must_use]
    pub fn account(&self, instance: &str) -> Account {
        with(&self.accounts, |all| all.get(instance).cloned().unwrap_or_default())
    }

    /// Another instance begins with what one knows.
    pub fn copy(&self, from: &str, to: &str) {
        let account = self.account(from);
        with(&self.accounts, |all| all.insert(to.into(), account));
    }

    /// An instance is not needed any more.
    pub fn forget(&self, instance: &str) {
        with(&self.accounts, |all| all.remove(instance));
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn with<T>(accounts: &Accounts, work: impl FnOnce(&mut BTreeMap<String, Account>) -> T) -> T {
    work(&mut accounts.lock().unwrap_or_else(PoisonError::into_inner))
}

async fn accept(listener: TcpListener, accounts: Accounts) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, Arc::clone(&accounts)));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, accounts: Accounts) {
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        Box::pin(answer(request.map(Body::new), Arc::clone(&accounts)))
    });
    let mut connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = std::future::poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
    if ended.is_err() {
        // With this, closing is a reset.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// What becomes of a request.
enum Fate {
    Answered(Response<Body>),
    /// Answered so much later.
    Late(Duration, Response<Body>),
    /// The connection is reset.
    Reset,
    /// No answer ever comes.
    Never,
}

async fn answer(request: Request<Body>, accounts: Accounts) -> Result<Response<Body>, io::Error> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1024 * 1024).await.map_err(io::Error::other)?;
    let path = head.uri.path().trim_start_matches('/').to_string();
    let (instance, path) = path.split_once('/').unwrap_or((&path, ""));
    let key = head.headers.get("idempotency-key").and_then(|v| v.to_str().ok()).map(String::from);
    let fate = with(&accounts, |all| {
        let account = all.entry(instance.to_string()).or_default();
        if head.method == Method::GET { account.says(path) } else { account.does(path, key, &body) }
    });
    match fate {
        Fate::Answered(response) => Ok(response),
        Fate::Late(after, response) => {
            tokio::time::sleep(after).await;
            Ok(response)
        }
        Fate::Reset => Err(io::Error::other("reset on order")),
        Fate::Never => std::future::pending().await,
    }
}

fn text(text: &str) -> Fate {
    Fate::Answered(reply(StatusCode::OK, &text))
}

fn status(code: &str) -> Fate {
    let code = code.parse().ok().and_then(|c| StatusCode::from_u16(c).ok());
    Fate::Answered(refuse(code.unwrap_or(StatusCode::NOT_FOUND), "refused on order"))
}

impl Account {
    /// Whether this is asked for the first time.
    fn first(&mut self, what: &str) -> bool {
        self.asked.insert(what.to_string())
    }

    fn says(&mut self, path: &str) -> Fate {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["say", q] => text(q),
            ["slow", q] => Fate::Late(Duration::from_millis(40), reply(StatusCode::OK, q)),
            ["never", _] => Fate::Never,
            ["flaky", _] if self.first(path) => status("503"),
            ["flaky", q] => text(q),
            ["job", _] if self.first(path) => text("running"),
            ["job", _] => text("done"),
            ["broken", _] => Fate::Answered(Response::new(Body::from("<html>it is broken</html>"))),
            ["status", code, ..] => status(code),
            ["state", q] => {
                let there = self.received.iter().any(|r| r.performed && r.q == *q);
                text(if there { "there" } else { "gone" })
            }
            ["mode", q] => text(self.modes.get(*q).map_or("open", |m| m.as_str())),
            _ => status("404"),
        }
    }

    fn does(&mut self, path: &str, key: Option<String>, body: &Bytes) -> Fate {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or("").to_string();
        let (q, to) = (field("q"), field("to"));
        let known = key.as_ref().is_some_and(|k| self.keys.contains(k));
        let how = path.split('/').next().unwrap_or("");
        let first = matches!(how, "drop" | "busy") && self.first(&format!("{path} {q}"));
        let performed = !known && how != "status" && !first;
        if performed {
            self.modes.insert(q.clone(), to.clone());
            self.keys.extend(key.clone());
        }
        self.received.push(Received { path: path.into(), q, to, key, performed });
        match how {
            "lost" if !known => Fate::Reset,
            "drop" if first => Fate::Reset,
            "busy" if first => status("429"),
            "status" => status(path.split('/').nth(1).unwrap_or("")),
            _ => text("done"),
        }
    }
}

//! The server around the systems: connections, tokens, latency, faults, counts.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use data_encoding::BASE64;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower_service::Service;

use crate::counts::{Counts, Write};
use crate::faults::{Fault, Faults, Kind};
use crate::systems::{self, Known, TOKEN_PATH, refuse, reply};

/// Larger bodies are refused: bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Who shows the token as a password.
const USER: &str = "play";

/// How the server behaves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How long each answer takes at least.
    pub latency: Duration,
    /// Token that must come with each request, when there is one: as a bearer's, an `ApiToken`, the password of `play`, or in
    /// `x-apikey`. `/_demo` is free.
    pub token: Option<String>,
}

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Handle {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was told to do so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Lets requests to come fail.
    pub fn fault(&self, fault: Fault) {
        self.shared.with(|k| k.faults.add(fault));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Serves on a listener; call it within a tokio runtime.
///
/// # Errors
/// When the listener has no address.
pub fn serve(listener: TcpListener, options: Options) -> io::Result<Handle> {
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared { options, started: Instant::now(), kept: Mutex::default() });
    let serving = tokio::spawn(accept(listener, Arc::clone(&shared)));
    Ok(Handle { address, shared, serving })
}

struct Shared {
    options: Options,
    started: Instant,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    writes: Vec<Write>,
    faults: Faults,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

impl Shared {
    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn counts(&self) -> Counts {
        Counts::of(self.with(|k| k.writes.clone()))
    }

    /// Keeps a write; gives its place.
    fn received(&self, path: &str, key: Option<String>, body: &[u8]) -> usize {
        let json = match body {
            [] => serde_json::Value::Null,
            body => serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into()),
        };
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let write =
            Write { path: path.into(), body: json, idempotency_key: key, ms, performed: false, status: None };
        self.with(|k| {
            k.writes.push(write);
            k.writes.len().saturating_sub(1)
        })
    }

    fn update(&self, place: Option<usize>, change: impl FnOnce(&mut Write)) {
        self.with(|k| place.and_then(|p| k.writes.get_mut(p)).map(change));
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let router = systems::router(shared.options.token.as_deref());
    // Ends with this task: dropped with it, each connection is closed.
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, router.clone(), Arc::clone(&shared)));
            }
            // Out of file handles, for one. Others may be given back meanwhile.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, router: Router, shared: Arc<Shared>) {
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let (router, shared) = (router.clone(), Arc::clone(&shared));
        Box::pin(answer(request.map(Body::new), router, shared))
    });
    let mut connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = std::future::poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
    if ended.is_err() {
        // With this, closing is a reset.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// The connection is to be reset.
#[derive(Debug)]
struct Reset;

impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reset on order")
    }
}

impl std::error::Error for Reset {}

async fn answer(
    request: Request<Body>,
    router: Router,
    shared: Arc<Shared>,
) -> Result<Response<Body>, Reset> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_string();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return Ok(refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"));
    };
    if let Some(own) = path.strip_prefix("/_demo") {
        return Ok(demo(own, &head.method, &body, &shared));
    }
    let text = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).map(String::from);
    // Whoever asks for a token changes nothing, and has none yet.
    let asks = path.ends_with(TOKEN_PATH);
    let target = head.uri.path_and_query().map_or(path.as_str(), PathAndQuery::as_str);
    let place = (head.method != Method::GET && !asks)
        .then(|| shared.received(target, text("idempotency-key"), &body));
    let allowed = shared.options.token.as_ref().is_none_or(|token| asks || shows(&head.headers, token));
    let fault = shared.with(|k| k.faults.take(&path));
    tokio::time::sleep(shared.options.latency).await;
    if let Some(Kind::DelayMs { value }) = fault {
        tokio::time::sleep(Duration::from_millis(value)).await;
    }
    let response = match fault {
        _ if !allowed => {
            refuse(StatusCode::UNAUTHORIZED, "a bearer token is missing, or is not the right one")
        }
        Some(Kind::Status { value }) => refuse(
            StatusCode::from_u16(value).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            "failed on order",
        ),
        _ => ask(router, Request::from_parts(head, body.into())).await,
    };
    let done = response.status().is_success()
        && response.extensions().get::<Known>().is_none()
        && !matches!(fault, Some(Kind::Status { .. }));
    shared.update(place, |w| w.performed = done);
    match fault {
        Some(Kind::ResetAfterRequest) => return Err(Reset),
        Some(Kind::Hang) => std::future::pending().await,
        _ => {}
    }
    shared.update(place, |w| w.status = Some(response.status().as_u16()));
    Ok(response)
}

/// Whether a request shows the token in one of the ways that the systems have.
fn shows(headers: &HeaderMap, token: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let basic = BASE64.encode(format!("{USER}:{token}").as_bytes());
    let given = text(header::AUTHORIZATION.as_str());
    let ways = [("Bearer ", token), ("ApiToken ", token), ("Basic ", basic.as_str())];
    ways.iter().any(|(word, secret)| given.strip_prefix(word) == Some(secret)) || text("x-apikey") == token
}

fn ask(mut router: Router, request: Request<Body>) -> impl Future<Output = Response<Body>> {
    // A router is always ready.
    let answering = Service::call(&mut router, request);
    async move {
        let answered: Result<Response<Body>, Infallible> = answering.await;
        match answered {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// Requests about the server itself.
fn demo(path: &str, method: &Method, body: &Bytes, shared: &Shared) -> Response<Body> {
    match (path, method) {
        ("/counts", &Method::GET) => reply(StatusCode::OK, &shared.counts()),
        ("/faults", &Method::POST) => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) if matches!(fault.kind, Kind::Status { value } if !(200..=599).contains(&value)) => {
                refuse(StatusCode::BAD_REQUEST, "a status is from 200 to 599")
            }
            Ok(fault) => {
                let response = reply(StatusCode::CREATED, &fault);
                shared.with(|k| k.faults.add(fault));
                response
            }
            Err(why) => refuse(StatusCode::BAD_REQUEST, &why.to_string()),
        },
        ("/faults", &Method::DELETE) => {
            shared.with(|k| k.faults.clear());
            refuse(StatusCode::OK, "no faults")
        }
        _ => refuse(StatusCode::NOT_FOUND, "there are /_demo/counts and /_demo/faults"),
    }
}

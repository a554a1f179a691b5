//! Sends what a program computed, and says what became of it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use play_program::action::{Action, Auth, Connector, Request};
use play_program::value::FailureKind;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use reqwest::{Client, Method, Response, StatusCode, Url};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use crate::address;
use crate::answer::{self, MAX_ANSWER, Reply, Sent};
use crate::hide;
use crate::reached::{Reached, Watch};
use crate::settings::{Configured, Settings};
use crate::token::{Asked, Token, Tokens};

/// How long a connection, TLS included, may take to come about.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// A kept connection is not used again after this: many servers close theirs after 30 s or more.
const IDLE_TIME: Duration = Duration::from_secs(20);
/// The most header lines of an answer. Their bytes are bounded by the client to about 400 KiB.
const MAX_HEADERS: usize = 100;
/// How much of the body of a failure is looked at for words: bytes.
const FAILURE_BODY: usize = 4 * 1024;
/// An answer is large beyond this, in bytes; and so many of them may come in at once. All others are small, however many there are.
const LARGE: usize = 64 * 1024;
const LARGE_AT_ONCE: usize = 256;
/// How long the body of a failure is waited for: its status has said what matters.
const FAILURE_TIME: Duration = Duration::from_secs(1);

/// Headers that are ours to set, or that would change whom the request is for or where it ends.
const RESERVED: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The way to all outside systems: HTTP/1.1, TLS by the host's certificates, no redirects, no cookies, no proxies, no
/// compression. Cheap to clone.
#[derive(Clone)]
pub struct Transport {
    reads: Client,
    /// A write goes over a connection of its own. On a kept one it could meet the target closing it, and nobody could tell
    /// whether it had arrived.
    writes: Client,
    tokens: Arc<Tokens>,
    /// Places for large answers.
    large: Arc<Semaphore>,
}

/// The client could not be made: the host's certificates cannot be used.
#[derive(Debug)]
pub struct TransportError(reqwest::Error);

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no HTTP client can be made: {}", innermost(&self.0))
    }
}

impl Error for TransportError {}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

impl Transport {
    /// Makes the clients.
    ///
    /// # Errors
    /// When the host's certificates cannot be used.
    pub fn new() -> Result<Self, TransportError> {
        let reads = client().pool_idle_timeout(IDLE_TIME).pool_max_idle_per_host(16);
        let writes = client().pool_max_idle_per_host(0);
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(TransportError);
        Ok(Self {
            reads: build(reads)?,
            writes: build(writes)?,
            tokens: Arc::default(),
            large: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
        })
    }

    /// Sends a request and waits for its whole answer, `timeout` altogether. Never sends twice, save after a 401 for a token that was
    /// kept: then nothing was done. `idempotency_key` goes out
    /// as `Idempotency-Key`.
    pub async fn send(
        &self,
        connector: &Connector,
        action: &Action,
        request: &Request,
        settings: &Settings,
        idempotency_key: Option<&str>,
        timeout: Duration,
    ) -> Reply {
        self.send_if(connector, action, request, settings, idempotency_key, timeout, &|| true).await
    }

    /// The same; a write asks `may` last, when nothing is left to be done but to send it: a token may take as long as the call may. One
    /// that may not was not sent.
    #[allow(clippy::too_many_arguments, reason = "those of a request, and who is asked")]
    pub async fn send_if(
        &self,
        connector: &Connector,
        action: &Action,
        request: &Request,
        settings: &Settings,
        idempotency_key: Option<&str>,
        timeout: Duration,
        may: &(dyn Fn() -> bool + Sync),
    ) -> Reply {
        let started = Instant::now();
        let mut secrets = settings.of(&connector.name).map(|c| Hidden::of(connector, c)).unwrap_or_default();
        let mut outcome;
        // A token that was kept may have been taken back meanwhile. Then nothing was done (401), and a new one is tried, once.
        loop {
            let token = self.token(connector, settings, deadline(started, timeout)).await;
            let prepared = token.and_then(|token| {
                let value = token.as_ref().map(|t| t.value.as_str());
                prepare(connector, action, request, settings, idempotency_key, value)
                    .map(|prepared| (token.clone(), prepared))
                    .map_err(|words| Trouble {
                        kind: FailureKind::Rejected,
                        sent: Sent::No,
                        words,
                        status: None,
                    })
            });
            let (token, prepared) = match prepared {
                Ok(prepared) => prepared,
                Err(trouble) => {
                    outcome = Err(trouble);
                    break;
                }
            };
            if let Some(token) = &token {
                secrets.0.insert(0, Zeroizing::new(token.value.to_string()));
            }
            if action.write && !may() {
                outcome = Err(Trouble {
                    kind: FailureKind::Unavailable,
                    sent: Sent::No,
                    words: "it must not leave any more".into(),
                    status: None,
                });
                break;
            }
            outcome = self.exchange(action, prepared, &secrets, started, timeout).await;
            match (token, &outcome) {
                (Some(token), Err(Trouble { status: Some(401), .. })) => {
                    self.tokens.forget(&connector.name, &token).await;
                    if !token.kept {
                        break;
                    }
                }
                _ => break,
            }
        }
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match outcome {
            Ok((status, body)) => Reply::Answered { status, body, ms },
            Err(Trouble { kind, sent, words, .. }) => {
                Reply::Failed { kind, words: answer::words(&words, &secrets.all()), sent, ms }
            }
        }
    }

    /// The token that the connector's requests carry, where they carry one.
    async fn token(
        &self,
        connector: &Connector,
        settings: &Settings,
        deadline: Instant,
    ) -> Result<Option<Token>, Trouble> {
        let Auth::ClientCredentials { at, id, secret, scope } = &connector.auth else { return Ok(None) };
        let missing = |what: &str| {
            let words = format!("{what} of connector {} is missing", connector.name);
            Trouble { kind: FailureKind::Rejected, sent: Sent::No, words, status: None }
        };
        let configured = settings.of(&connector.name).ok_or_else(|| missing("the configuration"))?;
        let value = |name: &str| configured.value(name).ok_or_else(|| missing(&format!("setting {name}")));
        let asked = Asked { at, id: value(id)?, secret: value(secret)?, scope: scope.as_deref() };
        self.tokens.of(&connector.name, configured, &asked, &self.reads, deadline).await.map(Some)
    }

    async fn exchange(
        &self,
        action: &Action,
        prepared: reqwest::Request,
        secrets: &Hidden,
        started: Instant,
        timeout: Duration,
    ) -> Result<(u16, Vec<u8>), Trouble> {
        let deadline = deadline(started, timeout);
        let client = if action.write { &self.writes } else { &self.reads };
        let host = prepared.url().host_str().unwrap_or("").to_string();
        let reached = Reached::default();
        let response = match timeout_at(deadline, reached.watch(client.execute(prepared))).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(unsent_or_unknown(&error, &reached, &host)),
            Err(_) if reached.is() => return Err(no_answer_in(timeout)),
            Err(_) if action.write => return Err(unreachable_host(&host, "no connection in time")),
            // A read over a kept connection never gets to connect.
            Err(_) => return Err(no_answer_in(timeout)),
        };
        let status = response.status();
        match answer::verdict(action, status.as_u16()) {
            None => match timeout_at(deadline, whole(response, Some(&self.large))).await {
                Ok(body) => Ok((status.as_u16(), body?)),
                Err(_) => Err(no_answer_in(timeout)),
            },
            Some(verdict) => {
                let patience = deadline.min(Instant::now() + FAILURE_TIME);
                let said = beginning(response, patience, &secrets.all()).await;
                let parts = [named(status), verdict.note.to_string(), said];
                let words = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(": ");
                Err(Trouble { kind: verdict.kind, sent: verdict.sent, words, status: Some(status.as_u16()) })
            }
        }
    }
}

/// A time-out too large to be a point in time is none.
fn deadline(started: Instant, timeout: Duration) -> Instant {
    started.checked_add(timeout).unwrap_or_else(|| started + Duration::from_secs(86_400 * 365))
}

pub(crate) fn client() -> reqwest::ClientBuilder {
    // An error says that the process has chosen a provider already; that one is used then.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("play/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .http1_max_headers(MAX_HEADERS)
        .connect_timeout(CONNECT_TIME)
        .connector_layer(Watch)
}

/// A failure on its way to become a reply; its words are not cleaned yet.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) kind: FailureKind,
    pub(crate) sent: Sent,
    pub(crate) words: String,
    /// What the target said, where it said something.
    pub(crate) status: Option<u16>,
}

fn no_answer_in(timeout: Duration) -> Trouble {
    let words = format!("no answer within {} ms", timeout.as_millis());
    Trouble { kind: FailureKind::Timeout, sent: Sent::Unknown, words, status: None }
}

fn unreachable_host(host: &str, why: &str) -> Trouble {
    let words = format!("{host} cannot be reached: {why}");
    Trouble { kind: FailureKind::Unavailable, sent: Sent::No, words, status: None }
}

fn unreadable(words: String) -> Trouble {
    Trouble { kind: FailureKind::BadResponse, sent: Sent::Unknown, words, status: None }
}

fn unsent_or_unknown(error: &reqwest::Error, reached: &Reached, host: &str) -> Trouble {
    if error.is_builder() {
        return Trouble {
            kind: FailureKind::Rejected,
            sent: Sent::No,
            words: "the request cannot be sent".into(),
            status: None,
        };
    }
    // Only what the client itself says here: for a read over a kept connection the watch sees nothing.
    if error.is_connect() {
        let why = if error.is_timeout() { "no connection in time".into() } else { innermost(error) };
        return unreachable_host(host, &why);
    }
    let inner = innermost(error);
    let hyper = causes(error).find_map(|e| e.downcast_ref::<hyper::Error>());
    match hyper {
        Some(e) if e.is_parse() => unreadable(format!("the head of the answer cannot be read: {inner}")),
        _ => {
            // Here the watch is asked too: without a connection nothing left, whatever else went wrong.
            let sent = if reached.is() { Sent::Unknown } else { Sent::No };
            let words = format!("{host} broke off: {inner}");
            Trouble { kind: FailureKind::Unavailable, sent, words, status: None }
        }
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |e| (*e as &'a (dyn Error + 'static)).source()).take(16)
}

/// The cause that says most, without addresses.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

pub(crate) fn named(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// The body, as a whole. Where there are places for large ones, a large one waits for a place.
pub(crate) async fn whole(mut response: Response, places: Option<&Semaphore>) -> Result<Vec<u8>, Trouble> {
    let too_large = || unreadable(format!("the answer is larger than {} MiB", MAX_ANSWER / 1024 / 1024));
    if response.content_length().is_some_and(|n| n > MAX_ANSWER as u64) {
        return Err(too_large());
    }
    let (mut body, mut place) = (Vec::new(), None);
    loop {
        if let Some(places) = places.filter(|_| place.is_none() && body.len() > LARGE) {
            // Never closed.
            place = places.acquire().await.ok();
        }
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len().saturating_add(chunk.len()) > MAX_ANSWER => return Err(too_large()),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(e) => {
                return Err(unreadable(format!(
                    "the answer breaks off after {} bytes: {}",
                    body.len(),
                    innermost(&e)
                )));
            }
        }
    }
}

/// The beginning of the body of a failure, as far as it comes soon, with secrets hidden. Where the body is cut, a secret may
/// be cut in two, and its half would not be found: so many bytes of the end, as the longest secret has, are left out then.
pub(crate) async fn beginning(mut response: Response, until: Instant, secrets: &[&str]) -> String {
    let longest = hide::longest(secrets);
    let most = FAILURE_BODY.saturating_add(longest);
    let mut body = Vec::new();
    let whole = loop {
        match timeout_at(until, response.chunk()).await {
            Ok(Ok(None)) => break true,
            Ok(Ok(Some(chunk))) => {
                let room = most.saturating_sub(body.len());
                body.extend(chunk.iter().take(room));
                if chunk.len() > room {
                    break false;
                }
            }
            Ok(Err(_)) | Err(_) => break false,
        }
    };
    // Whole secrets first, so that leaving out the end cuts none of them in two.
    let mut text = hide::hide(&String::from_utf8_lossy(&body), secrets);
    if !whole {
        text.truncate(text.floor_char_boundary(text.len().saturating_sub(longest)));
    }
    text
}

/// What must not turn up in words.
#[derive(Default)]
struct Hidden(Vec<Zeroizing<String>>);

impl Hidden {
    fn of(connector: &Connector, configured: &Configured) -> Self {
        let mut all: Vec<Zeroizing<String>> =
            configured.secrets().map(|s| Zeroizing::new(s.to_string())).collect();
        if let Auth::Basic(user, password) = &connector.auth
            && let (Some(user), Some(password)) = (configured.value(user), configured.value(password))
        {
            all.push(basic(user, password));
        }
        // The longest first: one may be a part of another.
        all.sort_by_key(|s| std::cmp::Reverse(s.len()));
        Self(all)
    }

    fn all(&self) -> Vec<&str> {
        self.0.iter().map(|s| s.as_str()).collect()
    }
}

fn basic(user: &str, password: &str) -> Zeroizing<String> {
    let pair = Zeroizing::new(format!("{user}:{password}"));
    Zeroizing::new(BASE64.encode(pair.as_bytes()))
}

fn prepare(
    connector: &Connector,
    action: &Action,
    request: &Request,
    settings: &Settings,
    key: Option<&str>,
    token: Option<&str>,
) -> Result<reqwest::Request, String> {
    let configured = settings
        .of(&connector.name)
        .ok_or_else(|| format!("connector {} is not configured", connector.name))?;
    let method = Method::from_bytes(action.method.as_bytes())
        .map_err(|_| "the method is not one of HTTP".to_string())?;
    let url: Url = address::join(&configured.base_url, &request.path, &request.query)?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let body = request
        .body
        .as_ref()
        .map(serde_json::to_vec)
        .transpose()
        .map_err(|_| "the body is not JSON".to_string())?;
    if body.as_ref().is_some_and(|b| b.len() > MAX_ANSWER) {
        return Err(format!("the body is larger than {} MiB", MAX_ANSWER / 1024 / 1024));
    }
    if body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    } else if matches!(method, Method::POST | Method::PUT | Method::PATCH) {
        // Some servers refuse these when they do not say that they have no body.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let credentials = credentials(connector, configured, token)?;
    for (name, value) in &request.headers {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| "the name of a header is not one".to_string())?;
        if RESERVED.contains(&header.as_str()) || credentials.as_ref().is_some_and(|(own, _)| *own == header)
        {
            return Err(format!("the header `{header}` cannot be set by an action"));
        }
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            format!("the header `{header}` would hold a line break or another control character")
        })?;
        headers.insert(header, value);
    }
    if let Some((name, value)) = credentials {
        headers.insert(name, value);
    }
    if let Some(key) = key {
        let value = HeaderValue::from_str(key).map_err(|_| "the idempotency key is not one".to_string())?;
        headers.insert(HeaderName::from_static("idempotency-key"), value);
    }
    let mut prepared = reqwest::Request::new(method, url);
    *prepared.headers_mut() = headers;
    *prepared.body_mut() = body.map(Into::into);
    Ok(prepared)
}

fn credentials(
    connector: &Connector,
    configured: &Configured,
    token: Option<&str>,
) -> Result<Option<(HeaderName, HeaderValue)>, String> {
    let setting = |name: &str| {
        configured
            .value(name)
            .ok_or_else(|| format!("setting {name} of connector {} is missing", connector.name))
    };
    let (name, text) = match &connector.auth {
        Auth::None => return Ok(None),
        Auth::Bearer(token) => (AUTHORIZATION, Zeroizing::new(format!("Bearer {}", setting(token)?))),
        Auth::ClientCredentials { .. } => {
            (AUTHORIZATION, Zeroizing::new(format!("Bearer {}", token.unwrap_or_default())))
        }
        Auth::Basic(user, password) => {
            let pair = basic(setting(user)?, setting(password)?);
            (AUTHORIZATION, Zeroizing::new(format!("Basic {}", pair.as_str())))
        }
        Auth::Header(name, value) => {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| "the header of `auth` is not one".to_string())?;
            (name, Zeroizing::new(setting(value)?.to_string()))
        }
    };
    let mut value = HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| "the credentials do not fit a header".to_string())?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

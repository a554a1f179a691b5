//! Tokens that a server gives for a client's credentials (RFC 6749, 4.4): asked for when the first request needs one, kept until
//! shortly before they end, and never written down.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use play_program::action::TokenAt;
use play_program::value::FailureKind;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Method, StatusCode, Url};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use crate::address;
use crate::answer::Sent;
use crate::settings::Configured;
use crate::transport::{Trouble, beginning, innermost, named, whole};

/// How long a token is good for when the server does not say.
const UNSAID: Duration = Duration::from_secs(300);
/// No token is kept for longer.
const LONGEST: Duration = Duration::from_secs(86_400);
/// A token is not used any more when it ends within this: clocks differ, and requests take a while.
const MARGIN: Duration = Duration::from_secs(30);
/// The longest token, in bytes.
const MAX_TOKEN: usize = 16 * 1024;

/// What a token is asked for with.
pub(crate) struct Asked<'a> {
    pub(crate) at: &'a TokenAt,
    pub(crate) id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) scope: Option<&'a str>,
}

#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) value: Arc<Zeroizing<String>>,
    until: Instant,
    /// It was there already, and may be good no longer.
    pub(crate) kept: bool,
}

/// The tokens of a process, by connector.
#[derive(Default)]
pub(crate) struct Tokens(std::sync::Mutex<BTreeMap<String, Arc<Mutex<Option<Token>>>>>);

impl Tokens {
    /// The token of a connector. Whoever needs one while it is asked for waits for that.
    pub(crate) async fn of(
        &self,
        connector: &str,
        configured: &Configured,
        asked: &Asked<'_>,
        client: &Client,
        deadline: Instant,
    ) -> Result<Token, Trouble> {
        let place = self.place(connector);
        let late = || no_token(FailureKind::Timeout, "no token in time".into());
        let mut held = timeout_at(deadline, place.lock()).await.map_err(|_| late())?;
        if let Some(token) = held.as_ref().filter(|t| t.until > Instant::now()) {
            return Ok(Token { kept: true, ..token.clone() });
        }
        let token =
            timeout_at(deadline, fetch(configured, asked, client, deadline)).await.map_err(|_| late())??;
        *held = Some(token.clone());
        Ok(token)
    }

    /// The target did not take this token: the next one is asked for.
    pub(crate) async fn forget(&self, connector: &str, token: &Token) {
        let place = self.place(connector);
        let mut held = place.lock().await;
        if held.as_ref().is_some_and(|t| Arc::ptr_eq(&t.value, &token.value)) {
            *held = None;
        }
    }

    fn place(&self, connector: &str) -> Arc<Mutex<Option<Token>>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(connector.to_string()).or_default())
    }
}

fn no_token(kind: FailureKind, words: String) -> Trouble {
    Trouble { kind, sent: Sent::No, words, status: None }
}

async fn fetch(
    configured: &Configured,
    asked: &Asked<'_>,
    client: &Client,
    deadline: Instant,
) -> Result<Token, Trouble> {
    let url = match asked.at {
        TokenAt::Path(path) => address::join(&configured.base_url, path, &[]),
        TokenAt::Setting(name) => {
            configured.value(name).and_then(|v| Url::parse(v).ok()).ok_or_else(|| "is no address".to_string())
        }
    }
    .map_err(|why| no_token(FailureKind::Rejected, format!("where tokens are given: {why}")))?;
    let host = url.host_str().unwrap_or("").to_string();
    let mut request = reqwest::Request::new(Method::POST, url);
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    *request.body_mut() = Some(form(asked).into());
    let started = Instant::now();
    let response = client.execute(request).await.map_err(|e| {
        no_token(FailureKind::Unavailable, format!("{host} gives no token: {}", innermost(&e)))
    })?;
    let status = response.status();
    if status != StatusCode::OK {
        let kind = match status.as_u16() {
            400 | 401 | 403 => FailureKind::Denied,
            429 => FailureKind::RateLimited,
            _ => FailureKind::Unavailable,
        };
        let patience = deadline.min(Instant::now() + Duration::from_secs(1));
        let said = beginning(response, patience, &[asked.secret]).await;
        return Err(no_token(kind, format!("{host} gives no token: {}: {said}", named(status))));
    }
    let unusable = |what: &str| no_token(FailureKind::BadResponse, format!("{host} gives no token: {what}"));
    // Not repeated in words: it may hold the token.
    let body =
        Zeroizing::new(whole(response, None).await.map_err(|_| unusable("its answer cannot be read"))?);
    let answer: serde_json::Value =
        serde_json::from_slice(&body).map_err(|_| unusable("its answer is not JSON"))?;
    let text = |name: &str| answer.get(name).and_then(serde_json::Value::as_str);
    let value = text("access_token")
        .filter(|t| !t.is_empty() && t.len() <= MAX_TOKEN && t.bytes().all(|b| b.is_ascii_graphic()))
        .ok_or_else(|| unusable("its answer has no `access_token` that fits a header"))?;
    if !text("token_type").is_none_or(|t| t.eq_ignore_ascii_case("bearer")) {
        return Err(unusable("its token is not of type `Bearer`"));
    }
    let seconds = answer.get("expires_in").and_then(|n| n.as_u64().or_else(|| n.as_str()?.parse().ok()));
    let good = seconds.map_or(UNSAID, Duration::from_secs).min(LONGEST);
    // One that ends within the margin is used for the request at hand.
    let until = started.checked_add(good.saturating_sub(MARGIN)).unwrap_or(started);
    Ok(Token { value: Arc::new(Zeroizing::new(value.to_string())), until, kept: false })
}

/// The credentials stand in the body: more servers take them there than in a header.
fn form(asked: &Asked<'_>) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    form.append_pair("client_id", asked.id).append_pair("client_secret", asked.secret);
    if let Some(scope) = asked.scope {
        form.append_pair("scope", scope);
    }
    form.finish()
}

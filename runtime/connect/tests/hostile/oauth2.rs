//! Tokens for a client's credentials: asked for once, renewed when they are refused, and never in words.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use play_connect::{Reply, Sent, Settings, Transport};
use play_program::action::{Auth, TokenAt};
use play_program::value::FailureKind;
use tokio::io::AsyncWriteExt;

use crate::peer::{Call, Peer, TOKEN, failure};

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn token(value: &str) -> String {
    http("200 OK", &format!(r#"{{"access_token":"{value}","token_type":"bearer","expires_in":3600}}"#))
}

/// Answers the requests in turn; the last answer stays.
async fn peer(answers: Vec<String>) -> Peer {
    let n = Arc::new(AtomicUsize::new(0));
    let answers = Arc::new(answers);
    Peer::start(move |mut stream| {
        let (n, answers) = (Arc::clone(&n), Arc::clone(&answers));
        async move {
            let n = n.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            let _ = stream.write_all(answers[n].as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

struct Client {
    transport: Transport,
    settings: Settings,
    call: Call,
}

impl Client {
    fn of(mut call: Call, peer: &Peer) -> Self {
        call.connector.auth = Auth::ClientCredentials {
            at: TokenAt::Path("/oauth2/token".into()),
            id: "user".into(),
            secret: "token".into(),
            scope: Some("hosts:read hosts:write".into()),
        };
        call.connector.config.push(play_program::action::ConfigField {
            name: "user".into(),
            ty: play_program::types::Type::String,
            secret: false,
        });
        call.config.push_str("\nuser = 'play & co'");
        let settings = call.settings(&format!("http://{}/base", peer.address));
        Self { transport: Transport::new().unwrap(), settings, call }
    }

    async fn send(&self) -> Reply {
        let Call { connector, action, request, .. } = &self.call;
        self.transport.send(connector, action, request, &self.settings, None, Duration::from_secs(20)).await
    }
}

async fn seen(peer: &mut Peer) -> Vec<String> {
    let mut all = Vec::new();
    while let Ok(request) = peer.seen.try_recv() {
        all.push(request);
    }
    all
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_carried_by_each_request() {
    let mut peer = peer(vec![token("t-1"), http("200 OK", "{}")]).await;
    let client = Client::of(Call::read(), &peer);
    for _ in 0..3 {
        assert!(matches!(client.send().await, Reply::Answered { status: 200, .. }));
    }
    let seen = seen(&mut peer).await;
    assert_eq!(seen.len(), 4, "{seen:#?}");
    assert!(seen[0].starts_with("POST /base/oauth2/token HTTP/1.1\r\n"), "{}", seen[0]);
    assert!(seen[0].ends_with(&format!(
        "grant_type=client_credentials&client_id=play+%26+co&client_secret={TOKEN}&scope=hosts%3Aread+hosts%3Awrite"
    )));
    assert!(!seen[0].contains("authorization"));
    assert!(seen[1..].iter().all(|r| r.contains("authorization: Bearer t-1\r\n")), "{seen:#?}");
}

#[tokio::test]
async fn a_kept_token_that_is_refused_is_renewed_once() {
    let refused = http("401 Unauthorized", "");
    let answers =
        vec![token("old"), http("200 OK", "{}"), refused.clone(), token("new"), http("200 OK", "{}")];
    let mut peer = peer(answers).await;
    let client = Client::of(Call::write(), &peer);
    assert!(matches!(client.send().await, Reply::Answered { .. }));
    assert!(matches!(client.send().await, Reply::Answered { .. }));
    let seen = seen(&mut peer).await;
    let tokens: Vec<bool> = seen.iter().map(|r| r.contains("/oauth2/token")).collect();
    assert_eq!(tokens, [true, false, false, true, false], "{seen:#?}");
    assert!(seen[4].contains("authorization: Bearer new\r\n"));
}

#[tokio::test]
async fn a_new_token_that_is_refused_is_a_denial() {
    let mut peer = peer(vec![token("t-1"), http("401 Unauthorized", "the token t-1 is not good")]).await;
    let client = Client::of(Call::write(), &peer);
    let (kind, sent, words) = failure(client.send().await);
    assert_eq!((kind, sent), (FailureKind::Denied, Sent::Refused));
    assert!(!words.contains("t-1"), "{words}");
    assert_eq!(seen(&mut peer).await.len(), 2, "it is not tried again");
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let cases = [
        (http("400 Bad Request", &format!("client_secret {TOKEN} is wrong")), FailureKind::Denied),
        (http("429 Too Many Requests", ""), FailureKind::RateLimited),
        (http("302 Found", ""), FailureKind::Unavailable),
        (http("200 OK", "<html>"), FailureKind::BadResponse),
        (http("200 OK", r#"{"access_token":""}"#), FailureKind::BadResponse),
        (http("200 OK", "{\"access_token\":\"a\\nb\"}"), FailureKind::BadResponse),
        (http("200 OK", r#"{"access_token":"a","token_type":"mac"}"#), FailureKind::BadResponse),
        (http("200 OK", r#"["a"]"#), FailureKind::BadResponse),
    ];
    for (answer, wanted) in cases {
        let mut peer = peer(vec![answer.clone()]).await;
        let (kind, sent, words) = failure(Client::of(Call::write(), &peer).send().await);
        assert_eq!((kind, sent), (wanted, Sent::No), "{answer}: {words}");
        assert!(words.contains("gives no token") && !words.contains(TOKEN), "{words}");
        assert_eq!(seen(&mut peer).await.len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn those_who_need_a_token_at_once_ask_for_one() {
    let mut peer = peer(vec![token("t-1"), http("200 OK", "{}")]).await;
    let client = Client::of(Call::read(), &peer);
    let (a, b, c) = tokio::join!(client.send(), client.send(), client.send());
    assert!([a, b, c].iter().all(|r| matches!(r, Reply::Answered { .. })));
    let asked = seen(&mut peer).await.iter().filter(|r| r.contains("/oauth2/token")).count();
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_write_asks_last_whether_it_may_leave_after_its_token_is_there() {
    let mut peer =
        peer(vec![token("old"), http("401 Unauthorized", ""), token("new"), http("200 OK", "{}")]).await;
    let client = Client::of(Call::write(), &peer);
    let Call { connector, action, request, .. } = &client.call;
    let asked = AtomicUsize::new(0);
    let within = Duration::from_secs(20);
    let may_not = || {
        asked.fetch_add(1, Ordering::SeqCst);
        false
    };
    let reply =
        client.transport.send_if(connector, action, request, &client.settings, None, within, &may_not).await;
    assert_eq!(failure(reply).1, Sent::No);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let seen_now = seen(&mut peer).await;
    assert!(seen_now.len() == 1 && seen_now[0].contains("/oauth2/token"), "{seen_now:#?}");
    // It may leave, is refused for its kept token, and may not any more once there is a new one.
    let left = AtomicUsize::new(0);
    let once = || left.fetch_add(1, Ordering::SeqCst) == 0;
    let reply =
        client.transport.send_if(connector, action, request, &client.settings, None, within, &once).await;
    assert_eq!(failure(reply).1, Sent::No);
    let tokens: Vec<bool> = seen(&mut peer).await.iter().map(|r| r.contains("/oauth2/token")).collect();
    assert_eq!(tokens, [false, true]);
}

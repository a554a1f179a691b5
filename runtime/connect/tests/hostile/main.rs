//! Against peers that break off, stall, flood and lie: every reply is bounded, of the right kind, and truthful about whether
//! the request can have had an effect.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

mod oauth2;
mod peer;

use std::time::Duration;

use peer::{Call, Peer, TOKEN, failure};
use play_connect::{MAX_ANSWER, MAX_WORDS, Reply, Sent, parse_body};
use play_program::action::{Auth, ConfigField};
use play_program::types::Type;
use play_program::value::FailureKind;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// Never answers, and keeps the connection open.
async fn silence(stream: TcpStream) {
    let _open = stream;
    std::future::pending::<()>().await;
}

/// Sends a beginning, then the same bytes for ever.
async fn endless(mut stream: TcpStream, head: &'static str, more: Vec<u8>) {
    let _ = stream.write_all(head.as_bytes()).await;
    while stream.write_all(&more).await.is_ok() {}
}

#[tokio::test]
async fn an_answer_is_handed_on_as_it_came() {
    let peer = Peer::says("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n[1,2]").await;
    let Reply::Answered { status, body, .. } = peer.read().await else { panic!() };
    assert_eq!((status, body.as_slice()), (200, b"[1,2]".as_slice()));
}

#[tokio::test]
async fn a_request_is_what_the_program_computed() {
    let mut peer = Peer::says(OK).await;
    let mut call = Call::write();
    call.request.query = vec![("q".into(), "a b&c".into())];
    call.request.headers = vec![("X-Trace".into(), "ü 1".into())];
    call.request.body = Some(serde_json::json!({"a": 1}));
    call.key = Some("run-7".into());
    assert!(matches!(call.send(peer.address).await, Reply::Answered { .. }));
    let request = peer.request().await;
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> =
        head.lines().filter(|l| !l.starts_with("host:") && !l.starts_with("user-agent:")).collect();
    lines[1..].sort_unstable();
    insta::assert_snapshot!(format!("{}\n\n{body}", lines.join("\n")), @r#"
    POST /base/users/x/suspend?q=a+b%26c HTTP/1.1
    accept: application/json
    authorization: Bearer s3cret-token
    content-length: 7
    content-type: application/json
    idempotency-key: run-7
    x-trace: ü 1

    {"a":1}
    "#);
}

#[tokio::test]
async fn a_write_without_a_body_says_so() {
    let mut peer = Peer::says(OK).await;
    peer.write().await;
    assert!(peer.request().await.contains("content-length: 0\r\n"));
}

#[tokio::test]
async fn each_kind_of_credentials_goes_into_its_header() {
    let mut call = Call::write();
    call.connector.config.push(ConfigField { name: "user".into(), ty: Type::String, secret: false });
    call.config.push_str("\nuser = 'play'");
    for (auth, header) in [
        (Auth::Basic("user".into(), "token".into()), "authorization: Basic cGxheTpzM2NyZXQtdG9rZW4="),
        (Auth::Header("X-Api-Key".into(), "token".into()), "x-api-key: s3cret-token"),
    ] {
        let mut peer = Peer::says(OK).await;
        call.connector.auth = auth;
        call.send(peer.address).await;
        assert!(peer.request().await.contains(header));
    }
}

#[tokio::test]
async fn a_refused_connection_has_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (kind, sent, words) = failure(Call::write().send(address).await);
    assert_eq!((kind, sent), (FailureKind::Unavailable, Sent::No));
    assert!(words.starts_with("127.0.0.1 cannot be reached: "), "{words}");
}

#[tokio::test]
async fn an_unknown_host_has_sent_nothing() {
    let (kind, sent, words) = failure(Call::write().send_to("http://host.invalid/base").await);
    assert_eq!((kind, sent), (FailureKind::Unavailable, Sent::No));
    assert!(words.starts_with("host.invalid cannot be reached: "), "{words}");
}

#[tokio::test]
async fn a_failed_tls_handshake_has_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"this is not TLS").await.unwrap();
        silence(stream).await;
    });
    let (kind, sent, _) = failure(Call::write().send_to(&format!("https://{address}/base")).await);
    assert_eq!((kind, sent), (FailureKind::Unavailable, Sent::No));
}

#[tokio::test]
async fn a_time_out_before_the_handshake_is_done_has_sent_nothing() {
    let peer = Peer::start(silence).await;
    let mut call = Call::write();
    call.timeout = Duration::from_millis(100);
    let (kind, sent, _) = failure(call.send_to(&format!("https://{}/base", peer.address)).await);
    assert_eq!((kind, sent), (FailureKind::Unavailable, Sent::No));
}

#[tokio::test]
async fn a_time_out_after_the_request_leaves_it_unknown() {
    let mut peer = Peer::start(silence).await;
    let mut call = Call::write();
    call.timeout = Duration::from_millis(500);
    let (kind, sent, words) = failure(call.send(peer.address).await);
    assert_eq!(
        (kind, sent, words.as_str()),
        (FailureKind::Timeout, Sent::Unknown, "no answer within 500 ms")
    );
    assert!(peer.request().await.starts_with("POST /base/users/x/suspend "));
}

#[tokio::test]
async fn a_slow_body_is_not_waited_for_beyond_the_time() {
    let peer = Peer::start(|mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{").await;
        silence(stream).await;
    })
    .await;
    let mut call = Call::write();
    call.timeout = Duration::from_millis(500);
    let (kind, sent, _) = failure(call.send(peer.address).await);
    assert_eq!((kind, sent), (FailureKind::Timeout, Sent::Unknown));
}

#[tokio::test]
async fn a_reset_after_the_request_leaves_it_unknown_and_is_not_sent_again() {
    let mut peer = Peer::start(|stream: TcpStream| async move {
        stream.set_zero_linger().unwrap();
    })
    .await;
    let (kind, sent, _) = failure(peer.write().await);
    assert_eq!((kind, sent), (FailureKind::Unavailable, Sent::Unknown));
    peer.request().await;
    assert!(peer.seen.try_recv().is_err(), "it came twice");
}

#[tokio::test]
async fn a_close_without_an_answer_leaves_it_unknown() {
    let peer = Peer::says("").await;
    let (kind, sent, _) = failure(peer.write().await);
    assert_eq!((kind, sent), (FailureKind::Unavailable, Sent::Unknown));
}

#[tokio::test]
async fn a_write_does_not_use_a_connection_that_was_used_before() {
    let mut peer = Peer::start(|mut stream: TcpStream| async move {
        let _ = stream.write_all(OK.as_bytes()).await;
        silence(stream).await;
    })
    .await;
    let call = Call::write();
    let text = format!("[connectors.okta]\nbase_url = 'http://{}'\n{}", peer.address, call.config);
    let settings =
        play_connect::Settings::load(&[("t", &text)], std::slice::from_ref(&call.connector)).unwrap();
    let transport = play_connect::Transport::new().unwrap();
    for _ in 0..2 {
        let reply =
            transport.send(&call.connector, &call.action, &call.request, &settings, None, call.timeout).await;
        assert!(matches!(reply, Reply::Answered { .. }));
        // The peer reads one request a connection, so each of them came over its own.
        peer.request().await;
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_cannot_be_read() {
    let peer = Peer::says("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}").await;
    let (kind, sent, words) = failure(peer.write().await);
    assert_eq!((kind, sent), (FailureKind::BadResponse, Sent::Unknown));
    assert!(words.starts_with("the answer breaks off after 2 bytes"), "{words}");
}

#[tokio::test]
async fn more_than_was_announced_is_not_part_of_the_answer() {
    let peer = Peer::says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 500 No\r\n\r\n").await;
    let Reply::Answered { body, .. } = peer.write().await else { panic!() };
    assert_eq!(body, b"{}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", MAX_ANSWER + 1);
    let endless_body = Peer::start(|s| endless(s, "HTTP/1.1 200 OK\r\n\r\n", vec![b' '; 1 << 20])).await;
    let endless_chunks = Peer::start(|s| {
        endless(
            s,
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat().repeat(16),
        )
    })
    .await;
    for peer in [Peer::says(announced).await, endless_body, endless_chunks] {
        let (kind, sent, words) = failure(peer.write().await);
        assert_eq!(
            (kind, sent, words.as_str()),
            (FailureKind::BadResponse, Sent::Unknown, "the answer is larger than 8 MiB")
        );
    }
}

#[tokio::test]
async fn heads_without_end_are_cut_off() {
    let many = Peer::start(|s| endless(s, "HTTP/1.1 200 OK\r\n", b"a: b\r\n".repeat(1000))).await;
    let long = Peer::start(|s| endless(s, "HTTP/1.1 200 OK\r\na: ", vec![b'x'; 1 << 16])).await;
    for peer in [many, long] {
        let (kind, sent, words) = failure(peer.write().await);
        assert_eq!((kind, sent), (FailureKind::BadResponse, Sent::Unknown), "{words}");
        assert!(words.starts_with("the head of the answer cannot be read"), "{words}");
    }
}

#[tokio::test]
async fn what_is_not_http_cannot_be_read() {
    let peer = Peer::says("SSH-2.0-OpenSSH_9.9\r\n\r\n").await;
    let (kind, sent, _) = failure(peer.write().await);
    assert_eq!((kind, sent), (FailureKind::BadResponse, Sent::Unknown));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let mut elsewhere = Peer::says(OK).await;
    for (status, effect) in
        [(302, Sent::Unknown), (303, Sent::Unknown), (307, Sent::Refused), (308, Sent::Refused)]
    {
        let to = elsewhere.address;
        let peer =
            Peer::says(format!("HTTP/1.1 {status} X\r\nlocation: http://{to}/\r\ncontent-length: 0\r\n\r\n"))
                .await;
        let (kind, sent, words) = failure(peer.write().await);
        assert_eq!((kind, sent), (FailureKind::Rejected, effect));
        assert!(words.ends_with("redirects are not followed"), "{words}");
    }
    assert!(elsewhere.seen.try_recv().is_err());
}

#[tokio::test]
async fn the_words_of_a_refusal_are_kept_short_and_without_secrets() {
    let body = format!("no \x1b[2J{TOKEN} here\r\n{}", "x".repeat(100_000));
    let peer = Peer::says(format!("HTTP/1.1 403 N\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await;
    let (kind, sent, words) = failure(peer.write().await);
    assert_eq!((kind, sent), (FailureKind::Denied, Sent::Refused));
    assert!(words.starts_with("403 Forbidden: no [2J*** here xxx"), "{words}");
    assert_eq!(words.chars().count(), MAX_WORDS);
}

#[tokio::test]
async fn a_refusal_whose_body_never_comes_is_a_refusal() {
    let peer = Peer::start(|mut stream: TcpStream| async move {
        let _ =
            stream.write_all(b"HTTP/1.1 409 C\r\ncontent-length: 100\r\n\r\nbusy with another change").await;
        silence(stream).await;
    })
    .await;
    let (kind, sent, words) = failure(peer.write().await);
    assert_eq!((kind, sent, words.as_str()), (FailureKind::Rejected, Sent::Refused, "409 Conflict: busy wi"));
}

#[tokio::test]
async fn half_a_secret_at_the_end_of_a_cut_body_is_not_shown() {
    let half = TOKEN.get(..TOKEN.len() - 1).unwrap();
    let peer =
        Peer::says(format!("HTTP/1.1 403 N\r\ncontent-length: 1000\r\n\r\nyour token is {half}")).await;
    let (_, _, words) = failure(peer.write().await);
    assert_eq!(words, "403 Forbidden: your tok");
    let blanks = " ".repeat(4096 - 10);
    let body = format!("a{blanks}b{TOKEN}{}", "x".repeat(10_000));
    let peer = Peer::says(format!("HTTP/1.1 403 N\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await;
    let (_, _, words) = failure(peer.write().await);
    assert!(!words.contains("s3c"), "{words}");
}

#[tokio::test]
async fn a_web_page_instead_of_json_says_where_it_is_none() {
    let peer = Peer::says("HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n<html></html>").await;
    let Reply::Answered { body, .. } = peer.read().await else { panic!() };
    assert_eq!(parse_body(&body).unwrap_err(), "not JSON at byte 0: expected value");
}

#[tokio::test]
async fn requests_that_would_be_another_than_meant_do_not_leave() {
    let mut peer = Peer::says(OK).await;
    let header = |name: &str, value: &str| {
        let mut call = Call::write();
        call.request.headers = vec![(name.into(), value.into())];
        call
    };
    let path = |path: &str| {
        let mut call = Call::write();
        call.request.path = path.into();
        call
    };
    let mut words = String::new();
    for call in [
        header("X-Name", "a\r\nX-Admin: yes"),
        header("X Name", "a"),
        header("Host", "elsewhere"),
        header("Authorization", "Bearer mine"),
        header("Transfer-Encoding", "chunked"),
        path("/users/../admins"),
        path("/users//suspend"),
        path("/users/x?admin=yes"),
    ] {
        let (kind, sent, why) = failure(call.send(peer.address).await);
        assert_eq!((kind, sent), (FailureKind::Rejected, Sent::No));
        words.push_str(&why);
        words.push('\n');
    }
    insta::assert_snapshot!(words, @r"
    the header `x-name` would hold a line break or another control character
    the name of a header is not one
    the header `host` cannot be set by an action
    the header `authorization` cannot be set by an action
    the header `transfer-encoding` cannot be set by an action
    a segment of the path is `.` or `..`
    a segment of the path is empty
    the path holds ?, which must be percent-encoded
    ");
    assert!(peer.seen.try_recv().is_err());
}

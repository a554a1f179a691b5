//! The program as it is started by hand, spoken to in plain HTTP.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// A running server; ends with the test.
struct Demo {
    child: Child,
    address: String,
}

impl Demo {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_play-demo"))
            .args(["--port", "0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_string();
        Self { child, address }
    }

    fn send(&self, request: &str, headers: &str, body: &str) -> std::io::Result<String> {
        self.send_and_wait(request, headers, body, Duration::from_secs(60))
    }

    fn send_and_wait(
        &self,
        request: &str,
        headers: &str,
        body: &str,
        wait: Duration,
    ) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(wait))?;
        let length = body.len();
        write!(
            stream,
            "{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Status and body.
    fn ask(&self, request: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.send(request, "", &body).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn writes_are_counted_with_what_they_said() {
    let demo = Demo::start(&["--latency", "1ms"]);
    assert_eq!(
        demo.ask("POST /chat/messages", json!({"channel": "#a", "text": "b"})),
        (201, json!({"id": "m-1"}))
    );
    assert_eq!(demo.ask("POST /chat/messages", json!({"channel": "#a"})).0, 422);
    assert_eq!(demo.ask("GET /nowhere", json!(null)).0, 404);
    let (status, mut counts) = demo.ask("GET /_demo/counts", json!(null));
    assert_eq!(status, 200);
    assert!(counts["writes"][0]["ms"].take().is_u64());
    assert!(counts["writes"][1]["ms"].take().is_u64());
    let write = |body: Value, performed: bool, status: u16| json!({"path": "/chat/messages", "body": body, "idempotency_key": null, "ms": null, "performed": performed, "status": status});
    let writes = [
        write(json!({"channel": "#a", "text": "b"}), true, 201),
        write(json!({"channel": "#a"}), false, 422),
    ];
    assert_eq!(counts, json!({"writes": writes, "doubles": []}));
}

#[test]
fn a_token_is_required_when_there_is_one() {
    let demo = Demo::start(&["--token", "t0ken"]);
    let status = |headers: &str| {
        demo.send("GET /assets/111122223333", headers, "").unwrap().split(' ').nth(1).unwrap().to_string()
    };
    assert_eq!(status(""), "401");
    assert_eq!(status("authorization: Bearer other\r\n"), "401");
    assert_eq!(status("authorization: Bearer t0ken\r\n"), "200");
    assert_eq!(demo.ask("GET /_demo/counts", json!(null)).0, 200);
}

#[test]
fn faults_are_told_over_http() {
    let demo = Demo::start(&[]);
    let told = |fault: Value| demo.ask("POST /_demo/faults", fault).0;
    assert_eq!(told(json!({"path": "/assets", "kind": "status", "value": 503, "times": 2})), 201);
    assert_eq!(told(json!({"path": "/intel", "kind": "reset_after_request"})), 201);
    assert_eq!(told(json!({"path": "/okta", "kind": "hang"})), 201);
    assert_eq!(told(json!({"path": "/okta", "kind": "status", "value": 7})), 400);
    assert_eq!(told(json!({"path": "/okta", "kind": "explode"})), 400);
    let asset = || demo.ask("GET /assets/111122223333", json!(null)).0;
    assert_eq!([asset(), asset(), asset()], [503, 503, 200]);
    let reset = demo.send("GET /intel/ip/192.0.2.60", "", "");
    assert!(reset.as_ref().is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset), "{reset:?}");
    let hangs = demo.send_and_wait("GET /okta/api/v1/users/x", "", "", Duration::from_millis(300));
    assert!(hangs.as_ref().is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock), "{hangs:?}");
    assert_eq!(told(json!({"path": "/", "kind": "status", "value": 500, "times": 9})), 201);
    assert_eq!(demo.ask("DELETE /_demo/faults", json!(null)).0, 200);
    assert_eq!(asset(), 200);
}

//! A service that a test starts, speaks to and ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use play_tests::{playc, schema, store};
use serde_json::Value;
use sha2::Sha256;

pub mod desk;
pub mod fleet;
pub mod tickets;

/// The settings of a service at a port of its own with one webhook, `edr`, with the secrets of a [`World`]. What is said of that webhook
/// besides may follow at once.
pub const SERVED: &str = r#"
[serve]
listen = "127.0.0.1:0"
token = { file = "token" }
[serve.webhook.edr]
secret = { file = "hmac" }
header = "X-Signature"
prefix = "sha256="
"#;

/// A folder with a project.
pub struct World(pub tempfile::TempDir);

/// A service that is killed when the test is done with it.
pub struct Service {
    pub child: Child,
    pub address: String,
    log: Mutex<mpsc::Receiver<Value>>,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl World {
    /// A project of these files, and two secrets: `t0ken` in `token`, `s3cret` in `hmac`.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("token", "t0ken\n"), ("hmac", "s3cret\n")].iter().chain(files) {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `playc run` over `a.jsonl`, against the stubs, into a store of its own: what it printed, and the case of its first run.
    pub fn opened(&self) -> (playc::Ran, String) {
        let path = |name: &str| self.path(name).display().to_string();
        let (alerts, stubs, store) = (path("a.jsonl"), path("stubs.json"), path("store"));
        let ran = playc::run(&["run", &path(""), "--alert", &alerts, "--stub", &stubs, "--store", &store]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let case = store::runs(&self.path("store"))[0]["case"].as_str().unwrap().to_string();
        (ran, case)
    }

    pub fn serve(&self) -> Service {
        let stubs = self.path("stubs.json").display().to_string();
        self.serve_at(&self.path("store").display().to_string(), &["--stub", &stubs])
    }

    /// At this store, with further words.
    pub fn serve_at(&self, store: &str, words: &[&str]) -> Service {
        self.try_serve_at(store, words, &[]).unwrap_or_else(|seen| panic!("it does not listen: {seen:#?}"))
    }

    /// The same, with these variables; what it has logged and how it has ended, where it ends before it listens.
    pub fn try_serve_at(
        &self,
        store: &str,
        words: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<Service, (Vec<Value>, Option<ExitStatus>)> {
        let mut command = Command::new(playc::path());
        playc::told_nothing(&mut command);
        let mut child = command
            .arg("serve")
            .arg(self.0.path())
            .args(words)
            .arg("--store")
            .arg(store)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (tx, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if tx.send(value).is_err() {
                    return;
                }
            }
        });
        let mut service = Service { child, address: String::new(), log: Mutex::new(log) };
        match service.try_until("listening") {
            Ok(line) => service.address = line["address"].as_str().unwrap().to_string(),
            Err(seen) => {
                // It has closed its log, and is about to end.
                let ended = (0..100).find_map(|_| {
                    std::thread::sleep(Duration::from_millis(20));
                    service.child.try_wait().unwrap()
                });
                return Err((seen, ended));
            }
        }
        Ok(service)
    }

    pub fn states(&self) -> Vec<(String, String)> {
        let runs = store::runs(&self.path("store"));
        let text = |run: &Value, name: &str| run[name].as_str().unwrap_or_default().to_string();
        runs.iter().map(|run| (text(run, "state"), text(run, "outcome"))).collect()
    }

    /// Every line verifies, every run replays.
    pub fn is_sound(&self) {
        Self::is_sound_at(&self.path("store").display().to_string());
    }

    /// The same of the store at a place.
    pub fn is_sound_at(store: &str) {
        for args in [["trace", "verify", "--store"].as_slice(), &["replay", "--all", "--store"]] {
            let args = [args, &[store]].concat();
            let ran = playc::run(&args);
            assert_eq!(ran.code, 0, "{ran:?}");
        }
    }
}

impl Service {
    /// Waits for a line of the log.
    pub fn until(&self, event: &str) -> Value {
        self.try_until(event).unwrap_or_else(|seen| panic!("no {event} in {seen:#?}"))
    }

    /// The same; what was logged instead, where it ends before.
    pub fn try_until(&self, event: &str) -> Result<Value, Vec<Value>> {
        let (began, log) = (Instant::now(), self.log.lock().unwrap());
        let mut seen = Vec::new();
        while began.elapsed() < Duration::from_secs(60) {
            let Ok(line) = log.recv_timeout(Duration::from_secs(60)) else { break };
            if line["event"] == event {
                return Ok(line);
            }
            seen.push(line);
        }
        Err(seen)
    }

    /// A request as bytes.
    pub fn request(head: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut text = format!("{head} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        text
    }

    /// Asks one who may be gone, or who goes: what was answered, if anything was.
    pub fn try_ask(&self, request: &str) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(body).ok()?))
    }

    pub fn ask(&self, head_of_request: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let text = Self::request(head_of_request, headers, body);
        // One who is refused may be cut off before all is sent.
        let _ = stream.write_all(text.as_bytes());
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = serde_json::from_str(body).unwrap_or(Value::String(body.into()));
        has_its_shape(head_of_request, status, &body);
        (status, body)
    }

    pub fn send(&self, delivery: &str, body: &str) -> (u16, Value) {
        let signature = format!("sha256={}", sign(body));
        self.ask("POST /hooks/edr", &[("X-Signature", &signature), ("X-Delivery", delivery)], body)
    }

    pub fn api(&self, head: &str, body: &Value) -> (u16, Value) {
        self.ask(head, &[("Authorization", "Bearer t0ken")], &body.to_string())
    }

    /// All of a list of the API (`status`, `cases`), from its first page to its last.
    pub fn list(&self, name: &str) -> Value {
        let (mut all, mut next) = (Vec::new(), format!("/api/v1/{name}"));
        loop {
            let (status, mut page) = self.api(&format!("GET {next}"), &Value::Null);
            assert_eq!(status, 200, "{page}");
            all.append(page["items"].as_array_mut().unwrap());
            match page["next"].as_str() {
                Some(more) => next = more.to_string(),
                None => return Value::Array(all),
            }
        }
    }

    pub fn decide(&self, case: &str, decision: &str, body: Value) -> (u16, Value) {
        // One without a reason is sent to be refused.
        assert_eq!(schema::check("decision", &body).is_ok(), body["because"] != "");
        self.api(&format!("POST /api/v1/runs/{case}/{decision}"), &body)
    }

    /// Ends it as a service manager does.
    pub fn stop(mut self) -> i32 {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code().unwrap()
    }
}

/// Every answer that is JSON has the shape that `playc schema` says.
pub fn has_its_shape(asked: &str, status: u16, answer: &Value) {
    let page = |name: &str| {
        schema::is("page", answer);
        answer["items"].as_array().unwrap().iter().for_each(|one| schema::is(name, one));
    };
    match (status, asked) {
        _ if answer.is_string() => {}
        (200, list) if list.starts_with("GET /api/v1/status") => page("standing"),
        (200, list) if list.starts_with("GET /api/v1/cases") => page("run"),
        (200, "POST /api/v1/pause" | "POST /api/v1/resume") => schema::is("ordered", answer),
        (200, _) => schema::is("decided", answer),
        _ if answer.get("records").is_some() => schema::is("records", answer),
        _ => schema::is("error", answer),
    }
}

pub fn sign(text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"s3cret").unwrap();
    mac.update(text.as_bytes());
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
}

pub fn outcome(answer: &Value) -> &str {
    answer["records"][0]["outcome"].as_str().unwrap_or_default()
}

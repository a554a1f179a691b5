//! A peer on a socket of its own that does what a test tells it to.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::SignedDuration;
use play_connect::{Reply, Sent, Settings, Transport};
use play_program::action::{Action, Auth, ConfigField, Connector, Request};
use play_program::types::Type;
use play_program::value::FailureKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

pub const TOKEN: &str = "s3cret-token";

/// A peer; what arrives at it comes out of `seen`.
pub struct Peer {
    pub address: SocketAddr,
    pub seen: mpsc::UnboundedReceiver<String>,
}

impl Peer {
    /// Takes connections, reads one request from each, then lets `answer` do as it likes with the connection.
    pub async fn start<F, A>(answer: F) -> Self
    where
        F: Fn(TcpStream) -> A + Send + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, seen) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = request(&mut stream).await;
                let _ = tell.send(request);
                tokio::spawn(answer(stream));
            }
        });
        Self { address, seen }
    }

    /// Answers each request with the same bytes, and closes.
    pub async fn says(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |mut stream| {
            let bytes = bytes.clone();
            async move {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }

    /// The head and body of the request that came first.
    pub async fn request(&mut self) -> String {
        self.seen.recv().await.unwrap()
    }

    pub async fn write(&self) -> Reply {
        Call::write().send(self.address).await
    }

    pub async fn read(&self) -> Reply {
        Call::read().send(self.address).await
    }
}

async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let n = stream.read(&mut chunk).await.unwrap_or(0);
        bytes.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let length =
            head.lines().find_map(|l| l.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
        if n == 0 || (text.contains("\r\n\r\n") && body.len() >= length) {
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
}

/// A call, with parts that a test may change.
pub struct Call {
    pub connector: Connector,
    pub action: Action,
    pub request: Request,
    pub config: String,
    pub key: Option<String>,
    pub timeout: Duration,
}

impl Call {
    pub fn write() -> Self {
        let field = |name: &str, ty, secret| ConfigField { name: name.into(), ty, secret };
        Self {
            connector: Connector {
                name: "okta".into(),
                config: vec![field("base_url", Type::Url, false), field("token", Type::String, true)],
                auth: Auth::Bearer("token".into()),
                limit: None,
            },
            action: Action {
                connector: "okta".into(),
                name: "suspend".into(),
                write: true,
                params: vec![],
                result: Type::Unit,
                method: "POST".into(),
                timeout: SignedDuration::from_secs(30),
                class: None,
                undo: None,
                target: Vec::new(),
                irreversible: None,
                cache: None,
                retry: None,
                idempotent: false,
                statuses: vec![200],
                fails: Vec::new(),
            },
            request: Request { path: "/users/x/suspend".into(), ..Request::default() },
            config: format!("token = {{ command = ['echo', '{TOKEN}'] }}"),
            key: None,
            timeout: Duration::from_secs(60),
        }
    }

    pub fn read() -> Self {
        let mut call = Self::write();
        call.action.write = false;
        call.action.method = "GET".into();
        call
    }

    /// Sends it to `http://address/base`.
    pub async fn send(&self, address: SocketAddr) -> Reply {
        self.send_to(&format!("http://{address}/base")).await
    }

    pub fn settings(&self, base_url: &str) -> Settings {
        let text = format!("[connectors.okta]\nbase_url = '{base_url}'\n{}", self.config);
        Settings::load(&[("test.toml", &text)], std::slice::from_ref(&self.connector)).unwrap()
    }

    pub async fn send_to(&self, base_url: &str) -> Reply {
        let settings = self.settings(base_url);
        let transport = Transport::new().unwrap();
        transport
            .send(&self.connector, &self.action, &self.request, &settings, self.key.as_deref(), self.timeout)
            .await
    }
}

/// The failure of a reply: kind, whether it can have had an effect, words.
pub fn failure(reply: Reply) -> (FailureKind, Sent, String) {
    match reply {
        Reply::Failed { kind, words, sent, .. } => (kind, sent, words),
        Reply::Answered { status, .. } => panic!("answered {status}"),
    }
}

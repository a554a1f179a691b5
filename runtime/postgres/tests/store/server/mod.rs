//! A server for the tests: the one that PLAY_TEST_POSTGRES names, or one that is started and ends with the test.
#![allow(dead_code, reason = "each test uses its part")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use play_postgres::{Options, Store, Url};
use tokio_postgres::{Client, NoTls};

/// A server of one's own. It ends, with its data, when this is gone, or the test.
pub struct Server {
    pub url: String,
    _stdin: ChildStdin,
    child: Child,
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&[], None)
    }

    /// With words for the script, and a folder with a certificate.
    pub fn start_with(words: &[&str], tls: Option<&std::path::Path>) -> Self {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let script = here.ancestors().map(|a| a.join("tests/postgres.sh")).find(|s| s.is_file()).unwrap();
        let mut command = Command::new("bash");
        command.arg(script).args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(folder) = tls {
            command.env("TLS", folder);
        }
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("postgres://"), "no server was started: {:?}", child.wait());
        Self { url: url.trim().to_string(), _stdin: child.stdin.take().unwrap(), child }
    }

    /// Kills it as a machine that loses its power would, as far as the server knows. It is started again.
    pub fn kill(&self) {
        let folder = self.url.split("host=").nth(1).unwrap().split('&').next().unwrap();
        let pids = std::fs::read_to_string(format!("{folder}/data/postmaster.pid")).unwrap();
        let pid = pids.lines().next().unwrap();
        assert!(Command::new("kill").args(["-KILL", pid]).status().unwrap().success());
    }

    /// A place for a new store.
    pub fn place(&self) -> Place {
        Place::at(&self.url)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.try_wait());
    }
}

/// The server that tests share.
pub fn url() -> &'static str {
    static URL: OnceLock<(String, Option<Server>)> = OnceLock::new();
    let (url, _) = URL.get_or_init(|| match std::env::var("PLAY_TEST_POSTGRES") {
        Ok(url) => (url, None),
        Err(_) => {
            let server = Server::start();
            (server.url.clone(), Some(server))
        }
    });
    url
}

/// A URL, whatever the environment of whoever runs the tests has to say about it.
pub fn url_of(text: &str) -> Url {
    Url::with_environment(text, |_| None).unwrap()
}

/// A place for a store: a schema that nobody else has.
pub struct Place {
    pub text: String,
    pub url: Url,
}

impl Place {
    /// On the server that tests share.
    pub fn new() -> Self {
        Self::at(url())
    }

    fn at(server: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mut random = [0; 4];
        getrandom::fill(&mut random).unwrap();
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("t{}_{n}", play_evidence::line::hex(&random));
        sql(server, &format!("CREATE SCHEMA {schema}"));
        let and = if server.contains('?') { '&' } else { '?' };
        let text = format!("{server}{and}options=-csearch_path%3D{schema}");
        Self { url: url_of(&text), text }
    }

    pub fn sql(&self, sql_text: &str) -> Vec<Vec<String>> {
        sql(&self.text, sql_text)
    }

    pub fn open(&self) -> Store {
        Store::open(&self.url, quick()).unwrap()
    }
}

/// Leases that are over soon.
pub fn quick() -> Options {
    Options { lease: Duration::from_millis(1500), ..Options::default() }
}

/// Runs SQL; gives all rows as text.
pub fn sql(url: &str, sql: &str) -> Vec<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = connect(url).await;
        let mut rows = Vec::new();
        for message in client.simple_query(sql).await.unwrap() {
            if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
                rows.push((0..row.len()).map(|n| row.get(n).unwrap_or_default().to_string()).collect());
            }
        }
        rows
    })
}

pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    drop(tokio::spawn(connection));
    client
}

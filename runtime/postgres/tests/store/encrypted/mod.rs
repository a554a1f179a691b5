//! A server that asks for a password and for TLS, with a certificate of an issuer of its own.
#![allow(dead_code, reason = "each test uses its part")]

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use super::server::{Server, sql};

/// It ends, with its data, when this is gone.
pub struct Encrypted {
    server: Server,
    port: u16,
    folder: tempfile::TempDir,
}

fn openssl(folder: &Path, words: &str) {
    let ran = Command::new("openssl").current_dir(folder).args(words.split(' ')).output().unwrap();
    assert!(ran.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&ran.stderr));
}

/// Two issuers, `ca` and `other`, and a certificate of the first for `localhost`.
fn certificates(folder: &Path) {
    for issuer in ["ca", "other"] {
        openssl(
            folder,
            &format!(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {issuer}.key -out {issuer}.crt -subj \
                 /CN={issuer} -days 2"
            ),
        );
    }
    openssl(
        folder,
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.csr -subj /CN=db",
    );
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl(
        folder,
        "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile names",
    );
}

impl Encrypted {
    /// With further settings.
    pub fn start(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        // Free just now. Whoever takes it meanwhile makes the server's start fail, and the test with it.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let plain = settings.contains(&"ssl=off");
        let port_word = port.to_string();
        let mut words = vec![port_word.as_str()];
        if !plain {
            words.push("ssl=on");
        }
        words.extend(settings);
        let server = Server::start_with(&words, (!plain).then_some(folder.path()));
        sql(&server.url, "ALTER USER play PASSWORD 'secret-of-play'");
        Self { server, port, folder }
    }

    /// The URL of its database at a host. `CA`, `OTHER` and `KEY` are files.
    pub fn url(&self, host: &str, options: &str) -> String {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        let options = options
            .replace("=CA", &format!("={}", file("ca.crt")))
            .replace("=OTHER", &format!("={}", file("other.crt")))
            .replace("=KEY", &format!("={}", file("server.key")));
        format!("postgres://play:secret-of-play@{host}:{}/postgres?{options}", self.port)
    }

    /// The certificate of its issuer.
    pub fn issuer(&self) -> std::path::PathBuf {
        self.folder.path().join("ca.crt")
    }

    /// Runs SQL there, over its socket.
    pub fn sql(&self, text: &str) -> Vec<Vec<String>> {
        sql(&self.server.url, text)
    }

    /// Has it take plain connections as well.
    pub fn let_in_plain(&self) {
        let rules = self.sql("SHOW hba_file")[0][0].clone();
        let all = std::fs::read_to_string(&rules).unwrap().replace("hostssl", "host");
        std::fs::write(rules, all).unwrap();
        self.sql("SELECT pg_reload_conf()");
    }
}

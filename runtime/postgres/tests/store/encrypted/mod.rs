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

/// A key and a request for a certificate of somebody.
fn asks(folder: &Path, file: &str, name: &str) {
    openssl(
        folder,
        &format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {file}.key -out {file}.csr -subj /CN={name}"
        ),
    );
}

/// Two issuers, `ca` and `other`, and certificates of the first: for `localhost`, and of two users; and one of the other.
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
    asks(folder, "server", "db");
    std::fs::write(folder.join("use"), "extendedKeyUsage=clientAuth\n").unwrap();
    for (user, name, issuer) in [("play", "play", "ca"), ("eve", "eve", "ca"), ("stranger", "play", "other")]
    {
        asks(folder, user, name);
        openssl(
            folder,
            &format!(
                "x509 -req -in {user}.csr -CA {issuer}.crt -CAkey {issuer}.key -CAcreateserial -out {user}.crt -days 2 -extfile use"
            ),
        );
    }
    // Without extensions it is of version 1.
    openssl(folder, "x509 -req -in play.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out old.crt -days 2");
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
        let file = |name: &str| self.file(name).display().to_string();
        let options = options
            .replace("=CA", &format!("={}", file("ca.crt")))
            .replace("=OTHER", &format!("={}", file("other.crt")))
            .replace("=KEY", &format!("={}", file("server.key")));
        format!("postgres://play:secret-of-play@{host}:{}/postgres?{options}", self.port)
    }

    /// The certificate of an issuer or of a user, or a key: `ca.crt`, `play.key` and the like.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// The certificate of its issuer.
    pub fn issuer(&self) -> std::path::PathBuf {
        self.file("ca.crt")
    }

    /// The URL of the same database over its socket, where nobody is asked anything.
    pub fn socket(&self) -> &str {
        &self.server.url
    }

    /// Runs SQL there, over its socket.
    pub fn sql(&self, text: &str) -> Vec<Vec<String>> {
        sql(&self.server.url, text)
    }

    /// Has it take plain connections as well.
    pub fn let_in_plain(&self) {
        self.rules("hostssl", "host");
        self.sql("SELECT pg_reload_conf()");
    }

    /// Has it look at the certificates of those who come, by its issuer, and let them in by this rule.
    pub fn asks_who_it_is(&self, rule: &str) {
        let issuer = Path::new(&self.sql("SHOW data_directory")[0][0]).join("issuer.crt");
        std::fs::write(&issuer, std::fs::read(self.issuer()).unwrap()).unwrap();
        self.rules("scram-sha-256", rule);
        self.sql("ALTER SYSTEM SET ssl_ca_file = 'issuer.crt'");
        self.sql("SELECT pg_reload_conf()");
        // Each session begins with what the server has read by then.
        while self.sql("SHOW ssl_ca_file") != [["issuer.crt"]] {}
    }

    fn rules(&self, what: &str, instead: &str) {
        let rules = self.sql("SHOW hba_file")[0][0].clone();
        let all = std::fs::read_to_string(&rules).unwrap().replace(what, instead);
        std::fs::write(rules, all).unwrap();
    }
}

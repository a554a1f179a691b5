//! Where a database is: `postgres://USER@HOST/DATABASE`.

use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::hosts;
use crate::reach::WITHIN;
use crate::tls::{self, Tls};

/// Where a database is. What is shown of it has no password.
#[derive(Clone)]
pub struct Url {
    config: Config,
    pub(crate) tls: Tls,
    shown: String,
}

/// After that a server that says nothing is taken for gone.
const GONE: Duration = Duration::from_secs(60);

/// Longer than that nobody means to wait for it.
const MOST: Duration = Duration::from_secs(3600);

/// What is to be written, for whoever wrote something else. What that was is not repeated: it may have a password in it.
const FORM: &str = "it is not of the form postgres://USER@HOST:PORT/DATABASE, or postgres://USER@/DATABASE?host=/FOLDER for a \
                    socket; in a name or a password, characters with a meaning are written as %XX";

impl Url {
    /// Whether a text is meant to be one.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// How to connect.
    pub(crate) fn config(&self, what_for: &str) -> Config {
        let mut config = self.config.clone();
        if config.get_application_name().is_none() {
            config.application_name(format!("play: {what_for}"));
        }
        // A server that is gone without a word is noticed in a minute, and not in two hours.
        if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
            config.keepalives_idle(GONE / 2);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(GONE / 6);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(GONE);
        }
        config
    }

    /// Until when a connection that is asked for now has to be there. `connect_timeout` is for each host, as with libpq.
    pub(crate) fn until(&self) -> Instant {
        let hosts = self.config.get_hosts().len().max(self.config.get_hostaddrs().len());
        let each = self.config.get_connect_timeout();
        let all = each.map(|each| each.saturating_mul(u32::try_from(hosts).unwrap_or(u32::MAX)));
        let now = Instant::now();
        now.checked_add(all.unwrap_or(WITHIN)).unwrap_or(now)
    }

    /// Until when one host that is asked now has to have let us in, where that is said.
    pub(crate) fn until_each(&self) -> Option<Instant> {
        Instant::now().checked_add(*self.config.get_connect_timeout()?)
    }

    /// How long an answer to whoever writes is waited for: as long as TCP waits for what was sent to be taken, and longer than others
    /// may keep their turns.
    pub(crate) fn patience(&self, lease: Duration) -> Duration {
        let said = self.config.get_tcp_user_timeout().copied();
        said.unwrap_or(GONE).max(lease.saturating_mul(2))
    }

    /// Reads one, and what it does not say from an environment: `PGPASSWORD`, `PGSSLMODE` and the like, which count where they are not
    /// empty. Reading it from text takes that of the process.
    ///
    /// # Errors
    /// What to write instead, without the password.
    pub fn with_environment(
        text: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let environment = |name: &str| environment(name).filter(|value| !value.is_empty());
        if !Self::is_one(text) {
            return Err(FORM.to_string());
        }
        let (text, words) = tls::taken(text);
        let mut config: Config = text.parse().map_err(|_| FORM.to_string())?;
        if config.get_hosts().is_empty() {
            return Err(FORM.to_string());
        }
        hosts::of(&config)?;
        if let Some(said) = config.get_tcp_user_timeout()
            && *said > MOST
        {
            return Err(format!(
                "tcp_user_timeout={} is in seconds here, and the most is {} (libpq has milliseconds: write a thousandth of those)",
                said.as_secs(),
                MOST.as_secs()
            ));
        }
        if config.get_password().is_none()
            && let Some(password) = environment("PGPASSWORD")
        {
            config.password(password);
        }
        let tls = Tls::of(&config, &words, environment)?;
        config.ssl_mode(tls.ssl_mode());
        let shown = shown(&config, &tls);
        Ok(Self { config, tls, shown })
    }
}

impl FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::with_environment(text, |name| std::env::var(name).ok())
    }
}

/// The URL again, from all of it that is no secret.
fn shown(config: &Config, tls: &Tls) -> String {
    let mut url = "postgres://".to_string();
    if let Some(user) = config.get_user() {
        let _ = write!(url, "{}@", escaped(user));
    }
    let ports = config.get_ports();
    let port = |n: usize| ports.get(n).or(ports.first()).copied().filter(|port| *port != 5432);
    let mut folders = Vec::new();
    let mut hosts = Vec::new();
    for (n, host) in config.get_hosts().iter().enumerate() {
        match host {
            Host::Tcp(name) => {
                hosts.push(port(n).map_or_else(|| name.clone(), |port| format!("{name}:{port}")));
            }
            Host::Unix(path) => folders.push((path.display().to_string(), port(n))),
        }
    }
    url.push_str(&hosts.join(","));
    let _ = write!(url, "/{}", config.get_dbname().map(escaped).unwrap_or_default());
    let mut options = Vec::new();
    for (folder, port) in folders {
        options.push(format!("host={}", escaped_but(&folder, "/")));
        options.extend(port.map(|p| format!("port={p}")));
    }
    options.extend(config.get_options().map(|o| format!("options={}", escaped_but(o, "="))));
    options.extend(config.get_hostaddrs().iter().map(|address| format!("hostaddr={address}")));
    options.extend(tls.written.iter().map(|(name, value)| format!("{name}={}", escaped_but(value, "/"))));
    if !options.is_empty() {
        let _ = write!(url, "?{}", options.join("&"));
    }
    url
}

fn escaped(text: &str) -> String {
    escaped_but(text, "")
}

fn escaped_but(text: &str, plain: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || plain.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        read(text).unwrap().to_string()
    }

    /// Whatever the environment of whoever runs this has.
    fn read(text: &str) -> Result<Url, String> {
        Url::with_environment(text, |_| None)
    }

    #[test]
    fn what_is_shown_connects_to_the_same_and_has_no_password() {
        for (url, expected) in [
            (
                "postgres://play:se%2Fcret@db.example:5433/evidence",
                "postgres://play@db.example:5433/evidence",
            ),
            ("postgresql://play:se/cret@db.example/evidence", "postgres://play@db.example/evidence"),
            (
                "postgres://db.example/evidence?user=play&password=secret",
                "postgres://play@db.example/evidence",
            ),
            ("postgres:///evidence?host=/run/postgresql", "postgres:///evidence?host=/run/postgresql"),
            (
                "postgres://play@/evidence?host=/tmp/a&options=-csearch_path%3Done",
                "postgres://play@/evidence?host=/tmp/a&options=-csearch_path=one",
            ),
            ("postgres://a:secret@one,two:5433/x", "postgres://a@one,two:5433/x"),
            (
                "postgres://a:secret@db/x?sslmode=verify-full&sslrootcert=/etc/play/our%20ca.pem&hostaddr=10.0.0.7",
                "postgres://a@db/x?hostaddr=10.0.0.7&sslmode=verify-full&sslrootcert=/etc/play/our%20ca.pem",
            ),
            (
                "postgres://a:secret@db/x?sslkey=/etc/play/a.key&sslcert=/etc/play/a.crt",
                "postgres://a@db/x?sslcert=/etc/play/a.crt&sslkey=/etc/play/a.key",
            ),
        ] {
            let is = shown(url);
            assert_eq!(is, expected);
            assert_eq!(shown(&is), is);
            assert!(!format!("{:?}", read(url).unwrap()).contains("cret"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        for url in [
            "postgres://play:secret@db/evidence?unknown=1",
            "postgres://play:secret@db:port/evidence",
            "postgres://play:secret@db/evidence?sslmode=maybe",
            "postgres://play:secret@db/evidence?sslmode=verify-ca",
            "postgres://",
            "mysql://play:secret@db/evidence",
        ] {
            let error = read(url).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}

//! Reaching a server: one of those that the URL names, within a bound, and why none of them was.

use std::future::Future;

use play_journal::JournalError;
use tokio::time::{Duration, Instant, timeout_at};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, Error, NoTls};

use crate::connect::{not_a_store, said, unreachable};
use crate::hosts::{self, One};
use crate::session::Session;
use crate::tls::{Connector, Mode, Refused};
use crate::url::Url;

/// So long everything takes at the most until a new connection can be asked for something: a quarter of a lease, since somebody may
/// have a turn meanwhile.
pub(crate) const WITHIN: Duration = Duration::from_millis(2500);

/// When a server is reached.
#[derive(Clone, Copy)]
pub(crate) enum When {
    /// To open a store: what is wrong with a file of ours is said, and that is the end.
    Opening,
    /// By whoever has it open. The files were good then: they are being exchanged, one after the other.
    Open,
}

/// Reaches one, in the way that the URL asks for: the first that lets us in. Each has an equal part of the time that the ones before it
/// have left, and no more than `connect_timeout`, where that is said. A wrong password is the end, as with libpq: it is as wrong at the
/// others, and each that is asked counts another login that failed.
pub(crate) async fn reach(
    url: &Url,
    config: &Config,
    when: When,
    until: Instant,
) -> Result<Session, JournalError> {
    let refused = |why: String| not_a_store(url, why);
    let files = |why: String| match when {
        When::Opening => not_a_store(url, why),
        When::Open => unreachable(url, why),
    };
    let connector = match url.tls.mode {
        Mode::Disable => None,
        _ => Some(Connector::new(&url.tls).map_err(|e| files(e.to_string()))?),
    };
    let connector = connector.as_ref();
    let all = hosts::of(config).map_err(refused)?;
    let mut tried = Tried::default();
    for (n, one) in all.iter().enumerate() {
        let by = part(until, all.len().saturating_sub(n)).min(url.until_each().unwrap_or(until));
        match host(url, connector, (config, one), by).await {
            Ok(client) => return Ok(client),
            Err(why) => tried.add(one.name(), why),
        }
        if tried.ends() {
            break;
        }
    }
    let Failed { why, lasting, .. } = tried.in_all("; ", false);
    Err(if lasting { not_a_store(url, why) } else { unreachable(url, why) })
}

/// Why one was not reached.
struct Failed {
    why: String,
    /// It is so the next time as well.
    lasting: bool,
    /// And no other is asked: the password is wrong.
    ends: bool,
}

impl Failed {
    fn passing(why: String) -> Self {
        Self { why, lasting: false, ends: false }
    }

    /// Who may not come in, what is not there, and who is not whom we want to speak to, is so the next time as well. Whatever was cut off
    /// on the way is not.
    fn of(url: &Url, name: &str, error: &Error) -> Self {
        if let Some(why) = Refused::behind(&url.tls, name, error) {
            return Self { why, lasting: true, ends: false };
        }
        let code = error.code().map_or("", SqlState::code);
        // What the crate says of a login that it could not go through with: it has no other sign.
        let ours = ["authentication error", "invalid configuration"].contains(&error.to_string().as_str());
        let mut why = said(error);
        for (sign, what_to_do) in WHAT_TO_DO {
            if why.contains(sign) {
                why = format!("{why}: {what_to_do}");
            }
        }
        let lasting = ours || code.starts_with("28") || code == SqlState::INVALID_CATALOG_NAME.code();
        Self { why, lasting, ends: code == SqlState::INVALID_PASSWORD.code() }
    }
}

/// What came of those that were asked: the hosts of a URL, or the addresses of one of them.
#[derive(Default)]
struct Tried(Vec<(String, Failed)>);

impl Tried {
    fn add(&mut self, name: String, failed: Failed) {
        self.0.push((name, failed));
    }

    /// Whether no other is asked.
    fn ends(&self) -> bool {
        self.0.iter().any(|(_, failed)| failed.ends)
    }

    /// All of it in one; what is the same everywhere may be said `once`. Where one of them may let us in the next time, it is worth trying.
    fn in_all(self, between: &str, once: bool) -> Failed {
        let ends = self.ends();
        let lasting = ends || !self.0.is_empty() && self.0.iter().all(|(_, failed)| failed.lasting);
        let why = match self.0.as_slice() {
            [] => "its name has no address".to_string(),
            [(_, first), others @ ..] if others.iter().all(|(_, other)| once && other.why == first.why) => {
                first.why.clone()
            }
            several => {
                let each: Vec<_> =
                    several.iter().map(|(name, failed)| format!("{name}: {}", failed.why)).collect();
                each.join(between)
            }
        };
        Failed { why, lasting, ends }
    }
}

/// What servers, and the crate, say without saying what to do.
const WHAT_TO_DO: [(&str, &str); 2] = [
    ("requires a valid client certificate", "name it with sslcert=FILE, and its key with sslkey=FILE"),
    ("password missing", "put it into PGPASSWORD"),
];

/// When so many that are left have each had an equal part of the time.
fn part(until: Instant, left: usize) -> Instant {
    let all = until.saturating_duration_since(Instant::now());
    let part = all.checked_div(u32::try_from(left).unwrap_or(u32::MAX)).unwrap_or(all);
    Instant::now().checked_add(part).unwrap_or(until)
}

/// Waits no longer than that.
pub(crate) async fn in_time<T>(by: Instant, what: impl Future<Output = T>) -> Result<T, String> {
    let begun = Instant::now();
    let late =
        || format!("there is no answer within {:.1} s", by.saturating_duration_since(begun).as_secs_f64());
    timeout_at(by, what).await.map_err(|_| late())
}

/// One host, at each of its addresses.
async fn host(
    url: &Url,
    connector: Option<&Connector>,
    (config, one): (&Config, &One),
    by: Instant,
) -> Result<Session, Failed> {
    let places = in_time(by, one.at_each(config)).await.and_then(|found| found).map_err(Failed::passing)?;
    at_one_of(url, connector, (config, one, &places), by).await
}

/// The first of its addresses that lets us in. What is said at one is not said for all: the rules of a server go by where one comes from,
/// which is another place for `::1` than for `127.0.0.1`, and a name may be that of several servers.
async fn at_one_of(
    url: &Url,
    connector: Option<&Connector>,
    (config, one, places): (&Config, &One, &[One]),
    by: Instant,
) -> Result<Session, Failed> {
    let mut tried = Tried::default();
    for (n, place) in places.iter().enumerate() {
        let by = part(by, places.len().saturating_sub(n));
        let why = match in_time(by, once(url, connector, (&one.name(), place.alone(config)))).await {
            Ok(Ok(client)) => return Ok(client),
            Ok(Err(error)) => Failed::of(url, &one.name(), &error),
            Err(late) => Failed::passing(late),
        };
        tried.add(place.address().map(|a| a.to_string()).unwrap_or_default(), why);
        if tried.ends() {
            break;
        }
    }
    Err(tried.in_all(", ", true))
}

/// One address.
async fn once(
    url: &Url,
    connector: Option<&Connector>,
    (name, mut config): (&str, Config),
) -> Result<Session, Error> {
    let Some(connector) = connector else { return config.connect(NoTls).await.map(Session::new) };
    match config.connect(connector.clone()).await {
        // As libpq does: where the server has TLS and does not want it of us, or not as we can do it.
        Err(e) if url.tls.mode == Mode::Prefer && wants_plain(url, name, &e) => {
            config.ssl_mode(SslMode::Disable).connect(NoTls).await.map(Session::new)
        }
        other => other.map(Session::new),
    }
}

/// Whether a server that was asked for TLS may take a plain connection: it was the handshake that failed, or its rules have no place
/// for encrypted ones.
fn wants_plain(url: &Url, name: &str, error: &Error) -> bool {
    let unencrypted = error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION);
    unencrypted || Refused::behind(&url.tls, name, error).is_some()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// What a server says to one who comes without TLS, as its rules have it.
    const LETS_IN: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";
    const TURNS_AWAY: &[u8] = b"E\0\0\0\x24SFATAL\0C28000\0Mno entry for it\0\0";
    const WRONG: &[u8] = b"E\0\0\0\x23SFATAL\0C28P01\0Mwrong password\0\0";
    const STARTS: &[u8] = b"E\0\0\0\x20SFATAL\0C57P03\0Mstarting up\0\0";

    /// What one says who takes connections, and nothing else.
    const SILENT: &[u8] = b"silent";

    /// Says so to whoever comes; nobody listens there where it says nothing. Gives its port.
    fn says(what: &'static [u8]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        if what == SILENT {
            std::mem::forget(listener);
        } else if !what.is_empty() {
            std::thread::spawn(move || {
                let mut kept = Vec::new();
                for client in listener.incoming() {
                    let mut client = client.unwrap();
                    if client.read(&mut [0; 1024]).is_ok() && client.write_all(what).is_ok() {
                        kept.push(client);
                    }
                }
            });
        }
        port
    }

    /// A host with addresses at which that is said.
    async fn reached(said: &[&'static [u8]]) -> Result<(), Failed> {
        let hosts: Vec<String> = said.iter().map(|what| format!("db:{}", says(what))).collect();
        let addresses = vec!["127.0.0.1"; said.len()].join(",");
        let text = format!("postgres://play@{}/e?sslmode=disable&hostaddr={addresses}", hosts.join(","));
        let url = Url::with_environment(&text, |_| None).unwrap();
        let config = url.config("testing");
        let places = hosts::of(&config).unwrap();
        at_one_of(&url, None, (&config, &places[0], &places), url.until()).await.map(drop)
    }

    #[tokio::test]
    async fn each_address_of_a_host_is_tried_and_it_lasts_where_it_does_at_all_of_them() {
        assert!(reached(&[TURNS_AWAY, LETS_IN]).await.is_ok());
        assert!(reached(&[b"", LETS_IN]).await.is_ok());
        let why = reached(&[TURNS_AWAY, TURNS_AWAY]).await.unwrap_err();
        assert!(why.lasting);
        assert_eq!(why.why, "no entry for it (28000)");
        for said in [[TURNS_AWAY, b""], [b"", TURNS_AWAY]] {
            let why = reached(&said).await.unwrap_err();
            assert!(!why.lasting && why.why.contains("127.0.0.1: no entry for it (28000)"), "{}", why.why);
        }
    }

    /// Hosts, each with a server that says that.
    async fn reached_at_hosts(said: &[&'static [u8]], more: &str) -> Result<(), JournalError> {
        let hosts: Vec<String> = said.iter().map(|what| format!("127.0.0.1:{}", says(what))).collect();
        let text = format!("postgres://play@{}/e?sslmode=disable{more}", hosts.join(","));
        let url = Url::with_environment(&text, |_| None).unwrap();
        reach(&url, &url.config("testing"), When::Opening, url.until()).await.map(drop)
    }

    #[tokio::test]
    async fn a_wrong_password_is_the_end_as_with_libpq() {
        assert!(reached_at_hosts(&[TURNS_AWAY, LETS_IN], "").await.is_ok());
        assert!(reached_at_hosts(&[STARTS, LETS_IN], "").await.is_ok());
        // None of the others is asked, and it is said as what it is, whatever is with them.
        for said in [[WRONG, LETS_IN, LETS_IN], [WRONG, b"", STARTS], [STARTS, WRONG, LETS_IN]] {
            let error = reached_at_hosts(&said, "").await.unwrap_err();
            let last = error.to_string();
            assert!(
                matches!(error, JournalError::NotAStore { .. }) && last.contains("wrong password (28P01)"),
                "{last}"
            );
        }
        // The same of the addresses of one name.
        let why = reached(&[WRONG, LETS_IN]).await.unwrap_err();
        assert!(why.lasting && why.why == "wrong password (28P01)", "{}", why.why);
    }

    #[tokio::test]
    async fn a_connect_timeout_is_that_of_each_host_whatever_the_others_have_left() {
        let begun = Instant::now();
        // The first two turn us away at once, and the last says nothing.
        let error = reached_at_hosts(&[TURNS_AWAY, b"", SILENT], "&connect_timeout=1").await.unwrap_err();
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_millis(900) && took < Duration::from_millis(1900),
            "{took:?}: {error}"
        );
        assert!(error.to_string().contains("there is no answer within 1.0 s"), "{error}");
    }
}

//! `sslmode` and its like: what a URL says, the environment where it does not, and what holds where neither does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How much is asked of a connection. In the order of how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    Disable,
    /// Encrypted where the server can, plain where it cannot.
    Prefer,
    /// Encrypted, to whomever.
    Require,
    /// And the server's certificate is from an issuer that is trusted.
    VerifyCa,
    /// And it is for the name in the URL.
    VerifyFull,
}

const MODES: [(&str, Mode); 5] = [
    ("disable", Mode::Disable),
    ("prefer", Mode::Prefer),
    ("require", Mode::Require),
    ("verify-ca", Mode::VerifyCa),
    ("verify-full", Mode::VerifyFull),
];

/// Whose certificates are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those of the issuers that this machine trusts.
    System,
    /// Those of the issuers in a file, in PEM.
    File(PathBuf),
}

/// The certificate that we show, and its key: files in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// What is asked of all connections to a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) mode: Mode,
    /// `None` where anybody's certificate is good.
    pub(crate) roots: Option<Roots>,
    /// Where the server is to know who we are by one.
    pub(crate) identity: Option<Identity>,
    /// What the URL says of it, to be shown again.
    pub(crate) written: Vec<(&'static str, String)>,
}

/// The words that are about TLS, as libpq has them. In the environment each is in capitals, behind `PG`.
const WORDS: [&str; 4] = ["sslmode", "sslrootcert", "sslcert", "sslkey"];

/// What a URL says of them.
pub(crate) type Words = BTreeMap<&'static str, String>;

/// Takes them out of a URL: what is left, and them. The last of each counts, as with libpq.
pub(crate) fn taken(url: &str) -> (String, Words) {
    // Whatever stands before `@` may have a `?` in it.
    let after = url.find('@').map_or(0, |at| at + 1);
    let (head, tail) = url.split_at_checked(after).unwrap_or((url, ""));
    let Some((path, query)) = tail.split_once('?') else { return (url.to_string(), Words::new()) };
    let (mut words, mut left) = (Words::new(), Vec::new());
    for pair in query.split('&') {
        let word = pair.split_once('=');
        let known = word.and_then(|(name, value)| Some((*WORDS.iter().find(|word| **word == name)?, value)));
        match known {
            Some((word, value)) => drop(words.insert(word, decoded(value))),
            None => left.push(pair),
        }
    }
    let and = if left.is_empty() { "" } else { "?" };
    (format!("{head}{path}{and}{}", left.join("&")), words)
}

/// `%XX` as the byte that it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high << 4 | low));
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Tls {
    /// What holds for a database. `environment` gives `PGSSLMODE` and the like.
    pub(crate) fn of(
        config: &Config,
        words: &Words,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let written = |word: &&'static str| Some((*word, words.get(word)?.clone()));
        let written = WORDS.iter().filter_map(written).collect();
        // One that the URL has without a value is said to be none.
        let of = |word: &str| {
            words.get(word).cloned().or_else(|| environment(&format!("PG{}", word.to_uppercase())))
        };
        let set = |word: &str| of(word).filter(|value| !value.is_empty());
        let (mode, file) = (set("sslmode"), set("sslrootcert"));
        let file = file.map(|file| match file.as_str() {
            "system" => Roots::System,
            _ => Roots::File(file.into()),
        });
        let said = mode.as_deref().map(|word| {
            let known = MODES.iter().find(|(name, _)| *name == word);
            known.map(|(_, mode)| *mode).ok_or_else(|| {
                let names: Vec<&str> = MODES.iter().map(|(name, _)| *name).collect();
                format!("`sslmode` is not one of {}", names.join(", "))
            })
        });
        let said = said.transpose()?;
        let hosts = config.get_hosts();
        let over_sockets = hosts.iter().filter(|host| matches!(host, Host::Unix(_))).count();
        // Where `hostaddr` is given, that is where it connects, whatever `host` says.
        let addresses = config.get_hostaddrs();
        let here = hosts.iter().all(is_here) && addresses.iter().all(IpAddr::is_loopback);
        let mode = said.unwrap_or(if file.is_none() && here { Mode::Prefer } else { Mode::VerifyFull });
        if over_sockets > 0 && !addresses.is_empty() {
            return Err("it names a socket and a `hostaddr`, which is where it would connect: name the one or the other".to_string());
        }
        if hosts.is_empty() && !addresses.is_empty() && mode > Mode::Require {
            return Err(
                "it names no host for the certificate to be of: say host=NAME beside `hostaddr`".to_string()
            );
        }
        if over_sockets > 0 && over_sockets == hosts.len() {
            // libpq-connect, `sslmode`: "ignored for Unix domain socket communication".
            return Ok(Self { mode: Mode::Disable, roots: None, identity: None, written });
        }
        if over_sockets > 0 && mode > Mode::Prefer {
            return Err("it names sockets beside hosts, and there is no TLS over a socket: name the ones or the others, or say \
                        sslmode=prefer"
                .to_string());
        }
        let roots = match (mode, file) {
            (Mode::Prefer | Mode::Require | Mode::VerifyCa, Some(Roots::System)) => {
                return Err(format!(
                    "sslrootcert=system is too little with sslmode={}: anybody can have a certificate from an issuer that \
                     every machine trusts, for a name of their own; say sslmode=verify-full",
                    mode.name()
                ));
            }
            (Mode::Disable | Mode::Prefer, _) | (Mode::Require, None) => None,
            (Mode::VerifyCa, None) => {
                return Err("sslmode=verify-ca needs sslrootcert=FILE, the issuer of the server's certificate: anybody can \
                            have one from an issuer that every machine trusts"
                    .to_string());
            }
            (Mode::VerifyFull, None) => Some(Roots::System),
            (_, file) => file,
        };
        // As libpq does: whoever names an issuer wants it looked at.
        let mode = if mode == Mode::Require && roots.is_some() { Mode::VerifyCa } else { mode };
        let identity = if mode == Mode::Disable { None } else { identity(set("sslcert"), set("sslkey"))? };
        Ok(Self { mode, roots, identity, written })
    }

    /// The same, for the crate that connects.
    pub(crate) fn ssl_mode(&self) -> SslMode {
        match self.mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        }
    }
}

/// Both or neither. libpq looks into the home folder for what is not named; a service has none.
fn identity(certificate: Option<String>, key: Option<String>) -> Result<Option<Identity>, String> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            Ok(Some(Identity { certificate: certificate.into(), key: key.into() }))
        }
        (Some(_), None) => Err("sslcert names a certificate to show, and nothing names its key: say sslkey=FILE as well (the same \
                                file, where it has both)"
            .to_string()),
        (None, Some(_)) => {
            Err("sslkey names a key, and nothing names its certificate: say sslcert=FILE as well".to_string())
        }
    }
}

impl Mode {
    pub(crate) fn name(self) -> &'static str {
        MODES.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }
}

/// Whether what is sent there does not leave this machine, by what is written: who reaches a server elsewhere through a tunnel on
/// this machine writes the server's name, with `hostaddr`, to have it verified.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => match name.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(url: &str, environment: &[(&str, &str)]) -> Result<(&'static str, Option<Roots>), String> {
        let tls = all(url, environment)?;
        Ok((tls.mode.name(), tls.roots))
    }

    fn all(url: &str, environment: &[(&str, &str)]) -> Result<Tls, String> {
        let (left, words) = taken(url);
        let given = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_string());
        Tls::of(&left.parse().unwrap(), &words, given)
    }

    fn file(name: &str) -> Option<Roots> {
        Some(Roots::File(name.into()))
    }

    #[test]
    fn what_holds_is_what_the_url_says_then_the_environment_then_where_the_server_is() {
        for (url, expected) in [
            ("postgres://a@db.example/e", ("verify-full", Some(Roots::System))),
            ("postgres://a@10.0.0.7/e", ("verify-full", Some(Roots::System))),
            ("postgres://a@localhost,db.example/e", ("verify-full", Some(Roots::System))),
            ("postgres://a@db.example/e?hostaddr=127.0.0.1", ("verify-full", Some(Roots::System))),
            ("postgres://a@localhost/e", ("prefer", None)),
            ("postgres://a@localhost/e?hostaddr=127.0.0.2", ("prefer", None)),
            ("postgres://a@localhost/e?hostaddr=10.0.0.7", ("verify-full", Some(Roots::System))),
            ("postgres:///e?hostaddr=127.0.0.1", ("prefer", None)),
            ("postgres:///e?hostaddr=10.0.0.7&sslmode=require", ("require", None)),
            ("postgres://a@127.0.0.9/e", ("prefer", None)),
            ("postgres://a@[::1]/e", ("prefer", None)),
            ("postgres://a@/e?host=/run/postgresql", ("disable", None)),
            ("postgres://a@/e?host=/run/postgresql&sslmode=require", ("disable", None)),
            ("postgres://a@localhost/e?sslrootcert=ca.pem", ("verify-full", file("ca.pem"))),
            ("postgres://a@db.example/e?sslmode=disable", ("disable", None)),
            ("postgres://a@db.example/e?sslmode=prefer", ("prefer", None)),
            ("postgres://a@db.example/e?sslmode=require", ("require", None)),
            (
                "postgres://a@db.example/e?sslmode=require&sslrootcert=a%20b.pem",
                ("verify-ca", file("a b.pem")),
            ),
            (
                "postgres://a:p?sslmode=disable@db.example/e?sslrootcert=system",
                ("verify-full", Some(Roots::System)),
            ),
        ] {
            assert_eq!(tls(url, &[]).unwrap(), expected, "{url}");
        }
        let environment = [("PGSSLMODE", "verify-ca"), ("PGSSLROOTCERT", "ca.pem")];
        let of = |url| tls(url, &environment).unwrap();
        assert_eq!(of("postgres://a@db.example/e"), ("verify-ca", file("ca.pem")));
        assert_eq!(of("postgres://a@db.example/e?sslmode=verify-full"), ("verify-full", file("ca.pem")));
        assert_eq!(of("postgres://a@db.example/e?sslrootcert=b.pem"), ("verify-ca", file("b.pem")));
        assert_eq!(tls("postgres://a@localhost/e", &[("PGSSLMODE", "")]).unwrap(), ("prefer", None));
        let unset = "postgres://a@localhost/e?sslmode=&sslrootcert=";
        assert_eq!(tls(unset, &environment).unwrap(), ("prefer", None), "it is said to be none");
    }

    #[test]
    fn who_we_are_is_a_certificate_and_its_key_where_there_is_tls() {
        let both = [("PGSSLCERT", "env.crt"), ("PGSSLKEY", "env.key")];
        let of = |certificate: &str, key: &str| {
            Some(Identity { certificate: certificate.into(), key: key.into() })
        };
        for (url, environment, expected) in [
            ("postgres://a@db/e?sslcert=a%20b.crt&sslkey=a.key", &[][..], of("a b.crt", "a.key")),
            ("postgres://a@db/e", &both, of("env.crt", "env.key")),
            ("postgres://a@db/e?sslkey=a.key", &both, of("env.crt", "a.key")),
            ("postgres://a@db/e?sslcert=&sslkey=", &both, None),
            ("postgres://a@db/e", &[], None),
            ("postgres://a@db/e?sslmode=disable", &both, None),
            ("postgres://a@/e?host=/run/postgresql", &both, None),
        ] {
            assert_eq!(all(url, environment).unwrap().identity, expected, "{url}");
        }
    }

    #[test]
    fn what_would_be_less_than_it_looks_is_refused() {
        for (url, because) in [
            ("postgres://a@db/e?sslmode=allow", "not one of disable, prefer"),
            ("postgres://a@db/e?sslmode=verify-ca", "needs sslrootcert=FILE"),
            ("postgres://a@db/e?sslmode=verify-ca&sslrootcert=system", "say sslmode=verify-full"),
            ("postgres://a@db/e?sslmode=require&sslrootcert=system", "say sslmode=verify-full"),
            ("postgres://a@db/e?host=/tmp&sslmode=require", "sockets beside hosts"),
            ("postgres://a@/e?host=/tmp&hostaddr=10.0.0.7&sslmode=verify-full", "a socket and a `hostaddr`"),
            ("postgres://a@/e?host=/tmp&hostaddr=10.0.0.7", "a socket and a `hostaddr`"),
            ("postgres:///e?hostaddr=10.0.0.7", "no host for the certificate"),
            (
                "postgres:///e?hostaddr=10.0.0.7&sslmode=verify-ca&sslrootcert=ca.pem",
                "no host for the certificate",
            ),
            ("postgres://a@db/e?sslmode=prefer&sslrootcert=system", "say sslmode=verify-full"),
            ("postgres://a@db/e?sslcert=a.crt", "say sslkey=FILE as well"),
            ("postgres://a@db/e?sslkey=a.key", "say sslcert=FILE as well"),
        ] {
            let why = tls(url, &[]).unwrap_err();
            assert!(why.contains(because), "{url}: {why}");
        }
    }
}

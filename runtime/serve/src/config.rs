//! `[serve]` of `play.toml` and of `--config FILE`: where the service listens, who may speak to it, and where records come
//! from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use play_connect::{Secret, read_secret};
use serde::Deserialize;
use toml::Value as Toml;

use crate::signature::{Scheme, template};

/// How the service is set up.
#[derive(Debug)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What callers of the API have to show.
    pub token: Secret,
    /// Who sends records over HTTP, by name.
    pub webhooks: BTreeMap<String, Webhook>,
    /// Files whose new lines are records, by name.
    pub files: BTreeMap<String, Tail>,
    /// How long runs may go on after the service was told to end.
    pub grace: SignedDuration,
}

/// A sender of records.
#[derive(Debug)]
pub struct Webhook {
    /// The source that takes its records; without it, the first that accepts each.
    pub source: Option<String>,
    /// What it sends has happened elsewhere: runs may wait for it, and no case comes of it.
    pub events: bool,
    /// How its requests are signed.
    pub scheme: Scheme,
    /// The header that names a delivery, lower case: one that comes again is known by it.
    pub id: Option<String>,
    /// JSON pointer to the alert inside each record.
    pub pointer: Option<String>,
    /// The largest body, in bytes.
    pub max: usize,
}

/// A file that is followed.
#[derive(Debug)]
pub struct Tail {
    /// Where it is.
    pub path: PathBuf,
    /// The source that takes its records; without it, the first that accepts each.
    pub source: Option<String>,
    /// JSON pointer to the alert inside each record.
    pub pointer: Option<String>,
}

/// The default of `listen`: nobody but this machine.
const LISTEN: &str = "127.0.0.1:8470";
/// The default of `max`, and its bound: bytes.
const MAX: u64 = 1 << 20;
const MOST: u64 = 16 << 20;
/// How far the time of a signature may be off, unless it is said otherwise.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
const GRACE: SignedDuration = SignedDuration::from_secs(30);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Written {
    listen: Option<String>,
    token: Option<Toml>,
    grace: Option<String>,
    #[serde(default)]
    webhook: BTreeMap<String, WrittenWebhook>,
    #[serde(default)]
    file: BTreeMap<String, WrittenTail>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWebhook {
    source: Option<String>,
    #[serde(default)]
    events: bool,
    secret: Toml,
    header: String,
    prefix: Option<String>,
    timestamp: Option<String>,
    signed: Option<String>,
    window: Option<String>,
    id: Option<String>,
    pointer: Option<String>,
    max: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTail {
    path: PathBuf,
    source: Option<String>,
    pointer: Option<String>,
}

impl Config {
    /// Reads `[serve]` out of texts (name of the file, its text): the last that has one counts, as a whole. `sources` are
    /// those of the project.
    ///
    /// # Errors
    /// All that is wrong, each with its file; never with the text of a secret.
    pub fn read(texts: &[(&str, &str)], sources: &[&str]) -> Result<Self, Vec<String>> {
        let mut found = None;
        for (file, text) in texts {
            let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
                vec![format!("{file}: this is not TOML: {}", e.message().lines().next().unwrap_or(""))]
            })?;
            if let Some(serve) = table.get("serve") {
                found = Some((*file, serve.clone()));
            }
        }
        let Some((file, table)) = found else {
            return Err(vec![
                "nothing says how to serve; write in play.toml, or in the file of --config:\n\n  [serve]\n  token = { env = \
                 \"PLAY_TOKEN\" }\n\n  [serve.webhook.NAME]\n  secret = { env = \"NAME_SECRET\" }\n  header = \"x-signature\""
                    .into(),
            ]);
        };
        let written: Written = table.try_into().map_err(|e: toml::de::Error| {
            vec![format!("{file}: [serve]: {}", e.message().lines().next().unwrap_or(""))]
        })?;
        let mut reading = Reading { file, sources, wrong: Vec::new() };
        let config = reading.config(written);
        match config {
            Some(config) if reading.wrong.is_empty() => Ok(config),
            _ => Err(reading.wrong),
        }
    }
}

struct Reading<'a> {
    file: &'a str,
    sources: &'a [&'a str],
    wrong: Vec<String>,
}

impl Reading<'_> {
    fn wrong(&mut self, place: &str, what: impl std::fmt::Display) {
        self.wrong.push(format!("{}: {place}: {what}", self.file));
    }

    fn config(&mut self, written: Written) -> Option<Config> {
        let listen = written.listen.as_deref().unwrap_or(LISTEN).parse();
        let listen = listen.map_err(|_| {
            self.wrong("serve.listen", format!("write an address and a port, such as \"{LISTEN}\""));
        });
        let token = match &written.token {
            Some(value) => self.secret("serve.token", value),
            None => {
                self.wrong("serve.token", "it is missing: whoever may approve and undo has to show it");
                None
            }
        };
        let grace = self.duration("serve.grace", written.grace.as_deref(), GRACE);
        let mut webhooks = BTreeMap::new();
        for (name, hook) in written.webhook {
            if let Some(hook) = self.webhook(&name, hook) {
                webhooks.insert(name, hook);
            }
        }
        let mut files = BTreeMap::new();
        for (name, tail) in written.file {
            let place = format!("serve.file.{name}");
            self.name(&place, &name);
            self.source(&place, tail.source.as_deref());
            let path = Path::new(self.file).parent().unwrap_or(Path::new("")).join(tail.path);
            files.insert(name, Tail { path, source: tail.source, pointer: tail.pointer });
        }
        if webhooks.is_empty() && files.is_empty() && self.wrong.is_empty() {
            self.wrong(
                "serve",
                "no record would ever come: write a [serve.webhook.NAME] or a [serve.file.NAME]",
            );
        }
        Some(Config { listen: listen.ok()?, token: token?, webhooks, files, grace: grace? })
    }

    fn webhook(&mut self, name: &str, hook: WrittenWebhook) -> Option<Webhook> {
        let place = format!("serve.webhook.{name}");
        self.name(&place, name);
        self.source(&place, hook.source.as_deref());
        if hook.events && hook.source.is_some() {
            self.wrong(&place, "it brings events, which no source takes: leave out `source`, or `events`");
        }
        let secret = self.secret(&format!("{place}.secret"), &hook.secret);
        let window = self.duration(&format!("{place}.window"), hook.window.as_deref(), WINDOW);
        let signed = match (&hook.signed, &hook.timestamp) {
            (Some(text), _) => text.clone(),
            (None, Some(_)) => "{timestamp}.{body}".into(),
            (None, None) => "{body}".into(),
        };
        let parts = template(&signed).map_err(|why| self.wrong(&format!("{place}.signed"), why)).ok();
        let says_time = signed.contains("{timestamp}");
        if says_time != hook.timestamp.is_some() {
            let what = if says_time {
                "`signed` has a {timestamp}; name the header with it: timestamp = \"x-…\""
            } else {
                "the time is not signed, so anybody could change it: put {timestamp} into `signed`"
            };
            self.wrong(&place, what);
        }
        if hook.window.is_some() && hook.timestamp.is_none() {
            self.wrong(&place, "a window needs a time: timestamp = \"x-…\"");
        }
        let max = hook.max.unwrap_or(MAX);
        if max == 0 || max > MOST {
            self.wrong(&format!("{place}.max"), format!("write a number of bytes from 1 to {MOST}"));
        }
        let scheme = Scheme {
            secret: secret?,
            header: self.header(&place, hook.header)?,
            prefix: hook.prefix.unwrap_or_default(),
            timestamp: match hook.timestamp {
                None => None,
                Some(name) => Some(self.header(&place, name)?),
            },
            signed: parts?,
            window: window?,
        };
        let id = match hook.id {
            None => None,
            Some(name) => Some(self.header(&place, name)?),
        };
        let max = usize::try_from(max).ok()?;
        Some(Webhook { source: hook.source, events: hook.events, scheme, id, pointer: hook.pointer, max })
    }

    fn secret(&mut self, place: &str, value: &Toml) -> Option<Secret> {
        read_secret(self.file, value).map_err(|why| self.wrong(place, why)).ok()
    }

    fn duration(
        &mut self,
        place: &str,
        text: Option<&str>,
        default: SignedDuration,
    ) -> Option<SignedDuration> {
        let Some(text) = text else { return Some(default) };
        match text.parse::<SignedDuration>() {
            Ok(d) if d.is_positive() => Some(d),
            _ => {
                self.wrong(place, "write a duration such as \"30s\" or \"5m\"");
                None
            }
        }
    }

    fn header(&mut self, place: &str, name: String) -> Option<String> {
        let lower = name.to_ascii_lowercase();
        if axum::http::HeaderName::from_bytes(lower.as_bytes()).is_ok() {
            return Some(lower);
        }
        self.wrong(place, format!("{name:?} is not the name of a header"));
        None
    }

    /// A name stands in paths and in positions of records.
    fn name(&mut self, place: &str, name: &str) {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(plain) {
            self.wrong(place, "its name stands in the address: use letters, digits, `-` and `_`");
        }
    }

    fn source(&mut self, place: &str, source: Option<&str>) {
        if let Some(name) = source
            && !self.sources.contains(&name)
        {
            let all = self.sources.join(", ");
            self.wrong(place, format!("there is no source `{name}`; the project has: {all}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        Config::read(&[("play.toml", text)], &["guardduty", "okta"]).map_err(|all| all.join("\n"))
    }

    /// A folder with two secrets, since tests do not change the environment.
    fn folder() -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("token"), "t0ken\n").unwrap();
        std::fs::write(dir.path().join("hmac"), "s3cret\n").unwrap();
        let file = dir.path().join("play.toml").display().to_string();
        (dir, file)
    }

    #[test]
    fn the_shortest_setting_is_read() {
        let (_dir, file) = folder();
        let text = "[serve]\ntoken = { file = 'token' }\n[serve.webhook.okta]\nsecret = { file = 'hmac' }\nheader = 'X-Sig'\n";
        let config = Config::read(&[(&file, text)], &["okta"]).unwrap();
        assert_eq!(config.listen.to_string(), LISTEN);
        let hook = config.webhooks.get("okta").unwrap();
        assert_eq!((hook.scheme.header.as_str(), hook.max, &hook.source), ("x-sig", 1 << 20, &None));
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let text = "
            [serve]
            listen = 'here'
            token = 'plain'
            [serve.webhook.'a/b']
            source = 'gardduty'
            secret = { env = 'PLAY_NO_SUCH_VARIABLE' }
            header = 'x sig'
            signed = '{time}.{body}'
            max = 0
            window = 'soon'
        ";
        insta::assert_snapshot!(read(text).unwrap_err());
    }

    #[test]
    fn nothing_to_serve_is_told_how() {
        insta::assert_snapshot!("nothing", read("name = 'x'").unwrap_err());
        insta::assert_snapshot!("misspelt", read("[serve]\nlisen = 'x'").unwrap_err());
    }
}

//! What the settings of a service have to be.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use jiff::SignedDuration;
use play_connect::{Secret, read_secret};
use toml::Value as Toml;
use toml::de::DeTable;

use super::written::{Section, Written};
use super::{Config, Tail, Webhook};
use crate::signature::{Scheme, template};

/// The default of `listen`: nobody but this machine.
const LISTEN: &str = "127.0.0.1:8470";
/// The default of `max`, and its bound: bytes.
const MAX: u64 = 1 << 20;
const MOST: u64 = 16 << 20;
/// How far the time of a signature may be off, unless it is said otherwise.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
const GRACE: SignedDuration = SignedDuration::from_secs(30);

pub(super) const KEYS: &[&str] = &["listen", "token", "grace", "webhook", "file"];
pub(super) const OF_WEBHOOK: &[&str] = &[
    "secret",
    "header",
    "prefix",
    "timestamp",
    "signed",
    "window",
    "id",
    "source",
    "events",
    "pointer",
    "max",
];
pub(super) const OF_FILE: &[&str] = &["path", "source", "pointer"];

/// Reads a table `[serve]`.
pub(super) struct Reading<'r, 'a> {
    pub(super) written: &'r mut Written<'a>,
    pub(super) sources: &'r [&'r str],
}

/// An address and a port to listen on; `localhost` is this machine alone.
///
/// # Errors
/// What to write instead.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let this = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = this.as_deref().unwrap_or(text).parse();
    address.map_err(|_| format!("write an address and a port, such as \"{LISTEN}\""))
}

impl Reading<'_, '_> {
    /// `None` where something is wrong; it may be something even where there is a configuration.
    pub(super) fn config(&mut self, file: &DeTable<'_>) -> Option<Config> {
        let (key, value) = file.get_key_value("serve")?;
        let serve = self.written.table("serve", key.span(), value)?;
        let meant = self.written.unknown(serve, KEYS);
        let listen = address(self.written.text(serve, "listen").unwrap_or(LISTEN));
        let listen = listen.map_err(|why| self.written.with(serve, "listen", &why)).ok();
        let why = "it is missing: whoever may approve and undo has to show it";
        let token = self.secret(serve, "token", &["serve"], (&meant, why));
        let grace = self.duration(serve, "grace", GRACE);
        let mut webhooks = BTreeMap::new();
        for name in self.named(serve, "webhook", OF_WEBHOOK) {
            webhooks.extend(self.webhook(serve, &name).map(|hook| (name, hook)));
        }
        let mut files = BTreeMap::new();
        for name in self.named(serve, "file", OF_FILE) {
            files.extend(self.tail(serve, &name).map(|tail| (name, tail)));
        }
        if webhooks.is_empty() && files.is_empty() && self.written.sound() {
            let what = "no record would ever come: write a [serve.webhook.NAME] or a [serve.file.NAME]";
            self.written.of(serve, what);
        }
        Some(Config { listen: listen?, token: token?, webhooks, files, grace })
    }

    /// The names in `[serve.webhook]`, which has nothing but tables.
    fn named(&mut self, serve: Section<'_, '_>, what: &str, settings: &[&str]) -> Vec<String> {
        let Some((key, value)) = serve.table.get_key_value(what) else { return Vec::new() };
        let name = format!("serve.{what}");
        let Some(all) = self.written.table(&name, key.span(), value) else { return Vec::new() };
        let mut names = Vec::new();
        for (key, value) in all.table {
            let name: &str = key.get_ref();
            if value.get_ref().is_table() {
                names.push(name.to_string());
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                if name.is_empty() || !name.chars().all(plain) {
                    let shown = name.escape_debug();
                    self.written.says(
                        key.span().start,
                        format!("serve.{what}.{shown}: its name stands in the address: use letters, digits, `-` and `_`"),
                    );
                }
                continue;
            }
            let (at, shown) = (key.span().start, name.escape_debug());
            self.written.says(
                at,
                if settings.contains(&name) {
                    format!("serve.{what}.{shown}: of which one? It stands below [serve.{what}.NAME]")
                } else {
                    format!("serve.{what}.{shown}: it is a table; write [serve.{what}.{shown}]")
                },
            );
        }
        names
    }

    fn webhook(&mut self, serve: Section<'_, '_>, name: &str) -> Option<Webhook> {
        let all = serve.get("webhook")?.get_ref().as_table()?;
        let (key, value) = all.get_key_value(name)?;
        let place = format!("serve.webhook.{}", name.escape_debug());
        let hook = self.written.table(&place, key.span(), value)?;
        let meant = self.written.unknown(hook, OF_WEBHOOK);
        let source = self.source(hook);
        let events = self.written.yes_or_no(hook, "events").unwrap_or_default();
        if events && source.is_some() {
            let what = "it brings events, which no source takes: leave out `source`, or `events`";
            self.written.with(hook, "events", what);
        }
        let path = ["serve", "webhook", name];
        let missing = "it is missing: write { env = \"NAME\" }, or { file = \"path\" }, or \
                       { command = [\"program\", \"argument\"] }";
        let secret = self.secret(hook, "secret", &path, (&meant, missing));
        let header = self.header(hook, "header");
        if !hook.has("header") && !meant.iter().any(|m| m == "header") {
            let what = "it is missing: write the name of the header with the signature";
            self.written.with(hook, "header", what);
        }
        let timestamp = self.header(hook, "timestamp");
        let window = self.duration(hook, "window", WINDOW);
        let signed = self.written.text(hook, "signed");
        let dated = hook.has("timestamp");
        let signed = signed.unwrap_or(if dated { "{timestamp}.{body}" } else { "{body}" });
        let parts = template(signed).map_err(|why| self.written.with(hook, "signed", &why)).ok();
        let says_time = signed.contains("{timestamp}");
        let meant_time = meant.iter().any(|m| m == "timestamp");
        if says_time && !dated && !meant_time {
            let what = "it has a {timestamp}; name the header with it: timestamp = \"x-…\"";
            self.written.with(hook, "signed", what);
        }
        if dated && !says_time && parts.is_some() {
            let what = "the time is not signed, so anybody could change it: put {timestamp} into `signed`";
            self.written.with(hook, "timestamp", what);
        }
        if hook.has("window") && !dated && !meant_time {
            self.written.with(hook, "window", "a window needs a time: timestamp = \"x-…\"");
        }
        let prefix = self.written.text(hook, "prefix").unwrap_or_default().to_string();
        let id = self.header(hook, "id");
        let pointer = self.pointer(hook);
        let max = self.written.number(hook, "max", MOST).unwrap_or(MAX);
        let scheme = Scheme { secret: secret?, header: header?, prefix, timestamp, signed: parts?, window };
        Some(Webhook { source, events, scheme, id, pointer, max: usize::try_from(max).ok()? })
    }

    fn tail(&mut self, serve: Section<'_, '_>, name: &str) -> Option<Tail> {
        let all = serve.get("file")?.get_ref().as_table()?;
        let (key, value) = all.get_key_value(name)?;
        let place = format!("serve.file.{}", name.escape_debug());
        let file = self.written.table(&place, key.span(), value)?;
        let meant = self.written.unknown(file, OF_FILE);
        let (source, pointer) = (self.source(file), self.pointer(file));
        let path = self.written.text(file, "path");
        if !file.has("path") && !meant.iter().any(|m| m == "path") {
            self.written.with(file, "path", "it is missing: write which file is followed");
        }
        let folder = Path::new(self.written.file).parent().unwrap_or(Path::new(""));
        Some(Tail { path: folder.join(path?), source, pointer })
    }

    /// A secret, `why` it is missing where it is, unless it was `meant` by something else.
    fn secret(
        &mut self,
        section: Section<'_, '_>,
        key: &str,
        path: &[&str],
        (meant, why): (&[String], &str),
    ) -> Option<Secret> {
        if !section.has(key) {
            if !meant.iter().any(|m| m == key) {
                self.written.with(section, key, why);
            }
            return None;
        }
        let file: Toml = self.written.text.parse::<toml::Table>().ok()?.into();
        let value = path.iter().chain([&key]).try_fold(&file, |value, key| value.get(*key))?;
        read_secret(self.written.file, value).map_err(|why| self.written.with(section, key, &why)).ok()
    }

    fn duration(&mut self, section: Section<'_, '_>, key: &str, default: SignedDuration) -> SignedDuration {
        let Some(value) = section.get(key) else { return default };
        let text = value.get_ref().as_str();
        let said = text.and_then(|text| text.parse::<SignedDuration>().ok()).filter(|d| d.is_positive());
        if said.is_none() {
            self.written.with(section, key, "write a duration such as \"30s\" or \"5m\"");
        }
        said.unwrap_or(default)
    }

    fn header(&mut self, section: Section<'_, '_>, key: &str) -> Option<String> {
        let name = self.written.text(section, key)?;
        let lower = name.to_ascii_lowercase();
        if axum::http::HeaderName::from_bytes(lower.as_bytes()).is_ok() {
            return Some(lower);
        }
        self.written.with(section, key, &format!("{name:?} is not the name of a header"));
        None
    }

    fn pointer(&mut self, section: Section<'_, '_>) -> Option<String> {
        let pointer = self.written.text(section, "pointer")?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let what = format!("a JSON pointer begins with `/`: write {:?}", format!("/{pointer}"));
            self.written.with(section, "pointer", &what);
        }
        Some(pointer.to_string())
    }

    fn source(&mut self, section: Section<'_, '_>) -> Option<String> {
        let name = self.written.text(section, "source")?;
        if !self.sources.contains(&name) {
            let help = match self.written.meant(name, self.sources) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the project has: {}", self.sources.join(", ")),
            };
            let what = format!("there is no source `{}`; {help}", name.escape_debug());
            self.written.with(section, "source", &what);
        }
        Some(name.to_string())
    }
}

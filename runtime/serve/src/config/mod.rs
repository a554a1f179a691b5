//! `[serve]` of `play.toml` and of `--config FILE`: where the service listens, who may speak to it, and where records come
//! from.

mod reading;
mod unread;
mod written;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::SignedDuration;
use play_connect::Secret;
use toml::de::DeTable;

use self::reading::Reading;
pub use self::reading::address;
pub use self::unread::{Unread, unread};
pub use self::written::Near;
use self::written::{Written, line};
use crate::signature::Scheme;

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

impl Config {
    /// Reads `[serve]` out of texts (name of the file, its text): the last that has one counts, as a whole. `sources` are
    /// those of the project, `near` finds which of some names was likely meant by another.
    ///
    /// # Errors
    /// All that is wrong, each with its file, line and setting; never with the text of a secret.
    pub fn read(texts: &[(&str, &str)], sources: &[&str], near: Near<'_>) -> Result<Self, Vec<String>> {
        let mut found = None;
        let mut wrong = Vec::new();
        for (file, text) in texts {
            match DeTable::parse(text) {
                Ok(table) if table.get_ref().contains_key("serve") => found = Some((*file, *text, table)),
                Ok(_) => {}
                Err(e) => {
                    // Not the error's own display: it repeats the line, and there may be a secret in it.
                    let what = e.message().lines().next().unwrap_or("");
                    let line = line(text, e.span().map_or(0, |span| span.start));
                    wrong.push(format!("{file}:{line}: this is not TOML: {what}"));
                }
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let Some((file, text, table)) = found else {
            return Err(vec![
                "nothing says how to serve; write in play.toml, or in the file of --config:\n\n  [serve]\n  token = { env = \
                 \"PLAY_TOKEN\" }\n\n  [serve.webhook.NAME]\n  secret = { env = \"NAME_SECRET\" }\n  header = \"x-signature\""
                    .into(),
            ]);
        };
        let mut written = Written::new(file, text, near);
        let config = Reading { written: &mut written, sources }.config(table.get_ref());
        let wrong = written.wrong();
        match config {
            Some(config) if wrong.is_empty() => Ok(config),
            _ => Err(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that only lacks a letter.
    fn near(name: &str, known: &[&str]) -> Option<String> {
        let lacks = |k: &&&str| k.len() == name.len() + 1 && name.chars().all(|c| k.contains(c));
        known.iter().find(lacks).map(|k| (*k).to_string())
    }

    fn read(text: &str) -> Result<Config, String> {
        Config::read(&[("play.toml", text)], &["guardduty", "okta"], &near).map_err(|all| all.join("\n"))
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
        let config = Config::read(&[(&file, text)], &["okta"], &near).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8470");
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
    fn a_setting_is_told_with_its_line_and_what_was_meant() {
        let text = "[serve]
token = { file = 'Cargo.toml' }
grace = 30
[serve.webhook.w]
secrt = { file = 'hook' }
header = 'X'
window = '5 minuts'
max = '1MB'
pointer = 'log'
events = 'yes'
[serve.webhook.v]
timestamp = 7
[serve.file.f]
pth = 'x'
[serve.file]
path = 'x'
[serve.webhook]
header = 'X'
";
        insta::assert_snapshot!(read(text).unwrap_err());
        insta::assert_snapshot!("no_table", read("serve = 5").unwrap_err());
        insta::assert_snapshot!("no_toml", read("\n[serve]\ntoken = s3cret oops").unwrap_err());
    }

    #[test]
    fn this_machine_has_a_name() {
        assert_eq!(address("localhost:8470"), address("127.0.0.1:8470"));
        assert!(address("localhost").is_err() && address("localhost:x").is_err());
    }

    #[test]
    fn nothing_to_serve_is_told_how() {
        insta::assert_snapshot!("nothing", read("name = 'x'").unwrap_err());
        insta::assert_snapshot!("misspelt", read("[serve]\nlisen = 'x'").unwrap_err());
    }
}

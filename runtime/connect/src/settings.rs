//! What is configured for connectors: addresses, plain values, secrets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use play_program::action::Connector;
use play_program::types::Type;
use toml::{Table, Value as Toml};
use url::Url;
use zeroize::Zeroizing;

use crate::address;
use crate::breaker::{self, Breaker};
use crate::secret::{Env, Place, Secret};

/// The settings of all connectors of a program, checked against what the connectors declare. Secrets are read once, when
/// this is made; they go into headers and nowhere else.
#[derive(Debug)]
pub struct Settings {
    connectors: BTreeMap<String, Configured>,
}

/// The settings of one connector.
#[derive(Debug)]
pub(crate) struct Configured {
    /// Where its systems are.
    pub base_url: Url,
    values: BTreeMap<String, Given>,
    breaker: Option<Breaker>,
}

/// A setting as text.
#[derive(Debug)]
enum Given {
    Plain(String),
    Secret(Secret),
}

/// Something wrong with a setting. Its text never holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// The file in which it is written, when it is written at all.
    pub file: Option<String>,
    /// The connector; empty when the file as a whole cannot be read.
    pub connector: String,
    /// The setting; empty when the connector as a whole is meant.
    pub setting: String,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}: ")?;
        }
        match (self.connector.as_str(), self.setting.as_str()) {
            ("", _) => write!(f, "{}", self.what),
            (connector, "") => write!(f, "connector {connector}: {}", self.what),
            (connector, setting) => write!(f, "connector {connector}: setting {setting}: {}", self.what),
        }
    }
}

impl std::error::Error for SettingError {}

impl Settings {
    /// Reads `[connectors.NAME]` out of configuration texts (name of the file, its text); a setting in a later one
    /// replaces the same setting in an earlier one. Other tables of the files, and connectors that the program does not
    /// have, are passed over: one file may serve several programs. Paths in `{ file = … }` start at the folder of the file.
    ///
    /// # Errors
    /// All that is wrong, in the order of the program's connectors: missing, unknown and mistyped settings, secrets that
    /// are written in plain text or cannot be read.
    pub fn load(texts: &[(&str, &str)], connectors: &[Connector]) -> Result<Self, Vec<SettingError>> {
        Self::load_from(texts, connectors, &|name| std::env::var_os(name))
    }

    fn load_from(
        texts: &[(&str, &str)],
        connectors: &[Connector],
        env: Env<'_>,
    ) -> Result<Self, Vec<SettingError>> {
        let mut errors = Vec::new();
        let mut written: BTreeMap<String, BTreeMap<String, (&str, Toml)>> = BTreeMap::new();
        for (file, text) in texts {
            collect(file, text, &mut written, &mut errors);
        }
        let none = BTreeMap::new();
        let mut all = BTreeMap::new();
        for connector in connectors {
            let given = written.get(&connector.name).unwrap_or(&none);
            if let Some(configured) = configure(connector, given, env, &mut errors) {
                all.insert(connector.name.clone(), configured);
            }
        }
        if errors.is_empty() { Ok(Self { connectors: all }) } else { Err(errors) }
    }

    /// When the target of a connector is left alone, if ever.
    #[must_use]
    pub fn breaker(&self, connector: &str) -> Option<Breaker> {
        self.of(connector)?.breaker
    }

    pub(crate) fn of(&self, connector: &str) -> Option<&Configured> {
        self.connectors.get(connector)
    }
}

impl Configured {
    /// The text of a setting.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|given| match given {
            Given::Plain(text) => text.as_str(),
            Given::Secret(secret) => secret.expose(),
        })
    }

    /// All secrets of the connector, to keep them out of words.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.values.values().filter_map(|given| match given {
            Given::Secret(secret) => Some(secret.expose()),
            Given::Plain(_) => None,
        })
    }
}

fn collect<'a>(
    file: &'a str,
    text: &str,
    into: &mut BTreeMap<String, BTreeMap<String, (&'a str, Toml)>>,
    errors: &mut Vec<SettingError>,
) {
    let mut wrong = |connector: &str, what: String| {
        errors.push(SettingError {
            file: Some(file.into()),
            connector: connector.into(),
            setting: String::new(),
            what,
        });
    };
    let mut table = match text.parse::<Table>() {
        Ok(table) => table,
        Err(e) => {
            // Not the error's own display: it repeats the line, and there may be a secret in it.
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or("");
            let line = before.bytes().filter(|b| *b == b'\n').count().saturating_add(1);
            return wrong(
                "",
                format!("line {line} is not TOML: {}", e.message().lines().next().unwrap_or("")),
            );
        }
    };
    match table.remove("connectors") {
        None => {}
        Some(Toml::Table(connectors)) => {
            for (name, settings) in connectors {
                match settings {
                    Toml::Table(settings) => {
                        let merged = into.entry(name).or_default();
                        merged.extend(settings.into_iter().map(|(key, value)| (key, (file, value))));
                    }
                    _ => wrong(&name, format!("write a table: [connectors.{name}]")),
                }
            }
        }
        Some(_) => wrong("", "`connectors` must be a table: [connectors.NAME]".into()),
    }
}

fn configure(
    connector: &Connector,
    written: &BTreeMap<String, (&str, Toml)>,
    env: Env<'_>,
    errors: &mut Vec<SettingError>,
) -> Option<Configured> {
    let errors_before = errors.len();
    let mut wrong = |file: Option<&str>, setting: &str, what: String| {
        let (connector, setting) = (connector.name.clone(), setting.to_string());
        errors.push(SettingError { file: file.map(Into::into), connector, setting, what });
    };
    let mut values = BTreeMap::new();
    let mut base_url = None;
    for field in &connector.config {
        let (ty, optional) = match &field.ty {
            Type::Option(of) => (of.as_ref(), true),
            ty => (ty, false),
        };
        let Some((file, value)) = written.get(&field.name) else {
            if !optional {
                wrong(None, &field.name, missing(&connector.name, &field.name, ty, field.secret));
            }
            continue;
        };
        let text = match read(file, &connector.name, &field.name, value, ty, field.secret, env) {
            Ok(text) => text,
            Err(what) => {
                wrong(Some(file), &field.name, what);
                continue;
            }
        };
        if field.name == "base_url" {
            match address::base_url(&text) {
                Ok(url) => base_url = Some(url),
                Err(what) => {
                    wrong(Some(file), &field.name, what);
                    continue;
                }
            }
        }
        let given =
            if field.secret { Given::Secret(Secret::new(text)) } else { Given::Plain(text.to_string()) };
        values.insert(field.name.clone(), given);
    }
    // One that the connector declares itself is its own.
    let is_ours = !connector.config.iter().any(|f| f.name == breaker::SETTING);
    let rule = match written.get(breaker::SETTING).filter(|_| is_ours) {
        None => None,
        Some((file, value)) => match Breaker::read(value) {
            Ok(rule) => Some(rule),
            Err(what) => {
                wrong(Some(file), breaker::SETTING, what);
                None
            }
        },
    };
    let known: BTreeSet<&str> = connector.config.iter().map(|f| f.name.as_str()).collect();
    let is_known = |name: &str| known.contains(name) || name == breaker::SETTING;
    for (name, (file, _)) in written.iter().filter(|(name, _)| !is_known(name)) {
        let all: Vec<&str> = connector.config.iter().map(|f| f.name.as_str()).collect();
        wrong(
            Some(file),
            name,
            format!("there is no such setting; the connector has {}, and `breaker`", all.join(", ")),
        );
    }
    if !known.contains("base_url") {
        wrong(None, "base_url", "the connector does not declare it, so nothing can be sent".into());
    }
    if errors.len() == errors_before {
        base_url.map(|base_url| Configured { base_url, values, breaker: rule })
    } else {
        None
    }
}

fn missing(connector: &str, setting: &str, ty: &Type, secret: bool) -> String {
    let example = if secret {
        places(connector, setting)
    } else {
        let value = match ty {
            Type::Int => "1",
            Type::Bool => "true",
            Type::Url => "\"https://…\"",
            _ => "\"…\"",
        };
        format!("{setting} = {value}")
    };
    format!("it is missing; write below [connectors.{connector}]: {example}")
}

/// How a secret is written.
fn places(connector: &str, setting: &str) -> String {
    let variable = format!("{connector}_{setting}").to_uppercase();
    format!(
        "{setting} = {{ env = \"{variable}\" }}, or {{ file = \"path\" }}, or {{ command = [\"program\", \"argument\"] }}"
    )
}

fn read(
    file: &str,
    connector: &str,
    setting: &str,
    value: &Toml,
    ty: &Type,
    secret: bool,
    env: Env<'_>,
) -> Result<Zeroizing<String>, String> {
    let text = match (value, ty) {
        (Toml::Table(table), _) => place(file, table)?.read(env)?,
        (_, _) if secret => {
            return Err(format!("a secret is not written in the file; write {}", places(connector, setting)));
        }
        (Toml::String(text), Type::String | Type::Url) => Zeroizing::new(text.clone()),
        (Toml::Integer(n), Type::Int) => Zeroizing::new(n.to_string()),
        (Toml::Boolean(b), Type::Bool) => Zeroizing::new(b.to_string()),
        (other, ty) => return Err(format!("must be {}, is {}", kind(ty), other.type_str())),
    };
    let fits = match ty {
        Type::Int => text.parse::<i64>().is_ok(),
        Type::Bool => matches!(text.as_str(), "true" | "false"),
        Type::Url => Url::parse(&text).is_ok(),
        _ => true,
    };
    if !fits {
        return Err(format!("must be {}", kind(ty)));
    }
    if text.chars().any(char::is_control) {
        return Err("holds a line break or another control character".into());
    }
    Ok(text)
}

/// A secret of a file of settings that is no connector's: `{ env = "NAME" }`, `{ file = "path" }` or
/// `{ command = ["program", "argument"] }`. Paths start at the folder of `file`.
///
/// # Errors
/// When it is written in plain text, or cannot be read; the words never hold its text.
pub fn secret(file: &str, value: &Toml) -> Result<Secret, String> {
    match value {
        Toml::Table(table) => place(file, table)?.read(&|name| std::env::var_os(name)).map(Secret::new),
        _ => {
            Err("a secret is not written in the file; write { env = \"NAME\" }, or { file = \"path\" }, or \
                  { command = [\"program\", \"argument\"] }"
                .into())
        }
    }
}

fn kind(ty: &Type) -> &'static str {
    match ty {
        Type::Int => "a whole number",
        Type::Bool => "true or false",
        Type::Url => "a URL in quotes",
        _ => "text in quotes",
    }
}

fn place(file: &str, table: &Table) -> Result<Place, String> {
    let usage = || {
        "write one of { env = \"NAME\" }, { file = \"path\" }, { command = [\"program\", \"argument\"] }"
            .to_string()
    };
    let mut entries = table.iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else { return Err(usage()) };
    match (key.as_str(), value) {
        ("env", Toml::String(name)) if !name.is_empty() && !name.contains(['=', '\0']) => {
            Ok(Place::Env(name.clone()))
        }
        ("file", Toml::String(path)) => {
            let folder = Path::new(file).parent().unwrap_or(Path::new(""));
            Ok(Place::File(folder.join(path)))
        }
        ("command", Toml::Array(words)) => {
            let words = words.iter().map(|w| w.as_str().map(String::from)).collect::<Option<Vec<_>>>();
            words.map(Place::Command).ok_or_else(usage)
        }
        _ => Err(usage()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use play_program::action::{Auth, ConfigField};

    fn field(name: &str, ty: Type, secret: bool) -> ConfigField {
        ConfigField { name: name.into(), ty, secret }
    }

    fn okta() -> Connector {
        Connector {
            name: "okta".into(),
            config: vec![
                field("base_url", Type::Url, false),
                field("token", Type::String, true),
                field("tenant", Type::Option(Box::new(Type::Int)), false),
            ],
            auth: Auth::Bearer("token".into()),
            limit: None,
        }
    }

    fn load(texts: &[(&str, &str)]) -> Result<Settings, String> {
        let env = |name: &str| (name == "OKTA_TOKEN").then(|| "s3cret".into());
        Settings::load_from(texts, &[okta()], &env)
            .map_err(|errors| errors.iter().map(|e| format!("{e}\n")).collect::<String>())
    }

    const GOOD: &str = "
        name = 'mine'
        [connectors.okta]
        base_url = 'https://id.example/okta'
        token = { env = 'OKTA_TOKEN' }
        tenant = 7
        [connectors.other]
        any = 1
    ";

    #[test]
    fn settings_are_read_and_secrets_are_not_shown() {
        let settings = load(&[("play.toml", GOOD)]).unwrap();
        let okta = settings.of("okta").unwrap();
        assert_eq!(okta.base_url.as_str(), "https://id.example/okta");
        assert_eq!((okta.value("token"), okta.value("tenant")), (Some("s3cret"), Some("7")));
        assert!(!format!("{settings:?}").contains("s3cret"));
    }

    #[test]
    fn a_later_file_replaces_single_settings() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("token"), "from the file\n").unwrap();
        let name = dir.path().join("site.toml").display().to_string();
        let settings =
            load(&[("play.toml", GOOD), (&name, "[connectors.okta]\ntoken = { file = 'token' }")]).unwrap();
        let okta = settings.of("okta").unwrap();
        assert_eq!((okta.value("token"), okta.value("tenant")), (Some("from the file"), Some("7")));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        insta::assert_snapshot!(load(&[("play.toml", "")]).unwrap_err(), @r#"
        connector okta: setting base_url: it is missing; write below [connectors.okta]: base_url = "https://…"
        connector okta: setting token: it is missing; write below [connectors.okta]: token = { env = "OKTA_TOKEN" }, or { file = "path" }, or { command = ["program", "argument"] }
        "#);
        insta::assert_snapshot!(load(&[("play.toml", "
            [connectors.okta]
            base_url = 'ftp://x'
            token = 's3cret'
            tenant = 'seven'
            tokn = 1
        ")]).unwrap_err(), @r#"
        play.toml: connector okta: setting base_url: begins with `ftp:`; write an address that begins with http:// or https://
        play.toml: connector okta: setting token: a secret is not written in the file; write token = { env = "OKTA_TOKEN" }, or { file = "path" }, or { command = ["program", "argument"] }
        play.toml: connector okta: setting tenant: must be a whole number, is string
        play.toml: connector okta: setting tokn: there is no such setting; the connector has base_url, token, tenant, and `breaker`
        "#);
        insta::assert_snapshot!(load(&[("play.toml", "
            [connectors.okta]
            base_url = { env = 'NONE' }
            token = { vault = 's3cret' }
        ")]).unwrap_err(), @r#"
        play.toml: connector okta: setting base_url: the environment variable NONE is not set
        play.toml: connector okta: setting token: write one of { env = "NAME" }, { file = "path" }, { command = ["program", "argument"] }
        "#);
    }

    #[test]
    fn a_file_that_is_not_toml_does_not_show_its_lines() {
        let why = load(&[("site.toml", "[connectors.okta]\ntoken = s3cret oops")]).unwrap_err();
        assert!(why.starts_with("site.toml: line 2 is not TOML") && !why.contains("s3cret"), "{why}");
    }

    #[test]
    fn the_manual_shows_what_can_be_written() {
        let manual = include_str!("../../../docs/connectors.md");
        let blocks: Vec<&str> =
            manual.split("```toml\n").skip(1).filter_map(|b| b.split("```").next()).collect();
        assert!(!blocks.is_empty());
        for block in blocks {
            let table: Table = block.parse().unwrap();
            for (_, connector) in table["connectors"].as_table().unwrap() {
                let connector = connector.as_table().unwrap();
                assert!(address::base_url(connector["base_url"].as_str().unwrap()).is_ok());
                assert!(
                    connector.get(breaker::SETTING).is_none_or(|rule| Breaker::read(rule).is_ok()),
                    "{block}"
                );
                let places = connector.iter().filter(|(name, _)| *name != breaker::SETTING);
                let places = places.filter_map(|(_, value)| value.as_table());
                assert!(places.map(|t| place("play.toml", t)).all(|p| p.is_ok()), "{block}");
            }
        }
    }
}

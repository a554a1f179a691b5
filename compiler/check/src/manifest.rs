//! `play.toml`: what a project says of itself.

mod driven;
mod rules;

use std::ops::Range;

use play_diagnostics::lints::{self, Level};
use play_diagnostics::registry::{Code, codes};
use play_diagnostics::{Diagnostic, Place};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use driven::Driven;
pub use rules::Rules;

/// The editions of the language.
const EDITIONS: &[&str] = &[EDITION];

/// The edition that a new project is written in.
pub const EDITION: &str = "2026";

/// What stands in a `play.toml`.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Name of the project.
    pub name: Option<String>,
    /// The edition of the language that it is written in, where it says so and it is known.
    pub edition: Option<String>,
    /// The packages that it uses.
    pub packages: Vec<Needed>,
    /// How findings of lints count here.
    pub lints: Vec<(Code, Level)>,
    /// `[rules]`
    pub rules: Rules,
    /// `[config]`
    pub config: Vec<Setting>,
    /// Where that stands.
    pub config_at: Option<Place>,
    /// `[roles]`: each with those who have it.
    pub roles: Vec<Role>,
    /// `[approvals]`, `distinct`: who has had a say in a run does not approve its acts as well.
    pub distinct: bool,
    /// `[playbooks.NAME]`
    pub playbooks: Vec<Driven>,
    /// `[store]`, `reserve`: bytes on the disk that records leave to what runs have to write.
    pub reserve: Option<u64>,
    /// `[store]`, `share`: whether a service leaves room for others to work on the same database.
    pub share: Option<bool>,
    /// `[connectors.NAME]`: what is written there.
    pub written: Vec<Written>,
    /// `[env.NAME.config]`, by name.
    pub environments: Vec<(String, Vec<Setting>)>,
}

/// `common = { path = "../common" }`
#[derive(Clone, Debug)]
pub struct Needed {
    /// What it is called in a `use`.
    pub name: String,
    /// Where the name stands.
    pub at: Place,
    /// Its folder, relative to that of the `play.toml`.
    pub path: String,
    /// Where the path stands.
    pub path_at: Place,
}

/// `soc_lead = ["ana", "ben"]`
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub at: Place,
    /// Who has it, by the names that they answer with; nobody is refused where there are none.
    pub members: Vec<String>,
}

/// A setting below `[connectors.okta]`
#[derive(Clone, Debug)]
pub struct Written {
    /// The connector.
    pub connector: String,
    /// The setting.
    pub setting: String,
    /// Where it stands.
    pub at: Place,
    /// Its value, where that is written there and not where it is found: it may be what nobody is to see.
    pub plain: Option<Place>,
}

/// `own_domains = ["example.com"]`
#[derive(Clone, Debug)]
pub struct Setting {
    /// Which value.
    pub name: String,
    /// Where the name stands.
    pub at: Place,
    /// What is given; `null` for a float that is no number.
    pub value: serde_json::Value,
    /// Where it stands.
    pub value_at: Place,
}

/// Top-level keys.
const KEYS: &[&str] = &[
    "name",
    "edition",
    "packages",
    "lints",
    "rules",
    "roles",
    "approvals",
    "playbooks",
    "config",
    "env",
    "connectors",
    "store",
    "serve",
];

/// Reads a `play.toml`; `file` is its index for places. All that is wrong with it is said; what is right is of use
/// all the same.
#[must_use]
pub fn read(file: u32, text: &str) -> (Manifest, Vec<Diagnostic>) {
    read_as(file, text, "play.toml", KEYS)
}

/// Reads a file that holds no more than settings (`--config FILE`).
#[must_use]
pub fn read_settings(text: &str) -> (Manifest, Vec<Diagnostic>) {
    read_as(0, text, "a file of settings", &["config", "connectors", "store", "serve"])
}

fn read_as(file: u32, text: &str, of: &str, known: &[&str]) -> (Manifest, Vec<Diagnostic>) {
    let mut reading = Reading { file, findings: Vec::new() };
    let mut manifest = Manifest::default();
    match DeTable::parse(text) {
        Ok(table) => reading.top(table.get_ref(), of, known, &mut manifest),
        Err(e) => {
            let at = reading.place(e.span().unwrap_or(0..0));
            let what = e.message().lines().next().unwrap_or_default().to_string();
            reading.findings.push(
                Diagnostic::error(codes::P2020, at, format!("this is not TOML: {what}"))
                    .here("not read further"),
            );
        }
    }
    (manifest, reading.findings)
}

struct Reading {
    file: u32,
    findings: Vec<Diagnostic>,
}

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;
type Found<'i> = Spanned<DeValue<'i>>;

impl Reading {
    fn place(&self, span: Range<usize>) -> Place {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place { file: self.file, start: small(span.start), end: small(span.end) }
    }

    fn top(&mut self, table: &DeTable<'_>, of: &str, known: &[&str], manifest: &mut Manifest) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                name if !known.contains(&name) => self.unknown(key, of, known),
                "name" => manifest.name = self.text(value, "a name"),
                "edition" => manifest.edition = self.edition(value),
                "packages" => {
                    for (name, found) in self.table(value, "[packages]").into_iter().flatten() {
                        manifest.packages.extend(self.package(name, found));
                    }
                }
                "lints" => {
                    for (name, found) in self.table(value, "[lints]").into_iter().flatten() {
                        manifest.lints.extend(self.lint(name, found));
                    }
                }
                "rules" => manifest.rules = self.rules(value),
                "roles" => {
                    for (name, found) in self.table(value, "[roles]").into_iter().flatten() {
                        manifest.roles.extend(self.role(name, found));
                    }
                }
                "approvals" => {
                    for (name, found) in self.table(value, "[approvals]").into_iter().flatten() {
                        match name.get_ref().as_ref() {
                            "distinct" => manifest.distinct = self.yes_or_no(found).unwrap_or_default(),
                            _ => self.unknown(name, "[approvals]", &["distinct"]),
                        }
                    }
                }
                "playbooks" => {
                    for (name, found) in self.table(value, "[playbooks.NAME]").into_iter().flatten() {
                        manifest.playbooks.extend(self.driven(name, found));
                    }
                }
                "config" => {
                    manifest.config_at = Some(self.place(key.span()));
                    manifest.config = self.settings(value, "[config]");
                }
                "env" => {
                    for (name, found) in self.table(value, "[env.NAME.config]").into_iter().flatten() {
                        let environment = self.environment(name, found);
                        manifest.environments.push((name.get_ref().to_string(), environment));
                    }
                }
                "store" => {
                    for (name, found) in self.table(value, "[store]").into_iter().flatten() {
                        match name.get_ref().as_ref() {
                            "reserve" => manifest.reserve = self.bytes(found),
                            "share" => manifest.share = self.yes_or_no(found),
                            _ => self.unknown(name, "[store]", &["reserve", "share"]),
                        }
                    }
                }
                "serve" => {
                    self.table(value, "[serve]");
                }
                "connectors" => {
                    for (name, found) in self.table(value, "[connectors.NAME]").into_iter().flatten() {
                        let how = format!("[connectors.{}]", name.get_ref());
                        for (setting, value) in self.table(found, &how).into_iter().flatten() {
                            manifest.written.push(self.written(name, setting, value));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn unknown(&mut self, key: &Key<'_>, of: &str, known: &[&str]) {
        let at = self.place(key.span());
        let name = key.get_ref();
        let finding = Diagnostic::error(codes::P2021, at, format!("{of} has no `{name}`"))
            .here("not known")
            .meant(name, known);
        self.findings.push(finding);
    }

    fn wrong(&mut self, value: &Found<'_>, wanted: &str, help: String) {
        let found = value.get_ref().type_str();
        self.findings.push(
            Diagnostic::error(codes::P2020, self.place(value.span()), format!("{wanted} is wanted here"))
                .here(format!("this is of kind {found}"))
                .help(help),
        );
    }

    fn text(&mut self, value: &Found<'_>, what: &str) -> Option<String> {
        let text = value.get_ref().as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.wrong(value, what, "Write it in double quotes.".into());
        }
        text.map(str::to_string)
    }

    fn yes_or_no(&mut self, value: &Found<'_>) -> Option<bool> {
        let said = value.get_ref().as_bool();
        if said.is_none() {
            self.wrong(value, "`true` or `false`", "Write `true` or `false`, without quotes.".into());
        }
        said
    }

    /// A number of bytes.
    fn bytes(&mut self, value: &Found<'_>) -> Option<u64> {
        let number =
            value.get_ref().as_integer().and_then(|i| u64::from_str_radix(i.as_str(), i.radix()).ok());
        if number.is_none() {
            self.wrong(value, "a number of bytes", "Write a whole number: 268435456 is 256 MiB.".into());
        }
        number
    }

    fn table<'v, 'i>(&mut self, value: &'v Found<'i>, how: &str) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(value, "a table", format!("Write a table: `{how}`."));
        }
        table
    }

    fn edition(&mut self, value: &Found<'_>) -> Option<String> {
        let edition = self.text(value, "an edition")?;
        if !EDITIONS.contains(&edition.as_str()) {
            let at = self.place(value.span());
            let last = EDITIONS.last().copied().unwrap_or_default();
            self.findings.push(
                Diagnostic::error(codes::P2020, at, format!("edition `{edition}` is not known"))
                    .here("not known")
                    .help(format!("Write `edition = \"{last}\"`.")),
            );
            return None;
        }
        Some(edition)
    }

    fn package(&mut self, name: &Key<'_>, value: &Found<'_>) -> Option<Needed> {
        let table = self.table(value, &format!("{} = {{ path = \"../…\" }}", name.get_ref()))?;
        let mut path = None;
        for (key, found) in table {
            match key.get_ref().as_ref() {
                "path" => path = self.text(found, "a path").map(|text| (text, self.place(found.span()))),
                _ => self.unknown(key, "a package", &["path"]),
            }
        }
        let at = self.place(name.span());
        if name.get_ref() == "std" {
            self.findings.push(
                Diagnostic::error(codes::P2021, at, "`std` is the standard library")
                    .here("taken")
                    .help("Give the package another name."),
            );
            return None;
        }
        if path.is_none() && !table.keys().any(|k| k.get_ref() == "path") {
            self.findings.push(
                Diagnostic::error(codes::P2020, at, format!("package `{}` has no `path`", name.get_ref()))
                    .here("where is it?")
                    .help(format!("Write `{} = {{ path = \"../{}\" }}`.", name.get_ref(), name.get_ref())),
            );
        }
        let (path, path_at) = path?;
        Some(Needed { name: name.get_ref().to_string(), at, path, path_at })
    }

    fn lint(&mut self, name: &Key<'_>, value: &Found<'_>) -> Option<(Code, Level)> {
        let level = value.get_ref().as_str().and_then(Level::from_name);
        if level.is_none() {
            self.wrong(value, "a level", "Write \"error\", \"warning\" or \"off\".".into());
        }
        match lints::by_name(name.get_ref()) {
            Some(code) => level.map(|level| (code, level)),
            None => {
                let all: Vec<&str> = lints::ALL.iter().map(|(name, _)| *name).collect();
                self.unknown(name, "[lints]", &all);
                None
            }
        }
    }

    fn written(&self, connector: &Key<'_>, setting: &Key<'_>, value: &Found<'_>) -> Written {
        Written {
            connector: connector.get_ref().to_string(),
            setting: setting.get_ref().to_string(),
            at: self.place(setting.span()),
            plain: (!value.get_ref().is_table()).then(|| self.place(value.span())),
        }
    }

    fn role(&mut self, name: &Key<'_>, value: &Found<'_>) -> Option<Role> {
        let text = name.get_ref();
        let how = format!("Write `{text} = [\"ada\", \"ben\"]`: the names that they answer with.");
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(value, "a list of names", how);
            return None;
        };
        let mut members = Vec::new();
        for item in items {
            match item.get_ref().as_str().filter(|name| !name.trim().is_empty()) {
                Some(member) => members.push(member.to_string()),
                None => self.wrong(item, "a name", how.clone()),
            }
        }
        Some(Role { name: text.to_string(), at: self.place(name.span()), members })
    }

    fn environment(&mut self, name: &Key<'_>, value: &Found<'_>) -> Vec<Setting> {
        let head = format!("[env.{}.config]", name.get_ref());
        let mut settings = Vec::new();
        for (key, found) in self.table(value, &head).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "config" => settings = self.settings(found, &head),
                _ => self.unknown(key, "an environment", &["config"]),
            }
        }
        settings
    }

    fn settings(&mut self, value: &Found<'_>, how: &str) -> Vec<Setting> {
        let Some(table) = self.table(value, how) else { return Vec::new() };
        let one = |(key, value): (&Key<'_>, &Found<'_>)| Setting {
            name: key.get_ref().to_string(),
            at: self.place(key.span()),
            value: plain(value.get_ref()),
            value_at: self.place(value.span()),
        };
        table.iter().map(one).collect()
    }
}

/// The same value as JSON: what conversions read. A date is its text.
fn plain(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix()).map_or_else(
            // Beyond 64 bits: text, which no number is read from.
            |_| serde_json::Value::from(n.as_str()),
            Into::into,
        ),
        DeValue::Float(n) => n.as_str().parse::<f64>().map_or(serde_json::Value::Null, Into::into),
        DeValue::Boolean(b) => (*b).into(),
        DeValue::Datetime(at) => at.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| plain(item.get_ref())).collect(),
        DeValue::Table(table) => {
            table.iter().map(|(k, v)| (k.get_ref().to_string(), plain(v.get_ref()))).collect()
        }
    }
}

//! The configuration of a project: what is declared, what `play.toml` gives, and which runs rest on what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_program::types::{RecordId, RecordType, Type, TypeTable};
use play_program::value::Value;
use play_program::{config, convert};
use play_syntax::ast::{self, ConfigDecl, Name, Span};

use crate::body::Why;
use crate::context::{Context, is_wrong, place};
use crate::coverage::Covering;
use crate::manifest::{Manifest, Setting};
use crate::names::index;
use crate::typed::{Body, Config, Expr, ExprKind, Guard, Playbook, Source};

/// What is declared.
#[derive(Clone, Copy)]
pub(crate) struct ConfigInfo<'a> {
    decl: &'a ConfigDecl,
    /// Its layout.
    pub(crate) record: RecordId,
}

impl<'a> Context<'a> {
    /// Takes a `config { … }` in; `library`: it is not the project's.
    pub(crate) fn declare_config(&mut self, decl: &'a ConfigDecl, library: bool) {
        let at = decl.record.name.span;
        if library {
            self.report(
                Diagnostic::error(codes::P2033, place(at), "a package has no configuration of its own")
                    .here("only a project has one")
                    .note("`play.toml` of the project says how things are at this site, and a package is used at many.")
                    .help("Take the value as a parameter of a function or procedure."),
            );
            return;
        }
        if let Some(first) = self.config {
            let first = first.decl.record.name.span;
            self.report(
                Diagnostic::error(codes::P2033, place(at), "the configuration is declared twice")
                    .here("again here")
                    .label(place(first), "first here")
                    .help("Move these values to the first one."),
            );
            return;
        }
        let record = RecordId(index(self.record_decls.len()));
        self.record_decls.push(&decl.record);
        Arc::make_mut(&mut self.types).records.push(RecordType {
            name: "config".into(),
            is_case: false,
            fields: Vec::new(),
        });
        self.config = Some(ConfigInfo { decl, record });
    }

    /// Checks the declaration, and what a `play.toml` gives for it.
    pub(crate) fn config_values(&mut self, manifest: &Manifest) -> Option<Config> {
        let Some(info) = self.config else {
            let environments = manifest.environments.iter().flat_map(|(_, settings)| settings);
            for setting in manifest.config.iter().chain(environments) {
                let name = &setting.name;
                self.report(
                    Diagnostic::error(codes::P2030, setting.at, format!("the project reads no `{name}`"))
                        .here("nobody reads this")
                        .help(format!("Declare it in a file of the project: `config {{ {name}: TYPE }}`.")),
                );
            }
            return None;
        };
        let layout = self.types.record(info.record)?.clone();
        let mut defaults = Vec::new();
        for field in &layout.fields {
            let written = info.decl.record.fields.iter().zip(&info.decl.defaults);
            let default = written.into_iter().find(|(f, _)| f.name.text == field.name);
            let default = default.and_then(|(_, default)| default.as_ref());
            let why = Why::Field(info.record, field.name.clone());
            defaults.push(default.map(|e| self.fixed(e, &field.ty, &why)));
        }
        for field in &info.decl.record.fields {
            self.no_document_configured(info.record, field);
        }
        let given = self.given_settings(&manifest.config, &layout);
        let environments: Vec<_> = manifest
            .environments
            .iter()
            .map(|(name, settings)| (name.clone(), self.given_settings(settings, &layout)))
            .collect();
        let config = Config { record: info.record, defaults, given, environments };
        self.not_given(info, &layout, &config, manifest);
        Some(config)
    }

    fn no_document_configured(&mut self, record: RecordId, field: &ast::FieldDecl) {
        let ty = self.slot(record, &field.name.text).map(|(_, ty)| ty);
        if ty.is_some_and(|ty| self.has_document(&ty, &mut Vec::new())) {
            let name = &field.name.text;
            self.report(
                Diagnostic::error(codes::P3014, place(field.ty.span), format!("`{name}` cannot hold `Json`"))
                    .here("a document")
                    .note("What a run was decided with is recorded, and a document that nobody read is not.")
                    .help("Give it a type of its own: `type NAME { … }`."),
            );
        }
    }

    fn given_settings(&mut self, settings: &[Setting], layout: &RecordType) -> Vec<(usize, Value)> {
        let mut given = Vec::new();
        for setting in settings {
            let (value, findings) = read(std::slice::from_ref(setting), layout, &self.types);
            given.extend(value);
            let fields = self.config.into_iter().flat_map(|c| &c.decl.record.fields);
            let declared = fields.into_iter().find(|f| f.name.text == setting.name).map(|f| f.name.span);
            for finding in findings {
                self.report(match declared {
                    Some(at) => finding.label(place(at), "declared here"),
                    None => finding,
                });
            }
        }
        given
    }

    /// Reports values that nothing gives.
    fn not_given(&mut self, info: ConfigInfo<'_>, layout: &RecordType, config: &Config, manifest: &Manifest) {
        for (at, field) in layout.fields.iter().enumerate() {
            if is_wrong(&field.ty) {
                continue;
            }
            let name = &field.name;
            let here = |settings: &[Setting]| settings.iter().any(|s| s.name == *name);
            // What is given and wrong is reported there.
            let without: Vec<&str> = if here(&manifest.config) || config.has_default(at, &field.ty) {
                Vec::new()
            } else {
                let open = manifest.environments.iter().filter(|(_, settings)| !here(settings));
                open.map(|(name, _)| name.as_str()).collect()
            };
            let nowhere = manifest.environments.is_empty()
                && !here(&manifest.config)
                && !config.has_default(at, &field.ty);
            if !nowhere && without.is_empty() {
                continue;
            }
            let Some(declared) = info.decl.record.fields.iter().find(|f| f.name.text == *name) else {
                continue;
            };
            let example = format!("{name} = {}", sample(&field.ty, &self.types));
            let (text, help) = match without.as_slice() {
                [] => (
                    format!("`{name}` has no value"),
                    format!(
                        "Write `{example}` below `[config]` in `play.toml`, or give it a default here: `= …`."
                    ),
                ),
                [first, ..] => (
                    format!("`{name}` has no value in {}", without.join(", ")),
                    format!(
                        "Write `{example}` below `[env.{first}.config]` in `play.toml`, or below `[config]` for all."
                    ),
                ),
            };
            let at = manifest.config_at.filter(|_| without.is_empty());
            let mut finding = Diagnostic::error(codes::P2032, at.unwrap_or(place(declared.name.span)), text);
            finding = match at {
                Some(_) => finding.here("not given here").label(place(declared.name.span), "declared here"),
                None => finding.here("declared here"),
            };
            self.report(finding.help(help));
        }
    }

    /// Says of each playbook which values a run of it rests on.
    pub(crate) fn config_reads(&self, sources: &[Source], playbooks: &mut [Playbook], guards: &[Guard]) {
        if self.config.is_none() {
            return;
        }
        let bodies = |found: &mut BTreeSet<usize>, all: &mut dyn Iterator<Item = &Body>| {
            all.for_each(|body| reads(&body.expr, found));
        };
        // How a case comes to be, and which of its playbooks takes it, is the same for all of these.
        let mut of_case: BTreeMap<RecordId, BTreeSet<usize>> = BTreeMap::new();
        for source in sources {
            let key = source.dedup.iter().map(|(key, _)| key);
            let map = source.map.iter().map(|(_, body)| body);
            let found = of_case.entry(source.case).or_default();
            bodies(found, &mut source.accept.iter().chain(key).chain(map));
        }
        for playbook in &*playbooks {
            bodies(of_case.entry(playbook.case).or_default(), &mut playbook.when.iter());
        }
        let covering = Covering::of_guards(guards);
        let mut of: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); playbooks.len()];
        for (found, playbook) in of.iter_mut().zip(&*playbooks) {
            found.extend(of_case.get(&playbook.case).into_iter().flatten());
            bodies(found, &mut std::iter::once(&playbook.body));
            playbook.untils.iter().for_each(|until| reads(&until.expr, found));
            let mut done = Vec::new();
            writes(&playbook.body.expr, &mut done);
            let asked: BTreeSet<usize> =
                done.iter().flat_map(|action| covering.of(*action, playbook.case)).collect();
            for guard in asked.iter().filter_map(|at| guards.get(*at)) {
                bodies(found, &mut guard.conditions.iter().flatten());
            }
        }
        for (playbook, found) in playbooks.iter_mut().zip(of) {
            playbook.config = found.into_iter().collect();
        }
    }

    /// `given config.own_domains = ["example.com"]`
    pub(crate) fn given_config(&mut self, name: &Name, value: &ast::Expr) -> Option<(usize, Body)> {
        let Some(info) = self.config else {
            self.report(no_config(name.span, &name.text));
            return None;
        };
        match self.slot(info.record, &name.text) {
            Some((slot, ty)) => {
                let why = Why::Field(info.record, name.text.as_str().to_string());
                Some((slot, self.fixed(value, &ty, &why)))
            }
            None => {
                self.unknown_field(info.record, name);
                None
            }
        }
    }
}

impl Config {
    /// Whether a value needs nobody to give it.
    #[must_use]
    pub fn has_default(&self, field: usize, ty: &Type) -> bool {
        matches!(ty, Type::Option(_)) || self.defaults.get(field).is_some_and(Option::is_some)
    }
}

/// A value that no configuration declares.
pub(crate) fn no_config(at: Span, field: &str) -> Diagnostic {
    Diagnostic::error(codes::P2030, place(at), "this project declares no configuration")
        .here("nothing gives this a value")
        .help(format!("Declare it in a file of the project: `config {{ {field}: TYPE }}`; `play.toml` gives the value, below `[config]`."))
}

/// The values that settings give, by index, and what is wrong with them.
#[must_use]
pub fn read(
    settings: &[Setting],
    layout: &RecordType,
    types: &TypeTable,
) -> (Vec<(usize, Value)>, Vec<Diagnostic>) {
    let (mut given, mut findings) = (Vec::new(), Vec::new());
    for setting in settings {
        let name = &setting.name;
        let Some((at, field)) = layout.fields.iter().enumerate().find(|(_, f)| f.name == *name) else {
            let finding =
                Diagnostic::error(codes::P2030, setting.at, format!("the project reads no `{name}`"))
                    .here("nobody reads this");
            let names = layout.fields.iter().map(|f| f.name.as_str());
            findings.push(match play_diagnostics::suggest::closest(name, names) {
                Some(near) => finding.help(format!("Did you mean `{near}`?")).fix(
                    format!("Write `{near}`"),
                    false,
                    vec![Edit { place: setting.at, text: near.to_string() }],
                ),
                None => finding.help("Leave it out, or declare it in the project's `config { … }`."),
            });
            continue;
        };
        if is_wrong(&field.ty) {
            continue;
        }
        match convert::from_plain(&setting.value, &field.ty, types) {
            Ok(value) => given.push((at, value)),
            Err(why) => {
                let ty = types.name(&field.ty);
                findings.push(
                    Diagnostic::error(codes::P2031, setting.value_at, format!("`{name}` is not a `{ty}`"))
                        .here(why)
                        .help(format!("Write it like `{name} = {}`.", sample(&field.ty, types))),
                );
            }
        }
    }
    (given, findings)
}

/// How a value of a type may look in TOML.
fn sample(ty: &Type, types: &TypeTable) -> String {
    match types.repr(ty) {
        Type::Bool => "true".into(),
        Type::Int => "10".into(),
        Type::Float => "0.5".into(),
        Type::List(of) => format!("[{}]", sample(of, types)),
        Type::Option(of) => sample(of, types),
        Type::Enum(id) => format!("\"{}\"", types.variant(*id, 0).unwrap_or("…")),
        Type::Record(id) => {
            let fields = types.record(*id).map(|r| r.fields.as_slice()).unwrap_or_default();
            let fields: Vec<String> =
                fields.iter().map(|f| format!("{} = {}", f.name, sample(&f.ty, types))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Type::Time => "\"2026-01-31T12:00:00Z\"".into(),
        Type::Duration => "\"15m\"".into(),
        Type::Size => "\"1MB\"".into(),
        Type::Ip => "\"192.0.2.1\"".into(),
        Type::Cidr => "\"192.0.2.0/24\"".into(),
        Type::Domain => "\"example.com\"".into(),
        Type::Url => "\"https://example.com/\"".into(),
        Type::Email => "\"someone@example.com\"".into(),
        _ => "\"…\"".into(),
    }
}

/// The values of the configuration that an expression reads.
pub(crate) fn reads(e: &Expr, found: &mut BTreeSet<usize>) {
    if let ExprKind::CaseField(slot) = &e.kind {
        found.extend(config::field(*slot));
    }
    e.parts().into_iter().for_each(|part| reads(part, found));
}

fn writes(e: &Expr, done: &mut Vec<play_program::action::ActionId>) {
    if let ExprKind::Do(action, ..) = &e.kind
        && !done.contains(action)
    {
        done.push(*action);
    }
    e.parts().into_iter().for_each(|part| writes(part, done));
}

impl Context<'_> {
    /// Whether a connector has a setting of that name.
    pub(crate) fn has_setting(&self, name: &str) -> bool {
        let items = self.files.iter().flat_map(|f| &f.tree.items);
        items.into_iter().any(|item| match &item.kind {
            ast::ItemKind::Connector(decl) => decl.config.iter().any(|f| f.name.text == name),
            _ => false,
        })
    }

    /// Reports a value that a test needs and nobody gives: what it finds would depend on where it is run.
    pub(crate) fn configured_enough(
        &mut self,
        decl: &ast::TestDecl,
        test: &crate::typed::Test,
        config: &Config,
        playbooks: &[Playbook],
    ) {
        let mut read: BTreeSet<usize> =
            playbooks.get(test.playbook).map(|p| p.config.iter().copied().collect()).unwrap_or_default();
        for (_, expect) in &test.expect {
            if let crate::typed::Expect::That(body) = expect {
                reads(&body.expr, &mut read);
            }
        }
        let Some(layout) = self.types.record(config.record).cloned() else { return };
        for field in read {
            let given =
                test.config.iter().any(|(f, _)| *f == field) || config.given.iter().any(|(f, _)| *f == field);
            let Some(of) = layout.fields.get(field) else { continue };
            if given || config.has_default(field, &of.ty) || is_wrong(&of.ty) {
                continue;
            }
            let name = &of.name;
            self.report(
                Diagnostic::error(
                    codes::P8005,
                    place(decl.title.span),
                    format!("`config.{name}` has no value in this test"),
                )
                .here("what it finds rests on this value")
                .note("Each environment has a value of its own, and a test runs in none of them.")
                .help(format!("Add `given config.{name} = {}`.", self.sample(&of.ty))),
            );
        }
    }
}

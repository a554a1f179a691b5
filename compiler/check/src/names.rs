//! Names: what is declared, and what was meant by a name that is not.

use std::sync::{Arc, OnceLock};

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_program::types::{EnumId, NewtypeId, RecordId, Type};
use play_syntax::ast::{ItemKind, Name, Span};

use crate::context::{ConnectorInfo, ConstInfo, Context, FnInfo, Global, PlaybookInfo, WRONG, place};
use crate::procedure::ProcedureInfo;

/// Adds “did you mean”, with the edit for it.
pub(crate) fn rename(finding: Diagnostic, at: Span, to: &str) -> Diagnostic {
    finding.help(format!("Did you mean `{to}`?")).fix(
        format!("Write `{to}`"),
        false,
        vec![Edit { place: place(at), text: to.to_string() }],
    )
}

/// A type that is built in, by its name.
pub(crate) fn builtin_type(name: &str) -> Option<Type> {
    Some(match name {
        "Bool" => Type::Bool,
        "Int" => Type::Int,
        "Float" => Type::Float,
        "String" => Type::String,
        "Time" => Type::Time,
        "Duration" => Type::Duration,
        "Size" => Type::Size,
        "Ip" => Type::Ip,
        "Cidr" => Type::Cidr,
        "Domain" => Type::Domain,
        "Url" => Type::Url,
        "Email" => Type::Email,
        "Hash" => Type::Hash,
        "Bytes" => Type::Bytes,
        "Date" => Type::Date,
        "Version" => Type::Version,
        "Regex" => Type::Regex,
        "Json" => Type::Json,
        "Unit" => Type::Unit,
        _ => return None,
    })
}

/// Names of built-in types, for suggestions.
pub(crate) const BUILTIN_TYPES: &[&str] = &[
    "Bool", "Int", "Float", "String", "Time", "Duration", "Size", "Ip", "Cidr", "Domain", "Url", "Email",
    "Hash", "Bytes", "Date", "Version", "Json",
];

impl<'a> Context<'a> {
    /// Enters all declarations of all files into the namespace. Layouts and signatures are filled in later.
    pub(crate) fn declare(&mut self) {
        // A list that grows is copied, and of a large one the system has to clear each copy.
        let items = || self.files.iter().flat_map(|file| &file.tree.items);
        let fns = items().filter(|item| matches!(item.kind, ItemKind::Fn(_))).count();
        Arc::make_mut(&mut self.fns).reserve_exact(fns);
        for file in self.files {
            for (at, item) in file.tree.items.iter().enumerate() {
                let stamp = (file.stamps.get(at).copied().unwrap_or(0), item.span);
                match &item.kind {
                    ItemKind::Case(decl) | ItemKind::Record(decl) => {
                        let id = RecordId(index(self.record_decls.len()));
                        let is_case = matches!(item.kind, ItemKind::Case(_));
                        self.record_decls.push(decl);
                        Arc::make_mut(&mut self.types).records.push(play_program::types::RecordType {
                            name: decl.name.text.as_str().to_string(),
                            is_case,
                            fields: Vec::new(),
                        });
                        self.enter(&decl.name, if is_case { Global::Case(id) } else { Global::Record(id) });
                    }
                    ItemKind::Newtype(decl) => {
                        let id = NewtypeId(index(self.types.newtypes.len()));
                        let name = decl.name.text.as_str().to_string();
                        Arc::make_mut(&mut self.types)
                            .newtypes
                            .push(play_program::types::NewType { name, of: WRONG });
                        self.enter(&decl.name, Global::Newtype(id));
                    }
                    ItemKind::Enum(decl) => {
                        let id = EnumId(index(self.types.enums.len()));
                        Arc::make_mut(&mut self.types).enums.push(play_program::types::EnumType {
                            name: decl.name.text.as_str().to_string(),
                            ordered: false,
                            open: decl.open.is_some(),
                            variants: decl
                                .variants
                                .iter()
                                .map(|v| v.name.text.as_str().to_string())
                                .collect(),
                            holds: Vec::new(),
                        });
                        self.enter(&decl.name, Global::Enum(id));
                        self.no_twins("member", decl.variants.iter().map(|v| &v.name));
                        self.enum_decls.push((id, decl));
                    }
                    ItemKind::Const(decl) => {
                        self.enter(&decl.name, Global::Const(self.consts.len()));
                        Arc::make_mut(&mut self.consts).push(ConstInfo {
                            decl,
                            item: stamp,
                            made: OnceLock::new(),
                        });
                    }
                    ItemKind::Fn(decl) => {
                        self.enter(&decl.name, Global::Fn(self.fns.len()));
                        Arc::make_mut(&mut self.fns).push(FnInfo {
                            decl,
                            item: stamp,
                            params: Vec::new(),
                            result: WRONG,
                            made: OnceLock::new(),
                        });
                        self.no_twins("parameter", decl.params.iter().map(|p| &p.name));
                    }
                    ItemKind::Source(decl) => self.enter(&decl.name, Global::Source),
                    ItemKind::Connector(decl) => {
                        self.enter(&decl.name, Global::Connector(self.connectors.len()));
                        let name = decl.name.text.as_str().to_string();
                        Arc::make_mut(&mut self.connectors).push(ConnectorInfo {
                            name,
                            actions: Default::default(),
                            events: Default::default(),
                        });
                    }
                    ItemKind::Playbook(decl) => {
                        self.enter(&decl.name, Global::Playbook(self.playbooks.len()));
                        self.playbooks.push(PlaybookInfo { decl, case: None });
                    }
                    ItemKind::Procedure(decl) => {
                        self.enter(&decl.name, Global::Procedure(self.procedures.len()));
                        Arc::make_mut(&mut self.procedures).push(ProcedureInfo::new(decl));
                        self.no_twins("parameter", decl.params.iter().map(|p| &p.name));
                    }
                    ItemKind::Failures(decl) => {
                        self.enter(&decl.name, Global::Failures(self.failures.sets.len()));
                        self.failures.sets.push(decl);
                    }
                    ItemKind::Guard(decl) => {
                        self.enter(&decl.name, Global::Guard(self.guards.len()));
                        self.guards.push(decl);
                    }
                    ItemKind::Controls(decl) => {
                        self.enter(&decl.name, Global::Controls(self.controls.len()));
                        self.no_twins("control", decl.controls.iter());
                        self.controls.push(decl);
                    }
                    ItemKind::Role(name) => self.declare_party("role", name),
                    ItemKind::Queue(name) => self.declare_party("queue", name),
                    ItemKind::Config(decl) => self.declare_config(decl, file.library),
                    ItemKind::NotYet { what } => self.not_yet(&what.text, what.span),
                    ItemKind::Use(_) | ItemKind::Test(_) => {}
                }
            }
        }
        self.bring_in();
        for (at, of) in self.types.enums.iter().enumerate() {
            for variant in &of.variants {
                let enums = Arc::make_mut(&mut self.members).entry(variant.clone()).or_default();
                enums.push(EnumId(index(at)));
                enums.dedup();
            }
        }
        self.declare_failure();
        self.declare_held();
    }

    pub(crate) fn enter(&mut self, name: &'a Name, what: Global) {
        let text = name.text.as_str();
        let built_in = builtin_type(text).is_some()
            || ["Severity", "Closure", "Case", "Failure", "FailureKind"].contains(&text);
        if built_in {
            self.report(
                Diagnostic::error(codes::P2002, place(name.span), format!("`{text}` is built in"))
                    .here("declared again here")
                    .help("Choose another name."),
            );
            return;
        }
        if let Some((_, first)) = self.globals.get(name.span, text).copied() {
            self.report(
                Diagnostic::error(codes::P2002, place(name.span), format!("`{text}` is declared twice"))
                    .here("declared again here")
                    .label(place(first), "first declared here")
                    .note(
                        "All files of a project, and what they `use`, share one namespace: types, playbooks, \
                         functions, constants, sources, connectors and guards.",
                    )
                    .help("Rename one of them."),
            );
            // Which of the two is meant is not known, so nothing is said about its uses.
            Arc::make_mut(&mut self.globals).insert(name.span, text, (Global::Broken, first));
            return;
        }
        Arc::make_mut(&mut self.globals).insert(name.span, text, (what, name.span));
        self.once_in_the_program(name, what);
    }

    /// Reports names that occur twice in one list.
    pub(crate) fn no_twins<'n>(&mut self, what: &str, names: impl Iterator<Item = &'n Name>) {
        let mut known = std::collections::BTreeMap::new();
        for name in names {
            let first = *known.entry(name.text.as_str()).or_insert(name.span);
            if first != name.span {
                self.report(
                    Diagnostic::error(
                        codes::P2007,
                        place(name.span),
                        format!("{what} `{}` is there twice", name.text),
                    )
                    .here("again here")
                    .label(place(first), "first here")
                    .help("Leave one of them out."),
                );
            }
        }
    }

    /// Whether an unknown name may be one that a broken declaration would have made known.
    pub(crate) fn may_be_broken(&self, name: &str) -> bool {
        self.ask();
        let broken = |f: &crate::project::Loaded| f.incomplete || f.broken.contains(name);
        self.files.iter().any(broken)
            || (name.starts_with(char::is_uppercase) && self.files.iter().any(|f| !f.broken.is_empty()))
    }

    /// What a name that is not a value stands for, in words.
    pub(crate) fn kind_of(&self, global: Global) -> &'static str {
        match global {
            Global::Record(_) | Global::Newtype(_) => "a type",
            Global::Case(_) => "a case",
            Global::Enum(_) => "an enum",
            Global::Fn(_) => "a function",
            Global::Const(_) => "a constant",
            Global::Source => "a source",
            Global::Connector(_) => "a connector",
            Global::Playbook(_) => "a playbook",
            Global::Procedure(_) => "a procedure",
            Global::Failures(_) => "a set of failures",
            Global::Guard(_) => "a guard",
            Global::Controls(_) => "a framework of controls",
            Global::Broken => "something that could not be read",
        }
    }
}

/// Index as the 32 bits that ids have.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

//! Roles and queues: whom a case can be given to, and who is asked.
//!
//! A small program may name them as it goes. Once one is declared (`role soc_lead`, `queue tier2`, `[roles]` in `play.toml`), all of that
//! kind are, so that a name that is misspelt is an error and not a queue that nobody looks at.

use std::collections::{BTreeMap, BTreeSet};

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::person;
use play_syntax::ast::{Name, Target};

use crate::context::{Context, place};
use crate::manifest::Manifest;
use crate::names::rename;

/// The declared roles and queues.
#[derive(Clone, Default)]
pub(crate) struct Parties<'a> {
    /// By name: where.
    roles: BTreeMap<&'a str, Place>,
    queues: BTreeMap<&'a str, Place>,
    /// Those who have a role, by `play.toml`; nothing of a role that is anybody's.
    pub(crate) members: BTreeMap<&'a str, Members>,
    /// `[approvals]`, `distinct`: whether nobody approves who has had a say in the run already.
    pub(crate) distinct: bool,
    /// Those that were reported already.
    said: BTreeSet<String>,
    /// The roles that somebody is asked as.
    asked: BTreeSet<String>,
}

/// Those who have a role.
#[derive(Clone)]
pub(crate) struct Members {
    /// As they are told apart.
    pub(crate) names: BTreeSet<String>,
    /// Where the role is named.
    pub(crate) at: Place,
}

impl Parties<'_> {
    /// With those that were asked elsewhere.
    pub(crate) fn asked_too(&mut self, elsewhere: Self) {
        self.asked.extend(elsewhere.asked);
    }
}

impl<'a> Context<'a> {
    /// `role soc_lead` · `queue tier2`
    pub(crate) fn declare_party(&mut self, kind: &str, name: &'a Name) {
        let known = if kind == "role" { &mut self.parties.roles } else { &mut self.parties.queues };
        let first = *known.entry(name.text.as_str()).or_insert(place(name.span));
        if first != place(name.span) {
            self.report(
                Diagnostic::error(
                    codes::P2002,
                    place(name.span),
                    format!("{kind} `{}` is declared twice", name.text),
                )
                .here("declared again here")
                .label(first, "first declared here")
                .help("Leave one of them out."),
            );
        }
    }

    /// The roles of `play.toml`, and what is wanted of those who approve.
    pub(crate) fn parties_of(&mut self, manifest: &'a Manifest) {
        self.parties.distinct = manifest.distinct;
        for role in &manifest.roles {
            self.parties.roles.entry(role.name.as_str()).or_insert(role.at);
            if !role.members.is_empty() {
                let names = role.members.iter().map(|m| person::known_as(m)).collect();
                self.parties.members.insert(role.name.as_str(), Members { names, at: role.at });
            }
        }
    }

    /// The same of a role that `play.toml` says is asked.
    pub(crate) fn role_of_settings(&mut self, role: &str, at: Place) {
        let name = role.strip_prefix("role.").unwrap_or(role);
        self.parties.asked.insert(name.to_string());
        let known = &self.parties.roles;
        if known.is_empty() || known.contains_key(name) || self.may_be_broken(name) {
            return;
        }
        let near = self.closest(name, known.keys().copied()).map(str::to_string);
        let finding =
            Diagnostic::error(codes::P2017, at, format!("there is no role `{name}`")).here("not declared");
        self.report(match near {
            Some(near) => finding.help(format!("Did you mean `role.{near}`?")).fix(
                format!("Write `role.{near}`"),
                false,
                vec![Edit { place: at, text: format!("\"role.{near}\"") }],
            ),
            None => finding
                .note("This program declares its roles, so that one that is misspelt is found.")
                .help(format!("Declare it: `role {name}`.")),
        });
    }

    /// Reports the roles that `play.toml` gives to persons, and that nothing asks.
    pub(crate) fn unasked_roles(&mut self, manifest: &Manifest) {
        for role in manifest.roles.iter().filter(|r| !r.members.is_empty()) {
            let asked = &self.parties.asked;
            if asked.contains(&role.name) {
                continue;
            }
            let open = asked.iter().filter(|name| !self.parties.members.contains_key(name.as_str()));
            let near = self.closest(&role.name, open.map(String::as_str)).map(str::to_string);
            let finding =
                Diagnostic::warning(codes::P9035, role.at, format!("nothing asks `role.{}`", role.name))
                    .here("these persons are never asked");
            self.report(match near {
                Some(near) => finding
                    .note(format!("`role.{near}` is asked, and nobody has it: so anybody may answer for it."))
                    .help(format!("Did you mean `{near}`?"))
                    .fix(format!("Write `{near}`"), false, vec![Edit { place: role.at, text: near }]),
                None => finding.help("Ask it, or leave it out."),
            });
        }
    }

    /// Whether a role or queue is there. Reports the first use of one that is not.
    pub(crate) fn party(&mut self, to: &Target) {
        let (kind, name) = (to.kind.text.as_str(), to.name.text.as_str());
        if kind == "role" {
            self.parties.asked.insert(name.to_string());
        }
        let (known, others, other_kind) = match kind {
            "role" => (&self.parties.roles, &self.parties.queues, "queue"),
            _ => (&self.parties.queues, &self.parties.roles, "role"),
        };
        let library = self.files.get(to.name.span.file as usize).is_some_and(|f| f.library);
        if known.is_empty() || known.contains_key(name) || library || self.may_be_broken(name) {
            return;
        }
        let other = others.get(name).copied();
        let near = self.closest(name, known.keys().copied()).map(str::to_string);
        if !self.parties.said.insert(format!("{kind}.{name}")) {
            return;
        }
        let finding =
            Diagnostic::error(codes::P2017, place(to.name.span), format!("there is no {kind} `{name}`"))
                .here("not declared");
        let finding = match (other, near) {
            (Some(declared), _) => finding
                .label(declared, format!("this is a {other_kind}"))
                .help(format!("Did you mean `{other_kind}.{name}`?"))
                .fix(
                    format!("Write `{other_kind}`"),
                    false,
                    vec![Edit { place: place(to.kind.span), text: other_kind.into() }],
                ),
            (None, Some(near)) => rename(finding, to.name.span, &near),
            (None, None) => finding
                .note(format!("This program declares its {kind}s, so that one that is misspelt is found."))
                .help(format!("Declare it: `{kind} {name}`.")),
        };
        self.report(finding);
    }
}

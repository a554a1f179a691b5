//! Functions, values and types that nothing in the project names.

use std::collections::BTreeMap;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{EnumDecl, ItemKind, Name};

use crate::context::place;
use crate::project::Loaded;
use crate::words::words;

/// A name in a comment counts: what is said here is certain.
pub(super) fn run(own: &[&Loaded], findings: &mut Vec<Diagnostic>) {
    let items = || own.iter().flat_map(|f| &f.tree.items);
    // Without a playbook it is there for others.
    if !items().any(|item| matches!(item.kind, ItemKind::Playbook(_))) {
        return;
    }
    let mut declared: BTreeMap<&str, (usize, &Name, &'static str)> = BTreeMap::new();
    for item in items() {
        let (name, kind) = match &item.kind {
            ItemKind::Fn(d) => (&d.name, "function"),
            ItemKind::Procedure(d) => (&d.name, "procedure"),
            ItemKind::Const(d) => (&d.name, "value"),
            ItemKind::Record(d) => (&d.name, "type"),
            ItemKind::Newtype(d) => (&d.name, "type"),
            ItemKind::Enum(d) => (&d.name, "type"),
            ItemKind::Failures(d) => (&d.name, "set of failures"),
            _ => continue,
        };
        declared.insert(&name.text, (0, name, kind));
    }
    // The members of an enum stand without its name.
    let mut members: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items() {
        if let ItemKind::Enum(d) = &item.kind {
            members.extend(d.variants.iter().map(|v| (v.name.text.as_str(), 0)));
        }
    }
    for word in own.iter().flat_map(|file| words(&file.text)) {
        if let Some((times, _, _)) = declared.get_mut(word) {
            *times = times.saturating_add(1);
        }
        if let Some(times) = members.get_mut(word) {
            *times = times.saturating_add(1);
        }
    }
    let by_members = |d: &EnumDecl| {
        let mut all = d.variants.iter().filter_map(|v| members.get(v.name.text.as_str()));
        all.any(|times| *times > 1)
    };
    for item in items() {
        if let ItemKind::Enum(d) = &item.kind
            && by_members(d)
        {
            declared.remove(d.name.text.as_str());
        }
    }
    for (text, (times, name, kind)) in declared {
        if times <= 1 {
            findings.push(
                Diagnostic::warning(
                    codes::P9029,
                    place(name.span),
                    format!("nothing uses the {kind} `{text}`"),
                )
                .here("not used")
                .help("Leave it out."),
            );
        }
    }
}

//! Functions, values and types that nothing in the project names.

use std::collections::BTreeMap;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{ItemKind, Name};

use crate::context::place;
use crate::project::Loaded;

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
    for file in own {
        for word in file.text.split(|c: char| !c.is_alphanumeric() && c != '_') {
            if let Some((times, _, _)) = declared.get_mut(word) {
                *times = times.saturating_add(1);
            }
        }
    }
    for (text, (times, name, kind)) in declared {
        // The members of an enum stand without its name.
        if times <= 1 && !is_used_by_members(own, text) {
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

fn is_used_by_members(own: &[&Loaded], name: &str) -> bool {
    let enums = own.iter().flat_map(|f| &f.tree.items).filter_map(|item| match &item.kind {
        ItemKind::Enum(d) if d.name.text == name => Some(d),
        _ => None,
    });
    let members: Vec<&str> = enums.flat_map(|d| &d.variants).map(|v| v.name.text.as_str()).collect();
    members.iter().any(|member| {
        let words = own.iter().flat_map(|f| f.text.split(|c: char| !c.is_alphanumeric() && c != '_'));
        words.filter(|word| word == member).count() > 1
    })
}

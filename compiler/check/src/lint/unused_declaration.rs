//! Functions, values and types that nothing in the project names.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{ItemKind, Name, VariantDecl};

use crate::context::place;
use crate::project::Loaded;
use crate::written::Written;

pub(super) fn run(own: &[&Loaded], written: &Written<'_>, findings: &mut Vec<Diagnostic>) {
    let items = || own.iter().flat_map(|f| &f.tree.items);
    // Without a playbook it is there for others.
    if !items().any(|item| matches!(item.kind, ItemKind::Playbook(_))) {
        return;
    }
    for (name, kind, members) in items().filter_map(|item| declared(&item.kind)) {
        // The members of an enum stand without its name.
        let used = written.times(&name.text) > 1 || members.iter().any(|m| written.times(&m.name.text) > 1);
        if !used {
            findings.push(
                Diagnostic::warning(
                    codes::P9029,
                    place(name.span),
                    format!("nothing uses the {kind} `{}`", name.text),
                )
                .here("not used")
                .help("Leave it out."),
            );
        }
    }
}

/// What of a declaration is looked for: its name, what it is, its members.
fn declared(kind: &ItemKind) -> Option<(&Name, &'static str, &[VariantDecl])> {
    let what = match kind {
        ItemKind::Fn(_) => "function",
        ItemKind::Procedure(_) => "procedure",
        ItemKind::Const(_) => "value",
        ItemKind::Record(_) | ItemKind::Newtype(_) | ItemKind::Enum(_) => "type",
        ItemKind::Failures(_) => "set of failures",
        _ => return None,
    };
    Some((kind.name()?, what, kind.members()))
}

/// The names that are looked for.
pub(super) fn wanted<'a>(own: &[&'a Loaded]) -> impl Iterator<Item = &'a str> {
    let declared = own.iter().flat_map(|f| &f.tree.items).filter_map(|item| declared(&item.kind));
    declared
        .flat_map(|(name, _, members)| [name].into_iter().chain(members.iter().map(|m| &m.name)))
        .map(|n| n.text.as_str())
}

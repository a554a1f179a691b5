//! Files that are brought in, and of which nothing is used.

use std::collections::BTreeSet;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_syntax::ast::{ItemKind, Span};

use crate::context::place;
use crate::project::Loaded;
use crate::written::Written;

/// Warns of each `use` that the project itself writes, of a file of which no name stands anywhere in the project.
pub(super) fn run(files: &[Loaded], written: &Written<'_>, findings: &mut Vec<Diagnostic>) {
    if files.iter().any(|f| !f.broken.is_empty() || f.incomplete) {
        return;
    }
    for file in files.iter().filter(|f| f.package == 0) {
        for item in &file.tree.items {
            let ItemKind::Use(paths) = &item.kind else { continue };
            for path in paths {
                let used = file.uses.iter().find(|u| u.at == path.span);
                let Some(target) = used.and_then(|u| files.get(u.target)) else { continue };
                if runs(target) || names(target).any(|name| written.is_outside_of_uses(name)) {
                    continue;
                }
                let module: Vec<&str> = path.segments.iter().map(|s| s.text.as_str()).collect();
                let finding = Diagnostic::warning(
                    codes::P9009,
                    place(path.span),
                    format!("nothing of `{}` is used", module.join(".")),
                )
                .here("brought in for nothing")
                .note(
                    "What a connector needs is asked for when the project runs, also when nothing calls it.",
                )
                .help("Leave it out.");
                findings.push(if paths.len() == 1 {
                    let line = whole_line(&file.text, item.span);
                    finding.fix("Leave it out", true, vec![Edit { place: line, text: String::new() }])
                } else {
                    finding
                });
            }
        }
    }
}

/// The names that are looked for.
pub(super) fn wanted(files: &[Loaded]) -> impl Iterator<Item = &str> {
    let used: BTreeSet<usize> =
        files.iter().filter(|f| f.package == 0).flat_map(|f| f.uses.iter().map(|u| u.target)).collect();
    used.into_iter().filter_map(|target| files.get(target)).flat_map(names)
}

/// Whether a file does something by being there: its playbooks take cases, its guards are asked.
fn runs(file: &Loaded) -> bool {
    let acts =
        |kind: &ItemKind| matches!(kind, ItemKind::Source(_) | ItemKind::Playbook(_) | ItemKind::Guard(_));
    file.tree.items.iter().any(|item| acts(&item.kind))
}

/// The names that a file declares: one of these stands wherever something of it is used.
fn names(file: &Loaded) -> impl Iterator<Item = &str> {
    let kinds = file.tree.items.iter().map(|item| &item.kind);
    let all = kinds.flat_map(|kind| kind.name().into_iter().chain(kind.members().iter().map(|m| &m.name)));
    all.map(|name| name.text.as_str())
}

/// A declaration with the end of its line.
fn whole_line(text: &str, span: Span) -> Place {
    let rest = text.get(span.end as usize..).unwrap_or_default();
    let blank = rest.find('\n').filter(|at| rest.get(..*at).is_some_and(|r| r.trim().is_empty()));
    let more = blank.and_then(|at| u32::try_from(at.saturating_add(1)).ok()).unwrap_or(0);
    Place { file: span.file, start: span.start, end: span.end.saturating_add(more) }
}

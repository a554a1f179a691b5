//! What a team wants of each of its playbooks: `[rules]` in `play.toml`.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::ItemKind;

use crate::context::place;
use crate::manifest::Manifest;
use crate::project::Loaded;

pub(super) fn run(own: &[&Loaded], manifest: &Manifest, findings: &mut Vec<Diagnostic>) {
    let rules = &manifest.rules;
    for item in own.iter().flat_map(|f| &f.tree.items) {
        let ItemKind::Playbook(playbook) = &item.kind else { continue };
        let (name, at) = (&playbook.name.text, place(playbook.name.span));
        for wanted in &rules.lines {
            if !item.doc.iter().any(|line| says(line, wanted)) {
                findings.push(
                    Diagnostic::warning(codes::P9030, at, format!("`{name}` does not say its {wanted}"))
                        .here(format!("no line `{wanted}: …` before it"))
                        .note("`[rules]` of play.toml wants it of each playbook.")
                        .help(format!("Write `/// {wanted}: …` before it.")),
                );
            }
        }
        if rules.controls && playbook.controls.is_empty() {
            findings.push(
                Diagnostic::warning(codes::P9018, at, format!("`{name}` carries out no control"))
                    .here("no `controls`")
                    .note("`[rules]` of play.toml wants one of each playbook: auditors find its runs by it.")
                    .help("Name them before its body: `controls iso27001.A_5_26`."),
            );
        }
    }
}

/// Whether a line of documentation is `wanted: something`, in any case.
fn says(line: &str, wanted: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(key, value)| key.trim().eq_ignore_ascii_case(wanted) && !value.trim().is_empty())
}

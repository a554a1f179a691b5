//! Lints of what is written, whatever its types: a file each. Those that need types or paths of decision are where these are known.
//!
//! Nothing is said of a file that could not be read as a whole.

mod deep_nesting;
mod host_suffix;
mod house;
mod ignored_failure;
mod left_todo;
mod literal_wildcard;
mod negated_comparison;
mod never_equal_case;
mod odd_name;
mod open_dot;
mod repeated_member;
mod same_arms;
mod secret_in_text;
mod stray_dollar;
mod text;
mod unbounded_reads;
mod untested;
mod unused_declaration;
mod unused_use;
mod walk;
mod wide_network;

use play_diagnostics::Diagnostic;

use crate::manifest::Manifest;
use crate::project::Loaded;
use crate::written::Written;

/// Of the project's own files; not `all` of a program that nobody wrote.
pub(crate) fn run(files: &[Loaded], manifest: &Manifest, all: bool) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let own: Vec<&Loaded> = files.iter().filter(|f| !f.library && f.package == 0).collect();
    let written = Written::of(files, unused_use::wanted(files).chain(unused_declaration::wanted(&own)));
    unused_use::run(files, &written, &mut findings);
    if all {
        written_badly(files, &own, manifest, &written, &mut findings);
    }
    findings
}

fn written_badly(
    files: &[Loaded],
    own: &[&Loaded],
    manifest: &Manifest,
    written: &Written<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    if own.iter().any(|f| !f.wrong.is_empty() || !f.broken.is_empty()) {
        return;
    }
    let each: &[fn(&Loaded, &mut Vec<Diagnostic>)] = &[
        deep_nesting::run,
        host_suffix::run,
        ignored_failure::run,
        left_todo::run,
        literal_wildcard::run,
        negated_comparison::run,
        never_equal_case::run,
        odd_name::run,
        open_dot::run,
        repeated_member::run,
        same_arms::run,
        secret_in_text::run,
        stray_dollar::run,
        wide_network::run,
    ];
    for file in own {
        each.iter().for_each(|lint| lint(file, findings));
    }
    unbounded_reads::run(files, own, findings);
    untested::run(own, findings);
    unused_declaration::run(own, written, findings);
    house::run(own, manifest, findings);
}

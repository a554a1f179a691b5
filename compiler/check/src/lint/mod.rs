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

use std::collections::BTreeSet;

use play_diagnostics::Diagnostic;
use play_syntax::ast::{Expr, Span};

use crate::manifest::Manifest;
use crate::project::Loaded;
use crate::written::Written;
use walk::Visit;

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

/// What is looked for in each expression by itself: one walk for all of it.
struct Each<'a> {
    file: &'a Loaded,
    connectors: &'a BTreeSet<&'a str>,
    /// See [`deep_nesting::expr`].
    around: Vec<Span>,
    findings: &'a mut Vec<Diagnostic>,
}

impl Visit for Each<'_> {
    fn expr(&mut self, e: &Expr) {
        let (file, findings) = (self.file, &mut *self.findings);
        deep_nesting::expr(&mut self.around, e, findings);
        host_suffix::expr(e, findings);
        ignored_failure::expr(e, findings);
        left_todo::expr(e, findings);
        literal_wildcard::expr(file, e, findings);
        negated_comparison::expr(file, e, findings);
        never_equal_case::expr(file, e, findings);
        open_dot::expr(file, e, findings);
        repeated_member::expr(file, e, findings);
        same_arms::expr(file, e, findings);
        secret_in_text::expr(e, findings);
        stray_dollar::expr(file, e, findings);
        unbounded_reads::expr(self.connectors, e, findings);
        wide_network::expr(e, findings);
    }
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
    let connectors = unbounded_reads::connectors(files);
    for file in own {
        odd_name::run(file, findings);
        for item in &file.tree.items {
            let (connectors, around) = (&connectors, Vec::new());
            walk::item(&item.kind, &mut Each { file, connectors, around, findings });
        }
    }
    untested::run(own, findings);
    unused_declaration::run(own, written, findings);
    house::run(own, manifest, findings);
}

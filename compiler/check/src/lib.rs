//! Names, types and effects: from AST to typed program.
//!
//! [`check`] is the whole of it: text in, a typed program or diagnostics out. It is pure: the standard library comes in
//! through a function, nothing is read or written. Several threads take part, with the same outcome.
//!
//! The way of the data: `project` (parse, follow `use`) → `names` (one namespace) → `types` (layouts) → `signatures`
//! (functions, actions) → `order` (who needs whom) → `body` and the files round it (expressions) → `typed::Program`.

pub mod affected;
mod again;
#[cfg(test)]
mod alike;
mod allow;
mod beside;
mod body;
pub mod caps;
mod case_test;
mod closed_test;
mod conditions;
pub mod config;
mod connector;
mod context;
mod controls;
pub mod coverage;
mod deprecated;
mod distinct;
mod driven;
mod dropped;
mod ends;
mod escalation;
mod event;
mod event_test;
mod expected;
mod failures;
mod fields;
mod function;
mod guard;
mod hold_test;
pub mod interval;
mod labels;
mod layers;
mod lengths;
mod letters;
mod lint;
mod live;
pub mod manifest;
mod memory;
mod names;
mod near_module;
mod numbered;
mod oauth2;
mod order;
mod overlap;
mod packages;
mod parties;
mod parts;
mod person_test;
mod playbook;
pub mod points;
mod procedure;
mod program;
mod project;
mod quorum;
mod reading;
mod reason_test;
mod related;
mod request;
mod routing;
mod run_test;
mod scope;
mod secrets;
mod signatures;
mod source;
mod stack;
pub mod typed;
mod types;
mod unions;
mod unused;
mod words;
pub mod workspace;
mod written;
mod wrong;

use play_diagnostics::registry::codes;
use play_diagnostics::{Allowed, Diagnostic, FileName, lints};
use play_program::artifact::SourceFile;
use play_syntax::ast::File;
use play_syntax::side_by_side;

pub use crate::live::Live;

use crate::project::Loaded;
use crate::workspace::{Package, PackageFile, Workspace};

/// What is to be checked: the files of one project. They share one namespace; their order is free.
#[derive(Clone, Debug)]
pub struct Input {
    /// Name of the project.
    pub project: String,
    /// Its files.
    pub files: Vec<SourceFile>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The program; `None` when there is an error.
    pub program: Option<typed::Program>,
    /// All findings of all files, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// What would be among them if the text did not say why it may be there.
    pub allowed: Vec<Allowed>,
    /// Name and text of each file, for renderers: first the project's, in the order given, then those of packages and the
    /// standard library that are used (so far as in the program), then each `play.toml`.
    pub files: Vec<FileName>,
}

/// A file of a program as it was read.
#[derive(Debug)]
pub struct Parsed {
    /// Its tree, without what takes no part in the program: sources and playbooks of a package's file that the project does not use.
    pub tree: File,
    /// The package that it belongs to: 0 is the project.
    pub package: usize,
    /// The files that it uses, by index.
    pub uses: Vec<usize>,
}

/// Checks the files of a project that is no more than these. `std` gives the text of a module of the standard library by its path below `std`
/// (`"connectors/okta"` for `std.connectors.okta`).
#[must_use]
pub fn check(input: &Input, std: &dyn Fn(&str) -> Option<&'static str>) -> Checked {
    check_workspace(&of_input(input), std)
}

/// The same without the question whether conditions are decided already (P9007, P9008), and without the lints of what is written: for
/// programs that nobody wrote, which ask the same thing twice and mean nothing by it.
#[must_use]
pub fn check_generated(input: &Input, std: &dyn Fn(&str) -> Option<&'static str>) -> Checked {
    checked(&of_input(input), std, false, side_by_side::worth, None).0
}

/// Checks a project with its `play.toml` and the packages that it uses.
#[must_use]
pub fn check_workspace(workspace: &Workspace, std: &dyn Fn(&str) -> Option<&'static str>) -> Checked {
    check_keeping(workspace, std).0
}

/// The same, and keeps what was read, for who shows what is written: file by file, in the order of [`Checked::files`].
#[must_use]
pub fn check_keeping(
    workspace: &Workspace,
    std: &dyn Fn(&str) -> Option<&'static str>,
) -> (Checked, Vec<Parsed>) {
    checked(workspace, std, true, side_by_side::worth, None)
}

fn of_input(input: &Input) -> Workspace {
    let file = |f: &SourceFile| PackageFile {
        path: f.path.clone(),
        shown: f.path.clone(),
        text: f.text.as_str().into(),
    };
    let files = input.files.iter().map(file).collect();
    let package = Package { name: input.project.clone(), files, ..Package::default() };
    Workspace { packages: vec![package] }
}

/// How a program is checked.
#[derive(Clone, Copy)]
struct How {
    /// Also whether conditions are decided already, and what is only written badly: it is a program that somebody wrote.
    written: bool,
    /// On two threads. What is found is the same.
    side_by_side: bool,
}

/// `worth`: whether so much text is worth two threads. `live`: what was read before, where somebody keeps it.
fn checked(
    workspace: &Workspace,
    std: &dyn Fn(&str) -> Option<&'static str>,
    written: bool,
    worth: impl Fn(usize) -> bool,
    mut live: Option<&mut Live>,
) -> (Checked, Vec<Parsed>) {
    let name = workspace.packages.first().map_or("", |p| p.name.as_str());
    let mut memory = live.as_mut().map(|live| std::mem::take(&mut live.memory).next(workspace));
    let (files, mut diagnostics) = project::load(workspace, std, live.as_deref_mut());
    let manifests = packages::check(workspace, files.len(), &mut diagnostics);
    packages::same_path(&files, &mut diagnostics);
    let deepest = files.iter().map(|f| f.depth).max().unwrap_or(0);
    // One in the other, procedures are as deep as all of them together.
    let nested = files.iter().any(procedure::any);
    let deepest = if nested { deepest.saturating_mul(procedure::DEEPEST) } else { deepest };
    let bytes = files.iter().map(|f| f.text.len()).sum();
    let how = How { written, side_by_side: worth(bytes) };
    let run = || {
        let mut findings = Vec::new();
        let program = || program::check(name, &files, &manifests.project, how, &mut memory, &mut findings);
        let lints = || lint::run(&files, &manifests.project, how.written);
        let (program, lints) = side_by_side::both(how.side_by_side, program, lints);
        // Of what is wrong anyway they would only be more to read.
        if !findings.iter().any(|f: &Diagnostic| f.is_error()) {
            findings.extend(lints);
        }
        (program, findings)
    };
    let ran = stack::with_room(deepest, run);
    if let Some(live) = live {
        live.memory = memory.unwrap_or_default();
    }
    let program = match ran {
        Ok((program, findings)) => {
            diagnostics.extend(findings);
            Some(program)
        }
        Err(refused) => {
            diagnostics.push(stack::no_room(&files, &refused));
            None
        }
    };

    // Lints of the standard library are a matter for its own tests, not for who uses it.
    diagnostics.retain(|d| {
        let library = files.get(d.place().file as usize).is_some_and(|f| f.library);
        !library || d.is_error()
    });
    // Of a program with a mistake it is not known what is used.
    if diagnostics.iter().any(|d| d.is_error()) {
        diagnostics.retain(|d| d.code != codes::P9009);
    }
    let allowed = allow::apply(&files, &mut diagnostics);
    lints::apply(&manifests.project.lints, &mut diagnostics);
    diagnostics.sort_by(|a, b| (a.place(), a.code, &a.message).cmp(&(b.place(), b.code, &b.message)));
    diagnostics.dedup();

    let failed = diagnostics.iter().any(|d| d.is_error());
    let apart = |f: Loaded| {
        let uses = f.uses.iter().map(|u| u.target).collect();
        (FileName { path: f.shown, text: f.text }, Parsed { tree: f.tree, package: f.package, uses })
    };
    let (mut files, parsed): (Vec<_>, Vec<_>) = files.into_iter().map(apart).unzip();
    files.extend(manifests.files);
    (Checked { program: program.filter(|_| !failed), diagnostics, allowed, files }, parsed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop")]

    use std::sync::Arc;

    use super::{checked, workspace};
    use crate::alike::checked_alike;

    const PARTS: &str = r#"
use std.connectors.okta
use std.connectors.ipintel
case Login { user: OktaUserId, hits: Int }
const unused_one = 3
enum Odd { Left, Right }
playbook one for Login {
  if case.hits > 3 and case.hits > 2 { close FalsePositive because "few" }
  let user = okta.user(case.user) else hand over to queue.tier1 because "who?"
  do okta.suspend(user.id) else hand over to queue.tier1 because "no"
  close TruePositive because "done"
}
playbook two for Login when case.hits > 1 {
  note "TODO"
  close FalsePositive because "x"
}
"#;

    #[test]
    fn the_text_of_a_file_is_kept_once() {
        let text = "use std.deadlines\nconst longest = gdpr_33_authority\n";
        let workspace = workspace::of_text("sound", text).unwrap();
        let checked = checked(&workspace, &play_stdlib::module, true, |_| false, None).0;
        let (read, made) = (&workspace.packages.first().unwrap().files, checked.program.unwrap().files);
        assert!(Arc::ptr_eq(&read.first().unwrap().text, &made.first().unwrap().text));
        assert!(made.len() > 1, "modules of the library are files, too");
        for (made, shown) in made.iter().zip(&checked.files) {
            assert!(Arc::ptr_eq(&made.text, &shown.text), "{}", made.path);
        }
    }

    #[test]
    fn two_threads_find_what_one_does() {
        for text in [PARTS.to_string(), PARTS.replace("do okta", "// do okta")] {
            assert!(!checked_alike(&text).diagnostics.is_empty());
        }
    }
}

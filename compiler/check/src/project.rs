//! The files of a compilation: the project's, and those of the standard library that they use, transitively.

use std::collections::BTreeSet;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Severity};
use play_syntax::ast::{File, ItemKind, UsePath};

use crate::Input;
use crate::context::place;

/// A parsed file.
pub(crate) struct Loaded {
    /// Its path, as shown.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// Its tree.
    pub(crate) tree: File,
    /// Whether it belongs to the standard library.
    pub(crate) library: bool,
    /// Names of declarations that could not be parsed: they exist, but nothing is known of them.
    pub(crate) broken: BTreeSet<String>,
    /// How deep its expressions are nested.
    pub(crate) depth: usize,
}

/// All files, and what was found while reading them.
pub(crate) struct Project {
    pub(crate) files: Vec<Loaded>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Parses everything.
pub(crate) fn load(input: &Input, std: &dyn Fn(&str) -> Option<&'static str>) -> Project {
    let mut project = Project { files: Vec::new(), diagnostics: Vec::new() };
    for file in &input.files {
        project.add(file.path.clone(), file.text.clone(), false);
    }
    let mut known = BTreeSet::new();
    let mut next = 0;
    while let Some(file) = project.files.get(next) {
        next += 1;
        let uses: Vec<UsePath> = file
            .tree
            .items
            .iter()
            .filter_map(|item| if let ItemKind::Use(paths) = &item.kind { Some(paths) } else { None })
            .flatten()
            .cloned()
            .collect();
        for path in &uses {
            project.follow(path, std, &mut known);
        }
    }
    project
}

impl Project {
    fn add(&mut self, path: String, text: String, library: bool) {
        let index = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let parsed = play_syntax::parse(index, &text);
        let failed = parsed.diagnostics.iter().any(|d| d.severity == Severity::Error);
        let words = parsed.tokens.iter().filter_map(|t| text.get(t.start as usize..t.end as usize));
        let broken = if failed { declared(words) } else { BTreeSet::new() };
        self.diagnostics.extend(parsed.diagnostics);
        self.files.push(Loaded { path, text, tree: parsed.file, library, broken, depth: parsed.depth });
    }

    fn follow(
        &mut self,
        path: &UsePath,
        std: &dyn Fn(&str) -> Option<&'static str>,
        known: &mut BTreeSet<String>,
    ) {
        let written: Vec<&str> = path.segments.iter().map(|s| s.text.as_str()).collect();
        let Some(("std", rest)) = written.split_first().map(|(first, rest)| (*first, rest)) else {
            self.diagnostics.push(
                Diagnostic::error(
                    codes::P2006,
                    place(path.span),
                    format!("`{}` is not a module of the standard library", written.join(".")),
                )
                .here("only `std.…` can be used")
                .note("All files of a project share one namespace, so what another file declares needs no `use`.")
                .help("Leave the line out."),
            );
            return;
        };
        let module = rest.join("/");
        if !known.insert(module.clone()) {
            return;
        }
        match std(&module) {
            Some(text) => self.add(format!("std/{module}.play"), text.to_string(), true),
            None => self.diagnostics.push(
                Diagnostic::error(
                    codes::P2006,
                    place(path.span),
                    format!("the standard library has no module `{}`", written.join(".")),
                )
                .here("no such module")
                .help("`docs/stdlib.md` lists the modules; or declare the connector in a file of your own."),
            ),
        }
    }
}

/// What a file that could not be parsed as a whole declares, by its words alone: so that a broken declaration is
/// reported once, where it is broken, and not again at each use.
fn declared<'t>(words: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut previous = "";
    for word in words.filter(|w| !w.trim().is_empty()) {
        let keyword = [
            "case",
            "type",
            "enum",
            "const",
            "failures",
            "fn",
            "source",
            "connector",
            "playbook",
            "read",
            "write",
        ];
        if keyword.contains(&previous) && word.chars().all(|c| c.is_alphanumeric() || c == '_') {
            names.insert(word.to_string());
        }
        previous = word;
    }
    names
}

//! The files of a compilation: the project's, and those of packages and the standard library that they use, transitively.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{File, Item, ItemKind, Span, UsePath};

use crate::context::place;
use crate::live::Live;
use crate::reading::{self, Read};
use crate::workspace::Workspace;

/// A parsed file.
pub(crate) struct Loaded {
    /// Its path, as the artifact calls it: the same on every machine.
    pub(crate) path: String,
    /// Its path, as shown.
    pub(crate) shown: String,
    /// Its text.
    pub(crate) text: Arc<str>,
    /// Its tree.
    pub(crate) tree: File,
    /// Whether it belongs to the standard library or another package.
    pub(crate) library: bool,
    /// The package that it belongs to: 0 is the project.
    pub(crate) package: usize,
    /// The files that it uses.
    pub(crate) uses: Vec<Use>,
    /// A `use` of it leads nowhere: what seems not to be declared may be there.
    pub(crate) incomplete: bool,
    /// Names of declarations that could not be parsed: they exist, but nothing is known of them.
    pub(crate) broken: Arc<BTreeSet<String>>,
    /// Where declarations end that a bracket too many has cut short.
    pub(crate) cut: BTreeSet<u32>,
    /// Where it could not be read: what stood there is not in the tree.
    pub(crate) wrong: Vec<u32>,
    /// How deep its expressions are nested.
    pub(crate) depth: usize,
    /// Of each item of its tree the number of [`play_syntax::Kept::stamps`], where somebody keeps it; else nothing.
    pub(crate) stamps: Vec<u64>,
}

/// A file that another uses.
pub(crate) struct Use {
    /// Which, by index.
    pub(crate) target: usize,
    /// Where that is written.
    pub(crate) at: Span,
}

/// All files, and what was found while reading them.
struct Project<'w> {
    workspace: &'w Workspace,
    /// What was read before, where somebody keeps it.
    live: Option<&'w mut Live>,
    files: Vec<Loaded>,
    diagnostics: Vec<Diagnostic>,
    /// Index of each file that is there, by package and path.
    known: BTreeMap<(usize, String), usize>,
    /// What was meant by modules of the standard library that there are not.
    near: BTreeMap<String, Option<String>>,
}

/// Parses everything, but for what is known: the files, and what was found while reading them.
pub(crate) fn load(
    workspace: &Workspace,
    std: &dyn Fn(&str) -> Option<&'static str>,
    live: Option<&mut Live>,
) -> (Vec<Loaded>, Vec<Diagnostic>) {
    let mut project = Project {
        workspace,
        live,
        files: Vec::new(),
        diagnostics: Vec::new(),
        known: BTreeMap::new(),
        near: BTreeMap::new(),
    };
    project.add_package(0);
    let mut next = 0;
    while let Some(file) = project.files.get(next) {
        let package = file.package;
        let uses: Vec<UsePath> = file
            .tree
            .items
            .iter()
            .filter_map(|item| if let ItemKind::Use(paths) = &item.kind { Some(paths) } else { None })
            .flatten()
            .cloned()
            .collect();
        for path in &uses {
            let target = project.follow(package, path, std);
            if let Some(file) = project.files.get_mut(next) {
                match target {
                    Some(target) => file.uses.push(Use { target, at: path.span }),
                    None => file.incomplete = true,
                }
            }
        }
        next += 1;
    }
    project.hand_on_std();
    project.leave_out();
    (project.files, project.diagnostics)
}

impl Project<'_> {
    fn add_package(&mut self, package: usize) {
        let workspace = self.workspace;
        let Some(found) = workspace.packages.get(package) else { return };
        let mut files = Vec::new();
        for file in &found.files {
            let index = self.files.len().saturating_add(files.len());
            if let Entry::Vacant(unknown) = self.known.entry((package, file.path.clone())) {
                unknown.insert(index);
                let path =
                    if package == 0 { file.path.clone() } else { format!("@{}/{}", found.name, file.path) };
                files.push((path, file.shown.clone(), Arc::clone(&file.text)));
            }
        }
        self.add(files, package);
    }

    /// Files of a package: path, path as shown, text.
    fn add(&mut self, files: Vec<(String, String, Arc<str>)>, package: usize) {
        let first = self.files.len();
        let read = if let Some(live) = &mut self.live {
            let each = files.iter().enumerate();
            each.map(|(at, (path, _, text))| live.read(first.saturating_add(at), path, text)).collect()
        } else {
            let texts: Vec<&str> = files.iter().map(|(_, _, text)| &**text).collect();
            reading::read_all(first, &texts)
        };
        for ((path, shown, text), Read { tree, diagnostics, broken, cut, wrong, depth, stamps }) in
            files.into_iter().zip(read)
        {
            self.diagnostics.extend(diagnostics);
            self.files.push(Loaded {
                path,
                shown,
                text,
                tree,
                library: package != 0,
                package,
                uses: Vec::new(),
                incomplete: false,
                broken,
                cut,
                wrong,
                depth,
                stamps,
            });
        }
    }

    /// The file that a `use` in a package means.
    fn follow(
        &mut self,
        package: usize,
        path: &UsePath,
        std: &dyn Fn(&str) -> Option<&'static str>,
    ) -> Option<usize> {
        let written: Vec<&str> = path.segments.iter().map(|s| s.text.as_str()).collect();
        let (first, rest) = written.split_first()?;
        if *first == "std" {
            return self.follow_std(path, &rest.join("/"), std);
        }
        let workspace = self.workspace;
        let from = workspace.packages.get(package);
        match from.and_then(|p| p.uses.get(*first)) {
            Some(Ok(target)) => self.follow_package(*target, path, rest),
            // Said where the package is named.
            Some(Err(_)) => None,
            None => {
                let names = from.into_iter().flat_map(|p| p.uses.keys().map(String::as_str)).chain(["std"]);
                let near = play_diagnostics::suggest::closest(first, names).map(str::to_string);
                let at = path.segments.first().map_or(path.span, |s| s.span);
                let finding = Diagnostic::error(
                    codes::P2006,
                    place(at),
                    format!("`{first}` is neither the standard library nor a package of this project"),
                )
                .here("not known");
                self.diagnostics.push(match near {
                    Some(near) => crate::names::rename(finding, at, &near),
                    None => finding
                        .note("All files of a project share one namespace, so what another file declares needs no `use`.")
                        .help(format!(
                            "Leave the line out; or name the package in `play.toml`: `[packages]` and `{first} = {{ path = \"../{first}\" }}`."
                        )),
                });
                None
            }
        }
    }

    fn follow_package(&mut self, target: usize, path: &UsePath, rest: &[&str]) -> Option<usize> {
        self.add_package(target);
        let file = format!("{}.play", rest.join("/"));
        if let Some(index) = self.known.get(&(target, file.clone())) {
            return Some(*index);
        }
        let package = self.workspace.packages.get(target)?;
        let all: Vec<&str> = package.files.iter().filter_map(|f| f.path.strip_suffix(".play")).collect();
        let last = path.segments.last().map_or(path.span, |s| s.span);
        let name = &package.name;
        let finding = if rest.is_empty() {
            Diagnostic::error(
                codes::P2006,
                place(path.span),
                format!("`{name}` is a package, not a file of it"),
            )
            .here("which file?")
        } else {
            Diagnostic::error(
                codes::P2006,
                place(path.span),
                format!("package `{name}` has no file `{file}`"),
            )
            .here("no such file")
        };
        let near = play_diagnostics::suggest::closest(&rest.join("/"), all.iter().copied());
        let finding = match (near, near.and_then(|n| n.rsplit('/').next())) {
            (Some(near), Some(leaf)) if near.matches('/').count() + 1 == rest.len() => {
                crate::names::rename(finding, last, leaf)
            }
            _ => {
                let first = path.segments.first().map_or("", |s| s.text.as_str());
                let all: Vec<String> =
                    all.iter().take(8).map(|f| format!("`use {first}.{}`", f.replace('/', "."))).collect();
                finding.help(format!("There is {}.", all.join(", ")))
            }
        };
        self.diagnostics.push(finding);
        None
    }

    fn follow_std(
        &mut self,
        path: &UsePath,
        module: &str,
        std: &dyn Fn(&str) -> Option<&'static str>,
    ) -> Option<usize> {
        let package = self.workspace.packages.len();
        if let Some(index) = self.known.get(&(package, module.to_string())) {
            return Some(*index);
        }
        if let Some(text) = std(module) {
            let index = self.files.len();
            self.known.insert((package, module.to_string()), index);
            let name = format!("std/{module}.play");
            self.add(vec![(name.clone(), name, text.into())], package);
            return Some(index);
        }
        let written: Vec<&str> = path.segments.iter().map(|s| s.text.as_str()).collect();
        let finding = Diagnostic::error(
            codes::P2006,
            place(path.span),
            format!("the standard library has no module `{}`", written.join(".")),
        )
        .here("no such module");
        let last = path.segments.last().map_or(path.span, |s| s.span);
        let near = self.near(module, std);
        self.diagnostics.push(match near {
            Some(near) if same_folder(&near, module) => {
                crate::names::rename(finding, last, near.rsplit('/').next().unwrap_or(&near))
            }
            Some(near) => finding.help(format!("Did you mean `use std.{}`?", near.replace('/', "."))),
            None => finding
                .help("`docs/stdlib.md` lists the modules; or declare the connector in a file of your own."),
        });
        None
    }

    /// The module that was meant by one that there is not. Each of these takes thousands of tries, and of so many nobody reads it.
    fn near(&mut self, module: &str, std: &dyn Fn(&str) -> Option<&'static str>) -> Option<String> {
        const SOUGHT: usize = 20;
        if let Some(near) = self.near.get(module) {
            return near.clone();
        }
        if self.near.len() >= SOUGHT {
            return None;
        }
        let near = crate::near_module::of(module, std);
        self.near.insert(module.to_string(), near.clone());
        near
    }

    /// Whoever uses a file of the standard library uses what that file uses: it is one library.
    fn hand_on_std(&mut self) {
        let std = self.workspace.packages.len();
        let of_std: Vec<Vec<usize>> = self
            .files
            .iter()
            .map(|f| if f.package == std { f.uses.iter().map(|u| u.target).collect() } else { Vec::new() })
            .collect();
        for file in self.files.iter_mut().filter(|f| f.package != std) {
            let mut next = 0;
            while let Some((target, at)) = file.uses.get(next).map(|u| (u.target, u.at)) {
                for further in of_std.get(target).into_iter().flatten() {
                    if !file.uses.iter().any(|u| u.target == *further) {
                        file.uses.push(Use { target: *further, at });
                    }
                }
                next += 1;
            }
        }
    }

    /// Sources and playbooks of a package take cases only where the project itself uses their file.
    fn leave_out(&mut self) {
        let used: BTreeSet<usize> = self
            .files
            .iter()
            .filter(|f| f.package == 0)
            .flat_map(|f| f.uses.iter().map(|u| u.target))
            .collect();
        for (index, file) in self.files.iter_mut().enumerate() {
            if file.library && !used.contains(&index) {
                let runs = |i: &Item| matches!(i.kind, ItemKind::Source(_) | ItemKind::Playbook(_));
                let mut stay = file.tree.items.iter().map(|i| !runs(i));
                file.stamps.retain(|_| stay.next().unwrap_or(false));
                file.tree.items.retain(|i| !runs(i));
            }
        }
    }
}

/// Whether two modules stand in one folder.
fn same_folder(a: &str, b: &str) -> bool {
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_string());
    folder(a) == folder(b)
}

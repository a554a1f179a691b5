//! Which declaration a name means. Each package has a namespace of its own: what its files declare, and what the files that it uses do.

use std::collections::{BTreeMap, BTreeSet};

use play_syntax::ast::{File, ItemKind, Name, Span};

/// What a name can be looked up as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Case,
    Connector,
    Guard,
    Playbook,
    Procedure,
}

impl Sort {
    /// As its pages are called.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Connector => "connector",
            Self::Guard => "guard",
            Self::Playbook => "playbook",
            Self::Procedure => "procedure",
        }
    }
}

/// What is declared in which file, and what each package uses.
pub(crate) struct Scope<'a> {
    /// The package of each file.
    packages: Vec<&'a str>,
    /// The file of each declaration, by package.
    names: BTreeMap<(Sort, &'a str, &'a str), u32>,
    declared: BTreeSet<(Sort, u32, &'a str)>,
    /// The files that each package uses.
    uses: BTreeSet<(&'a str, u32)>,
}

/// The standard library as a package.
const STD: &str = "std";

impl<'a> Scope<'a> {
    /// Of the trees of files; `paths` are theirs as an artifact has them, and say the package. Without any, all is one package.
    pub(crate) fn new(trees: &[&'a File], paths: &[&'a str]) -> Self {
        let packages: Vec<&str> =
            (0..trees.len()).map(|at| paths.get(at).map_or("", |path| package(path))).collect();
        let mut scope =
            Self { packages, names: BTreeMap::new(), declared: BTreeSet::new(), uses: BTreeSet::new() };
        for (at, tree) in trees.iter().enumerate() {
            let file = u32::try_from(at).unwrap_or(u32::MAX);
            let package = scope.packages.get(at).copied().unwrap_or_default();
            for item in &tree.items {
                let (sort, name) = match &item.kind {
                    ItemKind::Case(is) => (Sort::Case, &is.name),
                    ItemKind::Connector(is) => (Sort::Connector, &is.name),
                    ItemKind::Guard(is) => (Sort::Guard, &is.name),
                    ItemKind::Playbook(is) => (Sort::Playbook, &is.name),
                    ItemKind::Procedure(is) => (Sort::Procedure, &is.name),
                    ItemKind::Use(all) => {
                        let targets = all.iter().flat_map(|path| targets(paths, package, &path.segments));
                        let targets = targets.map(|target| (package, target)).collect::<Vec<_>>();
                        scope.uses.extend(targets);
                        continue;
                    }
                    _ => continue,
                };
                scope.names.insert((sort, package, &name.text), file);
                scope.declared.insert((sort, file, &name.text));
            }
        }
        scope
    }

    /// The file that declares what a name means that is written at a place.
    pub(crate) fn file(&self, sort: Sort, at: Span, name: &str) -> Option<u32> {
        let package = self.packages.get(at.file as usize).copied().unwrap_or_default();
        if let Some(own) = self.names.get(&(sort, package, name)) {
            return Some(*own);
        }
        let used = self.uses.iter().filter(|(by, _)| *by == package).map(|(_, target)| *target);
        let mut used = used.filter(|target| self.declared.contains(&(sort, *target, name)));
        used.next().or_else(|| self.names.get(&(sort, STD, name)).copied())
    }
}

/// The package of a file by its path in an artifact: `@common/contain.play`. The project is the one without a name.
fn package(path: &str) -> &str {
    match path.split_once('/') {
        Some((first, _)) if first.starts_with('@') || first == STD => first,
        _ => "",
    }
}

/// The files that `use common.contain` in a package means. A `play.toml` may call a package otherwise than it calls itself; then it is
/// any file of that path.
fn targets(paths: &[&str], from: &str, segments: &[Name]) -> Vec<u32> {
    let Some((first, rest)) = segments.split_first() else { return Vec::new() };
    let rest = rest.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join("/");
    let within = |path: &str| {
        let inside = path.split_once('/').and_then(|(_, inside)| inside.strip_suffix(".play"));
        inside.is_some_and(|inside| inside == rest) && package(path).starts_with('@') && package(path) != from
    };
    let all = paths.iter().enumerate().filter(|(_, path)| within(path));
    let all: Vec<(u32, bool)> = all
        .filter_map(|(at, path)| {
            let named = package(path).strip_prefix('@') == Some(first.text.as_str());
            Some((u32::try_from(at).ok()?, named))
        })
        .collect();
    let named: Vec<u32> = all.iter().filter(|(_, named)| *named).map(|(at, _)| *at).collect();
    if named.is_empty() { all.into_iter().map(|(at, _)| at).collect() } else { named }
}

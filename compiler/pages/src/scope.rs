//! Which declaration a name means. Each package has a namespace of its own: what its files declare, and what the files that it uses do.

use std::collections::{BTreeMap, BTreeSet};

use play_syntax::ast::{ItemKind, Span};

use crate::source::Source;

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

    /// As it stands above the title of a page.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Case => "Case type",
            Self::Connector => "Connector",
            Self::Guard => "Guard",
            Self::Playbook => "Playbook",
            Self::Procedure => "Procedure",
        }
    }
}

/// What is declared in which file, and what each package uses.
pub(crate) struct Scope<'a> {
    /// The package of each file.
    packages: Vec<usize>,
    /// The file of each declaration, by package.
    names: BTreeMap<(Sort, usize, &'a str), u32>,
    declared: BTreeSet<(Sort, u32, &'a str)>,
    /// The files that each package uses.
    uses: BTreeMap<usize, BTreeSet<u32>>,
}

impl<'a> Scope<'a> {
    /// Of the files of a program. Places in their trees name them by their index.
    pub(crate) fn new(files: &'a [Source<'a>]) -> Self {
        let mut scope = Self {
            packages: files.iter().map(|f| f.package).collect(),
            names: BTreeMap::new(),
            declared: BTreeSet::new(),
            uses: BTreeMap::new(),
        };
        for (at, Source { tree, package, uses, .. }) in files.iter().enumerate() {
            let file = index(at);
            for item in &tree.items {
                let (sort, name) = match &item.kind {
                    ItemKind::Case(is) => (Sort::Case, &is.name),
                    ItemKind::Connector(is) => (Sort::Connector, &is.name),
                    ItemKind::Guard(is) => (Sort::Guard, &is.name),
                    ItemKind::Playbook(is) => (Sort::Playbook, &is.name),
                    ItemKind::Procedure(is) => (Sort::Procedure, &is.name),
                    _ => continue,
                };
                scope.names.insert((sort, *package, &name.text), file);
                scope.declared.insert((sort, file, &name.text));
            }
            scope.uses.entry(*package).or_default().extend(uses.iter().map(|target| index(*target)));
        }
        scope
    }

    /// The file that declares what a name means that is written at a place.
    pub(crate) fn file(&self, sort: Sort, at: Span, name: &str) -> Option<u32> {
        let package = self.packages.get(at.file as usize)?;
        if let Some(own) = self.names.get(&(sort, *package, name)) {
            return Some(*own);
        }
        let mut used = self.uses.get(package)?.iter().copied();
        used.find(|target| self.declared.contains(&(sort, *target, name)))
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

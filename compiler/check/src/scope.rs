//! What each package can name: what its files declare, and what the files that it uses declare.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::{EnumId, TypeTable};
use play_syntax::ast::{Name, Span};

use crate::context::{Context, Global, place};
use crate::deprecated::Deprecated;
use crate::project::{Loaded, Use};

/// A declaration by its name, and where it stands.
type Names<'a> = HashMap<&'a str, (Global, Span), foldhash::fast::FixedState>;

/// What files declare, by file.
type Declared<'a> = BTreeMap<usize, Vec<(&'a str, (Global, Span))>>;

/// All names in order. Only sorted where somebody looks at them, which is where one is misspelt.
fn in_order<'a>(names: &Names<'a>) -> impl Iterator<Item = (&'a str, (Global, Span))> + use<'a> {
    let mut all: Vec<_> = names.iter().map(|(name, what)| (*name, *what)).collect();
    all.sort_unstable_by_key(|(name, _)| *name);
    all.into_iter()
}

/// The names of each package. Which package a name is looked up in is said by the file in which it is written.
#[derive(Clone)]
pub(crate) struct Scopes<'a> {
    /// By package.
    scopes: Vec<Names<'a>>,
    /// The package of each file.
    packages: Vec<usize>,
    /// What is deprecated of it, and where that is named.
    pub(crate) deprecated: Deprecated,
    /// Names that only stand in what cannot be read, by the file that sees them.
    ghosts: Vec<(u32, &'a str)>,
}

impl<'a> Scopes<'a> {
    /// Empty ones for these files.
    pub(crate) fn of(files: &[Loaded]) -> Self {
        let packages: Vec<usize> = files.iter().map(|f| f.package).collect();
        let count = packages.iter().max().map_or(0, |last| last + 1);
        let scopes = (0..count).map(|_| Names::default()).collect();
        Self { scopes, packages, deprecated: Deprecated::of(files), ghosts: Vec::new() }
    }

    fn scope(&self, at: Span) -> Option<&Names<'a>> {
        self.scopes.get(*self.packages.get(at.file as usize)?)
    }

    /// What a name that is written at a place stands for.
    pub(crate) fn get(&self, at: Span, name: &str) -> Option<&(Global, Span)> {
        let found = self.scope(at)?.get(name)?;
        self.deprecated.named(at, found.1, true);
        Some(found)
    }

    /// The names of that kind which can be written at a place.
    pub(crate) fn names<'s>(
        &'s self,
        at: Span,
        wanted: impl Fn(&Global) -> bool + 's,
    ) -> impl Iterator<Item = &'a str> + 's {
        let all = self.scope(at).into_iter().flat_map(in_order);
        all.filter(move |(_, (global, _))| wanted(global)).map(|(name, _)| name)
    }

    /// Makes a name known in the package of a place.
    pub(crate) fn insert(&mut self, at: Span, name: &'a str, what: (Global, Span)) {
        let package = self.packages.get(at.file as usize).copied();
        if let Some(scope) = package.and_then(|package| self.scopes.get_mut(package)) {
            scope.insert(name, what);
        }
    }

    /// Makes a name known of which nothing else is.
    fn ghost(&mut self, at: Span, name: &'a str) {
        self.ghosts.push((at.file, name));
        self.insert(at, name, (Global::Broken, Span::default()));
    }

    /// The names of which nothing else is known, by the file that sees them.
    pub(crate) fn ghosts(&self) -> impl Iterator<Item = (u32, &'a str)> {
        self.ghosts.iter().copied()
    }

    /// Makes something that is built in known in every package.
    pub(crate) fn insert_everywhere(&mut self, name: &'a str, what: Global) {
        for scope in &mut self.scopes {
            scope.insert(name, (what, Span::default()));
        }
    }

    /// Where something is declared.
    pub(crate) fn place_of(&self, what: Global) -> Option<Span> {
        self.scopes.iter().flat_map(HashMap::values).find(|(global, _)| *global == what).map(|(_, at)| *at)
    }

    /// Whether two places belong to one package.
    fn together(&self, a: Span, b: Span) -> bool {
        self.packages.get(a.file as usize) == self.packages.get(b.file as usize)
    }

    /// What each of these files declares, as its own package sees it, in order.
    fn declared(&self, files: &BTreeSet<usize>) -> Declared<'a> {
        let mut declared: Declared<'a> = files.iter().map(|file| (*file, Vec::new())).collect();
        for (package, scope) in self.scopes.iter().enumerate() {
            for (name, what) in scope {
                let file = what.1.file as usize;
                if let Some(of) =
                    declared.get_mut(&file).filter(|_| self.packages.get(file) == Some(&package))
                {
                    of.push((*name, *what));
                }
            }
        }
        declared.values_mut().for_each(|of| of.sort_unstable_by_key(|(name, _)| *name));
        declared
    }
}

impl<'a> Context<'a> {
    /// Brings into each package what the files that it uses declare. All files have been declared before.
    pub(crate) fn bring_in(&mut self) {
        let files = self.files;
        for name in files.iter().enumerate().flat_map(|(i, f)| f.broken.iter().map(move |name| (i, name))) {
            let at = in_file(name.0);
            if self.globals.get(at, name.1).is_none() {
                Arc::make_mut(&mut self.globals).ghost(at, name.1);
            }
        }
        // What is brought in is not handed on: each package says itself what it uses.
        let used = files.iter().flat_map(|f| &f.uses).map(|u| u.target).collect();
        let own = self.globals.declared(&used);
        let mut came: BTreeMap<(usize, &str), Span> = BTreeMap::new();
        let mut brought: BTreeSet<(usize, usize)> = BTreeSet::new();
        for file in files {
            for Use { target, at } in &file.uses {
                // The second file that uses it brings in nothing new; only that it names what is deprecated is to be kept.
                if !brought.insert((file.package, *target)) && !self.globals.deprecated.in_file(*target) {
                    continue;
                }
                for (name, what) in own.get(target).into_iter().flatten() {
                    self.bring(file.package, *at, name, *what, &mut came);
                }
                for name in files.get(*target).into_iter().flat_map(|f| &*f.broken) {
                    if self.globals.get(*at, name).is_none() {
                        Arc::make_mut(&mut self.globals).ghost(*at, name);
                    }
                }
            }
        }
    }

    fn bring(
        &mut self,
        package: usize,
        at: Span,
        name: &'a str,
        what: (Global, Span),
        came: &mut BTreeMap<(usize, &'a str), Span>,
    ) {
        match self.globals.get(at, name).copied() {
            None => {
                came.insert((package, name), at);
                Arc::make_mut(&mut self.globals).insert(at, name, what);
            }
            // The same by another line.
            Some((_, known)) if known == what.1 => {}
            // Said already, or once for the whole program.
            Some((Global::Broken, _)) => {}
            Some(_) if deployed(what.0) => {}
            Some((_, known)) => {
                let text = name.to_string();
                let finding = match came.get(&(package, name)) {
                    Some(first) => Diagnostic::error(
                        codes::P2022,
                        place(at),
                        format!("`{text}` comes from two packages"),
                    )
                    .here(format!("brings in a `{text}` too"))
                    .label(place(*first), format!("brings in a `{text}`"))
                    .label(place(known), "one")
                    .label(place(what.1), "the other")
                    .help("Leave one of the `use`s out, or rename it in one of the packages."),
                    None => Diagnostic::error(
                        codes::P2002,
                        place(known),
                        format!("`{text}` is declared here, and is brought in by a `use`"),
                    )
                    .here("declared here")
                    .label(place(at), "brought in here")
                    .label(place(what.1), "the other one")
                    .note("All files of a project, and what they `use`, share one namespace.")
                    .help("Rename the one that is declared here."),
                };
                self.report(finding);
                Arc::make_mut(&mut self.globals).insert(at, name, (Global::Broken, known));
            }
        }
    }

    /// Connectors, sources and playbooks are known by name outside of the program: in settings and evidence.
    pub(crate) fn once_in_the_program(&mut self, name: &Name, what: Global) {
        if !deployed(what) {
            return;
        }
        let first = *self.deployed.entry(name.text.as_str().to_string()).or_insert(name.span);
        if first == name.span || self.globals.together(first, name.span) {
            return;
        }
        let text = &name.text;
        let (kind, other) = (self.kind_of(what), "is declared in another package too");
        self.report(
            Diagnostic::error(codes::P2022, place(name.span), format!("`{text}` {other}"))
                .here(format!("{kind} of this name"))
                .label(place(first), "the other one")
                .note("Settings and evidence name connectors, sources and playbooks by their name alone, so it is there once in a program.")
                .help("Rename one of them."),
        );
    }

    /// The enums that have a member of that name, of those that can be named at a place.
    pub(crate) fn enums_with(&self, member: &str, at: Span) -> Vec<EnumId> {
        let visible = |id: &EnumId| {
            *id == TypeTable::SEVERITY
                || *id == TypeTable::CLOSURE
                || self.types.enumeration(*id).is_some_and(|e| {
                    self.globals
                        .get(at, &e.name)
                        .is_some_and(|(global, _)| *global == Global::Enum(*id) || *global == Global::Broken)
                })
        };
        self.members.get(member).into_iter().flatten().copied().filter(visible).collect()
    }
}

fn in_file(file: usize) -> Span {
    Span { file: u32::try_from(file).unwrap_or(u32::MAX), start: 0, end: 0 }
}

/// Whether others than the program know it by name.
fn deployed(what: Global) -> bool {
    matches!(what, Global::Connector(_) | Global::Source | Global::Playbook(_))
}

//! The names of pages.

use std::collections::{BTreeMap, BTreeSet};

use play_check::typed::{NodeId, Program};
use play_syntax::ast::Name;
use sha2::{Digest as _, Sha256};

use super::decls::Decls;
use crate::graph::Facts;
use crate::page::{Inline, Inlines};
use crate::scope::Sort;

/// Which page is about what.
pub(super) struct Links<'a> {
    facts: &'a Facts<'a>,
    program: &'a Program,
    /// By sort, name, and the file in which it is declared: each package has names of its own.
    pages: BTreeMap<(Sort, String, u32), String>,
}

/// As much of a name as stands in the name of a file: those end at 255 bytes, and what stands round it has to fit, too.
const LONGEST: usize = 160;

/// A name, or as much of it as can stand in the name of a file and a digest of the whole: the same each time.
fn short(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        None => name.to_string(),
        Some((end, _)) => {
            let digest = Sha256::digest(name.as_bytes());
            let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            format!("{}-{digest}", name.get(..end).unwrap_or_default())
        }
    }
}

impl<'a> Links<'a> {
    /// A page for each declaration that has one. Two of one name, of two packages, have a page each. So have two names that differ in
    /// large and small letters alone, whose pages some file systems would take for one. The second has a number. A name that is too long
    /// for a file is cut, and has a digest behind it.
    pub(super) fn new(decls: &Decls, facts: &'a Facts<'a>, program: &'a Program) -> Self {
        let mut names: Vec<(Sort, &Name)> = Vec::new();
        names.extend(decls.playbooks.iter().map(|d| (Sort::Playbook, &d.is.name)));
        names.extend(decls.cases.iter().map(|d| (Sort::Case, &d.is.name)));
        names.extend(decls.connectors.iter().map(|d| (Sort::Connector, &d.is.name)));
        names.extend(decls.guards.iter().map(|d| (Sort::Guard, &d.is.name)));
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut pages = BTreeMap::new();
        for (sort, name) in names {
            let stem = format!("{}-{}", sort.word(), short(&name.text));
            let mut file = stem.clone();
            let mut more = 2_usize;
            while !taken.insert(file.to_lowercase()) {
                file = format!("{stem}-{more}");
                more = more.saturating_add(1);
            }
            pages.insert((sort, name.text.as_str().to_string(), name.span.file), file);
        }
        Self { facts, program, pages }
    }

    /// The file of the page of a declaration, without an extension; `name` is where it is declared.
    pub(super) fn file(&self, sort: Sort, name: &Name) -> String {
        let page = self.pages.get(&(sort, name.text.as_str().to_string(), name.span.file));
        page.cloned().unwrap_or_else(|| "index".to_string())
    }

    /// A link to the page of what a name means where it is written, or the name alone where there is none.
    pub(super) fn to(&self, sort: Sort, name: &Name) -> Inline {
        self.link(sort, &name.text, self.facts.file(sort, name))
    }

    /// Where several of that sort have this name, the link says in which file this one is declared.
    pub(super) fn apart(&self, sort: Sort, name: &Name) -> Inlines {
        let mut link = vec![self.to(sort, name)];
        let Some(file) = self.facts.file(sort, name) else { return link };
        let from = (sort, name.text.as_str().to_string(), 0);
        let pages = self.pages.range(from..).take_while(|((s, n, _), _)| *s == sort && *n == name.text);
        if pages.count() > 1 {
            link.push(Inline::Text(" of ".into()));
            link.push(Inline::Code(self.facts.path(file).to_string()));
        }
        link
    }

    /// The same of what stands at a node of the program.
    pub(super) fn at(&self, sort: Sort, name: &str, at: NodeId) -> Inline {
        self.link(sort, name, self.program.nodes.get(at as usize).map(|node| node.file))
    }

    fn link(&self, sort: Sort, name: &str, file: Option<u32>) -> Inline {
        match file.and_then(|file| self.pages.get(&(sort, name.to_string(), file))) {
            Some(page) => Inline::Link { page: page.clone(), text: name.to_string() },
            None => Inline::Code(name.to_string()),
        }
    }

    /// `okta.suspend`, which leads to the page of the connector.
    pub(super) fn action(&self, full: &str) -> Inline {
        let connector = full.split('.').next().unwrap_or_default();
        // There is one of a name in a program.
        let next = self.pages.range((Sort::Connector, connector.to_string(), 0)..).next();
        match next {
            Some(((Sort::Connector, name, _), page)) if name == connector => {
                Inline::Link { page: page.clone(), text: full.to_string() }
            }
            _ => Inline::Code(full.to_string()),
        }
    }
}

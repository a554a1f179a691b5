//! The names of pages.

use std::collections::{BTreeMap, BTreeSet};

use super::decls::Decls;
use crate::page::Inline;

/// Which page is about what.
pub(super) struct Links {
    pages: BTreeMap<(&'static str, String), String>,
}

impl Links {
    /// A page for each declaration that has one. Two names that differ in large and small letters alone have pages that some file
    /// systems would take for one, so the second has a number.
    pub(super) fn new(decls: &Decls) -> Self {
        let mut names: Vec<(&'static str, &str)> = Vec::new();
        names.extend(decls.playbooks.iter().map(|d| ("playbook", d.is.name.text.as_str())));
        names.extend(decls.cases.iter().map(|d| ("case", d.is.name.text.as_str())));
        names.extend(decls.connectors.iter().map(|d| ("connector", d.is.name.text.as_str())));
        names.extend(decls.guards.iter().map(|d| ("guard", d.is.name.text.as_str())));
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut pages = BTreeMap::new();
        for (kind, name) in names {
            let mut file = format!("{kind}-{name}");
            let mut more = 2_usize;
            while !taken.insert(file.to_lowercase()) {
                file = format!("{kind}-{name}-{more}");
                more = more.saturating_add(1);
            }
            pages.insert((kind, name.to_string()), file);
        }
        Self { pages }
    }

    /// The file of a page, without an extension.
    pub(super) fn file(&self, kind: &'static str, name: &str) -> String {
        self.pages.get(&(kind, name.to_string())).cloned().unwrap_or_else(|| "index".to_string())
    }

    /// A link to a page, or the name alone where there is none.
    pub(super) fn to(&self, kind: &'static str, name: &str) -> Inline {
        match self.pages.get(&(kind, name.to_string())) {
            Some(page) => Inline::Link { page: page.clone(), text: name.to_string() },
            None => Inline::Code(name.to_string()),
        }
    }

    /// `okta.suspend`, which leads to the page of the connector.
    pub(super) fn action(&self, full: &str) -> Inline {
        let connector = full.split('.').next().unwrap_or_default();
        match self.pages.get(&("connector", connector.to_string())) {
            Some(page) => Inline::Link { page: page.clone(), text: full.to_string() },
            None => Inline::Code(full.to_string()),
        }
    }
}

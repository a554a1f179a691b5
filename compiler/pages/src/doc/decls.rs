//! What is declared, sorted by what it is.

use play_syntax::ast::{
    ConfigDecl, ConnectorDecl, ConstDecl, EnumDecl, GuardDecl, Item, ItemKind, NewtypeDecl, PlaybookDecl,
    RecordDecl, SourceDecl,
};

use crate::page::first_sentence;
use crate::source::Sources;

/// A declaration, with what stands round it.
pub(super) struct Decl<'a, T> {
    /// Its item.
    pub(super) item: &'a Item,
    /// What it declares.
    pub(super) is: &'a T,
    /// The comment at the head of its file.
    pub(super) file_doc: &'a [String],
    /// Whether it is the project's own.
    pub(super) own: bool,
}

impl<T> Decl<'_, T> {
    /// What is said of it: its comment, or that of its file where it has none.
    pub(super) fn doc(&self) -> &[String] {
        if self.item.doc.is_empty() { self.file_doc } else { &self.item.doc }
    }

    /// The first sentence of that.
    pub(super) fn brief(&self) -> String {
        first_sentence(self.doc())
    }
}

/// All that is declared, each sort by its name.
pub(super) struct Decls<'a> {
    pub(super) playbooks: Vec<Decl<'a, PlaybookDecl>>,
    pub(super) cases: Vec<Decl<'a, RecordDecl>>,
    pub(super) connectors: Vec<Decl<'a, ConnectorDecl>>,
    pub(super) guards: Vec<Decl<'a, GuardDecl>>,
    pub(super) sources: Vec<Decl<'a, SourceDecl>>,
    pub(super) records: Vec<Decl<'a, RecordDecl>>,
    pub(super) newtypes: Vec<Decl<'a, NewtypeDecl>>,
    pub(super) enums: Vec<Decl<'a, EnumDecl>>,
    pub(super) consts: Vec<Decl<'a, ConstDecl>>,
    pub(super) config: Option<Decl<'a, ConfigDecl>>,
}

impl<'a> Decls<'a> {
    pub(super) fn collect(sources: &'a Sources) -> Self {
        let mut all = Self {
            playbooks: Vec::new(),
            cases: Vec::new(),
            connectors: Vec::new(),
            guards: Vec::new(),
            sources: Vec::new(),
            records: Vec::new(),
            newtypes: Vec::new(),
            enums: Vec::new(),
            consts: Vec::new(),
            config: None,
        };
        for file in sources.each() {
            for item in &file.tree.items {
                all.add(item, &file.tree.doc, file.package == 0);
            }
        }
        all.playbooks.sort_by_key(|d| d.is.name.text.as_str());
        all.cases.sort_by_key(|d| d.is.name.text.as_str());
        all.connectors.sort_by_key(|d| d.is.name.text.as_str());
        all.guards.sort_by_key(|d| d.is.name.text.as_str());
        all.sources.sort_by_key(|d| d.is.name.text.as_str());
        all.records.sort_by_key(|d| d.is.name.text.as_str());
        all.newtypes.sort_by_key(|d| d.is.name.text.as_str());
        all.enums.sort_by_key(|d| d.is.name.text.as_str());
        all.consts.sort_by_key(|d| d.is.name.text.as_str());
        all
    }

    fn add(&mut self, item: &'a Item, file_doc: &'a [String], own: bool) {
        macro_rules! decl {
            ($is:expr) => {
                Decl { item, is: $is, file_doc, own }
            };
        }
        match &item.kind {
            ItemKind::Playbook(is) => self.playbooks.push(decl!(is)),
            ItemKind::Case(is) => self.cases.push(decl!(is)),
            ItemKind::Connector(is) => self.connectors.push(decl!(&**is)),
            ItemKind::Guard(is) => self.guards.push(decl!(is)),
            ItemKind::Source(is) => self.sources.push(decl!(is)),
            ItemKind::Record(is) => self.records.push(decl!(is)),
            ItemKind::Newtype(is) => self.newtypes.push(decl!(is)),
            ItemKind::Enum(is) => self.enums.push(decl!(is)),
            ItemKind::Const(is) => self.consts.push(decl!(is)),
            ItemKind::Config(is) if own => self.config = Some(decl!(is)),
            _ => {}
        }
    }
}

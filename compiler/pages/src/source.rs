//! The files of a program, parsed again for what is read in them besides their meaning: comments, and words as they are written.

use play_check::typed::Program;
use play_syntax::ast::{File, Item, ItemKind, Name, PlaybookDecl};

use crate::graph::Facts;

/// Files with their trees.
pub struct Sources<'a> {
    files: Vec<(&'a str, &'a str, File)>,
}

impl<'a> Sources<'a> {
    /// Parses files, each path and text; what is no Play is left out.
    #[must_use]
    pub fn parse(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let play = files.into_iter().filter(|(path, _)| path.ends_with(".play"));
        let tree =
            |at: usize, text: &str| play_syntax::parse(u32::try_from(at).unwrap_or(u32::MAX), text).file;
        Self { files: play.enumerate().map(|(at, (path, text))| (path, text, tree(at, text))).collect() }
    }

    /// What is declared in them, as if all were one package.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts::new(&self.trees(), &[])
    }

    /// What is declared in them, the files of a program in its order: the program says which package each belongs to.
    #[must_use]
    pub fn facts_in<'s>(&'s self, program: &'s Program) -> Facts<'s> {
        let paths: Vec<&str> = program.files.iter().map(|f| f.path.as_str()).collect();
        Facts::new(&self.trees(), &paths)
    }

    fn trees(&self) -> Vec<(&str, &str, &File)> {
        self.files.iter().map(|(path, text, tree)| (*path, *text, tree)).collect()
    }

    /// The playbooks that take cases: those of a package's file that the project does not use itself take none.
    #[must_use]
    pub fn playbooks(&self, program: &Program) -> Vec<&PlaybookDecl> {
        let all = self.items().filter_map(|item| match &item.kind {
            ItemKind::Playbook(decl) => Some(decl),
            _ => None,
        });
        all.filter(|decl| program.playbooks.iter().any(|p| is_at(program, p.at, &p.name, &decl.name)))
            .collect()
    }

    /// Path and tree of each.
    pub fn files(&self) -> impl Iterator<Item = (&'a str, &File)> {
        self.files.iter().map(|(path, _, tree)| (*path, tree))
    }

    /// All that they declare, file by file.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.files.iter().flat_map(|(.., tree)| &tree.items)
    }
}

/// Whether what stands at a node of the program is what is declared with this name.
pub(crate) fn is_at(program: &Program, at: u32, name: &str, decl: &Name) -> bool {
    decl.text == name && program.nodes.get(at as usize).is_some_and(|node| node.file == decl.span.file)
}

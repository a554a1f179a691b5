//! The files of a program as they are written: for what is read in them besides their meaning, comments and words.

use play_check::Parsed;
use play_check::typed::Program;
use play_diagnostics::FileName;
use play_syntax::ast::{File, ItemKind, Name, PlaybookDecl};

use crate::graph::Facts;

/// Files with their trees.
pub struct Sources<'a> {
    files: Vec<Source<'a>>,
}

/// A file.
pub(crate) struct Source<'a> {
    /// Its path as the artifact has it, the same wherever it is read from: from the folder of the project, or `@package/file.play`.
    pub(crate) path: &'a str,
    /// Its text, to which the places in its tree belong.
    pub(crate) text: &'a str,
    /// Its tree.
    pub(crate) tree: File,
    /// The package that it belongs to: 0 is the project.
    pub(crate) package: usize,
    /// The files that it uses, by index.
    pub(crate) uses: Vec<usize>,
}

impl<'a> Sources<'a> {
    /// The files of a program, as they were read when it was checked. `files` are those of the check.
    #[must_use]
    pub fn of(program: &'a Program, files: &'a [FileName], parsed: Vec<Parsed>) -> Self {
        let each = program.files.iter().zip(files).zip(parsed);
        let files = each.map(|((known, read), Parsed { tree, package, uses })| Source {
            path: &known.path,
            text: &read.text,
            tree,
            package,
            uses,
        });
        Self { files: files.collect() }
    }

    /// Parses files, each path and text, as one package.
    #[must_use]
    pub fn parse(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let one = |(at, (path, text)): (usize, (&'a str, &'a str))| {
            let tree = play_syntax::parse(u32::try_from(at).unwrap_or(u32::MAX), text).file;
            Source { path, text, tree, package: 0, uses: Vec::new() }
        };
        Self { files: files.into_iter().enumerate().map(one).collect() }
    }

    /// What is declared in them.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts::new(&self.files)
    }

    /// The playbooks that they declare.
    #[must_use]
    pub fn playbooks(&self) -> Vec<&PlaybookDecl> {
        let all = self.files.iter().flat_map(|f| &f.tree.items).filter_map(|item| match &item.kind {
            ItemKind::Playbook(decl) => Some(&**decl),
            _ => None,
        });
        all.collect()
    }

    /// Path and tree of each.
    pub fn files(&self) -> impl Iterator<Item = (&'a str, &File)> {
        self.files.iter().map(|f| (f.path, &f.tree))
    }

    /// Each with all that is known of it.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Source<'a>> {
        self.files.iter()
    }
}

/// Whether what stands at a node of the program is what is declared with this name.
pub(crate) fn is_at(program: &Program, at: u32, name: &str, decl: &Name) -> bool {
    decl.text == name && program.nodes.get(at as usize).is_some_and(|node| node.file == decl.span.file)
}

//! The files of a program, parsed again for what is read in them besides their meaning: comments, and words as they are written.

use play_syntax::ast::{File, Item};

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

    /// What is declared in them.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts::new(&self.files.iter().map(|(path, text, tree)| (*path, *text, tree)).collect::<Vec<_>>())
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

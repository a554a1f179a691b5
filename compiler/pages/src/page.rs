//! A page as data: what it says, before it becomes HTML or Markdown.

use crate::graph::Graph;

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its name as a file, without an extension.
    pub file: String,
    /// What it is about.
    pub title: String,
    /// What sort of thing that is: `playbook`, `connector`.
    pub kind: &'static str,
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading of the second level.
    Heading(String),
    /// A heading of the third level.
    Sub(String),
    /// A paragraph.
    Para(Inlines),
    /// A list.
    List(Vec<Inlines>),
    /// A table; every row has as many cells as the head.
    Table(Table),
    /// The picture of a playbook.
    Graph(Box<Graph>),
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it shows, for those who do not see the heading above it.
    pub caption: String,
    /// The heads of its columns.
    pub head: Vec<&'static str>,
    /// Its rows; the first cell of each is its head.
    pub rows: Vec<Vec<Inlines>>,
}

/// A piece of text, part by part.
pub type Inlines = Vec<Inline>;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Words.
    Text(String),
    /// What stands so in a program.
    Code(String),
    /// To another page.
    Link {
        /// Its file, without an extension.
        page: String,
        /// What is written.
        text: String,
    },
    /// The next line.
    Break,
}

/// Words.
pub(crate) fn text(words: impl Into<String>) -> Inlines {
    vec![Inline::Text(words.into())]
}

/// What stands so in a program.
pub(crate) fn code(words: impl Into<String>) -> Inlines {
    vec![Inline::Code(words.into())]
}

/// Several, with the same between them.
pub(crate) fn joined(all: impl IntoIterator<Item = Inlines>, between: &Inline) -> Inlines {
    let mut whole = Inlines::new();
    for one in all {
        if !whole.is_empty() {
            whole.push(between.clone());
        }
        whole.extend(one);
    }
    whole
}

/// Words in which what stands between backticks stands so in a program.
pub(crate) fn prose(words: &str) -> Inlines {
    let mut parts = Inlines::new();
    for (at, part) in words.split('`').enumerate() {
        if part.is_empty() {
            continue;
        }
        let part = part.to_string();
        parts.push(if at % 2 == 0 { Inline::Text(part) } else { Inline::Code(part) });
    }
    parts
}

/// Comments as paragraphs: an empty line ends one.
pub(crate) fn paragraphs(doc: &[String]) -> Vec<Block> {
    let lines: Vec<&str> = doc.iter().map(|line| line.trim()).collect();
    let groups = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    groups.map(|lines| Block::Para(prose(&lines.join(" ")))).collect()
}

/// The first sentence of comments.
pub(crate) fn first_sentence(doc: &[String]) -> String {
    let all =
        doc.iter().map(|line| line.trim()).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    match all.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => all,
    }
}

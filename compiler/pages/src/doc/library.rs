//! The pages of the standard library: one a module.

use play_syntax::ast::{File, ItemKind};

use super::{Book, connector};
use crate::graph::{Facts, source};
use crate::page::{Block, Inline, Inlines, Page, Table, code, first_sentence, joined, paragraphs, prose};
use crate::source::Sources;

/// The pages of modules, each its path below `std` (`connectors/okta`) and its text.
#[must_use]
pub fn library<'a>(modules: impl IntoIterator<Item = (&'a str, &'a str)>) -> Book {
    let named: Vec<(String, &str)> =
        modules.into_iter().map(|(name, text)| (format!("{name}.play"), text)).collect();
    let sources = Sources::parse(named.iter().map(|(path, text)| (path.as_str(), *text)));
    let facts = sources.facts();
    let mut pages = Vec::new();
    let mut rows: Vec<(String, Vec<Inlines>)> = Vec::new();
    for (path, tree) in sources.files() {
        let module = path.trim_end_matches(".play");
        let page = page(&facts, module, tree);
        let family = module.split('/').next().unwrap_or_default().to_string();
        let link = Inline::Link { page: page.file.clone(), text: page.title.clone() };
        rows.push((family, vec![vec![link], prose(&first_sentence(&tree.doc))]));
        pages.push(page);
    }
    let (index, sections) = index(rows);
    pages.insert(0, index);
    Book { title: "The standard library".into(), pages, sections }
}

/// A section a folder.
fn index(rows: Vec<(String, Vec<Inlines>)>) -> (Page, Vec<String>) {
    let mut blocks = Vec::new();
    let mut sections: Vec<String> = Vec::new();
    for (family, row) in rows {
        let heading = heading(&family);
        if sections.last() != Some(&heading) {
            blocks.push(Block::Heading(heading.clone()));
            let head = vec!["module", "what it is"];
            blocks.push(Block::Table(Table { caption: heading.clone(), head, rows: Vec::new() }));
            sections.push(heading);
        }
        if let Some(Block::Table(table)) = blocks.last_mut() {
            table.rows.push(row);
        }
    }
    let page = Page { file: "index".into(), title: "The standard library".into(), kind: "", blocks };
    (page, sections)
}

/// `connectors` as it stands above a table.
fn heading(family: &str) -> String {
    let mut letters = family.chars();
    let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

fn page(facts: &Facts, module: &str, tree: &File) -> Page {
    let title = format!("std.{}", module.replace('/', "."));
    let mut blocks = paragraphs(&tree.doc);
    let mut types: Vec<Vec<Inlines>> = Vec::new();
    let mut words: Vec<Vec<Inlines>> = Vec::new();
    for item in &tree.items {
        let doc = prose(&item.doc.join(" "));
        match &item.kind {
            ItemKind::Connector(is) => {
                blocks.extend(paragraphs(&item.doc));
                blocks.extend(connector::body(facts, is));
            }
            ItemKind::Record(is) | ItemKind::Case(is) => {
                let fields = is.fields.iter().map(|f| {
                    let labels: String = f.labels.iter().map(|l| format!(" {}", l.text)).collect();
                    code(format!("{}: {}{labels}", f.name.text, source(facts, f.ty.span)))
                });
                types.push(vec![code(&is.name.text), joined(fields, &Inline::Break), doc]);
            }
            ItemKind::Newtype(is) => {
                types.push(vec![code(&is.name.text), code(source(facts, is.of.span)), doc])
            }
            ItemKind::Enum(is) => {
                let members = is.variants.iter().map(|v| code(&v.name.text));
                types.push(vec![code(&is.name.text), joined(members, &Inline::Text(", ".into())), doc]);
            }
            ItemKind::Const(is) => {
                types.push(vec![code(&is.name.text), code(source(facts, is.value.span)), doc])
            }
            ItemKind::Source(is) => {
                let from = format!("{} -> {}", source(facts, is.from.span), is.case.text);
                types.push(vec![code(&is.name.text), code(from), doc]);
            }
            ItemKind::Role(name) => words.push(vec![code(format!("role.{}", name.text)), doc]),
            ItemKind::Queue(name) => words.push(vec![code(format!("queue.{}", name.text)), doc]),
            ItemKind::Controls(is) => {
                let all = is
                    .controls
                    .iter()
                    .map(|c| vec![code(format!("{}.{}", is.name.text, c.text)), facts_doc(facts, c)]);
                words.extend(all);
            }
            ItemKind::Fn(is) => {
                types.push(vec![code(&is.name.text), code(first_line(facts, item.span)), doc])
            }
            ItemKind::Procedure(is) => {
                types.push(vec![code(&is.name.text), code(first_line(facts, item.span)), doc])
            }
            ItemKind::Guard(is) => {
                types.push(vec![code(&is.name.text), code(first_line(facts, item.span)), doc])
            }
            _ => {}
        }
    }
    if !types.is_empty() {
        blocks.push(Block::Heading("What it declares".into()));
        let head = vec!["name", "what of", "what it is"];
        blocks.push(Block::Table(Table { caption: format!("Types of {title}"), head, rows: types }));
    }
    if !words.is_empty() {
        blocks.push(Block::Heading("What it names".into()));
        let head = vec!["name", "what it is"];
        blocks.push(Block::Table(Table { caption: format!("Names of {title}"), head, rows: words }));
    }
    let file = format!("std-{}", module.replace('/', "-"));
    Page { file, title, kind: "Module", blocks }
}

/// The head of a declaration.
fn first_line(facts: &Facts, at: play_syntax::ast::Span) -> String {
    let text = facts.text(at);
    text.split('{').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The comment before a name that the tree has none for: a control's.
fn facts_doc(facts: &Facts, name: &play_syntax::ast::Name) -> Inlines {
    let before = facts.before(name.span);
    let mut lines: Vec<&str> = Vec::new();
    // The line of the name itself is the last one, and is not whole.
    for line in before.lines().rev().skip(usize::from(!before.ends_with('\n'))) {
        match line.trim().strip_prefix("///") {
            Some(words) => lines.push(words.trim()),
            None => break,
        }
    }
    lines.reverse();
    prose(&lines.join(" "))
}

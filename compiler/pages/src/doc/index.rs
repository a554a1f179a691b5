//! The first page.

use play_syntax::ast::Name;

use super::Input;
use super::types;
use crate::graph::{Graph, Kind};
use crate::page::{Block, Inline, Inlines, Page, Table, joined, prose, text};
use crate::scope::Sort;

pub(super) fn page(input: &Input, name: &str) -> Page {
    let decls = input.decls;
    let mut blocks = Vec::new();
    let mut section = |heading: &str, caption: &str, head: &[&'static str], rows: Vec<Vec<Inlines>>| {
        if !rows.is_empty() {
            blocks.push(Block::Heading(heading.to_string()));
            blocks.push(Block::Table(Table { caption: caption.to_string(), head: head.to_vec(), rows }));
        }
    };
    let playbooks = decls.playbooks.iter().zip(input.graphs).map(|(d, graph)| {
        vec![
            input.links.apart(Sort::Playbook, &d.is.name),
            input.links.apart(Sort::Case, &d.is.case),
            prose(&d.brief()),
            acts(input, &d.is.name),
            ends(graph),
        ]
    });
    section(
        "Playbooks",
        "Playbooks",
        &["playbook", "takes", "what it is for", "does", "ends"],
        playbooks.collect(),
    );
    let cases = decls.cases.iter().map(|d| {
        let from = input.decls.sources.iter();
        let from = from.filter(|s| input.facts.same(Sort::Case, &s.is.case, &d.is.name));
        let from = joined(from.map(|s| text(&s.is.name.text)), &Inline::Text(", ".into()));
        vec![input.links.apart(Sort::Case, &d.is.name), prose(&d.brief()), from]
    });
    section("Cases", "Case types", &["case", "what it is", "sources"], cases.collect());
    let guards = decls.guards.iter().map(|d| {
        let doc = crate::page::first_sentence(&d.item.doc);
        let case = d.is.case.as_ref().map(|c| input.links.apart(Sort::Case, c));
        vec![input.links.apart(Sort::Guard, &d.is.name), prose(&doc), case.unwrap_or_else(|| text("all"))]
    });
    section("Guards", "Guards", &["guard", "what it is for", "cases"], guards.collect());
    let connectors = decls.connectors.iter().map(|d| {
        let count = |write: bool| d.is.actions.iter().filter(|a| a.write == write).count().to_string();
        vec![
            input.links.apart(Sort::Connector, &d.is.name),
            prose(&d.brief()),
            text(count(false)),
            text(count(true)),
        ]
    });
    section(
        "Connectors",
        "Connectors",
        &["connector", "what it is", "reads", "writes"],
        connectors.collect(),
    );
    if types::page(input).is_some() {
        blocks.push(Block::Heading("Types".into()));
        let link =
            Inline::Link { page: types::FILE.into(), text: "Types, constants and configuration".into() };
        blocks.push(Block::Para(vec![link]));
    }
    Page { file: "index".into(), title: name.to_string(), kind: "", blocks }
}

/// The headings of a page.
pub(super) fn sections(page: &Page) -> Vec<String> {
    let heading = |block: &Block| match block {
        Block::Heading(text) => Some(text.clone()),
        _ => None,
    };
    page.blocks.iter().filter_map(heading).collect()
}

/// The actions that a playbook does, each once.
fn acts(input: &Input, playbook: &Name) -> Inlines {
    let program = input.program;
    let index = input.playbook(playbook);
    let of = input.writes.iter().filter(|w| Some(w.playbook) == index);
    let mut names: Vec<String> =
        of.filter_map(|w| program.actions.get(w.action.0 as usize).map(|a| a.full_name())).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return text("nothing");
    }
    joined(names.into_iter().map(crate::page::code), &Inline::Text(", ".into()))
}

/// How a playbook ends, each closure and queue once.
fn ends(graph: &Graph) -> Inlines {
    let of = |kind: Kind| {
        let mut names: Vec<String> =
            graph.nodes.iter().filter(|n| n.kind == kind).map(|n| n.title.clone()).collect();
        names.sort();
        names.dedup();
        names
    };
    let all = of(Kind::Close).into_iter().chain(of(Kind::HandOver));
    joined(all.map(crate::page::code), &Inline::Text(", ".into()))
}

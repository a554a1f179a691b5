//! The page of the project's own types, constants and configuration.

use super::Input;
use super::case::fields;
use crate::graph::source;
use crate::page::{Block, Inline, Inlines, Page, Table, code, joined, paragraphs, prose, text};

/// The file of the page.
pub(super) const FILE: &str = "types";

/// `None` where there is nothing to say.
pub(super) fn page(input: &Input) -> Option<Page> {
    let facts = input.facts;
    let decls = input.decls;
    let mut blocks = Vec::new();
    if let Some(config) = &decls.config {
        blocks.push(Block::Heading("Configuration".into()));
        blocks.extend(paragraphs(&config.item.doc));
        let default = |at: usize| config.is.defaults.get(at).and_then(Option::as_ref);
        let rows = config.is.record.fields.iter().enumerate().map(|(at, f)| {
            let given = default(at).map(|e| code(source(facts, e.span)));
            vec![
                code(&f.name.text),
                code(source(facts, f.ty.span)),
                given.unwrap_or_default(),
                prose(&f.doc.join(" ")),
            ]
        });
        blocks.push(Block::Table(Table {
            caption: "Configuration".into(),
            head: vec!["value", "type", "unless given", "what it is"],
            rows: rows.collect(),
        }));
    }
    let consts: Vec<Vec<Inlines>> = decls
        .consts
        .iter()
        .filter(|d| d.own)
        .map(|d| {
            vec![code(&d.is.name.text), code(source(facts, d.is.value.span)), prose(&d.item.doc.join(" "))]
        })
        .collect();
    if !consts.is_empty() {
        blocks.push(Block::Heading("Constants".into()));
        let head = vec!["constant", "value", "what it is"];
        blocks.push(Block::Table(Table { caption: "Constants".into(), head, rows: consts }));
    }
    let records: Vec<_> = decls.records.iter().filter(|d| d.own).collect();
    if !records.is_empty() {
        blocks.push(Block::Heading("Records".into()));
        for d in records {
            blocks.push(Block::Sub(d.is.name.text.as_str().to_string()));
            blocks.extend(paragraphs(&d.item.doc));
            blocks.push(fields(input, &d.is.name.text, &d.is.fields));
        }
    }
    let mut others: Vec<Vec<Inlines>> = Vec::new();
    for d in decls.enums.iter().filter(|d| d.own) {
        let members = d.is.variants.iter().map(|v| code(&v.name.text));
        let members = joined(members, &Inline::Text(", ".into()));
        others.push(vec![code(&d.is.name.text), text("one of"), members, prose(&d.item.doc.join(" "))]);
    }
    for d in decls.newtypes.iter().filter(|d| d.own) {
        let of = code(source(facts, d.is.of.span));
        others.push(vec![code(&d.is.name.text), text("made of"), of, prose(&d.item.doc.join(" "))]);
    }
    if !others.is_empty() {
        blocks.push(Block::Heading("Other types".into()));
        let head = vec!["type", "", "what of", "what it is"];
        blocks.push(Block::Table(Table { caption: "Other types".into(), head, rows: others }));
    }
    let title = "Types and constants".to_string();
    (!blocks.is_empty()).then(|| Page { file: FILE.into(), title, kind: "", blocks })
}

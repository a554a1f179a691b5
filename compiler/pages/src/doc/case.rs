//! The page of a case type: what is known of a case, and where cases come from.

use play_syntax::ast::{FieldDecl, Name, RecordDecl, SourceDecl};

use super::Input;
use super::decls::Decl;
use crate::graph::source;
use crate::page::{Block, Inline, Inlines, Page, Table, code, joined, paragraphs, prose, text};
use crate::scope::Sort;

pub(super) fn page(input: &Input, decl: &Decl<RecordDecl>) -> Page {
    let is = |case: &Name| input.facts.same(Sort::Case, case, &decl.is.name);
    let fields = fields(input, &decl.is.name.text, &decl.is.fields);
    let mut blocks = vec![Block::Heading("Fields".into()), fields];
    let sources: Vec<_> = input.decls.sources.iter().filter(|s| is(&s.is.case)).collect();
    if !sources.is_empty() {
        blocks.push(Block::Heading("Where cases come from".into()));
        for source in sources {
            blocks.extend(of_source(input, source, true));
        }
    }
    let takers: Vec<Inlines> = input
        .decls
        .playbooks
        .iter()
        .filter(|p| is(&p.is.case))
        .map(|p| vec![input.links.to(Sort::Playbook, &p.is.name), Inline::Text(format!(": {}", p.brief()))])
        .collect();
    if !takers.is_empty() {
        blocks.push(Block::Heading("Playbooks that take it".into()));
        blocks.push(Block::List(takers));
    }
    input.page(Sort::Case, &decl.is.name, decl.doc(), blocks)
}

/// A table of fields.
pub(super) fn fields(input: &Input, of: &str, all: &[FieldDecl]) -> Block {
    let labels = |f: &FieldDecl| f.labels.iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join(", ");
    let row = |f: &FieldDecl| {
        vec![
            code(&f.name.text),
            code(source(input.facts, f.ty.span)),
            text(labels(f)),
            prose(&f.doc.join(" ")),
        ]
    };
    Block::Table(Table {
        caption: format!("Fields of {of}"),
        head: vec!["field", "type", "labels", "what it is"],
        rows: all.iter().map(row).collect(),
    })
}

/// What is to be said of a source; with `map`, where each field comes from.
pub(super) fn of_source(input: &Input, decl: &Decl<SourceDecl>, map: bool) -> Vec<Block> {
    let is = decl.is;
    let show = |e: &play_syntax::ast::Expr| Inline::Code(source(input.facts, e.span));
    let mut blocks = vec![Block::Sub(is.name.text.as_str().to_string())];
    blocks.extend(paragraphs(&decl.item.doc));
    let mut lines: Vec<Inlines> = vec![vec![Inline::Text("from ".into()), show(&is.from)]];
    for accept in &is.accept {
        lines.push(vec![Inline::Text("takes a record when ".into()), show(accept)]);
    }
    for dedup in &is.dedup {
        lines.push(vec![
            Inline::Text("takes each ".into()),
            show(&dedup.by),
            Inline::Text(" once within ".into()),
            show(&dedup.within),
        ]);
    }
    blocks.push(Block::List(lines));
    let rows: Vec<Vec<Inlines>> = is
        .maps
        .iter()
        .flat_map(|m| &m.fields)
        .map(|(name, value)| vec![code(&name.text), joined([vec![show(value)]], &Inline::Break)])
        .collect();
    if map && !rows.is_empty() {
        let caption = format!("How {} fills the fields", is.name.text);
        blocks.push(Block::Table(Table { caption, head: vec!["field", "comes from"], rows }));
    }
    blocks
}

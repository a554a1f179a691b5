//! The page of a connector: what it can ask, what it can do, and what it needs.

use play_syntax::ast::{ActionDecl, ConnectorDecl, EventDecl, Param};

use super::Input;
use super::decls::Decl;
use crate::graph::{Facts, said, source};
use crate::page::{Block, Inline, Inlines, Page, Table, code, joined, prose, text};
use crate::scope::Sort;

pub(super) fn page(input: &Input, decl: &Decl<ConnectorDecl>) -> Page {
    let mut blocks = body(input.facts, decl.is);
    let uses = uses(input, &decl.is.name.text);
    if !uses.is_empty() {
        blocks.push(Block::Heading("Used by".into()));
        blocks.push(Block::List(uses));
    }
    input.page(Sort::Connector, &decl.is.name, decl.doc(), blocks)
}

/// The playbooks that call it.
fn uses(input: &Input, connector: &str) -> Vec<Inlines> {
    let of = |name: &String| name.split_once('.').is_some_and(|(of, _)| of == connector);
    let all = input.decls.playbooks.iter().zip(input.graphs);
    let all = all.filter(|(_, graph)| graph.nodes.iter().filter_map(|n| n.calls.as_ref()).any(of));
    all.map(|(d, _)| vec![input.links.to(Sort::Playbook, &d.is.name)]).collect()
}

/// All that is declared of a connector.
pub(super) fn body(facts: &Facts, is: &ConnectorDecl) -> Vec<Block> {
    let name = &is.name.text;
    let mut blocks = Vec::new();
    let of = |write: bool| is.actions.iter().filter(move |a| a.write == write);
    if of(false).next().is_some() {
        blocks.push(Block::Heading("What it asks".into()));
        blocks.push(Block::Table(Table {
            caption: format!("Reads of {name}"),
            head: vec!["read", "what it does", "how"],
            rows: of(false)
                .map(|a| {
                    vec![
                        signature(facts, a),
                        prose(&a.doc.join(" ")),
                        joined(terms(facts, a), &Inline::Break),
                    ]
                })
                .collect(),
        }));
    }
    if of(true).next().is_some() {
        blocks.push(Block::Heading("What it does".into()));
        blocks.push(Block::Table(Table {
            caption: format!("Writes of {name}"),
            head: vec!["write", "what it does", "class", "taken back by", "how"],
            rows: of(true)
                .map(|a| {
                    let class = a.class.as_ref().map(|c| c.text.as_str().to_string()).unwrap_or_default();
                    let how = joined(terms(facts, a), &Inline::Break);
                    vec![signature(facts, a), prose(&a.doc.join(" ")), text(class), back(facts, a), how]
                })
                .collect(),
        }));
    }
    if !is.events.is_empty() {
        blocks.push(Block::Heading("What it tells".into()));
        blocks.push(Block::Table(Table {
            caption: format!("Events of {name}"),
            head: vec!["event", "when it comes"],
            rows: is.events.iter().map(|e| vec![event(facts, e), prose(&e.doc.join(" "))]).collect(),
        }));
    }
    blocks.push(Block::Heading("What it needs".into()));
    blocks.push(Block::List(needs(facts, is)));
    blocks
}

fn needs(facts: &Facts, is: &ConnectorDecl) -> Vec<Inlines> {
    let mut lines: Vec<Inlines> = Vec::new();
    for field in &is.config {
        let secret = field.labels.iter().any(|l| l.text == "secret");
        let ty = source(facts, field.ty.span);
        let what = if secret { format!(": {ty}, a secret") } else { format!(": {ty}") };
        lines.push(vec![
            Inline::Text("the setting ".into()),
            Inline::Code(field.name.text.as_str().to_string()),
            Inline::Text(what),
        ]);
    }
    if let Some(auth) = &is.auth {
        lines.push(vec![Inline::Text("signs in with ".into()), Inline::Code(source(facts, auth.span))]);
    }
    if let Some((count, per)) = &is.limit {
        let (count, per) = (source(facts, count.span), source(facts, per.span));
        lines.push(text(format!("sends no more than {count} requests within {per}")));
    }
    if lines.is_empty() {
        lines.push(text("nothing"));
    }
    lines
}

fn params(facts: &Facts, params: &[Param]) -> String {
    let one = |p: &Param| {
        let labels: String = p.labels.iter().map(|l| format!(" {}", l.text)).collect();
        format!("{}: {}{labels}", p.name.text, source(facts, p.ty.span))
    };
    params.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn signature(facts: &Facts, a: &ActionDecl) -> Inlines {
    let labels: String = a.labels.iter().map(|l| format!(" {}", l.text)).collect();
    let result = source(facts, a.result.span);
    code(format!("{}({}) -> {result}{labels}", a.name.text, params(facts, &a.params)))
}

fn event(facts: &Facts, e: &EventDecl) -> Inlines {
    code(format!("{}({}) -> {}", e.name.text, params(facts, &e.params), source(facts, e.result.span)))
}

fn back(facts: &Facts, a: &ActionDecl) -> Inlines {
    let Some(undo) = &a.undo else {
        return match &a.irreversible {
            Some(why) => text(format!("nothing: {}", said(facts, why))),
            None => Inlines::new(),
        };
    };
    let mut back = code(source(facts, undo.span));
    if let Some(when) = &a.undo_when {
        back.push(Inline::Text(" when ".into()));
        back.push(Inline::Code(source(facts, when.span)));
    }
    back
}

/// What is to be known of its requests.
fn terms(facts: &Facts, a: &ActionDecl) -> Vec<Inlines> {
    let mut lines = Vec::new();
    if let (Some(method), Some(path)) = (&a.method, &a.path) {
        lines.push(code(format!("{} {}", method.text, said(facts, path))));
    }
    if !a.fails.is_empty() {
        let fails: Vec<&str> = a.fails.iter().map(|f| f.text.as_str()).collect();
        lines.push(text(format!("fails with {}", fails.join(", "))));
    }
    lines.extend(a.cache.iter().map(|e| text(format!("an answer is good for {}", source(facts, e.span)))));
    lines.extend(a.retry.iter().map(|r| text(format!("tried again {} times", source(facts, r.times.span)))));
    if a.idempotent.is_some() {
        lines.push(text("done once, however often it is sent"));
    }
    if let Some(verify) = &a.verify {
        lines.push(vec![
            Inline::Text("in doubt, asks ".into()),
            Inline::Code(source(facts, verify.call.span)),
        ]);
    }
    lines
}

//! The page of a playbook: what comes in, what it asks and does, who decides, how it ends, and the picture of it.

use std::collections::{BTreeMap, BTreeSet};

use play_check::coverage::Write;
use play_check::typed::{Expr, ExprKind, Playbook, Program};
use play_program::action::Action;
use play_program::autonomy::Autonomy;
use play_program::guard::{Guard, Otherwise};
use play_program::{config, shape};
use play_syntax::ast::{PlaybookDecl, RecordDecl};

use super::Input;
use super::case::of_source;
use super::decls::Decl;
use crate::driven::{self, span};
use crate::graph::{Graph, Kind, Node, source};
use crate::page::{Block, Inline, Inlines, Page, Table, code, first_sentence, joined, prose, text};
use crate::scope::Sort;

pub(super) fn page(input: &Input, decl: &Decl<PlaybookDecl>, graph: &Graph) -> Page {
    let index = input.playbook(&decl.is.name);
    let typed = index.and_then(|at| input.program.playbooks.get(at));
    let writes: Vec<&Write> = input.writes.iter().filter(|w| Some(w.playbook) == index).collect();

    let mut blocks = vec![Block::Table(glance(input, decl, index))];
    let mut section = |heading: &str, content: Vec<Block>| {
        if !content.is_empty() {
            blocks.push(Block::Heading(heading.to_string()));
            blocks.extend(content);
        }
    };
    section("Where its cases come from", sources(input, decl.is));
    section("The way", vec![Block::Graph(Box::new(graph.clone()))]);
    section("How it can end", table(ends(graph), "How it can end", &["ending", "why", "where"]));
    section("What it does", acts(input, &writes));
    section("Who decides", people(input, graph, &writes));
    section("What it asks", reads(input, graph));
    section("What it looks at", typed.map(|p| fields(input, p, decl.is)).unwrap_or_default());
    section("Tests that run it", tests(input.program, index));
    input.page(Sort::Playbook, &decl.is.name, decl.doc(), blocks)
}

fn table(rows: Vec<Vec<Inlines>>, caption: &str, head: &[&'static str]) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    vec![Block::Table(Table { caption: caption.to_string(), head: head.to_vec(), rows })]
}

/// What is asked first of a playbook.
fn glance(input: &Input, decl: &Decl<PlaybookDecl>, index: Option<usize>) -> Table {
    let is = decl.is;
    let mut rows: Vec<Vec<Inlines>> = Vec::new();
    let mut takes = vec![input.links.to(Sort::Case, &is.case)];
    if let Some(when) = &is.when {
        takes.push(Inline::Text(" when ".into()));
        takes.push(Inline::Code(source(input.facts, when.span)));
    }
    rows.push(vec![text("takes"), takes]);
    if !is.before.is_empty() {
        let behind = is.before.iter().map(|name| vec![input.links.to(Sort::Playbook, name)]);
        rows.push(vec![text("comes before"), joined(behind, &Inline::Text(", ".into()))]);
    }
    rows.push(vec![
        text("runs"),
        text(
            index
                .and_then(|at| input.program.autonomy.get(at))
                .map_or(driven::said(&Autonomy::Automatic), driven::said),
        ),
    ]);
    if !is.controls.is_empty() {
        let all = is.controls.iter().map(|(of, control)| code(format!("{}.{}", of.text, control.text)));
        rows.push(vec![text("controls"), joined(all, &Inline::Text(", ".into()))]);
    }
    let (path, line) = input.facts.place(is.name.span);
    rows.push(vec![text("written in"), code(format!("{path}:{line}"))]);
    Table { caption: format!("{} at a glance", is.name.text), head: vec!["", ""], rows }
}

fn sources(input: &Input, is: &PlaybookDecl) -> Vec<Block> {
    let of = input.decls.sources.iter().filter(|s| input.facts.same(Sort::Case, &s.is.case, &is.case));
    of.flat_map(|s| of_source(input, s, false)).collect()
}

fn place(node: &Node) -> Inlines {
    code(format!("{}:{}", node.place.0, node.place.1))
}

/// Each ending once, closures first.
fn ends(graph: &Graph) -> Vec<Vec<Inlines>> {
    let mut rows = Vec::new();
    for kind in [Kind::Close, Kind::HandOver] {
        let mut seen = BTreeSet::new();
        for node in graph.nodes.iter().filter(|n| n.kind == kind) {
            if seen.insert((&node.title, &node.notes, &node.place)) {
                let what = vec![Inline::Text(format!("{} ", kind.word())), Inline::Code(node.title.clone())];
                let why = joined(node.said.notes.iter().cloned(), &Inline::Text(" ".into()));
                rows.push(vec![what, why, place(node)]);
            }
        }
    }
    rows
}

fn acts(input: &Input, writes: &[&Write]) -> Vec<Block> {
    let program = input.program;
    if writes.is_empty() {
        return vec![Block::Para(text("Nothing: it asks, decides, and tells."))];
    }
    let mut rows = Vec::new();
    for write in writes {
        let Some(spec) = program.actions.get(write.action.0 as usize) else { continue };
        let guards = write.guards.iter().filter_map(|(at, _)| program.guards.get(*at));
        let mut asked = joined(guards.map(|g| vec![guard_link(input, &g.spec)]), &Inline::Text(", ".into()));
        if !asked.is_empty() {
            asked.push(Inline::Break);
        }
        asked.push(Inline::Text(write.status(program).text().to_string()));
        rows.push(vec![
            vec![input.links.action(&spec.full_name()), Inline::Break, Inline::Code(input.written(write.at))],
            text(spec.class.clone().unwrap_or_default()),
            text(write.bound.text()),
            back(spec, write),
            asked,
        ]);
    }
    table(rows, "What it does", &["act", "class", "at most", "taken back", "guard"])
}

fn guard_link(input: &Input, guard: &Guard) -> Inline {
    input.links.at(Sort::Guard, &guard.name, guard.at)
}

/// How an act is taken back, and when.
fn back(spec: &Action, write: &Write) -> Inlines {
    if let Some(why) = &write.irreversible {
        return text(format!("never: {why}"));
    }
    let by = spec.undo.as_ref().map(|undo| format!("{}.{undo}", spec.connector));
    match (write.hold, by) {
        (Some(hold), Some(by)) => vec![Inline::Text(format!("after {} by ", span(hold))), Inline::Code(by)],
        (Some(hold), None) => text(format!("after {}", span(hold))),
        (None, Some(by)) => vec![Inline::Text("on demand by ".into()), Inline::Code(by)],
        (None, None) => text("no way back is declared"),
    }
}

/// Questions and approvals of its own, and those that its guards ask for.
fn people(input: &Input, graph: &Graph, writes: &[&Write]) -> Vec<Block> {
    let mut rows = Vec::new();
    for node in graph.nodes.iter().filter(|n| matches!(n.kind, Kind::Ask | Kind::Approve)) {
        let what = if node.kind == Kind::Ask { node.said.title.clone() } else { code(&node.title) };
        let how = joined(node.said.notes.iter().cloned(), &Inline::Break);
        rows.push(vec![
            text(if node.kind == Kind::Ask { "question" } else { "approval" }),
            what,
            how,
            place(node),
        ]);
    }
    let mut seen = BTreeSet::new();
    for write in writes {
        let Some(spec) = input.program.actions.get(write.action.0 as usize) else { continue };
        for (at, _) in &write.guards {
            let Some(guard) = input.program.guards.get(*at) else { continue };
            let Otherwise::Approval { from, needed, within, then, .. } = &guard.spec.otherwise else {
                continue;
            };
            if !seen.insert((spec.full_name(), *at)) {
                continue;
            }
            let persons = if *needed > 1 { format!("{needed} of ") } else { String::new() };
            let mut how = text(format!("from {persons}{from} within {}", span(*within)));
            for turn in then {
                how.push(Inline::Break);
                how.push(Inline::Text(format!("then {} within {}", turn.to, span(turn.within))));
            }
            how.push(Inline::Break);
            how.push(Inline::Text("unless the guard allows it".into()));
            let guard = vec![Inline::Text("guard ".into()), guard_link(input, &guard.spec)];
            rows.push(vec![text("approval"), code(spec.full_name()), how, guard]);
        }
    }
    table(rows, "Who decides", &["what", "about", "who", "asked by"])
}

/// What it asks of systems, and what it waits for.
fn reads(input: &Input, graph: &Graph) -> Vec<Block> {
    let mut calls: BTreeMap<&str, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for node in graph.nodes.iter().filter(|n| matches!(n.kind, Kind::Read | Kind::Wait)) {
        // Who waits for time to pass asks nobody.
        let Some(name) = &node.calls else { continue };
        let (titles, waits) = calls.entry(name).or_default();
        titles.insert(&node.title);
        *waits |= node.kind == Kind::Wait;
    }
    let mut rows = Vec::new();
    for (name, (titles, waits)) in calls {
        let doc = input.facts.described(name).map(first_sentence).unwrap_or_default();
        let asked = joined(titles.into_iter().map(code), &Inline::Break);
        rows.push(vec![
            vec![input.links.action(name)],
            prose(&doc),
            asked,
            text(if waits { "waits for it" } else { "" }),
        ]);
    }
    table(rows, "What it asks", &["read", "what it tells", "asked as", ""])
}

/// The fields of the case and the values of the configuration that it looks at.
fn fields(input: &Input, playbook: &Playbook, is: &PlaybookDecl) -> Vec<Block> {
    let mut slots = BTreeSet::new();
    look(&playbook.body.expr, &mut slots);
    playbook.when.iter().for_each(|when| look(&when.expr, &mut slots));
    let record = input.program.types.record(playbook.case);
    let mut cases = input.decls.cases.iter().map(|d| d.is);
    let decl: Option<&RecordDecl> = cases.find(|d| input.facts.same(Sort::Case, &d.name, &is.case));
    let mut rows = Vec::new();
    for slot in slots.iter().filter(|slot| config::field(**slot).is_none()) {
        let Some(field) = record.and_then(|r| r.fields.get(*slot)) else { continue };
        let written = decl.and_then(|d| d.fields.iter().find(|f| f.name.text == field.name));
        let (ty, what) = match written {
            Some(f) => {
                let labels: String = f.labels.iter().map(|l| format!(" {}", l.text)).collect();
                (format!("{}{labels}", source(input.facts, f.ty.span)), prose(&f.doc.join(" ")))
            }
            None => (of_every_case(*slot).into(), text("every case has it")),
        };
        rows.push(vec![code(format!("case.{}", field.name)), code(ty), what]);
    }
    let config = input.decls.config.as_ref();
    for at in &playbook.config {
        let Some(field) = config.and_then(|c| c.is.record.fields.get(*at)) else { continue };
        let ty = code(source(input.facts, field.ty.span));
        rows.push(vec![code(format!("config.{}", field.name.text)), ty, prose(&field.doc.join(" "))]);
    }
    table(rows, "What it looks at", &["field", "type", "what it is"])
}

fn of_every_case(slot: usize) -> &'static str {
    match slot {
        shape::CASE_OPENED => "Time",
        shape::CASE_SEVERITY => "Severity",
        _ => "String",
    }
}

fn look(e: &Expr, slots: &mut BTreeSet<usize>) {
    if let ExprKind::CaseField(slot) = e.kind {
        slots.insert(slot);
    }
    for part in e.parts() {
        look(part, slots);
    }
}

fn tests(program: &Program, index: Option<usize>) -> Vec<Block> {
    let own = program.tests.iter().filter(|t| Some(t.playbook) == index);
    let all: Vec<Inlines> = own.map(|t| text(&t.title)).collect();
    if all.is_empty() {
        return vec![Block::Para(text("None."))];
    }
    vec![Block::List(all)]
}

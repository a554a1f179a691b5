//! The page of a guard: what it lets through, and which acts ask it.

use play_syntax::ast::{Covers, GuardDecl, GuardLineKind, Name};

use super::Input;
use super::decls::Decl;
use crate::graph::source;
use crate::page::{Block, Inline, Inlines, Page, Table, code, text};
use crate::scope::Sort;
use crate::source::is_at;

pub(super) fn page(input: &Input, decl: &Decl<GuardDecl>) -> Page {
    let is = decl.is;
    let name = is.name.text.as_str();
    let lines = Table {
        caption: format!("What {name} asks, in order"),
        head: vec!["asked", "line", "what follows"],
        rows: lines(input, is),
    };
    let mut blocks =
        vec![Block::Para(covers(input, is)), Block::Heading("How it decides".into()), Block::Table(lines)];
    let acts = acts(input, &is.name);
    if !acts.is_empty() {
        blocks.push(Block::Heading("Acts that ask it".into()));
        blocks.push(Block::Table(Table {
            caption: format!("Acts that ask {name}"),
            head: vec!["playbook", "act", "before it runs"],
            rows: acts,
        }));
    }
    input.page(Sort::Guard, &is.name, &decl.item.doc, blocks)
}

fn covers(input: &Input, is: &GuardDecl) -> Inlines {
    let mut line = vec![Inline::Text("Covers ".into())];
    match &is.covers {
        Covers::Actions(all) => {
            for (at, (connector, action)) in all.iter().enumerate() {
                if at > 0 {
                    line.push(Inline::Text(", ".into()));
                }
                line.push(input.links.action(&format!("{}.{}", connector.text, action.text)));
            }
        }
        Covers::Class(class) => line.push(Inline::Text(format!("every act of class {}", class.text))),
    }
    match &is.case {
        Some(case) => {
            line.push(Inline::Text(" in playbooks for ".into()));
            line.push(input.links.to(Sort::Case, case));
        }
        None => line.push(Inline::Text(" in all playbooks".into())),
    }
    line.push(Inline::Text(".".into()));
    line
}

/// Its lines in the order in which they are asked.
fn lines(input: &Input, is: &GuardDecl) -> Vec<Vec<Inlines>> {
    let mut lines: Vec<(usize, Inlines, &str)> = is
        .lines
        .iter()
        .map(|line| {
            let (order, follows) = match &line.kind {
                GuardLineKind::Never(_) => (0, "refused, whatever else holds"),
                GuardLineKind::Limit { .. } => (1, "refused once so many were let through"),
                GuardLineKind::Allow(_) => (2, "done without asking anybody"),
                GuardLineKind::Refuse => (3, "refused"),
                GuardLineKind::Approval { .. } => (3, "done once it is approved; else refused"),
            };
            (order, code(source(input.facts, line.span)), follows)
        })
        .collect();
    lines.sort_by_key(|(order, ..)| *order);
    if !lines.iter().any(|(order, ..)| *order == 3) {
        lines.push((3, text("nothing else holds"), "refused"));
    }
    let numbered = lines.into_iter().enumerate();
    numbered
        .map(|(at, (_, line, follows))| vec![text(at.saturating_add(1).to_string()), line, text(follows)])
        .collect()
}

fn acts(input: &Input, guard: &Name) -> Vec<Vec<Inlines>> {
    let program = input.program;
    let mut rows = Vec::new();
    for write in input.writes {
        let is = |g: &usize| {
            program.guards.get(*g).is_some_and(|g| is_at(program, g.spec.at, &g.spec.name, guard))
        };
        let covered = write.guards.iter().any(|(g, _)| is(g));
        let Some(playbook) = program.playbooks.get(write.playbook).filter(|_| covered) else { continue };
        rows.push(vec![
            vec![input.links.at(Sort::Playbook, &playbook.name, playbook.at)],
            code(input.written(write.at)),
            text(write.status(program).text()),
        ]);
    }
    rows
}

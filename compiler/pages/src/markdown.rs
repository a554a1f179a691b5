//! Pages as Markdown, for wikis and for the site of the manual.

use std::fmt::Write as _;

use crate::page::{Block, Inline, Page, Table};
use crate::text::visible;

/// A page as a file.
#[must_use]
pub fn markdown(page: &Page) -> String {
    let mut out = format!("# {}\n", words(&page.title));
    for block in &page.blocks {
        out.push('\n');
        match block {
            Block::Heading(text) => {
                let _ = writeln!(out, "## {}", words(text));
            }
            Block::Sub(text) => {
                let _ = writeln!(out, "### {}", words(text));
            }
            Block::Para(text) => {
                let _ = writeln!(out, "{}", inlines(text));
            }
            Block::List(all) => {
                for item in all {
                    let _ = writeln!(out, "- {}", inlines(item));
                }
            }
            Block::Table(of) => table(of, &mut out),
            Block::Graph(graph) => {
                let _ = writeln!(out, "```mermaid\n{}```", crate::graph::mermaid(graph));
            }
        }
    }
    out
}

fn table(table: &Table, out: &mut String) {
    let _ = writeln!(out, "| {} |", table.head.join(" | "));
    let _ = writeln!(out, "|{}", "---|".repeat(table.head.len()));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(|cell| inlines(cell)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

fn inlines(all: &[Inline]) -> String {
    let mut out = String::new();
    for inline in all {
        match inline {
            Inline::Text(text) => out.push_str(&words(text)),
            Inline::Code(text) => out.push_str(&literal(text)),
            Inline::Link { page, text } => {
                let _ = write!(out, "[{}]({page}.md)", words(text));
            }
            Inline::Break => out.push_str("<br>"),
        }
    }
    out
}

/// Words in which nothing is a sign of Markdown or HTML.
fn words(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '#' | '|' | '~' | '!' | '>' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    // `1. ` and `- ` at the head of a line are lists.
    match safe.trim_start().starts_with(['-', '+']) {
        true => format!("\\{}", safe.trim_start()),
        false => safe,
    }
}

/// Between as many backticks as there have to be. A bar would end the cell of a table, even there.
fn literal(text: &str) -> String {
    let text = visible(text).replace('|', "\\|");
    let mut longest = 0_usize;
    let mut run = 0_usize;
    for c in text.chars() {
        run = if c == '`' { run.saturating_add(1) } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.saturating_add(1));
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

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
                let _ = writeln!(out, "{}", at_head(&inlines(text, false)));
            }
            Block::List(all) => {
                for item in all {
                    let _ = writeln!(out, "- {}", at_head(&inlines(item, false)));
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
        let cells: Vec<String> = row.iter().map(|cell| inlines(cell, true)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

fn inlines(all: &[Inline], cell: bool) -> String {
    let mut out = String::new();
    for inline in all {
        match inline {
            Inline::Text(text) => out.push_str(&words(text)),
            Inline::Code(text) => out.push_str(&literal(text, cell)),
            Inline::Link { page, text } => {
                let _ = write!(out, "[{}]({page}.md)", words(text));
            }
            Inline::Break => out.push_str("<br>"),
        }
    }
    out
}

/// Words in which nothing is a sign of Markdown or HTML, and nothing becomes a link by itself.
fn words(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '#' | '|' | '~' | '!' | '>' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe.replace("://", ":&#47;&#47;").replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")
}

/// What stands at the head of a line: `- ` and `1. ` would be lists there.
fn at_head(line: &str) -> String {
    let line = line.trim_start();
    if line.starts_with(['-', '+', '=']) {
        return format!("\\{line}");
    }
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    match line.split_at_checked(digits) {
        Some((number, rest)) if digits > 0 && rest.starts_with(['.', ')']) => format!("{number}\\{rest}"),
        _ => line.to_string(),
    }
}

/// Between as many backticks as there have to be. A bar would end the `cell` of a table, even there.
fn literal(text: &str, cell: bool) -> String {
    let text = visible(text);
    let text = if cell { text.replace('|', "\\|") } else { text };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            words("see http://evil.example, www.evil.example"),
            "see http:&#47;&#47;evil.example, www&#46;evil.example"
        );
        assert_eq!(at_head("1. x"), "1\\. x");
        assert_eq!(at_head("2) x"), "2\\) x");
        assert_eq!(at_head("- x"), "\\- x");
        assert_eq!(at_head("2026 was long"), "2026 was long");
        let line = [Inline::Code("a".into()), Inline::Text(" - b".into())];
        assert_eq!(inlines(&line, false), "`a` - b");
    }

    #[test]
    fn a_bar_is_escaped_where_it_would_end_a_cell() {
        assert_eq!(literal("a|b", false), "`a|b`");
        assert_eq!(literal("a|b", true), "`a\\|b`");
        assert_eq!(literal("`", false), "`` ` ``");
    }
}

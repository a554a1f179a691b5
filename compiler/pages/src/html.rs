//! Pages as HTML: no script, nothing from elsewhere, one style sheet beside them.

use std::fmt::Write as _;

use crate::page::{Block, Inline, Page, Table};
use crate::text::escape;

/// The name of the style sheet.
pub const STYLE_FILE: &str = "style.css";

/// The style sheet.
pub const STYLE: &str = include_str!("style.css");

/// A page as a file. `site` is what all pages are about; `sections` are the headings of the index that there are.
#[must_use]
pub fn html(page: &Page, site: &str, sections: &[String]) -> String {
    let mut out = String::new();
    let title = escape(&page.title);
    let head = if page.file == "index" { title.clone() } else { format!("{title} · {}", escape(site)) };
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self' 'unsafe-inline'\">\n\
         <title>{head}</title>\n<link rel=\"stylesheet\" href=\"{STYLE_FILE}\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">To the page</a>\n<header>\n<nav aria-label=\"All pages\">\n\
         <a class=\"home\" href=\"index.html\">{}</a>\n",
        escape(site)
    );
    for section in sections {
        let _ = writeln!(out, "<a href=\"index.html#{}\">{}</a>", anchor(section), escape(section));
    }
    let _ = write!(out, "</nav>\n</header>\n<main id=\"main\">\n");
    if !page.kind.is_empty() {
        let _ = writeln!(out, "<p class=\"kind\">{}</p>", escape(page.kind));
    }
    let _ = writeln!(out, "<h1>{title}</h1>");
    for block in &page.blocks {
        one(block, &mut out);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn one(block: &Block, out: &mut String) {
    match block {
        Block::Heading(text) => {
            let _ = writeln!(out, "<h2 id=\"{}\">{}</h2>", anchor(text), escape(text));
        }
        Block::Sub(text) => {
            let _ = writeln!(out, "<h3>{}</h3>", escape(text));
        }
        Block::Para(text) => {
            let _ = writeln!(out, "<p>{}</p>", inlines(text));
        }
        Block::List(all) => {
            out.push_str("<ul>\n");
            for item in all {
                let _ = writeln!(out, "<li>{}</li>", inlines(item));
            }
            out.push_str("</ul>\n");
        }
        Block::Table(of) => table(of, out),
        Block::Graph(graph) => {
            let _ = write!(
                out,
                "<figure tabindex=\"0\" role=\"group\" aria-label=\"Picture of {}\">\n{}</figure>\n",
                escape(&graph.name),
                crate::graph::svg(graph)
            );
        }
    }
}

fn table(table: &Table, out: &mut String) {
    let _ = write!(
        out,
        "<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr>",
        escape(&table.caption)
    );
    for head in &table.head {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let cell = inlines(cell);
            let _ = match at {
                0 => write!(out, "<th scope=\"row\">{cell}</th>"),
                _ => write!(out, "<td>{cell}</td>"),
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

fn inlines(all: &[Inline]) -> String {
    let mut out = String::new();
    for inline in all {
        let _ = match inline {
            Inline::Text(text) => write!(out, "{}", escape(text)),
            Inline::Code(text) => write!(out, "<code>{}</code>", escape(text)),
            Inline::Link { page, text } => {
                write!(out, "<a href=\"{}.html\">{}</a>", escape(page), escape(text))
            }
            Inline::Break => write!(out, "<br>"),
        };
    }
    out
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

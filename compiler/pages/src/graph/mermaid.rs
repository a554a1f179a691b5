//! A picture as Mermaid text, for pages that draw it themselves. Mermaid places the boxes.

use std::fmt::Write as _;

use super::outline::Part;
use super::{Graph, Kind, Node, NodeId};
use crate::text::{visible, wrap};

/// The picture of a playbook as a Mermaid flowchart.
#[must_use]
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart TD\n");
    for (depth, part) in graph.root.outline() {
        let pad = "  ".repeat(depth.saturating_add(1));
        let _ = match part {
            Part::Open(head) => writeln!(out, "{pad}subgraph s{head}[\" \"]"),
            Part::Node(id) => writeln!(out, "{pad}{}", node(graph, id)),
            Part::Close => writeln!(out, "{pad}end"),
        };
    }
    for edge in &graph.edges {
        let arrow = if edge.again { "-.->" } else { "-->" };
        let label = edge.label.as_ref().map(|text| format!("|\"{}\"|", lines(wrap(text, 40, 4))));
        let _ = writeln!(out, "  n{} {arrow}{} n{}", edge.from, label.unwrap_or_default(), edge.to);
    }
    out.push_str(
        "  classDef read stroke:#0969da\n  classDef act stroke:#bc4c00,stroke-width:2px\n  classDef person stroke:#8250df\n  \
         classDef close stroke:#1a7f37\n  classDef handover stroke:#9a6700\n",
    );
    out
}

fn node(graph: &Graph, id: NodeId) -> String {
    let Some(node) = graph.nodes.get(id) else { return String::new() };
    let (open, close) = match node.kind {
        Kind::Start | Kind::Close | Kind::HandOver => ("([", "])"),
        Kind::Decide => ("{{", "}}"),
        Kind::AtOnce | Kind::Answered | Kind::Next => ("(", ")"),
        _ => ("[", "]"),
    };
    let class = match node.kind {
        Kind::Read | Kind::Wait => ":::read",
        Kind::Act | Kind::Rollback => ":::act",
        Kind::Ask | Kind::Approve => ":::person",
        Kind::Close => ":::close",
        Kind::HandOver => ":::handover",
        _ => "",
    };
    format!("n{id}{open}\"{}\"{close}{class}", text(node))
}

fn text(node: &Node) -> String {
    let mut all = wrap(&format!("{} {}", node.kind.word(), node.title), 60, 6);
    all.extend(node.notes.iter().flat_map(|note| wrap(note, 60, 6)));
    lines(all)
}

/// Lines in one text; the sign between them is Mermaid's.
fn lines(all: Vec<String>) -> String {
    all.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br/>")
}

/// Mermaid's own escapes: `#` and a code. A text in quotes is read as Markdown and as HTML, so all but plain signs are written so.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in visible(text).chars() {
        let plain = c.is_alphanumeric()
            || matches!(c, ' ' | '.' | ',' | ':' | '(' | ')' | '=' | '-' | '?' | '!' | '/');
        if plain {
            safe.push(c);
        } else {
            let _ = write!(safe, "#{};", c as u32);
        }
    }
    safe
}

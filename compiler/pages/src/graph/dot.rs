//! A picture as DOT, for Graphviz, which places the boxes. Dotted lines say who needs what of whom.

use std::fmt::Write as _;

use super::outline::Part;
use super::{Graph, Kind, Node, NodeId};
use crate::text::{visible, wrap};

/// The picture of a playbook as a DOT graph.
#[must_use]
pub fn dot(graph: &Graph) -> String {
    let mut out = format!("digraph \"{}\" {{\n", escape(&graph.name));
    out.push_str("  rankdir=TB\n  compound=true\n  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11]\n");
    out.push_str("  edge [fontname=\"Helvetica\", fontsize=10]\n");
    for (depth, part) in graph.root.outline() {
        let pad = "  ".repeat(depth.saturating_add(1));
        let _ = match part {
            Part::Open(head) => writeln!(out, "{pad}subgraph cluster_{head} {{\n{pad}  style=dashed"),
            Part::Node(id) => writeln!(out, "{pad}{}", node(graph, id)),
            Part::Close => writeln!(out, "{pad}}}"),
        };
    }
    for edge in &graph.edges {
        let label = edge.label.as_ref().map(|l| format!("label=\"{}\"", joined(wrap(l, 40, 4))));
        let again = edge.again.then(|| "style=dashed, constraint=false".to_string());
        let more: Vec<String> = label.into_iter().chain(again).collect();
        let more = if more.is_empty() { String::new() } else { format!(" [{}]", more.join(", ")) };
        let _ = writeln!(out, "  n{} -> n{}{more}", edge.from, edge.to);
    }
    for data in &graph.data {
        let _ = writeln!(
            out,
            "  n{} -> n{} [label=\"{}\", style=dotted, constraint=false, arrowhead=open]",
            data.from,
            data.to,
            escape(&data.name)
        );
    }
    out.push_str("}\n");
    out
}

fn node(graph: &Graph, id: NodeId) -> String {
    let Some(node) = graph.nodes.get(id) else { return String::new() };
    let (path, line) = &node.place;
    let (label, path, look) = (text(node), escape(path), look(node.kind));
    format!("n{id} [label=\"{label}\", tooltip=\"{path}:{line}\"{look}]")
}

fn look(kind: Kind) -> &'static str {
    match kind {
        Kind::Decide => ", shape=diamond, style=solid",
        Kind::Start => ", shape=ellipse",
        Kind::Read | Kind::Wait => ", color=\"#0969da\"",
        Kind::Act | Kind::Rollback => ", color=\"#bc4c00\", penwidth=1.6",
        Kind::Ask | Kind::Approve => ", color=\"#8250df\"",
        Kind::Close => ", color=\"#1a7f37\", peripheries=2",
        Kind::HandOver => ", color=\"#9a6700\", peripheries=2",
        _ => "",
    }
}

/// Lines that end where the label's own line breaks are.
fn text(node: &Node) -> String {
    let head = format!("{} {}", node.kind.word(), node.title);
    let mut lines = wrap(&head, 36, 6);
    lines.extend(node.notes.iter().flat_map(|note| wrap(note, 40, 8)));
    joined(lines)
}

fn joined(lines: Vec<String>) -> String {
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\\n")
}

/// Text within quotes. A backslash begins an escape of DOT's own, so it is doubled; an ampersand begins an entity, which Graphviz reads.
fn escape(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_entity_is_shown_as_it_is_written() {
        assert_eq!(escape(r#"&#x202e; & "a\b""#), r#"&amp;#x202e; &amp; \"a\\b\""#);
    }
}

//! A picture as Mermaid text, for pages that draw it themselves. Mermaid places the boxes.

use std::fmt::Write as _;

use super::{Graph, Kind, Node, NodeId, Region};
use crate::text::{cut, visible};

/// The picture of a playbook as a Mermaid flowchart.
#[must_use]
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart TD\n");
    region(graph, &graph.root, 1, &mut out);
    for edge in &graph.edges {
        let arrow = if edge.again { "-.->" } else { "-->" };
        let label = edge.label.as_ref().map(|text| format!("|\"{}\"|", escape(&cut(text, 40))));
        let _ = writeln!(out, "  n{} {arrow}{} n{}", edge.from, label.unwrap_or_default(), edge.to);
    }
    out.push_str(
        "  classDef read stroke:#0969da\n  classDef act stroke:#bc4c00,stroke-width:2px\n  classDef person stroke:#8250df\n  \
         classDef close stroke:#1a7f37\n  classDef handover stroke:#9a6700\n",
    );
    out
}

fn region(graph: &Graph, at: &Region, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    match at {
        Region::Node(id) => node(graph, *id, depth, out),
        Region::Seq(all) => all.iter().for_each(|r| region(graph, r, depth, out)),
        Region::Branch { head, aside, down } => {
            node(graph, *head, depth, out);
            aside.iter().chain(down).for_each(|arm| region(graph, &arm.region, depth, out));
        }
        Region::Frame { head, body, tail, fails } => {
            let _ = writeln!(out, "{pad}subgraph s{head}[\" \"]");
            let inner = depth.saturating_add(1);
            node(graph, *head, inner, out);
            region(graph, body, inner, out);
            tail.iter().for_each(|tail| node(graph, *tail, inner, out));
            let _ = writeln!(out, "{pad}end");
            fails.iter().for_each(|arm| region(graph, &arm.region, depth, out));
        }
        Region::AtOnce { head, members, tail } => {
            let _ = writeln!(out, "{pad}subgraph s{head}[\" \"]");
            let inner = depth.saturating_add(1);
            node(graph, *head, inner, out);
            members.iter().for_each(|r| region(graph, r, inner, out));
            node(graph, *tail, inner, out);
            let _ = writeln!(out, "{pad}end");
        }
    }
}

fn node(graph: &Graph, id: NodeId, depth: usize, out: &mut String) {
    let Some(node) = graph.nodes.get(id) else { return };
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
    let pad = "  ".repeat(depth);
    let _ = writeln!(out, "{pad}n{id}{open}\"{}\"{close}{class}", text(node));
}

fn text(node: &Node) -> String {
    let mut lines = vec![format!("{} {}", node.kind.word(), cut(&node.title, 80)).trim_end().to_string()];
    lines.extend(node.notes.iter().map(|note| cut(note, 80)));
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br/>")
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

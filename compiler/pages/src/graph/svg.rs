//! A picture as SVG: one file that needs nothing else, for light and dark surroundings.

use std::fmt::Write as _;

use super::layout::{Label, Line, Picture, Placed, Point, Style};
use super::{Graph, Kind, Node};
use crate::text::escape;

/// Colours come from the surroundings: light, unless whoever looks prefers dark; on paper always light.
const STYLE: &str = "\
.pg{--pg-back:#fff;--pg-box:#f6f8fa;--pg-line:#8c959f;--pg-text:#1f2328;--pg-dim:#59636e;--pg-read:#0969da;--pg-act:#bc4c00;\
--pg-person:#8250df;--pg-end:#1a7f37;--pg-hand:#9a6700}\
@media screen and (prefers-color-scheme:dark){.pg{--pg-back:#0d1117;--pg-box:#161b22;--pg-line:#6e7681;--pg-text:#e6edf3;--pg-dim:#9da7b3;\
--pg-read:#58a6ff;--pg-act:#f0883e;--pg-person:#bc8cff;--pg-end:#3fb950;--pg-hand:#d29922}}\
.pg-back,.pg-mark{fill:var(--pg-back)}\
.pg text{fill:var(--pg-text);font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\
.pg .pg-word{font:600 11px system-ui,\"Segoe UI\",Helvetica,Arial,\"DejaVu Sans\",sans-serif;fill:var(--pg-tone,var(--pg-dim))}\
.pg .pg-note,.pg .pg-label{font:11px system-ui,\"Segoe UI\",Helvetica,Arial,\"DejaVu Sans\",sans-serif;fill:var(--pg-dim)}\
.pg .pg-label{text-anchor:middle}\
.pg .pg-small{text-anchor:middle}\
.pg .pg-gives{fill:var(--pg-dim)}\
.pg-box{fill:var(--pg-box);stroke:var(--pg-tone,var(--pg-line));stroke-width:1.2}\
.pg-frame{fill:none;stroke:var(--pg-line);stroke-dasharray:5 4}\
.pg-line{fill:none;stroke:var(--pg-line);stroke-width:1.4}\
.pg-again{stroke-dasharray:3 3}\
.pg-tip{fill:var(--pg-line)}\
.pg-read{--pg-tone:var(--pg-read)}.pg-act{--pg-tone:var(--pg-act)}.pg-person{--pg-tone:var(--pg-person)}\
.pg-end{--pg-tone:var(--pg-end)}.pg-hand{--pg-tone:var(--pg-hand)}";

/// The picture of a playbook.
#[must_use]
pub fn svg(graph: &Graph) -> String {
    let picture = super::layout::layout(graph);
    let mut out = String::new();
    let (w, h) = (picture.width, picture.height);
    let name = escape(&graph.name);
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pg\" role=\"img\" aria-label=\"{name}\" width=\"{w}\" height=\"{h}\" \
         viewBox=\"0 0 {w} {h}\">\n<title>{name}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"pg-back\" width=\"{w}\" height=\"{h}\"/>"
    );
    draw(graph, &picture, &mut out);
    out.push_str("</svg>\n");
    out
}

fn draw(graph: &Graph, picture: &Picture, out: &mut String) {
    for frame in &picture.frames {
        let _ = writeln!(
            out,
            "<rect class=\"pg-frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>",
            frame.x, frame.y, frame.w, frame.h
        );
    }
    for line in &picture.lines {
        path(line, out);
    }
    for mark in picture.lines.iter().filter_map(|line| line.label.as_ref()) {
        label(mark, out);
    }
    for placed in &picture.boxes {
        if let Some(node) = graph.nodes.get(placed.node) {
            one(node, placed, out);
        }
    }
}

fn path(line: &Line, out: &mut String) {
    let mut d = String::new();
    for (at, (x, y)) in line.path.iter().enumerate() {
        let _ = write!(d, "{}{x} {y}", if at == 0 { 'M' } else { 'L' });
    }
    let again = if line.again { " pg-again" } else { "" };
    let _ = writeln!(out, "<path class=\"pg-line{again}\" d=\"{d}\"/>");
    if let [.., before, last] = line.path.as_slice() {
        let _ = writeln!(out, "<path class=\"pg-tip\" d=\"{}\"/>", tip(*before, *last));
    }
}

/// The head of an arrow.
fn tip((from_x, from_y): Point, (x, y): Point) -> String {
    let (dx, dy) = ((x - from_x).signum(), (y - from_y).signum());
    let (back_x, back_y) = (x - 7 * dx, y - 7 * dy);
    let (a, b) = ((back_x + 4 * dy, back_y + 4 * dx), (back_x - 4 * dy, back_y - 4 * dx));
    format!("M{x} {y}L{} {}L{} {}Z", a.0, a.1, b.0, b.1)
}

fn label(label: &Label, out: &mut String) {
    let at = label.at;
    let _ = writeln!(
        out,
        "<g><title>{}</title><rect class=\"pg-mark\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>\
         <text class=\"pg-label\" x=\"{}\" y=\"{}\">{}</text></g>",
        escape(&label.text),
        at.x,
        at.y,
        at.w,
        at.h,
        at.x + at.w / 2,
        at.y + 13,
        escape(&label.shown)
    );
}

fn one(node: &Node, placed: &Placed, out: &mut String) {
    let at = placed.at;
    let tone = tone(node.kind);
    let round = if matches!(node.kind, Kind::Start | Kind::Close | Kind::HandOver) { 16 } else { 5 };
    let _ = write!(out, "<g class=\"{tone}\"><title>{}</title>", escape(&whole(node)));
    let _ = write!(
        out,
        "<rect class=\"pg-box\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{round}\"/>",
        at.x, at.y, at.w, at.h
    );
    let small = matches!(node.kind, Kind::AtOnce | Kind::Answered | Kind::Next);
    for line in &placed.text {
        let class = match line.style {
            Style::Word if small => "pg-word pg-small",
            Style::Word => "pg-word",
            Style::Title => "pg-title",
            Style::Note => "pg-note",
            Style::Gives => "pg-gives",
        };
        let x = if small { at.x + at.w / 2 } else { at.x + 12 };
        let _ = write!(
            out,
            "<text class=\"{class}\" x=\"{x}\" y=\"{}\">{}</text>",
            at.y + line.y,
            escape(&line.text)
        );
    }
    out.push_str("</g>\n");
}

/// All that is known of a box, for who points at it and for readers of screens.
fn whole(node: &Node) -> String {
    let mut text = format!("{} {}", node.kind.word(), node.title);
    for note in &node.notes {
        text.push_str("; ");
        text.push_str(note);
    }
    if !node.gives.is_empty() {
        text.push_str("; gives ");
        text.push_str(&node.gives.join(", "));
    }
    let (path, line) = &node.place;
    let _ = write!(text, " ({path}:{line})");
    text
}

fn tone(kind: Kind) -> &'static str {
    match kind {
        Kind::Read | Kind::Wait => "pg-read",
        Kind::Act | Kind::Rollback => "pg-act",
        Kind::Ask | Kind::Approve => "pg-person",
        Kind::Close => "pg-end",
        Kind::HandOver => "pg-hand",
        _ => "pg-plain",
    }
}

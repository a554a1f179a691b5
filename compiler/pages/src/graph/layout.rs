//! Where everything stands: boxes on a spine that goes down, what is beside the way to the right of it.
//!
//! A part of the picture is laid out by itself, with its spine at 0 and its top at 0, and then put where it belongs. It is entered on its
//! spine at the top (or from the left, at the height of its first box), and left on its spine at the bottom; so what is between two parts
//! is theirs alone, and no line of one reaches into another. All is in whole pixels, and depends on nothing but the text.

use super::boxes::measure;
use super::{Arm, Graph, Node, NodeId, Region};
use crate::text::LETTERS;

/// A point: to the right, and down.
pub type Point = (i32, i32);

/// A picture that is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// How wide it is.
    pub width: i32,
    /// How high it is.
    pub height: i32,
    /// One a node, in the order of the nodes.
    pub boxes: Vec<Placed>,
    /// What stands round boxes, the outer ones first.
    pub frames: Vec<Rect>,
    /// One an edge, in no order that means anything.
    pub lines: Vec<Line>,
}

/// A rectangle: its left upper corner, and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Left.
    pub x: i32,
    /// Top.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

/// A box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which.
    pub node: NodeId,
    /// Where.
    pub at: Rect,
    /// What is written in it, from top to bottom.
    pub text: Vec<Text>,
}

/// A line of text in a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What part of the box it is.
    pub style: Style,
    /// The text.
    pub text: String,
    /// Its base line, below the top of the box.
    pub y: i32,
}

/// How a line of text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What the box is.
    Word,
    /// What is done.
    Title,
    /// What else is known.
    Note,
    /// What its result is called.
    Gives,
}

/// A line between two boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From where.
    pub from: NodeId,
    /// To where.
    pub to: NodeId,
    /// In which case, and where that is written.
    pub label: Option<Label>,
    /// Back to the beginning of a frame.
    pub again: bool,
    /// From one box to the other; each piece goes straight down, up or aside.
    pub path: Vec<Point>,
}

/// What is written on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The whole of it.
    pub text: String,
    /// As much of it as fits.
    pub shown: String,
    /// The place for it.
    pub at: Rect,
}

/// Between what is above and what is below.
const GAP: i32 = 32;
/// From the top of a box to where a line enters it from the left or leaves it to the right.
const SIDE: i32 = 20;
/// The same, of lines within a frame; below the others, so that none has to cross them.
pub(super) const LANE: i32 = 36;
/// Between a frame and what is in it.
const PAD: i32 = 14;
const LABEL: i32 = 18;
/// What fits on a line, in hundredths of the size of the font.
const LABEL_ROOM: usize = 1_640;

/// Lays a graph out.
#[must_use]
pub fn layout(graph: &Graph) -> Picture {
    let lay = Lay { nodes: &graph.nodes };
    let mut part = lay.region(&graph.root);
    let margin = 16;
    part.shift(part.left + margin, margin);
    part.boxes.sort_by_key(|b| b.node);
    let mut frames = part.frames;
    frames.reverse();
    Picture {
        width: part.left + part.right + 2 * margin,
        height: part.height + 2 * margin,
        boxes: part.boxes,
        frames,
        lines: part.lines,
    }
}

/// A part of the picture.
#[derive(Default)]
struct Part {
    /// How far it reaches to the left of its spine.
    left: i32,
    /// The same to the right.
    right: i32,
    height: i32,
    /// Its first box: which, its left edge and its top; none of what has no box.
    entry: Option<(NodeId, Point)>,
    boxes: Vec<Placed>,
    frames: Vec<Rect>,
    lines: Vec<Line>,
    /// What leads on, each as far as the bottom of the spine.
    opens: Vec<Open>,
}

/// A line that leads nowhere yet.
struct Open {
    from: NodeId,
    label: Option<Label>,
    path: Vec<Point>,
}

impl Part {
    fn shift(&mut self, dx: i32, dy: i32) {
        let moved = |p: &mut Point| *p = (p.0 + dx, p.1 + dy);
        let put = |r: &mut Rect| (r.x, r.y) = (r.x + dx, r.y + dy);
        self.entry.iter_mut().for_each(|(_, p)| moved(p));
        self.boxes.iter_mut().for_each(|b| put(&mut b.at));
        self.frames.iter_mut().for_each(put);
        for line in &mut self.lines {
            line.path.iter_mut().for_each(moved);
            line.label.iter_mut().for_each(|l| put(&mut l.at));
        }
        for open in &mut self.opens {
            open.path.iter_mut().for_each(moved);
            open.label.iter_mut().for_each(|l| put(&mut l.at));
        }
    }

    /// Takes in all of another part but what leads into it and on from it, which it gives back.
    fn take(&mut self, mut other: Part) -> Vec<Open> {
        self.boxes.append(&mut other.boxes);
        self.frames.append(&mut other.frames);
        self.lines.append(&mut other.lines);
        other.opens
    }

    fn reaches(&mut self, left: i32, right: i32) {
        self.left = self.left.max(left);
        self.right = self.right.max(right);
    }

    fn line(&mut self, from: NodeId, to: NodeId, label: Option<Label>, path: Vec<Point>) {
        self.lines.push(Line { from, to, label, again: false, path: straight(path) });
    }
}

/// A path without points that lie on the way anyway.
fn straight(path: Vec<Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for p in path {
        if kept.last() == Some(&p) {
            continue;
        }
        if let [.., a, b] = kept.as_slice()
            && (a.0 == b.0 && b.0 == p.0 || a.1 == b.1 && b.1 == p.1)
        {
            kept.pop();
        }
        kept.push(p);
    }
    kept
}

/// A label with its middle there; none of an empty text.
fn label(text: &str, x: i32, y: i32) -> Option<Label> {
    if text.is_empty() {
        return None;
    }
    let w = label_width(text);
    let at = Rect { x: x - w / 2, y: y - LABEL / 2, w, h: LABEL };
    Some(Label { text: text.to_string(), shown: LETTERS.cut(text, LABEL_ROOM), at })
}

fn label_width(text: &str) -> i32 {
    match i32::try_from(LETTERS.width(text).min(LABEL_ROOM)).unwrap_or(0) {
        0 => 0,
        // Set in 11 pixels; five are free on each side.
        room => (room * 11 + 99) / 100 + 10,
    }
}

struct Lay<'a> {
    nodes: &'a [Node],
}

impl Lay<'_> {
    /// A box on the spine, with its top at 0; its size and what leads on from it.
    fn single(&self, id: NodeId) -> Part {
        let Some(node) = self.nodes.get(id) else { return Part::default() };
        let (at, text) = measure(node);
        let opens = if node.kind.ends() { Vec::new() } else { vec![self.open(id, "", at.h)] };
        Part {
            left: at.w / 2,
            right: at.w / 2,
            height: at.h,
            entry: Some((id, (at.x, 0))),
            boxes: vec![Placed { node: id, at, text }],
            opens,
            ..Part::default()
        }
    }

    /// What leads on from the bottom of a box.
    fn open(&self, from: NodeId, text: &str, bottom: i32) -> Open {
        Open { from, label: label(text, 0, bottom + GAP / 2 - 1), path: vec![(0, bottom)] }
    }

    fn region(&self, region: &Region) -> Part {
        match region {
            Region::Node(id) => self.single(*id),
            Region::Seq(all) => self.seq(all.iter().map(|r| self.region(r)).collect()),
            Region::Branch { head, aside, down } => self.branch(*head, aside, down),
            Region::Frame { head, body, tail, fails } => {
                let framed = self.frame(*head, body, *tail);
                match fails {
                    Some(arm) => self.fails(framed, *head, arm),
                    None => framed,
                }
            }
            Region::AtOnce { head, members, tail } => self.at_once(*head, members, *tail),
        }
    }

    /// One below the other.
    fn seq(&self, parts: Vec<Part>) -> Part {
        let mut whole = Part::default();
        for mut part in parts {
            let Some((_, (_, entry_y))) = part.entry else { continue };
            let y = if whole.entry.is_some() { whole.height + GAP } else { 0 };
            part.shift(0, y);
            whole.reaches(part.left, part.right);
            whole.height = y + part.height;
            for mut open in std::mem::take(&mut whole.opens) {
                open.path.push((0, y + entry_y));
                if let Some((to, _)) = part.entry {
                    whole.line(open.from, to, open.label, open.path);
                }
            }
            whole.entry = whole.entry.or(part.entry);
            whole.opens = whole.take(part);
        }
        whole
    }

    fn branch(&self, head: NodeId, aside: &[Arm], down: &[Arm]) -> Part {
        let mut whole = self.single(head);
        whole.opens.clear();
        let own = whole.height;
        let right = whole.right;
        let beside = self.aside(&mut whole, head, right, aside);
        let bottom = whole.entry.map_or(0, |(_, (_, y))| y) + own;
        match down {
            [arm] => {
                let room = if beside.is_empty() { 0 } else { bottom + GAP };
                whole.height = whole.height.max(room);
                let height = whole.height;
                let mut open = self.open(head, &arm.label, bottom);
                open.path.push((0, height));
                whole.opens.push(open);
                merge(&mut whole, beside);
            }
            arms => self.fan(&mut whole, head, bottom, arms),
        }
        whole
    }

    /// Puts what is beside the way to the right, one below the other, the first at the height of the head. Gives what leads on.
    fn aside(&self, whole: &mut Part, head: NodeId, from: i32, arms: &[Arm]) -> Vec<Open> {
        let Some((_, (head_x, _))) = whole.entry else { return Vec::new() };
        let parts: Vec<(&Arm, Part)> = arms.iter().map(|arm| (arm, self.region(&arm.region))).collect();
        // The first box of what is beside may stand in a frame: the head comes down to its height then.
        let first = parts.first().and_then(|(_, p)| p.entry).map_or(0, |(_, (_, y))| y);
        let own = whole.entry.map_or(0, |(_, (_, y))| y);
        let down = (first - own).max(0);
        whole.shift(0, down);
        whole.height += down;
        let head_y = own + down;

        let widest = arms.iter().map(|arm| label_width(&arm.label)).max().unwrap_or(0);
        let lane = from + 14;
        let column = lane + widest + 26;
        let mut y = head_y - first;
        let mut beside = Vec::new();
        for (arm, mut part) in parts {
            let Some((to, (_, entry_y))) = part.entry else { continue };
            let x = column + part.left;
            part.shift(x, y);
            let line_y = y + entry_y + SIDE;
            let edge = part.entry.map_or(x, |(_, (left, _))| left);
            let path = vec![(-head_x, head_y + SIDE), (lane, head_y + SIDE), (lane, line_y), (edge, line_y)];
            let text = label(&arm.label, lane + 8 + widest / 2, line_y);
            whole.line(head, to, text, path);
            whole.reaches(0, x + part.right);
            y += part.height;
            whole.height = whole.height.max(y);
            y += GAP / 2;
            beside.extend(whole.take(part));
        }
        beside
    }

    /// Columns beside each other, the first below the head.
    fn fan(&self, whole: &mut Part, head: NodeId, bottom: i32, arms: &[Arm]) {
        let bus = whole.height + 14;
        let top = bus + LABEL + 20;
        let mut x = 0;
        let mut lowest = top;
        let mut ways = Vec::new();
        for (index, arm) in arms.iter().enumerate() {
            let mut part = self.region(&arm.region);
            let room = label_width(&arm.label) / 2 + 8;
            part.reaches(room, room);
            if index > 0 {
                x += 24 + part.left;
            }
            part.shift(x, top);
            let text = label(&arm.label, x, bus + 6 + LABEL / 2);
            let mut path = vec![(0, bottom), (0, bus), (x, bus)];
            lowest = lowest.max(top + part.height);
            whole.reaches(part.left - x, x + part.right);
            let right = x + part.right;
            if let Some((to, (_, y))) = part.entry {
                path.push((x, y));
                whole.line(head, to, text, path);
                ways.extend(whole.take(part));
            } else {
                path.push((x, top));
                ways.push(Open { from: head, label: text, path });
            }
            x = right;
        }
        whole.height = lowest;
        merge(whole, ways);
    }

    /// What is in a frame, below its head.
    fn frame(&self, head: NodeId, body: &Region, tail: Option<NodeId>) -> Part {
        let head_part = self.single(head);
        let body = self.region(body);
        let none = body.entry.is_some() && body.opens.is_empty();
        let mut whole = self.seq(vec![head_part, body]);
        if let Some(tail) = tail {
            let lane = whole.left + PAD;
            whole.reaches(lane, 0);
            let head_left = whole.entry.map_or(0, |(_, (x, _))| x);
            let mut last = self.single(tail);
            let tail_left = last.entry.map_or(0, |(_, (x, _))| x);
            let middle = last.height / 2;
            if none {
                let y = whole.height + GAP;
                last.shift(0, y);
                whole.height = y + last.height;
                let path =
                    vec![(head_left, LANE), (-lane, LANE), (-lane, y + middle), (tail_left, y + middle)];
                whole.opens = whole.take(last);
                let text = label("none", tail_left - 24, y + middle);
                whole.line(head, tail, text, path);
            } else {
                let y = whole.height + GAP;
                whole = self.seq(vec![whole, last]);
                let path =
                    vec![(tail_left, y + middle), (-lane, y + middle), (-lane, LANE), (head_left, LANE)];
                whole.lines.push(Line { from: tail, to: head, label: None, again: true, path });
            }
        }
        self.framed(whole)
    }

    /// Draws a frame round a part.
    fn framed(&self, mut whole: Part) -> Part {
        whole.shift(0, PAD);
        whole.height += 2 * PAD;
        whole.left += PAD;
        whole.right += PAD;
        let (w, h) = (whole.left + whole.right, whole.height);
        whole.frames.push(Rect { x: -whole.left, y: 0, w, h });
        let height = whole.height;
        for open in &mut whole.opens {
            open.path.push((0, height));
        }
        whole
    }

    /// Puts what is done when a step fails to the right of its frame.
    fn fails(&self, mut whole: Part, head: NodeId, arm: &Arm) -> Part {
        let beside = if arm.region.is_empty() {
            Vec::new()
        } else {
            let right = whole.right;
            self.aside(&mut whole, head, right, std::slice::from_ref(arm))
        };
        let height = whole.height;
        for open in &mut whole.opens {
            open.path.push((0, height));
        }
        merge(&mut whole, beside);
        whole
    }

    /// Reads that do not need each other: a list, and one line that leads to each.
    fn at_once(&self, head: NodeId, members: &[Region], tail: NodeId) -> Part {
        let mut whole = self.single(head);
        whole.opens.clear();
        let head_left = whole.entry.map_or(0, |(_, (x, _))| x);
        let parts: Vec<Part> = members.iter().map(|r| self.region(r)).collect();
        let lane = parts.iter().map(|p| p.left).max().unwrap_or(0).max(whole.left) + PAD;
        whole.reaches(lane, 0);
        let mut y = whole.height + GAP / 2;
        let comb = |y: i32, edge: i32| vec![(head_left, LANE), (-lane, LANE), (-lane, y), (edge, y)];
        for mut part in parts {
            part.shift(0, y);
            y += part.height + GAP / 2;
            whole.reaches(part.left, part.right);
            if let Some((to, (edge, top))) = part.entry {
                whole.line(head, to, None, comb(top + SIDE, edge));
            }
            // Whatever they give, the way goes on from the last box.
            whole.take(part);
        }
        let mut last = self.single(tail);
        let (edge, middle) = (last.entry.map_or(0, |(_, (x, _))| x), last.height / 2);
        last.shift(0, y);
        whole.height = y + last.height;
        whole.line(head, tail, None, comb(y + middle, edge));
        whole.opens = whole.take(last);
        self.framed(whole)
    }
}

/// Leads these to the spine, below everything, and on with the rest.
fn merge(whole: &mut Part, ways: Vec<Open>) {
    if ways.is_empty() {
        return;
    }
    let bus = whole.height + GAP / 2;
    whole.height = bus;
    for open in &mut whole.opens {
        open.path.push((0, bus));
    }
    for mut open in ways {
        let x = open.path.last().map_or(0, |p| p.0);
        open.path.push((x, bus));
        open.path.push((0, bus));
        whole.opens.push(open);
    }
}

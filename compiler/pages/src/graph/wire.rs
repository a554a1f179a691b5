//! Who goes on to whom. The layout draws these and no others, and each of them once.

use super::{Edge, Node, NodeId, Region};

/// A way on that leads nowhere yet.
#[derive(Clone)]
struct Open {
    from: NodeId,
    label: Option<String>,
}

/// All of them, sorted.
pub(crate) fn edges(root: &Region, nodes: &[Node]) -> Vec<Edge> {
    let mut wire = Wire { nodes, edges: Vec::new() };
    wire.region(root, Vec::new());
    wire.edges.sort();
    wire.edges
}

struct Wire<'a> {
    nodes: &'a [Node],
    edges: Vec<Edge>,
}

impl Wire<'_> {
    fn enter(&mut self, opens: Vec<Open>, to: NodeId) {
        let edges = opens.into_iter().map(|o| Edge { from: o.from, to, label: o.label, again: false });
        self.edges.extend(edges);
    }

    fn on(&self, from: NodeId, label: &str) -> Vec<Open> {
        if self.nodes.get(from).is_some_and(|n| n.kind.ends()) {
            return Vec::new();
        }
        vec![Open { from, label: Some(label.to_string()).filter(|l| !l.is_empty()) }]
    }

    /// What leads on behind a region that these lead to.
    fn region(&mut self, region: &Region, opens: Vec<Open>) -> Vec<Open> {
        match region {
            Region::Node(id) => {
                self.enter(opens, *id);
                self.on(*id, "")
            }
            Region::Seq(all) => all.iter().fold(opens, |opens, r| self.region(r, opens)),
            Region::Branch { head, aside, down } => {
                self.enter(opens, *head);
                let mut behind = Vec::new();
                for arm in aside.iter().chain(down) {
                    let opens = self.on(*head, &arm.label);
                    behind.extend(self.region(&arm.region, opens));
                }
                behind
            }
            Region::Frame { head, body, tail, fails } => {
                self.enter(opens, *head);
                let opens = self.on(*head, "");
                let mut behind = self.region(body, opens);
                if let Some(tail) = tail {
                    if behind.is_empty() {
                        // Each pass ends the run: there is a way on where the list is empty.
                        behind = self.on(*head, "none");
                    } else {
                        self.edges.push(Edge { from: *tail, to: *head, label: None, again: true });
                    }
                    self.enter(behind, *tail);
                    behind = self.on(*tail, "");
                }
                if let Some(arm) = fails {
                    let opens = self.on(*head, &arm.label);
                    behind.extend(self.region(&arm.region, opens));
                }
                behind
            }
            Region::AtOnce { head, members, tail } => {
                self.enter(opens, *head);
                for member in members {
                    let opens = self.on(*head, "");
                    self.region(member, opens);
                }
                let opens = self.on(*head, "");
                self.enter(opens, *tail);
                self.on(*tail, "")
            }
        }
    }
}

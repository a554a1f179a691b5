//! Who needs what of whom.

use std::collections::BTreeMap;

use super::{Data, Node, NodeId, Region};

/// All results that are needed elsewhere, sorted.
#[must_use]
pub fn data(root: &Region, nodes: &[Node]) -> Vec<Data> {
    let mut walk = Walk { nodes, found: Vec::new() };
    walk.region(root, &mut BTreeMap::new());
    walk.found.sort();
    walk.found.dedup();
    walk.found
}

/// Which box a name stands for.
type Names = BTreeMap<String, NodeId>;

struct Walk<'a> {
    nodes: &'a [Node],
    found: Vec<Data>,
}

impl Walk<'_> {
    fn node(&mut self, id: NodeId, names: &mut Names) {
        let Some(node) = self.nodes.get(id) else { return };
        for name in &node.names {
            if let Some(from) = names.get(name).filter(|from| **from != id) {
                self.found.push(Data { from: *from, to: id, name: name.clone() });
            }
        }
        names.extend(node.gives.iter().map(|name| (name.clone(), id)));
    }

    /// What is named in it is known behind it as well, where it is one of a sequence.
    fn region(&mut self, region: &Region, names: &mut Names) {
        match region {
            Region::Node(id) => self.node(*id, names),
            Region::Seq(all) => all.iter().for_each(|r| self.region(r, names)),
            Region::Branch { head, aside, down } => {
                self.node(*head, names);
                for arm in aside.iter().chain(down) {
                    self.region(&arm.region, &mut names.clone());
                }
            }
            Region::Frame { head, body, tail, fails } => {
                let outside = names.clone();
                self.node(*head, names);
                let procedure = self.nodes.get(*head).is_some_and(|n| n.kind == super::Kind::Procedure);
                // A procedure knows its parameters alone.
                let mut within = if procedure { Names::new() } else { names.clone() };
                self.region(body, &mut within);
                if let Some(tail) = tail {
                    *names = outside.clone();
                    self.node(*tail, names);
                }
                if let Some(arm) = fails {
                    self.region(&arm.region, &mut outside.clone());
                }
            }
            Region::AtOnce { head, members, tail } => {
                self.node(*head, names);
                members.iter().for_each(|r| self.region(r, names));
                self.node(*tail, names);
            }
        }
    }
}

//! A picture from top to bottom, as boxes and the frames round them: for all who do not place the boxes themselves.

use super::{NodeId, Region};

/// A step of the way through a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A frame begins; its first box is the next part.
    Open(NodeId),
    /// A box.
    Node(NodeId),
    /// The frame that was opened last ends.
    Close,
}

impl Region {
    /// All its boxes, each once, in source order.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeId> {
        let node = |(_, part)| if let Part::Node(id) = part { Some(id) } else { None };
        self.outline().into_iter().filter_map(node).collect()
    }

    /// Its boxes and frames in source order, each with how many frames are round it.
    pub(super) fn outline(&self) -> Vec<(usize, Part)> {
        let mut all = Vec::new();
        self.walk(0, &mut all);
        all
    }

    fn walk(&self, depth: usize, all: &mut Vec<(usize, Part)>) {
        match self {
            Self::Node(id) => all.push((depth, Part::Node(*id))),
            Self::Seq(parts) => parts.iter().for_each(|r| r.walk(depth, all)),
            Self::Branch { head, aside, down } => {
                all.push((depth, Part::Node(*head)));
                aside.iter().chain(down).for_each(|arm| arm.region.walk(depth, all));
            }
            Self::Frame { head, body, tail, fails } => {
                frame(depth, *head, std::slice::from_ref(&**body), *tail, all);
                fails.iter().for_each(|arm| arm.region.walk(depth, all));
            }
            Self::AtOnce { head, members, tail } => frame(depth, *head, members, Some(*tail), all),
        }
    }
}

fn frame(depth: usize, head: NodeId, body: &[Region], tail: Option<NodeId>, all: &mut Vec<(usize, Part)>) {
    let inner = depth.saturating_add(1);
    all.push((depth, Part::Open(head)));
    all.push((inner, Part::Node(head)));
    body.iter().for_each(|r| r.walk(inner, all));
    all.extend(tail.map(|tail| (inner, Part::Node(tail))));
    all.push((depth, Part::Close));
}

#[cfg(test)]
mod tests {
    use super::super::Arm;
    use super::*;

    #[test]
    fn a_frame_is_round_its_boxes_and_not_round_what_is_done_when_it_fails() {
        let fails = Arm { label: "fails".into(), region: Region::Node(3) };
        let body = Box::new(Region::Seq(vec![Region::Node(1), Region::empty()]));
        let step = Region::Frame { head: 0, body, tail: Some(2), fails: Some(Box::new(fails)) };
        assert_eq!(
            step.outline(),
            [
                (0, Part::Open(0)),
                (1, Part::Node(0)),
                (1, Part::Node(1)),
                (1, Part::Node(2)),
                (0, Part::Close),
                (0, Part::Node(3)),
            ]
        );
        assert_eq!(step.nodes(), [0, 1, 2, 3]);
    }
}

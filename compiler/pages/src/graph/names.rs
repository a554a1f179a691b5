//! Which box a name stands for, and with that who needs what of whom.

use play_syntax::ast::{Expr, Name, Span};

use super::{Data, NodeId, words};

/// The names that are known at a place, as a playbook is gone through from top to bottom.
#[derive(Default)]
pub(crate) struct Names {
    /// The box whose result each stands for, if it is that of a box. The last of a name counts.
    known: Vec<(String, Option<NodeId>)>,
    /// Where names are given, and by which box.
    given: Vec<(Span, NodeId)>,
    data: Vec<Data>,
}

impl Names {
    /// What a box speaks of it needs of the boxes that gave it.
    pub(crate) fn needs(&mut self, to: NodeId, of: &Expr) {
        let mut spoken = Vec::new();
        words::names(of, &mut spoken);
        for name in spoken {
            let known = self.known.iter().rev().find(|(known, _)| *known == name);
            if let Some(from) = known.and_then(|(_, from)| *from).filter(|from| *from != to) {
                self.data.push(Data { from, to, name });
            }
        }
    }

    /// A box gives a name; it is not known yet.
    pub(crate) fn gives(&mut self, id: NodeId, name: &Name) {
        self.given.push((name.span, id));
    }

    /// From here on a name stands for what a box has given it.
    pub(crate) fn knows(&mut self, name: &Name) {
        let given = self.given.iter().rev().find(|(at, _)| *at == name.span);
        if let Some((_, id)) = given {
            self.known.push((name.text.as_str().to_string(), Some(*id)));
        }
    }

    /// From here on a name stands for something that is not the result of a box.
    pub(crate) fn hides(&mut self, name: &Name) {
        self.known.push((name.text.as_str().to_string(), None));
    }

    /// Where a part begins that has names of its own.
    pub(crate) fn enter(&self) -> usize {
        self.known.len()
    }

    /// Forgets what has become known since it began.
    pub(crate) fn leave(&mut self, entered: usize) {
        self.known.truncate(entered);
    }

    /// Forgets all names, and gives them back for [`Names::again`]: a procedure knows its parameters alone.
    pub(crate) fn none(&mut self) -> Vec<(String, Option<NodeId>)> {
        std::mem::take(&mut self.known)
    }

    /// Knows again what it has forgotten.
    pub(crate) fn again(&mut self, known: Vec<(String, Option<NodeId>)>) {
        self.known = known;
    }

    /// Who needs what of whom, sorted.
    pub(crate) fn data(mut self) -> Vec<Data> {
        self.data.sort();
        self.data.dedup();
        self.data
    }
}

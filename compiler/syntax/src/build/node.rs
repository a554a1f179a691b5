//! The parser's tree, laid out so that it costs little to walk: each node knows where the one behind it stands. Pest's own pairs count
//! references for each step.

use pest::Token;
use pest::iterators::Pair;

use crate::grammar::Rule;
use crate::lexer::offset;

/// A node as it is kept.
struct Kept {
    rule: Rule,
    /// Its symbols.
    start: u32,
    end: u32,
    /// Where the node stands that is not inside of it any more.
    behind: u32,
    /// How many are directly inside of it.
    inside: u32,
}

/// The nodes of one item: each before what is inside of it.
pub(crate) struct Tree(Vec<Kept>);

impl Tree {
    /// That of an item whose first symbol is `base` behind the first that was parsed.
    pub(crate) fn of(root: Pair<'_, Rule>, base: usize) -> Self {
        // Each symbol is two bytes of the parser's input.
        let symbol = |at: usize| offset((at / 2).saturating_sub(base));
        let mut all: Vec<Kept> = Vec::with_capacity(root.as_str().len());
        let mut open: Vec<usize> = Vec::with_capacity(16);
        for token in root.tokens() {
            match token {
                Token::Start { rule, pos } => {
                    if let Some(round) = open.last().and_then(|at| all.get_mut(*at)) {
                        round.inside = round.inside.saturating_add(1);
                    }
                    open.push(all.len());
                    all.push(Kept { rule, start: symbol(pos.pos()), end: 0, behind: 0, inside: 0 });
                }
                Token::End { pos, .. } => {
                    let behind = offset(all.len());
                    if let Some(node) = open.pop().and_then(|at| all.get_mut(at)) {
                        (node.end, node.behind) = (symbol(pos.pos()), behind);
                    }
                }
            }
        }
        Self(all)
    }

    /// The outermost of them.
    pub(crate) fn root(&self) -> Node<'_> {
        Node { all: &self.0, at: 0 }
    }
}

/// A node of the tree: one rule, and what it matched.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    all: &'t [Kept],
    at: usize,
}

impl<'t> Node<'t> {
    pub(crate) fn as_rule(&self) -> Rule {
        self.all.get(self.at).map_or(Rule::EOI, |kept| kept.rule)
    }

    /// The index of its first symbol.
    pub(crate) fn start(&self) -> usize {
        self.all.get(self.at).map_or(0, |kept| kept.start as usize)
    }

    /// The index behind its last symbol.
    pub(crate) fn end(&self) -> usize {
        self.all.get(self.at).map_or(0, |kept| kept.end as usize)
    }

    /// What is directly inside of it, in order.
    pub(crate) fn into_inner(self) -> Nodes<'t> {
        let left = self.all.get(self.at).map_or(0, |kept| kept.inside as usize);
        Nodes { all: self.all, at: self.at.saturating_add(1), left }
    }
}

/// Nodes beside each other.
#[derive(Clone)]
pub(crate) struct Nodes<'t> {
    all: &'t [Kept],
    at: usize,
    left: usize,
}

impl Nodes<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.left == 0
    }
}

impl<'t> Iterator for Nodes<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        self.left = self.left.checked_sub(1)?;
        let node = Node { all: self.all, at: self.at };
        self.at = self.all.get(self.at)?.behind as usize;
        Some(node)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Nodes<'_> {}

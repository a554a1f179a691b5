//! How far a line is indented: by the brackets round it, and one step more when it goes on with the line before.

use super::Line;
use crate::stream::pieces;
use crate::token::{Token, TokenKind as K};

/// A bracket that is open.
struct Open {
    kind: K,
    /// The indent of the line it stands on.
    outside: usize,
    /// The indent of the lines inside.
    inside: usize,
    /// Whether it is the body of a connector, where clauses stand below their action.
    connector: bool,
    /// Whether an action began in it.
    action: bool,
}

/// Gives each line its indent.
pub(super) fn indent(tokens: &[Token], begins: &[bool], lines: &mut [Line]) {
    let mut state = State { begins, open: Vec::new(), item: None, last: None };
    for line in lines.iter_mut() {
        let significant =
            line.tokens.iter().copied().find(|i| tokens.get(*i).is_some_and(|t| !t.kind.is_trivia()));
        if let Some(first) = significant {
            line.in_braces = state.open.last().is_some_and(|o| o.kind == K::LBrace);
            line.indent = state.indent_of(tokens, first);
            state.walk(tokens, line);
        }
    }
    // A line of comments belongs to what comes after it, or else to the brackets that it stands in.
    let mut below: Option<(usize, bool)> = None;
    for line in lines.iter_mut().rev() {
        let first = line.tokens.iter().copied().find_map(|i| tokens.get(i).filter(|t| !t.kind.is_trivia()));
        match (first, below) {
            (Some(t), _) => {
                let closes = matches!(t.kind, K::RBrace | K::RParen | K::RBrack);
                below = Some((line.indent, closes));
            }
            (None, Some((indent, closes))) => line.indent = indent + usize::from(closes),
            (None, None) => line.indent = 0,
        }
    }
}

struct State<'a> {
    begins: &'a [bool],
    open: Vec<Open>,
    /// The word that begins the item we are in.
    item: Option<K>,
    /// The last significant kind.
    last: Option<K>,
}

impl State<'_> {
    fn indent_of(&mut self, tokens: &[Token], first: usize) -> usize {
        let kind = tokens.get(first).map_or(K::Unknown, |t| t.kind);
        let begins = self.begins.get(first).copied().unwrap_or(false);
        let Some(top) = self.open.last_mut() else {
            let belongs = begins || self.last.is_none() || kind == K::LBrace || self.follows_brace(kind);
            return usize::from(!belongs);
        };
        if matches!(kind, K::RBrace | K::RParen | K::RBrack) {
            return top.outside;
        }
        if top.connector && begins {
            let head = matches!(kind, K::Read | K::Write | K::Event);
            top.action |= head;
            return top.inside + usize::from(top.action && !head);
        }
        let base = top.inside;
        let fresh = begins || matches!(self.last, Some(K::LBrace | K::LParen | K::LBrack | K::Comma));
        base + usize::from(!fresh && kind != K::LBrace && !self.follows_brace(kind))
    }

    /// `else` below the brace that closes its `if`.
    fn follows_brace(&self, kind: K) -> bool {
        kind == K::Else && self.last == Some(K::RBrace)
    }

    fn walk(&mut self, tokens: &[Token], line: &Line) {
        for i in &line.tokens {
            let Some(t) = tokens.get(*i).filter(|t| !t.kind.is_trivia()) else { continue };
            if self.open.is_empty() && self.begins.get(*i).copied().unwrap_or(false) {
                self.item = Some(t.kind);
            }
            match t.kind {
                K::LBrace | K::LParen | K::LBrack | K::InterpOpen => {
                    let connector =
                        self.open.is_empty() && self.item == Some(K::Connector) && t.kind == K::LBrace;
                    let outside = line.indent;
                    self.open.push(Open {
                        kind: t.kind,
                        outside,
                        inside: outside + 1,
                        connector,
                        action: false,
                    });
                }
                K::RBrace | K::RParen | K::RBrack | K::InterpClose => {
                    self.open.pop();
                }
                _ => {}
            }
            self.last = Some(t.kind);
        }
    }
}

/// For each token, whether a statement or an item begins with it.
pub(super) fn statement_starts(tokens: &[Token]) -> Vec<bool> {
    let mut starts = vec![false; tokens.len()];
    for piece in pieces(0, tokens, &mut Vec::new()) {
        let mut fresh = true;
        for s in &piece.symbols {
            if s.kind == K::StmtEnd {
                fresh = true;
                continue;
            }
            if let (true, Some(start)) = (fresh, starts.get_mut(s.first)) {
                *start = true;
            }
            fresh = false;
        }
    }
    starts
}

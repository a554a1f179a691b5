//! Which brackets belong to each other among the symbols of an item, where each has its partner.

use std::ops::Range;

use crate::stream::Symbol;
use crate::token::TokenKind as K;

/// Whether it opens a bracket.
fn opens(kind: K) -> bool {
    matches!(kind, K::LBrace | K::LParen | K::LBrack | K::InterpOpen)
}

/// Whether it closes one.
fn closes(kind: K) -> bool {
    matches!(kind, K::RBrace | K::RParen | K::RBrack | K::InterpClose)
}

/// The innermost bracket that is open right before `at`.
pub(crate) fn opener(symbols: &[Symbol], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let before = symbols.iter().enumerate().take(at);
    before.rev().find_map(|(i, s)| {
        depth = match s.kind {
            kind if closes(kind) => depth.saturating_add(1),
            kind if opens(kind) => match depth.checked_sub(1) {
                Some(less) => less,
                None => return Some(i),
            },
            _ => depth,
        };
        None
    })
}

/// What closes the innermost bracket that is open right before `at`.
pub(crate) fn closer(symbols: &[Symbol], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    symbols.iter().enumerate().skip(at).find_map(|(i, s)| {
        depth = match s.kind {
            kind if opens(kind) => depth.saturating_add(1),
            kind if closes(kind) => match depth.checked_sub(1) {
                Some(less) => less,
                None => return Some(i),
            },
            _ => depth,
        };
        None
    })
}

/// The symbols of a range that are in no brackets of it; of a pair its opener.
pub(crate) fn level(symbols: &[Symbol], range: Range<usize>) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut level = Vec::new();
    for (i, s) in symbols.iter().enumerate().take(range.end).skip(range.start) {
        if closes(s.kind) {
            depth = depth.saturating_sub(1);
            continue;
        }
        if depth == 0 {
            level.push(i);
        }
        if opens(s.kind) {
            depth = depth.saturating_add(1);
        }
    }
    level
}

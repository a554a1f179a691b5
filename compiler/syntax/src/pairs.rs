//! Which brackets belong to each other among the symbols of an item, where each has its partner.

use std::ops::Range;

use crate::stream::Symbol;
use crate::token::TokenKind as K;

/// The innermost bracket that is open right before `at`.
pub(crate) fn opener(symbols: &[Symbol], at: usize) -> Option<usize> {
    outer(symbols.iter().enumerate().take(at).rev(), K::closes, K::opens)
}

/// What closes the innermost bracket that is open right before `at`.
pub(crate) fn closer(symbols: &[Symbol], at: usize) -> Option<usize> {
    outer(symbols.iter().enumerate().skip(at), K::opens, K::closes)
}

/// The first, of those that one comes by, that leads out of the brackets one is in.
fn outer<'s>(
    mut symbols: impl Iterator<Item = (usize, &'s Symbol)>,
    into: fn(K) -> bool,
    out: fn(K) -> bool,
) -> Option<usize> {
    let mut depth = 0_usize;
    symbols.find_map(|(i, s)| {
        if into(s.kind) {
            depth = depth.saturating_add(1);
        } else if out(s.kind) {
            let Some(less) = depth.checked_sub(1) else { return Some(i) };
            depth = less;
        }
        None
    })
}

/// The symbols of a range that are in no brackets of it; of a pair its opener.
pub(crate) fn level(symbols: &[Symbol], range: Range<usize>) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut level = Vec::new();
    for (i, s) in symbols.iter().enumerate().take(range.end).skip(range.start) {
        if s.kind.closes() {
            depth = depth.saturating_sub(1);
            continue;
        }
        if depth == 0 {
            level.push(i);
        }
        if s.kind.opens() {
            depth = depth.saturating_add(1);
        }
    }
    level
}

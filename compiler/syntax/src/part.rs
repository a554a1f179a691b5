//! The part of an item that is taken out where it does not parse, so that the rest of it is still read.

use crate::pairs;
use crate::stream::Symbol;
use crate::token::TokenKind as K;

/// A run of symbols between separators, directly inside of one pair of braces: a statement, a field, an arm, a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The brace round it.
    pub(crate) opener: Option<usize>,
}

impl Part {
    /// The innermost part that holds the symbol `at`. `None` outside of all braces, and in the braces of nothing.
    pub(crate) fn round(symbols: &[Symbol], at: usize) -> Option<Part> {
        let mut opener = pairs::opener(symbols, at);
        while let Some(open) = opener.filter(|open| symbols.get(*open).is_none_or(|s| s.kind != K::LBrace)) {
            opener = pairs::opener(symbols, open);
        }
        let Some(opener) = opener else { return Part::of_constant(symbols, at) };
        let (mut from, mut to) = (opener + 1, pairs::closer(symbols, opener + 1).unwrap_or(symbols.len()));
        for i in pairs::level(symbols, from..to) {
            // A comma at which it went wrong separates nothing.
            match symbols.get(i).map(|s| s.kind) {
                Some(K::Comma) if i == at => {}
                Some(K::StmtEnd | K::Comma) if i >= at => {
                    to = i;
                    break;
                }
                Some(K::StmtEnd | K::Comma) => from = i + 1,
                _ => {}
            }
        }
        if from < to { Some(Part { from, to, opener: Some(opener) }) } else { Part::round(symbols, opener) }
    }

    /// The value of a `const` can be taken out of it.
    fn of_constant(symbols: &[Symbol], at: usize) -> Option<Part> {
        let constant = symbols.first().is_some_and(|s| s.kind == K::Const);
        let assign = symbols.iter().position(|s| s.kind == K::Assign)?;
        (constant && at > assign && assign + 1 < symbols.len()).then_some(Part {
            from: assign + 1,
            to: symbols.len(),
            opener: None,
        })
    }

    /// The same part without what is known to be right at its head, so that the name it gives stays known: `let x =`,
    /// `field =`, `pattern =>`; of an `if` or `match` only the condition, so that its body is still read.
    pub(crate) fn narrowed(self, symbols: &[Symbol], at: usize) -> Part {
        let mut from = self.from;
        let inside = |i: usize| symbols.get(i).map(|s| s.kind);
        let first = inside(from);
        let level: Vec<usize> = pairs::level(symbols, from..self.to);
        let find =
            |kind: K, after: usize| level.iter().copied().find(|i| *i >= after && inside(*i) == Some(kind));
        if first == Some(K::Let)
            && let Some(assign) = find(K::Assign, from).filter(|a| *a < at)
        {
            from = assign + 1;
        } else if first.is_some_and(K::is_word) && inside(from + 1) == Some(K::Assign) && at > from + 1 {
            from += 2;
        } else if let Some(arrow) = find(K::FatArrow, from).filter(|a| *a < at) {
            from = arrow + 1;
        }
        let heads = |i: usize| i >= from && i < at && matches!(inside(i), Some(K::If | K::Match));
        let head = level.iter().copied().rfind(|i| heads(*i));
        if let Some(head) = head {
            let mut start = head + 1;
            if inside(start) == Some(K::Let) && inside(start + 2) == Some(K::Assign) && at > start + 2 {
                start += 3;
            }
            if let Some(brace) = find(K::LBrace, start).filter(|b| *b >= at && *b > start) {
                return Part { from: start, to: brace, opener: self.opener };
            }
        }
        if from < self.to { Part { from, ..self } } else { self }
    }
}

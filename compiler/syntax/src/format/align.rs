//! Columns: the types of fields below each other, and the values of a `map`.
//!
//! Lines below each other in the same braces that begin `name:` have what follows in one column; lines that begin
//! `name =` have their `=` in one column. A line of comments between them, or one that goes on with the line before,
//! changes nothing; an empty line, or any other line, begins a new block.

use super::Line;
use crate::token::{Token, TokenKind as K};

/// Puts the spaces in.
pub(super) fn align(text: &str, tokens: &[Token], lines: &[Line], written: &mut [String]) {
    let mut block: Vec<(usize, usize)> = Vec::new();
    let mut shape: Option<(K, usize)> = None;
    for (i, line) in lines.iter().enumerate() {
        let comment = line.tokens.first().and_then(|t| tokens.get(*t)).is_some_and(|t| t.kind.is_trivia());
        // What goes on with an entry, at any depth, belongs to it.
        let inside = shape.is_some_and(|(_, indent)| line.indent > indent);
        if !line.apart && (comment || inside) {
            continue;
        }
        let found = column(text, tokens, line);
        let same = !line.apart && found.map(|(sign, _)| (sign, line.indent)) == shape;
        if !same {
            pad(&block, shape, written);
            block.clear();
        }
        shape = found.map(|(sign, _)| (sign, line.indent));
        block.extend(found.map(|(_, width)| (i, width)));
    }
    pad(&block, shape, written);
}

/// The sign after the name that the line begins with, and the length of that name. Names are ASCII.
fn column(text: &str, tokens: &[Token], line: &Line) -> Option<(K, usize)> {
    let mut significant = line.tokens.iter().filter_map(|i| tokens.get(*i)).filter(|t| !t.kind.is_trivia());
    let (name, sign) = (significant.next()?, significant.next()?);
    if !line.in_braces || !name.kind.is_word() || !matches!(sign.kind, K::Colon | K::Assign) {
        return None;
    }
    let mut depth = 0usize;
    let mut rest = significant.peekable();
    while let Some(t) = rest.next() {
        match t.kind {
            K::LBrace | K::LParen | K::LBrack | K::InterpOpen => depth += 1,
            K::RBrace | K::RParen | K::RBrack | K::InterpClose => depth = depth.saturating_sub(1),
            // Several fields on one line are not a column.
            K::Comma if depth == 0 && rest.peek().is_some() => return None,
            _ => {}
        }
    }
    Some((sign.kind, name.text(text).len()))
}

fn pad(block: &[(usize, usize)], shape: Option<(K, usize)>, written: &mut [String]) {
    let Some((sign, _)) = shape else { return };
    let widest = block.iter().map(|(_, width)| *width).max().unwrap_or(0);
    for (line, width) in block {
        let at = if sign == K::Colon { width + 1 } else { *width };
        if let Some(content) = written.get_mut(*line).filter(|c| c.is_char_boundary(at)) {
            content.insert_str(at, &" ".repeat(widest - width));
        }
    }
}

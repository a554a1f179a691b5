//! What stands between two tokens of a line.

use crate::token::{Token, TokenKind as K};

/// The spaces between two tokens, given by index, that stand on one line with nothing but spaces between them.
pub(super) fn between(tokens: &[Token], begins: &[bool], left: usize, right: usize) -> &'static str {
    let kind = |i: usize| tokens.get(i).map_or(K::Unknown, |t| t.kind);
    let (l, r) = (kind(left), kind(right));
    if r.is_trivia() {
        return "  ";
    }
    let glued = match (l, r) {
        (K::StrStart | K::StrText | K::StrEscape | K::InterpOpen, _) => true,
        (_, K::StrText | K::StrEscape | K::StrEnd | K::InterpClose) => true,
        // An interpolation follows text of its string, never an operand.
        (_, K::InterpOpen) | (K::InterpClose, _) => true,
        // `a? .b` is not `a?.b`.
        (K::Question, K::Dot) => false,
        (K::LBrace, K::RBrace) => true,
        // `use std.connectors.{okta, tickets}`
        (K::LBrace, _) if significant_before(tokens, left) == Some(K::Dot) => true,
        (_, K::RBrace) if closes_use_group(tokens, right) => true,
        (K::LParen | K::LBrack | K::Dot | K::QuestionDot | K::DotDot, _) => true,
        (
            _,
            K::Comma | K::RParen | K::RBrack | K::Colon | K::Question | K::Dot | K::QuestionDot | K::DotDot,
        ) => true,
        (_, K::LParen | K::LBrack) => is_operand_end(tokens, left) || is_sign(tokens, begins, left),
        (K::Minus, _) => is_sign(tokens, begins, left),
        _ => false,
    };
    if glued { "" } else { " " }
}

/// Whether the token ends a value, so that a `(` after it calls and a `[` indexes.
fn is_operand_end(tokens: &[Token], at: usize) -> bool {
    let Some(t) = tokens.get(at) else { return false };
    let field = || matches!(significant_before(tokens, at), Some(K::Dot | K::QuestionDot));
    match t.kind {
        K::Minus => false,
        K::True | K::False | K::None => true,
        k if k.is_reserved() => field(),
        // Words that take a value: apart from one in parentheses, but not where they are the name of something.
        K::Accept
        | K::After
        | K::By
        | K::Contains
        | K::Expect
        | K::Json
        | K::Note
        | K::Noted
        | K::Returns
        | K::Showing
        | K::Timeout
        | K::Undo
        | K::Until
        | K::When
        | K::Within => {
            matches!(
                significant_before(tokens, at),
                Some(K::Dot | K::QuestionDot | K::Fn | K::Read | K::Write | K::Event)
            )
        }
        k => {
            k.is_word()
                || k.is_literal()
                || matches!(k, K::StrEnd | K::RParen | K::RBrack | K::RBrace | K::Question | K::Underscore)
        }
    }
}

/// Whether a minus is the sign of what follows it, and not a subtraction.
fn is_sign(tokens: &[Token], begins: &[bool], at: usize) -> bool {
    let minus = tokens.get(at).is_some_and(|t| t.kind == K::Minus);
    let before = tokens.get(..at).unwrap_or(&[]).iter().rposition(|t| !t.kind.is_trivia());
    let begins = begins.get(at).copied().unwrap_or(false);
    let bound = || {
        let mut after =
            tokens.get(at.saturating_add(1)..).unwrap_or(&[]).iter().filter(|t| !t.kind.is_trivia());
        after.next().is_some_and(|t| t.kind == K::Int) && after.next().is_some_and(|t| t.kind == K::DotDot)
    };
    minus && (begins || bound() || !before.is_some_and(|b| is_operand_end(tokens, b)))
}

fn closes_use_group(tokens: &[Token], brace: usize) -> bool {
    let before = tokens.get(..brace).unwrap_or(&[]);
    let inside = |t: &&Token| t.kind.is_trivia() || t.kind.is_word() || t.kind == K::Comma;
    let names = before.iter().rev().take_while(inside).count();
    match before.len().checked_sub(names + 1) {
        Some(open) => {
            tokens.get(open).is_some_and(|t| t.kind == K::LBrace)
                && significant_before(tokens, open) == Some(K::Dot)
        }
        None => false,
    }
}

fn significant_before(tokens: &[Token], at: usize) -> Option<K> {
    tokens.get(..at).unwrap_or(&[]).iter().rev().find(|t| !t.kind.is_trivia()).map(|t| t.kind)
}

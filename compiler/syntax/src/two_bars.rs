//! `||`: `or` between conditions, `|` between the patterns of an arm, and `else` before what is done when a call fails.

use play_diagnostics::{Diagnostic, Place};

use crate::lexical::{apart, instead};
use crate::token::{Token, TokenKind as K};

/// So many tokens of its line are looked at on each side.
const NEAR: usize = 200;

/// What a `||` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    Or,
    /// `High || Low => …`
    Pipe,
    /// `do okta.suspend(user) || hand over to …`
    Else,
}

impl Meant {
    /// What is read in its place.
    pub(crate) fn kind(self) -> K {
        match self {
            Self::Or => K::Or,
            Self::Pipe => K::Pipe,
            Self::Else => K::Else,
        }
    }
}

/// What the `||` at an index means, by what stands beside it in its line.
pub(crate) fn meant(tokens: &[Token], at: usize) -> Meant {
    let kinds = |t: &Token| t.kind;
    let in_line = |k: &K| *k != K::Newline;
    let after = tokens.iter().skip(at.saturating_add(1)).take(NEAR).map(kinds).take_while(in_line);
    let mut after = after.filter(|k| *k != K::Space).peekable();
    let before = tokens.get(..at).unwrap_or(&[]).iter().rev().take(NEAR).map(kinds);
    let line = before.clone().take_while(in_line).filter(|k| *k != K::Space);
    if matches!(after.peek(), Some(K::Close | K::Set | K::Note | K::Route | K::Hand | K::Rollback)) {
        // Elsewhere a condition may stand before it, which an act may follow.
        let first = line.take_while(|k| !matches!(k, K::LBrace | K::RBrace | K::Semicolon)).last();
        return if first == Some(K::Do) { Meant::Else } else { Meant::Or };
    }
    let arm = after.find(|k| !of_pattern(*k)) == Some(K::FatArrow);
    let begin = before.filter(|k| *k != K::Space).find(|k| !of_pattern(*k));
    if arm && matches!(begin, None | Some(K::LBrace | K::Comma | K::Newline | K::Semicolon)) {
        Meant::Pipe
    } else {
        Meant::Or
    }
}

fn of_pattern(kind: K) -> bool {
    let text = matches!(kind, K::StrStart | K::StrText | K::StrEnd | K::SingleQuoted);
    let name = kind == K::Ident || matches!(kind, K::Dot | K::True | K::False | K::None);
    text || name || kind.is_literal() || matches!(kind, K::OrOr | K::Pipe | K::Minus)
}

/// What is said of it.
pub(crate) fn found(text: &str, place: Place, meant: Meant) -> Diagnostic {
    match meant {
        Meant::Or => instead(place, K::OrOr, &apart(text, place, "or")),
        Meant::Pipe => instead(place, K::OrOr, "|"),
        Meant::Else => instead(place, K::OrOr, &apart(text, place, "else")),
    }
}

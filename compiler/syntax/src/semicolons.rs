//! A `;`: what stands for it here depends on the bracket it stands in.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};

use crate::token::{Token, TokenKind as K};

/// Where a `;` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Between statements, fields or entries.
    Body,
    /// In `(…)` or `[…]`.
    Parentheses,
    /// In what a string has between its `{` and `}`: it stands on one line.
    Text,
}

/// Where each `;` stands, in their order. What is not closed in its line holds none: so what is said of a line is by that line alone.
pub(crate) fn all(tokens: &[Token]) -> Vec<Stands> {
    let mut all = Vec::new();
    // Most texts have none.
    if !tokens.iter().any(|t| t.kind == K::Semicolon) {
        return all;
    }
    // Those that are open, and which `;` each has directly in it.
    let mut open: Vec<(K, Vec<usize>)> = Vec::new();
    let mut texts = 0_usize;
    for token in tokens {
        match token.kind {
            K::Newline => (texts, open) = (0, Vec::new()),
            K::LBrace | K::LParen | K::LBrack => open.push((token.kind, Vec::new())),
            K::InterpOpen => {
                texts = texts.saturating_add(1);
                open.push((token.kind, Vec::new()));
            }
            K::RBrace => close(&mut open, K::LBrace, &mut all),
            K::RParen => close(&mut open, K::LParen, &mut all),
            K::RBrack => close(&mut open, K::LBrack, &mut all),
            K::InterpClose => {
                texts = texts.saturating_sub(1);
                close(&mut open, K::InterpOpen, &mut all);
            }
            K::Semicolon => {
                if let Some((_, held)) = open.last_mut().filter(|_| texts == 0) {
                    held.push(all.len());
                }
                all.push(if texts == 0 { Stands::Body } else { Stands::Text });
            }
            _ => {}
        }
    }
    all
}

/// Closes the innermost of a kind, where nothing stands between that it cannot close.
fn close(open: &mut Vec<(K, Vec<usize>)>, kind: K, all: &mut [Stands]) {
    let wall = |k: K| k == K::InterpOpen || k == K::LBrace && kind != K::InterpOpen;
    let within = open.iter().rev().take_while(|(k, _)| *k == kind || !wall(*k));
    let Some(back) = within.into_iter().position(|(k, _)| *k == kind) else { return };
    let Some(at) = open.len().checked_sub(back.saturating_add(1)) else { return };
    let closed = open.split_off(at);
    if matches!(kind, K::LParen | K::LBrack) {
        for nth in closed.into_iter().flat_map(|(_, held)| held) {
            if let Some(stands) = all.get_mut(nth) {
                *stands = Stands::Parentheses;
            }
        }
    }
}

/// What is said of a `;` before these tokens.
pub(crate) fn found(place: Place, rest: &[Token], stands: Stands) -> Diagnostic {
    let finding = Diagnostic::error(codes::P1011, place, "statements end with their line, not with `;`")
        .here("not needed");
    let next = rest.iter().map(|t| t.kind).find(|k| *k != K::Space);
    // With the end of a line behind it, or another `;`, it separates nothing.
    let ends = next.is_none_or(|k| k.is_trivia() || k == K::Semicolon || closes(k));
    let put = |finding: Diagnostic, title: &str, safe: bool, text: &str| {
        finding.fix(title, safe, vec![Edit { place, text: text.into() }])
    };
    match stands {
        Stands::Body => {
            let finding = finding.help("Leave it out; a second statement goes on a line of its own.");
            put(finding, "Remove it", true, if ends { "" } else { "\n" })
        }
        _ if next.is_some_and(closes) => put(finding.help("Leave it out."), "Remove it", true, ""),
        Stands::Parentheses => {
            let finding = finding.help("Values in `( )` and `[ ]` are separated by `,`.");
            put(finding, "Write `,`", false, ",")
        }
        Stands::Text => finding.help("What stands in `{ }` in a string is one value."),
    }
}

fn closes(kind: K) -> bool {
    matches!(kind, K::RBrace | K::RParen | K::RBrack | K::InterpClose)
}

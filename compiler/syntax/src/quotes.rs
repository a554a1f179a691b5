//! Texts in other quotes than `"`.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, escape};

use crate::token::{Token, TokenKind as K};

/// What stands between the quotes of such a text.
pub(crate) fn between(text: &str) -> &str {
    let mut chars = text.chars();
    let opening = chars.next();
    match (opening, closed(text)) {
        (Some(_), true) => {
            chars.next_back();
            chars.as_str()
        }
        _ => chars.as_str(),
    }
}

/// Whether it has an end.
fn closed(text: &str) -> bool {
    let (first, last) = (text.chars().next(), text.chars().next_back());
    let ends = match first {
        Some('\'') => last == Some('\'') && !ends_escaped(text),
        // The others are read only with their end.
        other => other.is_some(),
    };
    ends && text.chars().nth(1).is_some()
}

/// Whether the last character has a backslash of its own before it.
fn ends_escaped(text: &str) -> bool {
    let before = text.chars().rev().skip(1).take_while(|c| *c == '\\').count();
    !before.is_multiple_of(2)
}

/// Whether a word or another text stands right beside it, so that it is not one whole: `'it''s'`.
pub(crate) fn touches(tokens: &[Token], at: usize) -> bool {
    let part = |t: &Token| {
        t.kind.is_word() || t.kind.is_literal() || matches!(t.kind, K::StrStart | K::StrEnd | K::Unknown)
    };
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    before.is_some_and(part) || tokens.get(at + 1).is_some_and(part)
}

/// Whether a later text in single quotes on its line has no end, so that this one may end elsewhere: `'the users' account'`.
pub(crate) fn left_open(text: &str, tokens: &[Token], at: usize) -> bool {
    let line = tokens.iter().skip(at + 1).take_while(|t| t.kind != K::Newline);
    line.filter(|t| t.kind == K::SingleQuoted).any(|t| !closed(t.text(text)))
}

/// A text in other quotes. Its fix is safe where the same characters mean the same in `"`.
pub(crate) fn other_quotes(place: Place, text: &str, touches: bool) -> Diagnostic {
    let which = if text.starts_with('\'') { "single quotes" } else { "other quotes" };
    let finding =
        Diagnostic::error(codes::P1012, place, "strings are written with double quotes").here(which);
    if touches || !closed(text) {
        return finding.help("Write `\"…\"`; a `\"` inside is written `\\\"`, and a `'` as it is.");
    }
    let inner = between(text).replace("\\'", "'");
    let doubtful = inner.contains(['{', '}', '\\']);
    let values = doubtful && is_text_with_values(&inner);
    let right = format!("\"{}\"", rewritten(&inner, values));
    let finding = finding.help(format!("Write `{}`.", escape::one_line(&right)));
    let finding = if values {
        finding.note("In double quotes the value of what stands in `{ }` is put in; the characters themselves are written `\\{` and `\\}`.")
    } else {
        finding
    };
    finding.fix("Use double quotes", !doubtful, vec![Edit { place, text: right }])
}

/// Whether its braces hold what looks like a value: `{case.ip}`.
fn is_text_with_values(inner: &str) -> bool {
    let path = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
            && !text.ends_with('.')
    };
    let mut parts = inner.split('{');
    let head = parts.next().unwrap_or_default();
    let (mut some, mut all) = (false, !head.contains('}'));
    for part in parts {
        some = true;
        all &= part.split_once('}').is_some_and(|(value, rest)| path(value) && !rest.contains('}'));
    }
    some && all
}

/// The same text in double quotes: quotes, and backslashes that escape nothing, are escaped; braces where they hold no values.
fn rewritten(inner: &str, values: bool) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '{' | '}' if !values => out.extend(['\\', c]),
            '\\' => match chars.next_if(|next| "nrt\"\\{}".contains(*next)) {
                Some(escaped) => out.extend([c, escaped]),
                None => out.push_str("\\\\"),
            },
            _ => out.push(c),
        }
    }
    out
}

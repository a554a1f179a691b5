//! The text of parts of a file.

use play_syntax::ast::{Expr, ExprKind, Span};

use crate::project::Loaded;

/// What stands at a place.
pub(super) fn of(file: &Loaded, span: Span) -> &str {
    file.text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// The same without spaces outside of words, so that two that are only laid out differently are alike.
pub(super) fn plain(file: &Loaded, span: Span) -> String {
    of(file, span).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two places are alike in that.
pub(super) fn alike(file: &Loaded, one: Span, other: Span) -> bool {
    of(file, one).split_whitespace().eq(of(file, other).split_whitespace())
}

/// A text that is written out, without anything put into it.
pub(super) fn literal(e: &Expr) -> Option<&str> {
    e.literal()
}

/// `x.name(argument)`: what it is called of, its name, its only argument.
pub(super) fn method(e: &Expr) -> Option<(&Expr, &str, &Expr)> {
    let ExprKind::Call { callee, args } = &e.kind else { return None };
    let (ExprKind::Field { base, name, .. }, [argument]) = (&callee.kind, args.as_slice()) else {
        return None;
    };
    Some((base, &name.text, &argument.value))
}

/// Words that end names of hosts, and hardly names of anything else.
const HOST_ENDS: &[&str] = &[
    "com", "org", "net", "gov", "edu", "mil", "int", "io", "co", "info", "biz", "app", "dev", "cloud",
    "example", "local", "de", "fr", "uk", "ru", "cn", "jp", "nl", "eu", "us", "ch", "at", "it", "es", "pl",
    "se", "br", "in", "au", "ca",
];

/// Whether a word ends names of hosts.
pub(super) fn ends_hosts(word: &str) -> bool {
    HOST_ENDS.contains(&word)
}

/// Whether a text is the name of a host, of two parts at least.
pub(super) fn is_host(text: &str) -> bool {
    let part = |p: &str| {
        !p.is_empty()
            && p.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !p.starts_with('-')
            && !p.ends_with('-')
    };
    match text.rsplit_once('.') {
        Some((rest, last)) => rest.split('.').all(part) && ends_hosts(last),
        None => false,
    }
}

//! What a check says of `[serve]`: the settings are those of the service, which knows them.

use std::ops::Range;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place, escape};

/// What nobody reads in the `[serve]` of a `play.toml`; `file` is its index for places.
pub fn findings(file: u32, text: &str) -> Vec<Diagnostic> {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let place = |at: Range<usize>| Place { file, start: small(at.start), end: small(at.end) };
    let one = |unread: play_serve::config::Unread| {
        let (table, key) = (escape::one_line(&unread.table), escape::one_line(&unread.key));
        let at = place(unread.at.clone());
        let finding = Diagnostic::error(codes::P2021, at, format!("[{table}] has no `{key}`"))
            .here("nobody reads this")
            .meant(&unread.key, unread.known);
        // What stands in a table of its own has its lines, and this one is its head.
        finding.hides(Some(unread.value).filter(|value| value.start >= unread.at.end).map(place))
    };
    play_serve::config::unread(text).into_iter().map(one).collect()
}

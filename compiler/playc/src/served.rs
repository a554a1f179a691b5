//! What a check says of `[serve]`: the settings are those of the service, which knows them.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place, escape};

/// What nobody reads in the `[serve]` of a `play.toml`; `file` is its index for places.
pub fn findings(file: u32, text: &str) -> Vec<Diagnostic> {
    let one = |unread: play_serve::config::Unread| {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let at = Place { file, start: small(unread.at.start), end: small(unread.at.end) };
        let key = escape::one_line(&unread.key);
        let finding = Diagnostic::error(
            codes::P2021,
            at,
            format!("[{}] has no `{key}`", escape::one_line(&unread.table)),
        )
        .here(if text.get(unread.at.clone()) == Some(unread.key.as_str()) {
            "nobody reads this"
        } else {
            "nobody reads a setting below this"
        });
        finding.meant(&unread.key, unread.known).0
    };
    play_serve::config::unread(text).into_iter().map(one).collect()
}

//! What an exchange came to: an answer, or one of the failures, and whether the request can have had an effect.

use play_program::action::Action;
use play_program::value::FailureKind;

use crate::hide::hide;

/// The largest body of an answer: bytes.
pub const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// The longest words of a failure: characters.
pub const MAX_WORDS: usize = 512;

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A status that the action declares, and the whole body.
    Answered {
        /// One of the action's `statuses`.
        status: u16,
        /// As it came, [`MAX_ANSWER`] bytes at most.
        body: Vec<u8>,
        /// Milliseconds from the beginning to the last byte.
        ms: u64,
    },
    /// Anything else.
    Failed {
        /// Which failure.
        kind: FailureKind,
        /// Why, at most [`MAX_WORDS`] characters, without control characters and secrets. May come from outside: hostile.
        words: String,
        /// Whether it can have had an effect. Of no matter for reads.
        sent: Sent,
        /// Milliseconds until it was known.
        ms: u64,
    },
}

/// Whether a request that failed can have had an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    /// It never left.
    No,
    /// The target said no.
    Refused,
    /// It left, and what became of it is not known.
    Unknown,
}

impl Reply {
    /// What an answer with this status comes to, `ms` milliseconds after the request: for targets inside this process.
    #[must_use]
    pub fn of_status(action: &Action, status: u16, body: Vec<u8>, ms: u64) -> Self {
        match verdict(action, status) {
            None => Self::Answered { status, body, ms },
            Some(Verdict { kind, sent, note }) => {
                let said = format!("{status} {note}: {}", String::from_utf8_lossy(&body));
                Self::Failed { kind, words: words(&said, &[]), sent, ms }
            }
        }
    }
}

/// A failure before it has words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub kind: FailureKind,
    pub sent: Sent,
    /// Said after the status, in front of the target's own words.
    pub note: &'static str,
}

/// What a status means; `None`: it is an answer.
pub(crate) fn verdict(action: &Action, status: u16) -> Option<Verdict> {
    if action.statuses.contains(&status) {
        return None;
    }
    let verdict = |kind, sent, note| Some(Verdict { kind, sent, note });
    match status {
        401 | 403 => verdict(FailureKind::Denied, Sent::Refused, ""),
        404 => verdict(FailureKind::NotFound, Sent::Refused, ""),
        429 => verdict(FailureKind::RateLimited, Sent::Refused, ""),
        // A proxy in between says this of a request that it had handed on already, and so it does with a 503.
        408 => verdict(FailureKind::Rejected, Sent::Unknown, ""),
        400..=499 => verdict(FailureKind::Rejected, Sent::Refused, ""),
        // Not known here: nothing was done.
        501 => verdict(FailureKind::Unavailable, Sent::Refused, ""),
        500..=599 => verdict(FailureKind::Unavailable, Sent::Unknown, ""),
        // "Ask there instead": nothing was done here. The others are also sent after something was done.
        307 | 308 => verdict(FailureKind::Rejected, Sent::Refused, "redirects are not followed"),
        300..=399 => verdict(FailureKind::Rejected, Sent::Unknown, "redirects are not followed"),
        _ => verdict(FailureKind::BadResponse, Sent::Unknown, "the action does not expect this status"),
    }
}

/// Words that may be kept and shown: one line, no control characters, no secret, not too long.
pub(crate) fn words(text: &str, secrets: &[&str]) -> String {
    // Before blanks collapse, as they do in a secret too; and again afterwards, as one may only now have come about.
    let clean = plain(&hide(text, secrets));
    let collapsed: Vec<String> = secrets.iter().map(|s| plain(s)).filter(|s| !s.trim().is_empty()).collect();
    let collapsed: Vec<&str> = collapsed.iter().map(String::as_str).collect();
    let clean = hide(&clean, &collapsed);
    let clean = clean.trim();
    if clean.chars().count() <= MAX_WORDS {
        return clean.to_string();
    }
    clean.chars().take(MAX_WORDS.saturating_sub(1)).chain(['…']).collect()
}

/// Without control characters and invisible ones; blanks in a row are one.
fn plain(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars().map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }) {
        if c != ' ' || !clean.ends_with(' ') {
            clean.push(c);
        }
    }
    clean
}

/// Characters that change the order of others or cannot be seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{061C}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use play_program::types::Type;

    fn action(statuses: &[u16]) -> Action {
        Action {
            connector: "okta".into(),
            name: "suspend".into(),
            write: true,
            params: vec![],
            result: Type::Unit,
            method: "POST".into(),
            timeout: SignedDuration::from_secs(30),
            class: None,
            undo: None,
            target: Vec::new(),
            irreversible: None,
            cache: None,
            retry: None,
            idempotent: false,
            statuses: statuses.to_vec(),
            fails: Vec::new(),
        }
    }

    #[test]
    fn each_status_has_its_failure() {
        let action = action(&[200, 404]);
        let table: String = [
            200, 404, 100, 204, 301, 302, 303, 307, 308, 400, 401, 403, 408, 409, 410, 429, 500, 501, 502,
            503, 504, 600,
        ]
        .into_iter()
        .map(|status| match verdict(&action, status) {
            None => format!("{status} answer\n"),
            Some(v) => format!("{status} {:?} {:?} {}\n", v.kind, v.sent, v.note),
        })
        .collect();
        insta::assert_snapshot!(table);
        assert_eq!(verdict(&self::action(&[200]), 404).unwrap().kind, FailureKind::NotFound);
    }

    #[test]
    fn words_are_short_plain_and_without_secrets() {
        assert_eq!(words("bad\r\n\x1b[31m token s3cret\u{202e}!", &["s3cret", ""]), "bad [31m token *** !");
        let long = words(&"ä".repeat(2000), &[]);
        assert_eq!(long.chars().count(), MAX_WORDS);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn blanks_do_not_keep_a_secret_from_being_found() {
        assert_eq!(words("it is two  blanks!", &["two  blanks"]), "it is ***!");
        assert_eq!(words("it is two\r\nblanks!", &["two blanks"]), "it is ***!");
        assert_eq!(words("it is two\t\tblanks!", &["two  blanks"]), "it is ***!");
        assert_eq!(words("a b", &["  "]), "a b");
    }

    #[test]
    fn a_secret_is_found_in_other_forms() {
        assert_eq!(words(r#"{"token":"a\/b\u002b"}"#, &["a/b+"]), r#"{"token":"***"}"#);
        assert_eq!(words("no such page: /x?token=a%2fb%2B", &["a/b+"]), "no such page: /x?token=***");
    }

    #[test]
    fn a_secret_is_not_cut_in_two_by_the_limit() {
        let text = format!("{}s3cret", "x".repeat(MAX_WORDS - 3));
        assert!(!words(&text, &["s3cret"]).contains("s3"));
    }
}

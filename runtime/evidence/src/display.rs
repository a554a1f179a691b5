//! Text from evidence, for people. It comes from alerts, so from an attacker: it is shown, never obeyed.

use std::fmt::Write as _;

/// Whether a terminal would act on the character, or a reader would not see it: controls, what turns the direction of
/// writing, what has no width, and tags.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The text on one line, with every hostile character as `\u{…}`, and line ends and tabs as `\n`, `\r`, `\t`.
///
/// Backslashes stay as they are, so this is for reading only: it cannot be undone.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hostile(c) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// The text with its links made dead, as is the custom in reports: `http` becomes `hxxp`, and the dots of what may be a
/// host become `[.]`.
///
/// A file's name cannot be told from a host's (`.zip` and `.sh` are both), so it is changed as well: a dead file name
/// harms nobody. Addresses of IPv6 are left alone.
#[must_use]
pub fn defang(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = "";
    while let Some(first) = rest.chars().next() {
        let is_word = in_host(first);
        let (run, tail) = rest.split_at(rest.find(|c| in_host(c) != is_word).unwrap_or(rest.len()));
        match scheme(run) {
            Some(dead) if tail.starts_with("://") => out.push_str(dead),
            _ if is_word => push_host(&mut out, run, before.ends_with("://") || before.ends_with('@')),
            _ => out.push_str(run),
        }
        before = run;
        rest = tail;
    }
    out
}

fn scheme(word: &str) -> Option<&'static str> {
    [("http", "hxxp"), ("https", "hxxps"), ("ftp", "fxp")]
        .into_iter()
        .find(|(live, _)| word.eq_ignore_ascii_case(live))
        .map(|(_, dead)| dead)
}

fn in_host(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_') || is_dot(c)
}

/// The dots that a browser takes for one.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

fn push_host(out: &mut String, word: &str, is_surely: bool) {
    let core = word.trim_matches(is_dot);
    if !(is_surely || may_be_host(core)) {
        out.push_str(word);
        return;
    }
    // Dots at the ends are those of a sentence, or of a path.
    let start = word.len() - word.trim_start_matches(is_dot).len();
    let end = start + core.len();
    for (i, c) in word.char_indices() {
        if is_dot(c) && i > start && i < end { out.push_str("[.]") } else { out.push(c) }
    }
}

fn may_be_host(word: &str) -> bool {
    let labels: Vec<&str> = word.split(is_dot).collect();
    let Some(last) = labels.last().filter(|_| labels.len() > 1) else { return false };
    let is_domain =
        last.starts_with("xn--") || (last.chars().count() > 1 && last.chars().all(char::is_alphabetic));
    is_domain || (labels.len() == 4 && labels.iter().all(|l| l.parse::<u8>().is_ok()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_terminal_never_sees_a_control_character() {
        assert_eq!(escape("a\u{1b}[31mb\r\n\tc\u{9b}1m\0"), r"a\u{1b}[31mb\r\n\tc\u{9b}1m\u{0}");
    }

    #[test]
    fn what_runs_backwards_or_hides_is_shown() {
        assert_eq!(escape("invoice\u{202e}fdp.exe"), r"invoice\u{202e}fdp.exe");
        assert_eq!(escape("ad\u{200b}min\u{e0041}"), r"ad\u{200b}min\u{e0041}");
    }

    #[test]
    fn other_text_stays_as_it_is() {
        assert_eq!(escape(r"C:\Users\Zürich 東京 🦀"), r"C:\Users\Zürich 東京 🦀");
    }

    #[test]
    fn links_are_made_dead() {
        for (live, dead) in [
            ("see https://evil.example/x?y=1.", "see hxxps://evil[.]example/x?y=1."),
            ("HTTP://evil.example:8080", "hxxp://evil[.]example:8080"),
            ("ftp://files.evil.example", "fxp://files[.]evil[.]example"),
            ("from 203.0.113.7, twice", "from 203[.]0[.]113[.]7, twice"),
            ("http://user:pw@1.2/", "hxxp://user:pw@1[.]2/"),
            ("mail me@evil.example.", "mail me@evil[.]example."),
            ("evil。example", "evil[.]example"),
            ("bücher.example", "bücher[.]example"),
        ] {
            assert_eq!(defang(live), dead);
        }
    }

    #[test]
    fn what_is_no_link_stays() {
        for text in ["http is a protocol", "version 1.2.3", "and so on...", "3.14", "a.b", ".", ""] {
            assert_eq!(defang(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_text_gets_through_with_a_hostile_character(text in any::<String>()) {
            prop_assert!(!escape(&text).chars().any(is_hostile));
        }

        #[test]
        fn no_link_survives_and_what_is_dead_stays_so(text in "[a-c.:/@ http。]{0,40}|.{0,40}") {
            let dead = defang(&text);
            let lower = dead.to_ascii_lowercase();
            prop_assert!(!lower.contains("http://") && !lower.contains("https://"), "{dead}");
            prop_assert!(!dead.split(|c| !in_host(c)).any(|w| may_be_host(w.trim_matches(is_dot))), "{dead}");
            prop_assert_eq!(defang(&dead), dead);
        }
    }
}

//! Text from outside is shown, never obeyed: what could move the cursor or reorder a line is written as an escape.

use std::fmt::Write as _;

pub use play_evidence::display::is_hostile;

/// The text on one line, with each hostile character as `\u{…}`; line ends and tabs as `\n`, `\t`.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c => push(&mut out, c),
        }
    }
    out
}

/// Adds the character, or its escape when it is hostile.
pub(crate) fn push(out: &mut String, c: char) {
    if is_hostile(c) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
    } else {
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_never_sees_a_control_character() {
        assert_eq!(one_line("a\u{1b}[31mb\r\n\tc"), r"a\u{1b}[31mb\u{d}\n\tc");
    }

    #[test]
    fn text_that_would_run_backwards_is_shown_as_written() {
        assert_eq!(one_line("user\u{202e}nimda"), r"user\u{202e}nimda");
        assert_eq!(one_line("Zürich 東京"), "Zürich 東京");
    }
}

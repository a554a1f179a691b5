//! Text from outside is shown, never obeyed: what could move the cursor or reorder a line is written as an escape.

use std::fmt::Write as _;

/// Whether a terminal, or the bidirectional algorithm, would act on the character rather than show it, or a reader would not see it.
/// The same as of evidence, which is read without this crate.
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

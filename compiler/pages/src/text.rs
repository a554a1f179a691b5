//! Text as it is shown: in one line, cut, wrapped, and with nothing in it that a reader cannot see.

use play_syntax::TokenKind;

/// A piece of source in one line, without its comments.
pub(crate) fn one_line(source: &str) -> String {
    let tokens = play_syntax::lex(source);
    let mut line = String::with_capacity(source.len());
    let mut space = false;
    for token in &tokens {
        let text = token.text(source);
        match token.kind {
            TokenKind::Comment | TokenKind::Doc => continue,
            TokenKind::LParen | TokenKind::LBrack => {}
            // A call that is laid out over lines has a comma behind its last argument.
            TokenKind::RParen | TokenKind::RBrack => {
                if line.ends_with(',') {
                    line.pop();
                }
                space = false;
            }
            _ if text.trim().is_empty() => {
                space = !line.is_empty() && !line.ends_with(['(', '[']);
                continue;
            }
            _ => {}
        }
        if std::mem::take(&mut space) {
            line.push(' ');
        }
        line.push_str(text);
    }
    line
}

/// What a reader would not see, or would see in another order than it stands, written out: controls, and the characters that turn the
/// direction of text or have no width.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

fn hidden(c: char) -> bool {
    // The last two are no characters, and not allowed in XML.
    play_diagnostics::escape::is_hostile(c) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Text within XML or HTML: of an element, or of an attribute in double quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// How text is set: what a character takes of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Set {
    /// Of one character.
    of: fn(char) -> usize,
    /// Of one that is neither narrow nor wide.
    usual: usize,
}

/// Each character as wide as the other, but those of East Asia and pictures: counted in columns.
pub(crate) const COLUMNS: Set = Set { of: columns, usual: 1 };

/// Letters as wide as they are: counted in hundredths of the size of the font.
pub(crate) const LETTERS: Set = Set { of: letters, usual: 60 };

/// How many columns a character takes; a guess that is wide enough for what most fonts do.
fn columns(c: char) -> usize {
    if c == '…' || (c as u32) < 0x1100 { 1 } else { 2 }
}

/// What a character takes without serifs, rounded up: as in DejaVu Sans, the widest of the fonts that pictures ask for.
fn letters(c: char) -> usize {
    match c {
        'i' | 'j' | 'l' | 'I' | 'J' | '\'' => 30,
        ' ' | ',' | '.' | '/' | ':' | ';' | '\\' | '|' | '-' | 'f' => 37,
        '(' | ')' | '[' | ']' | '!' | 'r' | 't' => 42,
        '"' | '*' | '_' | '`' | '?' | 's' | 'z' => 54,
        'a'..='l' | 'n'..='v' | 'x' | 'y' | '0'..='9' | '{' | '}' | '$' => 64,
        'A'..='L' | 'P' | 'R'..='V' | 'X'..='Z' => 78,
        'w' | 'N' | 'O' | 'Q' | '#' | '+' | '<' | '=' | '>' | '^' | '~' | '&' => 84,
        c if c == '…' || (c as u32) < 0x1100 => 100,
        _ => 125,
    }
}

/// As much of a text as fits into so many columns, with `…` where something is missing.
pub(crate) fn cut(text: &str, most: usize) -> String {
    COLUMNS.cut(text, most)
}

/// A text in lines of so many columns, and so many of them at most; `…` ends it where something is missing.
pub(crate) fn wrap(text: &str, most: usize, lines: usize) -> Vec<String> {
    COLUMNS.wrap(text, most, lines)
}

impl Set {
    /// What a text takes.
    pub(crate) fn width(self, text: &str) -> usize {
        text.chars().map(self.of).fold(0, usize::saturating_add)
    }

    /// As much of a text as fits, with `…` where something is missing.
    pub(crate) fn cut(self, text: &str, most: usize) -> String {
        if self.width(text) <= most {
            return text.to_string();
        }
        let mut shown = String::new();
        let mut used = (self.of)('…');
        for c in text.chars() {
            used = used.saturating_add((self.of)(c));
            if used > most {
                break;
            }
            shown.push(c);
        }
        shown.push('…');
        shown
    }

    /// A text in lines that fit, and so many of them at most; `…` ends it where something is missing.
    pub(crate) fn wrap(self, text: &str, most: usize, lines: usize) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let mut word = word;
            loop {
                let gap = if line.is_empty() { 0 } else { (self.of)(' ') };
                if self.width(&line).saturating_add(gap).saturating_add(self.width(word)) <= most {
                    if gap > 0 {
                        line.push(' ');
                    }
                    line.push_str(word);
                    break;
                }
                if self.width(word) <= most {
                    all.push(std::mem::take(&mut line));
                    continue;
                }
                // Too long for any line: it is broken where the line is full.
                let room = most.saturating_sub(self.width(&line)).saturating_sub(gap);
                if room < self.usual.saturating_mul(8) && !line.is_empty() {
                    all.push(std::mem::take(&mut line));
                    continue;
                }
                let (head, rest) = word.split_at(self.fits(word, room));
                if gap > 0 {
                    line.push(' ');
                }
                line.push_str(head);
                all.push(std::mem::take(&mut line));
                word = rest;
            }
        }
        if !line.is_empty() {
            all.push(line);
        }
        if all.len() > lines {
            all.truncate(lines);
            if let Some(last) = all.last_mut() {
                let room = most.min(self.width(last).saturating_add(self.width(" …")));
                *last = self.cut(&format!("{last} …………"), room);
            }
        }
        all
    }

    /// The length in bytes of the longest head of a text that fits; at least one character.
    fn fits(self, text: &str, most: usize) -> usize {
        let mut used = 0_usize;
        for (at, c) in text.char_indices() {
            used = used.saturating_add((self.of)(c));
            if used > most && at > 0 {
                return at;
            }
        }
        text.len()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_no_part_of_what_is_done() {
        let source = "tickets.open(\n  title: \"https://x\", // not a comment before\n  text: t,\n)";
        assert_eq!(one_line(source), "tickets.open(title: \"https://x\", text: t)");
    }

    #[test]
    fn nothing_breaks_out_and_nothing_hides() {
        assert_eq!(escape("<b a=\"'&'\">"), "&lt;b a=&quot;&#39;&amp;&#39;&quot;&gt;");
        assert_eq!(escape("a\u{202e}b\u{0}"), "a\\u{202e}b\\u{0}");
    }

    #[test]
    fn lines_are_wrapped_at_words_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 7, 9), ["one two", "three"]);
        assert_eq!(wrap("aaaaaaaaaaaa", 5, 9), ["aaaaa", "aaaaa", "aa"]);
        assert_eq!(wrap("one two three four", 7, 2), ["one two", "three …"]);
        assert_eq!(wrap("", 7, 2), Vec::<String>::new());
        assert_eq!(wrap("漢字漢字", 4, 9), ["漢字", "漢字"]);
    }

    #[test]
    fn wide_letters_take_the_room_that_they_need() {
        // Of ten sizes, W takes 0.99 in DejaVu Sans, and i takes 0.28.
        assert_eq!(LETTERS.wrap(&"W".repeat(25), 1_000, 9).iter().map(String::len).max(), Some(10));
        assert_eq!(LETTERS.wrap(&"i".repeat(60), 1_000, 9).iter().map(String::len).max(), Some(33));
        let words = LETTERS.wrap("WINDOWS MUMM WWW wwww mmmm illicit", 1_000, 2);
        assert!(words.iter().all(|line| LETTERS.width(line) <= 1_000), "{words:?}");
        assert!(words.last().unwrap().ends_with('…'), "{words:?}");
        assert_eq!(LETTERS.cut("WWWW", 400), "WWWW");
        assert_eq!(LETTERS.cut("WWWW", 399), "WW…");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
    }
}

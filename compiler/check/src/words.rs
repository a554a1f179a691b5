//! The words of a text, as a quick look for names: what a comment or a text says counts as well.

use std::str::Split;

type Pieces<'t> = Split<'t, fn(char) -> bool>;

/// Everything in it that could be a name.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    Words { text, at: 0, pieces: None }
}

/// What a byte that stands in no word is.
const OUTSIDE: u8 = 0;
/// A part of a character beyond ASCII: whether that stands in words is looked at later.
const BEYOND: u8 = 2;

/// What each byte is; any other stands in words.
#[allow(clippy::indexing_slicing, reason = "a byte is below 256, and it is worked out by the compiler")]
const CLASSES: [u8; 256] = {
    let mut classes = [OUTSIDE; 256];
    let mut byte = 0_u8;
    loop {
        if !byte.is_ascii() {
            classes[byte as usize] = BEYOND;
        } else if byte.is_ascii_alphanumeric() || byte == b'_' {
            classes[byte as usize] = 1;
        }
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// Runs of what stands in words, byte by byte; only a run that is not plain ASCII is looked at by its characters.
struct Words<'t> {
    text: &'t str,
    at: usize,
    /// What is left of a run that is not plain.
    pieces: Option<Pieces<'t>>,
}

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    #[allow(clippy::indexing_slicing, reason = "a byte is below 256")]
    fn next(&mut self) -> Option<&'t str> {
        loop {
            if let Some(pieces) = &mut self.pieces {
                match pieces.find(|piece| !piece.is_empty()) {
                    Some(piece) => return Some(piece),
                    None => self.pieces = None,
                }
            }
            let bytes = self.text.as_bytes();
            let class = |at: usize| bytes.get(at).map_or(OUTSIDE, |b| CLASSES[usize::from(*b)]);
            let mut start = self.at;
            while start < bytes.len() && class(start) == OUTSIDE {
                start += 1;
            }
            let (mut end, mut seen) = (start, OUTSIDE);
            while class(end) != OUTSIDE {
                seen |= class(end);
                end += 1;
            }
            self.at = end;
            let run = self.text.get(start..end).filter(|run| !run.is_empty())?;
            if seen & BEYOND == 0 {
                return Some(run);
            }
            self.pieces = Some(run.split(is_outside as fn(char) -> bool));
        }
    }
}

fn is_outside(c: char) -> bool {
    !c.is_alphanumeric() && c != '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_outside, words};

    proptest! {
        #[test]
        fn words_are_what_stands_between_all_other_characters(text in "[a-z_0-9 .,\u{a0}äß—日]{0,40}") {
            let whole: Vec<&str> = text.split(is_outside).filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(words(&text).collect::<Vec<_>>(), whole);
        }
    }
}

//! Where a byte offset is, as people count.

use std::cell::OnceCell;

use crate::diagnostic::FileName;

/// The starts of the lines of one text, so that an offset is found without reading the text again.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// How many characters begin before each block of a text that has long lines: a place in one is not counted from its beginning.
    blocks: OnceCell<Vec<usize>>,
}

/// Bytes of a block.
const BLOCK: usize = 1_024;

/// A position as people count it: both from 1, the column in Unicode characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) byte: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect(), blocks: OnceCell::new() }
    }

    /// An offset past the end counts as the end, one inside a character as the start of that character.
    pub(crate) fn position(&self, offset: u32) -> Position {
        let byte = floor(self.text, offset as usize);
        let line = self.number(offset);
        let start = self.start(line);
        let column = if byte.saturating_sub(start) <= BLOCK {
            begun(self.text.as_bytes().get(start..byte).unwrap_or_default())
        } else {
            self.before(byte) - self.before(start)
        };
        Position { line, column: column + 1, byte }
    }

    /// How many characters begin before a byte.
    fn before(&self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        let blocks = self.blocks.get_or_init(|| {
            let mut sums = vec![0];
            sums.extend(bytes.chunks(BLOCK).scan(0, |sum, block| {
                *sum += begun(block);
                Some(*sum)
            }));
            sums
        });
        let block = byte / BLOCK;
        blocks
            .get(block)
            .map_or(0, |before| before + begun(bytes.get(block * BLOCK..byte).unwrap_or_default()))
    }

    /// The line (from 1) in which an offset is.
    pub(crate) fn number(&self, offset: u32) -> usize {
        let byte = floor(self.text, offset as usize);
        self.starts.partition_point(|s| *s <= byte)
    }

    /// The offset at which a line (from 1) begins.
    pub(crate) fn start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// The text of a line (from 1) without its end.
    pub(crate) fn line(&self, line: usize) -> &'a str {
        let start = self.start(line);
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}

/// The greatest character boundary at or before `offset`.
pub(crate) fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The path of a file, or `?` for a place in no file.
pub(crate) fn path(files: &[FileName], file: u32) -> &str {
    files.get(file as usize).map_or("?", |f| f.path.as_str())
}

/// How many characters begin in some bytes: in UTF-8 all but the first of each are `10xxxxxx`.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| (**b & 0b1100_0000) != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As it is counted by hand, however long the line.
    #[test]
    fn columns_of_long_lines_are_counted_in_characters() {
        let line = "é{ x𝄞".repeat(BLOCK / 4);
        for text in [line.clone(), format!("{line}\n\n{line}{line}\r\n"), "ab".repeat(BLOCK)] {
            let lines = Lines::new(&text);
            let (mut number, mut column) = (1, 1);
            for (byte, c) in text.char_indices().chain([(text.len(), ' ')]) {
                let expected = Position { line: number, column, byte };
                assert_eq!(lines.position(byte as u32), expected);
                assert_eq!(lines.position((byte + c.len_utf8() - 1) as u32).column, column);
                (number, column) = if c == '\n' { (number + 1, 1) } else { (number, column + 1) };
            }
        }
    }
}

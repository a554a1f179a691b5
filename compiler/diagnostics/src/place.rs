//! Where a byte offset is, as people count.

use std::cell::Cell;

use crate::diagnostic::FileName;

/// The starts of the lines of one text, so that an offset is found without reading the text again.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// The position found last: on a long line the next is counted from there.
    last: Cell<Position>,
}

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
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
            last: Cell::new(Position { line: 1, column: 1, byte: 0 }),
        }
    }

    /// An offset past the end counts as the end, one inside a character as the start of that character.
    pub(crate) fn position(&self, offset: u32) -> Position {
        let byte = floor(self.text, offset as usize);
        let line = self.number(offset);
        let start = self.start(line);
        let count = |from: usize, to: usize| self.text.get(from..to).map_or(0, |t| t.chars().count());
        let last = self.last.get();
        let column = if last.line != line {
            count(start, byte) + 1
        } else if last.byte <= byte {
            last.column + count(last.byte, byte)
        } else {
            last.column.saturating_sub(count(byte, last.byte))
        };
        let found = Position { line, column, byte };
        self.last.set(found);
        found
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_the_same_wherever_the_search_begins() {
        let text = "é{ é\nab é c\n";
        let all = Lines::new(text);
        let ends = 0..=text.len() as u32;
        for (first, second) in ends.clone().flat_map(|a| ends.clone().map(move |b| (a, b))) {
            all.position(first);
            assert_eq!(all.position(second), Lines::new(text).position(second), "{first} then {second}");
        }
    }
}

//! Compares the lines that a replay wrote with those that are stored.

use std::collections::BTreeSet;
use std::fmt;

use crate::display::escape;
use crate::json::J;

/// Where two records part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which line, from 1.
    pub line: u64,
    /// Its `seq`, from the line that has one.
    pub seq: u64,
    /// JSON pointers to the fields that differ; none when a side has no line here or it cannot be read.
    pub paths: Vec<String>,
    /// The expected line; `None` when there is none here.
    pub left: Option<Vec<u8>>,
    /// The stored line; `None` when there is none here.
    pub right: Option<Vec<u8>>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes: &[u8]| escape(String::from_utf8_lossy(bytes).trim_end_matches('\n'));
        match (&self.left, &self.right) {
            (Some(left), None) => write!(f, "seq {}: expected, but not stored: {}", self.seq, text(left)),
            (None, Some(right)) => write!(f, "seq {}: stored, but not expected: {}", self.seq, text(right)),
            (Some(left), Some(right)) if self.paths.is_empty() => {
                write!(f, "seq {}: expected {}\n  stored {}", self.seq, text(left), text(right))
            }
            _ => {
                let (left, right) = (read(self.left.as_deref()), read(self.right.as_deref()));
                let side = |line: &Option<J>, path: &str| match line.as_ref().and_then(|j| j.at(path)) {
                    Some(j) => text(&j.to_bytes()),
                    None => "nothing".to_string(),
                };
                write!(f, "seq {}:", self.seq)?;
                for path in &self.paths {
                    let (left, right) = (side(&left, path), side(&right, path));
                    write!(f, "\n  {}: expected {left}, stored {right}", escape(path))?;
                }
                Ok(())
            }
        }
    }
}

/// The first line that differs, with the fields that do; `None` when all bytes are the same. Both sides are lines of one
/// chain, each with its newline; one line is enough.
#[must_use]
pub fn first_difference(expected: &[u8], stored: &[u8]) -> Option<Difference> {
    let mut left = expected.split_inclusive(|b| *b == b'\n');
    let mut right = stored.split_inclusive(|b| *b == b'\n');
    let mut line = 0u64;
    loop {
        line = line.saturating_add(1);
        let (left, right) = (left.next(), right.next());
        if left != right {
            return Some(difference(line, left, right));
        }
        left?;
    }
}

fn difference(line: u64, left: Option<&[u8]>, right: Option<&[u8]>) -> Difference {
    let (l, r) = (read(left), read(right));
    let mut paths = Vec::new();
    if let (Some(l), Some(r)) = (&l, &r) {
        walk(&mut String::new(), Some(l), Some(r), &mut paths);
    }
    let seq = [&l, &r].into_iter().flatten().find_map(|j| j.get("seq")?.as_int());
    let seq = seq.and_then(|n| u64::try_from(n).ok()).unwrap_or(line.saturating_sub(1));
    Difference { line, seq, paths, left: left.map(<[u8]>::to_vec), right: right.map(<[u8]>::to_vec) }
}

fn read(line: Option<&[u8]>) -> Option<J> {
    J::parse(line?.strip_suffix(b"\n")?).ok()
}

fn walk(path: &mut String, left: Option<&J>, right: Option<&J>, out: &mut Vec<String>) {
    let mut inner = |name: &str, l: Option<&J>, r: Option<&J>| {
        let length = path.len();
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        walk(path, l, r, out);
        path.truncate(length);
    };
    match (left, right) {
        (l, r) if l == r => {}
        (Some(J::Obj(l)), Some(J::Obj(r))) => {
            let names: BTreeSet<&String> = l.keys().chain(r.keys()).collect();
            names.into_iter().for_each(|name| inner(name, l.get(name), r.get(name)));
        }
        (Some(J::Arr(l)), Some(J::Arr(r))) => {
            (0..l.len().max(r.len())).for_each(|i| inner(&i.to_string(), l.get(i), r.get(i)));
        }
        _ => out.push(path.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes_of, run_of};

    #[test]
    fn the_same_lines_do_not_differ() {
        let lines = bytes_of(&run_of("r1", 3));
        assert_eq!(first_difference(&lines, &lines), None);
        assert_eq!(first_difference(b"", b""), None);
    }

    #[test]
    fn the_first_line_that_differs_is_shown_with_its_fields() {
        let stored = bytes_of(&run_of("r1", 3));
        let expected = String::from_utf8(stored.clone()).unwrap().replace("note 1", "note\u{202e} 7");
        let found = first_difference(expected.as_bytes(), &stored).unwrap();
        assert_eq!((found.line, found.seq), (2, 1));
        assert_eq!(found.to_string(), "seq 1:\n  /text/val: expected \"note\\u{202e} 7\", stored \"note 1\"");
    }

    #[test]
    fn a_record_that_ends_early_differs_there() {
        let stored = run_of("r1", 3);
        let found = first_difference(&bytes_of(&stored), &bytes_of(&stored[..2])).unwrap();
        assert_eq!((found.line, found.seq, found.right.as_ref()), (3, 2, None));
        assert!(found.to_string().starts_with("seq 2: expected, but not stored: {"));
        let found = first_difference(&bytes_of(&stored[..2]), &bytes_of(&stored)).unwrap();
        assert!(found.to_string().starts_with("seq 2: stored, but not expected: {"));
    }

    #[test]
    fn paths_are_pointers_into_lists_and_objects() {
        let left = br#"{"a/b":{"c~d":1},"parts":[1,{"is":"true"}],"seq":9}
"#;
        let right = br#"{"a/b":{},"parts":[1,{"is":"false"},3],"seq":9}
"#;
        let found = first_difference(left, right).unwrap();
        assert_eq!(found.paths, ["/a~1b/c~0d", "/parts/1/is", "/parts/2"]);
        assert_eq!(
            found.to_string(),
            "seq 9:\n  /a~1b/c~0d: expected 1, stored nothing\n  /parts/1/is: expected \"true\", stored \"false\"\n  \
             /parts/2: expected nothing, stored 3"
        );
        assert_eq!(found.seq, 9);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_shown_whole() {
        let found = first_difference(b"{\"seq\":0}\n", b"\x1b[2J\n").unwrap();
        assert_eq!(found.to_string(), "seq 0: expected {\"seq\":0}\n  stored \\u{1b}[2J");
    }
}

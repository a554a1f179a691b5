//! Alerts out of a file or a pipe: JSON lines, one JSON array, or JSON documents one after another, pretty-printed or not,
//! told apart by themselves. Lines and documents are read as they come; of an array, one element at a time is held.
//!
//! A record that is broken gives one error, and the next one is read. After a broken line or document, reading goes on at the
//! next line that does not look like its continuation; in an array, at the comma where the brackets balance.

use std::io::{ErrorKind, Read};

use serde_json::Value;

use crate::body::{self, MAX_DEPTH};
use crate::scan::{DEEP, Element, Scanner, Step};

/// The largest record: bytes.
pub const MAX_RECORD: usize = 16 * 1024 * 1024;
/// How much is kept of a record that is broken: bytes.
const KEPT: usize = 64 * 1024;
/// How much is read at a time: bytes.
const CHUNK: usize = 64 * 1024;

/// One record, good or bad.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// From 0, broken ones included.
    pub index: usize,
    /// The line in which it begins, from 1. `None` when the input could not be read any further.
    pub line: Option<usize>,
    /// Which of the records that begin in that line, from 1.
    pub nth: usize,
    /// The alert: an object; with a pointer, that part of the record.
    pub body: Result<Value, Unreadable>,
    /// The bytes of the whole record as they came; of a broken one the first 64 KiB at most.
    pub raw: Vec<u8>,
}

impl Record {
    /// Where it stands in an input of this name: `alerts.jsonl:8`, and of several in one line `alerts.jsonl:8.2`. No two records of an input
    /// stand in one place.
    #[must_use]
    pub fn place(&self, input: &str) -> String {
        match (self.line, self.nth) {
            (None, _) => format!("{input}:end"),
            (Some(line), 1) => format!("{input}:{line}"),
            (Some(line), nth) => format!("{input}:{line}.{nth}"),
        }
    }
}

/// Why a record is no alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// In words; may repeat the pointer, never the record.
    pub why: String,
    /// Where, in bytes from the beginning of the input.
    pub offset: u64,
}

/// Reads records. `pointer` is a JSON pointer (RFC 6901) to the alert inside each record; the empty one, like none, is the
/// whole record.
pub fn read_records<R: Read>(input: R, pointer: Option<&str>) -> Records<R> {
    Records {
        input,
        chunk: vec![0; CHUNK].into(),
        buf: Vec::new(),
        at: 0,
        dropped: 0,
        end: false,
        failed: None,
        line: 1,
        index: 0,
        last: (0, 0),
        array: Array::Outside,
        begun: false,
        pointer: pointer.filter(|p| !p.is_empty()).map(String::from),
    }
}

/// See [`read_records`].
#[derive(Debug)]
pub struct Records<R> {
    input: R,
    /// What is read at a time.
    chunk: Box<[u8]>,
    /// What was read and is still needed.
    buf: Vec<u8>,
    /// Where in `buf` the next record begins.
    at: usize,
    /// Bytes of the input before `buf`.
    dropped: u64,
    /// There is no more input.
    end: bool,
    failed: Option<std::io::Error>,
    /// Line of `at`.
    line: usize,
    index: usize,
    /// The line in which the last record began, and which of its records it was.
    last: (usize, usize),
    array: Array,
    begun: bool,
    pointer: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Array {
    Outside,
    /// Before an element; `first`: or the closing bracket.
    Before {
        first: bool,
    },
    /// Behind an element.
    Behind,
}

impl<R: Read> Iterator for Records<R> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if !self.begun {
            self.begun = true;
            if let Some(refused) = self.begin() {
                return Some(refused);
            }
        }
        loop {
            self.skip_blanks();
            self.forget();
            let Some(byte) = self.byte(self.at) else { return self.last() };
            match (self.array, byte) {
                (Array::Outside, b'[') => {
                    self.advance(1);
                    self.array = Array::Before { first: true };
                }
                (Array::Outside, b'{') => return Some(self.document()),
                (Array::Outside, _) => return Some(self.other_line()),
                (Array::Before { first: true } | Array::Behind, b']') => {
                    self.advance(1);
                    self.array = Array::Outside;
                }
                (Array::Behind, b',') => {
                    self.advance(1);
                    self.array = Array::Before { first: false };
                }
                (Array::Before { .. } | Array::Behind, _) => return Some(self.element()),
            }
        }
    }
}

impl<R: Read> Records<R> {
    /// Byte order marks: one of UTF-8 is passed over, input in UTF-16 is refused.
    fn begin(&mut self) -> Option<Record> {
        self.byte(2);
        if self.buf.starts_with(b"\xEF\xBB\xBF") {
            self.at = 3;
        } else if self.buf.starts_with(b"\xFF\xFE") || self.buf.starts_with(b"\xFE\xFF") {
            self.end = true;
            let refused = self.broken(0, 0, "the input is UTF-16; it must be UTF-8".into());
            self.advance(self.buf.len());
            return Some(refused);
        }
        None
    }

    /// What is left to say at the end of the input.
    fn last(&mut self) -> Option<Record> {
        if let Some(error) = self.failed.take() {
            self.array = Array::Outside;
            let mut record =
                self.broken(self.at, self.at, format!("the input cannot be read any further: {error}"));
            record.line = None;
            return Some(record);
        }
        if self.array != Array::Outside {
            self.array = Array::Outside;
            return Some(self.broken(
                self.at,
                self.at,
                "the input ends inside a list: its `]` is missing".into(),
            ));
        }
        None
    }

    /// A document that begins with `{`.
    fn document(&mut self) -> Record {
        let mut scanner = Scanner::new();
        let mut at = self.at;
        // `beyond`: it breaks at a bound. Then lines in between are not looked at again, each as a beginning: that would be as
        // often as it is deep.
        let (broken_at, why, beyond) = loop {
            if at.saturating_sub(self.at) >= MAX_RECORD {
                break (at, too_large(), true);
            }
            let Some(byte) = self.byte(at) else { break (at, "it ends too early".into(), false) };
            match scanner.step(byte) {
                Step::More => at = at.saturating_add(1),
                Step::Done => {
                    let end = at.saturating_add(1);
                    match self.behind(end) {
                        None => return self.take(end),
                        Some(stray) => break (stray, "something stands behind it".into(), false),
                    }
                }
                Step::Broken(why) => break (at, why.into(), why == DEEP),
            }
        };
        let record = self.broken(
            broken_at,
            broken_at,
            format!("not JSON at byte {} of it: {why}", broken_at.saturating_sub(self.at)),
        );
        self.resynchronise(if beyond { broken_at } else { self.at });
        record
    }

    /// Whether something stands behind a document in its line that is not another one; then where. What stands behind many
    /// blanks is a record of its own.
    fn behind(&mut self, end: usize) -> Option<usize> {
        let mut at = end;
        loop {
            if at.saturating_sub(end) >= CHUNK {
                return None;
            }
            match self.byte(at) {
                Some(b' ' | b'\t' | b'\r') => at = at.saturating_add(1),
                None | Some(b'\n' | b'{' | b'[') => return None,
                Some(_) => return Some(at),
            }
        }
    }

    /// A line that begins with neither bracket: a bare value, or no JSON at all.
    fn other_line(&mut self) -> Record {
        let end = self.end_of_line(self.at);
        let Some(end) = end else {
            let record = self.broken(self.at, self.at, too_large());
            self.drop_line();
            return record;
        };
        self.take(end)
    }

    /// An element of an array, up to its comma or the closing bracket.
    fn element(&mut self) -> Record {
        if matches!(self.byte(self.at), Some(b',' | b']')) {
            let record = self.broken(
                self.at,
                self.at,
                "not JSON: there is nothing between two commas or brackets of a list".into(),
            );
            self.array = Array::Behind;
            return record;
        }
        let mut element = Element::default();
        let mut at = self.at;
        // Set once it is broken for sure; from then on nothing of it is kept.
        let mut record = None;
        loop {
            let size = at.saturating_sub(self.at);
            if record.is_none() && (size >= MAX_RECORD || element.too_deep) {
                let why = if element.too_deep {
                    format!("nested more than {MAX_DEPTH} levels")
                } else {
                    too_large()
                };
                record = Some(self.broken(at, at, why));
            }
            if record.is_some() && size >= CHUNK {
                self.advance(size);
                self.forget();
                at = self.at;
            }
            match self.byte(at) {
                Some(byte) if element.ends_before(byte) => break,
                Some(_) => at = at.saturating_add(1),
                None => {
                    if element.is_balanced() {
                        break;
                    }
                    // One error says both: that the element is cut off, and that the list is.
                    self.array = Array::Outside;
                    let record =
                        record.unwrap_or_else(|| self.broken(at, at, "the input ends inside it".into()));
                    self.advance(at.saturating_sub(self.at));
                    return record;
                }
            }
        }
        self.array = Array::Behind;
        match record {
            Some(record) => {
                self.advance(at.saturating_sub(self.at));
                record
            }
            None => self.take(at),
        }
    }

    /// Takes the bytes up to `end` as one record.
    fn take(&mut self, end: usize) -> Record {
        let bytes = self.buf.get(self.at..end).unwrap_or_default();
        let bytes = bytes.trim_ascii_end().to_vec();
        let body = if body::has_too_many_parts(&bytes) {
            Err((body::too_many_parts(), 0))
        } else {
            match body::parse(&bytes) {
                Ok(value) => self.alert(value).map_err(|why| (why, 0)),
                Err((why, offset)) => Err((format!("not JSON at byte {offset} of it: {why}"), offset)),
            }
        };
        let record = match body {
            Ok(value) => {
                let (index, nth) = self.count();
                Record { index, line: Some(self.line), nth, body: Ok(value), raw: bytes }
            }
            Err((why, offset)) => self.broken(self.at.saturating_add(offset), end, why),
        };
        self.advance(end.saturating_sub(self.at));
        record
    }

    fn alert(&self, mut record: Value) -> Result<Value, String> {
        if !record.is_object() {
            return Err(format!("not an object, but {}", kind(&record)));
        }
        let Some(pointer) = &self.pointer else { return Ok(record) };
        match record.pointer_mut(pointer).map(Value::take) {
            None if !pointer.starts_with('/') => {
                Err(format!("no {pointer} in this record: a JSON pointer begins with `/`"))
            }
            None => Err(format!("no {pointer} in this record")),
            Some(alert) if alert.is_object() => Ok(alert),
            Some(Value::Array(_)) => Err(format!(
                "{pointer} of this record is not an object, but a list; bring each of its elements as a record of its own, as \
                 `jq -c '{}[]'` writes them",
                pointer
                    .trim_start_matches('/')
                    .split('/')
                    .fold(String::new(), |path, part| path + "." + part)
            )),
            Some(other) => Err(format!("{pointer} of this record is not an object, but {}", kind(&other))),
        }
    }

    /// A record that is broken at a place of `buf`; it begins at `at` and was looked at up to `seen`.
    fn broken(&mut self, place: usize, seen: usize, why: String) -> Record {
        let raw: Vec<u8> =
            self.buf.get(self.at..seen).unwrap_or_default().iter().take(KEPT).copied().collect();
        let offset = self.dropped.saturating_add(place as u64);
        let (index, nth) = self.count();
        Record { index, line: Some(self.line), nth, body: Err(Unreadable { why, offset }), raw }
    }

    /// The number of the next record, and which of its line it is.
    fn count(&mut self) -> (usize, usize) {
        let index = self.index;
        self.index = self.index.saturating_add(1);
        let (line, before) = self.last;
        let nth = if line == self.line { before.saturating_add(1) } else { 1 };
        self.last = (self.line, nth);
        (index, nth)
    }

    /// After a broken document: goes to the next line that does not look like its continuation. Printers of JSON indent, and
    /// put at most a closing bracket at the beginning of a line. The first line that is tried is the one with the place
    /// `from`, or the one after that when the document begins in it.
    fn resynchronise(&mut self, from: usize) {
        let passed = self.buf.get(self.at..from).unwrap_or_default();
        match passed.iter().rposition(|b| *b == b'\n') {
            Some(end) => self.advance(end.saturating_add(1)),
            None => self.drop_line(),
        }
        while let Some(b' ' | b'\t' | b'\r' | b'\n' | b'}' | b']' | b'"' | b',') = self.byte(self.at) {
            self.drop_line();
        }
    }

    /// Goes behind the next line break, however far it is.
    fn drop_line(&mut self) {
        loop {
            let rest = self.buf.get(self.at..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|b| *b == b'\n') {
                return self.advance(end.saturating_add(1));
            }
            self.advance(rest.len());
            self.forget();
            if self.byte(self.at).is_none() {
                return;
            }
        }
    }

    /// The end of the line, its break not included; `None` when the line is too long for a record.
    fn end_of_line(&mut self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            if let Some(end) = self.buf.get(at..).unwrap_or_default().iter().position(|b| *b == b'\n') {
                return Some(at.saturating_add(end)).filter(|end| end.saturating_sub(from) <= MAX_RECORD);
            }
            at = self.buf.len();
            if at.saturating_sub(from) > MAX_RECORD {
                return None;
            }
            if self.byte(at).is_none() {
                return Some(at);
            }
        }
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.byte(self.at) {
            let rest = self.buf.get(self.at..).unwrap_or_default();
            let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
            self.advance(blanks);
            self.forget();
        }
    }

    /// Leaves so many bytes behind.
    fn advance(&mut self, by: usize) {
        let to = self.at.saturating_add(by).min(self.buf.len());
        let breaks = self.buf.get(self.at..to).unwrap_or_default().iter().filter(|b| **b == b'\n').count();
        self.line = self.line.saturating_add(breaks);
        self.at = to;
    }

    /// Forgets what was left behind, once that is worth moving the rest for. Places in `buf` change, so never while a record
    /// is looked at.
    fn forget(&mut self) {
        if self.at >= CHUNK && self.at >= self.buf.len() / 2 {
            self.buf.drain(..self.at);
            self.dropped = self.dropped.saturating_add(self.at as u64);
            self.at = 0;
        }
    }

    /// The byte at a place of `buf`, read if need be.
    fn byte(&mut self, place: usize) -> Option<u8> {
        loop {
            if let Some(byte) = self.buf.get(place) {
                return Some(*byte);
            }
            if self.end {
                return None;
            }
            self.fill();
        }
    }

    fn fill(&mut self) {
        let read = loop {
            match self.input.read(&mut self.chunk) {
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let read = read.unwrap_or_else(|e| {
            self.failed = Some(e);
            0
        });
        self.buf.extend_from_slice(self.chunk.get(..read).unwrap_or_default());
        self.end = read == 0;
    }
}

fn too_large() -> String {
    format!("larger than {} MiB", MAX_RECORD / 1024 / 1024)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Gives its bytes a few at a time, as a pipe may.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let n = self.0.len().min(self.1).min(into.len());
            let (now, later) = self.0.split_at(n);
            into[..n].copy_from_slice(now);
            self.0 = later;
            Ok(n)
        }
    }

    fn read(text: &str, pointer: Option<&str>) -> Vec<Record> {
        let all: Vec<Record> = read_records(text.as_bytes(), pointer).collect();
        let dripped: Vec<Record> = read_records(Drip(text.as_bytes(), 3), pointer).collect();
        assert_eq!(all, dripped, "the size of reads must not matter");
        assert!(all.iter().enumerate().all(|(i, r)| r.index == i));
        all
    }

    /// A line a record: its line, and its content or what is wrong.
    fn shown(text: &str, pointer: Option<&str>) -> String {
        let one = |r: Record| match r.body {
            Ok(value) => format!("{} {value}\n", r.line.unwrap()),
            Err(e) => format!("{} at {}: {}\n", r.line.unwrap(), e.offset, e.why),
        };
        read(text, pointer).into_iter().map(one).collect()
    }

    fn values(text: &str) -> Vec<Value> {
        read(text, None).into_iter().map(|r| r.body.unwrap()).collect()
    }

    #[test]
    fn lines_arrays_and_documents_are_told_apart() {
        let both = vec![json!({"a": 1}), json!({"b": [2]})];
        assert_eq!(values("{\"a\":1}\n{\"b\":[2]}\n"), both);
        assert_eq!(values("\u{feff}{\"a\":1}\r\n\r\n{\"b\":[2]}"), both);
        assert_eq!(values("{\"a\":1}{\"b\":[2]}"), both);
        assert_eq!(values("[{\"a\":1}, {\"b\":[2]}]"), both);
        assert_eq!(values("[]\n[{\"a\":1}]\n{\n  \"b\": [\n    2\n  ]\n}\n"), both);
        assert_eq!(values(" \n "), Vec::<Value>::new());
        assert_eq!(values("{\"a\":2,\"a\":1}"), vec![json!({"a": 1})]);
    }

    #[test]
    fn a_record_keeps_its_bytes_and_its_line() {
        let records = read("{ \"a\": 1 }\n\n[{\"b\": 2},\n {\"c\":3} ]", None);
        let seen: Vec<(Option<usize>, &str)> =
            records.iter().map(|r| (r.line, std::str::from_utf8(&r.raw).unwrap())).collect();
        assert_eq!(seen, [(Some(1), "{ \"a\": 1 }"), (Some(3), "{\"b\": 2}"), (Some(4), "{\"c\":3}")]);
    }

    #[test]
    fn a_record_stands_where_an_editor_shows_it() {
        let text = "{\"a\":1}\n\n  \n{\"b\":2} {\"c\":3}\nhello\n\n[{\"d\":4}, 5,\n{\"e\":6}]\n";
        let places: Vec<String> = read(text, None).iter().map(|r| r.place("a.jsonl")).collect();
        let right =
            ["a.jsonl:1", "a.jsonl:4", "a.jsonl:4.2", "a.jsonl:5", "a.jsonl:7", "a.jsonl:7.2", "a.jsonl:8"];
        assert_eq!(places, right);
    }

    #[test]
    fn a_pointer_finds_the_alert_inside_a_record() {
        let text = "{\"log\":{\"x\":1}}\n{\"lug\":{}}\n{\"log\":3}\n";
        insta::assert_snapshot!(shown(text, Some("/log")), @r#"
        1 {"x":1}
        2 at 16: no /log in this record
        3 at 27: /log of this record is not an object, but a number
        "#);
        insta::assert_snapshot!(shown("{\"log\":{}}", Some("log")), @"1 at 0: no log in this record: a JSON pointer begins with `/`");
        insta::assert_snapshot!(shown("{\"log\":{}}", Some("")), @r#"1 {"log":{}}"#);
    }

    #[test]
    fn a_broken_line_is_one_error_and_the_next_is_read() {
        insta::assert_snapshot!(shown("{\"a\": tru}\n{\"b\": 1\n{\"c\":\n{\"d\": \"x\n{\"e\": 1}}\n{\"f\": 1} x\nhello\n17\n}\n{\"z\": 1}", None), @r#"
        1 at 9: not JSON at byte 9 of it: expected true, false or null
        2 at 19: not JSON at byte 8 of it: expected `,` or a closing bracket
        3 at 33: not JSON at byte 14 of it: a control character or a line break in a text
        4 at 33: not JSON at byte 8 of it: a control character or a line break in a text
        5 at 42: not JSON at byte 8 of it: something stands behind it
        6 at 53: not JSON at byte 9 of it: something stands behind it
        7 at 55: not JSON at byte 0 of it: expected value
        8 at 61: not an object, but a number
        9 at 64: not JSON at byte 0 of it: expected value
        10 {"z":1}
        "#);
    }

    #[test]
    fn a_broken_document_is_one_error_and_the_next_is_read() {
        let text = "{\n  \"a\" 1,\n  \"b\": {\n  }\n}\n{\n  \"c\": 1\n}\n";
        insta::assert_snapshot!(shown(text, None), @r#"
        1 at 8: not JSON at byte 8 of it: expected `:`
        6 {"c":1}
        "#);
    }

    #[test]
    fn a_broken_element_is_one_error_and_the_next_is_read() {
        insta::assert_snapshot!(shown("[{\"a\": tru},\n {\"b\": ]},\n 3, , {\"c\": \"],\"},]", None), @r#"
        1 at 10: not JSON at byte 9 of it: expected true, false or null
        2 at 20: not JSON at byte 6 of it: expected value
        3 at 25: not an object, but a number
        3 at 28: not JSON: there is nothing between two commas or brackets of a list
        3 {"c":"],"}
        3 at 42: not JSON: there is nothing between two commas or brackets of a list
        "#);
        insta::assert_snapshot!(shown("[{\"a\": 1}, {\"b\": ", None), @r#"
        1 {"a":1}
        1 at 17: the input ends inside it
        "#);
        insta::assert_snapshot!(shown("[{\"a\": 1}", None), @r#"
        1 {"a":1}
        1 at 9: the input ends inside a list: its `]` is missing
        "#);
    }

    #[test]
    fn what_is_no_text_is_an_error_too() {
        let records: Vec<Record> = read_records(&b"{\"a\": \"\xFF\"}\n{\"b\": 1}\n"[..], None).collect();
        assert!(records[0].body.as_ref().unwrap_err().why.contains("invalid unicode"));
        assert_eq!(records[1].body, Ok(json!({"b": 1})));
        let utf16: Vec<Record> = read_records(&b"\xFF\xFE{\0}\0"[..], None).collect();
        assert_eq!(utf16.len(), 1);
        assert!(utf16[0].body.as_ref().unwrap_err().why.contains("UTF-16"));
    }

    #[test]
    fn input_that_fails_says_so_after_what_came() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("unplugged"))
            }
        }
        let records: Vec<Record> = read_records(b"{\"a\":1}\n".chain(Fails), None).collect();
        assert_eq!(records.len(), 2);
        assert_eq!(
            records[1].body.as_ref().unwrap_err().why,
            "the input cannot be read any further: unplugged"
        );
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let one_error = |bytes: &[u8], why: &str| {
            let records: Vec<Record> = read_records(bytes, None).collect();
            assert_eq!(records.len(), 1, "{why}");
            assert!(records[0].body.as_ref().unwrap_err().why.contains(why), "{:?}", records[0].body);
            assert!(records[0].raw.len() <= KEPT);
        };
        one_error(&vec![b'['; 10_000_000], "nested more than 127 levels");
        one_error(&b"{\"a\":".repeat(2_000_000), "nested more than 127 levels");
        one_error(&vec![b'{'; 10_000_000], "expected a key");
        let large = [b"{\"a\":\"".as_slice(), &vec![b'x'; MAX_RECORD], b"\"}"].concat();
        one_error(&large, "larger than 16 MiB");
        one_error(&[b"[", large.as_slice(), b"]"].concat(), "larger than 16 MiB");
        one_error(&vec![b'x'; MAX_RECORD + 2 * CHUNK], "larger than 16 MiB");
        let then_more: Vec<Record> =
            read_records([&large, b"\n{\"b\":1}".as_slice()].concat().as_slice(), None).collect();
        assert_eq!(then_more[1].body, Ok(json!({"b": 1})));
        assert_eq!((then_more[1].line, then_more[1].index), (Some(2), 1));
    }

    #[test]
    fn a_record_with_too_many_parts_is_one_error() {
        let many = format!("{{\"a\":[{}0]}}", "[],".repeat(body::MAX_PARTS / 2));
        for text in [format!("{many}\n{{\"b\":1}}"), format!("[{many},{{\"b\":1}}]")] {
            let records: Vec<Record> = read_records(text.as_bytes(), None).collect();
            let why = &records[0].body.as_ref().unwrap_err().why;
            assert_eq!(why, "more than 400000 braces, brackets, commas and colons");
            assert_eq!(records[0].raw.len(), KEPT);
            assert_eq!(records[1].body, Ok(json!({"b": 1})));
            assert_eq!(records.len(), 2);
        }
    }

    #[test]
    fn blanks_behind_a_record_are_not_held() {
        let input = b"{}".chain(std::io::repeat(b' ').take(1 << 20)).chain(&b"x\n{\"b\":1}"[..]);
        let mut records = read_records(input, None);
        assert_eq!(records.next().unwrap().body, Ok(json!({})));
        assert!(records.buf.len() <= 4 * CHUNK, "{}", records.buf.len());
        let stray = records.next().unwrap();
        assert_eq!((stray.line, stray.body.unwrap_err().offset), (Some(1), 2 + (1 << 20)));
        assert_eq!(records.next().unwrap().body, Ok(json!({"b": 1})));
        assert!(records.next().is_none());
    }

    #[test]
    fn lines_that_only_open_brackets_are_not_looked_at_again_and_again() {
        let text = format!("{}x\n{{\"z\":1}}", "{\"a\":[\n".repeat(200));
        let records: Vec<Record> = read_records(text.as_bytes(), None).collect();
        let lines: Vec<usize> = records.iter().filter_map(|r| r.line).collect();
        // 63 lines are 126 levels; the line that goes too deep is the next one that is tried. From 190 on, the `x` stops it.
        assert_eq!(lines.get(..5).unwrap(), [1, 64, 127, 190, 191]);
        assert_eq!(records.last().unwrap().body, Ok(json!({"z": 1})));
    }

    #[test]
    fn a_deep_record_behind_one_that_is_cut_off_is_read() {
        let deep = format!("{{\"d\":{}{}}}", "[".repeat(125), "]".repeat(125));
        let records: Vec<Record> =
            read_records(format!("{{\"a\":[\n{deep}\n{{\"z\":1}}\n").as_bytes(), None).collect();
        assert!(records[0].body.as_ref().unwrap_err().why.contains("nested more than 127 levels"));
        assert_eq!(records[1].raw, deep.as_bytes());
        assert!(records[1].body.is_ok() && records[2].body.is_ok());
        assert_eq!(records.len(), 3);
    }

    fn record() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[\\[\\]{}\",:\\\\a-c\\n é]{0,6}".prop_map(Value::from),
        ];
        let value = leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-c{\"]{0,3}", inner, 0..4)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        });
        proptest::collection::btree_map("[a-c]{1,3}", value, 0..4)
            .prop_map(|m| Value::Object(m.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn the_form_does_not_matter(records in proptest::collection::vec(record(), 0..6)) {
            let each = |print: fn(&Value) -> String, between: &str| {
                records.iter().map(print).collect::<Vec<_>>().join(between)
            };
            let pretty = |v: &Value| serde_json::to_string_pretty(v).unwrap();
            for text in [
                each(Value::to_string, "\n"),
                each(Value::to_string, "\r\n\r\n"),
                each(Value::to_string, ""),
                each(pretty, "\n"),
                each(pretty, " "),
                format!("[{}]", each(Value::to_string, ",")),
                pretty(&Value::from(records.clone())),
            ] {
                prop_assert_eq!(values(&text), records.clone(), "{}", text);
            }
        }

        #[test]
        fn a_line_cut_anywhere_costs_only_itself(
            records in proptest::collection::vec(record(), 1..6), which in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(),
        ) {
            let which = which.index(records.len());
            let mut lines: Vec<String> = records.iter().map(Value::to_string).collect();
            let mut at = 1 + cut.index(lines[which].len() - 1);
            while !lines[which].is_char_boundary(at) { at -= 1; }
            lines[which].truncate(at);
            let read = read(&lines.join("\n"), None);
            prop_assert_eq!(read.len(), records.len(), "{:?}", lines);
            for (i, record) in read.into_iter().enumerate() {
                prop_assert_eq!(record.body.ok(), (i != which).then(|| records[i].clone()));
            }
        }

        #[test]
        fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"[]{},:\"\\\n a1".to_vec())], 0..120)) {
            let records: Vec<Record> = read_records(bytes.as_slice(), None).collect();
            prop_assert!(records.len() <= bytes.len() + 1);
        }
    }
}

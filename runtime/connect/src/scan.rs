//! Finds the end of a JSON document in a stream, and notices as early as possible that it has none. Numbers, words and
//! escapes are not looked at closely: the parser does that once the document is cut out.

use crate::body::MAX_DEPTH;

/// What a byte meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The document goes on.
    More,
    /// This byte was its last.
    Done,
    /// It cannot be JSON any more; this byte is the first that does not fit.
    Broken(&'static str),
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// A value.
    Value,
    /// A value or `]`.
    FirstValue,
    /// A key.
    Key,
    /// A key or `}`.
    FirstKey,
    /// `:`
    Colon,
    /// `,` or the closing bracket.
    Comma,
}

/// Reads one object or array, byte by byte.
#[derive(Debug)]
pub(crate) struct Scanner {
    /// Open brackets: true for an object.
    open: Vec<bool>,
    next: Next,
    text: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    /// Outside of any.
    None,
    /// In a string; a key if so.
    String { key: bool },
    /// After a backslash.
    Escape { key: bool },
    /// In a number or word.
    Scalar,
}

/// Said of what is nested too deeply.
pub(crate) const DEEP: &str = "nested more than 127 levels";

impl Scanner {
    pub(crate) fn new() -> Self {
        Self { open: Vec::new(), next: Next::Value, text: Text::None }
    }

    pub(crate) fn step(&mut self, byte: u8) -> Step {
        match self.text {
            Text::Escape { key } => {
                self.text = Text::String { key };
                return Step::More;
            }
            Text::String { key } => {
                match byte {
                    b'\\' => self.text = Text::Escape { key },
                    b'"' => {
                        self.text = Text::None;
                        self.next = if key { Next::Colon } else { Next::Comma };
                    }
                    0..=0x1F => return Step::Broken("a control character or a line break in a text"),
                    _ => {}
                }
                return Step::More;
            }
            Text::Scalar if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.') => {
                return Step::More;
            }
            Text::Scalar => {
                self.text = Text::None;
                self.next = Next::Comma;
            }
            Text::None => {}
        }
        self.outside(byte)
    }

    fn outside(&mut self, byte: u8) -> Step {
        match (byte, self.next) {
            (b' ' | b'\t' | b'\r' | b'\n', _) => {}
            (b'{' | b'[', Next::Value | Next::FirstValue) => {
                if self.open.len() >= MAX_DEPTH {
                    return Step::Broken(DEEP);
                }
                self.open.push(byte == b'{');
                self.next = if byte == b'{' { Next::FirstKey } else { Next::FirstValue };
            }
            (b'}', Next::FirstKey | Next::Comma) if self.open.last() == Some(&true) => return self.close(),
            (b']', Next::FirstValue | Next::Comma) if self.open.last() == Some(&false) => {
                return self.close();
            }
            (b'"', Next::Key | Next::FirstKey) => self.text = Text::String { key: true },
            (b'"', Next::Value | Next::FirstValue) => self.text = Text::String { key: false },
            (b':', Next::Colon) => self.next = Next::Value,
            (b',', Next::Comma) => {
                self.next = if self.open.last() == Some(&true) { Next::Key } else { Next::Value }
            }
            (b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z', Next::Value | Next::FirstValue) => {
                self.text = Text::Scalar
            }
            (_, Next::Value | Next::FirstValue) => return Step::Broken("expected a value"),
            (_, Next::Key | Next::FirstKey) => return Step::Broken("expected a key in quotes"),
            (_, Next::Colon) => return Step::Broken("expected `:`"),
            (_, Next::Comma) => return Step::Broken("expected `,` or a closing bracket"),
        }
        Step::More
    }

    fn close(&mut self) -> Step {
        self.open.pop();
        self.next = Next::Comma;
        if self.open.is_empty() { Step::Done } else { Step::More }
    }
}

/// Finds where an element of an array ends, also of one that is broken, as long as its brackets balance: at a comma or the
/// closing bracket of the array.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Open brackets: the byte that closes each.
    open: Vec<u8>,
    /// Open brackets beyond the greatest depth.
    beyond: usize,
    string: bool,
    escape: bool,
    /// It was nested too deeply.
    pub too_deep: bool,
}

impl Element {
    /// Whether the byte stands behind the element.
    pub(crate) fn ends_before(&mut self, byte: u8) -> bool {
        if self.string {
            match byte {
                _ if self.escape => self.escape = false,
                b'\\' => self.escape = true,
                b'"' => self.string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.string = true,
            b'{' | b'[' if self.open.len() >= MAX_DEPTH => {
                self.too_deep = true;
                self.beyond = self.beyond.saturating_add(1);
            }
            b'{' => self.open.push(b'}'),
            b'[' => self.open.push(b']'),
            b'}' | b']' if self.beyond > 0 => self.beyond = self.beyond.saturating_sub(1),
            b',' => return self.open.is_empty(),
            b']' if self.open.is_empty() => return true,
            b'}' | b']' => {
                // Closes what is open inside too; a bracket that closes nothing is left to the parser.
                if let Some(at) = self.open.iter().rposition(|c| *c == byte) {
                    self.open.truncate(at);
                }
            }
            _ => {}
        }
        false
    }

    /// Whether all brackets are closed.
    pub(crate) fn is_balanced(&self) -> bool {
        self.open.is_empty() && self.beyond == 0 && !self.string
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How far the document goes: the number of its bytes, or where and why it breaks.
    fn scan(text: &str) -> Result<usize, (usize, &'static str)> {
        let mut scanner = Scanner::new();
        for (at, byte) in text.bytes().enumerate() {
            match scanner.step(byte) {
                Step::More => {}
                Step::Done => return Ok(at + 1),
                Step::Broken(why) => return Err((at, why)),
            }
        }
        Err((text.len(), "end"))
    }

    #[test]
    fn a_document_ends_with_its_bracket() {
        assert_eq!(scan(r#"{"a": [1, -2.5e3, true, {}, []], "b}": "]\"}"} {"#), Ok(46));
        assert_eq!(scan("[]"), Ok(2));
    }

    #[test]
    fn what_cannot_be_json_is_noticed_at_once() {
        assert_eq!(scan("{\"a\": 1\n{\"b\": 2}"), Err((8, "expected `,` or a closing bracket")));
        assert_eq!(scan("{\"a\": \"x\n"), Err((8, "a control character or a line break in a text")));
        assert_eq!(scan("{a: 1}"), Err((1, "expected a key in quotes")));
        assert_eq!(scan("{\"a\" 1}"), Err((5, "expected `:`")));
        assert_eq!(scan("{\"a\":}"), Err((5, "expected a value")));
        assert_eq!(scan("[1}"), Err((2, "expected `,` or a closing bracket")));
        assert_eq!(scan(&"[".repeat(1000)), Err((127, DEEP)));
    }

    #[test]
    fn a_broken_element_ends_where_its_brackets_balance() {
        let end = |text: &str| {
            let mut element = Element::default();
            text.bytes().position(|b| element.ends_before(b))
        };
        assert_eq!(end(r#"{"a": tru, "b": "],"},"#), Some(21));
        assert_eq!(end(r#"{"a": [},1]"#), Some(8));
        assert_eq!(end(r#"{"a": ]},1]"#), Some(8));
        assert_eq!(end(r#"{"a": {]"#), None);
        assert_eq!(end(&format!("{}{},", "[".repeat(200), "]".repeat(200))), Some(400));
    }

    proptest! {
        #[test]
        fn what_is_json_is_taken_whole(tail in "[ \\n{}x]{0,4}", depth in 0usize..20, key in "\\PC{0,6}") {
            let mut value = serde_json::json!({ key: "x" });
            for i in 0..depth {
                value = if i % 2 == 0 { serde_json::json!([1, value, null]) } else { serde_json::json!({"k": value, "n": -1.5e7}) };
            }
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert_eq!(scan(&format!("{text}{tail}")), Ok(text.len()));
            }
        }
    }
}

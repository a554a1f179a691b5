//! The reader: takes canonical form only.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{J, MAX_DEPTH, ParseError, fits, key_order};

/// Reads one value, and nothing after it.
pub(super) fn value(bytes: &[u8]) -> Result<J, ParseError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| ParseError { offset: e.valid_up_to(), what: "this is not UTF-8" })?;
    let mut reader = Reader { text, bytes, pos: 0 };
    let value = reader.value(0)?;
    if reader.pos < bytes.len() {
        return Err(reader.error("there is something after the value"));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, what: &'static str) -> ParseError {
        ParseError { offset: self.pos, what }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn take(&mut self, byte: u8, what: &'static str) -> Result<(), ParseError> {
        if self.peek() != Some(byte) {
            return Err(self.error(what));
        }
        self.pos += 1;
        Ok(())
    }

    fn word(&mut self, word: &str, value: J) -> Result<J, ParseError> {
        if !self.bytes.get(self.pos..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            return Err(self.error("a value should stand here"));
        }
        self.pos += word.len();
        Ok(value)
    }

    fn value(&mut self, depth: usize) -> Result<J, ParseError> {
        match self.peek() {
            Some(b'n') => self.word("null", J::Null),
            Some(b't') => self.word("true", J::Bool(true)),
            Some(b'f') => self.word("false", J::Bool(false)),
            Some(b'"') => Ok(J::Str(self.string()?.into_owned())),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'[' | b'{') if depth >= MAX_DEPTH => Err(self.error("this is nested too deeply")),
            Some(b'[') => self.array(depth + 1),
            Some(b'{') => self.object(depth + 1),
            Some(b' ' | b'\t' | b'\r' | b'\n') => Err(self.error("white space has no place here")),
            Some(_) => Err(self.error("a value should stand here")),
            None => Err(self.error("it ends too early")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<J, ParseError> {
        self.pos += 1;
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.pos += 1;
            return Ok(J::Arr(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.peek() == Some(b']') {
                self.pos += 1;
                return Ok(J::Arr(items));
            }
            self.take(b',', "`,` or `]` should stand here")?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<J, ParseError> {
        self.pos += 1;
        if self.peek() == Some(b'}') {
            self.pos += 1;
            return Ok(J::Obj(BTreeMap::new()));
        }
        // They come in order: a map is made of all of them at once in fewer steps than one after the other.
        let mut members = Vec::new();
        let mut last: Option<Cow<'a, str>> = None;
        loop {
            let start = self.pos;
            if self.peek() != Some(b'"') {
                return Err(self.error("a key should stand here"));
            }
            let key = self.string()?;
            let what = match last.as_deref().map_or(Ordering::Less, |last| key_order(last, &key)) {
                Ordering::Less => None,
                Ordering::Equal => Some("this key stands here twice"),
                Ordering::Greater => Some("this key is not in canonical order"),
            };
            if let Some(what) = what {
                return Err(ParseError { offset: start, what });
            }
            self.take(b':', "`:` should stand here")?;
            let value = self.value(depth)?;
            members.push((key.clone().into_owned(), value));
            last = Some(key);
            if self.peek() == Some(b'}') {
                self.pos += 1;
                return Ok(J::Obj(members.into_iter().collect()));
            }
            self.take(b',', "`,` or `}` should stand here")?;
        }
    }

    fn number(&mut self) -> Result<J, ParseError> {
        let start = self.pos;
        if self.peek() == Some(b'-') {
            self.pos += 1;
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.pos += 1;
        }
        let wrong = |what| ParseError { offset: start, what };
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return Err(wrong("a number has to be whole"));
        }
        let digits = self.text.get(start..self.pos).unwrap_or_default();
        let n: i64 = digits.parse().map_err(|_| wrong("this is not a number that fits"))?;
        if !fits(n) {
            return Err(wrong("a number has to be smaller than 2^53"));
        }
        if itoa::Buffer::new().format(n) != digits {
            return Err(wrong("this number is not in canonical form"));
        }
        Ok(J::Int(n))
    }

    /// Borrowed where nothing in it is escaped.
    fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        self.pos += 1;
        let mut out = String::new();
        loop {
            let rest = self.bytes.get(self.pos..).unwrap_or_default();
            let plain = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
            let text = self.text.get(self.pos..self.pos + plain).unwrap_or_default();
            self.pos += plain;
            match self.peek() {
                Some(b'"') => {
                    self.pos += 1;
                    if out.is_empty() {
                        return Ok(Cow::Borrowed(text));
                    }
                    out.push_str(text);
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => {
                    out.push_str(text);
                    out.push(self.escape()?);
                }
                Some(_) => return Err(self.error("a control character has to be escaped")),
                None => return Err(self.error("the text has no end")),
            }
        }
    }

    /// Only what has to be escaped may be, and in one way only.
    fn escape(&mut self) -> Result<char, ParseError> {
        let start = self.pos;
        let wrong = ParseError { offset: start, what: "this escape is not canonical" };
        self.pos += 2;
        Ok(match self.bytes.get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'b') => '\u{8}',
            Some(b't') => '\t',
            Some(b'n') => '\n',
            Some(b'f') => '\u{c}',
            Some(b'r') => '\r',
            Some(b'u') => {
                self.pos += 4;
                let digits = self.text.get(start + 2..start + 6).ok_or(wrong.clone())?;
                let code = u8::from_str_radix(digits, 16).map_err(|_| wrong.clone())?;
                let has_short_form = matches!(code, 0x08 | 0x09 | 0x0a | 0x0c | 0x0d);
                if code >= 0x20 || has_short_form || format!("{code:04x}") != digits {
                    return Err(wrong);
                }
                char::from(code)
            }
            _ => return Err(wrong),
        })
    }
}

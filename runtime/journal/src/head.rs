//! The place of a line in its chain, read without building the whole value.
//!
//! The journal needs `run`, `seq` and `prev` of every line that it takes or finds; the rest is none of its business.

use std::borrow::Cow;

use play_evidence::J;
use play_evidence::line::read_hash;

/// Where a line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineHead<'a> {
    /// Name of its chain.
    pub run: Cow<'a, str>,
    /// Its place there, from 0.
    pub seq: u64,
    /// Hash of the line before.
    pub prev: [u8; 32],
}

impl<'a> LineHead<'a> {
    /// Of a line, its newline included; `None` when it has no such thing.
    pub fn read(line: &'a [u8]) -> Option<Self> {
        let (b'\n', json) = line.split_last()? else { return None };
        if json.contains(&b'\n') {
            return None;
        }
        let (mut run, mut seq, mut prev) = (None, None, None);
        let mut pos = take(json, 0, b'{')?;
        loop {
            let key_end = string_end(json, pos)?;
            let key = json.get(pos..key_end)?;
            let value_start = take(json, key_end, b':')?;
            let value_end = value_end(json, value_start)?;
            let value = json.get(value_start..value_end)?;
            match key {
                b"\"run\"" => run = Some(text(value)?),
                b"\"seq\"" => seq = Some(std::str::from_utf8(value).ok()?.parse().ok()?),
                b"\"prev\"" => prev = Some(read_hash(&text(value)?)?),
                _ => {}
            }
            match json.get(value_end)? {
                b',' => pos = value_end + 1,
                b'}' if value_end + 1 == json.len() => break,
                _ => return None,
            }
        }
        Some(Self { run: run.filter(|r| !r.is_empty())?, seq: seq?, prev: prev? })
    }
}

fn take(json: &[u8], pos: usize, byte: u8) -> Option<usize> {
    (json.get(pos) == Some(&byte)).then_some(pos + 1)
}

/// Just behind the text that begins at `pos`.
fn string_end(json: &[u8], pos: usize) -> Option<usize> {
    let mut pos = take(json, pos, b'"')?;
    loop {
        pos += plain(json.get(pos..)?);
        match json.get(pos)? {
            b'"' => return Some(pos + 1),
            _ => pos += 2,
        }
    }
}

/// How many bytes come before the first quote or backslash: eight are looked at together. (A byte of `zeros` is high where that of
/// its argument is 0, and perhaps where a lower one is; the lowest is right.)
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let (words, rest) = bytes.as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found =
            zeros(word ^ u64::from_ne_bytes([b'"'; 8])) | zeros(word ^ u64::from_ne_bytes([b'\\'; 8]));
        if found != 0 {
            return n * 8 + (found.trailing_zeros() / 8) as usize;
        }
    }
    let tail = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
    words.len() * 8 + tail.unwrap_or(rest.len())
}

/// Just behind the value that begins at `pos`.
fn value_end(json: &[u8], mut pos: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match json.get(pos)? {
            b'"' => pos = string_end(json, pos)?,
            b'{' | b'[' => {
                depth += 1;
                pos += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                pos += 1;
            }
            b',' | b'}' | b']' if depth == 0 => return Some(pos),
            _ => pos += 1,
        }
    }
}

/// A text, which is borrowed when nothing in it is escaped.
fn text(quoted: &[u8]) -> Option<Cow<'_, str>> {
    let inner = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if !inner.contains(&b'\\') {
        return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    match J::parse(quoted) {
        Ok(J::Str(text)) => Some(Cow::Owned(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(members: &str) -> String {
        format!("{{{members}}}\n")
    }

    #[test]
    fn only_the_outermost_members_count() {
        let zeros = "0".repeat(64);
        let line = line(&format!(
            r#""a":{{"run":"no","seq":9}},"b":["\"run\":",[1,2]],"prev":"{zeros}","run":"r","seq":3,"v":0"#
        ));
        let head = LineHead::read(line.as_bytes()).unwrap();
        assert_eq!(head, LineHead { run: "r".into(), seq: 3, prev: [0; 32] });
    }

    #[test]
    fn a_text_is_plain_up_to_its_first_quote_or_backslash() {
        for (len, byte) in [b'"', b'\\'].into_iter().flat_map(|byte| (0..20).map(move |len| (len, byte))) {
            for (fill, behind) in [(b'a', b'"'), (byte + 1, byte), (byte ^ 0x80, byte ^ 1)] {
                let mut text = vec![fill; len];
                text.push(byte);
                text.extend([behind; 9]);
                assert_eq!(plain(&text), len);
                assert_eq!(plain(&text[..len]), len);
            }
        }
    }

    #[test]
    fn names_may_be_escaped() {
        let line = line(&format!(r#""prev":"{}","run":"a\"\\b","seq":0"#, "0".repeat(64)));
        assert_eq!(LineHead::read(line.as_bytes()).unwrap().run, "a\"\\b");
    }

    #[test]
    fn what_is_not_a_line_has_no_head() {
        let zeros = "0".repeat(64);
        for members in [
            String::new(),
            r#""run":"r","seq":0"#.to_string(),
            format!(r#""prev":"{zeros}","run":"r","seq":-1"#),
            format!(r#""prev":"{zeros}","run":"","seq":1"#),
            format!(r#""prev":"{zeros}","run":"r","seq":1}},{{"v":0"#),
            format!(r#""prev":"00","run":"r","seq":1,"z":"{zeros}"#),
        ] {
            assert_eq!(LineHead::read(line(&members).as_bytes()), None, "{members}");
        }
        assert_eq!(LineHead::read(b""), None);
        assert_eq!(LineHead::read(b"{\"run\":\"r\\"), None);
    }
}

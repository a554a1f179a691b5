//! JSON that comes from outside.

/// Deeper nesting is refused: what a parser that recurses can take on any stack.
pub(crate) const MAX_DEPTH: usize = 127;

/// The most braces, brackets, commas and colons of one document outside of texts: a few bytes of them can take a hundred
/// times as many in memory.
pub(crate) const MAX_PARTS: usize = 400_000;

/// Reads the body of an answer. Nothing at all, or blanks alone, is `null`. Of a key that occurs twice the last one counts.
///
/// # Errors
/// Where and why it is not JSON, or that it is nested more than 127 levels, or has more than 400,000 parts. Holds no content of the body.
pub fn parse_body(bytes: &[u8]) -> Result<serde_json::Value, String> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(serde_json::Value::Null);
    }
    if bytes.len() > crate::answer::MAX_ANSWER {
        return Err(format!("larger than {} MiB", crate::answer::MAX_ANSWER / 1024 / 1024));
    }
    let (skipped, text) = without_bom(bytes);
    if has_too_many_parts(text) {
        return Err(too_many_parts());
    }
    parse(text).map_err(|(why, offset)| format!("not JSON at byte {}: {why}", offset.saturating_add(skipped)))
}

/// The length of the byte order mark, and what follows it.
pub(crate) fn without_bom(bytes: &[u8]) -> (usize, &[u8]) {
    bytes.strip_prefix(b"\xEF\xBB\xBF").map_or((0, bytes), |rest| (3, rest))
}

/// Whether there are more than [`MAX_PARTS`]. Meant for JSON; of anything else, the parser stops before that matters.
pub(crate) fn has_too_many_parts(bytes: &[u8]) -> bool {
    let (mut parts, mut string, mut escape) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escape => escape = false,
            b'\\' if string => escape = true,
            b'"' => string = !string,
            b'{' | b'[' | b',' | b':' if !string => parts = parts.saturating_add(1),
            _ => {}
        }
    }
    parts > MAX_PARTS
}

pub(crate) fn too_many_parts() -> String {
    format!("more than {MAX_PARTS} braces, brackets, commas and colons")
}

/// Reads one JSON document; an error is why, and the offset in bytes.
pub(crate) fn parse(bytes: &[u8]) -> Result<serde_json::Value, (String, usize)> {
    // serde_json stops at 128 levels by itself.
    serde_json::from_slice(bytes).map_err(|e| {
        let text = e.to_string();
        let why = text.rfind(" at line ").and_then(|at| text.get(..at)).unwrap_or(&text);
        let why = match why {
            w if w.starts_with("recursion limit") => format!("nested more than {MAX_DEPTH} levels"),
            w if w.starts_with("EOF") => "it ends too early".into(),
            "expected ident" => "expected true, false or null".into(),
            w => w.to_string(),
        };
        (why, offset(bytes, e.line(), e.column()))
    })
}

/// From line and column, both counted from 1 in bytes, to an offset.
fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let before =
        bytes.split_inclusive(|b| *b == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum::<usize>();
    before.saturating_add(column.saturating_sub(1)).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_body_is_json_or_nothing() {
        assert_eq!(parse_body(b"").unwrap(), json!(null));
        assert_eq!(parse_body(b" \r\n").unwrap(), json!(null));
        assert_eq!(parse_body(b"\xEF\xBB\xBF{\"a\":1}").unwrap(), json!({"a": 1}));
        assert_eq!(parse_body(b"{\"a\":1,\"a\":2}").unwrap(), json!({"a": 2}));
    }

    #[test]
    fn what_is_not_json_says_where() {
        assert_eq!(parse_body(b"<html>").unwrap_err(), "not JSON at byte 0: expected value");
        assert_eq!(
            parse_body(b"{\"a\":\n tru}").unwrap_err(),
            "not JSON at byte 10: expected true, false or null"
        );
        assert_eq!(parse_body(b"{\"a\":1").unwrap_err(), "not JSON at byte 5: it ends too early");
        assert_eq!(parse_body(b"{} {}").unwrap_err(), "not JSON at byte 3: trailing characters");
        assert!(parse_body(b"\"\xFF\"").unwrap_err().contains("invalid unicode"));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |n: usize| [vec![b'['; n], vec![b']'; n]].concat();
        assert!(parse_body(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(
            parse_body(&nested(MAX_DEPTH + 1)).unwrap_err(),
            "not JSON at byte 127: nested more than 127 levels"
        );
        assert!(parse_body(&vec![b'['; MAX_PARTS]).unwrap_err().contains("nested more than 127 levels"));
    }

    #[test]
    fn parts_are_bounded() {
        // One bracket, and a comma between each two.
        let list = |n: usize| format!("[{}]", vec!["0"; n].join(","));
        let parse = |text: &str| parse_body(text.as_bytes()).map(|_| "read");
        assert_eq!(parse(&list(MAX_PARTS)), Ok("read"));
        let why = "more than 400000 braces, brackets, commas and colons";
        assert_eq!(parse(&list(MAX_PARTS + 1)), Err(why.into()));
        assert_eq!(parse(&format!("[{}0]", "[],".repeat(MAX_PARTS / 2))), Err(why.into()));
        let objects = format!("[{}0]", r#"{"":0},"#.repeat(MAX_PARTS / 3 + 1));
        assert_eq!(parse(&objects), Err(why.into()));
        // In a text they are not parts.
        let text = format!(r#"["\\\"{}"]"#, ",".repeat(MAX_PARTS));
        assert_eq!(parse(&text), Ok("read"));
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_value_or_words(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_body(&bytes);
        }
    }
}

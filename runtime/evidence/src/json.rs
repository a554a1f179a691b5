//! JSON as lines use it: no floats, integers below 2^53, and one way only to write a value.
//!
//! Within this profile the written form is the canonical form of RFC 8785, and the reader takes nothing else. So the bytes
//! of a line say everything: nobody who checks one has to write it again.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

mod read;

/// How deeply arrays and objects may be nested.
pub const MAX_DEPTH: usize = 64;

/// Numbers are smaller than this, and larger than its negative: what every JSON reader keeps exactly.
pub const INT_LIMIT: i64 = 1 << 53;

/// A JSON value of the line profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum J {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number, smaller than 2^53 in magnitude; see [`J::int`].
    Int(i64),
    /// Text.
    Str(String),
    /// An array.
    Arr(Vec<J>),
    /// An object. Written in the order of RFC 8785, which is not quite that of the map.
    Obj(BTreeMap<String, J>),
}

/// Why bytes are not a value in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// In bytes from the start.
    pub offset: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.offset)
    }
}

impl std::error::Error for ParseError {}

/// `{"val": value}`: a value position whose value is here.
#[must_use]
pub fn val(value: J) -> J {
    J::Obj(BTreeMap::from([("val".to_string(), value)]))
}

/// `{"com": "…"}`: a value position that holds a commitment to a value kept elsewhere.
#[must_use]
pub fn com(commitment: &str) -> J {
    J::Obj(BTreeMap::from([("com".to_string(), J::Str(commitment.to_string()))]))
}

/// `{"blob": "…", "len": n}`: a value position whose bytes are kept beside the log, by lower-case hex digest of salt and
/// bytes, with the number of bytes without the salt.
#[must_use]
pub fn blob(digest: &str, len: u64) -> J {
    J::Obj(BTreeMap::from([
        ("blob".to_string(), J::Str(digest.to_string())),
        ("len".to_string(), J::int(i64::try_from(len).unwrap_or(i64::MAX))),
    ]))
}

/// Whether a number can be written as a number.
#[must_use]
pub fn fits(n: i64) -> bool {
    n > -INT_LIMIT && n < INT_LIMIT
}

impl J {
    /// A number; as text when it is too large to be one.
    #[must_use]
    pub fn int(n: i64) -> J {
        if fits(n) { J::Int(n) } else { J::Str(n.to_string()) }
    }

    /// Reads a value. Takes canonical form only: what it takes, [`J::to_bytes`] gives back byte for byte.
    ///
    /// # Errors
    /// The first byte that is not canonical, and why.
    pub fn parse(bytes: &[u8]) -> Result<J, ParseError> {
        read::value(bytes)
    }

    /// The canonical form. A `J::Int` that is too large, which only hand-made values have, is written as text, as
    /// [`J::int`] makes it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        self.write(&mut out);
        out
    }

    /// Appends the canonical form.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            J::Null => out.extend_from_slice(b"null"),
            J::Bool(true) => out.extend_from_slice(b"true"),
            J::Bool(false) => out.extend_from_slice(b"false"),
            J::Int(n) if fits(*n) => write_int(*n, out),
            J::Int(n) => write_text(&n.to_string(), out),
            J::Str(text) => write_text(text, out),
            J::Arr(items) => {
                out.push(b'[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            J::Obj(members) => write_members(members, out),
        }
    }

    /// Whether the reader would take it back unchanged: no deeper than `depth` levels, and no number too large.
    #[must_use]
    pub fn is_writable(&self, depth: usize) -> bool {
        match self {
            J::Null | J::Bool(_) | J::Str(_) => true,
            J::Int(n) => fits(*n),
            J::Arr(items) => depth > 0 && items.iter().all(|j| j.is_writable(depth - 1)),
            J::Obj(members) => depth > 0 && members.values().all(|j| j.is_writable(depth - 1)),
        }
    }

    /// A member of an object; `None` for anything else.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&J> {
        match self {
            J::Obj(members) => members.get(name),
            _ => None,
        }
    }

    /// What stands at a JSON pointer (RFC 6901).
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&J> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |j, step| match j {
            J::Obj(members) => members.get(&step.replace("~1", "/").replace("~0", "~")),
            J::Arr(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The text of a text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            J::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a number.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            J::Int(n) => Some(*n),
            _ => None,
        }
    }
}

/// RFC 8785 sorts by UTF-16 code units, which differs from the order of bytes only beyond the basic plane.
fn key_order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() || b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// A member whose value is not a tree.
#[derive(Clone, Copy)]
pub(crate) enum Bare<'a> {
    Str(&'a str),
    /// In the range of [`fits`].
    Int(i64),
}

/// Writes an object of these members and those; all names are of ASCII, the second in their order, and none is in both.
pub(crate) fn write_merged<'a>(
    members: &BTreeMap<String, J>,
    more: impl Iterator<Item = (&'static str, Bare<'a>)>,
    out: &mut Vec<u8>,
) {
    let mut members = members.iter().peekable();
    let mut before = b'{';
    let mut key = |name: &str, out: &mut Vec<u8>| {
        out.push(before);
        before = b',';
        write_text(name, out);
        out.push(b':');
    };
    for (name, value) in more {
        while let Some((earlier, j)) = members.next_if(|(earlier, _)| earlier.as_str() < name) {
            key(earlier, out);
            j.write(out);
        }
        key(name, out);
        match value {
            Bare::Str(text) => write_text(text, out),
            Bare::Int(n) => write_int(n, out),
        }
    }
    for (name, j) in members {
        key(name, out);
        j.write(out);
    }
    out.push(b'}');
}

pub(crate) fn write_members(members: &BTreeMap<String, J>, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut first = true;
    let mut one = |key: &str, value: &J| {
        if !first {
            out.push(b',');
        }
        first = false;
        write_text(key, out);
        out.push(b':');
        value.write(out);
    };
    if members.keys().all(|k| k.is_ascii()) {
        members.iter().for_each(|(k, v)| one(k, v));
    } else {
        let mut sorted: Vec<_> = members.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| key_order(a, b));
        sorted.into_iter().for_each(|(k, v)| one(k, v));
    }
    out.push(b'}');
}

fn write_int(n: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes());
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    // Nearly all text is as it is written. Each byte is looked at, without a branch for each: several at a time.
    let escapes = |some: bool, byte: &u8| some | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\');
    if !text.as_bytes().iter().fold(false, escapes) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(j: &J) -> String {
        String::from_utf8(j.to_bytes()).unwrap()
    }

    #[test]
    fn keys_stand_in_the_order_of_utf_16() {
        // U+1F980 is written D83E DD80 there, so it stands before U+FB33. The example is in the manner of RFC 8785, 3.2.3.
        let keys = ["\u{20ac}", "\r", "\u{fb33}", "1", "\u{1f980}", "\u{80}", "\u{f6}"];
        let j = J::Obj(keys.iter().map(|k| (k.to_string(), J::Null)).collect());
        let written = "{\"\\r\":null,\"1\":null,\"\u{80}\":null,\"\u{f6}\":null,\"\u{20ac}\":null,\"\u{1f980}\":null,\"\u{fb33}\":null}";
        assert_eq!(text(&j), written);
        assert_eq!(J::parse(written.as_bytes()), Ok(j));
    }

    #[test]
    fn only_what_has_to_be_escaped_is() {
        let j = J::Str("\"\\/\u{8}\t\n\u{c}\r\u{0}\u{1f}\u{7f}é🦀".into());
        assert_eq!(text(&j), "\"\\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\u{7f}é🦀\"");
    }

    #[test]
    fn a_number_too_large_is_text() {
        assert_eq!(J::int(INT_LIMIT - 1), J::Int(9_007_199_254_740_991));
        assert_eq!(J::int(INT_LIMIT), J::Str("9007199254740992".into()));
        assert_eq!(J::int(i64::MIN), J::Str("-9223372036854775808".into()));
        assert_eq!(text(&J::Int(i64::MAX)), "\"9223372036854775807\"");
    }

    #[test]
    fn the_reader_says_what_is_not_canonical() {
        for (input, offset, what) in [
            ("1.5", 0, "whole"),
            ("1e3", 0, "whole"),
            ("-0", 0, "canonical form"),
            ("01", 0, "canonical form"),
            ("-", 0, "fits"),
            ("9007199254740992", 0, "2^53"),
            ("99999999999999999999", 0, "fits"),
            (r#"{"a":1,"a":2}"#, 7, "twice"),
            (r#"{"b":1,"a":2}"#, 7, "order"),
            ("[1, 2]", 3, "white space"),
            (" 1", 0, "white space"),
            ("1\n", 1, "after the value"),
            ("[1,]", 3, "value"),
            (r#"{"a":1,}"#, 7, "key"),
            ("\"a\u{1}\"", 2, "control"),
            (r#""\/""#, 1, "escape"),
            (r#""\u000a""#, 1, "escape"),
            (r#""\u001F""#, 1, "escape"),
            (r#""\u0041""#, 1, "escape"),
            (r#""\ud800""#, 1, "escape"),
            (r#""\u+00f""#, 1, "escape"),
            (r#""\u00"#, 1, "escape"),
            ("\"a", 2, "no end"),
            ("\"a\\", 2, "escape"),
            ("", 0, "too early"),
            ("nul", 0, "value"),
            ("NaN", 0, "value"),
        ] {
            let e = J::parse(input.as_bytes()).unwrap_err();
            assert!(e.offset == offset && e.what.contains(what), "{input}: {e}");
        }
        assert_eq!(J::parse(b"\"a\xff\"").unwrap_err(), ParseError { offset: 2, what: "this is not UTF-8" });
    }

    #[test]
    fn nesting_has_a_limit_and_the_stack_none_to_find() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        let deep = J::parse(nested(MAX_DEPTH).as_bytes()).unwrap();
        assert!(deep.is_writable(MAX_DEPTH) && !deep.is_writable(MAX_DEPTH - 1));
        for n in [MAX_DEPTH + 1, 1_000_000] {
            let e = J::parse(nested(n).as_bytes()).unwrap_err();
            assert_eq!((e.offset, e.what), (MAX_DEPTH, "this is nested too deeply"));
        }
    }

    #[test]
    fn a_pointer_finds_what_stands_there() {
        let j = J::parse(br#"{"":{"a/b":[1,{"c~d":"x"}]}}"#).unwrap();
        assert_eq!(j.at("//a~1b/1/c~0d"), Some(&J::Str("x".into())));
        assert_eq!((j.at(""), j.at("//a~1b/0")), (Some(&j), Some(&J::Int(1))));
        assert_eq!((j.at("/x"), j.at("//a~1b/2"), j.at("//a~1b/0/y"), j.at("x")), (None, None, None, None));
    }

    fn any_j() -> impl Strategy<Value = J> {
        let leaf = prop_oneof![
            Just(J::Null),
            any::<bool>().prop_map(J::Bool),
            any::<i64>().prop_map(J::int),
            (-20i64..20).prop_map(J::Int),
            any::<String>().prop_map(J::Str),
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(J::Arr),
                prop::collection::btree_map("[a-c]{0,2}|.{0,3}|[\u{e000}-\u{10ffff}]{1,2}", inner, 0..6)
                    .prop_map(J::Obj),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(j in any_j()) {
            prop_assert_eq!(J::parse(&j.to_bytes()), Ok(j));
        }

        #[test]
        fn what_is_read_is_written_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(j) = J::parse(&bytes) {
                prop_assert_eq!(j.to_bytes(), bytes);
            }
        }

        /// Random bytes are seldom JSON; one altered byte of a value often still is.
        #[test]
        fn one_altered_byte_is_refused_or_read_as_it_stands(j in any_j(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
            let mut bytes = j.to_bytes();
            let at = at.index(bytes.len());
            bytes[at] = to;
            if let Ok(read) = J::parse(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
            }
        }

        #[test]
        fn json_shaped_text_never_gets_the_better_of_the_reader(text in r#"[\[\]{}",:0-9a-f\\untrue.eE+ -]{0,60}"#) {
            if let Ok(j) = J::parse(text.as_bytes()) {
                prop_assert_eq!(j.to_bytes(), text.as_bytes());
            }
        }

        /// Another reader of JSON sees the same in it.
        #[test]
        fn every_json_reader_can_read_it(j in any_j()) {
            let other: serde_json::Value = serde_json::from_slice(&j.to_bytes()).unwrap();
            fn same(j: &J, other: &serde_json::Value) -> bool {
                match j {
                    J::Null => other.is_null(),
                    J::Bool(b) => other.as_bool() == Some(*b),
                    J::Int(n) => other.as_i64() == Some(*n),
                    J::Str(s) => other.as_str() == Some(s),
                    J::Arr(items) => other.as_array().is_some_and(|o| {
                        o.len() == items.len() && items.iter().zip(o).all(|(a, b)| same(a, b))
                    }),
                    J::Obj(members) => other.as_object().is_some_and(|o| {
                        o.len() == members.len() && members.iter().all(|(k, v)| o.get(k).is_some_and(|b| same(v, b)))
                    }),
                }
            }
            prop_assert!(same(&j, &other));
        }
    }
}

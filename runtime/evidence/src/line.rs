//! A line: its bytes as stored, and what stands in it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::json::{J, ParseError};

/// The version of the format.
pub const VERSION: i64 = 0;

/// The fields that every line has (`at` only where it belongs to a place of the program).
pub const COMMON: [&str; 8] = ["at", "by", "k", "prev", "run", "seq", "t", "v"];

/// A line as it is stored.
#[derive(Clone)]
pub struct Line {
    /// The newline at the end included.
    pub bytes: Arc<[u8]>,
    /// SHA-256 of the bytes: the `prev` of the chain's next line.
    pub hash: [u8; 32],
    /// What stands in it, where whoever made it was asked to keep that at hand: see [`crate::Chain::append_said`].
    pub(crate) said: Option<Arc<Said>>,
}

/// What stands in a line that was just made, but for what chains it.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// Name of the chain.
    pub run: Arc<str>,
    /// Place in the chain, from 0.
    pub seq: u64,
    /// When.
    pub t: Timestamp,
    /// Its kind.
    pub k: &'static str,
    /// The fields of its kind: none of those that every line has.
    pub fields: BTreeMap<String, J>,
}

/// The bytes say everything.
impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.hash == other.hash
    }
}

impl Eq for Line {}

impl Line {
    /// A line of these bytes, which include the newline. Not checked: see [`ParsedLine::parse`].
    #[must_use]
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let hash = hash(&bytes);
        Self { bytes, hash, said: None }
    }

    /// What stands in it, where that is at hand. [`ParsedLine::parse`] gives the same for its bytes.
    #[must_use]
    pub fn said(&self) -> Option<&Said> {
        self.said.as_deref()
    }

    /// The same, which is not at hand any more then: it is some times as large as the bytes.
    pub fn take_said(&mut self) -> Option<Arc<Said>> {
        self.said.take()
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({:?})", String::from_utf8_lossy(&self.bytes))
    }
}

/// SHA-256.
#[must_use]
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// A hash from its 64 lower-case hex digits.
#[must_use]
pub fn read_hash(digits: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    HEXLOWER.decode_mut(digits.as_bytes(), &mut hash).ok()?;
    Some(hash)
}

/// A time as lines have it: nine decimals, UTC, `Z`.
#[must_use]
pub fn time(t: Timestamp) -> String {
    format!("{t:.9}")
}

/// What stands in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedLine {
    /// Name of the chain: a run, `intake` or `store`.
    pub run: String,
    /// Place in the chain, from 0.
    pub seq: u64,
    /// When; nine decimals, UTC, `Z`.
    pub t: String,
    /// Its kind; not necessarily one that is declared.
    pub k: String,
    /// `engine`, `person:NAME` or `connector:NAME`.
    pub by: String,
    /// Node of the program, where it belongs to one.
    pub at: Option<u32>,
    /// Lower-case hex SHA-256 of the chain's line before; 64 zeros in the first.
    pub prev: String,
    /// Version of the format.
    pub v: i64,
    /// All members, the common ones included.
    pub fields: BTreeMap<String, J>,
}

/// Why bytes are not a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineError {
    /// The last byte is not a newline.
    NoNewline,
    /// Not canonical JSON.
    Json(ParseError),
    /// JSON, but not an object.
    NotAnObject,
    /// A common field is not there, or not what it has to be.
    Common {
        /// Its name.
        field: &'static str,
        /// What it has to be.
        needs: &'static str,
    },
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNewline => write!(f, "it does not end in a newline"),
            Self::Json(e) => write!(f, "it is not canonical JSON: {e}"),
            Self::NotAnObject => write!(f, "it is not a JSON object"),
            Self::Common { field, needs } => write!(f, "its `{field}` has to be {needs}"),
        }
    }
}

impl std::error::Error for LineError {}

impl ParsedLine {
    /// Reads a line, its newline included.
    ///
    /// # Errors
    /// When it is not canonical, or a common field is missing or wrong. Whether the kind is declared, and has the fields
    /// that it should, is not looked at: see [`crate::kinds::Kind::check`].
    pub fn parse(bytes: &[u8]) -> Result<Self, LineError> {
        let (b'\n', json) = bytes.split_last().ok_or(LineError::NoNewline)? else {
            return Err(LineError::NoNewline);
        };
        let J::Obj(fields) = J::parse(json).map_err(LineError::Json)? else {
            return Err(LineError::NotAnObject);
        };
        let common = |field, needs| LineError::Common { field, needs };
        let text = |field: &'static str, needs: &'static str, is: fn(&str) -> bool| match fields.get(field) {
            Some(J::Str(s)) if is(s) => Ok(s.clone()),
            _ => Err(common(field, needs)),
        };
        let at = match fields.get("at") {
            None => None,
            Some(J::Int(n)) => Some(u32::try_from(*n).map_err(|_| common("at", "a node of the program"))?),
            Some(_) => return Err(common("at", "a node of the program")),
        };
        let seq = fields.get("seq").and_then(J::as_int).and_then(|n| u64::try_from(n).ok());
        if fields.get("v") != Some(&J::Int(VERSION)) {
            return Err(common("v", "0, the version of the format"));
        }
        Ok(Self {
            run: text("run", "the name of its chain", |s| !s.is_empty())?,
            seq: seq.ok_or(common("seq", "a number from 0"))?,
            t: text("t", "a time with nine decimals that ends in `Z`", is_time)?,
            k: text("k", "the name of a kind", |s| !s.is_empty())?,
            by: text("by", "`engine`, `person:NAME` or `connector:NAME`", is_by)?,
            at,
            prev: text("prev", "64 lower-case hex digits", |s| read_hash(s).is_some())?,
            v: VERSION,
            fields,
        })
    }

    /// A field by its name, common or not.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&J> {
        self.fields.get(name)
    }

    /// A field that is a number from 0: mostly that of another line.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.field(name).and_then(J::as_int).and_then(|n| u64::try_from(n).ok())
    }
}

/// Whether this is a time as [`time`] writes it.
fn is_time(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok_and(|t| time(t) == text)
}

/// Whether this says who wrote a line.
pub(crate) fn is_by(by: &str) -> bool {
    let name = by.strip_prefix("person:").or_else(|| by.strip_prefix("connector:"));
    by == "engine" || name.is_some_and(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_of;

    #[test]
    fn times_always_have_nine_decimals() {
        let t: Timestamp = "2026-11-20T13:00:00.5+01:00".parse().unwrap();
        assert_eq!(time(t), "2026-11-20T12:00:00.500000000Z");
        for t in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
            assert!(is_time(&time(t)), "{}", time(t));
        }
        assert!(!is_time("2026-11-20T12:00:00Z") && !is_time("2026-11-20T12:00:00.500000000+00:00"));
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let line = run_of("r1", 1).remove(0);
        let parsed = ParsedLine::parse(&line.bytes).unwrap();
        assert_eq!((parsed.run.as_str(), parsed.seq, parsed.k.as_str()), ("r1", 0, "case.noted"));
        assert_eq!((parsed.at, parsed.by.as_str(), parsed.v), (Some(7), "engine", 0));
        assert_eq!((parsed.t.as_str(), parsed.prev), ("2026-11-20T12:00:00.000000000Z", "0".repeat(64)));
        assert_eq!(parsed.fields.get("text").and_then(|j| j.get("val")), Some(&J::Str("note 0".into())));
        assert_eq!(Line::new(line.bytes.clone()), line);
    }

    #[test]
    fn a_hash_is_read_from_lower_case_digits_only() {
        let hash = hash(b"abc");
        assert_eq!(hex(&hash), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(read_hash(&hex(&hash)), Some(hash));
        assert_eq!(read_hash(&hex(&hash).to_uppercase()), None);
        assert_eq!(read_hash("00"), None);
    }

    #[test]
    fn what_is_not_a_line_is_refused_with_the_reason() {
        let good = String::from_utf8(run_of("r1", 1).remove(0).bytes.to_vec()).unwrap();
        for (from, to, why) in [
            ("\n", "", "it does not end in a newline"),
            ("\n", "\n\n", "it is not canonical JSON: there is something after the value at byte"),
            ("\"v\":0", "\"v\":0.0", "it is not canonical JSON: a number has to be whole at byte"),
            ("\"v\":0", "\"v\":1", "its `v` has to be 0, the version of the format"),
            (",\"v\":0", "", "its `v` has to be 0, the version of the format"),
            ("\"seq\":0", "\"seq\":-1", "its `seq` has to be a number from 0"),
            ("\"at\":7", "\"at\":4294967296", "its `at` has to be a node of the program"),
            ("\"at\":7", "\"at\":\"7\"", "its `at` has to be a node of the program"),
            ("engine", "nobody", "its `by` has to be `engine`, `person:NAME` or `connector:NAME`"),
            ("engine", "person:", "its `by` has to be `engine`, `person:NAME` or `connector:NAME`"),
            ("00.000000000Z", "00Z", "its `t` has to be a time with nine decimals that ends in `Z`"),
            ("\"r1\"", "\"\"", "its `run` has to be the name of its chain"),
            ("\"case.noted\"", "null", "its `k` has to be the name of a kind"),
            ("0000", "AAAA", "its `prev` has to be 64 lower-case hex digits"),
        ] {
            let e = ParsedLine::parse(good.replacen(from, to, 1).as_bytes()).map_err(|e| e.to_string());
            assert!(e.as_ref().is_err_and(|e| e.starts_with(why)), "{from} → {to}: {e:?}");
        }
        assert_eq!(ParsedLine::parse(b"[]\n"), Err(LineError::NotAnObject));
        assert_eq!(ParsedLine::parse(b""), Err(LineError::NoNewline));
    }
}

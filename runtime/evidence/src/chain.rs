//! A chain: the lines of one run, or of the intake, or of the store, each with the hash of the one before.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::json::{self, Bare, INT_LIMIT, J, MAX_DEPTH};
use crate::kinds::{ChainOf, FieldError, Kind};
use crate::line::{self, Line, Said};

/// The end of a chain, where lines are appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    name: Arc<str>,
    next_seq: u64,
    prev: [u8; 32],
}

/// Why a line was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceError {
    /// The chain has no name.
    NoName,
    /// The kind belongs to another sort of chain.
    OtherChain {
        /// The kind.
        kind: &'static str,
        /// Name of this chain.
        chain: String,
    },
    /// `by` is not `engine`, `person:NAME` or `connector:NAME`.
    By(String),
    /// A field is not as the kind declares it.
    Field {
        /// The kind.
        kind: &'static str,
        /// What is wrong.
        error: FieldError,
    },
    /// A value is nested too deeply, or has a number that does not fit.
    NotWritable {
        /// The field.
        field: String,
    },
    /// The chain has as many lines as it can number.
    Full,
}

impl fmt::Display for EvidenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName => write!(f, "a chain has to have a name"),
            Self::OtherChain { kind, chain } => write!(f, "`{kind}` has no place in the chain {chain:?}"),
            Self::By(by) => write!(f, "{by:?} is neither `engine` nor `person:NAME` nor `connector:NAME`"),
            Self::Field { kind, error } => write!(f, "`{kind}`: {error}"),
            Self::NotWritable { field } => {
                write!(f, "the value of {field:?} is nested too deeply or has a number of 2^53 or more")
            }
            Self::Full => write!(f, "the chain is full"),
        }
    }
}

impl std::error::Error for EvidenceError {}

impl Chain {
    /// A chain without lines: a run's name, `intake` or `store`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::resume(name, 0, [0; 32])
    }

    /// A chain that goes on: with the `seq` of its next line, and the hash of its last.
    #[must_use]
    pub fn resume(name: &str, next_seq: u64, prev: [u8; 32]) -> Self {
        Self { name: name.into(), next_seq, prev }
    }

    /// `seq` of the next line.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// Hash of the last line; zeros when there is none.
    #[must_use]
    pub fn prev(&self) -> [u8; 32] {
        self.prev
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes the next line: at a time, by `engine`, `person:NAME` or `connector:NAME`, for a node of the program where it
    /// belongs to one, with the fields of its kind.
    ///
    /// # Errors
    /// When the fields are not those that the kind declares, or a value from outside stands bare. The chain has not
    /// changed then.
    pub fn append(
        &mut self,
        t: Timestamp,
        by: &str,
        at: Option<u32>,
        kind: &Kind,
        fields: BTreeMap<String, J>,
    ) -> Result<Line, EvidenceError> {
        self.make(t, by, at, kind, &fields)
    }

    /// The same, and what stands in the line is kept with it: for those who look at it next, and would have to read its bytes.
    ///
    /// # Errors
    /// As [`Chain::append`].
    pub fn append_said(
        &mut self,
        t: Timestamp,
        by: &str,
        at: Option<u32>,
        kind: &Kind,
        fields: BTreeMap<String, J>,
    ) -> Result<Line, EvidenceError> {
        let seq = self.next_seq;
        let mut line = self.make(t, by, at, kind, &fields)?;
        line.said = Some(Arc::new(Said { run: Arc::clone(&self.name), seq, t, k: kind.name(), fields }));
        Ok(line)
    }

    fn make(
        &mut self,
        t: Timestamp,
        by: &str,
        at: Option<u32>,
        kind: &Kind,
        fields: &BTreeMap<String, J>,
    ) -> Result<Line, EvidenceError> {
        if self.name.is_empty() {
            return Err(EvidenceError::NoName);
        }
        if kind.chain() != ChainOf::named(&self.name) {
            return Err(EvidenceError::OtherChain { kind: kind.name(), chain: self.name.to_string() });
        }
        if !line::is_by(by) {
            return Err(EvidenceError::By(by.to_string()));
        }
        kind.check(fields).map_err(|error| EvidenceError::Field { kind: kind.name(), error })?;
        if let Some((field, _)) = fields.iter().find(|(_, j)| !j.is_writable(MAX_DEPTH - 1)) {
            return Err(EvidenceError::NotWritable { field: field.clone() });
        }
        let seq = i64::try_from(self.next_seq).ok().filter(|n| *n < INT_LIMIT).ok_or(EvidenceError::Full)?;

        // The check has refused every field that has the name of a common one.
        let (prev, t) = (line::hex(&self.prev), line::time(t));
        let at = at.map(|at| ("at", Bare::Int(i64::from(at))));
        let common = [
            ("by", Bare::Str(by)),
            ("k", Bare::Str(kind.name())),
            ("prev", Bare::Str(&prev)),
            ("run", Bare::Str(&self.name)),
            ("seq", Bare::Int(seq)),
            ("t", Bare::Str(&t)),
            ("v", Bare::Int(line::VERSION)),
        ];
        let mut bytes = Vec::with_capacity(1024);
        json::write_merged(fields, at.into_iter().chain(common), &mut bytes);
        bytes.push(b'\n');
        let line = Line::new(bytes);
        self.next_seq += 1;
        self.prev = line.hash;
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes_of, fields, noon, run_of};
    use crate::{ParsedLine, kinds};

    fn note(text: &str) -> BTreeMap<String, J> {
        fields([("text", json::val(J::Str(text.into())))])
    }

    #[test]
    fn a_line_has_its_fields_and_the_hash_of_the_line_before() {
        let lines = run_of("r1", 2);
        let prev = line::hex(&lines[0].hash);
        assert_eq!(
            String::from_utf8(bytes_of(&lines[1..])).unwrap(),
            format!(
                "{{\"at\":7,\"by\":\"engine\",\"k\":\"case.noted\",\"prev\":\"{prev}\",\"run\":\"r1\",\"seq\":1,\
                 \"t\":\"2026-11-20T12:00:01.000000000Z\",\"text\":{{\"val\":\"note 1\"}},\"v\":0}}\n"
            )
        );
        assert_eq!(lines[0].hash, line::hash(&lines[0].bytes));
    }

    #[test]
    fn what_is_kept_with_a_line_is_what_is_read_from_it() {
        let args = J::parse(r#"{"": {"val":[1,null,{"é":"\\\"\u0001","🦀":true}]},"n":{"val":-7}}"#.replace(": ", ":").as_bytes());
        let intended = fields([
            ("action", J::Str("x.block".into())),
            ("args", args.unwrap()),
            ("class", J::Str("contain".into())),
            ("digest", J::Str("d".into())),
            ("key", J::Str("r1-0".into())),
            ("until", J::Str(line::time(noon(9)))),
            ("also", J::Arr(vec![J::Int(3), J::Int(4)])),
        ]);
        let all = [("act.intended", Some(3), intended), ("case.noted", None, note("\n ünder\u{1f}"))];
        let (mut chain, mut other) = (Chain::new("r1"), Chain::new("r1"));
        for (kind, at, fields) in all {
            let kind = kinds::kind(kind).unwrap();
            let mut line = chain.append_said(noon(1), "person:ada", at, kind, fields.clone()).unwrap();
            let mut read = ParsedLine::parse(&line.bytes).unwrap();
            read.fields.retain(|name, _| !line::COMMON.contains(&name.as_str()));
            let (t, k) = (read.t.parse().unwrap(), kind.name());
            assert_eq!(read.k, k);
            assert_eq!(
                line.said(),
                Some(&Said { run: read.run.into(), seq: read.seq, t, k, fields: read.fields })
            );
            assert_eq!(Ok(&line), other.append(noon(1), "person:ada", at, kind, fields).as_ref());
            assert!(line.take_said().is_some() && line.said().is_none());
        }
    }

    #[test]
    fn a_chain_goes_on_where_it_was_left() {
        let mut whole = Chain::new("r1");
        let kind = kinds::kind("case.noted").unwrap();
        whole.append(noon(0), "engine", None, kind, note("a")).unwrap();
        let mut resumed = Chain::resume(whole.name(), whole.next_seq(), whole.prev());
        let one = whole.append(noon(1), "person:ada", None, kind, note("b"));
        assert_eq!(one, resumed.append(noon(1), "person:ada", None, kind, note("b")));
        assert_eq!(whole, resumed);
    }

    #[test]
    fn what_would_not_be_a_good_line_is_refused_and_changes_nothing() {
        let deep = (0..MAX_DEPTH).fold(J::Null, |j, _| J::Arr(vec![j]));
        let cases = [
            ("r1", "engine", "case.noted", BTreeMap::new(), "`case.noted`: the field `text` is missing"),
            ("r1", "engine", "run.closed", note("x"), "`run.closed`: the field \"text\" is not declared"),
            (
                "r1",
                "engine",
                "case.noted",
                fields([("text", J::Str("bare".into()))]),
                "has to be a value position",
            ),
            ("r1", "engine", "case.noted", fields([("seq", J::Int(9))]), "the field \"seq\" is not declared"),
            ("r1", "engine", "case.noted", fields([("text", json::val(deep))]), "nested too deeply"),
            ("r1", "engine", "case.noted", fields([("text", json::val(J::Int(INT_LIMIT)))]), "2^53"),
            ("r1", "mallory", "case.noted", note("x"), "\"mallory\" is neither"),
            (
                "intake",
                "engine",
                "case.noted",
                note("x"),
                "`case.noted` has no place in the chain \"intake\"",
            ),
            ("", "engine", "case.noted", note("x"), "a chain has to have a name"),
        ];
        for (name, by, kind, fields, why) in cases {
            let mut chain = Chain::new(name);
            let e = chain.append(noon(0), by, None, kinds::kind(kind).unwrap(), fields).unwrap_err();
            assert!(e.to_string().contains(why), "{e}");
            assert_eq!(chain, Chain::new(name));
        }
        let mut full = Chain::resume("r1", 1 << 53, [0; 32]);
        let kind = kinds::kind("case.noted").unwrap();
        assert_eq!(full.append(noon(0), "engine", None, kind, note("x")), Err(EvidenceError::Full));
    }
}

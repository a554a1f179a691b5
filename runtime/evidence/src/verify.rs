//! Checks a chain, line by line: an exported run, or one chain of a store.
//!
//! A chain shows that no line was changed, taken out or put in before its last line. The last line has no successor that
//! would tell: compare the *head* with one that was noted elsewhere. And whoever can write the whole file can write
//! another whole chain: that, too, shows in the head only.

use std::fmt;

use crate::display::escape;
use crate::kinds::{self, ChainOf, FieldError};
use crate::line::{self, LineError, ParsedLine};

/// Something that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which line, from 1.
    pub line: u64,
    /// Name of the chain, if a line before could be read.
    pub run: Option<String>,
    /// The `seq` that stands here, or should.
    pub seq: u64,
    /// What is wrong.
    pub what: What,
}

/// What can be wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// There are no lines.
    Empty,
    /// It is not a line.
    Unreadable(LineError),
    /// It belongs to another chain, of this name.
    OtherChain(String),
    /// It has another `seq`.
    Seq {
        /// The one that it has.
        found: u64,
    },
    /// Its `prev` is not the hash of the line before.
    Prev,
    /// Its kind, by this name, is not declared.
    UndeclaredKind(String),
    /// Its kind, by this name, has no place in this sort of chain.
    KindOfOtherChain(String),
    /// Its fields are not those of its kind.
    Field(FieldError),
    /// It is the last, and its hash is not the head that was expected.
    Head,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        match &self.run {
            Some(run) => write!(f, " (run {}, seq {}): ", escape(run), self.seq)?,
            None => write!(f, ": ")?,
        }
        match &self.what {
            What::Empty => write!(f, "there are no lines"),
            What::Unreadable(e) => write!(f, "{e}"),
            What::OtherChain(run) => write!(f, "it belongs to another run, {}", escape(run)),
            What::Seq { found } => {
                write!(f, "it has seq {found}: lines are missing, repeated or out of order")
            }
            What::Prev if self.line == 1 => write!(f, "a first line has zeros as its `prev`"),
            What::Prev => {
                let before = self.line.saturating_sub(1);
                write!(
                    f,
                    "its `prev` is not the hash of line {before}: that line was altered, or this `prev`"
                )
            }
            What::UndeclaredKind(kind) => write!(f, "there is no kind {:?}", escape(kind)),
            What::KindOfOtherChain(kind) => write!(f, "the kind {:?} has no place here", escape(kind)),
            What::Field(e) => write!(f, "{}", escape(&e.to_string())),
            What::Head => {
                write!(f, "its hash is not the expected head: it was altered, or lines after it are missing")
            }
        }
    }
}

/// What a chain turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ends {
    /// Its name.
    pub run: Option<String>,
    /// How many lines.
    pub lines: u64,
    /// Time of the first line that could be read.
    pub first: Option<String>,
    /// Time of the last line that could be read.
    pub last: Option<String>,
    /// Kind of the last line that could be read.
    pub last_kind: Option<String>,
    /// SHA-256 of the last line: the `prev` that the next would have. Zeros when there are no lines.
    pub head: [u8; 32],
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// In the order of the lines; empty when all is well.
    pub problems: Vec<Problem>,
    /// What the chain turned out to be.
    pub ends: Ends,
}

/// Checks one chain. `head`, where it is known from elsewhere, is the hash of the last line.
#[must_use]
pub fn verify(bytes: &[u8], head: Option<[u8; 32]>) -> Report {
    let mut verifier = Verifier::new();
    let mut problems: Vec<Problem> =
        bytes.split_inclusive(|b| *b == b'\n').flat_map(|line| verifier.push(line)).collect();
    let report = verifier.finish(head);
    problems.extend(report.problems);
    Report { problems, ends: report.ends }
}

/// A chain in which nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its name.
    pub run: String,
    /// How many lines.
    pub lines: usize,
    /// SHA-256 of the last line.
    pub head: [u8; 32],
}

/// Checks one chain of which no head is known, as far as the first line that is wrong.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_chain(bytes: &[u8]) -> Result<Verified, Problem> {
    let mut verifier = Verifier::new();
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        if let Some(first) = verifier.push(line).into_iter().next() {
            return Err(first);
        }
    }
    let Report { problems, ends } = verifier.finish(None);
    if let Some(first) = problems.into_iter().next() {
        return Err(first);
    }
    let lines = usize::try_from(ends.lines).unwrap_or(usize::MAX);
    Ok(Verified { run: ends.run.unwrap_or_default(), lines, head: ends.head })
}

/// Checks the lines of one chain as they come, and keeps none of them.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    ends: Ends,
    next_seq: u64,
    unreadable: bool,
}

impl Verifier {
    /// Before the first line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next line, its newline included, and gives what is wrong with it.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Problem> {
        let mut found = Vec::new();
        let after_unreadable = self.unreadable;
        self.ends.lines = self.ends.lines.saturating_add(1);
        let parsed = ParsedLine::parse(bytes);
        self.unreadable = parsed.is_err();
        let expected = self.next_seq;
        match parsed {
            Err(e) => {
                found.push(What::Unreadable(e));
                self.next_seq = expected.saturating_add(1);
            }
            Ok(line) => {
                self.place(&line, after_unreadable, &mut found);
                kind(&line, &mut found);
                self.next_seq = line.seq.saturating_add(1);
                self.ends.first.get_or_insert_with(|| line.t.clone());
                self.ends.last = Some(line.t);
                self.ends.last_kind = Some(line.k);
            }
        }
        self.ends.head = line::hash(bytes);
        found.into_iter().map(|what| self.problem(expected, what)).collect()
    }

    fn place(&mut self, line: &ParsedLine, after_unreadable: bool, found: &mut Vec<What>) {
        let run = self.ends.run.get_or_insert_with(|| line.run.clone());
        if *run != line.run {
            found.push(What::OtherChain(line.run.clone()));
        }
        if line.seq != self.next_seq {
            found.push(What::Seq { found: line.seq });
        }
        // The line after one that cannot be read never fits; that says nothing new.
        if !after_unreadable && line.prev != line::hex(&self.ends.head) {
            found.push(What::Prev);
        }
    }

    /// After the last line. `head`, where it is known from elsewhere, is the hash of that line.
    #[must_use]
    pub fn finish(self, head: Option<[u8; 32]>) -> Report {
        let what = match head {
            _ if self.ends.lines == 0 => Some(What::Empty),
            Some(head) if head != self.ends.head => Some(What::Head),
            _ => None,
        };
        let problems = what.map(|w| self.problem(self.next_seq.saturating_sub(1), w)).into_iter().collect();
        Report { problems, ends: self.ends }
    }

    fn problem(&self, seq: u64, what: What) -> Problem {
        Problem { line: self.ends.lines, run: self.ends.run.clone(), seq, what }
    }
}

fn kind(line: &ParsedLine, found: &mut Vec<What>) {
    match kinds::kind(&line.k) {
        None => found.push(What::UndeclaredKind(line.k.clone())),
        Some(kind) if kind.chain() != ChainOf::named(&line.run) => {
            found.push(What::KindOfOtherChain(line.k.clone()));
        }
        Some(kind) => found.extend(kind.check_line(&line.fields).err().map(What::Field)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes_of, run_of};

    fn said(report: &Report) -> Vec<String> {
        report.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_chain_as_it_was_written_is_good() {
        let lines = run_of("r1", 5);
        let report = verify(&bytes_of(&lines), Some(lines[4].hash));
        assert_eq!(said(&report), Vec::<String>::new());
        assert_eq!((report.ends.run.as_deref(), report.ends.lines), (Some("r1"), 5));
        assert_eq!(report.ends.head, lines[4].hash);
        let verified = verify_chain(&bytes_of(&lines)).unwrap();
        assert_eq!(verified, Verified { run: "r1".into(), lines: 5, head: lines[4].hash });
        assert_eq!(report.ends.last_kind.as_deref(), Some("case.noted"));
        assert_eq!(report.ends.first.as_deref(), Some("2026-11-20T12:00:00.000000000Z"));
    }

    #[test]
    fn no_lines_are_no_chain() {
        assert_eq!(said(&verify(b"", None)), ["line 0: there are no lines"]);
        assert_eq!(verify_chain(b"").unwrap_err().what, What::Empty);
    }

    #[test]
    fn a_missing_line_is_named() {
        let mut lines = run_of("r1", 5);
        lines.remove(2);
        assert_eq!(
            said(&verify(&bytes_of(&lines), None)),
            [
                "line 3 (run r1, seq 2): it has seq 3: lines are missing, repeated or out of order",
                "line 3 (run r1, seq 2): its `prev` is not the hash of line 2: that line was altered, or this `prev`",
            ]
        );
    }

    #[test]
    fn lines_missing_at_the_end_show_in_the_head_only() {
        let lines = run_of("r1", 5);
        let short = bytes_of(&lines[..4]);
        assert_eq!(said(&verify(&short, None)), Vec::<String>::new());
        assert_eq!(
            said(&verify(&short, Some(lines[4].hash))),
            [
                "line 4 (run r1, seq 3): its hash is not the expected head: it was altered, or lines after it are missing"
            ]
        );
    }

    #[test]
    fn a_line_of_another_run_is_named() {
        let mut lines = run_of("r1", 3);
        lines.push(run_of("r2", 4).remove(3));
        let problems = verify(&bytes_of(&lines), None).problems;
        assert_eq!(problems[0].what, What::OtherChain("r2".into()));
        assert_eq!((problems[0].line, problems[0].seq), (4, 3));
    }

    #[test]
    fn a_well_formed_lie_shows_in_the_line_after() {
        let lines = run_of("r1", 4);
        let text = String::from_utf8(bytes_of(&lines)).unwrap().replace("note 1", "note 7");
        let problems = verify(text.as_bytes(), None).problems;
        assert_eq!(verify_chain(text.as_bytes()).as_ref(), Err(&problems[0]));
        assert_eq!(problems.len(), 1);
        assert_eq!((problems[0].line, &problems[0].what), (3, &What::Prev));
    }

    #[test]
    fn fields_and_kinds_are_checked_too() {
        let text = String::from_utf8(bytes_of(&run_of("r1", 1))).unwrap();
        for (from, to, what) in [
            ("case.noted", "case.denoted", "line 1 (run r1, seq 0): there is no kind \"case.denoted\""),
            ("r1", "intake", "line 1 (run intake, seq 0): the kind \"case.noted\" has no place here"),
            ("{\"val\":\"note 0\"}", "\"note 0\"", "has to be a value position"),
            ("\"text\":", "\"te\":", "the field \"te\" is not declared"),
            ("text\":{\"val\":\"note 0\"},\"", "", "the field `text` is missing"),
        ] {
            let said = said(&verify(text.replace(from, to).as_bytes(), None));
            assert!(said.len() == 1 && said[0].contains(what), "{said:?}");
        }
    }

    #[test]
    fn every_flipped_bit_is_found_and_its_line_named() {
        let lines = run_of("r1", 4);
        let good = bytes_of(&lines);
        let head = lines[3].hash;
        let mut line = 1;
        for i in 0..good.len() {
            for mask in (0..8).map(|bit| 1u8 << bit) {
                let mut bad = good.clone();
                bad[i] ^= mask;
                let problems = verify(&bad, Some(head)).problems;
                let names = |p: &Problem| p.line == line || (p.line == line + 1 && p.what == What::Prev);
                assert!(problems.iter().any(names), "byte {i} of line {line} xor {mask:#x}: {problems:?}");
            }
            line += u64::from(good[i] == b'\n');
        }
    }

    #[test]
    fn every_cut_is_found() {
        let lines = run_of("r1", 3);
        let good = bytes_of(&lines);
        for cut in 0..good.len() {
            assert!(!verify(&good[..cut], Some(lines[2].hash)).problems.is_empty(), "cut at {cut}");
        }
    }
}

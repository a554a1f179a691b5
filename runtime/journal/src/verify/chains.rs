//! The chains while a store is verified, and the names of lines that cannot be read any more.
//!
//! The lines around an altered one say which it was: the hash of the line before it stands in it, and the beginning of its
//! own stands in its batch's trailer and in the line after it.

use std::collections::{BTreeMap, HashMap, HashSet};

use play_evidence::ParsedLine;
use play_evidence::line::{hex, read_hash};
use sha2::{Digest, Sha256};

use super::refs::blob_refs;
use super::{ProblemKind, Report};
use crate::head::LineHead;
use crate::layout::segment_name;
use crate::trailer::{SUM, sum};

/// For how many lines it is tried which byte of them was altered, and up to which size: a few milliseconds each.
const TRIED: usize = 64;
const TRIED_BYTES: usize = 1024;

/// What is known of the hash of a chain's last line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Last {
    Whole([u8; 32]),
    /// Its first hex digits: the line was altered, and only its batch's trailer tells of it.
    Sum(String),
    Nothing,
}

struct Chain {
    next_seq: u64,
    last: Last,
}

/// An altered line whose name is a guess, or that has none yet.
struct Nameless {
    /// Nothing but itself speaks for its name.
    doubtful: bool,
    /// Place of its problem in the report.
    problem: usize,
    sum: Option<String>,
    bytes: Vec<u8>,
}

/// A line that says which program is in force, or which one its run is held to.
pub(super) struct NamesArtifact {
    pub artifact: String,
    pub name: Name,
    pub file: String,
    pub offset: u64,
}

/// All chains.
pub(super) struct Chains {
    /// The store's id, if it could be read.
    id: Option<String>,
    /// Whether the line was there that says that the store was created.
    created: bool,
    /// Sizes of the bodies that are whole.
    blobs: HashMap<[u8; 32], u64>,
    /// Those of them that go if the end of the last pack is cut.
    behind: HashSet<[u8; 32]>,
    /// Whether a line names a blob that is not whole, or is one of those.
    needs_others: bool,
    chains: HashMap<String, Chain>,
    /// Names of the chains by the hash of their last line, where it is whole.
    heads: HashMap<[u8; 32], String>,
    /// By digest: the first line that names each.
    artifacts: BTreeMap<String, NamesArtifact>,
    nameless: Vec<Nameless>,
}

/// Name and place of a line.
pub(super) type Name = (String, u64);

impl Chains {
    pub(super) fn new(id: Option<String>, blobs: HashMap<[u8; 32], u64>, behind: HashSet<[u8; 32]>) -> Self {
        Self {
            id,
            created: false,
            blobs,
            behind,
            needs_others: false,
            chains: HashMap::new(),
            heads: HashMap::new(),
            artifacts: BTreeMap::new(),
            nameless: Vec::new(),
        }
    }

    /// A body of the segment that is whole, and its size.
    pub(super) fn body(&mut self, digest: [u8; 32], len: u64, report: &mut Report) {
        if self.blobs.insert(digest, len).is_none() {
            report.blobs += 1;
        } else {
            report.twice += 1;
        }
        self.behind.remove(&digest);
    }

    /// A line whose bytes are as they were written.
    pub(super) fn line(
        &mut self,
        file: &str,
        offset: u64,
        bytes: &[u8],
        hash: &[u8; 32],
        report: &mut Report,
    ) {
        let line = match ParsedLine::parse(bytes) {
            Ok(line) => line,
            Err(error) => {
                let at =
                    report.problem(ProblemKind::Damage, file, offset, format!("this is not a line: {error}"));
                if let Some(head) = LineHead::read(bytes) {
                    let name = (head.run.into_owned(), head.seq);
                    self.goes_on(&name.0, name.1, Last::Whole(*hash));
                    rename(report, at, name);
                }
                return;
            }
        };
        self.names_the_one_before(&line, report);
        let start = Chain { next_seq: 0, last: Last::Whole([0; 32]) };
        let Chain { next_seq: expected, last } = self.chains.get(&line.run).unwrap_or(&start);
        let mut wrong = |kind, what: String| {
            let at = report.problem(kind, file, offset, what);
            rename(report, at, (line.run.clone(), line.seq));
        };
        if line.seq != *expected {
            wrong(ProblemKind::Chain, format!("the chain should go on with line {expected}"));
        } else if !matches(last, &line.prev) {
            wrong(ProblemKind::Chain, "its `prev` is not the hash of the line before".to_string());
        }
        for blob in blob_refs(&line) {
            self.needs_others |= self.behind.contains(&blob.digest) || !self.blobs.contains_key(&blob.digest);
            let digest = hex(&blob.digest);
            match (self.blobs.get(&blob.digest), blob.len) {
                (None, _) => {
                    wrong(ProblemKind::Missing, format!("its blob {digest} is missing, or was altered"))
                }
                (Some(is), Some(says)) if *is != says => {
                    wrong(ProblemKind::Damage, format!("its blob {digest} has {is} bytes, not {says}"));
                }
                _ => {}
            }
        }
        self.created |= line.k == "store.created";
        if line.k == "store.created"
            && let (Some(id), Some(says)) = (&self.id, line.field("id").and_then(play_evidence::J::as_str))
            && id != says
        {
            wrong(ProblemKind::Damage, "the store has another id".to_string());
        }
        self.goes_on(&line.run, line.seq, Last::Whole(*hash));
        if matches!(line.k.as_str(), "run.opened" | "store.deployed")
            && let Some(artifact) = line.field("artifact").and_then(play_evidence::J::as_str)
            && !self.artifacts.contains_key(artifact)
        {
            let name = (line.run.clone(), line.seq);
            let names =
                NamesArtifact { artifact: artifact.to_string(), name, file: file.to_string(), offset };
            self.artifacts.insert(artifact.to_string(), names);
        }
    }

    /// A line that is not what was written: these bytes, and the first digits of the hash of those that were, if the
    /// trailer of its batch tells.
    pub(super) fn altered(
        &mut self,
        file: &str,
        offset: u64,
        bytes: &[u8],
        sum: Option<&[u8]>,
        report: &mut Report,
    ) {
        let at = report.problem(ProblemKind::Damage, file, offset, "the line is not what was written");
        let sum = sum.map(|s| String::from_utf8_lossy(s).into_owned());
        let last = sum.clone().map_or(Last::Nothing, Last::Sum);
        if let Some(name) = self.name_by_prev(bytes) {
            self.goes_on(&name.0, name.1, last);
            rename(report, at, name);
            return;
        }
        let mut doubtful = true;
        if let Some(name) = guess(bytes) {
            if self.chains.get(&name.0).map_or(0, |c| c.next_seq) == name.1 {
                // If its name were what was altered, its `prev` would have told.
                doubtful = name.1 == 0;
                self.goes_on(&name.0, name.1, last);
            }
            rename(report, at, name);
        }
        self.nameless.push(Nameless { doubtful, problem: at, sum, bytes: bytes.to_vec() });
    }

    /// What is still unnamed when everything has been read, how many chains there are, and whether the store's own begins
    /// with its creation, as it does from the moment when there is anything else. Gives the lines that name artifacts.
    pub(super) fn finish(mut self, report: &mut Report) -> Vec<NamesArtifact> {
        let doubtful = std::mem::take(&mut self.nameless).into_iter().filter(|n| n.doubtful);
        for nameless in doubtful.filter(|n| n.bytes.len() <= TRIED_BYTES).take(TRIED) {
            if let Some(name) = nameless.sum.as_deref().and_then(|sum| name_by_one_byte(&nameless.bytes, sum))
            {
                rename(report, nameless.problem, name);
            }
        }
        report.chains = self.chains.len() as u64;
        let altered = report.problems.iter().any(|p| p.run.as_deref() == Some("store") && p.seq == Some(0));
        if !self.created && !altered {
            let what =
                "the line is missing that says that the store was created; without it, others may be too";
            let at = report.problem(ProblemKind::Missing, &segment_name(1), 0, what);
            rename(report, at, ("store".to_string(), 0));
        }
        self.artifacts.into_values().collect()
    }

    /// Whether a line needs more than the blobs that are whole before the first place in the last pack that is not.
    pub(super) fn needs_others(&self) -> bool {
        self.needs_others
    }

    fn goes_on(&mut self, run: &str, seq: u64, last: Last) {
        let head = if let Last::Whole(hash) = &last { Some(*hash) } else { None };
        let after = Chain { next_seq: seq.saturating_add(1), last };
        let before = match self.chains.get_mut(run) {
            Some(chain) => Some(std::mem::replace(chain, after)),
            None => self.chains.insert(run.to_string(), after),
        };
        let name = match before {
            Some(Chain { last: Last::Whole(hash), .. }) => self.heads.remove(&hash),
            _ => None,
        };
        if let Some(head) = head {
            self.heads.insert(head, name.unwrap_or_else(|| run.to_string()));
        }
    }

    /// By the line before it, if its `prev` is still whole.
    fn name_by_prev(&self, bytes: &[u8]) -> Option<Name> {
        after_each(bytes, b"\"prev\":\"").find_map(|digits| {
            let prev = read_hash(std::str::from_utf8(digits.get(..64)?).ok()?)?;
            let run = self.heads.get(&prev)?;
            Some((run.clone(), self.chains.get(run)?.next_seq))
        })
    }

    /// By the line after it, whose `prev` begins with the sum; or because that one leaves just this gap.
    fn names_the_one_before(&mut self, line: &ParsedLine, report: &mut Report) {
        let Some(seq) = line.seq.checked_sub(1).filter(|_| !self.nameless.is_empty()) else { return };
        let chain = self.chains.get(&line.run);
        let expected = chain.map_or(0, |c| c.next_seq);
        let follows = |n: &Nameless| match &n.sum {
            Some(sum) => line.prev.get(..SUM) == Some(sum),
            None => expected == seq && report.problems.get(n.problem).is_some_and(|p| p.run.is_none()),
        };
        let Some(found) = self.nameless.iter().position(follows) else { return };
        let found = self.nameless.remove(found);
        if expected <= seq {
            self.goes_on(&line.run, seq, found.sum.map_or(Last::Nothing, Last::Sum));
        }
        rename(report, found.problem, (line.run.clone(), seq));

        // If just as many lines are still without a name as are missing here before that one, it is these.
        let unnamed = |n: &Nameless| report.problems.get(n.problem).is_some_and(|p| p.run.is_none());
        let rest: Vec<usize> = self.nameless.iter().filter(|n| unnamed(n)).map(|n| n.problem).collect();
        if expected.checked_add(rest.len() as u64) == Some(seq) {
            for (seq, problem) in (expected..).zip(rest) {
                rename(report, problem, (line.run.clone(), seq));
            }
        }
    }
}

pub(super) fn rename(report: &mut Report, problem: usize, name: Name) {
    if let Some(problem) = report.problems.get_mut(problem) {
        (problem.run, problem.seq) = (Some(name.0), Some(name.1));
    }
}

fn matches(last: &Last, prev: &str) -> bool {
    match last {
        Last::Whole(hash) => hex(hash) == prev,
        Last::Sum(sum) => prev.get(..SUM) == Some(sum),
        Last::Nothing => true,
    }
}

/// What stands behind each place where some bytes stand.
fn after_each<'a>(bytes: &'a [u8], what: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let places = bytes.windows(what.len()).enumerate().filter(move |(_, w)| *w == what);
    places.filter_map(move |(i, _)| bytes.get(i + what.len()..))
}

/// What an altered line says of itself, which may be what was altered.
fn guess(bytes: &[u8]) -> Option<Name> {
    if let Some(head) = LineHead::read(bytes) {
        let seq = if head.prev == [0; 32] { 0 } else { head.seq };
        return Some((head.run.into_owned(), seq));
    }
    let until = |bytes: &[u8], end: fn(&u8) -> bool| {
        let len = bytes.iter().position(end)?;
        String::from_utf8(bytes.get(..len)?.to_vec()).ok()
    };
    let run =
        after_each(bytes, b",\"run\":\"").find_map(|rest| until(rest, |b| matches!(b, b'"' | b'\\')))?;
    let seq =
        after_each(bytes, b",\"seq\":").find_map(|rest| until(rest, |b| !b.is_ascii_digit())?.parse().ok());
    let first = after_each(bytes, b"\"prev\":\"").any(|rest| rest.starts_with(&[b'0'; 64]));
    if first { Some((run, 0)) } else { Some((run, seq?)) }
}

/// The name of a line before one byte of it was altered: tries which byte it was, single bits first.
fn name_by_one_byte(altered: &[u8], expected: &str) -> Option<Name> {
    let one_bit = |byte: u8, was: u8| (byte ^ was).count_ones() == 1;
    name_by_trying(altered, expected, one_bit).or_else(|| name_by_trying(altered, expected, |_, _| true))
}

fn name_by_trying(altered: &[u8], expected: &str, may_be: fn(u8, u8) -> bool) -> Option<Name> {
    let mut before = Sha256::new();
    for (i, byte) in altered.iter().enumerate() {
        let behind = altered.get(i + 1..)?;
        for was in (0x20..=0x7e_u8).filter(|was| may_be(*byte, *was)) {
            let hash = before.clone().chain_update([was]).chain_update(behind).finalize().into();
            if sum(&hash) == expected {
                let mut line = altered.to_vec();
                *line.get_mut(i)? = was;
                let head = LineHead::read(&line)?;
                return Some((head.run.into_owned(), head.seq));
            }
        }
        before.update([*byte]);
    }
    None
}

#[cfg(test)]
mod tests {
    use play_evidence::line::hash;

    use super::*;

    #[test]
    fn an_altered_line_is_of_the_chain_whose_last_line_it_names() {
        let mut chains = Chains::new(None, HashMap::new(), HashSet::new());
        let last = |n: u8| hash(&[n]);
        let after = |n: u8| format!("{{?,\"prev\":\"{}\",?}}", hex(&last(n))).into_bytes();
        chains.goes_on("run-1", 0, Last::Whole(last(1)));
        chains.goes_on("run-2", 0, Last::Whole(last(2)));
        chains.goes_on("run-1", 1, Last::Whole(last(3)));
        assert_eq!(chains.name_by_prev(&after(2)), Some(("run-2".to_string(), 1)));
        assert_eq!(chains.name_by_prev(&after(3)), Some(("run-1".to_string(), 2)));
        assert_eq!(chains.name_by_prev(&after(1)), None, "that chain has gone on");

        chains.goes_on("run-2", 1, Last::Nothing);
        assert_eq!(chains.name_by_prev(&after(2)), None, "nothing is known of its last line");
    }
}

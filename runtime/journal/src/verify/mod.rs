//! Reading everything again, and naming what is not as it was written.
//!
//! Nothing here trusts what opening has found: a store that cannot be opened can be verified, and all of its problems are
//! reported, not only the first.

mod chains;
mod packs;
mod refs;
mod segment;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use play_evidence::line::{hash, hex};

use crate::artifact;
use crate::contents::Contents;
use crate::error::JournalError;
use crate::layout::{ARTIFACTS, BLOBS, CUTS, SEGMENTS, STORE, StoreFile, count, pack_name, segment_name};
use crate::seal::unseal;
use crate::settled;

pub use refs::{BlobRef, blob_refs};

use chains::Chains;
use packs::PackReport;

/// What sort of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// Bytes are not those that were written.
    Damage,
    /// Something is not there that was.
    Missing,
    /// A line does not continue its chain.
    Chain,
    /// An unfinished write stands at the end: what a crash leaves, or a write that goes on at this moment. Opening the store
    /// for writing cuts it.
    TornTail,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, seen from the store's folder.
    pub segment: String,
    /// In bytes from the start of the file.
    pub offset: u64,
    /// The chain of the line, where it is one and known.
    pub run: Option<String>,
    /// The line's place in its chain, where it is one and known.
    pub seq: Option<u64>,
    /// What sort.
    pub kind: ProblemKind,
    /// What is wrong.
    pub what: String,
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Segments read.
    pub segments: u64,
    /// Whole batches.
    pub batches: u64,
    /// Lines of whole batches.
    pub lines: u64,
    /// Chains: runs, `intake` and `store`.
    pub chains: u64,
    /// Blobs that are whole.
    pub blobs: u64,
    /// Places where a blob stands that stands elsewhere already, with the same bytes: that takes room, and does no harm.
    pub twice: u64,
    /// Artifacts that are whole.
    pub artifacts: u64,
    /// Bytes read.
    pub bytes: u64,
    /// All that is wrong, in the order of the files; none when everything is as it was written.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether everything is as it was written.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Adds one that is not about a line; gives its place in the list.
    fn problem(&mut self, kind: ProblemKind, file: &str, offset: u64, what: impl Into<String>) -> usize {
        self.problems.push(Problem {
            segment: file.to_string(),
            offset,
            run: None,
            seq: None,
            kind,
            what: what.into(),
        });
        self.problems.len() - 1
    }
}

/// Reads a store again from its first byte to its last. Takes no lock and changes nothing.
///
/// The artifacts that lines name are looked for too. That the newest batches are gone as a whole cannot be seen from the store alone: compare the end of its chains with one
/// that was kept elsewhere.
///
/// # Errors
/// When there is no store, or the system refuses to read. What is wrong with a store that is there is in the report.
pub fn verify_store(path: &Path) -> Result<Report, JournalError> {
    let mut report = Report::default();
    let id = store_file(path, &mut report)?;
    pending_cuts(path, &mut report)?;

    // The last segment is read before the packs: what is appended from here on may name blobs that they did not have yet.
    let segments = numbered(path, SEGMENTS, "jsonl", segment_name, &mut report)?;
    let last_number = segments.last().copied();
    let newest = last_number.map(|last| settled::read(path, last, |_, _| Ok(())).map(|read| read.bytes));
    let mut newest = newest.transpose()?.unwrap_or_default();
    let mut packs =
        PackReport::read(path, &numbered(path, BLOBS, "pack", pack_name, &mut report)?, &mut report)?;

    let mut chains = Chains::new(id, std::mem::take(&mut packs.blobs), std::mem::take(&mut packs.behind));
    let mut trailer = Some([0; 32]);
    let mut before = 0;
    for number in segments {
        let name = segment_name(number);
        let last = Some(number) == last_number;
        let bytes = if last { std::mem::take(&mut newest) } else { Contents::read_segment(path, number)? };
        if number != before + 1 {
            // The gap has been reported.
            trailer = None;
        }
        before = number;
        report.segments += 1;
        report.bytes += bytes.len() as u64;
        trailer = segment::verify(&bytes, &name, last, trailer, &mut chains, &mut report);
    }
    let needed = chains.needs_others();
    let named = chains.finish(&mut report);
    report.problems.extend(packs.problems(needed));
    let there = artifacts(path, &mut report)?;
    for line in named.into_iter().filter(|n| !there.contains(&n.artifact)) {
        let at = report.problem(
            ProblemKind::Missing,
            &line.file,
            line.offset,
            format!("its artifact {} is missing", line.artifact.escape_debug()),
        );
        chains::rename(&mut report, at, line.name);
    }
    Ok(report)
}

fn reading(name: &str) -> impl FnOnce(io::Error) -> JournalError {
    JournalError::io(format!("reading {name}"))
}

/// The store's id, if it can be read.
fn store_file(path: &Path, report: &mut Report) -> Result<Option<String>, JournalError> {
    match fs::read(path.join(STORE)) {
        Ok(bytes) => match StoreFile::parse(&bytes) {
            Ok(store) => return Ok(Some(store.id)),
            Err(why) => report.problem(ProblemKind::Damage, STORE, 0, why),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound && path.join(SEGMENTS).is_dir() => {
            report.problem(ProblemKind::Missing, STORE, 0, "the file is missing")
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let why = format!("it has no `{STORE}`");
            return Err(JournalError::NotAStore { path: path.to_path_buf(), why });
        }
        Err(e) => return Err(reading(STORE)(e)),
    };
    Ok(None)
}

fn pending_cuts(path: &Path, report: &mut Report) -> Result<(), JournalError> {
    match fs::read(path.join(CUTS)) {
        Ok(bytes) if unseal(&bytes).is_some() => {
            let what = "a recovery was stopped half way; opening the store for writing goes on with it";
            report.problem(ProblemKind::TornTail, CUTS, 0, what);
        }
        Ok(_) => {
            report.problem(ProblemKind::Damage, CUTS, 0, "the list of cuts is not what was written");
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(reading(CUTS)(e)),
    }
    Ok(())
}

/// The numbers of the files of a folder; each that is missing between them is a problem.
fn numbered(
    path: &Path,
    dir: &str,
    ext: &str,
    name: fn(u32) -> String,
    report: &mut Report,
) -> Result<BTreeSet<u32>, JournalError> {
    let found = match count(path, dir, ext) {
        Ok(found) => found,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            report.problem(ProblemKind::Missing, dir, 0, "the folder is missing");
            return Ok(BTreeSet::new());
        }
        Err(e) => return Err(reading(dir)(e)),
    };
    for missing in &found.missing {
        report.problem(ProblemKind::Missing, &name(*missing), 0, "the file is missing");
    }
    Ok(found.numbers)
}

/// The digests of the artifacts that are there, whole or not.
fn artifacts(path: &Path, report: &mut Report) -> Result<HashSet<String>, JournalError> {
    let entries = match fs::read_dir(path.join(ARTIFACTS)) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            report.problem(ProblemKind::Missing, ARTIFACTS, 0, "the folder is missing");
            return Ok(HashSet::new());
        }
        Err(e) => return Err(reading(ARTIFACTS)(e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(reading(ARTIFACTS))?.file_name().into_string().ok());
    }
    names.sort_unstable();
    let mut there = HashSet::new();
    for name in names {
        let Some(expected) = artifact::digest_of(&name) else { continue };
        there.insert(hex(&expected));
        let file = format!("{ARTIFACTS}/{name}");
        let bytes = fs::read(path.join(&file)).map_err(reading(&file))?;
        report.bytes += bytes.len() as u64;
        if hash(&bytes) == expected {
            report.artifacts += 1;
        } else {
            report.problem(ProblemKind::Damage, &file, 0, "the artifact is not what its name says");
        }
    }
    Ok(there)
}

//! Reading everything again, and naming what is not as it was written.

use std::collections::{BTreeMap, HashMap, HashSet};

use play_evidence::line::{hash, hex, read_hash};
use play_evidence::{J, ParsedLine};
use play_journal::{Blob, JournalError, LineHead, Problem, ProblemKind, Report, blob_refs};
use tokio_postgres::Row;

use crate::append::PLACES;
use crate::connect::failed;
use crate::read::{ARTIFACTS, BLOBS, LINES};
use crate::store::{Reader, Store};
use crate::url::Url;

/// Reads the store of a database again from its first line to its last. Takes no lease and changes nothing.
///
/// The bodies and artifacts that lines name are looked for too. That the newest lines of a chain are gone cannot be seen from
/// the store alone: compare the end of its chains with one that was kept elsewhere.
///
/// # Errors
/// When there is no store, or the database cannot be read. What is wrong with a store that is there is in the report.
pub fn verify(url: &Url) -> Result<Report, JournalError> {
    let reader = Store::read_only(url)?;
    let mut found = Found::default();
    found.lines(&reader)?;
    // After the lines: what they name was there before them.
    found.bodies(&reader)?;
    found.artifacts(&reader)?;
    Ok(found.report)
}

type Name = (String, u64);

#[derive(Default)]
struct Found {
    report: Report,
    groups: HashSet<i64>,
    /// The lines that name a body: its size as each says.
    bodies: HashMap<[u8; 32], Vec<(Name, Option<u64>)>>,
    /// The first line that names an artifact.
    artifacts: BTreeMap<String, Name>,
}

/// Where a chain stands.
#[derive(Default)]
struct At {
    chain: String,
    next_seq: u64,
    /// The hash of the line before: as its bytes are, and as it was written down.
    prev: [[u8; 32]; 2],
}

impl Found {
    fn problem(&mut self, table: &str, kind: ProblemKind, name: Option<&Name>, what: impl Into<String>) {
        self.report.problems.push(Problem {
            segment: table.to_string(),
            offset: 0,
            run: name.map(|(run, _)| run.clone()),
            seq: name.map(|(_, seq)| *seq),
            kind,
            what: what.into(),
        });
    }

    fn lines(&mut self, reader: &Reader) -> Result<(), JournalError> {
        let sql = "SELECT chain, seq, place, hash, line FROM play_lines ORDER BY chain, seq";
        let size = |row: &Row| row.try_get::<_, &[u8]>(4).map_or(0, <[u8]>::len);
        let mut at = At::default();
        reader.pages(sql, size, |row| {
            let read = || -> Result<_, tokio_postgres::Error> {
                Ok((
                    row.try_get::<_, &str>(0)?,
                    row.try_get(1)?,
                    row.try_get(2)?,
                    row.try_get(3)?,
                    row.try_get(4)?,
                ))
            };
            let (chain, seq, place, stored, line): (&str, i64, i64, &[u8], &[u8]) =
                read().map_err(failed("reading lines"))?;
            self.groups.insert(place.div_euclid(PLACES));
            self.line(&mut at, (chain.to_string(), u64::try_from(seq).unwrap_or(u64::MAX)), stored, line);
            Ok(())
        })?;
        self.report.batches = self.groups.len() as u64;
        Ok(())
    }

    fn line(&mut self, at: &mut At, name: Name, stored: &[u8], line: &[u8]) {
        self.report.lines = self.report.lines.saturating_add(1);
        self.report.bytes = self.report.bytes.saturating_add(line.len() as u64);
        if at.chain != name.0 {
            self.report.chains = self.report.chains.saturating_add(1);
            *at = At { chain: name.0.clone(), ..At::default() };
        }
        let is = hash(line);
        let expected = at.next_seq;
        let before = std::mem::replace(&mut at.prev, [is, stored.try_into().unwrap_or(is)]);
        at.next_seq = name.1.saturating_add(1);
        if name.1 != expected {
            let what = format!("the chain should go on with line {expected}");
            return self.problem(LINES, ProblemKind::Missing, Some(&name), what);
        }
        let Some(head) =
            LineHead::read(line).filter(|h| is[..] == *stored && h.run == name.0 && h.seq == name.1)
        else {
            return self.problem(LINES, ProblemKind::Damage, Some(&name), "the line is not what was written");
        };
        if !before.contains(&head.prev) {
            let what = "its `prev` is not the hash of the line before";
            self.problem(LINES, ProblemKind::Chain, Some(&name), what);
        }
        match ParsedLine::parse(line) {
            Ok(parsed) => self.names(name, &parsed),
            Err(error) => {
                self.problem(LINES, ProblemKind::Damage, Some(&name), format!("this is not a line: {error}"));
            }
        }
    }

    /// What a line says that there is.
    fn names(&mut self, name: Name, line: &ParsedLine) {
        for blob in blob_refs(line) {
            self.bodies.entry(blob.digest).or_default().push((name.clone(), blob.len));
        }
        if matches!(line.k.as_str(), "run.opened" | "store.deployed")
            && let Some(artifact) = line.field("artifact").and_then(J::as_str)
        {
            self.artifacts.entry(artifact.to_string()).or_insert(name);
        }
    }

    fn bodies(&mut self, reader: &Reader) -> Result<(), JournalError> {
        let sql = "SELECT digest, salt, body FROM play_blobs";
        let size = |row: &Row| row.try_get::<_, &[u8]>(2).map_or(0, <[u8]>::len);
        reader.pages(sql, size, |row| {
            let read = || -> Result<_, tokio_postgres::Error> {
                Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
            };
            let (digest, salt, body): (&[u8], &[u8], &[u8]) = read().map_err(failed("reading bodies"))?;
            let blob = salt.try_into().ok().map(|salt| Blob::new(salt, body.to_vec()));
            self.report.bytes = self.report.bytes.saturating_add(body.len() as u64);
            match blob.filter(|blob| blob.hash()[..] == *digest) {
                Some(blob) => {
                    self.report.blobs = self.report.blobs.saturating_add(1);
                    for (name, says) in self.bodies.remove(&blob.hash()).unwrap_or_default() {
                        if let Some(says) = says.filter(|n| *n != blob.len()) {
                            let what =
                                format!("its blob {} has {} bytes, not {says}", blob.digest(), blob.len());
                            self.problem(LINES, ProblemKind::Damage, Some(&name), what);
                        }
                    }
                }
                None => {
                    let what = format!("the blob {} is not what was written", hex(digest));
                    self.problem(BLOBS, ProblemKind::Damage, None, what);
                }
            }
            Ok(())
        })?;
        let mut missing: Vec<_> = std::mem::take(&mut self.bodies).into_iter().collect();
        missing.sort_by(|a, b| a.1.first().map(|(n, _)| n).cmp(&b.1.first().map(|(n, _)| n)));
        for (digest, lines) in missing {
            for (name, _) in lines {
                let what = format!("its blob {} is missing, or was altered", hex(&digest));
                self.problem(LINES, ProblemKind::Missing, Some(&name), what);
            }
        }
        Ok(())
    }

    fn artifacts(&mut self, reader: &Reader) -> Result<(), JournalError> {
        let sql = "SELECT digest, program FROM play_artifacts";
        let size = |row: &Row| row.try_get::<_, &[u8]>(1).map_or(0, <[u8]>::len);
        let mut there = HashSet::new();
        reader.pages(sql, size, |row| {
            let read = || -> Result<_, tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?)) };
            let (digest, program): (&[u8], &[u8]) = read().map_err(failed("reading artifacts"))?;
            self.report.bytes = self.report.bytes.saturating_add(program.len() as u64);
            if hash(program)[..] == *digest {
                self.report.artifacts = self.report.artifacts.saturating_add(1);
                there.insert(hash(program));
            } else {
                let what = format!("the artifact {} is not what its name says", hex(digest));
                self.problem(ARTIFACTS, ProblemKind::Damage, None, what);
            }
            Ok(())
        })?;
        for (artifact, name) in std::mem::take(&mut self.artifacts) {
            if !read_hash(&artifact).is_some_and(|digest| there.contains(&digest)) {
                let what = format!("its artifact {} is missing", artifact.escape_debug());
                self.problem(LINES, ProblemKind::Missing, Some(&name), what);
            }
        }
        Ok(())
    }
}

//! Opening: reads a store that is there, and finds what a crash left unfinished.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use play_evidence::{J, ParsedLine};

use crate::abreast::{Checked, Is};
use crate::artifact;
use crate::contents::{Blobs, End, State, read_at};
use crate::crash;
use crate::error::{Damage, JournalError};
use crate::index::{Head, Index, Position};
use crate::kept::{BlobAt, Place};
use crate::layout::{
    ARTIFACTS, BLOBS, CUTS, SEGMENTS, count, is_temporary, pack_name, segment_name, sync_dir, write_whole,
};
use crate::names;
use crate::pack;
use crate::scan::Tail;
use crate::seal::{int, number, seal, text, unseal};
use crate::settled::{self, Settled};
use crate::verify::{self, ProblemKind};

/// The end of a file that a crash left unfinished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Seen from the store's folder.
    pub file: String,
    /// What is kept: bytes from the start of the file.
    pub offset: u64,
    /// What goes.
    pub bytes: u64,
}

/// What was found in a store.
pub(crate) struct Found {
    pub state: State,
    /// Hash of the last trailer.
    pub trailer: [u8; 32],
    /// Where the last batch of the last segment begins; the end of what is whole there, when it has none.
    pub last_batch: u64,
    /// Number of the last pack; 0 when there is none.
    pub packs: u32,
    /// Size of that pack, up to its last whole frame.
    pub pack_len: u64,
    /// Unfinished ends.
    pub cuts: Vec<Cut>,
    /// Files that end in place that was made ready, and where what stands in them ends.
    pub ahead: Vec<(String, u64)>,
    /// The lines that name blobs which stand in no segment up to there, as it seems.
    name_others: Vec<Position>,
}

/// Reads a store. Changes nothing.
pub(crate) fn read(root: &Path) -> Result<Found, JournalError> {
    // Looked for before the lines are: beside one who makes the store, both may come at any time, lines first.
    let kept = keeps_more_than_lines(root)?;
    let found = read_lines(root).and_then(|found| {
        if kept && found.trailer == [0; 32] {
            let what = "the store keeps bodies or programs, but its lines are gone";
            return Err(JournalError::damaged(segment_name(1), 0, what));
        }
        read_packs(root, found)
    });
    match found {
        // Which line it is takes a closer look than opening does.
        Err(JournalError::Damaged(damage)) => Err(JournalError::Damaged(Box::new(locate(root, *damage)))),
        other => other,
    }
}

fn locate(root: &Path, damage: Damage) -> Damage {
    let Ok(report) = verify::verify_store(root) else { return damage };
    let problem = report.problems.into_iter().find(|p| p.kind != ProblemKind::TornTail);
    problem.map_or(damage, |p| Damage {
        file: p.segment,
        offset: Some(p.offset),
        run: p.run,
        seq: p.seq,
        what: p.what,
    })
}

/// Whether there are packs or artifacts. That the store was created is durable before any of them is written.
fn keeps_more_than_lines(root: &Path) -> Result<bool, JournalError> {
    if count(root, BLOBS, "pack").map_err(JournalError::io(format!("reading the folder `{BLOBS}`")))?.last > 0
    {
        return Ok(true);
    }
    artifact::any(root).map_err(JournalError::io(format!("reading the folder `{ARTIFACTS}`")))
}

fn numbered(root: &Path, dir: &str, ext: &str, name: fn(u32) -> String) -> Result<u32, JournalError> {
    let found = count(root, dir, ext).map_err(JournalError::io(format!("reading the folder `{dir}`")))?;
    match found.missing.first() {
        Some(missing) => Err(JournalError::damaged(name(*missing), 0, "the file is missing")),
        None => Ok(found.last),
    }
}

fn read_lines(root: &Path) -> Result<Found, JournalError> {
    let last = numbered(root, SEGMENTS, "jsonl", segment_name)?;
    let state = State { index: Index::default(), blobs: Blobs::new(), end: End { segment: last, offset: 0 } };
    let mut found = Found {
        state,
        trailer: [0; 32],
        last_batch: 0,
        packs: 0,
        pack_len: 0,
        cuts: Vec::new(),
        ahead: Vec::new(),
        name_others: Vec::new(),
    };
    for segment in 1..=last {
        let name = segment_name(segment);
        found.last_batch = 0;
        let Settled { bytes, end, tail } =
            settled::read(root, segment, |pos, batch| found.take(segment, &name, pos, batch))?;
        found.state.end.offset = end as u64;
        match tail {
            Tail::Clean => {}
            Tail::Ahead if segment == last => found.ahead.push((name, end as u64)),
            Tail::Torn if segment == last => {
                let cut = (bytes.len() - end) as u64;
                found.cuts.push(Cut { file: name, offset: end as u64, bytes: cut });
            }
            Tail::Ahead | Tail::Torn | Tail::Altered { .. } => {
                return Err(JournalError::damaged(name, end as u64, "the batch is not what was written"));
            }
        }
    }
    Ok(found)
}

impl Found {
    /// The next batch, which begins at `pos` of a segment.
    fn take(
        &mut self,
        segment: u32,
        name: &str,
        pos: usize,
        Checked { batch, lines }: Checked<'_>,
    ) -> Result<(), JournalError> {
        if batch.prev != self.trailer {
            return Err(JournalError::damaged(name, pos as u64, "a batch is missing before this one"));
        }
        for (line, is) in batch.lines.iter().zip(lines) {
            let offset = line.offset as u64;
            let head = match is {
                Is::Evidence { head, names } => {
                    let is_there =
                        |digest: Option<_>| digest.is_some_and(|d| self.state.blobs.contains_key(&d));
                    if names && !names::all(line.bytes).all(is_there) {
                        self.name_others.push(Position { segment, len: len_of(line.bytes), offset });
                    }
                    head
                }
                Is::Body(digest) => {
                    let (place, len) = (Place::Segment(segment), line.bytes.len() as u64);
                    self.state.blobs.entry(digest).or_insert(BlobAt { place, offset, len });
                    continue;
                }
                Is::Neither => {
                    return Err(JournalError::damaged(name, offset, "this is not a line of evidence"));
                }
            };
            let before = self.state.index.head(&head.run).unwrap_or(Head::EMPTY);
            if head.seq != before.next_seq || head.prev != before.prev {
                let what = "the line does not continue its chain";
                return Err(JournalError::damaged_line(name, offset, &head.run, head.seq, what));
            }
            self.state.index.push(
                &head.run,
                Position { segment, len: len_of(line.bytes), offset },
                line.hash,
            );
        }
        self.trailer = batch.hash;
        self.last_batch = pos as u64;
        Ok(())
    }
}

fn read_packs(root: &Path, mut found: Found) -> Result<Found, JournalError> {
    found.packs = numbered(root, BLOBS, "pack", pack_name)?;
    let mut newest = None;
    for number in 1..=found.packs {
        let name = pack_name(number);
        let last = number == found.packs;
        let scan = pack::scan(&root.join(&name), number, last)
            .map_err(JournalError::io(format!("reading {name}")))?;
        newest = scan.blobs.last().map(|(digest, _)| *digest).or(newest);
        for (digest, at) in scan.blobs {
            // One that is kept twice is read where it was first.
            found.state.blobs.entry(digest).or_insert(at);
        }
        found.pack_len = scan.end;
        let damaged = || JournalError::damaged(name.as_str(), scan.end, "the blob is not what was written");
        // Blobs are written before the lines that name them: one that a durable line names was durable.
        if scan.ahead {
            if !names_only_blobs_of(root, &found, newest.as_ref())? {
                return Err(damaged());
            }
            found.ahead.push((name.clone(), scan.end));
        }
        if scan.end < scan.size {
            if !last || !names_only_blobs_of(root, &found, None)? {
                return Err(damaged());
            }
            found.cuts.push(Cut { file: name, offset: scan.end, bytes: scan.size - scan.end });
        }
    }
    Ok(found)
}

/// Whether every blob that a line names is there, of the lines that were found. Those that somebody has appended since may
/// name blobs that the packs did not have yet. Only the newest segments are looked at, back to one that names `newest`: what was written
/// after that blob is named behind the line that names it, since no two results share a blob.
fn names_only_blobs_of(root: &Path, found: &Found, newest: Option<&[u8; 32]>) -> Result<bool, JournalError> {
    for lines in found.name_others.chunk_by(|a, b| a.segment == b.segment).rev() {
        let Some(first) = lines.first() else { continue };
        let name = segment_name(first.segment);
        let reading = || JournalError::io(format!("reading {name}"));
        let mut file = File::open(root.join(&name)).map_err(reading())?;
        let mut is_named = false;
        for position in lines {
            let line = read_at(&mut file, position).map_err(reading())?;
            let Ok(line) = ParsedLine::parse(&line) else { continue };
            for blob in verify::blob_refs(&line) {
                if !found.state.blobs.contains_key(&blob.digest) {
                    return Ok(false);
                }
                is_named |= newest == Some(&blob.digest);
            }
        }
        if is_named {
            break;
        }
    }
    Ok(true)
}

/// No line that is accepted is longer than that.
fn len_of(line: &[u8]) -> u32 {
    u32::try_from(line.len()).unwrap_or(u32::MAX)
}

/// Cuts that were begun and may not have been recorded. If they were, then in one batch, at the end that the chain `store`
/// had at the time.
struct Begun {
    cuts: Vec<Cut>,
    seq: u64,
}

/// Makes the cuts. Gives those to be recorded: these, and any that an opening before this one made but did not record.
///
/// The list is durable before anything is cut, so that no cut goes unrecorded, whenever the process ends.
pub(crate) fn cut(root: &Path, found: &Found) -> Result<Vec<Cut>, JournalError> {
    let next = found.state.index.head("store").map_or(0, |h| h.next_seq);
    let begun = read_begun(root)?;
    let mut cuts = begun.filter(|b| b.seq == next).map(|b| b.cuts).unwrap_or_default();
    for new in &found.cuts {
        // One that was begun and not made is found again.
        if !cuts.contains(new) {
            cuts.push(new.clone());
        }
    }
    if cuts.is_empty() {
        return Ok(cuts);
    }
    write_begun(root, &cuts, next).map_err(JournalError::io("writing down what is cut"))?;
    for cut in &found.cuts {
        let made =
            OpenOptions::new().write(true).open(root.join(&cut.file)).and_then(|file| -> io::Result<()> {
                crash::point("before a cut");
                file.set_len(cut.offset)?;
                crash::point("a tail was cut");
                file.sync_all()?;
                crash::point("a cut was synced");
                Ok(())
            });
        made.map_err(JournalError::io(format!("cutting {}", cut.file)))?;
    }
    Ok(cuts)
}

/// Takes away the place that a process before this one has made ready and not used. Nothing ever stood there.
pub(crate) fn end(root: &Path, found: &Found) -> Result<(), JournalError> {
    for (name, at) in &found.ahead {
        let end = || {
            let file = OpenOptions::new().write(true).open(root.join(name))?;
            crash::point("before what is ready is taken away");
            file.set_len(*at)?;
            crash::point("what was ready is taken away");
            file.sync_all()
        };
        end().map_err(JournalError::io(format!("cutting {name}")))?;
    }
    Ok(())
}

/// To be called when the cuts are recorded.
pub(crate) fn cuts_recorded(root: &Path) -> Result<(), JournalError> {
    match fs::remove_file(root.join(CUTS)) {
        Ok(()) => {
            crash::point("the list of cuts is removed");
            sync_dir(root)
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    }
    .map_err(JournalError::io("removing the list of cuts"))
}

fn write_begun(root: &Path, cuts: &[Cut], seq: u64) -> io::Result<()> {
    let cuts = cuts
        .iter()
        .map(|c| {
            J::Obj(BTreeMap::from([
                ("bytes".to_string(), int(c.bytes)),
                ("file".to_string(), J::Str(c.file.clone())),
                ("offset".to_string(), int(c.offset)),
            ]))
        })
        .collect();
    let record = BTreeMap::from([
        ("cuts".to_string(), J::Arr(cuts)),
        ("seq".to_string(), int(seq)),
        ("v".to_string(), J::Int(0)),
    ]);
    write_whole(root, CUTS, &seal(record))
}

fn read_begun(root: &Path) -> Result<Option<Begun>, JournalError> {
    let bytes = match fs::read(root.join(CUTS)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(JournalError::io("reading the list of cuts")(e)),
    };
    let begun = || {
        let members = unseal(&bytes)?;
        let Some(J::Arr(cuts)) = members.get("cuts") else { return None };
        let cuts = cuts.iter().map(|cut| {
            let J::Obj(cut) = cut else { return None };
            let file = text(cut, "file")?.to_string();
            Some(Cut { file, offset: number(cut, "offset")?, bytes: number(cut, "bytes")? })
        });
        Some(Begun { cuts: cuts.collect::<Option<_>>()?, seq: number(&members, "seq")? })
    };
    begun()
        .map(Some)
        .ok_or_else(|| JournalError::damaged(CUTS, 0, "the list of cuts is not what was written"))
}

/// Makes durable what a process before this one may have written without a sync: it is taken for durable from here on.
///
/// A sync that failed may have left pages that are in memory, are not on the disk, and are not to be written any more: the
/// next sync would succeed without them. So what the last write may have been is written again, with the same bytes: the
/// last batch, and the last pack, as where its last write begins is not known.
pub(crate) fn sync_ends(root: &Path, found: &Found) -> Result<(), JournalError> {
    let segment = (found.state.end.segment, segment_name as fn(u32) -> String, found.last_batch);
    let pack = (found.packs, pack_name as fn(u32) -> String, 0);
    for (number, name, from) in [pack, segment] {
        if number > 0 {
            let name = name(number);
            rewrite(&root.join(&name), from).map_err(JournalError::io(format!("syncing {name}")))?;
        }
    }
    for dir in [SEGMENTS, BLOBS] {
        sync_dir(&root.join(dir)).map_err(JournalError::io(format!("syncing the folder `{dir}`")))?;
    }
    Ok(())
}

/// Writes the end of a file again as it is, durably.
fn rewrite(path: &Path, mut from: u64) -> io::Result<()> {
    const STEP: u64 = 1 << 20;
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        file.seek(SeekFrom::Start(from))?;
        (&file).take(STEP).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            file.sync_all()?;
            crash::point("an end was synced again");
            return Ok(());
        }
        file.seek(SeekFrom::Start(from))?;
        crash::half_way(&bytes, |half| (&file).write_all(half));
        file.write_all(&bytes)?;
        crash::point("an end was written again");
        from += bytes.len() as u64;
    }
}

/// Removes files whose writing was stopped half way.
pub(crate) fn remove_temporaries(root: &Path) -> Result<(), JournalError> {
    let remove = |dir: &Path| -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(is_temporary) {
                fs::remove_file(entry.path())?;
                crash::point("an unfinished file is removed");
            }
        }
        Ok(())
    };
    remove(root)
        .and_then(|()| remove(&root.join(ARTIFACTS)))
        .map_err(JournalError::io("removing unfinished files"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use play_evidence::{Chain, kinds};

    use super::*;
    use crate::{Batch, Blob, Options, Store};

    fn append(store: &Store, chain: &mut Chain, blob: Blob) {
        let text = play_evidence::json::blob(&blob.digest(), blob.len());
        let kind = kinds::kind("case.noted").unwrap();
        let fields = BTreeMap::from([("text".to_string(), text)]);
        let line = chain.append(Timestamp::UNIX_EPOCH, "engine", None, kind, fields).unwrap();
        store.append_wait(Batch { lines: vec![line], blobs: vec![blob] }).unwrap();
    }

    /// One who reads beside one who writes: its lines are from before a batch, its last pack has half of that batch's blob,
    /// and when it looks at the lines again, the batch is there.
    #[test]
    fn a_batch_that_comes_while_a_store_is_read_is_no_damage() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { inline_bytes: 0, ..Options::default() };
        let store = Store::open(dir.path(), options).unwrap();
        let mut chain = Chain::new("run-1");
        append(&store, &mut chain, Blob::new([1; 32], b"before".to_vec()));
        let pack = dir.path().join(pack_name(1));
        let whole = read(dir.path()).unwrap().pack_len;

        let lines = read_lines(dir.path()).unwrap();
        append(&store, &mut chain, Blob::new([2; 32], b"meanwhile".to_vec()));
        store.close().unwrap();
        OpenOptions::new().write(true).open(&pack).unwrap().set_len(whole + 70).unwrap();

        let found = read_packs(dir.path(), lines).unwrap();
        assert_eq!((found.state.blobs.len(), found.pack_len), (1, whole));
        // Once the line is among those that were read, a blob that is not there is one that was lost.
        assert!(matches!(read(dir.path()), Err(JournalError::Damaged(_))));
    }

    #[test]
    fn a_file_is_written_again_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let bytes: Vec<u8> = (0..(3 << 20) + 5_u32).map(|i| (i % 251) as u8).collect();
        for from in [0, 1, 1 << 20, bytes.len() as u64] {
            fs::write(&path, &bytes).unwrap();
            rewrite(&path, from).unwrap();
            assert!(fs::read(&path).unwrap() == bytes, "from {from}");
        }
    }
}

//! The one thread that writes.
//!
//! It takes whatever waits, writes it as one batch, syncs, and only then tells the callers. So the more there is to do, the
//! less each sync costs.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use play_evidence::line::hash;

use crate::accept::accept;
use crate::ahead;
use crate::blob::Blob;
use crate::body;
use crate::caller::Caller;
use crate::contents::{Contents, End};
use crate::disk::{Disk, DiskFile};
use crate::error::JournalError;
use crate::index::{Head, Heads, Position};
use crate::journal::Batch;
use crate::kept::{BlobAt, Place};
use crate::layout::{pack_name, segment_name};
use crate::machine::Machine;
use crate::pack;
use crate::queue::Exit;
use crate::store::Options;
use crate::trailer::{Trailer, sum};

/// What the thread is told.
pub(crate) enum Message {
    Append(Batch, Caller),
    Close,
}

impl Message {
    /// In bytes of lines and bodies.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Append(batch, _) => {
                let lines: usize = batch.lines.iter().map(|l| l.bytes.len()).sum();
                let bodies: usize = batch.blobs.iter().map(|b| b.body().len()).sum();
                lines.saturating_add(bodies)
            }
            Self::Close => 0,
        }
    }
}

/// A file that is written to.
struct Writing {
    number: u32,
    len: u64,
    file: Option<Box<dyn DiskFile>>,
    /// Up to where it is on the disk: what is between that and `len` are zeros.
    ready: u64,
    /// How much was written, to this one and those before it.
    written: u64,
    /// The most that is made ready behind what is written.
    ahead: u64,
}

/// A line that waits to be written.
struct Waiting {
    run: Arc<str>,
    /// In bytes from the first line.
    at: u64,
    len: u32,
    hash: [u8; 32],
}

/// A blob that waits to be written.
struct WaitingBlob {
    is_packed: bool,
    /// In bytes from the start of what goes to the pack, or from the first body in the segment.
    at: u64,
    len: u64,
}

/// Lines for the segment, with the beginnings of their hashes.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    count: u64,
    sums: String,
}

impl Lines {
    /// Gives where it begins.
    fn push(&mut self, line: &[u8], hash: &[u8; 32]) -> u64 {
        let at = self.bytes.len() as u64;
        self.bytes.extend_from_slice(line);
        self.sums.push_str(&sum(hash));
        self.count = self.count.saturating_add(1);
        at
    }

    fn followed_by(mut self, more: Self) -> Self {
        if self.count == 0 {
            return more;
        }
        self.bytes.extend(more.bytes);
        self.count = self.count.saturating_add(more.count);
        self.sums.push_str(&more.sums);
        self
    }
}

/// What is written together.
#[derive(Default)]
struct Group {
    evidence: Lines,
    lines: Vec<Waiting>,
    /// Small bodies. They come before the evidence.
    inline: Lines,
    /// Larger ones, for the pack.
    packed: Vec<u8>,
    blobs: HashMap<[u8; 32], WaitingBlob>,
}

/// The state of the thread that writes.
pub(crate) struct Committer {
    contents: Arc<Contents>,
    options: Options,
    disk: Box<dyn Disk>,
    machine: Arc<dyn Machine>,
    /// Held as long as this thread may write.
    _lock: File,
    heads: Heads,
    trailer: [u8; 32],
    segment: Writing,
    pack: Writing,
    failed: Option<JournalError>,
}

impl Committer {
    /// After the last trailer, at the end of the last pack: number and size.
    pub(crate) fn new(
        contents: Arc<Contents>,
        options: Options,
        (disk, machine): (Box<dyn Disk>, Arc<dyn Machine>),
        lock: File,
        trailer: [u8; 32],
        pack: (u32, u64),
    ) -> Self {
        let (heads, end) = {
            let state = contents.state();
            let heads = state.index.heads().into_iter().map(|(name, head)| (name.into(), head)).collect();
            (heads, state.end)
        };
        let segment = Writing::at(end.segment, end.offset, options.ahead_bytes);
        let pack = Writing::at(pack.0, pack.1, options.ahead_bytes);
        Self { contents, options, disk, machine, _lock: lock, heads, trailer, segment, pack, failed: None }
    }

    /// Works until it is told to close. Gives the failure that ended the store, if one did.
    pub(crate) fn run(mut self, messages: &Exit) -> Option<JournalError> {
        while self.step(messages.take(self.options.group_bytes)) {}
        self.failed.clone()
    }

    /// Commits what waits, if something does. Whether it was anything.
    pub(crate) fn step_now(&mut self, messages: &Exit) -> bool {
        let waiting = messages.take_now(self.options.group_bytes);
        let any = !waiting.is_empty();
        self.step(waiting);
        any
    }

    /// Commits messages together. Whether there may be more.
    fn step(&mut self, messages: Vec<Message>) -> bool {
        let mut open = true;
        let mut waiting = Vec::with_capacity(messages.len());
        for message in messages {
            match message {
                Message::Append(batch, caller) => waiting.push((batch, caller)),
                Message::Close => open = false,
            }
        }
        self.commit(waiting);
        open
    }

    fn commit(&mut self, waiting: Vec<(Batch, Caller)>) {
        let mut group = Group::default();
        let mut callers = Vec::with_capacity(waiting.len());
        for (batch, caller) in waiting {
            let taken = match &self.failed {
                Some(error) => Err(error.clone()),
                None => self.take(&batch, &mut group),
            };
            match taken {
                Ok(()) => callers.push(caller),
                Err(error) => caller.tell(Err(error)),
            }
        }
        if callers.is_empty() {
            return;
        }
        let result = self.write(group);
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        for caller in callers {
            caller.tell(result.clone());
        }
    }

    /// Adds a batch to the group as a whole, or not at all.
    fn take(&mut self, batch: &Batch, group: &mut Group) -> Result<(), JournalError> {
        let heads = &self.heads;
        let accepted = accept(batch, |run| Ok(heads.get(run).copied().unwrap_or(Head::EMPTY)))?;
        for blob in &batch.blobs {
            self.take_blob(blob, group);
        }
        for (line, run) in batch.lines.iter().zip(accepted.runs) {
            let at = group.evidence.push(&line.bytes, &line.hash);
            // No line that is accepted is longer than that.
            let len = u32::try_from(line.bytes.len()).unwrap_or(u32::MAX);
            group.lines.push(Waiting { run, at, len, hash: line.hash });
        }
        self.heads.extend(accepted.heads);
        Ok(())
    }

    /// One that is there is not written again.
    fn take_blob(&self, blob: &Blob, group: &mut Group) {
        let digest = blob.hash();
        if group.blobs.contains_key(&digest) || self.contents.state().blobs.contains_key(&digest) {
            return;
        }
        let waiting = if blob.len() < self.options.inline_bytes {
            let line = body::to_line(blob);
            let at = group.inline.push(&line, &hash(&line));
            WaitingBlob { is_packed: false, at, len: line.len() as u64 }
        } else {
            let at = (group.packed.len() as u64).saturating_add(pack::HEADER);
            pack::write_frame(blob, &mut group.packed);
            WaitingBlob { is_packed: true, at, len: pack::SALT.saturating_add(blob.len()) }
        };
        group.blobs.insert(digest, waiting);
    }

    fn write(&mut self, group: Group) -> Result<(), JournalError> {
        let pack_start = self.write_blobs(&group.packed)?;
        let inline = group.inline.bytes.len() as u64;
        let start = self.write_lines(group.inline, group.evidence)?;
        // It is durable. Now those who read may see it.
        let mut state = self.contents.state_mut();
        let (pack, segment) = (self.pack.number, self.segment.number);
        for (digest, WaitingBlob { is_packed, at, len }) in group.blobs {
            let (place, start) =
                if is_packed { (Place::Pack(pack), pack_start) } else { (Place::Segment(segment), start) };
            state.blobs.insert(digest, BlobAt { place, offset: start + at, len });
        }
        for line in group.lines {
            let position = Position { segment, len: line.len, offset: start + inline + line.at };
            state.index.push(&line.run, position, line.hash);
        }
        state.end = End { segment, offset: self.segment.len };
        Ok(())
    }

    /// Appends to the packs; gives where it stands in the last of them.
    fn write_blobs(&mut self, packed: &[u8]) -> Result<u64, JournalError> {
        if packed.is_empty() {
            return Ok(0);
        }
        let contents = Arc::clone(&self.contents);
        let path = |n| contents.root.join(pack_name(n));
        self.pack
            .append(&*self.disk, packed, self.options.pack_bytes, path)
            .map_err(JournalError::io("writing blobs"))
    }

    /// Appends bodies, lines and their trailer; gives where they begin.
    fn write_lines(&mut self, bodies: Lines, lines: Lines) -> Result<u64, JournalError> {
        let inline = bodies.count;
        let mut all = bodies.followed_by(lines);
        if all.count == 0 {
            return Ok(self.segment.len);
        }
        let contents = Arc::clone(&self.contents);
        let path = |n| contents.root.join(segment_name(n));
        let failed = || JournalError::io("writing evidence");
        self.segment
            .make_room(&*self.disk, all.bytes.len() as u64, self.options.segment_bytes, path)
            .map_err(failed())?;
        let from = self.segment.len;
        let trailer = Trailer::of(&all.bytes, from, (all.count, inline), all.sums, self.trailer);
        let trailer = trailer.to_line(self.machine.now());
        all.bytes.extend_from_slice(&trailer);
        self.segment.write(&all.bytes).map_err(failed())?;
        self.trailer = hash(&trailer);
        Ok(from)
    }
}

impl Writing {
    /// A file of this number, which ends there.
    fn at(number: u32, len: u64, ahead: u64) -> Self {
        Self { number, len, file: None, ready: len, written: 0, ahead }
    }

    /// Goes on to a new file when this one would get larger than `limit`; opens it when it is not open yet.
    fn make_room(
        &mut self,
        disk: &dyn Disk,
        more: u64,
        limit: u64,
        path: impl Fn(u32) -> std::path::PathBuf,
    ) -> std::io::Result<()> {
        if self.number == 0 || (self.len > 0 && self.len.saturating_add(more) > limit) {
            // Only the last one may end in zeros.
            if self.finish()? {
                self.sync()?;
            }
            self.file = Some(disk.create(&path(self.number + 1))?);
            self.number += 1;
            self.len = 0;
            self.ready = 0;
        } else if self.file.is_none() {
            self.file = Some(disk.open(&path(self.number))?);
        }
        Ok(())
    }

    /// Writes durably.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let file = opened(&mut self.file)?;
        file.write(self.len, bytes)?;
        let end = self.len.saturating_add(bytes.len() as u64);
        if end > self.ready {
            self.ready = end;
            let until = ahead::until(end, bytes.len(), self.written, self.ahead);
            if until > end {
                match file.write(end, &vec![0; usize::try_from(until - end).unwrap_or_default()]) {
                    Ok(()) => self.ready = until,
                    // It does without from here on. Where the disk is full, what there is left is for evidence.
                    Err(_) => {
                        self.ahead = 0;
                        file.cut(end)?;
                    }
                }
            }
        }
        file.sync()?;
        self.len = end;
        self.written = self.written.saturating_add(bytes.len() as u64);
        Ok(())
    }

    /// The file ends where what is written ends. Whether anything stood behind it.
    fn finish(&mut self) -> std::io::Result<bool> {
        if self.ready == self.len {
            return Ok(false);
        }
        opened(&mut self.file)?.cut(self.len)?;
        self.ready = self.len;
        Ok(true)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        opened(&mut self.file)?.sync()
    }

    /// Both; gives where the bytes begin.
    fn append(
        &mut self,
        disk: &dyn Disk,
        bytes: &[u8],
        limit: u64,
        path: impl Fn(u32) -> std::path::PathBuf,
    ) -> std::io::Result<u64> {
        self.make_room(disk, bytes.len() as u64, limit, path)?;
        let start = self.len;
        self.write(bytes)?;
        Ok(start)
    }
}

fn opened(file: &mut Option<Box<dyn DiskFile>>) -> std::io::Result<&mut Box<dyn DiskFile>> {
    file.as_mut().ok_or_else(|| std::io::Error::other("no file is open"))
}

impl Drop for Committer {
    fn drop(&mut self) {
        // Whoever opens it next passes over what is left, and what a write that failed has left is for them to look at.
        if self.failed.is_none() {
            let _ = (self.pack.finish(), self.segment.finish());
        }
    }
}

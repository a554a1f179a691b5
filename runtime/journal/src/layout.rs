//! The folder: which files there are, and how the small ones are written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use play_evidence::J;
use play_evidence::line::{hex, read_hash, time};

use crate::crash;
use crate::error::JournalError;
use crate::machine::Machine;
use crate::seal::{number, seal, text, unseal};

pub(crate) const STORE: &str = "store.json";
pub(crate) const LOCK: &str = "lock";
/// Cuts that have not been recorded yet; there only while a store is recovered.
pub(crate) const CUTS: &str = "recovering.json";
pub(crate) const SEGMENTS: &str = "segments";
pub(crate) const BLOBS: &str = "blobs";
pub(crate) const ARTIFACTS: &str = "artifacts";

const FORMAT: &str = "play-store";

/// What `store.json` says.
#[derive(Clone)]
pub(crate) struct StoreFile {
    /// 32 hex digits.
    pub id: String,
    /// Secret.
    pub salt: [u8; 32],
}

impl StoreFile {
    /// A new store's.
    pub(crate) fn random(machine: &dyn Machine) -> Result<Self, JournalError> {
        let draw = || {
            let failed = |e| JournalError::io("drawing random numbers")(io::Error::other(e));
            machine.random().map_err(failed)
        };
        let (id, salt) = (draw()?, draw()?);
        Ok(Self { id: hex(id.get(..16).unwrap_or_default()), salt })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        seal(BTreeMap::from([
            ("format".to_string(), J::Str(FORMAT.to_string())),
            ("id".to_string(), J::Str(self.id.clone())),
            ("salt".to_string(), J::Str(hex(&self.salt))),
            ("v".to_string(), J::Int(0)),
        ]))
    }

    /// Why not, when not.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let members = unseal(bytes).ok_or("`store.json` is not as it was written")?;
        if text(&members, "format") != Some(FORMAT) {
            return Err("`store.json` is of something else");
        }
        if number(&members, "v") != Some(0) {
            return Err("it was written by a later version");
        }
        let id = text(&members, "id").ok_or("`store.json` has no id")?;
        let salt = text(&members, "salt").and_then(read_hash).ok_or("`store.json` has no salt")?;
        Ok(Self { id: id.to_string(), salt })
    }

    /// Of a store that is there.
    pub(crate) fn read(root: &Path) -> Result<Self, JournalError> {
        let not = |why: &str| JournalError::NotAStore { path: root.to_path_buf(), why: why.to_string() };
        match fs::read(root.join(STORE)) {
            Ok(bytes) => Self::parse(&bytes).map_err(not),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(not("it has no `store.json`")),
            Err(e) => Err(JournalError::io("reading `store.json`")(e)),
        }
    }
}

/// A segment's name, seen from the store's folder.
pub(crate) fn segment_name(number: u32) -> String {
    format!("{SEGMENTS}/{number:08}.jsonl")
}

/// A pack's name, seen from the store's folder.
pub(crate) fn pack_name(number: u32) -> String {
    format!("{BLOBS}/{number:08}.pack")
}

/// The numbered files of a folder, which count from 1.
pub(crate) struct Numbered {
    /// The numbers that there are.
    pub numbers: BTreeSet<u32>,
    /// The largest number; 0 when there is none.
    pub last: u32,
    /// Numbers before it without a file: the first hundred.
    pub missing: Vec<u32>,
}

/// Counts the numbered files of a folder. Others in it are left alone.
pub(crate) fn count(root: &Path, dir: &str, ext: &str) -> io::Result<Numbered> {
    let mut numbers = BTreeSet::new();
    for entry in fs::read_dir(root.join(dir))? {
        let name = entry?.file_name();
        let stem = name.to_str().and_then(|n| n.strip_suffix(ext)).and_then(|n| n.strip_suffix('.'));
        let digits = stem.filter(|s| s.len() == 8 && s.bytes().all(|b| b.is_ascii_digit()));
        numbers.extend(digits.and_then(|s| s.parse::<u32>().ok()).filter(|n| *n > 0));
    }
    let last = numbers.last().copied().unwrap_or(0);
    let missing = (1..last).filter(|n| !numbers.contains(n)).take(100).collect();
    Ok(Numbered { numbers, last, missing })
}

/// For files that only their owner may read: the store has what others must not see.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes a folder, and those above it, if it is not there.
pub(crate) fn make_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)?;
    crash::point("a folder was made");
    Ok(())
}

/// The same durably: each that was made is a name in the one above it.
pub(crate) fn make_dir_durably(path: &Path) -> io::Result<()> {
    // The last one in any case: it may have been made by one who ended before it was durable.
    let made = path.ancestors().skip(1).take_while(|p| !p.as_os_str().is_empty() && !p.exists());
    let made: Vec<&Path> = std::iter::once(path).chain(made).collect();
    make_dir(path)?;
    for dir in made.into_iter().rev() {
        let above = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sync_dir(above)?;
    }
    Ok(())
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    SYNCED.with_borrow_mut(|synced| synced.push(path.to_path_buf()));
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    crash::point("a folder was synced");
    Ok(())
}

/// Writes a file that is there as a whole or not at all.
pub(crate) fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let temporary = dir.join(format!(".{name}.{}-{n}.tmp", std::process::id()));
    let written = (|| -> io::Result<()> {
        let mut file =
            private(OpenOptions::new().write(true).create(true).truncate(true)).open(&temporary)?;
        crash::half_way(bytes, |half| file.write_all(half));
        file.write_all(bytes)?;
        crash::point("a small file was written");
        file.sync_all()?;
        crash::point("a small file was synced");
        fs::rename(&temporary, dir.join(name))?;
        crash::point("a small file has its name");
        Ok(())
    })();
    if written.is_err() {
        // It may not even be there; what counts is the error that brought us here.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_dir(dir)
}

/// Whether [`write_whole`] was stopped while it wrote this one.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".tmp")
}

/// Takes the store for this process; it is free again when the file is dropped, or the process ends.
pub(crate) fn lock(root: &Path) -> Result<File, JournalError> {
    let doing = "taking the store's lock";
    let mut file = private(OpenOptions::new().read(true).write(true).create(true).truncate(false))
        .open(root.join(LOCK))
        .map_err(JournalError::io(doing))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let read = file.take(200).read_to_string(&mut holder);
            let holder = if read.is_ok() { holder.trim().to_string() } else { String::new() };
            let holder = if holder.is_empty() { "another process".to_string() } else { holder };
            return Err(JournalError::Locked { store: root.to_path_buf(), holder });
        }
        Err(TryLockError::Error(e)) => return Err(JournalError::io(doing)(e)),
    }
    // Only for the message that others get; the lock itself is held by the system.
    let holder = format!("process {} since {}\n", std::process::id(), time(Timestamp::now()));
    file.set_len(0)
        .inspect(|()| crash::point("the lock is taken"))
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(holder.as_bytes()))
        .map_err(JournalError::io(doing))?;
    Ok(file)
}

/// Whether a folder may become a store: nothing is in it but what a creation that was stopped may have left.
pub(crate) fn may_become_store(root: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        let empty_dir = |path: PathBuf| fs::read_dir(path).is_ok_and(|mut d| d.next().is_none());
        let ours = match name.to_str() {
            Some(LOCK) => true,
            Some(SEGMENTS | BLOBS | ARTIFACTS) => empty_dir(entry.path()),
            Some(name) => is_temporary(name) && name.contains(STORE),
            None => false,
        };
        if !ours {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
thread_local! {
    /// The folders that this thread has synced.
    static SYNCED: std::cell::RefCell<Vec<PathBuf>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Which folders something syncs, in order.
#[cfg(test)]
pub(crate) fn synced_by<T>(what: impl FnOnce() -> T) -> Vec<PathBuf> {
    SYNCED.take();
    what();
    SYNCED.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_made_on_the_way_is_durable() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("made/on/the/way");
        let above = ["", "made", "made/on", "made/on/the"].map(|p| dir.path().join(p));
        let synced = synced_by(|| make_dir_durably(&path).unwrap());
        let same = synced.iter().zip(&above).all(|(is, should)| is.components().eq(should.components()));
        assert!(same && synced.len() == above.len(), "{synced:?}");
        assert!(path.is_dir());
        assert_eq!(synced_by(|| make_dir_durably(&path).unwrap()), above[3..]);
    }

    #[test]
    fn only_the_numbers_that_are_there_are_counted() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(SEGMENTS)).unwrap();
        for name in ["00000000.jsonl", "00000001.jsonl", "99999999.jsonl", "1.jsonl", "00000002.txt"] {
            fs::write(dir.path().join(SEGMENTS).join(name), "").unwrap();
        }
        let found = count(dir.path(), SEGMENTS, "jsonl").unwrap();
        assert_eq!(found.numbers, BTreeSet::from([1, 99_999_999]));
        assert_eq!((found.last, found.missing), (99_999_999, (2..=101).collect()));
    }
}

//! The programs that ran: each in a file with its digest as name.

use std::fs;
use std::io;
use std::path::Path;

use play_evidence::line::{hash, hex, read_hash};

use crate::error::JournalError;
use crate::layout::{ARTIFACTS, sync_dir, write_whole};

const EXT: &str = ".playa";

/// Keeps a program; gives its digest.
pub(crate) fn put(root: &Path, bytes: &[u8]) -> Result<String, JournalError> {
    let digest = hex(&hash(bytes));
    let dir = root.join(ARTIFACTS);
    let written = match get(root, &digest)? {
        // One who put it there before may have ended before its name was durable.
        Some(_) => sync_dir(&dir),
        None => write_whole(&dir, &format!("{digest}{EXT}"), bytes),
    };
    written.map_err(JournalError::io(format!("writing the artifact {digest}")))?;
    Ok(digest)
}

/// The digest in the name of a file, when it is the name of an artifact.
pub(crate) fn digest_of(name: &str) -> Option<[u8; 32]> {
    name.strip_suffix(EXT).and_then(read_hash)
}

/// Whether there is any.
pub(crate) fn any(root: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(root.join(ARTIFACTS))? {
        if entry?.file_name().to_str().and_then(digest_of).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A program by its digest.
pub(crate) fn get(root: &Path, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
    // What is not a digest is no name of a file of ours either.
    let Some(expected) = read_hash(digest) else { return Ok(None) };
    let name = format!("{ARTIFACTS}/{digest}{EXT}");
    match fs::read(root.join(&name)) {
        Ok(bytes) if hash(&bytes) == expected => Ok(Some(bytes)),
        Ok(_) => Err(JournalError::damaged(name, 0, "the artifact is not what its name says")),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(JournalError::io(format!("reading the artifact {digest}"))(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::synced_by;

    #[test]
    fn its_name_is_durable_also_when_it_was_there_before() {
        let dir = tempfile::tempdir().unwrap();
        let artifacts = dir.path().join(ARTIFACTS);
        fs::create_dir(&artifacts).unwrap();
        for _ in 0..2 {
            assert_eq!(synced_by(|| put(dir.path(), b"program").unwrap()), [artifacts.as_path()]);
        }
    }
}

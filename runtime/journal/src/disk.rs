//! The files that are appended to, behind a seam: tests put a disk there that fails.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::layout::{private, sync_dir};

/// A file that grows at its end.
pub(crate) trait AppendFile: Send {
    /// Writes all of it, not necessarily durably.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes durable what was written.
    fn sync(&mut self) -> io::Result<()>;
}

/// Where such files are.
pub(crate) trait Disk: Send {
    /// Opens one that is there.
    fn open(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;
    /// Makes a new one, durably, in a folder that is there.
    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;
}

/// The disk of this machine.
pub(crate) struct RealDisk;

impl Disk for RealDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        Ok(Box::new(OpenOptions::new().append(true).open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let file = private(OpenOptions::new().append(true).create_new(true)).open(path)?;
        file.sync_all()?;
        if let Some(dir) = path.parent() {
            sync_dir(dir)?;
        }
        Ok(Box::new(file))
    }
}

impl AppendFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

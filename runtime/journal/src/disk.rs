//! The files that are appended to, behind a seam: tests put a disk there that fails.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::crash;
use crate::layout::{private, sync_dir};

/// A file that grows at its end.
pub trait AppendFile: Send {
    /// Writes all of it, not necessarily durably.
    ///
    /// # Errors
    /// When it may not be there as a whole.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes durable what was written.
    ///
    /// # Errors
    /// When it may not be durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// Where such files are.
pub trait Disk: Send {
    /// Opens one that is there.
    ///
    /// # Errors
    /// When it is not there, or cannot be opened.
    fn open(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;
    /// Makes a new one, durably, in a folder that is there.
    ///
    /// # Errors
    /// When it is there, or cannot be made.
    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        Ok(Box::new(OpenOptions::new().append(true).open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let file = private(OpenOptions::new().append(true).create_new(true)).open(path)?;
        crash::point("a file was made");
        file.sync_all()?;
        if let Some(dir) = path.parent() {
            sync_dir(dir)?;
        }
        Ok(Box::new(file))
    }
}

impl AppendFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        crash::point("before a write");
        crash::half_way(bytes, |half| self.write_all(half));
        self.write_all(bytes)?;
        crash::point("after a write");
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()?;
        crash::point("after a sync");
        Ok(())
    }
}

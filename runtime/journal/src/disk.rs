//! The files that evidence is written to, behind a seam: tests put a disk there that fails.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::path::Path;

use crate::crash;
use crate::layout::{private, sync_dir};

/// A file that is written from its beginning to its end.
pub trait DiskFile: Send {
    /// Writes all of it, not necessarily durably, from so many bytes behind the beginning on: no more than the file has.
    ///
    /// # Errors
    /// When it may not be there as a whole.
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Lets the file end here. What stood behind this is gone with the next sync at the latest.
    ///
    /// # Errors
    /// When it may not end there.
    fn cut(&mut self, at: u64) -> io::Result<()>;
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
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Makes a new one, durably, in a folder that is there.
    ///
    /// # Errors
    /// When it is there, or cannot be made.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().write(true).open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
        crash::point("a file was made");
        file.sync_all()?;
        if let Some(dir) = path.parent() {
            sync_dir(dir)?;
        }
        Ok(Box::new(file))
    }
}

impl DiskFile for File {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(at))?;
        crash::point("before a write");
        crash::half_way(bytes, |half| self.write_all(half));
        self.write_all(bytes)?;
        crash::point("after a write");
        Ok(())
    }

    fn cut(&mut self, at: u64) -> io::Result<()> {
        crash::point("before a cut");
        self.set_len(at)?;
        crash::point("after a cut");
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()?;
        crash::point("after a sync");
        Ok(())
    }
}

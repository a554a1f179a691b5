//! Where a blob is kept.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::body;
use crate::layout::{pack_name, segment_name};
use crate::pack;

/// Which file a blob is in, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// As a frame.
    Pack(u32),
    /// As a line.
    Segment(u32),
}

/// Where a blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlobAt {
    pub place: Place,
    /// In bytes from the start of the file: of the salt in a pack, of the line in a segment.
    pub offset: u64,
    /// Of salt and body, or of the line.
    pub len: u64,
}

impl BlobAt {
    /// The file, seen from the store's folder.
    pub(crate) fn file(&self) -> String {
        match self.place {
            Place::Pack(number) => pack_name(number),
            Place::Segment(number) => segment_name(number),
        }
    }

    /// The body; `None` when it is not what its digest says.
    pub(crate) fn read(&self, root: &Path, digest: &[u8; 32]) -> io::Result<Option<Vec<u8>>> {
        let mut file = File::open(root.join(self.file()))?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut content = Vec::new();
        file.take(self.len).read_to_end(&mut content)?;
        if content.len() as u64 != self.len {
            return Ok(None);
        }
        Ok(match self.place {
            Place::Pack(_) => pack::body(&content, digest),
            Place::Segment(_) => body::read(&content).filter(|(is, _)| is == digest).map(|(_, body)| body),
        })
    }
}

//! Packs: blobs one after the other, each in a frame.
//!
//! ```text
//! 8  magic       "PLAYBLB1"
//! 8  length      of salt and body, little-endian
//! 32 digest      SHA-256 of salt and body
//! 8  check       the first bytes of the SHA-256 of the 48 bytes before
//! n  salt, body
//! ```

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use play_evidence::line::hash;

use crate::ahead;
use crate::blob::Blob;
use crate::kept::{BlobAt, Place};

pub(crate) const MAGIC: &[u8; 8] = b"PLAYBLB1";
pub(crate) const SALT: u64 = 32;
pub(crate) const HEADER: u64 = 56;
const HEADER_BYTES: usize = 56;

/// Appends a blob's frame.
pub(crate) fn write_frame(blob: &Blob, out: &mut Vec<u8>) {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&(SALT + blob.len()).to_le_bytes());
    header.extend_from_slice(&blob.hash());
    let check = hash(&header);
    header.extend_from_slice(check.get(..8).unwrap_or_default());
    out.extend_from_slice(&header);
    out.extend_from_slice(blob.salt());
    out.extend_from_slice(blob.body());
}

/// What a frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Salt and body.
    pub len: u64,
    /// Of salt and body.
    pub digest: [u8; 32],
}

impl Header {
    /// From the bytes at its beginning, if they are as they were written.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (covered, check) = bytes.get(..HEADER_BYTES)?.split_at_checked(48)?;
        let (magic, rest) = covered.split_at_checked(8)?;
        let (len, digest) = rest.split_at_checked(8)?;
        let len = u64::from_le_bytes(len.try_into().ok()?);
        let whole = magic == MAGIC && hash(covered).get(..8) == Some(check) && len >= SALT;
        whole.then_some(Self { len, digest: digest.try_into().ok()? })
    }
}

/// What a pack holds.
pub(crate) struct PackScan {
    /// Digest and place of each blob.
    pub blobs: Vec<([u8; 32], BlobAt)>,
    /// Where the first frame ends that is not whole, or the file.
    pub end: u64,
    /// Size of the file, but for place that was made ready behind the last frame.
    pub size: u64,
    /// Whether there is such place.
    pub ahead: bool,
}

/// Reads the frames of a pack. The bodies themselves are read only of the `last` one, and that alone may end in place that was made ready.
pub(crate) fn scan(path: &Path, pack: u32, last: bool) -> io::Result<PackScan> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let mut scan = PackScan { blobs: Vec::new(), end: 0, size, ahead: false };
    while size - scan.end >= HEADER {
        let mut header = [0; HEADER_BYTES];
        if !is_there(reader.read_exact(&mut header))? {
            scan.size = scan.end;
            return Ok(scan);
        }
        let offset = scan.end + HEADER;
        let Some(header) = Header::parse(&header).filter(|h| h.len <= size - offset) else { break };
        if last {
            let mut content = vec![0; usize::try_from(header.len).map_err(io::Error::other)?];
            if !is_there(reader.read_exact(&mut content))? {
                scan.size = scan.end;
                return Ok(scan);
            }
            if hash(&content) != header.digest {
                break;
            }
        } else {
            reader.seek_relative(i64::try_from(header.len).map_err(io::Error::other)?)?;
        }
        scan.blobs.push((header.digest, BlobAt { place: Place::Pack(pack), offset, len: header.len }));
        scan.end = offset + header.len;
    }
    if last && scan.end < size {
        let mut rest = Vec::new();
        reader.seek(SeekFrom::Start(scan.end))?;
        reader.read_to_end(&mut rest)?;
        scan.ahead = ahead::is_ahead(&rest, size);
        if scan.ahead || rest.is_empty() {
            scan.size = scan.end;
        }
    }
    Ok(scan)
}

/// A file that ends before its size a moment ago was closed by whoever writes it: the place that was ready is taken away.
fn is_there(read: io::Result<()>) -> io::Result<bool> {
    match read {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}

/// The body of salt and body; `None` when they are not what their digest says.
pub(crate) fn body(content: &[u8], digest: &[u8; 32]) -> Option<Vec<u8>> {
    let (_, body) = content.split_at_checked(SALT as usize)?;
    (hash(content) == *digest).then(|| body.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::pack_name;

    #[test]
    fn each_altered_byte_of_a_header_is_seen() {
        let mut frame = Vec::new();
        let blob = Blob::new([7; 32], b"body".to_vec());
        write_frame(&blob, &mut frame);
        assert_eq!(Header::parse(&frame), Some(Header { len: 36, digest: blob.hash() }));
        for i in 0..HEADER_BYTES {
            let mut altered = frame.clone();
            altered[i] ^= 1;
            assert_eq!(Header::parse(&altered), None, "byte {i}");
        }
    }

    #[test]
    fn a_pack_reads_up_to_the_first_frame_that_is_not_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(pack_name(1));
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        let blobs = [Blob::new([1; 32], b"one".to_vec()), Blob::new([2; 32], Vec::new())];
        let mut bytes = Vec::new();
        blobs.iter().for_each(|b| write_frame(b, &mut bytes));
        let first = HEADER as usize + 35;
        for end in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..end]).unwrap();
            for bodies in [true, false] {
                let scan = scan(&path, 1, bodies).unwrap();
                let whole = if end == bytes.len() { 2 } else { usize::from(end >= first) };
                assert_eq!(scan.blobs.len(), whole, "{end}");
                assert_eq!(scan.end as usize, [0, first, bytes.len()][whole]);
                for (blob, (digest, at)) in blobs.iter().zip(scan.blobs) {
                    assert_eq!(at.read(dir.path(), &digest).unwrap().as_deref(), Some(blob.body()));
                }
            }
        }
    }
}

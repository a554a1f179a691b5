//! A small body that stands in the segment, in the batch of the line that names it.
//!
//! The sync that makes the line durable makes the body durable too: it takes none of its own, as one in a pack does. It is a line in
//! canonical form, of no chain:
//!
//! ```text
//! {"blob":"DIGEST","body":"BASE64 OF SALT AND BODY","k":"body","v":0}
//! ```

use data_encoding::BASE64;
use play_evidence::line::read_hash;

use crate::blob::Blob;
use crate::pack::{self, SALT};

/// How every such line begins, and no line of evidence: no kind has a field of that name.
const START: &[u8] = b"{\"blob\":\"";
const MIDDLE: &[u8] = b"\",\"body\":\"";
const END: &[u8] = b"\",\"k\":\"body\",\"v\":0}\n";

/// Hex digits of a digest.
const DIGITS: usize = 64;

/// The line of a body.
pub(crate) fn to_line(blob: &Blob) -> Vec<u8> {
    let mut content = Vec::with_capacity(blob.body().len().saturating_add(SALT as usize));
    content.extend_from_slice(blob.salt());
    content.extend_from_slice(blob.body());
    let mut line = Vec::with_capacity(BASE64.encode_len(content.len()).saturating_add(128));
    line.extend_from_slice(START);
    line.extend_from_slice(blob.digest().as_bytes());
    line.extend_from_slice(MIDDLE);
    line.extend_from_slice(BASE64.encode(&content).as_bytes());
    line.extend_from_slice(END);
    line
}

/// Whether this was such a line, as far as can be seen of one that may have been altered in one place.
pub(crate) fn seems(line: &[u8]) -> bool {
    line.starts_with(START) || line.ends_with(END)
}

/// What such a line says that its digest is, and its base64; `None` for any other.
fn parts(line: &[u8]) -> Option<([u8; 32], &[u8])> {
    let (digest, rest) = line.strip_prefix(START)?.split_at_checked(DIGITS)?;
    let digest = read_hash(std::str::from_utf8(digest).ok()?)?;
    Some((digest, rest.strip_prefix(MIDDLE)?.strip_suffix(END)?))
}

/// The digest of a line of which it is known that it is as it was written; `None` when it is no body.
pub(crate) fn digest(line: &[u8]) -> Option<[u8; 32]> {
    parts(line).map(|(digest, _)| digest)
}

/// Digest and body, if not one byte of the line has changed.
pub(crate) fn read(line: &[u8]) -> Option<([u8; 32], Vec<u8>)> {
    let (digest, text) = parts(line)?;
    let body = pack::body(&BASE64.decode(text).ok()?, &digest)?;
    Some((digest, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(len: usize) -> Blob {
        Blob::new([7; 32], (0..len).map(|n| (n % 251) as u8).collect())
    }

    #[test]
    fn a_body_reads_back_whatever_its_size() {
        for len in [0, 1, 2, 3, 40, 8000] {
            let (blob, line) = (blob(len), to_line(&blob(len)));
            assert_eq!(read(&line), Some((blob.hash(), blob.body().to_vec())), "{len}");
            assert_eq!(digest(&line), Some(blob.hash()), "{len}");
            assert!(seems(&line) && line.iter().filter(|b| **b == b'\n').count() == 1, "{len}");
        }
    }

    #[test]
    fn its_form_is_pinned() {
        let line = String::from_utf8(to_line(&Blob::new([0; 32], b"{}".to_vec()))).unwrap();
        let digest = Blob::new([0; 32], b"{}".to_vec()).digest();
        let content = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB7fQ==";
        assert_eq!(
            line,
            format!("{{\"blob\":\"{digest}\",\"body\":\"{content}\",\"k\":\"body\",\"v\":0}}\n")
        );
        let json = play_evidence::J::parse(line.trim_end().as_bytes()).unwrap();
        assert_eq!(json.to_bytes(), line.trim_end().as_bytes(), "it is in canonical form");
    }

    #[test]
    fn each_altered_bit_is_seen() {
        let line = to_line(&blob(41));
        for (at, bit) in (0..line.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut altered = line.clone();
            altered[at] ^= 1 << bit;
            assert_eq!(read(&altered), None, "bit {bit} of byte {at}");
            assert!(seems(&altered), "bit {bit} of byte {at}");
        }
    }

    #[test]
    fn less_than_a_salt_is_no_body() {
        let content = [1; 31];
        let digest = play_evidence::line::hex(&play_evidence::line::hash(&content));
        let text = BASE64.encode(&content);
        let line = format!("{{\"blob\":\"{digest}\",\"body\":\"{text}\",\"k\":\"body\",\"v\":0}}\n");
        assert_eq!(read(line.as_bytes()), None);
    }
}

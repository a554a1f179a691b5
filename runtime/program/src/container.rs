//! The artifact as a file: magic, format version, manifest and code. Its name is its digest.

use std::cell::Cell;
use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::artifact::Manifest;
use crate::bounded;
use crate::code::Code;
use crate::validate;

/// How every artifact begins.
pub const MAGIC: &[u8; 8] = b"PLAYART\0";

/// The version of the format that is written. Each released one stays readable.
pub const FORMAT: u32 = 2;

/// The largest file that is read, in bytes.
pub const LARGEST: usize = 64 << 20;

/// What it may take in memory when it is read, in bytes: all that is read, each value by its size.
pub const MOST_MEMORY: usize = 512 << 20;

/// A compiled program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    /// What it is made of, and its sources.
    pub manifest: Manifest,
    /// What it does.
    pub code: Code,
}

/// Why a file is not an artifact that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArtifactError {
    /// Larger than [`LARGEST`]: its size in bytes.
    TooLarge(usize),
    /// It does not begin as an artifact does.
    NotAnArtifact,
    /// Of a format that this version does not know.
    Format(u32),
    /// The bytes do not decode.
    Damaged(String),
    /// It decodes, but would not run safely: which rule is broken, and where.
    Invalid(String),
}

impl fmt::Display for ArtifactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(size) => write!(f, "the artifact has {size} bytes; at most {LARGEST} are read"),
            Self::NotAnArtifact => write!(f, "this is not an artifact: it does not begin with PLAYART"),
            Self::Format(found) => {
                write!(f, "the artifact has format {found}; this version reads format {FORMAT}")
            }
            Self::Damaged(why) => write!(f, "the artifact is damaged: {why}"),
            Self::Invalid(why) => write!(f, "the artifact is not valid: {why}"),
        }
    }
}

impl std::error::Error for ArtifactError {}

impl Artifact {
    /// The bytes of the file. The same program gives the same bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        // Writing into memory fails for no type that is in an artifact; the test of this file would show it.
        bytes.extend(postcard::to_allocvec(self).unwrap_or_default());
        bytes
    }

    /// Reads and validates a file. What comes out can be run: every index in it is in range, and it ends.
    ///
    /// # Errors
    /// Why it is not an artifact that can be run.
    pub fn decode(bytes: &[u8]) -> Result<Self, ArtifactError> {
        if bytes.len() > LARGEST {
            return Err(ArtifactError::TooLarge(bytes.len()));
        }
        let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(ArtifactError::NotAnArtifact)?;
        let (format, rest) = rest.split_first_chunk::<4>().ok_or(ArtifactError::NotAnArtifact)?;
        let format = u32::from_le_bytes(*format);
        if format != FORMAT {
            return Err(ArtifactError::Format(format));
        }
        let artifact = Self::read(rest, MOST_MEMORY)?;
        artifact.validate()?;
        Ok(artifact)
    }

    fn read(bytes: &[u8], most: usize) -> Result<Self, ArtifactError> {
        let left = Cell::new(most);
        let mut reader = postcard::Deserializer::from_bytes(bytes);
        let artifact = bounded::read(&mut reader, &left).map_err(|e| {
            let why = if left.get() == 0 {
                format!("it takes more than {most} bytes to read")
            } else {
                e.to_string()
            };
            ArtifactError::Damaged(why)
        })?;
        let rest = reader.finalize().map_err(|e| ArtifactError::Damaged(e.to_string()))?;
        if !rest.is_empty() {
            return Err(ArtifactError::Damaged(format!("{} bytes follow its end", rest.len())));
        }
        Ok(artifact)
    }

    /// Whether it can be run: [`Artifact::decode`] has asked this already.
    ///
    /// # Errors
    /// [`ArtifactError::Invalid`]
    pub fn validate(&self) -> Result<(), ArtifactError> {
        validate::artifact(self).map_err(ArtifactError::Invalid)
    }

    /// What a file is called: the SHA-256 of all its bytes, in lower-case hex.
    #[must_use]
    pub fn digest(bytes: &[u8]) -> String {
        HEXLOWER.encode(&Sha256::digest(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TypeTable;

    fn empty() -> Artifact {
        let manifest = Manifest {
            project: "p".into(),
            compiler: "playc".into(),
            files: Vec::new(),
            nodes: Vec::new(),
            types: TypeTable::with_builtins(),
            connectors: Vec::new(),
            actions: Vec::new(),
            sources: Vec::new(),
            playbooks: Vec::new(),
            guards: Vec::new(),
            events: Vec::new(),
            config: None,
        };
        Artifact { manifest, code: Code::default() }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = empty().encode();
        assert_eq!(Artifact::decode(&bytes), Ok(empty()));
        assert_eq!(Artifact::digest(&bytes), Artifact::digest(&empty().encode()));
        assert_eq!(Artifact::digest(b"").get(..8), Some("e3b0c442"));
    }

    #[test]
    fn what_is_no_artifact_is_told_apart() {
        assert_eq!(Artifact::decode(b"PK\x03\x04"), Err(ArtifactError::NotAnArtifact));
        assert_eq!(Artifact::decode(b"PLAYART\0\x01"), Err(ArtifactError::NotAnArtifact));
        assert_eq!(Artifact::decode(b"PLAYART\0\x09\0\0\0"), Err(ArtifactError::Format(9)));
        let mut longer = empty().encode();
        longer.push(0);
        assert_eq!(Artifact::decode(&longer), Err(ArtifactError::Damaged("1 bytes follow its end".into())));
        let half = &longer[..longer.len() / 2];
        assert!(matches!(Artifact::decode(half), Err(ArtifactError::Damaged(_))));
    }

    /// Three bytes each in the file, and many times that in memory.
    #[test]
    fn what_is_small_in_the_file_and_large_in_memory_is_refused() {
        let with = |count: usize| {
            let mut artifact = empty();
            artifact.code.playbooks = vec![crate::code::Playbook::default(); count];
            postcard::to_allocvec(&artifact).expect("encodes")
        };
        let bytes = with(4000);
        assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
        assert!(Artifact::read(&bytes, 4 << 20).is_ok());
        let refused = Artifact::read(&bytes, 300_000);
        assert_eq!(refused, Err(ArtifactError::Damaged("it takes more than 300000 bytes to read".into())));
        // A length that is not true makes no room for itself either: it is refused before it is taken.
        let at = with(0).iter().zip(&with(1)).position(|(a, b)| a != b).expect("differs");
        let mut lies = with(0);
        lies.splice(at..=at, [0xFF, 0xFF, 0xFF, 0x7F]);
        assert!(Artifact::read(&lies, MOST_MEMORY).is_err());
    }

    #[test]
    fn a_type_nested_without_end_does_not_exhaust_the_stack() {
        let mut bytes = empty().encode();
        let tag_of_list =
            postcard::to_allocvec(&crate::Type::List(Box::new(crate::Type::Int))).expect("encodes")[0];
        bytes.truncate(12);
        // A record whose only field has a type of a million lists, in place of the manifest's first strings.
        bytes.extend(std::iter::repeat_n(tag_of_list, 1_000_000));
        assert!(Artifact::decode(&bytes).is_err());
        let deep = vec![tag_of_list; 1_000_000];
        assert!(postcard::from_bytes::<crate::Type>(&deep).is_err());
    }
}

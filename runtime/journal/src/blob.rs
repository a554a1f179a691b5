//! Bodies that came from outside, kept beside the log.

use play_evidence::line::hex;
use sha2::{Digest, Sha256};

/// A body with its salt. Lines name it by [`Blob::digest`], from which nothing can be guessed without the salt.
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    salt: [u8; 32],
    body: Vec<u8>,
    hash: [u8; 32],
}

impl Blob {
    /// A body with a salt that nobody else uses: 32 random bytes.
    #[must_use]
    pub fn new(salt: [u8; 32], body: Vec<u8>) -> Self {
        let hash = Sha256::new().chain_update(salt).chain_update(&body).finalize().into();
        Self { salt, body, hash }
    }

    /// Lower-case hex SHA-256 of salt and body: what a line says in `blob`.
    #[must_use]
    pub fn digest(&self) -> String {
        hex(&self.hash)
    }

    /// Bytes of the body, without the salt: what a line says in `len`.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.body.len() as u64
    }

    /// Whether the body has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Its salt.
    #[must_use]
    pub fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    /// SHA-256 of salt and body.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({}, {} bytes)", self.digest(), self.len())
    }
}

//! Room on the disk: no record is taken any more before there is none left for what the runs under way have to write.
//!
//! A result that cannot be written down is the worst that a full disk can do: something was done, and nobody knows. A record that is
//! not taken is kept by whoever sends it.

use crate::engine::Engine;

/// Bytes that are left to the runs, unless it is said otherwise.
pub const RESERVE: u64 = 256 << 20;

/// No record is taken: what may still be written is kept for the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// How many bytes may still be written.
    pub left: u64,
    /// How many are kept for the runs.
    pub reserve: u64,
}

impl std::fmt::Display for Full {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        let (left, reserve) = (self.left >> 20, mib(self.reserve));
        write!(
            f,
            "{left} MiB are left where the store is, and {reserve} MiB of the disk are kept for what runs under way have to write"
        )
    }
}

impl Engine {
    /// Bytes of the disk that records leave to the runs.
    pub fn keep_free(&mut self, bytes: u64) {
        self.reserve = bytes;
    }

    /// Why no record is to be taken now. What runs and persons have to write is written as long as there is room at all.
    #[must_use]
    pub fn full(&self) -> Option<Full> {
        let left = self.shared.store.room()?;
        (left < self.reserve).then_some(Full { left, reserve: self.reserve })
    }
}

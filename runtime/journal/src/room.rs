//! How much can still be written where a store is.

use std::path::Path;

/// Bytes that this process may still write there; `None` where nobody can say.
#[cfg(unix)]
#[must_use]
pub fn of(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Bytes that this process may still write there: nobody can say.
#[cfg(not(unix))]
#[must_use]
pub fn of(_: &Path) -> Option<u64> {
    None
}

//! Files that a person wrote, written anew.

use std::path::Path;

use crate::{Result, Trouble};

/// Writes beside the file and renames, so that a crash leaves the old text or the new. Where the file is a link, what it leads to
/// is written.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    let explain = |e: std::io::Error| Trouble(format!("{}: {e}", path.display()));
    let real = std::fs::canonicalize(path).map_err(explain)?;
    let mut name = real.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(".playc-new");
    let beside = real.with_file_name(name);
    std::fs::write(&beside, text).map_err(explain)?;
    let permissions = std::fs::metadata(&real).map_err(explain)?.permissions();
    std::fs::set_permissions(&beside, permissions).map_err(explain)?;
    std::fs::rename(&beside, &real).map_err(explain)
}

//! `cargo xtask bench store`: how fast evidence is kept, in a folder and in PostgreSQL, beside the disk's own syncs.

use std::process::Command;

use crate::postgres;
use crate::step::{self, Failed};

/// How long each measurement takes, in seconds.
const SECONDS: &str = "5";

/// Measures both. `url` names a database without a store; otherwise a server is started for it.
///
/// # Errors
/// A build failed, no server could be started, or a store failed.
pub fn run(url: Option<&str>) -> Result<(), Failed> {
    let folder = step::target().join("bench/store");
    let broken = |error: std::io::Error| Failed::usage(format!("{}: {error}", folder.display()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(broken)?;
    }
    std::fs::create_dir_all(&folder).map_err(broken)?;
    let example = ["build", "--release", "--package", "xtask", "--example", "journal"];
    step::run("build", step::cargo().args(example))?;
    let server = match url {
        Some(_) => None,
        None => Some(postgres::server()?),
    };
    let url = url.or(server.as_ref().map(|s| s.url.as_str()));
    let mut journal = Command::new(step::target().join("release/examples/journal"));
    step::run("journal", journal.arg(&folder).arg(SECONDS).args(url))
}

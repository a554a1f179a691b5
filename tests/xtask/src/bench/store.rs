//! `cargo xtask bench store`: how fast evidence is kept, in a folder and in PostgreSQL, beside the disk's own syncs.

use super::inside;
use crate::postgres;
use crate::step::Failed;

/// How long each measurement takes, in seconds.
const SECONDS: u64 = 5;

/// Measures both. `url` names a database without a store; otherwise a server is started for it.
///
/// # Errors
/// A build failed, no server could be started, or a store failed.
pub fn run(url: Option<&str>) -> Result<(), Failed> {
    let folder = inside::folder("store")?;
    inside::build(&[])?;
    let server = match url {
        Some(_) => None,
        None => Some(postgres::server()?),
    };
    let url = url.or(server.as_ref().map(|s| s.url.as_str()));
    let figures = inside::run("store", &folder, SECONDS, url)?;
    figures.write(&folder.join("figures.json"))
}

//! `cargo xtask bench store`: how fast evidence is kept, in a folder and in PostgreSQL.

use crate::postgres;
use crate::step::{self, Failed};

/// Measures both. `url` names a database without a store; otherwise a server is started for it.
///
/// # Errors
/// A build failed, no server could be started, or a store failed.
pub fn run(url: Option<&str>) -> Result<(), Failed> {
    measure("play-journal", "a store in a folder", None)?;
    let server = match url {
        Some(_) => None,
        None => Some(postgres::server()?),
    };
    let url = url.or(server.as_ref().map(|s| s.url.as_str()));
    measure("play-postgres", "a store in PostgreSQL", url)
}

fn measure(package: &str, title: &str, argument: Option<&str>) -> Result<(), Failed> {
    let mut command = step::cargo();
    command.args(["run", "--quiet", "--release", "--package", package, "--example", "throughput", "--"]);
    step::run(title, command.args(argument))
}

//! What is measured inside of one process: the example `engine`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::figures::Figures;
use crate::step::{self, Failed};

/// An empty folder for a benchmark.
///
/// # Errors
/// It could not be made.
pub fn folder(name: &str) -> Result<PathBuf, Failed> {
    let folder = step::target().join("bench").join(name);
    let broken = |error: std::io::Error| Failed::usage(format!("{}: {error}", folder.display()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(broken)?;
    }
    std::fs::create_dir_all(&folder).map_err(broken)?;
    Ok(folder)
}

/// Builds it for release, and whatever is measured with it: one after the other, both would be built from what they do not share.
///
/// # Errors
/// The build failed.
pub fn build(with: &[&str]) -> Result<(), Failed> {
    let example = ["build", "--release", "--package", "xtask", "--example", "engine"];
    step::run("build", step::cargo().args(example).args(with))
}

/// Runs it: `store` or `engine`.
///
/// # Errors
/// A store failed, or what was measured could not be read.
pub fn run(what: &str, folder: &Path, seconds: u64, url: Option<&str>) -> Result<Figures, Failed> {
    let file = folder.join("figures");
    let mut command = Command::new(step::target().join("release/examples/engine"));
    command.arg(what).arg(folder).arg(seconds.to_string()).arg(&file).args(url);
    step::run(what, &mut command)?;
    Figures::read(&file)
}

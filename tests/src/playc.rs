//! The command, as a user has it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// Where the repository is.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// Where real material of others is, if it is here: `PLAY_CORPUS`, or `../shared/corpus` beside the repository.
#[must_use]
pub fn corpus() -> Option<PathBuf> {
    let beside = || root().parent().map(|p| p.join("shared/corpus"));
    let path = std::env::var_os("PLAY_CORPUS").map(PathBuf::from).or_else(beside)?;
    path.is_dir().then_some(path)
}

/// The built `playc`. Under `cargo xtask test` it is there already (`PLAYC`); otherwise it is built once.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| binary("playc", "PLAYC"))
}

fn binary(name: &str, var: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(var) {
        return PathBuf::from(path);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", name])
        .current_dir(root())
        .env_remove("RUSTFLAGS")
        .status();
    if !built.is_ok_and(|s| s.success()) {
        panic!("`cargo build --package {name}` failed");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("debug").join(name)
}

/// A `playc` about to run in the repository.
#[must_use]
pub fn command<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(path());
    command.args(args).current_dir(root()).env("NO_COLOR", "1").stdin(Stdio::null());
    told_nothing(&mut command);
    command
}

/// Takes out of a command's environment what whoever runs the tests has in theirs about databases.
pub fn told_nothing(command: &mut Command) {
    for name in ["PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"] {
        command.env_remove(name);
    }
}

/// What it printed, and its exit code.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; -1 when it was killed.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs it to its end.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Ran {
    ran(command(args).output())
}

/// Runs a prepared one to its end.
///
/// # Panics
/// When it could not be started.
#[must_use]
pub fn ran(output: std::io::Result<Output>) -> Ran {
    match output {
        Ok(o) => Ran {
            code: o.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&o.stdout).into_owned(),
            err: String::from_utf8_lossy(&o.stderr).into_owned(),
        },
        Err(e) => panic!("playc could not be started: {e}"),
    }
}

/// `playc test` over one file with this text, in a folder of its own.
///
/// # Panics
/// When the file cannot be written, or `playc` not be started.
#[must_use]
pub fn test(text: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder for a test: {e}"));
    std::fs::write(folder.path().join("main.play"), text)
        .unwrap_or_else(|e| panic!("main.play cannot be written: {e}"));
    ran(command(&["test", "main.play"]).current_dir(folder.path()).output())
}

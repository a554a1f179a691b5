//! One step of a task: a command, announced, timed, its exit code passed on.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// Why a task ended early.
#[derive(Debug, PartialEq, Eq)]
pub struct Failed {
    /// Exit code of the task: that of the step that failed, 2 for a usage error or a tool that is missing.
    pub code: u8,
    /// What to say.
    pub message: String,
}

impl Failed {
    /// A usage error, or something about the machine that has to be put right first.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// `cargo`, the one that runs us.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command in the root of the workspace; its output goes where ours goes.
///
/// # Errors
/// It could not be started, or did not exit with 0.
pub fn run(title: &str, command: &mut Command) -> Result<(), Failed> {
    eprintln!("── {title}: {}", shown(command));
    let started = Instant::now();
    let status = command
        .current_dir(root())
        .status()
        .map_err(|error| Failed::usage(format!("{title}: could not start {}: {error}", shown(command))))?;
    let took = seconds(started.elapsed());
    if status.success() {
        eprintln!("── {title}: fine, {took}");
        return Ok(());
    }
    // Ended by a signal: no code of its own.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(Failed { code, message: format!("── {title}: failed with {status}, {took}") })
}

/// `1.3 s`
pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The command as one would type it, near enough.
fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    command.get_args().fold(name, |line, arg| format!("{line} {}", arg.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_failing_step_is_passed_on() {
        let failed = run("seven", Command::new("sh").args(["-c", "exit 7"])).unwrap_err();
        assert_eq!(failed.code, 7);
        assert!(failed.message.starts_with("── seven: failed"), "{}", failed.message);
        assert_eq!(run("zero", Command::new("sh").args(["-c", "exit 0"])), Ok(()));
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let failed = run("nothing", &mut Command::new("/nowhere/tool")).unwrap_err();
        assert_eq!(failed.code, 2);
        assert!(failed.message.contains("could not start tool"), "{}", failed.message);
    }
}

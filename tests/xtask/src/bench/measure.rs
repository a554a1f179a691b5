//! One run of a command: its time, and its peak memory as Linux counts it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::step::Failed;

/// What a run took.
pub struct Run {
    /// From start to end.
    pub time: Duration,
    /// `VmHWM` in KiB, read every millisecond while it ran; none where there is no `/proc`.
    pub peak: Option<u64>,
}

/// Runs a command to its end, its output dropped.
///
/// # Errors
/// It could not be started, or did not exit with 0.
pub fn run(command: &mut Command) -> Result<Run, Failed> {
    let broken = |error: std::io::Error| Failed::usage(format!("could not measure: {error}"));
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(broken)?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = None;
    loop {
        if let Some(status) = child.try_wait().map_err(broken)? {
            let time = started.elapsed();
            if !status.success() {
                return Err(Failed {
                    code: 1,
                    message: format!("the measured command failed with {status}"),
                });
            }
            return Ok(Run { time, peak });
        }
        peak = std::fs::read_to_string(&status_file).ok().and_then(|text| high_water(&text)).max(peak);
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The time of a command that is over too soon to be looked at meanwhile.
///
/// # Errors
/// It could not be started, or did not exit with 0.
pub fn short(command: &mut Command) -> Result<Duration, Failed> {
    let broken = |error: std::io::Error| Failed::usage(format!("could not measure: {error}"));
    let started = Instant::now();
    let out =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().map_err(broken)?;
    let time = started.elapsed();
    if out.success() {
        return Ok(time);
    }
    Err(Failed { code: 1, message: format!("the measured command failed with {out}") })
}

/// The resident size in KiB, out of a `/proc/PID/status`.
pub fn resident(status: &str) -> Option<u64> {
    kib(status, "VmRSS:")
}

/// The peak resident size in KiB, out of a `/proc/PID/status`.
fn high_water(status: &str) -> Option<u64> {
    kib(status, "VmHWM:")
}

fn kib(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read() {
        assert_eq!(high_water("Name:\tplayc\nVmHWM:\t   52340 kB\nVmRSS:\t  100 kB\n"), Some(52_340));
        assert_eq!(resident("Name:\tplayc\nVmHWM:\t   52340 kB\nVmRSS:\t  100 kB\n"), Some(100));
        assert_eq!(high_water("Name:\tplayc\nState:\tZ (zombie)\n"), None);
    }

    #[test]
    fn a_failing_command_is_an_error() {
        assert!(run(Command::new("sh").args(["-c", "exit 3"])).is_err());
        assert!(run(Command::new("sh").args(["-c", "exit 0"])).is_ok());
    }
}

//! Points at which a test kills this process: between any two things of which a crash may leave one and not the other.
//!
//! `PLAY_CRASH_AT=17` kills it at the seventeenth point that it passes, `PLAY_CRASH_LOG=FILE` adds a line to a file at each. Only in
//! builds with debug assertions; in all others no point is there, and no variable is looked at.

/// A point. It is named by what has just happened, or is about to.
#[inline]
pub fn point(name: &str) {
    #[cfg(debug_assertions)]
    if plan::is_due(name) {
        plan::die();
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}

/// A point in the middle of a write: where the process is to be killed there, half of it is written before.
#[inline]
pub(crate) fn half_way(bytes: &[u8], write: impl FnOnce(&[u8]) -> std::io::Result<()>) {
    #[cfg(debug_assertions)]
    if plan::is_due("in the middle of a write") {
        // Nobody is told whether it worked.
        let _ = write(bytes.get(..bytes.len() / 2).unwrap_or_default());
        plan::die();
    }
    #[cfg(not(debug_assertions))]
    let _ = (bytes, write);
}

#[cfg(debug_assertions)]
mod plan {
    use std::fs::OpenOptions;
    use std::io::Write as _;
    use std::path::PathBuf;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Plan {
        at: Option<u64>,
        log: Option<PathBuf>,
    }

    static PLAN: OnceLock<Option<Plan>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);

    fn read() -> Option<Plan> {
        let at = std::env::var("PLAY_CRASH_AT").ok().and_then(|n| n.parse().ok());
        let log = std::env::var_os("PLAY_CRASH_LOG").map(PathBuf::from);
        (at.is_some() || log.is_some()).then_some(Plan { at, log })
    }

    /// Counts a point; whether it is the one.
    pub(super) fn is_due(name: &str) -> bool {
        let Some(plan) = PLAN.get_or_init(read) else { return false };
        let n = PASSED.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        if let Some(log) = &plan.log
            && let Ok(mut file) = OpenOptions::new().append(true).create(true).open(log)
        {
            // In one write: several threads pass points.
            let _ = file.write_all(format!("{n} {name}\n").as_bytes());
        }
        plan.at == Some(n)
    }

    /// As `kill -9` does it: nothing is closed, nothing is said.
    pub(super) fn die() -> ! {
        #[cfg(unix)]
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort();
    }
}

//! `cargo xtask test`: all that must hold before a change is merged. CI runs the same.

use std::time::Instant;

use crate::step::{self, Failed};
use crate::{postgres, sarif, tools};

/// Generated cases a property in a quick run; 256 otherwise.
const QUICK_CASES: &str = "32";

/// Programs that are generated and run on both engines; a quick run takes what a single test takes.
const PROGRAMS: &str = "5000";

/// Seeds of the simulation; likewise.
const SEEDS: &str = "2000";

/// Formatting, lints, tests; the first that fails ends it. `quick`: tests only, with fewer generated cases.
///
/// # Errors
/// A tool is missing, or a step failed.
pub fn run(quick: bool) -> Result<(), Failed> {
    let started = Instant::now();
    tools::ensure(quick)?;
    if !quick {
        step::run("format", step::cargo().args(["fmt", "--all", "--check"]))?;
        let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        step::run("lints", step::cargo().args(lints))?;
    }
    // The command that tests run, and the tests: in one go, since by itself the command would have fewer features of what it is built
    // on, and most of that would be built twice.
    step::run("build", step::cargo().args(["build", "--workspace", "--bins", "--tests"]))?;
    let mut tests = step::cargo();
    // One more than there are cores: many tests wait most of their time, for a process, a timer, a server.
    let side_by_side = std::thread::available_parallelism().map_or(2, |cores| cores.get().saturating_add(1));
    tests.args(["nextest", "run", "--workspace", "--tests", "--test-threads", &side_by_side.to_string()]);
    tests.env("PLAYC", step::target().join("debug/playc"));
    if quick {
        tests.env("PROPTEST_CASES", QUICK_CASES);
    } else {
        tests.env("PLAY_PROGRAMS", PROGRAMS).env("PLAY_SEEDS", SEEDS);
    }
    if let Some(sarif) = sarif::ready(quick)? {
        tests.env(sarif::VARIABLE, sarif);
    }
    let server = postgres::start()?;
    if let Some(server) = &server {
        tests.env(postgres::VARIABLE, &server.url);
    }
    step::run("tests", &mut tests)?;
    drop(server);
    eprintln!("── all fine, {}", step::seconds(started.elapsed()));
    Ok(())
}

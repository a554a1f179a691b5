//! A peer on the same server in the same run: DBOS, a library for durable execution in Python over PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::figures::Figures;
use crate::step::{self, Failed};

/// The version that is measured.
const VERSION: &str = "3.4.0";

/// Measures its steps, and prints them beside ours. Where it cannot be installed, that is said, and all else goes on.
///
/// # Errors
/// It is installed, and did not run to its end.
pub fn measure(folder: &Path, url: &str, seconds: u64, figures: &mut Figures) -> Result<(), Failed> {
    println!("\nDBOS {VERSION} on the same server: a step that does nothing, 20 in each workflow");
    let python = match installed() {
        Ok(python) => python,
        Err(why) => {
            println!("  not measured: {why}");
            return Ok(());
        }
    };
    let file = folder.join("dbos");
    let script = step::root().join("tests/xtask/src/bench/dbos_steps.py");
    let mut command = Command::new(python);
    command.arg(script).arg(theirs(url)).arg(seconds.to_string()).arg(&file);
    step::run("dbos", &mut command)?;
    figures.extend(Figures::read(&file)?);
    println!("at once   DBOS steps/s   p50 ms   p99 ms   Play steps/s   p50 ms   p99 ms   Play to DBOS");
    for at_once in [1, 16, 256] {
        let of =
            |who: &str, what: &str| figures.get(&format!("{who}.steps.{at_once}.{what}")).unwrap_or(f64::NAN);
        let row = |who| (of(who, "per_s"), of(who, "p50_ms"), of(who, "p99_ms"));
        let (dbos, play) = (row("dbos"), row("postgres"));
        let ratio = play.0 / dbos.0;
        println!(
            "{at_once:>7} {:>14.0} {:>8.2} {:>8.2} {:>14.0} {:>8.2} {:>8.2} {ratio:>14.1}",
            dbos.0, dbos.1, dbos.2, play.0, play.1, play.2
        );
        figures.put(&format!("postgres.steps.{at_once}.per_s_to_dbos"), ratio);
    }
    Ok(())
}

/// A Python that has it, in an environment of its own. It stays for the next time.
fn installed() -> Result<PathBuf, String> {
    let environment = step::target().join("bench-dbos").join(VERSION);
    let python = environment.join("bin/python");
    let there = |python: &Path| {
        let mut command = Command::new(python);
        command.args(["-c", "import dbos"]);
        command.output().is_ok_and(|out| out.status.success())
    };
    if there(&python) {
        return Ok(python);
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&environment);
    done("an environment for Python could not be made", &mut make)?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    install.arg(format!("dbos=={VERSION}"));
    done("pip could not install it", &mut install)?;
    if there(&python) { Ok(python) } else { Err("it was installed, and cannot be imported".into()) }
}

fn done(what: &str, command: &mut Command) -> Result<(), String> {
    let out = command.output().map_err(|e| format!("{what}: {e}"))?;
    if out.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    Err(format!("{what}: {}", said.lines().next_back().unwrap_or("it says nothing")))
}

/// The same server as its URLs have it, and a database of its own there.
fn theirs(url: &str) -> String {
    let (server, options) = url.split_once('?').unwrap_or((url, ""));
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let host = rest.rsplit_once('/').map_or(rest, |(host, _)| host);
    format!("postgresql://{host}/bench_dbos?{options}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_a_database_of_its_own() {
        assert_eq!(
            theirs("postgres://play@/postgres?host=/tmp/x"),
            "postgresql://play@/bench_dbos?host=/tmp/x"
        );
    }

    #[test]
    fn what_cannot_be_done_is_said_in_one_sentence() {
        let said = done("no environment", Command::new("sh").args(["-c", "echo a >&2; echo b >&2; exit 1"]));
        assert_eq!(said, Err("no environment: b".into()));
        assert!(
            done("no environment", &mut Command::new("/nowhere/python"))
                .unwrap_err()
                .contains("no environment")
        );
    }
}

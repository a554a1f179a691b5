//! A peer on the same server in the same run: DBOS, a library for durable execution in Python over PostgreSQL.

use std::path::Path;
use std::process::Command;

use super::figures::Figures;
use crate::environment;
use crate::step::{self, Failed};

/// The version that is measured.
const VERSION: &str = "3.4.0";

/// Measures its steps, and prints them beside ours. Where it cannot be installed, that is said, and all else goes on.
///
/// # Errors
/// It is installed, and did not run to its end.
pub fn measure(folder: &Path, url: &str, seconds: u64, figures: &mut Figures) -> Result<(), Failed> {
    println!("\nDBOS {VERSION} on the same server: a step that does nothing, 20 in each workflow");
    let python = match environment::with("dbos", &[format!("dbos=={VERSION}")], "import dbos") {
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
}

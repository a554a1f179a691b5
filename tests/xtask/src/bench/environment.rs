//! A Python with packages in it, for what is measured beside us. It stays for the next time.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step;

/// The Python of an environment that has these packages, and in which `says` runs: of that name, in the target folder.
///
/// # Errors
/// In one sentence, why there is none.
pub fn with(name: &str, packages: &[String], says: &str) -> Result<PathBuf, String> {
    // Another version is another environment.
    let versions = packages.join("-").replace("==", "-");
    let environment = step::target().join(format!("bench-{name}")).join(versions);
    let python = environment.join("bin/python");
    let there = |python: &Path| {
        let mut command = Command::new(python);
        command.args(["-c", says]);
        let installed = packages.iter().all(|p| environment.join(p).exists());
        installed && command.output().is_ok_and(|out| out.status.success())
    };
    if there(&python) {
        return Ok(python);
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&environment);
    done("an environment for Python could not be made", &mut make)?;
    for package in packages {
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).arg(package);
        done("pip could not install it", &mut install)?;
        let mark = std::fs::write(environment.join(package), "");
        mark.map_err(|e| format!("{}: {e}", environment.display()))?;
    }
    if there(&python) { Ok(python) } else { Err("it was installed, and cannot be used".into()) }
}

fn done(what: &str, command: &mut Command) -> Result<(), String> {
    let out = command.output().map_err(|e| format!("{what}: {e}"))?;
    if out.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    Err(format!("{what}: {}", said.lines().next_back().unwrap_or("it says nothing")))
}

#[cfg(test)]
mod tests {
    use super::*;

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

//! A Python with packages in it, for what is measured beside us or reads what we write. It stays for the next time.

use std::path::PathBuf;
use std::process::Command;

use crate::step;

/// The Python of an environment that has these packages, and in which `says` runs: of that name, in the target folder.
///
/// # Errors
/// In one sentence, why there is none.
pub fn with(name: &str, packages: &[String], says: &str) -> Result<PathBuf, String> {
    if let Some(python) = there(name, packages, says) {
        return Ok(python);
    }
    let environment = folder(name, packages);
    let python = environment.join("bin/python");
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
    there(name, packages, says).ok_or_else(|| "it was installed, and cannot be used".into())
}

/// The same where it was installed before.
pub fn there(name: &str, packages: &[String], says: &str) -> Option<PathBuf> {
    let environment = folder(name, packages);
    let python = environment.join("bin/python");
    let mut command = Command::new(&python);
    command.args(["-c", says]);
    let installed = packages.iter().all(|p| environment.join(p).exists());
    (installed && command.output().is_ok_and(|out| out.status.success())).then_some(python)
}

/// Another version is another environment.
fn folder(name: &str, packages: &[String]) -> PathBuf {
    step::target().join(format!("bench-{name}")).join(packages.join("-").replace("==", "-"))
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

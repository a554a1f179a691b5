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
    done("it was installed, and cannot be used", Command::new(&python).args(["-c", says]))?;
    Ok(python)
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
    Err(format!("{what}: {}", reason(&said)))
}

/// The line that says why: the last that is an error, and without one the last of all. pip has advice behind its errors.
fn reason(said: &str) -> &str {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().rfind(|line| line.to_lowercase().starts_with("error"));
    error.or_else(|| lines().next_back()).unwrap_or("it says nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_done_is_said_in_one_sentence() {
        let said = done("no environment", Command::new("sh").args(["-c", "echo a >&2; echo b >&2; exit 1"]));
        assert_eq!(said, Err("no environment: b".into()));
        let pip =
            "ERROR: No matching distribution found for x==1\n\n[notice] A new release of pip is available\n";
        assert_eq!(reason(pip), "ERROR: No matching distribution found for x==1");
        assert_eq!((reason("a\n \n"), reason("")), ("a", "it says nothing"));
        assert!(
            done("no environment", &mut Command::new("/nowhere/python"))
                .unwrap_err()
                .contains("no environment")
        );
    }
}

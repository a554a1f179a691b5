//! What the tests need besides Rust: found, installed where that can be done without asking, or named.

use std::process::Command;

use crate::postgres;
use crate::step::{self, Failed};

/// Packages of the system that tests call, by the command's name (the same as the package's).
const PACKAGES: [(&str, &str); 4] =
    [("curl", "curl"), ("jq", "jq"), ("openssl", "openssl"), ("xmllint", "libxml2-utils")];

/// Those that some tests ask if they are there: readers of what `playc` writes. Where they cannot be installed, that is said.
const READERS: [(&str, &str); 3] = [("zsh", "zsh"), ("fish", "fish"), ("groff", "groff-base")];

/// Makes sure that all is there. `quick`: no readers are installed.
///
/// # Errors
/// Something is missing and could not be installed; the message says what to install.
pub fn ensure(quick: bool) -> Result<(), Failed> {
    let missing = PACKAGES.into_iter().filter(|(command, _)| !answers(command, "--help"));
    let mut missing: Vec<&str> = missing.map(|(_, package)| package).collect();
    if std::env::var_os(postgres::VARIABLE).is_none() && !has_postgres() {
        missing.push("postgresql");
    }
    if !missing.is_empty() {
        packages(&missing)?;
    }
    if !answers("cargo-nextest", "--version") {
        step::run("cargo-nextest", step::cargo().args(["install", "--locked", "cargo-nextest"]))?;
    }
    readers(quick)
}

/// Installs the readers that are missing, apart from what all tests need: without a network the others are still run.
fn readers(quick: bool) -> Result<(), Failed> {
    let missing = READERS.into_iter().filter(|(command, _)| !answers(command, "--version"));
    let missing: Vec<&str> = missing.map(|(_, package)| package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let installed =
        if quick { Err(Failed::usage("nothing is installed for a quick run")) } else { packages(&missing) };
    match installed {
        Err(why) if !quick && std::env::var_os("PLAY_READERS").is_some() => Err(why),
        Err(why) => {
            eprintln!("{}", left_out(&missing, &why));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// That tests are left out, of what, and why it is not here.
fn left_out(missing: &[&str], why: &Failed) -> String {
    let why = why.message.trim_start_matches("── ");
    let are = if missing.len() == 1 { "is" } else { "are" };
    format!("── left out: tests that ask {}, which {are} not here: {why}", missing.join(", "))
}

/// Whether there is a PostgreSQL server to start. Debian keeps its programs beside the path.
fn has_postgres() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.into_iter().any(|v| v.path().join("bin/initdb").is_file()) || answers("initdb", "--version")
}

/// Whether a command is there: it can be started, whatever it says.
fn answers(name: &str, arg: &str) -> bool {
    Command::new(name).arg(arg).output().is_ok()
}

fn packages(missing: &[&str]) -> Result<(), Failed> {
    let names = missing.join(" ");
    if !can_install() {
        return Err(Failed::usage(format!(
            "the tests need {names}: install it with the system's package manager"
        )));
    }
    step::run("packages", Command::new("apt-get").args(["-qq", "update"]))?;
    step::run(
        "packages",
        Command::new("apt-get").args(["-qq", "install", "-y", "--no-install-recommends"]).args(missing),
    )
}

/// Whether packages can be installed without asking anybody.
fn can_install() -> bool {
    is_root() && answers("apt-get", "--version")
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_told_with_its_reason() {
        let why = step::run("packages", Command::new("sh").args(["-c", "exit 100"])).unwrap_err();
        let said = left_out(&["fish", "zsh"], &why);
        assert!(
            said.starts_with(
                "── left out: tests that ask fish, zsh, which are not here: packages: failed with"
            ),
            "{said}"
        );
        assert!(said.contains("100"), "{said}");
        let quick = Failed::usage("nothing is installed for a quick run");
        let expected =
            "── left out: tests that ask fish, which is not here: nothing is installed for a quick run";
        assert_eq!(left_out(&["fish"], &quick), expected);
    }

    #[test]
    fn a_command_is_found_by_starting_it() {
        assert!(answers("sh", "--version"));
        assert!(!answers("no-such-command-anywhere", "--version"));
    }
}

//! Completions and manual pages, read by those who read them: bash, zsh and fish, and groff.
//!
//! `cargo xtask test` installs what is missing where it can; a shell that is not here is named, and nothing is said of it. In CI (`PLAY_READERS`) all of them are.

use std::path::Path;
use std::process::{Command, Stdio};

use play_tests::playc;

/// Whether a program is here. Where it is not, that is said; where `PLAY_READERS` is set (.ci/run), it has to be.
fn is_here(program: &str) -> bool {
    let there = Command::new(program).arg("--version").stdin(Stdio::null()).output().is_ok();
    assert!(
        there || std::env::var_os("PLAY_READERS").is_none(),
        "{program} is not here: .ci/run installs it"
    );
    if !there {
        println!("{program} is not here; nothing was tested with it");
    }
    there
}

/// Writes what a shell needs into a file of a folder.
fn completions(shell: &str, path: &Path) {
    let ran = playc::run(&["completions", shell]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    std::fs::write(path, ran.out).unwrap();
}

/// What a program says, which has nothing to complain of.
fn says(command: &mut Command) -> String {
    let out = command.stdin(Stdio::null()).env("TERM", "dumb").output().unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && wrong.is_empty(), "{}\n{said}\n{wrong}", out.status);
    said.into_owned()
}

#[test]
fn bash_completes_a_command_and_a_flag() {
    if !is_here("bash") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playc.bash");
    completions("bash", &path);
    // What bash does at a press of the key: it asks the function that `complete` has named.
    let script = r#"
        source "$1"
        ask() {
          COMP_WORDS=("$@")
          COMP_CWORD=$(($# - 1))
          local known=$(complete -p playc)
          known=${known##*-F }
          "${known%% *}" playc "${!#}" "${COMP_WORDS[$(($# - 2))]}"
          printf '%s\n' "${COMPREPLY[@]}"
        }
        ask playc ch
        ask playc check --form
        ask playc check --format sar
    "#;
    let said = says(Command::new("bash").args(["--norc", "--noprofile", "-c", script, "bash"]).arg(&path));
    assert_eq!(said, "check\n--format\nsarif\n");
}

#[test]
fn fish_completes_a_command_with_what_it_does() {
    if !is_here("fish") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playc.fish");
    completions("fish", &path);
    let script = "source $argv[1]; complete -C 'playc ch'; complete -C 'playc check --form'";
    let mut fish = Command::new("fish");
    let said = says(fish.env("HOME", folder.path()).args(["--no-config", "-c", script]).arg(&path));
    let words: Vec<&str> = said.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(words, ["check", "--format"], "{said}");
    assert!(said.lines().all(|line| line.contains('\t')), "each says what it is: {said}");
}

#[test]
fn zsh_completes_what_is_typed() {
    if !(is_here("zsh") && is_here("timeout")) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    completions("zsh", &folder.path().join("_playc"));
    // A shell in a terminal of its own, in which somebody presses the key.
    let script = r#"
        zmodload zsh/zpty
        zpty typed zsh -f -i
        zpty -w typed "fpath=($1 \$fpath); autoload -Uz compinit; compinit -D -u; PROMPT='re''ady> '"
        zpty -r typed out '*ready> *'
        zpty -w -n typed $'playc ch\t'
        zpty -r typed out '*playc check *'
        zpty -w -n typed $'--form\t'
        zpty -r typed out '*--format*'
        zpty -d typed
        print fine
    "#;
    // What does not complete leaves it waiting: that is to be a failure, and not a test without an end.
    let mut zsh = Command::new("timeout");
    let said = says(zsh.args(["60", "zsh", "-f", "-c", script, "zsh"]).arg(folder.path()));
    assert_eq!(said, "fine\n");
}

#[test]
fn groff_reads_every_manual_page_without_a_warning() {
    if !is_here("groff") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let ran = playc::run(&["man".as_ref(), "--to".as_ref(), pages.as_os_str()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let mut paths: Vec<_> = std::fs::read_dir(&pages).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 30, "{paths:?}");
    let said = says(Command::new("groff").args(["-k", "-man", "-ww", "-z", "-Tutf8"]).args(&paths));
    assert_eq!(said, "");
    let shown = says(Command::new("groff").args(["-k", "-man", "-Tutf8"]).arg(pages.join("playc-check.1")));
    // Headings are printed twice, one letter over the other.
    assert!(shown.contains("How findings are printed"), "{shown}");
}

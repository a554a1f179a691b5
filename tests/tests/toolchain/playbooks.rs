//! Whole runbooks, each folder of `tests/playbooks` a project: they are formatted, check without a word, pass their own tests, and
//! their `play.caps` says what they may do.

use std::path::{Path, PathBuf};

use play_tests::playc;

fn projects() -> Vec<PathBuf> {
    let folder = playc::root().join("tests/playbooks");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    found.sort();
    found
}

fn run(args: &[&str], folder: &Path) -> playc::Ran {
    playc::ran(playc::command(args).current_dir(folder).output())
}

#[test]
fn every_runbook_checks_and_passes_its_tests() {
    let projects = projects();
    assert!(!projects.is_empty());
    for project in projects {
        for args in
            [&["fmt", "--check", "."] as &[&str], &["check", "."], &["caps", "--check", "."], &["test", "."]]
        {
            let ran = run(args, &project);
            assert_eq!(ran.code, 0, "{} {args:?}:\n{}\n{}", project.display(), ran.out, ran.err);
        }
    }
}

/// A copy of the runbooks with one thing changed in a file; what `playc caps --check` says of it.
fn caps_after(file: &str, from: &str, to: &str) -> playc::Ran {
    let copy = tempfile::tempdir().unwrap();
    let project = playc::root().join("tests/playbooks/edge-and-cloud");
    for entry in std::fs::read_dir(project).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let path = copy.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in {file}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
    run(&["caps", "--check", "."], copy.path())
}

#[test]
fn a_guard_that_asks_for_less_shows_in_the_caps() {
    let ran = caps_after("block_address.play", "allow when case.hits >= 50", "allow");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let shown: Vec<&str> =
        ran.out.lines().chain(ran.err.lines()).filter(|l| l.starts_with(['+', '-'])).collect();
    assert_eq!(shown.len(), 2, "{shown:#?}");
    assert!(shown[0].starts_with('-') && shown[0].contains("allow when case.hits >= 50"), "{shown:#?}");
    assert!(
        shown[1].starts_with('+') && shown[1].contains("limit 30 per 1h; allow; else refuse"),
        "{shown:#?}"
    );
}

#[test]
fn what_a_guard_rests_on_shows_in_the_caps() {
    let ran = caps_after("block_address.play", "203.0.113.0/28, ", "");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("+ const never_blocked = [198.51.100.0/24, 10.0.0.0/8]"), "{}", ran.out);
}

#[test]
fn a_value_of_play_toml_shows_in_the_caps() {
    let ran = caps_after("play.toml", "never_switched_off = [\"AKIA-PAYMENTS\"]", "never_switched_off = []");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("- config never_switched_off = [\"AKIA-PAYMENTS\"]"), "{}", ran.out);
    assert!(ran.out.contains("+ config never_switched_off = []"), "{}", ran.out);
}

#[test]
fn how_long_an_act_stays_shows_in_the_caps() {
    let ran = caps_after(
        "block_address.play",
        "do firewall.block(case.ip) for 7d",
        "do firewall.block(case.ip) for 30d",
    );
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("class contain  at most 1  for 30d"), "{}", ran.out);
}

#[test]
fn a_new_act_shows_in_the_caps() {
    let with = "  let seen = ipintel.lookup(case.ip) else none\n  do chat.post(channel: \"#net\", text: \"attack\") else none\n";
    let ran = caps_after("block_address.play", "  let seen = ipintel.lookup(case.ip) else none\n", with);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("+ block_attacker  do chat.post  class notify"), "{}", ran.out);
}

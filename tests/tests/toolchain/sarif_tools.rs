//! SARIF, read by a program of others that is used on it: sarif-tools, which `cargo xtask test` installs with pip (`PLAY_SARIF` is its
//! command). Where there is no Python, that is said, and nothing is tested; in CI it is there.

use std::path::Path;
use std::process::Command;

use play_tests::playc;
use serde_json::Value;

const PLAYBOOK: &str = "case Mail { sender: String, hits: Int }

playbook triage for Mail when case.hits > 3 before rest {
  if case.hits > 2 { note \"many\" }
  let kept = case.sender
  close FalsePositive because case.sender
}

playbook rest for Mail {
  close FalsePositive because case.snder
}
";

/// What the program says of a file.
fn says(sarif: &Path, words: &[&str], folder: &Path) -> String {
    let out = Command::new(sarif).args(words).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{words:?}: {said}{}", String::from_utf8_lossy(&out.stderr));
    said
}

/// Its command, where it is here.
fn command() -> Option<std::path::PathBuf> {
    let sarif = std::env::var_os("PLAY_SARIF").map(std::path::PathBuf::from);
    if sarif.is_none() {
        let has_to_be = std::env::var_os("PLAY_READERS").is_some();
        assert!(!has_to_be, "PLAY_SARIF is not set: `cargo xtask test` installs sarif-tools and sets it");
        println!("sarif-tools are not here (PLAY_SARIF); nothing was tested");
    }
    sarif
}

/// It counts what is suppressed as open; the filter that `docs/ci.md` has leaves that out, and nothing else.
#[test]
fn a_filter_leaves_out_what_is_allowed() {
    let Some(sarif) = command() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = PLAYBOOK.replace("let kept", "// allow: unused-name because it is for later\n  let kept");
    std::fs::write(at.join("triage.play"), text.replace("snder", "sender")).unwrap();
    let docs = include_str!("../../../docs/ci.md");
    let (_, filter) = docs.split_once("```yaml\n# allowed.yaml\n").unwrap();
    let (filter, _) = filter.split_once("```").unwrap();
    std::fs::write(at.join("allowed.yaml"), filter).unwrap();
    let words = ["check", "--format", "sarif", "triage.play"];
    let log = playc::ran(playc::command(&words).current_dir(at).output()).out;
    std::fs::write(at.join("findings.sarif"), &log).unwrap();
    let log: Value = serde_json::from_str(&log).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of = |level: &str, suppressed: bool| {
        let like = |one: &&Value| one["level"] == level && one["suppressions"].is_array() == suppressed;
        results.iter().filter(like).count()
    };
    assert!(of("error", false) > 0 && of("warning", true) > 0, "{results:#?}");
    let counted = |words: &[&str], level: &str, many: usize| {
        let said = says(&sarif, words, at);
        assert!(said.contains(&format!("{level}: {many}\n")), "{said}");
    };
    counted(&["summary", "findings.sarif"], "warning", of("warning", false) + of("warning", true));
    let filtered = ["summary", "--filter", "allowed.yaml", "findings.sarif"];
    counted(&filtered, "warning", of("warning", false));
    counted(&filtered, "error", of("error", false));
}

#[test]
fn others_count_and_list_the_same_findings() {
    let Some(sarif) = command() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("triage.play"), PLAYBOOK).unwrap();
    let checked = |format: &str| {
        let words = ["check", "--format", format, "triage.play"];
        playc::ran(playc::command(&words).current_dir(at).output()).out
    };
    let plain: Vec<Value> = serde_json::from_str(&checked("json")).unwrap();
    std::fs::write(at.join("findings.sarif"), checked("sarif")).unwrap();

    let errors = plain.iter().filter(|one| one["severity"] == "error").count();
    let warnings = plain.iter().filter(|one| one["severity"] == "warning").count();
    assert!(errors > 0 && warnings > 0, "{plain:#?}");
    let summary = says(&sarif, &["summary", "findings.sarif"], at);
    assert!(summary.contains(&format!("error: {errors}\n")), "{summary}");
    assert!(summary.contains(&format!("warning: {warnings}\n")), "{summary}");

    says(&sarif, &["csv", "--output", "findings.csv", "findings.sarif"], at);
    let list = std::fs::read_to_string(at.join("findings.csv")).unwrap();
    let mut lines = list.lines();
    let names: Vec<&str> = lines.next().unwrap().trim_start_matches('\u{feff}').split(',').collect();
    let column = |name: &str| names.iter().position(|n| *n == name).unwrap();
    // The first columns and the last hold no commas.
    let (code, severity) = (column("Code"), column("Severity"));
    assert!(code < column("Description") && severity < column("Description"), "{names:?}");
    let mut listed: Vec<(String, String, String)> = lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let place = |back: usize| cells[cells.len() - back].to_string();
            assert!(place(2).ends_with("triage.play"), "{line}");
            (place(1), cells[code].into(), cells[severity].into())
        })
        .collect();
    let text = |one: &Value| one.as_str().unwrap().to_string();
    let mut ours: Vec<(String, String, String)> = plain
        .iter()
        .map(|one| (one["span"]["start"]["line"].to_string(), text(&one["code"]), text(&one["severity"])))
        .collect();
    listed.sort();
    ours.sort();
    assert_eq!(listed, ours);
}

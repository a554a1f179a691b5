//! `playc ci`: all that has to hold, in one report, whatever reads it.

use std::path::Path;

use play_tests::playc::{self, Ran};
use play_tests::schema;
use serde_json::Value;

fn playc_in(folder: &Path, words: &[&str]) -> Ran {
    let mut command = playc::command(words);
    ran(command.current_dir(folder).env_remove("GITHUB_STEP_SUMMARY"))
}

fn ran(command: &mut std::process::Command) -> Ran {
    playc::ran(command.output())
}

/// A new project, and its folder.
fn project() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let made = playc_in(folder.path(), &["new", "soc"]);
    assert_eq!(made.code, 0, "{made:?}");
    let path = folder.path().join("soc");
    (folder, path)
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// Something is wrong in each step, and says hostile things.
fn spoil(project: &Path) {
    replace(&project.join("source.play"), "  map {", "    map {");
    replace(&project.join("triage.play"), "limit 10 per 1h", "limit 20 per 1h");
    replace(
        &project.join("tests.play"),
        "\"a sign-in from our own network is benign, and nobody is asked\"",
        "\"![x](http://evil.example/`a`) <img src=x> | ::error::a \\u{1b}[31m\"",
    );
    replace(
        &project.join("tests.play"),
        "expect closed BenignPositive\n  expect because contains \"our own networks\"",
        "expect closed TruePositive\n  expect because contains \"`networks` of <b>us</b>\"",
    );
    replace(&project.join("triage.play"), "  // It is taken back", "  let unused = 1\n  // It is taken back");
}

#[test]
fn a_project_that_is_fine_passes() {
    let (_folder, project) = project();
    let ran = playc_in(&project, &["ci", "--deny", "warnings"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    insta::assert_snapshot!(ran.out);
    let ran = playc_in(project.parent().unwrap(), &["ci", "soc", "--format", "github"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
}

#[test]
fn what_is_wrong_in_each_step_is_told_at_once() {
    let (_folder, project) = project();
    spoil(&project);
    let ran = playc_in(&project, &["ci", "--plain"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:?}");
    insta::assert_snapshot!(ran.out);
}

#[test]
fn for_a_job_of_github_each_complaint_is_a_command_of_its_own() {
    let (_folder, project) = project();
    spoil(&project);
    let ran = playc_in(&project, &["ci", "--format", "github", "--deny", "warnings"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")),
        "{}",
        ran.out
    );
    insta::assert_snapshot!(ran.out);
    insta::assert_snapshot!(ran.err);
}

#[test]
fn the_summary_is_markdown_in_which_hostile_text_stands_as_code() {
    let (folder, project) = project();
    spoil(&project);
    let page = folder.path().join("summary.md");
    std::fs::write(&page, "of another step\n").unwrap();
    let ran = playc_in(&project, &["ci", "--summary", page.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let text = std::fs::read_to_string(&page).unwrap();
    let text = text.strip_prefix("of another step\n").expect("what was there stays");
    insta::assert_snapshot!(text);
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn github_is_given_the_summary_without_being_asked_and_nobody_else_is() {
    let (folder, project) = project();
    let page = folder.path().join("summary.md");
    let run =
        |words: &[&str]| ran(playc::command(words).current_dir(&project).env("GITHUB_STEP_SUMMARY", &page));
    assert_eq!(run(&["ci"]).code, 0);
    assert!(!page.exists());
    assert_eq!(run(&["ci", "--format", "github"]).code, 0);
    assert!(std::fs::read_to_string(&page).unwrap().starts_with("## `soc`: passed\n"));
}

#[test]
fn with_an_error_what_needs_a_program_is_not_run() {
    let (_folder, project) = project();
    replace(&project.join("source.play"), "ip:      Ip", "ip:      Adress");
    let ran = playc_in(&project, &["ci", "--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    schema::is("ci", &report);
    let went: Vec<&str> =
        report["steps"].as_array().unwrap().iter().map(|s| s["went"].as_str().unwrap()).collect();
    assert_eq!(went, ["passed", "failed", "not run", "not run"]);
}

#[test]
fn a_project_without_tests_does_not_pass() {
    let (_folder, project) = project();
    std::fs::remove_file(project.join("tests.play")).unwrap();
    let ran = playc_in(&project, &["ci"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("there are no tests"), "{ran:?}");
    let ran = playc_in(&project, &["ci", "--format", "github"]);
    assert!(ran.out.contains("::error title=no tests::"), "{ran:?}");
}

#[test]
fn the_documents_beside_it_are_those_of_check_and_test() {
    let (folder, project) = project();
    spoil(&project);
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let mut words = vec!["ci".to_string()];
    for kind in ["json", "sarif", "gitlab", "rdjson", "junit"] {
        words.extend(["--write".into(), format!("{kind}={}", path(kind))]);
    }
    let ran = playc_in(&project, &words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ran.code, 1, "{ran:?}");
    let written = |kind: &str| std::fs::read_to_string(path(kind)).unwrap();
    for kind in ["sarif", "gitlab", "rdjson"] {
        assert_eq!(written(kind), playc_in(&project, &["check", "--format", kind]).out, "{kind}");
    }
    assert_eq!(written("junit"), playc_in(&project, &["test", "--format", "junit"]).out);
    let report: Value = serde_json::from_str(&written("json")).unwrap();
    schema::is("ci", &report);
    let findings = playc_in(&project, &["check", "--format", "json"]).out;
    assert_eq!(report["findings"], serde_json::from_str::<Value>(&findings).unwrap());
    for member in report.as_object().unwrap().keys() {
        let mut less = report.clone();
        less.as_object_mut().unwrap().remove(member);
        assert!(schema::check("ci", &less).is_err(), "{member}");
    }
}

#[test]
fn what_cannot_be_done_is_trouble_and_no_finding() {
    let (folder, project) = project();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for words in [
        &["ci", "empty"][..],
        &["ci", "soc", "--write", "junit"],
        &["ci", "soc", "--write", "xml=a"],
        &["ci", "soc", "--write", "junit="],
    ] {
        let ran = playc_in(project.parent().unwrap(), words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}: {ran:?}");
    }
    // What was found is told, whatever becomes of the files.
    for words in [&["--summary", "no/such/folder.md"], &["--write", "sarif=no/such/folder"]] {
        let ran = playc_in(project.parent().unwrap(), &[&["ci", "soc"], &words[..]].concat());
        assert_eq!(ran.code, 2, "{words:?}: {ran:?}");
        assert!(ran.out.contains("7 passed, 0 failed") && ran.err.contains("no/such/folder"), "{ran:?}");
    }
}

//! `playc doctor`: what is missing is told with what to do, secrets are not, and nothing is changed.

use std::path::{Path, PathBuf};

use play_tests::playc::{self, Ran};
use play_tests::schema;
use serde_json::Value;

/// A new project, and its folder.
fn project() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let made = playc::ran(playc::command(&["new", "soc"]).current_dir(folder.path()).output());
    assert_eq!(made.code, 0, "{made:?}");
    let path = folder.path().join("soc");
    (folder, path)
}

fn doctor(folder: &Path, words: &[&str], env: &[(&str, &str)]) -> Ran {
    let mut command = playc::command(&[&["doctor"], words].concat());
    command
        .current_dir(folder)
        .env_remove("OKTA_TOKEN")
        .env_remove("IPINTEL_TOKEN")
        .envs(env.iter().copied());
    playc::ran(command.output())
}

/// What is wrong, by what was looked at: what is said of it and what to do.
fn wrong(folder: &Path, words: &[&str], env: &[(&str, &str)]) -> Vec<(String, String, String)> {
    let ran = doctor(folder, &[words, &["--format", "json"]].concat(), env);
    let seen: Value = serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {ran:?}"));
    for one in seen.as_array().unwrap() {
        schema::is("doctor", one);
    }
    let all = seen.as_array().unwrap().iter().filter(|s| s["state"] == "wrong");
    let text = |s: &Value, member: &str| s[member].as_str().unwrap().to_string();
    let all: Vec<_> = all.map(|s| (text(s, "check"), text(s, "what"), text(s, "help"))).collect();
    assert_eq!(ran.code, i32::from(!all.is_empty()), "{ran:?}");
    all
}

const TOKENS: &[(&str, &str)] = &[("OKTA_TOKEN", "s3cret-one"), ("IPINTEL_TOKEN", "s3cret-two")];

#[test]
fn a_new_project_wants_its_tokens_and_nothing_else() {
    let (_folder, project) = project();
    let found = wrong(&project, &[], &[]);
    let checks: Vec<&str> = found.iter().map(|(check, _, _)| check.as_str()).collect();
    assert_eq!(checks, ["connector", "connector"]);
    assert!(found[0].1.contains("OKTA_TOKEN") && found[1].1.contains("IPINTEL_TOKEN"), "{found:?}");
    assert_eq!(wrong(&project, &[], TOKENS), []);
    assert_eq!(wrong(&project, &["--stub", "stubs.json"], &[]), []);
    assert!(!project.join(".play").exists(), "it only looks");
}

#[test]
fn a_secret_is_read_and_not_shown() {
    let (_folder, project) = project();
    for format in ["text", "json", "jsonl"] {
        let ran = doctor(&project, &["--format", format], TOKENS);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!format!("{}{}", ran.out, ran.err).contains("s3cret"), "{ran:?}");
    }
    std::fs::write(project.join("site.toml"), "[connectors.okta]\ntoken = { file = \"token\" }\n").unwrap();
    let found = wrong(&project, &["--config", "site.toml"], TOKENS);
    assert!(found.len() == 1 && found[0].1.contains("the file token"), "{found:?}");
}

#[test]
fn what_it_says_reads_well() {
    let (_folder, project) = project();
    std::fs::write(project.join("stubs.json"), "[{\"call\": \"okta.suspnd\", \"returns\": 1}]").unwrap();
    let toml = std::fs::read_to_string(project.join("play.toml")).unwrap();
    std::fs::write(project.join("play.toml"), toml.replace("edition = \"2026\"\n", "")).unwrap();
    let numbers =
        |line: &str| line.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    let shown = |ran: Ran| {
        let steady =
            |line: &&str| !line.starts_with("clock") && !line.starts_with("git") && !line.starts_with("room");
        ran.out.lines().filter(steady).map(numbers).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(shown(doctor(&project, &["--stub", "stubs.json"], &[])));
    std::fs::write(project.join("source.play"), "case\n").unwrap();
    insta::assert_snapshot!(shown(doctor(&project, &[], &[])));
    let empty = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(shown(doctor(empty.path(), &[], &[])));
    insta::assert_snapshot!(shown(doctor(
        empty.path(),
        &["no-such-folder", "--store", "postgres://play:word@127.0.0.1:1/x"],
        &[]
    )));
}

#[test]
fn a_store_that_cannot_be_used_is_told() {
    let (_folder, project) = project();
    std::fs::create_dir_all(project.join("later")).unwrap();
    std::fs::write(project.join("later/store.json"), "{\"format\":\"play-store\",\"v\":9}\n").unwrap();
    let found = wrong(&project, &["--store", "later"], TOKENS);
    assert!(found.len() == 1 && found[0].0 == "store" && found[0].2.contains("--store"), "{found:?}");
    let found = wrong(&project, &["--store", "play.toml/store"], TOKENS);
    assert!(found.len() == 1 && found[0].0 == "store", "{found:?}");
}

#[test]
fn room_that_is_kept_and_a_service_that_is_not_set_up_are_told() {
    let (_folder, project) = project();
    let site = "[store]\nreserve = 9000000000000000000\n\n[serve]\nlisten = \"nowhere\"\ntoken = { env = \"NOT_SET\" }\n";
    std::fs::write(project.join("site.toml"), site).unwrap();
    let found = wrong(&project, &["--config", "site.toml"], TOKENS);
    let checks: Vec<&str> = found.iter().map(|(check, _, _)| check.as_str()).collect();
    assert!(checks.contains(&"room") && checks.contains(&"serve"), "{found:?}");
}

#[test]
fn without_git_a_run_goes() {
    let (_folder, project) = project();
    let mut command = playc::command(&["doctor", "--stub", "stubs.json"]);
    let ran = playc::ran(command.current_dir(&project).env("PATH", "").output());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("note  there is no `git` here"), "{ran:?}");
}

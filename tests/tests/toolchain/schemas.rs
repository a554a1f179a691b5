//! What commands print as JSON has the shape that `playc schema` says, whole and member by member.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use play_tests::{playc, schema};
use serde_json::Value;

/// What a command prints, as JSON; any exit but trouble is fine.
fn json(words: &[&str], folder: &Path) -> Value {
    let ran = playc::ran(playc::command(words).current_dir(folder).output());
    assert!(ran.code == 0 || ran.code == 1, "{words:?}: {ran:?}");
    serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{words:?}: {e}: {}", ran.out))
}

/// Fails unless each of the list has the shape, and none has it any more once a member that is always there is gone or is
/// something else. Gives how many there are.
fn all_are(name: &str, list: &Value) -> usize {
    let list = list.as_array().unwrap_or_else(|| panic!("{name}: not a list: {list}"));
    list.iter().for_each(|one| schema::is(name, one));
    list.iter().take(3).for_each(|one| is_strict(name, one));
    list.len()
}

/// A schema that takes anything would be no schema.
fn is_strict(name: &str, one: &Value) {
    let members = one.as_object().unwrap();
    assert!(!members.is_empty());
    for member in members.keys() {
        for odd in [Value::Bool(true), Value::from(-1.5)] {
            let mut other = members.clone();
            other.insert(member.clone(), odd.clone());
            let takes_booleans = odd.is_boolean() && members[member].is_boolean();
            let takes_all = name == "decision" && member == "result";
            let found = schema::check(name, &Value::Object(other));
            assert!(takes_booleans || takes_all || found.is_err(), "{name}: {member} may be {odd}");
        }
    }
    let mut more = members.clone();
    more.insert("unheard_of".into(), Value::Null);
    assert!(
        schema::check(name, &Value::Object(more)).is_err(),
        "{name} has members that its schema does not know"
    );
}

fn root(path: &str) -> PathBuf {
    playc::root().join(path)
}

/// The blocks of the pages of errors that are wrong on purpose, a file each.
fn mistakes(folder: &Path) -> Vec<String> {
    let page = std::fs::read_to_string(root("docs/errors.md")).unwrap();
    let reference = std::fs::read_to_string(root("docs/reference.md")).unwrap();
    let mut names = Vec::new();
    for (i, block) in page.split("```play").chain(reference.split("```play")).skip(1).enumerate() {
        let Some((_, text)) = block.split_once('\n') else { continue };
        let name = format!("m{i}.play");
        std::fs::write(folder.join(&name), text.split("```").next().unwrap()).unwrap();
        names.push(name);
    }
    names
}

#[test]
fn findings() {
    let folder = tempfile::tempdir().unwrap();
    let names = mistakes(folder.path());
    let mut words = vec!["check", "--format", "json"];
    words.extend(names.iter().map(String::as_str));
    let found = json(&words, folder.path());
    let n = all_are("diagnostic", &found);
    let with_fixes = found.as_array().unwrap().iter().filter(|d| d["fixes"] != serde_json::json!([])).count();
    assert!(n > 100 && with_fixes > 5, "{n} findings, {with_fixes} with a fix");
}

#[test]
fn writes_codes_and_points() {
    for project in ["edge-and-cloud", "endpoint", "exposure", "identity", "mail"] {
        let folder = root(&format!("tests/playbooks/{project}"));
        assert!(all_are("write", &json(&["check", ".", "--report", "--format", "json"], &folder)) > 0);
    }
    assert!(all_are("code", &json(&["explain", "--list", "--format", "json"], &root("."))) > 100);
    let page = json(&["explain", "P3001", "--format", "json"], &root("."));
    schema::is("code", &page);
    is_strict("code", &page);
}

#[test]
fn results_of_tests() {
    let example = root("examples/impossible-travel");
    assert!(all_are("test", &json(&["test", ".", "--format", "json"], &example)) > 3);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.play"), FAILS).unwrap();
    let results = json(&["test", "p.play", "--format", "json"], folder.path());
    assert_eq!(all_are("test", &results), 2);
    assert_eq!(results[1]["failures"].as_array().unwrap().len(), 1);
    let coverage = json(&["test", "p.play", "--coverage", "--format", "json"], folder.path());
    schema::is("coverage", &coverage);
    is_strict("coverage", &coverage);
    let lines = playc::ran(
        playc::command(&["test", "p.play", "--coverage", "--format", "jsonl"])
            .current_dir(folder.path())
            .output(),
    );
    let lines: Vec<Value> = lines.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    schema::is("test", &lines[0]);
    schema::is("coverage", &lines[2]);
    assert_eq!(all_are("point", &json(&["test", "p.play", "--paths", "--format", "json"], folder.path())), 1);
}

const FAILS: &str = r#"
case T { s: String, n: Int }
playbook p for T {
  if case.n > 7 { close Duplicate because "many" }
  close FalsePositive because "few"
}
test "few" {
  given T { s: "a", n: 1 }
  run p
  expect closed FalsePositive
}
test "wrong" {
  given T { s: "a", n: 1 }
  run p
  expect closed Duplicate
}
"#;

#[test]
fn runs_and_their_lines() {
    let (mut kinds, mut no_case) = (BTreeSet::new(), 0);
    for example in ["impossible-travel", "aws-guardduty"] {
        let folder = root(&format!("examples/{example}"));
        let store = tempfile::tempdir().unwrap();
        let at = store.path().join("s").display().to_string();
        let run = [
            "run",
            ".",
            "--alert",
            "alerts.jsonl",
            "--stub",
            "stubs.json",
            "--store",
            &at,
            "--format",
            "json",
        ];
        assert!(all_are("ended", &json(&run, &folder)) > 1);
        let list = json(&["trace", "list", "--store", &at, "--format", "json"], &folder);
        assert!(all_are("run", &list) > 1);
        for one in list.as_array().unwrap() {
            let run = one["run"].as_str().unwrap();
            let lines = json(&["trace", "show", run, "--store", &at, "--format", "json"], &folder);
            all_are("line", &lines);
            kinds.extend(lines.as_array().unwrap().iter().map(|l| l["k"].as_str().unwrap().to_string()));
        }
        assert!(
            all_are("replay", &json(&["replay", "--all", "--store", &at, "--format", "json"], &folder)) > 1
        );
        let tried = json(&["backtest", "--store", &at, "--format", "json"], &folder);
        assert!(all_are("backtest", &tried) > 1);
        let verified = json(&["trace", "verify", "--store", &at, "--format", "json"], &folder);
        schema::is("verified", &verified);
        is_strict("verified", &verified);
        let dropped = json(&["trace", "dropped", "--bodies", "--store", &at, "--format", "json"], &folder);
        no_case += all_are("dropped", &dropped);
        let run = list[0]["run"].as_str().unwrap();
        let file = store.path().join("run.jsonl").display().to_string();
        let _ = playc::ran(playc::command(&["trace", "export", run, "-o", &file, "--store", &at]).output());
        let verified = json(&["trace", "verify", &file, "--format", "json"], &folder);
        schema::is("verified", &verified);
        assert_eq!(verified["head_compared"], false);
        all_are("standing", &json(&["status", "--store", &at, "--format", "json"], &folder));
    }
    assert!(kinds.len() > 12, "{kinds:?}");
    assert!(no_case > 1, "{no_case} records without a case");
}

#[test]
fn a_replay_that_differs_or_cannot_be_decided() {
    let folder = root("examples/impossible-travel");
    let store = tempfile::tempdir().unwrap();
    let at = store.path().join("s").display().to_string();
    let _ = json(
        &["run", ".", "--alert", "alerts.jsonl", "--stub", "stubs.json", "--store", &at, "--format", "json"],
        &folder,
    );
    let list = json(&["trace", "list", "--store", &at, "--format", "json"], &folder);
    let run = list[0]["run"].as_str().unwrap();
    let file = store.path().join("run.jsonl").display().to_string();
    let trace = playc::ran(playc::command(&["trace", "export", run, "--store", &at]).output());
    let mut lines: Vec<&str> = trace.out.split_inclusive('\n').collect();
    lines.pop();
    std::fs::write(&file, lines.concat()).unwrap();
    let cut = json(&["replay", &file, "--store", &at, "--format", "json"], &folder);
    all_are("replay", &cut);
    let odd = trace.out.replacen("\"artifact\":\"", "\"artifact\":\"0", 1);
    std::fs::write(&file, odd).unwrap();
    let ended = json(&["replay", &file, "--store", &at, "--format", "json"], &folder);
    assert_eq!(ended[0]["replay"], "undecidable");
    all_are("replay", &ended);
}

#[test]
fn the_list_names_every_schema_and_an_unknown_one_is_said() {
    let page = std::fs::read_to_string(root("docs/formats.md")).unwrap();
    for name in schema::names() {
        assert!(page.contains(&format!("`{name}`")), "docs/formats.md does not tell of {name}");
        assert_eq!(schema::printed(&name)["$id"], format!("urn:play:schema:{name}"));
    }
    let ran = playc::run(&["schema", "verdict"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`playc schema --list` lists them"), "{ran:?}");
}

/// A run that ends by a fault has given its case to nobody: whoever looks at the store is told.
#[test]
fn a_case_whose_run_ended_by_a_fault_stands_in_the_status() {
    let folder = tempfile::tempdir().unwrap();
    let text = "
case A { n: Int }
source s from feed(\"a\") -> A { map { n = payload.n as Int? } }
playbook p for A when case.n > 0 {
  let x = 100 / (case.n - 1)
  close FalsePositive because \"{x}\"
}
";
    std::fs::write(folder.path().join("p.play"), text).unwrap();
    std::fs::write(folder.path().join("a.jsonl"), "{\"n\": 1}\n").unwrap();
    let here = folder.path();
    all_are(
        "ended",
        &json(&["run", "p.play", "--alert", "a.jsonl", "--store", "s", "--format", "json"], here),
    );
    let standing = json(&["status", "--store", "s", "--format", "json"], here);
    assert_eq!(all_are("standing", &standing), 1);
    assert_eq!((&standing[0]["what"], &standing[0]["why"]), (&"faulted".into(), &"p.play:5:11".into()));
    let told = playc::ran(playc::command(&["status", "--store", "s"]).current_dir(here).output());
    assert!(told.out.contains("ended by a fault of the program: the case is nobody's"), "{told:?}");
    all_are("run", &json(&["trace", "list", "--store", "s", "--format", "json"], here));
}

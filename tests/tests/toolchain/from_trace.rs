//! `playc test --from-trace`: a recorded run becomes a test that passes, and nothing personal is in it.

use std::path::Path;

use play_tests::playc::{self, Ran};
use play_tests::store;

pub const PROGRAM: &str = r#"
type Person { mail: Email pii, name: String pii, admin: Bool, team: String }
case Login { user: Email pii, ip: Ip, tries: Int, note: String? }
source logins from feed("logins") -> Login {
  map {
    user = payload.user as Email?
    ip = payload.ip as Ip?
    tries = payload.tries as Int?
    note = payload.note as String else none
  }
}
connector hr {
  config { base_url: Url }
  read person(mail: Email pii) -> Person
    GET "/person" query { mail: mail }
    expect 200 -> Person { mail: body.mail?, name: body.name?, admin: body.admin?, team: body.team? }
  read team(name: String) -> [String]
    GET "/team" query { name: name }
    expect 200 -> body.hosts as [String]?
  write lock(mail: Email pii) -> String
    POST "/lock" json { mail: mail }
    expect 200 -> body.id as String?
    undo unlock(mail)
    class contain
  write unlock(mail: Email pii) -> Unit
    POST "/unlock" json { mail: mail }
    expect 200
    class restore
}
queue tier1
role lead
guard locks covers hr.lock { limit 3 per 1h  allow when case.severity >= High  else approval from role.lead within 1h else refuse }
guard unlocks covers hr.unlock { allow }
playbook odd for Login when case.tries > 3 {
  let who = hr.person(case.user) retry 2 else hand over to queue.tier1 because "nobody of that name"
  let hosts = hr.team(who.team) else []
  if who.admin { set severity = High because "an admin" }
  do hr.lock(case.user) for 4h else hand over to queue.tier1 because "not locked"
  close TruePositive because "{hosts.len} hosts"
}
playbook fine for Login when case.tries <= 3 { close FalsePositive because "few" }
"#;

const ALERTS: &str = r#"{"user": "ada.lovelace@corp.test", "ip": "192.0.2.9", "tries": 9, "note": "seen by ada.lovelace@corp.test"}
{"user": "bob@corp.test", "ip": "192.0.2.8", "tries": 7}
{"user": "eve@corp.test", "ip": "192.0.2.8", "tries": 5}
{"user": "kim@corp.test", "ip": "192.0.2.7", "tries": 1}
"#;

const STUBS: &str = r#"[
  { "call": "hr.person", "args": { "mail": "ada.lovelace@corp.test" }, "fails": "Unavailable", "then": [ { "returns": { "mail": "ada.lovelace@corp.test", "name": "Ada Lovelace", "admin": true, "team": "blue" } } ] },
  { "call": "hr.person", "args": { "mail": "bob@corp.test" }, "returns": { "mail": "bob@corp.test", "name": "Bob", "admin": false, "team": "red" } },
  { "call": "hr.person", "fails": "NotFound" },
  { "call": "hr.team", "args": { "name": "blue" }, "returns": ["b-1", "b-2"] },
  { "call": "hr.team", "fails": "Timeout" },
  { "call": "hr.lock", "returns": "L-1" },
  { "call": "hr.unlock", "returns": null }
]"#;

pub fn at(folder: &Path, words: &[&str]) -> Ran {
    playc::ran(playc::command(words).current_dir(folder).output())
}

/// The test of each run of a store, with the command's exit code.
fn tests_of(folder: &Path, project: &str, store: &Path) -> Vec<(String, Ran)> {
    let place = store.display().to_string();
    store::runs(store)
        .iter()
        .filter(|run| run["state"] == "closed" || run["state"] == "handed_over")
        .map(|run| {
            let name = run["run"].as_str().unwrap().to_string();
            (name.clone(), at(folder, &["test", project, "--from-trace", &name, "--store", &place]))
        })
        .collect()
}

/// A store in which the program has decided its alerts; one of the runs waits for a person.
pub fn recorded() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (name, text) in [("p.play", PROGRAM), ("alerts.jsonl", ALERTS), ("stubs.json", STUBS)] {
        std::fs::write(here.join(name), text).unwrap();
    }
    let words = ["run", "p.play", "--alert", "alerts.jsonl", "--stub", "stubs.json", "--store", "s"];
    assert_eq!(at(here, &words).code, 0);
    folder
}

#[test]
fn every_run_of_the_examples_becomes_a_test_that_passes() {
    for example in ["impossible-travel", "aws-guardduty"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        store::fill(example, &path);
        let tests = tests_of(&playc::root(), &format!("examples/{example}"), &path);
        assert!(tests.len() > 2, "{example}");
        for (run, ran) in tests {
            assert_eq!(ran.code, 0, "{example} {run}: {ran:?}");
            assert!(ran.out.starts_with(&format!("test \"as run {run} was decided\" {{\n")), "{ran:?}");
        }
    }
}

#[test]
fn what_is_personal_is_not_carried_into_a_test_which_passes_all_the_same() {
    let folder = recorded();
    let here = folder.path();
    let cases = store::runs(&here.join("s"));
    let waits = cases.iter().find(|run| run["state"] == "waiting").unwrap();
    let case = waits["case"].as_str().unwrap();
    let words = [
        "approve",
        case,
        "--by",
        "grace",
        "--because",
        "Bob is bob@corp.test",
        "--stub",
        "stubs.json",
        "--store",
        "s",
    ];
    let ran = at(here, &words);
    assert_eq!(ran.code, 0, "{ran:?}");

    let tests = tests_of(here, "p.play", &here.join("s"));
    assert_eq!(tests.len(), 4, "{tests:#?}");
    let mut all = String::new();
    for (run, ran) in &tests {
        assert_eq!(ran.code, 0, "{run}: {ran:?}");
        all.push_str(&ran.out);
    }
    for personal in ["lovelace", "Lovelace", "bob", "Bob", "eve@", "kim@", "corp.test", "grace"] {
        assert!(!all.contains(personal), "{personal} is in\n{all}");
    }
    for kept in [
        "fails Unavailable",
        "then returns Person",
        "admin: true",
        "\"b-1\", \"b-2\"",
        "given role.lead approves hr.lock(",
        "expect did hr.lock(\"person-1@example.com\")",
        "note: \"seen by person-1@example.com\"",
        "expect handed over to queue.tier1",
        "expect closed FalsePositive",
        "192.0.2.9",
    ] {
        assert!(all.contains(kept), "{kept} is not in\n{all}");
    }
    // They are tests of the project like any other.
    std::fs::write(here.join("p.play"), format!("{PROGRAM}\n{all}")).unwrap();
    let ran = at(here, &["test", "p.play"]);
    assert!(ran.code == 0 && ran.out.contains("4 passed"), "{ran:?}");
}

#[test]
fn a_program_that_decides_otherwise_is_told() {
    let folder = recorded();
    let here = folder.path();
    let cases = store::runs(&here.join("s"));
    let run = |state: &str, outcome: &str| {
        let found = cases.iter().find(|run| run["state"] == state && run["outcome"] == outcome);
        found.unwrap_or_else(|| panic!("no {state} in {cases:#?}"))["run"].as_str().unwrap().to_string()
    };
    let few = run("closed", "FalsePositive");
    std::fs::write(
        here.join("p.play"),
        PROGRAM.replace("close FalsePositive because \"few\"", "close Duplicate because \"few\""),
    )
    .unwrap();
    let ran = at(here, &["test", "p.play", "--from-trace", &few, "--store", "s"]);
    assert!(ran.code == 1 && ran.out.contains("expect closed FalsePositive"), "{ran:?}");
    assert!(ran.err.contains("does not hold today: expected it closed as FalsePositive"), "{ran:?}");

    // From a file, and for a program that has lost what the run needs.
    let trace = at(here, &["trace", "export", &few, "--store", "s", "-o", "run.jsonl"]);
    assert_eq!(trace.code, 0, "{trace:?}");
    std::fs::write(here.join("p.play"), PROGRAM.replace("playbook fine", "playbook few")).unwrap();
    let ran = at(here, &["test", "p.play", "--from-trace", "run.jsonl"]);
    assert!(ran.code == 2 && ran.err.contains("there is no playbook `fine` any more"), "{ran:?}");
    std::fs::write(here.join("p.play"), PROGRAM).unwrap();
    let ran = at(here, &["test", "p.play", "--from-trace", "run.jsonl"]);
    assert_eq!(ran.code, 0, "{ran:?}");

    let waits = cases.iter().find(|run| run["state"] == "waiting").unwrap()["run"].as_str().unwrap();
    let ran = at(here, &["test", "p.play", "--from-trace", waits, "--store", "s"]);
    assert!(ran.code == 2 && ran.err.contains("it is not over"), "{ran:?}");
    let ran = at(here, &["test", "p.play", "--from-trace", waits, "--store", "s", "--format", "json"]);
    assert!(ran.code == 2 && ran.err.contains("--format is text"), "{ran:?}");
}

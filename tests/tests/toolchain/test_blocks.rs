//! What a `test` block can give and expect, as `playc test` tells it. Each expectation holds once and fails once.

use play_tests::playc;

const PROGRAM: &str = r#"use std.connectors.{okta, tickets}

case Login { user: OktaUserId, tries: Int }

guard suspensions covers okta.suspend { allow }

playbook triage for Login {
  let first = okta.user(case.user) else none
  if first == none { note "no answer the first time" }
  for n in [1, 2] {
    if let user = okta.user(case.user) { note "{n}: {user.status}" }
  }
  if case.tries > 3 {
    set severity = High because "{case.tries} tries"
    route to queue.identity because "an account is at risk"
    do okta.suspend(case.user) for 4h else hand over to queue.tier2 because "not suspended"
  }
  do tickets.open(title: "t", text: "x", severity: case.severity) else hand over to queue.tier2 because "no ticket"
  close TruePositive because "done"
}
"#;

fn test(steps: &str) -> playc::Ran {
    playc::test(&format!("{PROGRAM}\n{steps}"))
}

#[test]
fn answers_come_in_sequence_and_the_last_one_stays() {
    let ran = test(
        r#"
test "fails, then answers, then says no" {
  given Login { user: "ada", tries: 1 }
  given okta.user(_) fails Timeout after 2s
    then returns OktaUser { id: "ada", status: "ACTIVE" }
    then fails Denied "locked out" after 1s
  given tickets.open returns "T-1"
  run triage
  expect noted "1: ACTIVE"
  expect read okta.user("ada") times 3
  expect noted "no answer the first time"
}
"#,
    );
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn what_was_expected_and_what_was_seen() {
    let steps = r#"
test "all of it holds" {
  given Login { user: "ada", tries: 5 }
  given okta.user fails NotFound
  run triage
  expect did okta.suspend("ada") times 1
  expect did okta.suspend before tickets.open
  expect read okta.user
  expect read okta.user("bob") times 0
  expect set severity = High
  expect routed to queue.identity
  expect routed
}

test "none of it holds" {
  given Login { user: "ada", tries: 1 }
  given okta.user fails NotFound
  run triage
  expect did tickets.open times 2
  expect did tickets.open before okta.suspend("ada")
  expect read okta.user("bob")
  expect set severity = High
  expect routed
  expect routed to queue.tier2
}

test "set, but not to that" {
  given Login { user: "ada", tries: 5 }
  given okta.user fails NotFound
  run triage
  expect set severity = Low
  expect routed to queue.tier2
  expect did tickets.open before okta.suspend
}
"#;
    let ran = test(steps);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn ci_reads_junit_and_scripts_read_json() {
    let folder = tempfile::tempdir().unwrap();
    let steps = "test \"it <fails>\" {\n  given Login { user: \"ada\", tries: 1 }\n  given okta.user fails NotFound after 1s\n  run triage\n  expect handed over\n}\n";
    std::fs::write(folder.path().join("main.play"), format!("{PROGRAM}\n{steps}")).unwrap();
    let run = |format: &str| {
        let mut command = playc::command(&["test", "main.play", "--format", format]);
        playc::ran(command.current_dir(folder.path()).output())
    };
    let junit = run("junit");
    assert_eq!(junit.code, 1);
    insta::assert_snapshot!("junit", junit.out);
    insta::assert_snapshot!("json", run("json").out);
    assert_eq!(run("jsonl").out.lines().count(), 1);
}

//! What a test expects of refusals and of reasons: it holds once and fails once, and a failure shows both sides.

use play_tests::playc;

const PROGRAM: &str = r#"use std.connectors.{okta, tickets}

case Login { user: OktaUserId, also: OktaUserId, tries: Int }

guard suspensions covers okta.suspend {
  never when act.id == "root"
  limit 1 per 1h
  allow
}

playbook triage for Login {
  set severity = High because "{case.tries} tries"
  route to queue.identity because "an account is at risk"
  step contain {
    do okta.suspend(case.user) for 4h
    do okta.suspend(case.also) for 4h
  } else {
    rollback because "half is worse than none" else note "some of it stays"
    hand over to queue.tier2 because "not contained"
  }
  let ticket = do tickets.open(title: "t", text: "x", severity: case.severity) else hand over to queue.tier2 because "no ticket"
  close TruePositive because "contained: {ticket}"
}
"#;

fn test(steps: &str) -> playc::Ran {
    playc::test(&format!("{PROGRAM}\n{steps}"))
}

#[test]
fn a_refusal_is_one_of_these_arguments() {
    let ran = test(
        r#"
test "the second is one too many" {
  given Login { user: "ada", also: "ben", tries: 5 }
  run triage
  expect refused okta.suspend("ben") by guard suspensions
  expect refused okta.suspend("ben")
  expect refused okta.suspend(_) by guard suspensions
  expect never refused okta.suspend("ada")
  expect reasons ["5 tries", "at risk", "half is worse", "not contained"]
}

test "root never" {
  given Login { user: "root", also: "ben", tries: 5 }
  run triage
  expect refused okta.suspend("root") by guard suspensions
  expect never refused okta.suspend("ben")
  expect reasons ["", "", "", ""]
}
"#,
    );
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn both_sides_are_shown() {
    let ran = test(
        r#"
test "refused" {
  given Login { user: "ada", also: "ben", tries: 5 }
  run triage
  expect refused okta.suspend("ada") by guard suspensions
  expect never refused okta.suspend("ben")
}

test "reasons: another, one too few, one too many" {
  given Login { user: "ada", also: "ben", tries: 5 }
  run triage
  expect reasons ["5 tries", "nothing is at risk", "half is worse", "not contained"]
  expect reasons ["5 tries", "at risk", "half is worse"]
  expect reasons ["5 tries", "at risk", "half is worse", "not contained", "contained"]
  expect reasons []
}
"#,
    );
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn what_is_no_expectation_is_an_error() {
    let lines = [
        "expect reason [\"a\"]",
        "expect reasons [1]",
        "expect refused okta.suspend(\"a\", 2)",
        "expect refused okta.user(_)",
    ];
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            let ran = test(&format!("\ntest \"t\" {{\n  given Login {{ user: \"a\", also: \"b\", tries: 1 }}\n  run triage\n  expect handed over\n  {line}\n}}\n"));
            assert_eq!(ran.code, 1, "{ran:?}");
            format!("{line}\n{}", ran.err)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

const REASONS: &str = r#"
case T { s: String }
connector x {
  config { base_url: Url }
  write cut(q: String) -> String
    POST "/cut" json { q: q }
    expect 200 -> body
    undo free(q)
    class change
  write free(q: String) -> String
    POST "/free" json { q: q }
    expect 200 -> body
    class restore
}
guard cuts covers x.cut { else approval from role.lead within 1h else refuse }
guard frees covers x.free { allow }
playbook p for T {
  set severity = Low because "nothing yet"
  set severity = High because "{case.s} is bad"
  route to queue.tier1 because "they know {case.s}"
  do x.cut(case.s) else hand over to queue.tier2 because "not cut: {failure.words}"
  close TruePositive because "{case.s} is cut off"
}
test "t" {
  given T { s: "host-1" }
  given role.lead approves because "ours to cut"
  run p
  EXPECT
}
"#;

#[test]
fn the_reason_of_one_thing() {
    for (expect, instead) in [
        ("closed TruePositive because \"host-1 is cut\"", None),
        ("closed TruePositive because \"bad\"", Some("it is \"host-1 is cut off\"")),
        ("closed FalsePositive because \"host-1 is cut\"", Some("it was closed as TruePositive")),
        ("set severity = High because \"is bad\"", None),
        ("set severity = High because \"nothing\"", Some("it is \"host-1 is bad\"")),
        ("set severity = Low because \"nothing\"", None),
        ("routed to queue.tier1 because \"they know\"", None),
        ("routed because \"nobody\"", Some("it is \"they know host-1\"")),
        ("approved x.cut because \"ours\"", None),
        ("approved x.cut(\"host-1\") by role.lead because \"theirs\"", Some("it is \"ours to cut\"")),
        ("handed over because \"x\"", Some("it was closed")),
    ] {
        let ran = playc::test(&REASONS.replace("EXPECT", &format!("expect {expect}")));
        match instead {
            None => assert_eq!(ran.code, 0, "{expect}: {ran:?}"),
            Some(instead) => {
                assert_eq!(ran.code, 1, "{expect}: {ran:?}");
                assert!(ran.out.contains(instead), "{expect}: {ran:?}");
            }
        }
    }
}

#[test]
fn what_has_no_reason_is_said() {
    let ran = playc::test(&REASONS.replace("EXPECT", "expect undone x.cut because \"x\""));
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(format!("{ran:?}").contains("there is no reason for what is expected here"), "{ran:?}");
}

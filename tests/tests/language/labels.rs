//! `reveal`, and text that looks like a template.

use crate::both::{of_kind, tested};

#[test]
fn what_is_revealed_is_recorded_in_its_place() {
    let (_, lines) = tested(
        r#"
case Login { user: String pii }
playbook q for Login {
  note "before"
  let who = reveal case.user because "the desk calls the user"
  note "it was {who}"
  let sent = do x.w(reveal case.user because "the ticket needs it") else "not sent"
  close FalsePositive because "{sent}"
}
test "t" {
  given Login { user: "ada" }
  given x.w("ada") returns "sent" after 1s
  run q
  expect noted "it was ada"
  expect did x.w("ada")
}"#,
    );
    let revealed = of_kind(&lines, "privacy.revealed");
    assert_eq!(revealed.len(), 2, "{lines:#?}");
    for part in [r#""because":{"val":"the desk calls the user"}"#, r#""label":"pii""#] {
        assert!(revealed[0].contains(part), "{}", revealed[0]);
    }
    let order: Vec<_> = lines.iter().filter_map(|l| l.split("\"k\":\"").nth(1)?.split('"').next()).collect();
    // The lines of one step are in the order of their nodes, and an act's stands before those of its arguments: both are
    // durable before the act is sent.
    let wanted =
        ["run.opened", "case.noted", "privacy.revealed", "case.noted", "act.intended", "privacy.revealed"];
    assert_eq!(order[..6], wanted);
}

/// Other systems evaluate their templates again when data has come into them.
#[test]
fn data_that_looks_like_a_template_stays_text() {
    tested(
        r#"
playbook p for T {
  let said = x.a(case.s) else "nothing"
  note "{said} {case.s}"
  close FalsePositive because "{case.s}{case.s}"
}
test "t" {
  given T { s: "\{case.id\} ${steps.0} {{ 1 + 1 }}" }
  given x.a(_) returns "\{case.s\}"
  run p
  expect noted "\{case.s\} \{case.id\} ${steps.0}"
  expect because contains "\{case.id\} ${steps.0}"
}"#
        .replace("${steps.0} {{ 1 + 1 }}", r"$\{steps.0\} \{\{ 1 + 1 \}\}")
        .replace("${steps.0}", r"$\{steps.0\}")
        .as_str(),
    );
}

/// Which kind of failure it was says nothing of whoever was asked for; its words may.
#[test]
fn the_kind_of_a_failure_is_not_personal() {
    tested(
        r#"
case Login { user: String pii }
connector people {
  config { base_url: Url }
  read age(of: String pii) -> Int
    GET "/{of}"
    expect 200 -> body
}
playbook q for Login {
  let age = people.age(case.user) else hand over to queue.q because "no answer: {failure.kind}"
  close FalsePositive because "{age}"
}
test "t" {
  given Login { user: "ada" }
  given people.age(_) fails NotFound "no ada here"
  run q
  expect because contains "NotFound"
}"#,
    );
}

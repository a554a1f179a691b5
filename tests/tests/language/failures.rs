//! `failure` in the `else` of a call.

use crate::both::{of_kind, tested};

#[test]
fn an_else_tells_failures_apart() {
    for (fails, gives) in [
        ("fails NotFound", "nobody"),
        ("fails Timeout", "later"),
        ("fails Denied", "other"),
        (r#"returns "ada""#, "ada"),
    ] {
        tested(&format!(
            r#"
failures Transient = Timeout | Unavailable | RateLimited
playbook p for T {{
  let who = x.a(case.s) else match failure.kind {{
    NotFound => "nobody"
    Transient => "later"
    _ => "other"
  }}
  close FalsePositive because who
}}
test "t" {{
  given T {{ s: "s" }}
  given x.a(_) {fails}
  run p
  expect closed FalsePositive
  expect because contains "{gives}"
}}"#
        ));
    }
}

#[test]
fn what_an_arm_does_by_the_failure_is_a_decision() {
    let (_, lines) = tested(
        r#"
playbook p for T {
  let who = x.b(case.s) else match failure.kind {
    NotFound => "nobody"
    Timeout | BadResponse => hand over to queue.tier2 because "no answer: {failure.words}"
  }
  close FalsePositive because who
}
test "t" {
  given T { s: "s" }
  given x.b(_) fails Timeout
  run p
  expect handed over to queue.tier2
}"#,
    );
    let decided = of_kind(&lines, "decision.decided");
    assert_eq!(decided.len(), 1, "{lines:#?}");
    assert!(decided[0].contains(r#""on":{"val":"Timeout"}"#), "{}", decided[0]);
    assert!(decided[0].contains(r#""took":"Timeout | BadResponse""#), "{}", decided[0]);
}

#[test]
fn a_failure_that_is_not_declared_is_a_bad_response_that_says_which() {
    let (_, lines) = tested(
        r#"
playbook p for T {
  let who = x.b(case.s) else match failure.kind {
    NotFound | Timeout => "as declared"
    BadResponse => failure.words
  }
  close FalsePositive because who
}
test "t" {
  given T { s: "s" }
  given x.b(_) fails Denied
  run p
  expect because contains "Denied: "
}"#,
    );
    // The evidence keeps what happened.
    assert!(of_kind(&lines, "read.failed")[0].contains(r#""failure":"Denied""#), "{lines:#?}");
}

#[test]
fn the_failure_of_a_write_and_of_an_if_let() {
    tested(
        r#"
playbook p for T {
  if let a = x.a(case.s) { note "found {a}" } else { note "{failure.kind}" }
  for n in ["1", "2"] {
    do x.w(n) else {
      let words = x.a(failure.words) else "nothing of it"
      note "{n} {failure.kind}: {words}"
    }
  }
  close FalsePositive because "done"
}
test "t" {
  given T { s: "s" }
  given x.a("s") fails RateLimited
  given x.a(_) fails Unavailable
  given x.w("1") returns "done"
  given x.w("2") fails Denied
  run p
  expect noted "RateLimited"
  expect noted "2 Denied: nothing of it"
}"#,
    );
}

#[test]
fn the_inner_failure_is_the_one_of_the_inner_call() {
    tested(
        r#"
playbook p for T {
  let who = x.a("1") else {
    let first = failure.kind
    x.a("2") else "{first} {failure.kind}"
  }
  close FalsePositive because who
}
test "t" {
  given T { s: "s" }
  given x.a("1") fails Denied after 2s
  given x.a("2") fails Unavailable
  run p
  expect because contains "Denied Unavailable"
}"#,
    );
}

#[test]
fn the_else_of_a_step_knows_what_failed_it() {
    for (fails, words) in [
        (r#"given x.a("1") fails Denied "locked out""#, "Denied: locked out"),
        (r#"given x.b("2") fails Timeout "too slow""#, "Timeout: too slow"),
        (r#"given x.w("last") fails Unavailable"#, "Unavailable"),
    ] {
        tested(&format!(
            r#"
playbook p for T {{
  let before = x.a("0") else "nothing"
  step look {{
    for n in ["1", "2"] {{
      let a = x.a(n)
      let b = x.b(n)
      note "{{a}} {{b}}"
    }}
    do x.w("last")
  }} else {{
    let again = x.a("0") else "no {{failure.kind}}"
    hand over to queue.tier2 because "{{failure.kind}}: {{failure.words}}, {{before}}, {{again}}"
  }}
  close FalsePositive because "done"
}}
test "t" {{
  given T {{ s: "s" }}
  {fails}
  given x.a("0") fails RateLimited after 5s
  given x.a(_) returns "a" after 2s
  given x.b(_) returns "b" after 1s
  given x.w(_) returns "w"
  run p
  expect because contains "{words}"
  expect because contains "nothing, no RateLimited"
}}"#
        ));
    }
}

#[test]
fn the_failure_of_a_step_decides_and_the_step_round_it_has_its_own() {
    let (_, lines) = tested(
        r#"
playbook p for T {
  step outer {
    step inner {
      do x.w("1")
      let b = x.b("2")
      note b
    } else {
      match failure.kind {
        NotFound => note "not there"
        Denied | Timeout | BadResponse => do x.w(failure.words)
        _ => note "other"
      }
    }
  } else {
    if failure.kind == Rejected { note "then {failure.kind}" }
    hand over to queue.tier2 because "{failure.words}"
  }
  close FalsePositive because "done"
}
test "t" {
  given T { s: "s" }
  given x.w("1") returns "w"
  given x.b(_) fails Timeout "late"
  given x.w("late") fails Rejected "no such thing"
  run p
  expect noted "then Rejected"
  expect because contains "no such thing"
}"#,
    );
    let decided = of_kind(&lines, "decision.decided");
    assert!(decided[0].contains(r#""took":"Denied | Timeout | BadResponse""#), "{}", decided[0]);
}

#[test]
fn a_match_on_the_failure_of_a_step_covers_what_the_calls_in_it_can_end_in() {
    tested(
        r#"
playbook p for T {
  step look {
    let b = x.b("2")
    note b
  } else {
    match failure.kind {
      NotFound => note "nobody"
      Timeout | BadResponse => hand over to queue.tier2 because failure.words
    }
  }
  close FalsePositive because "done"
}
test "t" {
  given T { s: "s" }
  given x.b(_) fails NotFound
  run p
  expect noted "nobody"
}"#,
    );
}

//! Where a containment has an end, and where not: by the ways through a playbook.

use play_check::{Input, check};
use play_program::artifact::SourceFile;

const HEAD: &str = r#"
case T { s: String, n: Int }
connector x {
  config { base_url: Url }
  read a(q: String) -> Int
    GET "/a/{q}"
    expect 200 -> body
  write cut(q: String) -> String
    POST "/cut" json { q: q }
    expect 200 -> body
    undo join(q)
    class contain
  write join(q: String) -> String
    POST "/join" json { q: q }
    expect 200 -> body
    class restore
  write drop(q: String) -> String
    POST "/drop" json { q: q }
    expect 200 -> body
    class contain
    irreversible because "what is dropped is gone"
}
guard all covers x.cut, x.join { allow }
guard drops covers x.drop { else approval from role.lead within 1h else refuse }
"#;

/// The codes of what is said about a body.
fn said(body: &str) -> Vec<String> {
    let text = format!("{HEAD}playbook p for T {{\n{body}\n}}\n");
    let files = vec![SourceFile { path: "t.play".into(), text }];
    let checked = check(&Input { project: "t".into(), files }, &|_| None);
    checked.diagnostics.iter().map(|d| d.code.to_string()).collect()
}

macro_rules! ends {
    ($($name:ident $code:expr, $body:literal)*) => {
        $(#[test] fn $name() { assert_eq!(said($body), $code as &[&str], "{}", $body); })*
    };
}

ends! {
    without_anything_it_has_none &["P5050"], r#"do x.cut("a") else none
close TruePositive because "x""#
    a_time_is_one &[], r#"do x.cut("a") for 4h else none
close TruePositive because "x""#
    what_was_not_done_needs_none &[], r#"do x.cut("a") else close TruePositive because "x"
hand over to queue.q because "x""#
    a_person_who_gets_the_case_is_one &[], r#"do x.cut("a") else none
hand over to queue.q because "x""#
    one_way_that_closes_is_enough &["P5050"], r#"do x.cut("a") else none
if case.n > 3 { hand over to queue.q because "x" }
close TruePositive because "x""#
    the_playbook_takes_it_back &[], r#"do x.cut("a") else none
wait 1h
do x.join("a") else hand over to queue.q because "x"
close TruePositive because "x""#
    taken_back_on_one_way_only &["P5050"], r#"do x.cut("a") else none
if case.n > 3 { do x.join("a") else hand over to queue.q because "x" }
close TruePositive because "x""#
    what_takes_it_back_may_fail &["P5050"], r#"do x.cut("a") else none
do x.join("a") else none
close TruePositive because "x""#
    a_rollback_is_one &[], r#"do x.cut("a") else none
rollback because "x" else hand over to queue.q because "x"
close TruePositive because "x""#
    a_rollback_of_another_step_is_none &["P5050"], r#"do x.cut("a") else none
step s { do x.cut("b") for 1h } else {
  rollback because "x" else hand over to queue.q because "x"
  close TruePositive because "x"
}
hand over to queue.q because "x""#
    a_step_may_fail_behind_it &["P5050"], r#"step s {
  do x.cut("a")
  do x.drop("b")
} else { close TruePositive because "x" }
hand over to queue.q because "x""#
    a_loop_leaves_what_its_passes_did &["P5050"], r#"for q in ["a", "b"] { do x.cut(q) else none }
close TruePositive because "x""#
    the_next_pass_closes &["P5050"], r#"for q in ["a", "b"] {
  let n = x.a(q) else 1
  if n > 3 { close TruePositive because "x" }
  do x.cut(q) else none
}
hand over to queue.q because "x""#
    what_cannot_be_taken_back_has_none_to_have &[], r#"do x.drop("a") else none
approve x.cut("a") from role.lead within 1h because "it is known to be bad" else hand over to queue.q because "x"
do x.cut("a") irreversible because "it is known to be bad" else none
close TruePositive because "x""#
    another_error_is_told_alone &["P5004"], r#"do x.cut("a") else none
close TruePositive"#
}

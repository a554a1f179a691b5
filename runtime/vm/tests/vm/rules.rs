//! The walking rules, each with a playbook that shows it.

use crate::common::Run;

#[test]
fn two_chains_do_not_wait_for_each_other() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  let x = c.a(1) else 0
  let y = c.b(x) else 0
  let z = c.a(2) else 0
  let u = c.b(z) else 0
  close Duplicate because "{y} {u}"
}"#,
    );
    run.answer("c.a(2)", 20);
    run.answer("c.b(20)", 21);
    run.answer("c.a(1)", 10);
    run.answer("c.b(10)", 11);
    insta::assert_snapshot!(run.log);
}

#[test]
fn passes_with_reads_run_side_by_side() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  let all = for n in [1, 2, 3] {
    let x = c.a(n) else 0
    c.b(x) else x
  }
  close Duplicate because "{all.map(n => "{n}").join(" ")}"
}"#,
    );
    run.answer("c.a(2)", 20);
    run.answer("c.a(3)", 30);
    run.fail("c.b(30)");
    run.answer("c.a(1)", 10);
    run.answer("c.b(10)", 11);
    run.answer("c.b(20)", 21);
    insta::assert_snapshot!(run.log);
}

#[test]
fn passes_with_an_act_run_one_after_the_other() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  for n in [1, 2] {
    let x = c.a(n) else 0
    do c.w(x) else { note "{n} failed" }
  }
  close Duplicate because "done"
}"#,
    );
    run.answer("c.a(1)", 10);
    run.fail("c.w(10)");
    run.answer("c.a(2)", 20);
    run.answer("c.w(20)", 0);
    insta::assert_snapshot!(run.log);
}

#[test]
fn an_else_arm_that_ends_the_run_waits_for_what_is_ordered_before_it() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  let x = c.a(1) else hand over to queue.first because "no first"
  let y = c.a(2) else hand over to queue.second because "no second"
  close Duplicate because "{x} {y}"
}"#,
    );
    // The second fails first; but the first may still end the run, and then it does.
    run.fail("c.a(2)");
    run.fail("c.a(1)");
    insta::assert_snapshot!(run.log);
}

#[test]
fn an_act_does_not_wait_for_a_read_that_has_nothing_to_do_with_it() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  let x = c.a(1) else 0
  do c.w(case.n) else { }
  let y = c.b(2) else 0
  close Duplicate because "{x} {y}"
}"#,
    );
    run.answer("c.w(7)", 0);
    run.answer("c.a(1)", 1);
    run.answer("c.b(2)", 2);
    insta::assert_snapshot!(run.log);
}

#[test]
fn a_field_is_pending_until_the_set_before_it_is_settled() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  let before = c.a(case.n) else 0
  let old = case.n + before
  set n = c.b(1) else 5 because "known now"
  let after = c.a(case.n) else 0
  close Duplicate because "{old} {after} {case.n}"
}"#,
    );
    run.answer("c.b(1)", 9);
    run.answer("c.a(7)", 100);
    run.answer("c.a(9)", 200);
    insta::assert_snapshot!(run.log);
}

#[test]
fn what_was_read_before_a_set_keeps_its_value() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  let x = c.a(1) else 0
  let old = "{case.n} {x}"
  set n = 9 because "at once"
  let new = c.b(case.n) else 0
  close Duplicate because "{old}, {new}"
}"#,
    );
    run.answer("c.b(9)", 2);
    run.answer("c.a(1)", 1);
    insta::assert_snapshot!(run.log);
}

#[test]
fn a_set_in_a_branch_not_taken_yet_blocks_what_reads_the_field() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  if (c.a(1) else 0) > 3 { set n = 1 because "high" }
  let y = c.b(case.n) else 0
  close Duplicate because "{y} {case.n}"
}"#,
    );
    run.answer("c.a(1)", 2);
    run.answer("c.b(7)", 0);
    insta::assert_snapshot!(run.log);
}

#[test]
fn a_fault_waits_for_what_is_ordered_before_it() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  let x = c.a(1) else hand over to queue.first because "no answer"
  let y = 1 / (case.n - 7)
  close Duplicate because "{x} {y}"
}"#,
    );
    run.answer("c.a(1)", 1);
    insta::assert_snapshot!(run.log);
}

#[test]
fn a_fault_in_a_function_is_the_end_and_comes_last() {
    let run = Run::start(
        r#"fn share(n: Int) -> Int { 100 / n }
playbook p for Alert {
  note "before"
  let x = share(case.n - 7)
  close Duplicate because "{x}"
}"#,
    );
    insta::assert_snapshot!(run.log);
}

#[test]
fn a_decision_says_what_it_rests_on() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  if case.n > 3 and not (case.title == "x" or case.user == none) or case.n in [1, 2] { note "never" }
  if let u = case.user { note u } else { note "nobody" }
  match c.a(1) else 0 {
    0 | 1 => note "few"
    _ => note "many"
  }
  if let n = c.b(1) { note "{n}" }
  close Duplicate because "done"
}"#,
    );
    run.fail("c.b(1)");
    run.answer("c.a(1)", 1);
    insta::assert_snapshot!(run.log);
}

#[test]
fn the_right_side_of_and_is_asked_only_when_it_decides() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  let both = (c.a(1) else 0) > 0 and (c.b(1) else 0) > 0
  let pair = [c.a(2) else 0, c.b(2) else 0]
  close Duplicate because "{both} {pair.len}"
}"#,
    );
    run.answer("c.a(1)", 0);
    run.answer("c.a(2)", 0);
    run.answer("c.b(2)", 0);
    insta::assert_snapshot!(run.log);
}

#[test]
fn an_answer_after_the_end_changes_nothing() {
    let mut run = Run::start(
        r#"playbook p for Alert {
  let _x = c.a(1) else hand over to queue.tier2 because "no answer"
  let y = c.a(2) else 0
  close Duplicate because "{c_of(y)}"
}
fn c_of(n: Int) -> Int { n }"#,
    );
    run.fail("c.a(1)");
    run.answer("c.a(2)", 1);
    insta::assert_snapshot!(run.log);
}

//! The rules of `play_program::exec`, one after the other, as runs over virtual time.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may stop"
)]

mod world;

use insta::assert_snapshot;
use world::run;

#[test]
fn two_chains_cost_the_longer_one() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let a = svc.ask("a") else 0
  let b = svc.ask("b{a}") else 0
  let c = svc.ask("c") else 0
  let d = svc.ask("d{c}") else 0
  close TruePositive because "{b + d}"
}
test "t" {
  given Alarm { n: 0, names: [] }
  given svc.ask("a") returns 1 after 100ms
  given svc.ask("b1") returns 10 after 400ms
  given svc.ask("c") returns 2 after 300ms
  given svc.ask("d2") returns 20 after 100ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s read svc.ask(a)
       0s read svc.ask(c)
    100ms read svc.ask(b1)
    300ms read svc.ask(d2)
    500ms close TruePositive because 30
    ");
}

#[test]
fn the_passes_of_a_for_run_side_by_side_when_they_only_read() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let sum = (for name in case.names { svc.ask(name) else 0 }).sum() else 0
  close TruePositive because "{sum}"
}
test "t" {
  given Alarm { n: 0, names: ["x", "y", "z"] }
  given svc.ask("y") fails Timeout after 500ms
  given svc.ask(_) returns 3 after 200ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s read svc.ask(x)
       0s read svc.ask(y)
       0s read svc.ask(z)
    500ms close TruePositive because 6
    ");
}

#[test]
fn passes_with_a_do_run_one_after_the_other() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  for name in case.names {
    let n = svc.ask(name) else 0
    let done = do svc.act("{name}{n}") else "failed"
    note "{name}: {done}"
  }
  close TruePositive because "done"
}
test "t" {
  given Alarm { n: 0, names: ["x", "y"] }
  given svc.ask(_) returns 1 after 100ms
  given svc.act("x1") fails Denied after 50ms
  given svc.act(_) returns "ok" after 50ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s read svc.ask(x)
    100ms do svc.act(x1)
    150ms note x: failed
    150ms read svc.ask(y)
    250ms do svc.act(y1)
    300ms note y: ok
    300ms close TruePositive because done
    ");
}

#[test]
fn a_do_does_not_wait_for_an_unrelated_read() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let slow = svc.ask("slow") else 0
  do svc.act("now") else none
  let after = svc.ask("after") else 0
  close TruePositive because "{slow} {after}"
}
test "t" {
  given Alarm { n: 0, names: [] }
  given svc.ask("slow") returns 1 after 1s
  given svc.ask(_) returns 2 after 100ms
  given svc.act(_) returns "ok" after 200ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s read svc.ask(slow)
       0s do svc.act(now)
    200ms read svc.ask(after)
       1s close TruePositive because 1 2
    ");
}

#[test]
fn a_do_waits_for_an_else_before_it_that_may_end_the_run() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let slow = svc.ask("slow") else close FalsePositive because "slow failed"
  do svc.act("now") else none
  close TruePositive because "{slow}"
}
test "t" {
  given Alarm { n: 0, names: [] }
  given svc.ask("slow") returns 1 after 1s
  given svc.act(_) returns "ok" after 200ms
  run p
  expect closed TruePositive
}
"#), @r"
        0s read svc.ask(slow)
        1s do svc.act(now)
    1s200ms close TruePositive because 1
    ");
}

#[test]
fn of_two_failures_the_first_in_the_source_ends_the_run_whichever_comes_first() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let a = svc.ask("a") else close FalsePositive because "a failed"
  let b = svc.ask("b") else close BenignPositive because "b failed"
  close TruePositive because "{a + b}"
}
test "t" {
  given Alarm { n: 0, names: [] }
  given svc.ask("a") fails Timeout after 500ms
  given svc.ask("b") fails Timeout after 100ms
  run p
  expect closed FalsePositive
}
"#), @r"
       0s read svc.ask(a)
       0s read svc.ask(b)
    500ms close FalsePositive because a failed
    ");
}

#[test]
fn an_else_that_gives_a_value_holds_nothing_up() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let a = svc.ask("a") else 7
  note "this does not wait for a"
  let b = svc.ask("b") else svc.ask("b again") else 8
  note "this waits for b: {b}"
  close TruePositive because "{a}"
}
test "t" {
  given Alarm { n: 0, names: [] }
  given svc.ask("a") fails Timeout after 500ms
  given svc.ask("b") fails NotFound after 100ms
  given svc.ask("b again") returns 9 after 100ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s read svc.ask(a)
       0s note this does not wait for a
       0s read svc.ask(b)
    100ms read svc.ask(b again)
    200ms note this waits for b: 9
    500ms close TruePositive because 7
    ");
}

#[test]
fn a_field_that_was_set_is_read_as_it_was_set() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  note "{case.n}"
  let a = svc.ask("a") else 0
  set n = a because "a says so"
  let b = svc.ask("of {case.n}") else 0
  let c = svc.ask("not of n") else 0
  if b > c { set n = case.n + 1 because "b is more" }
  close TruePositive because "{case.n}"
}
test "t" {
  given Alarm { n: 1, names: [] }
  given svc.ask("a") returns 5 after 100ms
  given svc.ask("of 5") returns 9 after 100ms
  given svc.ask(_) returns 2 after 50ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s note 1
       0s read svc.ask(a)
       0s read svc.ask(not of n)
    100ms set n from 1 to 5 because a says so
    100ms read svc.ask(of 5)
    200ms decided then: `b > c` true [9 | 2]
    200ms set n from 5 to 6 because b is more
    200ms close TruePositive because 6
    ");
}

#[test]
fn a_field_in_a_branch_that_is_not_decided_is_not_read() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let a = svc.ask("a") else 0
  if a > 10 { set n = 100 because "a is large" } else { note "a is small" }
  let b = svc.ask("of {case.n}") else 0
  close TruePositive because "{b}"
}
test "t" {
  given Alarm { n: 1, names: [] }
  given svc.ask("a") returns 5 after 100ms
  given svc.ask(_) returns 2 after 50ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s read svc.ask(a)
    100ms decided else: `a > 10` false [5 | 10]
    100ms note a is small
    100ms read svc.ask(of 1)
    150ms close TruePositive because 2
    ");
}

#[test]
fn a_branch_that_is_not_taken_asks_nothing() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let extra = if case.n > 3 and case.names.contains("x") { svc.ask("x") else 1 } else { 0 }
  let more = if not (case.n > 3 or case.names.is_empty) { 0 } else { svc.ask("more") else 1 }
  if let m = case.m { note "m is {m}" } else { note "no m" }
  match case.n {
    4 => note "four"
    _ => note "not four"
  }
  close TruePositive because "{extra + more}"
}
test "t" {
  given Alarm { n: 2, names: [] }
  given svc.ask(_) returns 2 after 50ms
  run p
  expect closed TruePositive
}
"#), @r#"
      0s decided else: `case.n > 3` false [2 | 3], `case.names.contains("x")` skipped
      0s decided else: `case.n > 3` false [2 | 3], `case.names.is_empty` true
      0s read svc.ask(more)
      0s decided else: `case.m` = none
      0s note no m
      0s decided _: `case.n` = 2
      0s note not four
    50ms close TruePositive because 2
    "#);
}

#[test]
fn a_condition_may_ask_and_its_parts_are_told() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  if (svc.ask("a") else 0) > 3 and not ((svc.ask("b") else 0) == case.n) or case.n < 0 {
    note "yes"
  } else if case.n > 0 {
    note "no"
  }
  if let answer = svc.ask("c") { note "c is {answer}" } else { note "no c" }
  close TruePositive because "done"
}
test "t" {
  given Alarm { n: 2, names: [] }
  given svc.ask("a") returns 4 after 100ms
  given svc.ask("b") returns 2 after 100ms
  given svc.ask("c") fails Timeout after 50ms
  run p
  expect closed TruePositive
}
"#), @r#"
       0s read svc.ask(a)
       0s read svc.ask(c)
     50ms decided else: `svc.ask("c")` = none
    100ms read svc.ask(b)
    200ms decided else: `(svc.ask("a") else 0) > 3` true [4 | 3], `((svc.ask("b") else 0) == case.n)` true [2 | 2], `case.n < 0` false [2 | 0]
    200ms decided then: `case.n > 0` true [2 | 0]
    200ms note no
    200ms note no c
    200ms close TruePositive because done
    "#);
}

#[test]
fn a_fault_happens_in_its_place() {
    assert_snapshot!(run(r#"
fn half(of: Int, by: Int) -> Int { of / by }
playbook p for Alarm {
  let a = svc.ask("a") else 0
  note "before {a}"
  let b = half(10, case.n)
  note "after"
  close TruePositive because "{b}"
}
test "t" {
  given Alarm { n: 0, names: [] }
  given svc.ask("a") returns 5 after 100ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s read svc.ask(a)
    100ms note before 5
    100ms fault: division by zero at `of / by`
    ");
}

#[test]
fn a_fault_in_a_reason_ends_the_run_where_the_reason_is_given() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  set title = "seen" because "once"
  set n = 1 because "{9223372036854775807 + case.n}"
  close TruePositive because "never"
}
test "t" {
  given Alarm { n: 1, names: [] }
  run p
  expect closed TruePositive
}
"#), @r"
    0s set title from  to seen because once
    0s fault: overflow at `9223372036854775807 + case.n`
    ");
}

#[test]
fn a_write_that_was_lost_stops_what_comes_after_it() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let a = svc.ask("a") else 0
  do svc.act("x") else close FalsePositive because "refused"
  note "{a}"
  close TruePositive because "done"
}
test "t" {
  given Alarm { n: 1, names: [] }
  given svc.ask("a") returns 5 after 100ms
  given svc.act(_) is lost
  run p
  expect in doubt svc.act
}
"#), @r"
    0s read svc.ask(a)
    0s do svc.act(x)
    ");
}

#[test]
fn reads_in_a_list_and_in_arguments_run_side_by_side() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let both = [svc.ask("a") else 1, svc.ask("b") else 2]
  let sum = svc.ask("sum of {both.len}") else both.sum() else 0
  let text = shown(svc.ask("c") else 3)
  close TruePositive because "{sum} {text}"
}
fn shown(n: Int) -> String { "<{n}>" }
test "t" {
  given Alarm { n: 1, names: [] }
  given svc.ask("a") returns 5 after 100ms
  given svc.ask("b") returns 6 after 200ms
  given svc.ask("c") fails Denied after 10ms
  given svc.ask(_) fails NotFound after 100ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s read svc.ask(a)
       0s read svc.ask(b)
       0s read svc.ask(c)
    200ms read svc.ask(sum of 2)
    300ms close TruePositive because 11 <3>
    ");
}

#[test]
fn a_route_waits_for_its_turn() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let a = svc.ask("a") else 0
  if a > 0 { note "{a}" }
  route to queue.tier2 because "second"
  set severity = High because "third"
  hand over to role.soc_lead because "{case.severity}"
}
test "t" {
  given Alarm { n: 1, names: [] }
  given svc.ask("a") returns 5 after 100ms
  run p
  expect handed over to role.soc_lead
}
"#), @r"
       0s read svc.ask(a)
    100ms decided then: `a > 0` true [5 | 0]
    100ms note 5
    100ms route to queue.tier2 because second
    100ms set severity from Medium to High because third
    100ms hand over to role.soc_lead because High
    ");
}

#[test]
fn a_block_has_its_value_when_all_of_it_is_done() {
    assert_snapshot!(run(r#"
playbook p for Alarm {
  let slow = svc.ask("slow") else 0
  let x = if case.n > 0 {
    note "{slow}"
    5
  } else { 3 }
  let after = svc.ask("after {x}") else 0
  close TruePositive because "{after}"
}
test "t" {
  given Alarm { n: 1, names: [] }
  given svc.ask("slow") returns 1 after 300ms
  given svc.ask(_) returns 2 after 100ms
  run p
  expect closed TruePositive
}
"#), @r"
       0s read svc.ask(slow)
       0s decided then: `case.n > 0` true [1 | 0]
    300ms note 1
    300ms read svc.ask(after 5)
    400ms close TruePositive because 2
    ");
}

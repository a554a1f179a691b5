//! What starts when: two reads cost the slower, two chains the longer, and a write waits for what it needs and no more.

use crate::tested::{Compiled, by_machine, compiled};
use jiff::SignedDuration;
use play_scheduler::replay::{Replay, replay};
use play_scheduler::testing::TestResult;
use play_vm::Vm;

const HEAD: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.s as String? } }
connector x {
  config { base_url: Url }
  read a(q: String) -> String
    GET "/a/{q}"
    expect 200 -> body
  read b(q: String) -> String
    GET "/b/{q}"
    expect 200 -> body
  read c(q: String) -> String
    GET "/c/{q}"
    expect 200 -> body
  read d(q: String) -> String
    GET "/d/{q}"
    expect 200 -> body
  write w(q: String) -> String
    POST "/w" json { q: q }
    expect 200 -> body
    class notify
}
"#;

fn tested(text: &str) -> TestResult {
    crate::tested::tested(&format!("{HEAD}{text}"))
}

fn elapsed(text: &str) -> SignedDuration {
    tested(text).elapsed
}

#[test]
fn two_independent_reads_of_100_ms_cost_100_ms() {
    let took = elapsed(
        r#"
playbook p for T {
  let a = x.a(case.s) else "none"
  let b = x.b(case.s) else "none"
  close FalsePositive because "{a} {b}"
}
test "t" {
  given T { s: "s" }
  given x.a(_) returns "1" after 100ms
  given x.b(_) returns "2" after 100ms
  run p
  expect closed FalsePositive
  expect because contains "1 2"
}"#,
    );
    assert_eq!(took, SignedDuration::from_millis(100));
}

#[test]
fn two_chains_cost_the_longer_chain() {
    let took = elapsed(
        r#"
playbook p for T {
  let a = x.a(case.s) else "none"
  let b = x.b(a) else "none"
  let c = x.c(case.s) else "none"
  let d = x.d(c) else "none"
  close FalsePositive because "{b} {d}"
}
test "t" {
  given T { s: "s" }
  given x.a(_) returns "1" after 100ms
  given x.b(_) returns "2" after 10ms
  given x.c(_) returns "3" after 20ms
  given x.d(_) returns "4" after 50ms
  run p
  expect closed FalsePositive
}"#,
    );
    assert_eq!(took, SignedDuration::from_millis(110));
}

#[test]
fn the_passes_of_a_for_run_side_by_side() {
    let took = elapsed(
        r#"
playbook p for T {
  let all = for q in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"] { x.a(q) else "none" }
  close FalsePositive because "{all.len}"
}
test "t" {
  given T { s: "s" }
  given x.a(_) returns "1" after 100ms
  run p
  expect because contains "10"
}"#,
    );
    assert_eq!(took, SignedDuration::from_millis(100));
}

#[test]
fn a_write_waits_only_for_the_reads_it_depends_on() {
    let result = tested(
        r#"
playbook p for T {
  let slow = x.a(case.s) else "none"
  let quick = x.b(case.s) else "none"
  let done = do x.w(quick) else "failed"
  close FalsePositive because "{slow} {done}"
}
test "t" {
  given T { s: "s" }
  given x.a(_) returns "slow" after 900ms
  given x.b(_) returns "quick" after 10ms
  given x.w(_) returns "done" after 100ms
  run p
  expect because contains "slow done"
}"#,
    );
    assert_eq!(result.elapsed, SignedDuration::from_millis(900));
}

#[test]
fn no_read_after_a_write_starts_before_the_write_is_done() {
    let took = elapsed(
        r#"
playbook p for T {
  let done = do x.w(case.s) else "failed"
  let later = x.a(case.s) else "none"
  close FalsePositive because "{later} {done}"
}
test "t" {
  given T { s: "s" }
  given x.a(_) returns "a" after 100ms
  given x.w(_) returns "w" after 100ms
  run p
  expect because contains "a w"
}"#,
    );
    assert_eq!(took, SignedDuration::from_millis(200));
}

#[test]
fn failures_resolve_in_source_order_whatever_comes_first() {
    let result = tested(
        r#"
playbook p for T {
  let a = x.a(case.s) else hand over to queue.first because "a failed"
  let b = x.b(case.s) else hand over to queue.second because "b failed"
  close FalsePositive because "{a} {b}"
}
test "t" {
  given T { s: "s" }
  given x.a(_) fails Denied after 100ms
  given x.b(_) fails Denied after 10ms
  run p
  expect handed over to queue.first
}"#,
    );
    assert_eq!(result.elapsed, SignedDuration::from_millis(100));
}

#[test]
fn a_run_that_ends_cancels_what_is_in_flight_and_records_it() {
    let result = tested(
        r#"
playbook p for T {
  let a = x.a(case.s) else hand over to queue.first because "a failed"
  let b = x.b(case.s) else "none"
  close FalsePositive because "{a} {b}"
}
test "t" {
  given T { s: "s" }
  given x.a(_) fails Denied after 10ms
  given x.b(_) returns "late" after 100ms
  run p
  expect handed over to queue.first
  expect elapsed == 10ms
}"#,
    );
    let kinds: Vec<String> =
        result.lines.iter().map(|l| play_evidence::ParsedLine::parse(&l.bytes).unwrap().k).collect();
    assert_eq!(
        kinds,
        ["run.opened", "read.asked", "read.asked", "read.failed", "read.cancelled", "run.handed_over"]
    );
}

#[test]
fn a_write_that_times_out_after_it_was_sent_is_in_doubt_and_does_not_take_its_else() {
    let result = tested(
        r#"
playbook p for T {
  let done = do x.w(case.s) else hand over to queue.q because "the else was taken"
  close TruePositive because "{done}"
}
test "t" {
  given T { s: "s" }
  given x.w(_) is lost
  run p
  expect in doubt x.w
}"#,
    );
    assert!(!result.state.is_over(), "{:?}", result.state);
}

#[test]
fn a_fault_ends_the_run_in_front_of_a_person() {
    let result = tested(
        r#"
playbook p for T {
  let n = 10 / (case.s.len - 1)
  close TruePositive because "{n}"
}
test "t" {
  given T { s: "s" }
  run p
  expect never x.w
}"#,
    );
    assert!(
        matches!(&result.state, play_scheduler::RunState::Faulted(what) if what.starts_with("division by zero at t.play:"))
    );
}

#[test]
fn a_test_needs_no_source_and_may_give_the_time() {
    let result = by_machine(
        r#"
case T { s: String }
playbook p for T {
  close FalsePositive because "{case.s} {case.opened}"
}
test "t" {
  given T { s: "s", opened: 2026-02-03T04:05Z }
  run p
  expect because contains "s 2026-02-03T04:05:00Z"
}"#,
    );
    assert!(result.passed(), "{:?}", result.failures);
}

#[test]
fn an_altered_run_of_a_test_does_not_replay() {
    let text = r#"
playbook p for T { close FalsePositive because "{case.s}" }
test "t" {
  given T { s: "subject" }
  run p
  expect closed FalsePositive
}"#;
    let result = tested(text);
    let Compiled { artifact, manifest, digest, .. } = compiled(&format!("{HEAD}{text}"));
    let vm = Vm::new(artifact);
    let lines: Vec<Vec<u8>> = result.lines.iter().map(|l| l.bytes.to_vec()).collect();
    let of = |lines: &[Vec<u8>]| {
        let views: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
        replay(&vm, &manifest, &digest, &views)
    };
    assert!(matches!(of(&lines), Replay::Identical { .. }));
    let mut altered = lines.clone();
    altered[0] = String::from_utf8(lines[0].clone()).unwrap().replace("subject", "another").into_bytes();
    assert!(
        matches!(of(&altered), Replay::Differs(d) if d.line == 1),
        "the input changed, so what follows does"
    );
}

#[test]
fn loops_in_loops_over_a_long_list_end_in_front_of_a_person() {
    let list: Vec<String> = (0..200).map(|i| i.to_string()).collect();
    let text = r#"
case T { xs: [Int] }
playbook p for T {
  for a in case.xs { for b in case.xs { if a == b and a > 1000 { note "never" } } }
  close FalsePositive because "done"
}
test "t" {
  given T { xs: [LIST] }
  run p
  expect closed FalsePositive
}"#
    .replace("LIST", &list.join(", "));
    let result = by_machine(&text);
    assert!(
        matches!(&result.state, play_scheduler::RunState::Faulted(what) if what.starts_with("too much work at t.play:")),
        "{:?}",
        result.state
    );
}

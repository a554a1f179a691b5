//! Trying again and waiting: how long it takes by the test's clock, and what stands in the evidence.

use crate::tested::{kinds, tested};
use jiff::SignedDuration;
use play_evidence::{J, ParsedLine};
use play_scheduler::testing::TestResult;

const HEAD: &str = r#"
case T { s: String }
connector x {
  config { base_url: Url }
  read a(q: String) -> String
    GET "/a/{q}"
    expect 200 -> body
  read b(q: String) -> String
    GET "/b/{q}"
    expect 200 -> body
  write w(q: String) -> String
    POST "/w" json { q: q }
    expect 200 -> body
    idempotent by q
    class notify
}
"#;

fn run(body: &str, given: &str) -> TestResult {
    let text = format!(
        "{HEAD}playbook p for T {{\n{body}\n}}\ntest \"t\" {{\ngiven T {{ s: \"s\" }}\n{given}\nrun p\n}}\n"
    );
    let result = tested(&text.replace("\nrun p\n}", "\nrun p\nexpect case.s == \"s\"\n}"));
    assert!(result.passed(), "{:?}", result.failures);
    result
}

fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

/// The numbers of the attempts.
fn attempts(result: &TestResult, kind: &str) -> Vec<i64> {
    let lines = result.lines.iter().map(|l| ParsedLine::parse(&l.bytes).unwrap()).filter(|l| l.k == kind);
    lines.map(|l| if let Some(J::Int(n)) = l.field("n") { *n } else { 1 }).collect()
}

#[test]
fn a_read_is_tried_again_as_often_as_it_says_and_later_each_time() {
    let result = run(
        r#"let a = x.a(case.s) retry 3 backoff 2s else "nothing"
           close FalsePositive because a"#,
        "given x.a(_) fails Unavailable after 100ms",
    );
    assert_eq!(attempts(&result, "read.asked"), [1, 2, 3, 4]);
    assert_eq!(result.elapsed, seconds(2 + 4 + 8) + SignedDuration::from_millis(400));
}

#[test]
fn the_time_between_attempts_has_a_limit() {
    let result = run(
        r#"let a = x.a(case.s) retry 6 backoff 2m else "nothing"
           close FalsePositive because a"#,
        "given x.a(_) fails RateLimited",
    );
    assert_eq!(result.elapsed, SignedDuration::from_mins(2 + 4 + 5 + 5 + 5 + 5));
}

#[test]
fn a_failure_that_asking_again_cannot_mend_is_not_tried_again() {
    for failure in ["Denied", "NotFound", "Rejected", "BadResponse", "Cancelled"] {
        let result = run(
            r#"let a = x.a(case.s) retry 3 else "nothing"
               close FalsePositive because a"#,
            &format!("given x.a(_) fails {failure}"),
        );
        assert_eq!(attempts(&result, "read.asked"), [1], "{failure}");
        assert_eq!(result.elapsed, seconds(0));
    }
}

#[test]
fn a_call_says_how_long_its_answer_is_waited_for() {
    let result = run(
        r#"let a = x.a(case.s) timeout 5s retry 1 else "nothing"
           close FalsePositive because a"#,
        "given x.a(_) returns \"late\" after 10s",
    );
    assert_eq!(result.elapsed, seconds(5 + 1 + 5));
}

#[test]
fn a_write_that_was_refused_is_sent_again_with_its_key() {
    let result = run(
        r#"let w = do x.w(case.s) retry 2 else "nothing"
           close FalsePositive because w"#,
        "given x.w(_) fails RateLimited",
    );
    assert_eq!(attempts(&result, "act.intended"), [1, 2, 3]);
    let lines = result.lines.iter().map(|l| ParsedLine::parse(&l.bytes).unwrap());
    let keys: std::collections::BTreeSet<_> =
        lines.filter(|l| l.k == "act.intended").map(|l| format!("{:?}", l.field("key"))).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_eq!(result.elapsed, seconds(1 + 2));
}

#[test]
fn what_needs_no_answer_does_not_wait_for_an_attempt() {
    let result = run(
        r#"let a = x.a(case.s) retry 3 backoff 10s else "nothing"
           let b = x.b(case.s) else hand over to queue.q because "b failed"
           close FalsePositive because "{a} {b}""#,
        "given x.a(_) fails Unavailable\n given x.b(_) fails Denied after 15s",
    );
    assert_eq!(
        kinds(&result),
        [
            "run.opened",
            "read.asked",
            "read.asked",
            "read.failed",
            "retry.scheduled",
            "timer.fired",
            "read.asked",
            "read.failed",
            "retry.scheduled",
            "read.failed",
            "timer.cancelled",
            "run.handed_over"
        ]
    );
    assert_eq!(result.elapsed, seconds(15));
}

#[test]
fn a_pause_holds_up_what_stands_behind_it() {
    let result = run(
        r#"let a = x.a(case.s) else "nothing"
           wait 10s
           let b = x.b(case.s) else "nothing"
           close FalsePositive because "{a} {b}""#,
        "given x.a(_) returns \"a\" after 20s\n given x.b(_) returns \"b\" after 5s",
    );
    assert_eq!(
        kinds(&result),
        [
            "run.opened",
            "read.asked",
            "wait.started",
            "timer.fired",
            "read.asked",
            "read.answered",
            "read.answered",
            "run.closed"
        ]
    );
    assert_eq!(result.elapsed, seconds(20));
}

#[test]
fn a_pause_in_a_loop_is_one_after_the_other() {
    let result = run(
        r#"for q in ["1", "2", "3"] { wait 1m }
           if case.s == "s" { wait 30s }
           close FalsePositive because "waited""#,
        "",
    );
    assert_eq!(result.elapsed, seconds(3 * 60 + 30));
}

#[test]
fn a_pause_waits_for_what_may_still_end_the_run() {
    let result = run(
        r#"let a = x.a(case.s) else hand over to queue.q because "a failed"
           wait 5m
           close FalsePositive because a"#,
        "given x.a(_) fails Denied after 1m",
    );
    assert_eq!(kinds(&result), ["run.opened", "read.asked", "read.failed", "run.handed_over"]);
}

#[test]
fn a_step_fails_when_the_last_attempt_has_failed() {
    let result = run(
        r#"step ask { let a = x.a(case.s) retry 2
             note a } else { hand over to queue.q because "a failed" }
           close FalsePositive because "a answered""#,
        "given x.a(_) fails Unavailable",
    );
    assert_eq!(attempts(&result, "read.asked"), [1, 2, 3]);
    assert_eq!(result.elapsed, seconds(1 + 2));
    assert_eq!(kinds(&result).last().map(String::as_str), Some("run.handed_over"));
}

//! Waiting for what a read says: when it is asked, when it is there, and what ends the wait.

use crate::tested::{kinds, tested};
use jiff::SignedDuration;
use play_evidence::ParsedLine;
use play_scheduler::testing::TestResult;

const HEAD: &str = r#"
case T { s: String, least: Int }
enum State { Queued, Done }
type Report { state: State, score: Int }
connector x {
  config { base_url: Url }
  limit 100 per 1m
  read report(q: String) -> Report
    GET "/report/{q}"
    expect 200 -> body
    cache 1h
  read sure(q: String) -> Report
    GET "/sure/{q}"
    expect 200 -> body
    fails NotFound, Denied
}
"#;

fn run(wait: &str, given: &str, expect: &str) -> TestResult {
    let body = format!("let least = 20\nlet r = {wait}\nclose FalsePositive because \"{{r.score}}\"");
    let text = format!(
        "{HEAD}playbook p for T {{\n{body}\n}}\ntest \"t\" {{\ngiven T {{ s: \"s\", least: 10 }}\n{given}\nrun p\n{expect}\n}}\n"
    );
    tested(&text)
}

fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

fn count(result: &TestResult, kind: &str) -> usize {
    kinds(result).iter().filter(|k| *k == kind).count()
}

const OTHERWISE: &str = "else hand over to queue.q because \"{failure.kind}: {failure.words}\"";

#[test]
fn what_is_not_there_is_asked_for_again_until_it_is() {
    for failure in ["NotFound", "Unavailable", "RateLimited", "Timeout"] {
        let result = run(
            &format!("wait x.report(case.s) every 30s within 10m {OTHERWISE}"),
            &format!(
                "given x.report(_) fails {failure} then fails {failure} then returns Report {{ state: Done, score: 7 }}"
            ),
            "expect closed FalsePositive\nexpect because contains \"7\"\nexpect read x.report(\"s\") times 3",
        );
        // A read that is not answered in time takes its thirty seconds of itself.
        assert_eq!(result.elapsed, seconds(60), "{failure}");
        assert_eq!(count(&result, "timer.fired"), 2);
        assert_eq!(count(&result, "wait.polled"), 3);
    }
}

#[test]
fn a_failure_that_time_does_not_mend_ends_the_wait() {
    for failure in ["Denied", "Rejected", "BadResponse", "Cancelled"] {
        let result = run(
            &format!("wait x.report(case.s) every 30s within 10m {OTHERWISE}"),
            &format!("given x.report(_) fails NotFound then fails {failure} \"no\""),
            &format!("expect handed over to queue.q\nexpect because contains \"{failure}: no\""),
        );
        assert_eq!(result.elapsed, seconds(30), "{failure}");
    }
}

#[test]
fn a_condition_looks_at_the_answer_at_names_and_at_the_case() {
    let result = run(
        &format!(
            "wait x.report(case.s) every 1m until answer.state == Done and answer.score >= least and case.least > 5 within 10m {OTHERWISE}"
        ),
        "given x.report(_) returns Report { state: Queued, score: 0 } then returns Report { state: Done, score: 3 } then returns Report { state: Done, score: 30 }",
        "expect because contains \"30\"",
    );
    assert_eq!(result.elapsed, seconds(120));
    let lines: Vec<ParsedLine> = result.lines.iter().map(|l| ParsedLine::parse(&l.bytes).unwrap()).collect();
    let polled: Vec<_> = lines.iter().filter(|l| l.k == "wait.polled").collect();
    assert!(polled.iter().all(|l| l.field("parts").is_some()), "{polled:?}");
    assert!(polled[2].field("due").is_none());
}

#[test]
fn a_poll_is_never_answered_from_what_was_said_before() {
    let result = run(
        &format!("wait x.report(case.s) every 1m until answer.state == Done within 10m {OTHERWISE}"),
        "given x.report(_) returns Report { state: Queued, score: 0 } then returns Report { state: Done, score: 1 }",
        "expect read x.report times 2",
    );
    let kept = result.lines.iter().filter(|l| String::from_utf8_lossy(&l.bytes).contains("\"kept\"")).count();
    assert_eq!(kept, 0);
}

#[test]
fn when_the_time_is_over_it_fails_and_nothing_more_is_asked() {
    let result = run(
        &format!("wait x.report(case.s) every 4m until answer.state == Done within 10m {OTHERWISE}"),
        "given x.report(_) returns Report { state: Queued, score: 0 }",
        "expect because contains \"Timeout: what `x.report` is to say was not there within 10m\"\nexpect read x.report times 3",
    );
    assert_eq!(result.elapsed, seconds(600));
}

#[test]
fn how_it_failed_last_is_told() {
    run(
        &format!("wait x.report(case.s) every 4m within 10m {OTHERWISE}"),
        "given x.report(_) fails Unavailable \"maintenance\"",
        "expect because contains \"asked last, it failed as Unavailable: maintenance\"",
    );
}

#[test]
fn a_question_that_is_out_when_the_time_is_over_is_cancelled() {
    let result = run(
        &format!("wait x.report(case.s) every 50s within 1m {OTHERWISE}"),
        "given x.report(_) fails NotFound then returns Report { state: Done, score: 1 } after 20s",
        "expect because contains \"Timeout\"",
    );
    assert_eq!(result.elapsed, seconds(60));
    assert_eq!(count(&result, "read.cancelled"), 1);
}

#[test]
fn what_takes_longer_than_the_time_between_is_not_asked_twice_at_once() {
    let result = run(
        &format!("wait x.report(case.s) every 10s within 1m {OTHERWISE}"),
        "given x.report(_) fails NotFound after 25s then fails NotFound after 5s then returns Report { state: Done, score: 1 }",
        "expect read x.report times 3",
    );
    // 25 s for the first, the next at once; that one is over before its ten seconds are.
    assert_eq!(result.elapsed, seconds(35));
}

#[test]
fn what_the_action_does_not_declare_is_no_reason_to_ask_less_often() {
    let result = run(
        &format!("wait x.sure(case.s) every 10s within 1m {OTHERWISE}"),
        "given x.sure(_) fails RateLimited then fails Rejected \"never\"",
        "expect because contains \"BadResponse: Rejected: never\"",
    );
    assert_eq!(result.elapsed, seconds(10));
}

#[test]
fn a_match_on_its_failure_knows_which_there_are() {
    run(
        "wait x.sure(case.s) every 10s within 1m else match failure.kind {
           Timeout => hand over to queue.q because \"late\"
           Denied => hand over to queue.q because \"denied\"
           BadResponse => hand over to queue.q because \"strange\"
         }",
        "given x.sure(_) fails NotFound",
        "expect because contains \"late\"",
    );
}

#[test]
fn a_default_goes_on_without_it() {
    let result = run(
        "wait x.report(case.s) every 10s within 1m else Report { state: Queued, score: 99 }",
        "given x.report(_) fails NotFound",
        "expect because contains \"99\"",
    );
    assert_eq!(result.elapsed, seconds(60));
}

#[test]
fn nothing_behind_it_starts_before_it_is_over() {
    let text = format!(
        "{HEAD}playbook p for T {{
           let r = wait x.report(case.s) every 10s within 1m {OTHERWISE}
           let s = x.sure(case.s) else hand over to queue.q because \"no\"
           close FalsePositive because \"{{r.score}} {{s.score}}\"
         }}
         test \"t\" {{
           given T {{ s: \"s\", least: 1 }}
           given x.report(_) fails NotFound then returns Report {{ state: Done, score: 1 }}
           given x.sure(_) returns Report {{ state: Done, score: 2 }} after 5s
           run p
           expect elapsed == 15s
           expect because contains \"1 2\"
         }}"
    );
    tested(&text);
}

#[test]
fn in_a_step_its_failure_is_that_of_the_step_and_in_a_loop_each_pass_waits() {
    let text = format!(
        "{HEAD}procedure found(q: String, least: Int) -> Int {{
           let r = wait x.report(q) every 10s until answer.score >= least within 30s else Report {{ state: Queued, score: -1 }}
           r.score
         }}
         playbook p for T {{
           let all = for q in [\"a\", \"b\"] {{ found(q, case.least) }}
           step look {{
             let r = wait x.sure(case.s) every 10s within 20s
             note \"{{r.score}}\"
           }} else {{
             hand over to queue.q because \"{{all.len}} {{all.contains(5)}} {{all.contains(-1)}}\"
           }}
           close FalsePositive because \"there\"
         }}
         test \"t\" {{
           given T {{ s: \"s\", least: 5 }}
           given x.report(\"a\") returns Report {{ state: Done, score: 1 }} then returns Report {{ state: Done, score: 5 }}
           given x.report(\"b\") returns Report {{ state: Done, score: 1 }}
           given x.sure(_) fails NotFound
           run p
           expect elapsed == 60s
           expect because contains \"2 true true\"
         }}"
    );
    tested(&text);
}

#[test]
fn a_fault_in_its_condition_gives_the_case_to_a_person() {
    let text = format!(
        "{HEAD}playbook p for T {{
           let r = wait x.report(case.s) every 10s until 10 / answer.score > 1 within 1m {OTHERWISE}
           close FalsePositive because \"{{r.score}}\"
         }}
         test \"t\" {{
           given T {{ s: \"s\", least: 1 }}
           given x.report(_) returns Report {{ state: Done, score: 0 }}
           run p
           expect never closed
         }}"
    );
    let text = text.replace("           expect never closed\n", "           expect case.least == 1\n");
    let result = tested(&text);
    assert!(kinds(&result).contains(&"run.faulted".to_string()));
}

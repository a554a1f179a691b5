//! What is done for a time: when it ends, what ends with it, and what stands in the evidence. On both engines, each replayed.

use crate::tested::tested;
use jiff::{SignedDuration, Timestamp};
use play_evidence::{J, ParsedLine};
use play_scheduler::testing::TestResult;

const HEAD: &str = r#"
case T { s: String }
connector x {
  config { base_url: Url }
  read mode(q: String) -> String
    GET "/mode/{q}"
    expect 200 -> body
  write block(q: String, why: String) -> String
    POST "/block" json { q: q, why: why }
    expect 200 -> body
    undo free(q)
    class notify
  write freeze(q: String) -> String
    POST "/freeze" json { q: q }
    expect 200 -> body
    snapshot before = mode(q)
    undo thaw(q, before) when before != "frozen"
    class notify
  write rule(q: String) -> String
    POST "/rule" json { q: q }
    expect 200 -> body
    undo drop(result)
    class notify
  write drop(id: String) -> String
    POST "/drop" json { id: id }
    expect 200 -> body
    idempotent by id
    class notify
  write free(q: String) -> String
    POST "/free" json { q: q }
    expect 200 -> body
    class notify
  write thaw(q: String, to: String) -> String
    POST "/thaw" json { q: q, to: to }
    expect 200 -> body
    class notify
}
"#;

/// The lines about acts, holds and the end of a run: time in minutes, kind, and what tells it from others of the kind.
fn run(body: &str, given: &str, expect: &str) -> (TestResult, Vec<String>) {
    let result = tested(&format!(
        "{HEAD}playbook p for T {{\n{body}\n}}\ntest \"t\" {{\ngiven T {{ s: \"s\" }}\n{given}\nrun p\n{expect}\n}}\n"
    ));
    let start: Timestamp = ParsedLine::parse(&result.lines[0].bytes).unwrap().t.parse().unwrap();
    let mut log = Vec::new();
    for line in &result.lines {
        let line = ParsedLine::parse(&line.bytes).unwrap();
        let kinds =
            ["hold.", "act.intended", "act.failed", "rollback.", "run.closed", "run.handed", "retry."];
        if !kinds.iter().any(|k| line.k.starts_with(k)) {
            continue;
        }
        let t: Timestamp = line.t.parse().unwrap();
        let mut text = format!("{} {}m {}", line.seq, t.duration_since(start).as_mins(), line.k);
        if line.k == "hold.checked" && line.field("holder").is_none() && line.field("undone").is_none() {
            continue;
        }
        let names = ["action", "undoes", "also", "of", "why", "acts", "nothing", "held", "without", "failed"];
        for name in names.into_iter().chain(["holder", "undone"]) {
            match line.field(name) {
                Some(J::Str(value)) => text.push_str(&format!(" {value}")),
                Some(J::Obj(_)) | None => {}
                Some(other) => {
                    text.push_str(&format!(" {name}={}", String::from_utf8(other.to_bytes()).unwrap()))
                }
            }
        }
        log.push(text);
    }
    (result, log)
}

const BLOCKED_FOR_FOUR_HOURS: &str = r#"do x.block("a", "w") for 4h else none
close TruePositive because "blocked""#;

#[test]
fn what_was_done_for_four_hours_is_taken_back_after_them_and_the_case_is_closed_long_since() {
    let (result, log) = run(
        BLOCKED_FOR_FOUR_HOURS,
        "given x.block(_) returns \"b\" after 20s",
        "expect held x.block(\"a\", _) for 4h\nexpect undone x.block(\"a\", _) after 4h\nexpect did x.free(\"a\") times 1",
    );
    assert_eq!(
        log,
        [
            "1 0m act.intended x.block",
            "3 0m hold.started of=1",
            "4 0m run.closed",
            "6 240m hold.ended of=3 time acts=[1]",
            "8 240m act.intended x.free undoes=1",
        ]
    );
    assert_eq!(result.elapsed, SignedDuration::from_secs(20), "the run itself took no longer");
}

#[test]
fn the_last_hold_on_the_same_target_decides_and_it_is_taken_back_once() {
    let (_, log) = run(
        r#"do x.block("a", "first") for 1h else none
           wait 30m
           do x.block("a", "longer") for 2h else none
           do x.block("b", "another") for 1h else none
           close TruePositive because "blocked""#,
        "",
        "expect did x.free(\"a\") times 1\nexpect undone x.block(\"a\", \"first\") after 150m\nexpect undone x.block(\"a\", \"longer\") after 2h",
    );
    assert_eq!(
        log,
        [
            "1 0m act.intended x.block",
            "3 0m hold.started of=1",
            "6 30m act.intended x.block",
            "8 30m hold.started of=6",
            "9 30m act.intended x.block",
            "11 30m hold.started of=9",
            "12 30m run.closed",
            "14 60m hold.ended of=3 time acts=[] held=6",
            "16 90m hold.ended of=11 time acts=[9]",
            "18 90m act.intended x.free undoes=9",
            "21 150m hold.ended of=8 time acts=[6,1]",
            "23 150m act.intended x.free undoes=6 also=[1]",
        ]
    );
}

#[test]
fn a_shorter_time_shortens_nothing_and_one_without_a_time_has_no_end() {
    let (_, log) = run(
        r#"do x.block("a", "long") for 3h else none
           do x.block("a", "short") for 1h else none
           do x.block("b", "short") for 1h else none
           do x.block("b", "for good") else none
           hand over to queue.q because "somebody looks""#,
        "",
        "expect undone x.block(\"a\", \"long\") after 3h\nexpect never x.free(\"b\")",
    );
    let ended: Vec<&String> = log.iter().filter(|l| l.contains("hold.ended")).collect();
    assert_eq!(
        ended,
        [
            "14 60m hold.ended of=6 time acts=[] held=1",
            "16 60m hold.ended of=9 time acts=[] held=10",
            "18 180m hold.ended of=3 time acts=[4,1]"
        ]
    );
}

#[test]
fn what_changed_nothing_is_not_taken_back_and_what_did_is_also_when_a_later_hold_ends() {
    run(
        r#"do x.freeze("a") for 1h else none
           close TruePositive because "frozen""#,
        "given x.mode(_) returns \"frozen\"",
        "expect held x.freeze\nexpect never x.thaw",
    );
    // The second found it frozen by the first; when it ends, what the first changed is taken back.
    run(
        r#"do x.freeze("a") for 1h else none
           do x.freeze("a") for 2h else none
           close TruePositive because "frozen""#,
        "given x.mode(_) returns \"open\" then returns \"frozen\"",
        "expect did x.thaw(\"a\", \"open\") times 1\nexpect undone x.freeze after 2h",
    );
}

#[test]
fn what_the_playbook_takes_back_itself_has_ended() {
    let (_, log) = run(
        r#"do x.block("a", "w") for 4h else none
           wait 1h
           do x.free("a") else none
           close FalsePositive because "it was nothing""#,
        "",
        "expect undone x.block after 1h\nexpect did x.free times 1",
    );
    assert_eq!(
        log,
        [
            "1 0m act.intended x.block",
            "3 0m hold.started of=1",
            "6 60m act.intended x.free also=[1]",
            "8 60m hold.ended of=3 undone acts=[]",
            "9 60m run.closed",
        ]
    );
}

#[test]
fn a_rollback_ends_the_holds_of_what_it_takes_back_and_leaves_what_something_else_holds() {
    let (_, log) = run(
        r#"do x.block("a", "before") for 2h else none
           step s {
             do x.block("a", "inside") for 1h
             do x.block("b", "inside") for 1h
             do x.rule("c")
           } else {
             rollback because "the rule was refused"
             hand over to queue.q because "by hand"
           }
           close TruePositive because "all""#,
        "given x.rule(_) fails Denied",
        "expect undone x.block(\"b\", _) after 0s\nexpect did x.free(\"b\") before x.free(\"a\")\nexpect undone x.block(\"a\", \"inside\") after 2h",
    );
    assert_eq!(
        log,
        [
            "1 0m act.intended x.block",
            "3 0m hold.started of=1",
            "4 0m act.intended x.block",
            "6 0m hold.started of=4",
            "7 0m act.intended x.block",
            "9 0m hold.started of=7",
            "10 0m act.intended x.rule",
            "11 0m act.failed of=10",
            "13 0m rollback.started acts=[7] held=[4] without=[]",
            "14 0m hold.ended of=6 held by another acts=[]",
            "16 0m act.intended x.free undoes=7",
            "18 0m hold.ended of=9 undone acts=[]",
            "19 0m rollback.done of=13 failed=[]",
            "20 0m run.handed_over",
            "22 120m hold.ended of=3 time acts=[4,1]",
            "24 120m act.intended x.free undoes=4 also=[1]",
        ]
    );
}

#[test]
fn a_hold_ends_while_the_playbook_goes_on_and_a_failed_step_does_not_stop_it() {
    let (_, log) = run(
        r#"step s {
             do x.block("a", "w") for 10m
             wait 1h
             do x.rule("c")
           } else { note "the rule was refused" }
           wait 1h
           close TruePositive because "done""#,
        "given x.rule(_) fails Denied\ngiven x.free(_) returns \"f\" after 20s",
        "expect undone x.block after 10m20s",
    );
    assert_eq!(
        log,
        [
            "1 0m act.intended x.block",
            "3 0m hold.started of=1",
            "6 10m hold.ended of=3 time acts=[1]",
            "8 10m act.intended x.free undoes=1",
            "11 60m act.intended x.rule",
            "12 60m act.failed of=11",
            "17 120m run.closed",
        ]
    );
}

#[test]
fn what_another_run_holds_is_kept_and_taken_back_when_that_ends() {
    let (result, log) = run(
        BLOCKED_FOR_FOUR_HOURS,
        "given another run holds x.block(\"a\", _) until 1d",
        "expect kept x.block(\"a\", _)\nexpect undone x.block after 24h\nexpect did x.free(\"a\") times 1",
    );
    assert_eq!(
        log,
        [
            "1 0m act.intended x.block",
            "3 0m hold.started of=1",
            "4 0m run.closed",
            "6 240m hold.ended of=3 time acts=[1]",
            "7 240m hold.checked of=1 another run",
            "9 1440m act.intended x.free undoes=1",
        ]
    );
    assert_eq!(result.elapsed, SignedDuration::ZERO);
    // One that has ended before is none any more, and one on something else never was one.
    for given in ["x.block(\"a\", _) until 3h", "x.block(\"b\", _)", "x.freeze(\"a\")"] {
        run(
            BLOCKED_FOR_FOUR_HOURS,
            &format!("given another run holds {given}"),
            "expect undone x.block after 4h",
        );
    }
    // For good: nothing here ever takes it back.
    run(
        BLOCKED_FOR_FOUR_HOURS,
        "given another run holds x.block(\"a\", _)",
        "expect kept x.block\nexpect never x.free",
    );
}

#[test]
fn a_rollback_leaves_what_another_run_holds() {
    let (_, log) = run(
        r#"step s {
             do x.block("a", "inside") for 1h
             do x.block("b", "inside") for 1h
             do x.rule("c")
           } else {
             rollback because "the rule was refused"
             hand over to queue.q because "by hand"
           }
           close TruePositive because "all""#,
        "given x.rule(_) fails Denied\ngiven another run holds x.block(\"a\", _) until 2h",
        "expect undone x.block(\"b\", _) after 0s\nexpect undone x.block(\"a\", _) after 2h\nexpect handed over to queue.q",
    );
    assert_eq!(
        log,
        [
            "1 0m act.intended x.block",
            "3 0m hold.started of=1",
            "4 0m act.intended x.block",
            "6 0m hold.started of=4",
            "7 0m act.intended x.rule",
            "8 0m act.failed of=7",
            "10 0m rollback.started acts=[4,1] without=[]",
            "12 0m act.intended x.free undoes=4",
            "14 0m hold.ended of=6 undone acts=[]",
            "15 0m hold.checked of=1 another run",
            "16 0m hold.ended of=3 held by another run acts=[]",
            "17 0m rollback.done of=10 failed=[]",
            "18 0m run.handed_over",
            "20 120m act.intended x.free undoes=1",
        ]
    );
}

#[test]
fn what_is_held_anew_is_not_taken_back_by_what_failed_before() {
    run(
        r#"do x.rule("a") for 1h else none
           wait 60m30s
           do x.rule("a") for 1h else none
           close TruePositive because "there is a rule""#,
        "given x.drop(_) fails Unavailable then returns \"gone\"",
        "expect undone x.rule after 2h30s\nexpect undone x.rule after 1h\nexpect did x.drop times 2",
    );
}

#[test]
fn what_may_be_repeated_is_tried_again_until_it_is_taken_back() {
    let (_, log) = run(
        r#"do x.rule("a") for 1h else none
           close TruePositive because "there is a rule""#,
        "given x.drop(_) fails Unavailable then fails Unavailable then returns \"gone\"",
        "expect undone x.rule after 63m\nexpect did x.drop(\"stub\") times 3",
    );
    assert_eq!(log.iter().filter(|l| l.contains("retry.scheduled")).count(), 2, "{log:?}");
    // What may not is left as it is, and the evidence says so.
    let (_, log) = run(
        r#"do x.block("a", "w") for 1h else none
           close TruePositive because "blocked""#,
        "given x.free(_) fails Unavailable",
        "expect did x.free(\"a\") times 1",
    );
    assert_eq!(log.last().unwrap(), "9 60m act.failed of=8");
}

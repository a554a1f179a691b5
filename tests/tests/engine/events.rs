//! Waiting for events: in test blocks, on both engines, and by `playc run` and `playc event`.

use std::path::Path;

use crate::tested::{kinds, tested};
use jiff::SignedDuration;
use play_scheduler::testing::TestResult;
use play_tests::{playc, store};

const HEAD: &str = r#"
case T { s: String }
source src from feed("t") -> T {
  accept payload.alert.exists
  map { s = payload.alert as String? }
}
type Ticket { id: String, by: String?, open: Bool }
connector tickets {
  config { base_url: Url }
  write create(title: String) -> String
    POST "/tickets" json { title: title }
    expect 201 -> body.id
    class record
  /// A ticket was closed.
  event closed(id: String) -> Ticket
    accept payload.kind as String? == "closed" -> payload.ticket
    match id = payload.ticket.id?
  event rebooted(host: String, shift: Int) -> Unit
    accept payload.reboot.exists
    match host = payload.reboot.host?
    match shift = payload.shift?
}
"#;

fn run(body: &str, given: &str) -> TestResult {
    tested(&format!(
        "{HEAD}playbook p for T {{\n{body}\n}}\ntest \"t\" {{\ngiven T {{ s: \"s\" }}\n{given}\n}}\n"
    ))
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

const CLOSED: &str = r#"
let ticket = do tickets.create("look at {case.s}") else hand over to queue.q because "no ticket"
let closed = wait tickets.closed(ticket) within 5d else hand over to role.lead because "open: {failure.kind}: {failure.words}"
close TruePositive because "closed by {closed.by else "nobody"}"
"#;

#[test]
fn a_run_goes_on_when_the_event_comes() {
    let result = run(
        CLOSED,
        r#"given tickets.create(_) returns "T-1"
           given tickets.closed("T-2") arrives Ticket { id: "T-2", by: "eve", open: false } after 1h
           given tickets.closed("T-1") arrives Ticket { id: "T-1", by: "ada", open: false } after 2h
           given tickets.closed("T-1") arrives Ticket { id: "T-1", by: "bob", open: false } after 3h
           run p
           expect because contains "ada"
           expect elapsed == 2h"#,
    );
    assert_eq!(result.elapsed, hours(2));
    assert!(kinds(&result).contains(&"event.arrived".to_string()));
}

#[test]
fn what_never_comes_is_a_failure_when_the_time_is_over() {
    run(
        CLOSED,
        r#"given tickets.create(_) returns "T-1"
           given tickets.closed("T-2") arrives Ticket { id: "T-2", open: false } after 1h
           given tickets.closed("T-1") arrives Ticket { id: "T-1", open: false } after 121h
           run p
           expect because contains "open: Timeout: `tickets.closed` has not come within 120h"
           expect elapsed == 120h"#,
    );
}

#[test]
fn what_came_before_the_wait_counts_and_answers_once() {
    run(
        r#"let ticket = do tickets.create(case.s) else "T-0"
           wait 1h
           wait tickets.rebooted(case.s, 2) within 10m else hand over to queue.q because "no first"
           let again = wait tickets.closed(ticket) within 1d else hand over to queue.q because "no second"
           wait tickets.rebooted(case.s, 2) within 10m else close FalsePositive because "once, and {again.id}"
           close TruePositive because "twice""#,
        r#"given tickets.create(_) returns "T-1"
           given tickets.rebooted("s", 2) arrives after 5m
           given tickets.closed(_) arrives Ticket { id: "T-9", open: true } after 30m
           run p
           expect because contains "once, and T-9"
           expect elapsed == 70m"#,
    );
}

#[test]
fn each_pass_of_a_loop_waits_for_its_own() {
    run(
        r#"let all = for id in ["a", "b"] { wait tickets.closed(id) within 1d else hand over to queue.q because "{id}" }
           close TruePositive because "{all.map(t => t.by else "?").join(",")}""#,
        r#"given tickets.closed("b") arrives Ticket { id: "b", by: "second", open: false } after 1h
           given tickets.closed("a") arrives Ticket { id: "a", by: "first", open: false } after 2h
           run p
           expect because contains "first,second"
           expect elapsed == 2h"#,
    );
}

#[test]
fn in_a_step_it_fails_the_step() {
    run(
        r#"step tell {
             let closed = wait tickets.closed("T-1") within 1h
             note "{closed.id}"
           } else {
             hand over to queue.q because "not closed"
           }
           close FalsePositive because "closed""#,
        "run p\nexpect handed over to queue.q\nexpect elapsed == 1h",
    );
}

fn folder(body: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.play"), format!("{HEAD}playbook p for T {{\n{body}\n}}\n")).unwrap();
    let stubs = r#"[{"call": "tickets.create", "returns": "T-1"}]"#;
    std::fs::write(folder.path().join("stubs.json"), stubs).unwrap();
    std::fs::write(folder.path().join("alerts.jsonl"), "{\"alert\": \"it\"}\n").unwrap();
    folder
}

fn path(folder: &Path, name: &str) -> std::ffi::OsString {
    folder.join(name).into_os_string()
}

fn start(folder: &Path) -> playc::Ran {
    playc::run(&[
        "run".into(),
        path(folder, "p.play"),
        "--alert".into(),
        path(folder, "alerts.jsonl"),
        "--stub".into(),
        path(folder, "stubs.json"),
        "--store".into(),
        path(folder, "store"),
    ])
}

fn event(folder: &Path, record: &str) -> playc::Ran {
    std::fs::write(folder.join("event.json"), record).unwrap();
    playc::run(&[
        "event".into(),
        path(folder, "event.json"),
        "--stub".into(),
        path(folder, "stubs.json"),
        "--store".into(),
        path(folder, "store"),
    ])
}

fn replays(folder: &Path) {
    let store = path(folder, "store");
    let replayed = playc::run(&["replay".as_ref(), "--all".as_ref(), "--store".as_ref(), store.as_os_str()]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    let verified = playc::run(&["trace".as_ref(), "verify".as_ref(), "--store".as_ref(), store.as_os_str()]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

const TICKET: &str = r#"{"kind": "closed", "ticket": {"id": "T-1", "by": "ada", "open": false}}"#;

#[test]
fn a_parked_run_goes_on_with_the_event_and_replays() {
    let folder = folder(CLOSED);
    let folder = folder.path();
    let first = start(folder);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.out.contains("for `tickets.closed`"), "{first:?}");
    let other = event(folder, &TICKET.replace("T-1", "T-2"));
    assert!(other.out.contains("tickets.closed(\"T-2\")"), "{other:?}");
    assert!(other.out.contains("no run waits for it"), "{other:?}");
    assert_eq!(other.code, 0, "{other:?}");
    let came = event(folder, TICKET);
    assert!(came.out.contains("1 run waited for it") && came.out.contains("closed by ada"), "{came:?}");
    assert_eq!(came.code, 0, "{came:?}");
    let again = event(folder, TICKET);
    assert!(again.err.contains("has arrived before"), "{again:?}");
    replays(folder);
    let name = store::runs(&folder.join("store"))[0]["run"].as_str().unwrap().to_string();
    let lines = store::lines(&folder.join("store"), &name);
    let arrived = lines.iter().filter(|l| String::from_utf8_lossy(l).contains("event.arrived")).count();
    assert_eq!(arrived, 1);
}

#[test]
fn what_came_while_the_run_did_something_else_does_not_hang_it() {
    let folder = folder(&format!(
        "let t = ask role.analyst \"go on?\" {{ Yes, No }} within 4h else Yes because \"late\"\nnote t.reason\n{CLOSED}"
    ));
    let folder = folder.path();
    start(folder);
    let early = event(folder, TICKET);
    assert!(early.out.contains("no run waits for it"), "{early:?}");
    let name = store::runs(&folder.join("store"))[0]["run"].as_str().unwrap().to_string();
    let answered = playc::run(&[
        "answer".into(),
        name.into(),
        "Yes".into(),
        "--by".into(),
        "ada".into(),
        "--because".into(),
        "go".into(),
        "--stub".into(),
        path(folder, "stubs.json"),
        "--store".into(),
        path(folder, "store"),
    ]);
    assert!(answered.out.contains("closed by ada"), "{answered:?}");
    replays(folder);
}

#[test]
fn what_is_no_event_or_lacks_something_is_said_and_kept_nowhere() {
    let folder = folder(CLOSED);
    let folder = folder.path();
    start(folder);
    for (record, says) in [
        ("{\"kind\": \"opened\"}", "no event of the program"),
        ("{\"kind\": \"closed\", \"ticket\": {\"id\": 7}}", "`id` cannot be read at /ticket/id"),
        ("{\"kind\": \"closed\", \"ticket\": {\"id\": \"T-1\"}}", "/ticket/open"),
        ("{", "not a record"),
    ] {
        let ran = event(folder, record);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains(says), "{ran:?}");
    }
    let again = start(folder);
    assert!(again.out.contains("for `tickets.closed`"), "{again:?}");
    replays(folder);
}

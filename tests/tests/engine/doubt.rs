//! Writes of which nobody knows whether they were done: sent again with the same key, looked up, or left to a person. In virtual
//! time on both engines, each replayed; and over real HTTP.

use std::path::Path;
use std::time::Duration;

use crate::tested::tested;
use play_demo::{Fault, Handle, Kind, Options, Running, serve};
use play_evidence::{J, ParsedLine};
use play_scheduler::testing::TestResult;
use play_tests::{playc, store};

const HEAD: &str = r#"
case T { q: String }
connector x {
  config { base_url: Url }
  read state(q: String) -> String
    GET "/state/{q}"
    expect 200 -> body
  read strict(q: String) -> String
    GET "/strict/{q}"
    expect 200 -> body
    fails Timeout
  write keyed(q: String) -> String
    POST "/keyed" json { q: q }
    expect 200 -> body
    idempotent by q
    class notify
  write both(q: String) -> String
    POST "/both" json { q: q }
    expect 200 -> body
    idempotent by q
    verify state(q) is answer == "there" -> answer
    class notify
  write looked(q: String) -> String
    POST "/looked" json { q: q }
    expect 200 -> body
    verify state(q) is answer == "there" -> answer
    class notify
  write strictly(q: String) -> String
    POST "/strictly" json { q: q }
    expect 200 -> body
    verify strict(q) is answer == "there" -> answer
    class notify
  write block(q: String) -> String
    POST "/block" json { q: q }
    expect 200 -> body
    undo free(q)
    idempotent by q
    class change
  write free(q: String) -> String
    POST "/free" json { q: q }
    expect 200 -> body
    idempotent by q
    class restore
}
guard all covers x.block, x.free { allow }
"#;

fn run(body: &str, given: &str, expect: &str) -> TestResult {
    tested(&format!(
        "{HEAD}playbook p for T {{\n{body}\nclose FalsePositive because \"over\"\n}}\n\
         test \"t\" {{\ngiven T {{ q: \"s\" }}\n{given}\nrun p\n{expect}\n}}\n"
    ))
}

fn lines(result: &TestResult) -> Vec<ParsedLine> {
    result.lines.iter().map(|l| ParsedLine::parse(&l.bytes).unwrap()).collect()
}

/// What became of calls, in order: seconds, kind, and what tells them apart.
fn log(result: &TestResult) -> Vec<String> {
    let start = play_scheduler::testing::start();
    let of_call = |l: &ParsedLine| ["read.", "act.", "retry."].iter().any(|k| l.k.starts_with(k));
    let one = |l: ParsedLine| {
        let t: jiff::Timestamp = l.t.parse().unwrap();
        let mut text = format!("{} {}", t.duration_since(start).as_secs(), l.k);
        for name in ["action", "how"] {
            if let Some(J::Str(value)) = l.field(name) {
                text.push_str(&format!(" {value}"));
            }
        }
        text
    };
    lines(result).into_iter().filter(of_call).map(one).collect()
}

fn keys(result: &TestResult) -> Vec<String> {
    let intended = lines(result).into_iter().filter(|l| l.k == "act.intended");
    intended.map(|l| l.field("key").and_then(J::as_str).unwrap().to_string()).collect()
}

#[test]
fn what_honours_a_key_is_sent_again_with_the_same_key() {
    let result = run(
        r#"let got = do x.keyed(case.q) else "not done"
           note got"#,
        "given x.keyed(_) is lost then returns \"done\"",
        "expect noted \"done\"\nexpect did x.keyed times 2\nexpect elapsed == 31s",
    );
    assert_eq!(
        log(&result),
        [
            "0 act.intended x.keyed",
            "30 act.in_doubt",
            "30 retry.scheduled",
            "31 act.intended x.keyed",
            "31 act.done"
        ]
    );
    let keys = keys(&result);
    assert_eq!(keys[0], keys[1]);
}

/// A hold ends, and its undo is lost; a rollback comes to the same act while it is out, or waits to be sent again.
#[test]
fn an_act_is_taken_back_with_one_key_whoever_comes_to_it() {
    let body = |wait: &str| {
        format!(
            r#"do x.block(case.q) for 10m else none
               wait {wait}
               rollback because "it was nothing" else note "not all of it""#
        )
    };
    for (wait, at) in [("610s", 630), ("650s", 650)] {
        let result = run(
            &body(wait),
            "given x.free(_) is lost then returns \"done\"",
            "expect did x.free times 2\nexpect undone x.block(_)",
        );
        assert_eq!(
            log(&result),
            [
                "0 act.intended x.block".to_string(),
                "0 act.done".to_string(),
                "600 act.intended x.free".to_string(),
                "630 act.in_doubt".to_string(),
                "630 retry.scheduled".to_string(),
                format!("{at} act.intended x.free"),
                format!("{at} act.done"),
            ]
        );
        let keys = keys(&result);
        assert_eq!(keys[1], keys[2], "{wait}");
        let ends = lines(&result).into_iter().filter(|l| l.k == "rollback.done" || l.k == "run.closed");
        assert_eq!(ends.count(), 2, "the rollback goes on, and the run");
    }
    // The other order: the hold's time comes while the undo of the rollback is out.
    let result = run(
        &body("590s"),
        "given x.free(_) is lost then returns \"done\"",
        "expect did x.free times 2\nexpect undone x.block(_)",
    );
    let keys = keys(&result);
    assert_eq!(keys[1], keys[2]);
    // What could not be done in the end could not be done for the rollback either.
    run(
        &body("650s"),
        "given x.free(_) fails Unavailable then fails Denied",
        "expect did x.free times 2\nexpect noted \"not all of it\"",
    );
}

#[test]
fn it_is_sent_so_often_and_then_a_person_has_to_find_out() {
    let result = run(
        r#"let got = do x.keyed(case.q) timeout 1s else "not done"
           note got"#,
        "given x.keyed(_) is lost",
        "expect in doubt x.keyed\nexpect did x.keyed times 4",
    );
    assert!(!result.state.is_over());
    assert_eq!(result.elapsed.as_secs(), 4 + 1 + 2 + 4);
    run(
        r#"let got = do x.keyed(case.q) retry 1 backoff 9s else "not done"
           note got"#,
        "given x.keyed(_) is lost",
        "expect in doubt x.keyed\nexpect did x.keyed times 2\nexpect elapsed == 69s",
    );
}

#[test]
fn a_refusal_after_a_lost_answer_says_nothing_of_the_first_time() {
    let result = run(
        r#"let got = do x.keyed(case.q) else "not done"
           note got"#,
        "given x.keyed(_) is lost then fails Denied then fails Denied then returns \"done\"",
        "expect noted \"done\"",
    );
    let kinds: Vec<_> = log(&result).into_iter().filter(|l| l.contains("in_doubt")).collect();
    assert_eq!(kinds, ["30 act.in_doubt", "31 act.in_doubt", "33 act.in_doubt"]);
    // Without a lost answer before it, it is a failure, and the `else` sees it.
    run(
        r#"let got = do x.keyed(case.q) else "not done"
           note got"#,
        "given x.keyed(_) fails Denied",
        "expect noted \"not done\"\nexpect did x.keyed times 1",
    );
}

#[test]
fn it_is_looked_up_when_sending_again_has_not_helped() {
    let result = run(
        r#"let got = do x.both(case.q) retry 1 else "not done"
           note got"#,
        "given x.both(_) is lost\ngiven x.state(_) returns \"there\"",
        "expect noted \"there\"\nexpect did x.both times 2",
    );
    assert_eq!(log(&result).last().unwrap(), "61 act.verified done");
}

#[test]
fn what_is_looked_up_and_not_done_is_sent_again_as_often_as_it_says() {
    let given = "given x.looked(_) is lost then returns \"done\"\ngiven x.state(_) returns \"gone\"";
    let result = run(
        r#"let got = do x.looked(case.q) retry 2 else "not done"
           note got"#,
        given,
        "expect noted \"done\"\nexpect did x.looked times 2",
    );
    assert_eq!(
        log(&result),
        [
            "0 act.intended x.looked",
            "30 act.in_doubt",
            "30 read.asked x.state",
            "30 read.answered",
            "30 act.verified not_done",
            "30 retry.scheduled",
            "31 act.intended x.looked",
            "31 act.done"
        ]
    );
    // Without a `retry` the `else` has it.
    run(
        r#"let got = do x.looked(case.q) else "not done"
           note got"#,
        given,
        "expect noted \"not done\"\nexpect did x.looked times 1",
    );
    // What was done is not sent again, and neither is what nobody can tell.
    run(
        r#"let got = do x.looked(case.q) retry 2 else "not done"
           note got"#,
        "given x.looked(_) is lost\ngiven x.state(_) returns \"there\"",
        "expect noted \"there\"\nexpect did x.looked times 1",
    );
    run(
        r#"let got = do x.looked(case.q) retry 2 else "not done"
           note got"#,
        "given x.looked(_) is lost\ngiven x.state(_) fails Unavailable",
        "expect in doubt x.looked\nexpect did x.looked times 1",
    );
}

#[test]
fn not_found_means_not_done_whatever_the_read_lists() {
    for write in ["looked", "strictly"] {
        let read = if write == "looked" { "state" } else { "strict" };
        run(
            &format!("let got = do x.{write}(case.q) else \"not done\"\nnote got"),
            &format!("given x.{write}(_) is lost\ngiven x.{read}(_) fails NotFound"),
            "expect noted \"not done\"",
        );
    }
}

#[test]
fn what_takes_something_back_is_sent_again_too() {
    run(
        r#"do x.block(case.q) for 1h else none"#,
        "given x.block(_) is lost then returns \"b\"\ngiven x.free(_) is lost then returns \"f\"",
        "expect held x.block(_) for 1h\nexpect undone x.block(_)\nexpect did x.block times 2\nexpect did x.free times 2",
    );
    run(
        r#"do x.block(case.q) else none
           rollback because "it was nothing" else note "not undone""#,
        "given x.block(_) returns \"b\"\ngiven x.free(_) is lost then returns \"f\"",
        "expect undone x.block(_)\nexpect did x.free times 2",
    );
    // While it is tried again another run has come to hold the same.
    run(
        r#"do x.block(case.q) for 1h else none"#,
        "given x.block(_) is lost then returns \"b\"\ngiven x.free(_) returns \"f\"\n\
         given another run holds x.block(_) until 2h",
        "expect undone x.block(_)\nexpect kept x.block(_)",
    );
}

#[test]
fn a_run_that_ends_leaves_nobody_sending() {
    let result = run(
        r#"let got = do x.keyed(case.q) else "not done"
           note got"#,
        "given x.keyed(_) is lost then fails NotFound",
        "expect in doubt x.keyed",
    );
    assert_eq!(keys(&result).len(), 4);
}

const LIVE: &str = r#"
connector desk {
  config { base_url: Url }
  write block(q: String) -> String
    POST "/messages" json { channel: q, text: "block" }
    expect 201 -> body.id as String?
    undo free(q)
    idempotent by q
    timeout 1s
    class change
  write free(q: String) -> String
    POST "/messages" json { channel: q, text: "free" }
    expect 201 -> "free"
    idempotent by q
    class restore
  write say(q: String) -> String
    POST "/messages" json { channel: q, text: "say" }
    expect 201 -> "said"
    class notify
}
case T { q: String }
source src from feed("t") -> T { map { q = payload.q as String? } }
guard all covers desk.block, desk.free { allow }
playbook p for T {
  do desk.block(case.q) for 30d else hand over to queue.q because "not blocked"
  do desk.say(case.q) else hand over to queue.q because "not said"
  close TruePositive because "blocked"
}
"#;

struct Demo {
    handle: Running<Handle>,
    folder: tempfile::TempDir,
}

fn demo() -> Demo {
    let handle = Running::start(|listener| serve(listener, Options::default())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("config.toml", format!("[connectors.desk]\nbase_url = \"http://{}/chat\"\n", handle.address()));
    write("p.play", LIVE.into());
    write("alerts.jsonl", "{\"q\":\"a\"}\n".into());
    Demo { handle, folder }
}

fn command(folder: &Path) -> std::process::Command {
    let path = |name: &str| folder.join(name).into_os_string();
    playc::command(&[
        "run".into(),
        path("p.play"),
        "--alert".into(),
        path("alerts.jsonl"),
        "--config".into(),
        path("config.toml"),
        "--store".into(),
        path("store"),
    ])
}

impl Demo {
    fn sent(&self, text: &str) -> Vec<Option<String>> {
        let writes = self.handle.counts().writes.into_iter().filter(|w| w.body["text"] == text);
        writes.map(|w| w.idempotency_key).collect()
    }

    fn in_store(&self, args: &[&str]) -> playc::Ran {
        let mut all: Vec<&std::ffi::OsStr> = args.iter().map(|a| a.as_ref()).collect();
        let store = self.folder.path().join("store");
        all.extend(["--store".as_ref(), store.as_os_str()]);
        playc::run(&all)
    }
}

#[test]
fn over_http_a_reset_and_a_lost_answer_are_sent_again_while_the_engine_runs() {
    for kind in [Kind::ResetAfterRequest, Kind::Hang] {
        let demo = demo();
        demo.handle.fault(Fault { path: "/chat/messages".into(), kind, times: 2 });
        let ran = playc::ran(command(demo.folder.path()).output());
        assert_eq!(ran.code, 0, "{ran:?}");
        let sent = demo.sent("block");
        assert_eq!(sent.len(), 3, "{sent:?}");
        assert!(sent[0].is_some() && sent.iter().all(|k| *k == sent[0]), "{sent:?}");
        assert_eq!(demo.sent("say").len(), 1);
        assert_eq!(demo.in_store(&["replay", "--all"]).code, 0);
        assert_eq!(demo.in_store(&["trace", "verify"]).code, 0);
        // What is in force is there once, whatever was tried.
        let status = demo.in_store(&["status"]);
        assert_eq!(status.out.matches("desk.block").count(), 1, "{}", status.out);
    }
}

#[test]
fn over_http_what_has_no_key_is_sent_once() {
    let demo = demo();
    demo.handle.fault(Fault { path: "/chat/messages".into(), kind: Kind::DelayMs { value: 0 }, times: 1 });
    demo.handle.fault(Fault { path: "/chat/messages".into(), kind: Kind::ResetAfterRequest, times: 1 });
    let ran = playc::ran(command(demo.folder.path()).output());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("in doubt: desk.say"), "{}", ran.out);
    assert_eq!((demo.sent("block").len(), demo.sent("say").len()), (1, 1));
}

#[test]
fn killed_between_the_attempts_it_goes_on_with_the_same_key() {
    let demo = demo();
    demo.handle.fault(Fault { path: "/chat/messages".into(), kind: Kind::ResetAfterRequest, times: 3 });
    for kill_after in [200, 1500, 900] {
        let mut child = command(demo.folder.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(kill_after));
        // It may be over already.
        let _ = child.kill();
        child.wait().unwrap();
    }
    let ran = playc::ran(command(demo.folder.path()).output());
    assert_eq!(ran.code, 0, "{ran:?}");
    let sent = demo.sent("block");
    assert!(sent.len() >= 4 && sent.iter().all(|k| k.is_some() && *k == sent[0]), "{sent:?}");
    assert_eq!(demo.sent("say").len(), 1);
    let runs = store::runs(&demo.folder.path().join("store"));
    assert_eq!(runs[0]["outcome"], "TruePositive", "{runs:?}");
    assert_eq!(demo.in_store(&["replay", "--all"]).code, 0);
}

//! What is not an alert gives one error that names the record, and the others go on.

use std::io::Write as _;
use std::process::Stdio;

use play_tests::{playc, store};

/// Runs the GuardDuty example over an input.
fn over(input: &[u8], store: &std::path::Path) -> playc::Ran {
    let mut child = playc::command(&[
        "run".as_ref(),
        "examples/aws-guardduty".as_ref(),
        "--alert".as_ref(),
        "-".as_ref(),
        "--stub".as_ref(),
        "examples/aws-guardduty/stubs.json".as_ref(),
        "--store".as_ref(),
        store.as_os_str(),
    ])
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // The command may stop reading; what it says then is what the test looks at.
        let _ = stdin.write_all(&input);
    });
    let ran = playc::ran(child.wait_with_output());
    writer.join().unwrap();
    ran
}

fn good() -> Vec<u8> {
    let all = std::fs::read_to_string(playc::root().join("examples/aws-guardduty/alerts.jsonl")).unwrap();
    all.lines().next().unwrap().as_bytes().to_vec()
}

#[test]
fn a_broken_record_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut input = good();
    input.extend_from_slice(b"\n\n{\"broken\": \n[1, 2]\n\"text\"\n");
    input.extend(std::iter::repeat_n(b'[', 10_000_000));
    input.push(b'\n');
    let second = String::from_utf8(good()).unwrap().replacen("\"id\":", "\"again\":true,\"id\":", 1);
    input.extend_from_slice(second.as_bytes());
    input.push(b'\n');
    let ran = over(&input, &path);
    assert_eq!(ran.code, 1, "{ran:?}");
    let not_alerts: Vec<&str> = ran.err.lines().filter(|l| l.contains("not an alert")).collect();
    // A list on a line is a list of records: its two numbers are two.
    assert_eq!(not_alerts.len(), 5, "{}", ran.err);
    for line in &not_alerts {
        assert!(line.starts_with("-:"), "it names the record: {line}");
        assert!(line.len() < 400, "it is short: {line}");
    }
    assert!(ran.out.contains("5 unreadable"), "{}", ran.out);
    assert!(!store::runs(&path).is_empty());
    let verified = playc::run(&["trace".as_ref(), "verify".as_ref(), "--store".as_ref(), path.as_os_str()]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn a_field_of_another_kind_is_an_intake_line_and_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let ran = over(br#"{"severity": {"label": "HIGH"}, "id": "x", "type": "T", "accountId": "1", "region": "r", "title": "t"}"#, &path);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("/severity"), "{}", ran.err);
    assert!(ran.err.contains("Float"), "{}", ran.err);
    assert!(ran.err.contains("an object"), "{}", ran.err);
    let reader = play_journal::Store::read_only(&path).unwrap();
    let intake = reader.lines_of("intake").unwrap();
    let line = play_evidence::ParsedLine::parse(intake.last().unwrap()).unwrap();
    assert_eq!(line.k, "intake.unmapped");
    assert_eq!(line.field("path"), Some(&play_evidence::J::Str("/severity".into())));
}

#[test]
fn hostile_text_is_shown_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let ran = over(b"{\"severity\": \"\\u001b[31mred\\u202e\", \"id\": \"x\"}", &path);
    assert!(!ran.err.contains('\u{1b}') && !ran.err.contains('\u{202e}'), "{:?}", ran.err);
    assert!(ran.err.contains("red"), "{}", ran.err);
}

/// What no case came of can be looked at later, with the line in which it stands.
#[test]
fn what_became_no_case_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut input = good();
    input.extend_from_slice(b"\n\n\n{\"id\": \"x\"}\n[3, {\"severity\": \"\\u001b[31mred\"}]\n");
    let again = String::from_utf8(good()).unwrap().replacen("\"id\":", "\"again\":true,\"id\":", 1);
    input.extend_from_slice(again.as_bytes());
    let ran = over(&input, &path);
    for place in ["-:4: no case", "-:5: not an alert", "-:5.2: no case"] {
        assert!(ran.err.lines().any(|line| line.starts_with(place)), "{place}: {}", ran.err);
    }
    let dropped = |more: &[&str]| {
        let words = [&["trace", "dropped", "--store", path.to_str().unwrap()][..], more].concat();
        let ran = playc::run(&words);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    };
    let all = dropped(&[]);
    let what: Vec<Vec<&str>> =
        all.lines().skip(1).map(|line| line.split_whitespace().take(2).collect()).collect();
    assert_eq!(
        what,
        [["unmapped", "-:4"], ["unreadable", "-:5"], ["unmapped", "-:5.2"], ["duplicate", "-:6"]],
        "{all}"
    );
    assert!(!all.contains('\u{1b}'), "{all:?}");
    assert!(all.contains("the same key as C-"), "{all}");
    assert_eq!(dropped(&["--only", "unreadable", "duplicate"]).lines().count(), 3);
    assert_eq!(dropped(&["--only", "rejected"]).trim(), "none of these");
    let one = dropped(&["--only", "unmapped", "--bodies", "--format", "jsonl"]);
    let one: serde_json::Value = serde_json::from_str(one.lines().next().unwrap()).unwrap();
    assert_eq!((&one["body"]["id"], &one["pos"]), (&"x".into(), &"-:4".into()));
}

/// A source is mended, and the records are read again.
#[test]
fn what_became_a_case_later_is_not_listed_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let at = |words: &[&str]| playc::ran(playc::command(words).current_dir(folder.path()).output());
    let program = "case T { a: String }\nsource s from feed(\"s\") -> T {\n  map { a = payload.a as String? }\n}\n\
                   playbook p for T { close FalsePositive because case.a }\n";
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("p.play", program);
    write("a.jsonl", "{\"b\": \"x\"}\n{\"c\": 1}\n");
    write("none.json", "[]");
    let run = ["run", "p.play", "--alert", "a.jsonl", "--stub", "none.json", "--store", "s"];
    let listed = || {
        let out = at(&["trace", "dropped", "--store", "s", "--format", "jsonl"]).out;
        let pos = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["pos"].clone();
        out.lines().map(pos).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        at(&run);
        assert_eq!(listed(), ["a.jsonl:1", "a.jsonl:2"], "each once, however often it was read");
    }
    write("p.play", &program.replace("payload.a as String?", "payload.b as String?"));
    at(&run);
    assert_eq!(listed(), ["a.jsonl:2", "a.jsonl:2"], "as it was read by the one, and by the other");
}

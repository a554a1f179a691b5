//! Guards, from the command: what a report says of each write, and what shows in `play.caps`.

use play_tests::playc;

const PROGRAM: &str = r#"
use std.connectors.okta

case Login { user: OktaUserId, others: [OktaUserId] }

const glass: [OktaUserId] = ["00u-glass"]

guard suspensions for Login covers okta.suspend {
  never when act.id in glass
  limit 20 per 1h
  allow when case.severity >= High
}

playbook odd_login for Login {
  if case.severity < Critical { hand over to queue.tier2 because "not severe" }
  do okta.suspend(case.user) for 4h else none
  for other in case.others { do okta.suspend(other) for 4h else none }
  close TruePositive because "suspended"
}
"#;

fn project(text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("p.play"), text).unwrap();
    dir
}

/// Exit status and output of a command on a project.
fn playc(args: &[&str], dir: &tempfile::TempDir) -> (Option<i32>, String) {
    let path = dir.path().to_str().unwrap();
    let ran = playc::command(args).arg(path).output().unwrap();
    (ran.status.code(), String::from_utf8(ran.stdout).unwrap())
}

#[test]
fn a_report_says_of_each_write_how_it_stands_and_how_often_it_can_happen() {
    let dir = project(PROGRAM);
    let (code, report) = playc(&["check", "--report"], &dir);
    assert_eq!(code, Some(0), "{report}");
    let lines: Vec<&str> = report.lines().map(str::trim_end).collect();
    let says = "  guard  suspensions: never when act.id in glass; limit 20 per 1h; allow when case.severity >= High; else refuse";
    assert!(lines[0].ends_with("p.play:16:3  odd_login  do okta.suspend  class contain  proved, up to the limit and unless a `never` holds"), "{report}");
    assert_eq!(
        lines[1..6],
        [
            says,
            "  when   not (case.severity < Critical)",
            "  often  1",
            "  undo   okta.unsuspend",
            "  ends   after 4h"
        ]
    );
    assert!(lines[6].contains("p.play:17:30"), "{report}");
    assert_eq!(lines[9], "  often  unbounded: once per element of case.others");
    let (_, json) = playc(&["check", "--report", "--format", "json"], &dir);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["status"], "proved, up to the limit and unless a `never` holds");
    assert_eq!(json[0]["path"], serde_json::json!(["not (case.severity < Critical)"]));

    let (_, report) = playc(&["check", "--report"], &project(&PROGRAM.replace("< Critical", "< Medium")));
    assert!(report.contains("class contain  checked at run time"), "{report}");
}

#[test]
fn capabilities_are_written_down_and_are_up_to_date() {
    let dir = project(PROGRAM);
    let (code, out) = playc(&["caps", "--check"], &dir);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("is missing"), "{out}");
    assert_eq!(playc(&["caps"], &dir).0, Some(0));
    let caps = std::fs::read_to_string(dir.path().join("play.caps")).unwrap();
    let act = "odd_login  do okta.suspend  class contain  at most 1 + unbounded: once per element of case.others  for 4h  guard \
               suspensions: never when act.id in glass; limit 20 per 1h; allow when case.severity >= High; else refuse\n";
    assert!(caps.contains(act), "{caps}");
    assert!(caps.contains("const glass = [\"00u-glass\"]\n"), "{caps}");
    assert_eq!(playc(&["caps", "--check"], &dir).0, Some(0));
}

/// What a change of the program shows as: the lines of the difference.
fn shows(from: &str, to: &str) -> Vec<String> {
    let dir = project(PROGRAM);
    assert_eq!(playc(&["caps"], &dir).0, Some(0));
    assert!(PROGRAM.contains(from));
    std::fs::write(dir.path().join("p.play"), PROGRAM.replace(from, to)).unwrap();
    let (code, out) = playc(&["caps", "--check"], &dir);
    assert_eq!(code, Some(1), "{out}");
    out.lines().filter(|l| l.starts_with(['+', '-'])).map(String::from).collect()
}

#[test]
fn a_weaker_guard_shows_however_it_was_weakened() {
    for (from, to) in [
        ("limit 20", "limit 2000"),
        ("allow when case.severity >= High", "allow"),
        ("  never when act.id in glass\n", "  never when act.id in glass and case.severity == Low\n"),
    ] {
        let changed = shows(from, to);
        assert_eq!(changed.len(), 2, "{changed:#?}");
        assert!(changed.iter().all(|l| l.contains("do okta.suspend")), "{changed:#?}");
    }
    // Nothing of the guard itself changes here, only what it rests on.
    assert_eq!(
        shows(r#"["00u-glass"]"#, r#"["00u-other"]"#),
        [r#"- const glass = ["00u-glass"]"#, r#"+ const glass = ["00u-other"]"#]
    );
}

#[test]
fn an_action_more_shows() {
    let more = "  close TruePositive because \"suspended\"";
    let changed = shows(
        more,
        &format!("  let who = okta.user(case.user) else none\n  note \"{{who.is_some}}\"\n{more}"),
    );
    assert_eq!(changed, ["+ odd_login  read okta.user"]);
}

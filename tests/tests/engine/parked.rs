//! A run that waits for a time far off is parked at the end of `playc run`, and taken up again by the next one.

use std::path::Path;

use play_tests::{playc, store};

const PLAYBOOK: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.s as String? } }
playbook p for T {
  wait WAIT
  close FalsePositive because "{case.s} is over"
}
"#;

fn run(folder: &Path) -> playc::Ran {
    let path = |name: &str| folder.join(name).into_os_string();
    playc::run(&[
        "run".into(),
        path("p.play"),
        "--alert".into(),
        path("alerts.jsonl"),
        "--stub".into(),
        path("stubs.json"),
        "--store".into(),
        path("store"),
    ])
}

fn folder(wait: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.play"), PLAYBOOK.replace("WAIT", wait)).unwrap();
    std::fs::write(folder.path().join("alerts.jsonl"), "{\"s\": \"it\"}\n").unwrap();
    std::fs::write(folder.path().join("stubs.json"), "[]").unwrap();
    folder
}

#[test]
fn a_time_that_is_far_off_is_not_waited_for() {
    let folder = folder("2h");
    let first = run(folder.path());
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.out.contains("waits since line 2"), "{first:?}");
    let store = folder.path().join("store");
    let runs = store::runs(&store);
    let name = runs[0]["run"].as_str().unwrap();
    let before = store::lines(&store, name);
    let second = run(folder.path());
    assert!(second.out.contains("waits since line 2"), "{second:?}");
    assert_eq!(store::lines(&store, name), before, "waiting writes nothing");
}

#[test]
fn a_time_that_is_near_is_waited_for_and_the_run_replays() {
    let folder = folder("200ms");
    let ran = run(folder.path());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("closed FalsePositive"), "{ran:?}");
    let store = folder.path().join("store");
    let replayed = playc::run(&["replay".as_ref(), "--all".as_ref(), "--store".as_ref(), store.as_os_str()]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
}

//! `playc run --stub`: answers in sequence, failures with words, and what is said of a file that is wrong.

use std::path::Path;

use play_tests::{playc, store};

const PLAYBOOK: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.s as String? } }

connector x {
  config { base_url: Url }
  read seen(q: String) -> Int
    GET "/seen/{q}"
    expect 200 -> body
  write tell(q: String) -> String
    POST "/tell" json { q: q }
    expect 200 -> body
    class notify
}

playbook p for T {
  let times = x.seen(case.s) retry 2 backoff 1ms else hand over to queue.q because "{failure.words}"
  do x.tell("{case.s}: {times}") else close FalsePositive because "not told: {failure.words}"
  close TruePositive because "told: {times}"
}
"#;

fn run(folder: &Path, stubs: &str) -> playc::Ran {
    let path = |name: &str| folder.join(name).into_os_string();
    std::fs::write(folder.join("p.play"), PLAYBOOK).unwrap();
    std::fs::write(folder.join("alerts.jsonl"), "{\"s\": \"a\"}\n{\"s\": \"b\"}\n{\"s\": \"b\"}\n").unwrap();
    std::fs::write(folder.join("stubs.json"), stubs).unwrap();
    let (alerts, stub, to) = (path("alerts.jsonl"), path("stubs.json"), path("store"));
    playc::run(&[
        "run".into(),
        path("p.play"),
        "--alert".into(),
        alerts,
        "--stub".into(),
        stub,
        "--store".into(),
        to,
    ])
}

#[test]
fn each_call_has_the_next_answer_and_the_last_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(
        folder.path(),
        r#"[
            {"call": "x.seen", "args": {"q": "a"}, "fails": "Unavailable", "then": [
                {"fails": "Timeout", "after": "3ms"}, {"returns": 7, "after": "1ms"}
            ]},
            {"call": "x.seen", "returns": 1, "then": [{"fails": "NotFound", "words": "gone by now"}]},
            {"call": "x.tell", "returns": "m-1", "then": [{"fails": "Denied", "words": "channel is locked"}]}
        ]"#,
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    let at = folder.path().join("store");
    let all: String = store::runs(&at)
        .iter()
        .flat_map(|run| store::lines(&at, run["run"].as_str().unwrap()))
        .map(|line| String::from_utf8(line).unwrap())
        .collect();
    assert_eq!(all.matches("\"k\":\"read.failed\"").count(), 3, "{all}");
    // The cases run side by side: which of them is told first is not known.
    for said in ["\"m-1\"", "\"not told: channel is locked\"", "\"gone by now\"", "\"val\":7}"] {
        assert!(all.contains(said), "{said}\n{all}");
    }
    // Each of them is evidence as any other.
    let path = at.as_os_str();
    let ran = playc::run(&["replay".as_ref(), "--all".as_ref(), "--store".as_ref(), path]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), r#"[{"call": "x.seen", "returns": 1, "then": [{"returns": "one"}]}]"#);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("stubs.json: /0/then/0/returns: expected Int, found the text"), "{ran:?}");
}

//! `playc trace would`: what shadow runs would have done over a time, counted by act and by what it would have been done to; and what
//! their guards would have stopped. Real runs are no part of it.

use std::path::Path;

use play_tests::{playc, schema};
use serde_json::{Value, json};

const PLAYBOOK: &str = r#"
case T { q: String, n: Int }
source src from feed("t") -> T { map { q = payload.q as String?, n = payload.n as Int? } }
role lead
queue rest
connector x {
  config { base_url: Url }
  write act(q: String) -> String
    POST "/act" json { q: q }
    expect 200 -> body
    class notify
  write tell(q: String) -> String
    POST "/tell" json { q: q }
    expect 200 -> body
    class notify
}
guard some for T covers x.act {
  never when case.n > 9
  limit 3 per 1h
  allow
}
guard asks covers x.tell { else approval from role.lead within 2h else refuse }
playbook p for T when case.n >= 0 {
  do x.act(case.q) else none
  if case.n == 1 { do x.tell("all") else none }
  if case.n == 2 {
    let told = do x.tell("who") else "none"
    close TruePositive because told
  }
  close TruePositive because "acted"
}
playbook other for T when case.n < 0 { close FalsePositive because "less" }
"#;

fn json_of(folder: &Path, words: &[&str]) -> Value {
    let args = [&["trace", "would", "--store", "s", "--format", "json"], words].concat();
    let ran = playc::ran(playc::command(&args).current_dir(folder).output());
    assert_eq!(ran.code, 0, "{ran:?}");
    let all: Value = serde_json::from_str(&ran.out).unwrap();
    all.as_array().unwrap().iter().for_each(|one| schema::is("would", one));
    all
}

#[test]
fn what_shadow_runs_would_have_done_is_counted_by_act_and_target() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("p.play"), PLAYBOOK).unwrap();
    std::fs::write(here.join("stubs.json"), "[]").unwrap();
    // Three are let through, the fourth is one too many; one is never let through.
    // Then: what would be markup or a link, and two that look alike where they are shortened.
    let evil = "\u{1b}[31m http://evil.example";
    let long = ["1", "2"].map(|end| format!("{}{end}", "l".repeat(300)));
    let alerts = [
        ("a", 1),
        ("a", 0),
        ("<b>", 2),
        ("c", 0),
        ("d", 10),
        ("e", -1),
        (evil, 0),
        (&long[0], 0),
        (&long[1], 0),
    ];
    let text: String = alerts
        .iter()
        .enumerate()
        .map(|(at, (q, n))| format!("{}\n", json!({ "q": q, "n": n, "at": at })))
        .collect();
    // Runs go on side by side: so those that come first have come to their end before the others begin.
    let rest = text.match_indices('\n').nth(2).map_or(0, |(at, _)| at + 1);
    std::fs::write(here.join("first.jsonl"), &text[..rest]).unwrap();
    std::fs::write(here.join("a.jsonl"), &text[rest..]).unwrap();
    let settings = |autonomy: &str| {
        let text = format!("name = \"t\"\n[playbooks.p]\nautonomy = \"{autonomy}\"\n");
        std::fs::write(here.join("play.toml"), text).unwrap();
    };
    let run_on = |alerts: &str, words: &[&str]| {
        let args = [&["run", ".", "--alert", alerts, "--stub", "stubs.json", "--store", "s"], words].concat();
        playc::ran(playc::command(&args).current_dir(here).output())
    };
    let run = |words: &[&str]| run_on("a.jsonl", words);
    settings("shadow");
    let ran = run_on("first.jsonl", &[]);
    assert!(ran.out.contains("3 cases opened"), "{ran:?}");
    let ran = run(&[]);
    assert!(ran.out.contains("6 cases opened"), "{ran:?}");

    let all = json_of(here, &[]);
    assert_eq!(all.as_array().unwrap().len(), 1, "the other playbook has no shadow runs: {all}");
    let one = &all[0];
    assert_eq!((&one["playbook"], &one["runs"]), (&json!("p"), &json!(8)));
    let act = |action: &str, args: &str| {
        let acts = one["acts"].as_array().unwrap();
        let found = acts.iter().find(|a| a["action"] == action && a["args"] == args);
        found.unwrap_or_else(|| panic!("no {action} {args}: {one:#}")).clone()
    };
    assert_eq!(act("x.act", "q: a")["would"], 2);
    assert_eq!(act("x.act", "q: <b>")["would"], 1);
    for (args, clause) in [("q: c", "limit"), ("q: d", "never")] {
        let act = act("x.act", args);
        let refused = json!([{ "guard": "some", "clause": clause, "times": 1 }]);
        assert_eq!((&act["would"], &act["refused"]), (&json!(0), &refused));
    }
    for args in ["q: all", "q: who"] {
        let act = act("x.tell", args);
        let approved = json!([{ "from": "role.lead", "times": 1 }]);
        assert_eq!((&act["would"], &act["with_approval"]), (&json!(1), &approved));
    }
    let acts = one["acts"].as_array().unwrap();
    let alike: Vec<&Value> =
        acts.iter().filter(|act| act["args"].as_str().unwrap().starts_with("q: lll")).collect();
    assert_eq!(alike.len(), 2, "they are two calls: {one:#}");
    assert!(alike[0]["args"] == alike[1]["args"] && alike[0]["digest"] != alike[1]["digest"], "{alike:#?}");
    assert_eq!((&one["rolled_back"], &one["unreadable"]), (&json!(0), &json!(0)));
    let needed = json!({ "state": "shadow_ended", "outcome": "the result of x.tell", "runs": 1 });
    assert!(one["ended"].as_array().unwrap().contains(&needed), "{one:#}");

    // The same in words; and nothing of it is markup or a link.
    let ran = playc::ran(playc::command(&["trace", "would", "--store", "s"]).current_dir(here).output());
    assert_eq!(ran.code, 0, "{ran:?}");
    for line in
        ["p  8 shadow runs", "x.act: 7 different calls", "1 by some, limit", "1 once role.lead approves"]
    {
        assert!(ran.out.contains(line), "{line}: {}", ran.out);
    }

    assert!(ran.out.contains("[31m") && ran.out.contains("evil"), "it is shown: {}", ran.out);
    for hostile in ["\u{1b}", "http://evil.example"] {
        assert!(!ran.out.contains(hostile), "{}", ran.out);
        let of = |act: &Value| act["args"].as_str().unwrap().contains(hostile);
        assert!(!acts.iter().any(of), "{one:#}");
    }

    // The time counts, and the playbook.
    let first = one["first"].as_str().unwrap();
    assert_eq!(json_of(here, &["--since", first])[0]["runs"], 8);
    assert_eq!(json_of(here, &["--until", first]), json!([]));
    assert_eq!(json_of(here, &["--since", "2999-01-01"]), json!([]));
    assert_eq!(json_of(here, &["--playbook", "other"]), json!([]));
    let none = ["trace", "would", "--store", "s", "--playbook", "q"];
    let ran = playc::ran(playc::command(&none).current_dir(here).output());
    assert!(ran.code == 0 && ran.err.contains("no shadow run of this store has a playbook `q`"), "{ran:?}");
    let wrong = ["trace", "would", "--store", "s", "--since", "yesterday"];
    let ran = playc::ran(playc::command(&wrong).current_dir(here).output());
    assert!(ran.code == 2 && ran.err.contains("write 2026-11-20"), "{ran:?}");

    // What is done for good is no trial.
    settings("automatic");
    assert!(!run(&[]).out.is_empty());
    assert_eq!(json_of(here, &[]), all);
}

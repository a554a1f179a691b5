//! `playc backtest`: what recorded runs would decide with the program as it is now.

use std::path::Path;

use play_tests::playc::{self, Ran};
use play_tests::{schema, store};
use serde_json::Value;

use crate::from_trace::{PROGRAM, at, recorded};

/// The program with a change, on the runs of the store.
fn backtest(here: &Path, from: &str, to: &str, more: &[&str]) -> Ran {
    let changed = PROGRAM.replace(from, to);
    assert_ne!(changed, PROGRAM, "{from}");
    std::fs::write(here.join("p.play"), changed).unwrap();
    at(here, &[&["backtest", "p.play", "--store", "s"], more].concat())
}

fn each(ran: &Ran) -> Vec<Value> {
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A trial is worth something where it does what was done.
#[test]
fn every_run_of_the_examples_is_tried_just_as_it_was() {
    for example in ["impossible-travel", "aws-guardduty"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        store::fill(example, &path);
        let (project, place) = (format!("examples/{example}"), path.display().to_string());
        let words = ["backtest", &project, "--store", &place, "--format", "jsonl"];
        let ran = at(&playc::root(), &words);
        assert_eq!(ran.code, 0, "{ran:?}");
        let all = each(&ran);
        assert_eq!(all.len(), store::runs(&path).len());
        for one in &all {
            assert!(one["backtest"] == "same" && one["inexact"].is_null(), "{example}: {one}");
        }
    }
}

#[test]
fn a_change_that_decides_nothing_otherwise_alters_nothing() {
    let folder = recorded();
    let ran = backtest(folder.path(), "role lead", "role lead\nrole chief\nconst unused = 1", &[]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(
        ran.err.contains("4 runs tried: 0 decided otherwise, 4 as before; 0 could not be tried"),
        "{ran:?}"
    );
}

#[test]
fn each_sort_of_decision_is_seen() {
    let folder = recorded();
    let here = folder.path();
    for (from, to, before, after) in [
        ("for 4h", "for 1d", "  - does hr.lock(mail: ", " for 24h"),
        (
            "because \"few\"",
            "because \"not many\"",
            "  - closes it as FalsePositive because \"few\"",
            "  + closes it as FalsePositive because \"not many\"",
        ),
        (
            "set severity = High because",
            "set severity = Critical because",
            "  - sets severity to High",
            "  + sets severity to Critical",
        ),
        (
            "because \"nobody of that name\"",
            "because \"who is that\"",
            "  - hands over to queue.tier1 because \"nobody of that name\"",
            "  + hands over to queue.tier1 because \"who is that\"",
        ),
        (
            "severity >= High  else approval from role.lead",
            "severity >= Low  else approval from role.lead",
            "  - asks role.lead to approve hr.lock(",
            "  + does hr.lock(",
        ),
        (
            "guard locks covers hr.lock { limit",
            "guard locks for Login covers hr.lock { never when case.tries > 8  limit",
            "  - does hr.lock(",
            "  + is refused hr.lock(",
        ),
        (
            "close FalsePositive because",
            "note \"seen\"\n  close FalsePositive because",
            "    closes it as FalsePositive",
            "  + notes seen",
        ),
        (
            "let hosts = hr.team(who.team) else []",
            "let hosts = hr.team(\"{who.team} all\") else []",
            "    does hr.lock(",
            "  + asks hr.team(\"blue all\"), to which the record has no answer",
        ),
        (
            "when case.tries > 3 {",
            "when case.tries > 8 {",
            "  - hands over to queue.tier1 because \"not locked\"",
            "  + no playbook takes this case",
        ),
        (
            "when case.tries <= 3 {",
            "when case.tries <= 5 before odd {",
            "  - hands over to queue.tier1",
            "  + the case goes to playbook `fine`\n  + closes it as FalsePositive because \"few\"",
        ),
    ] {
        let ran = backtest(here, from, to, &[]);
        assert_eq!(ran.code, 1, "{from}: {ran:?}");
        assert!(ran.out.contains("decides otherwise"), "{from}: {ran:?}");
        assert!(ran.out.contains(before) && ran.out.contains(after), "{from}:\n{}", ran.out);
    }
}

#[test]
fn what_is_the_same_as_far_as_it_is_shown_is_not_the_same() {
    let folder = recorded();
    let long = "x".repeat(200);
    let here = folder.path();
    std::fs::write(here.join("p.play"), PROGRAM.replace("\"few\"", &format!("\"{long}1\""))).unwrap();
    let words = ["run", "p.play", "--alert", "alerts.jsonl", "--stub", "stubs.json", "--store", "long"];
    assert_eq!(at(here, &words).code, 0);
    std::fs::write(here.join("p.play"), PROGRAM.replace("\"few\"", &format!("\"{long}2\""))).unwrap();
    let ran = at(here, &["backtest", "p.play", "--store", "long", "--playbook", "fine"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("1 run tried: 1 decided otherwise"), "{ran:?}");
}

#[test]
fn a_playbook_that_is_gone_and_files_without_their_program() {
    let folder = recorded();
    let here = folder.path();
    let ran = backtest(here, "playbook fine", "playbook few", &["--format", "jsonl"]);
    let all = each(&ran);
    all.iter().for_each(|one| schema::is("backtest", one));
    let gone = all.iter().find(|one| one["playbook"] == "fine").unwrap();
    assert_eq!(gone["after"][0], "the playbook `fine` is not there any more");
    assert_eq!(all.iter().filter(|one| one["backtest"] == "same").count(), 3, "{all:?}");

    // Where the store is not, the record itself says what was decided.
    let run = gone["run"].as_str().unwrap();
    assert_eq!(at(here, &["trace", "export", run, "--store", "s", "-o", "run.jsonl"]).code, 0);
    std::fs::write(here.join("p.play"), PROGRAM).unwrap();
    let ran = at(here, &["backtest", "p.play", "--trace", "run.jsonl"]);
    assert!(ran.code == 0 && ran.err.contains("1 run tried: 0 decided otherwise, 1 as before"), "{ran:?}");
    std::fs::write(here.join("p.play"), PROGRAM.replace("close FalsePositive", "close Duplicate")).unwrap();
    let ran = at(here, &["backtest", "p.play", "--trace", "run.jsonl", "--format", "json"]);
    let all: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(all[0]["inexact"], "the program that decided it is not here; it is compared with the record");
    assert_eq!(all[0]["before"][0], "closes it as FalsePositive because \"few\"");
    assert_eq!(all[0]["after"][0], "closes it as Duplicate because \"few\"");

    std::fs::write(here.join("odd.jsonl"), "{}\n").unwrap();
    let ran = at(here, &["backtest", "p.play", "--trace", "odd.jsonl"]);
    assert!(ran.code == 1 && ran.out.contains("its first line cannot be read"), "{ran:?}");
    let ran = at(here, &["backtest", "p.play", "--store", "nowhere"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let ran = at(here, &["backtest", "p.play", "--store", "s", "--playbook", "nobody"]);
    assert!(ran.code == 2 && ran.err.contains("there is no playbook `nobody`"), "{ran:?}");
}

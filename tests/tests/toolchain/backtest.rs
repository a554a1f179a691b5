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
    assert_eq!(gone["after"][0], "the playbook `fine` is not there any more; the case goes to `few`");
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

const MAP: &str = "tries = payload.tries as Int?";

/// The lines on standard output that tell something.
fn told(ran: &Ran) -> Vec<&str> {
    ran.out.lines().map(str::trim).filter(|line| line.starts_with(['-', '+', '('])).collect()
}

#[test]
fn a_change_of_a_source_is_tried_on_the_records_themselves() {
    let folder = recorded();
    let here = folder.path();
    // Kim has tried once.
    let ran = backtest(here, MAP, "tries = (payload.tries as Int?) + 3", &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let kim = ran.out.split_once("  fine: decides otherwise").unwrap().1;
    assert!(kim.contains("+ the case goes to playbook `odd`"), "{kim}");
    assert!(kim.contains("(mapped otherwise: tries is 4, was 1)"), "{kim}");
    // Those of the others are as before: they have tried more than three times all the same.
    assert!(ran.err.contains("4 runs tried: 1 decided otherwise, 3 as before"), "{ran:?}");
    assert!(ran.err.contains("of those that are as before, the case of 3 is mapped otherwise"), "{ran:?}");

    for (to, after) in [
        (
            "tries = payload.attempts as Int?",
            "no case comes of its record: source `logins`, field `tries`: expected Int at `/attempts`, found nothing",
        ),
        ("tries = 1", "the case goes to playbook `fine`"),
    ] {
        let ran = backtest(here, MAP, to, &[]);
        assert!(ran.code == 1 && ran.out.contains(&format!("+ {after}")), "{to}: {ran:?}");
    }
    for (to, after) in [
        ("{\n  accept payload.tries as Int? > 1", "no source accepts its record"),
        ("{\n  dedup by payload.ip as String? within 24h", "its record is a duplicate of that of C-"),
    ] {
        let source = "-> Login {";
        let ran = backtest(here, source, &format!("-> Login {to}"), &[]);
        assert!(ran.code == 1 && ran.out.contains(&format!("+ {after}")), "{to}: {ran:?}");
        assert!(ran.err.contains("4 runs tried: 1 decided otherwise, 3 as before"), "{to}: {ran:?}");
    }
}

#[test]
fn a_case_that_is_mapped_otherwise_and_decided_as_before_is_no_finding() {
    let folder = recorded();
    let from = "note = payload.note as String else none";
    let to = "note = payload.user as String else none";
    let ran = backtest(folder.path(), from, to, &["--format", "jsonl"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for one in each(&ran) {
        schema::is("backtest", &one);
        assert_eq!(one["backtest"], "same");
        assert_eq!(one["mapped"][0]["field"], "note");
        assert!(one["mapped"][0]["after"].as_str().unwrap().contains("corp[.]test"), "{one}");
    }
}

/// An exported run has those leaves of its record that the program of then looked at.
#[test]
fn a_run_without_its_store_is_tried_with_what_was_looked_at() {
    let folder = recorded();
    let here = folder.path();
    let runs = store::runs(&here.join("s"));
    let kim = runs.iter().find(|run| run["playbook"] == "fine").unwrap()["run"].as_str().unwrap();
    assert_eq!(at(here, &["trace", "export", kim, "--store", "s", "-o", "kim.jsonl"]).code, 0);
    let tried = |to: &str| {
        std::fs::write(here.join("p.play"), PROGRAM.replace(MAP, to)).unwrap();
        at(here, &["backtest", "p.play", "--trace", "kim.jsonl", "--store", "nowhere"])
    };
    let ran = tried("tries = (payload.tries as Int?) + 3");
    assert!(ran.out.contains("+ the case goes to playbook `odd`"), "{ran:?}");
    // What was not looked at may be there or not: the case is given as it was mapped.
    let ran = tried("tries = payload.attempts as Int else 9");
    assert!(ran.code == 0 && ran.err.contains("1 run tried: 0 decided otherwise"), "{ran:?}");
}

const MORE: &str = r#"{"user": "zoe@corp.test", "ip": "192.0.2.1", "tries": 0}
{"user": "zoe@corp.test", "ip": "192.0.2.2", "tries": 0}
{"user": "ned@corp.test", "ip": "192.0.2.3"}
{"user": "sue@corp.test", "ip": "192.0.2.4", "tries": -1}
"#;

/// A store with a duplicate, one that made no case and one that no playbook took, and the program that it was filled by.
fn with_more(wrapped: bool) -> (tempfile::TempDir, String) {
    let folder = recorded();
    let here = folder.path();
    let program = PROGRAM
        .replace("-> Login {", "-> Login {\n  dedup by payload.user as String? within 24h")
        .replace("when case.tries <= 3", "when case.tries <= 3 and case.tries >= 0");
    let alerts = match wrapped {
        true => MORE.lines().map(|line| format!("{{\"log\": {line}}}\n")).collect(),
        false => MORE.to_string(),
    };
    std::fs::write(here.join("p.play"), &program).unwrap();
    std::fs::write(here.join("more.jsonl"), alerts).unwrap();
    let mut words = vec!["run", "p.play", "--alert", "more.jsonl", "--stub", "stubs.json", "--store", "m"];
    if wrapped {
        words.extend(["--pointer", "/log"]);
    }
    let ran = at(here, &words);
    assert_eq!(ran.code, 1, "{ran:?}");
    (folder, program)
}

#[test]
fn a_record_of_which_no_case_came_and_one_would_come_is_told() {
    let (folder, program) = with_more(false);
    let here = folder.path();
    let tried = |from: &str, to: &str, more: &[&str]| {
        let changed = program.replace(from, to);
        assert_ne!(changed, program, "{from}");
        std::fs::write(here.join("p.play"), changed).unwrap();
        at(here, &[&["backtest", "p.play", "--store", "m"], more].concat())
    };
    let dedup = "dedup by payload.user as String? within 24h";
    let came = "+ a case for `fine` comes of it";
    for (from, to, before, after) in [
        (dedup, "", "no case came of it: the same key as C-", "+ it is a duplicate no more"),
        (
            MAP,
            "tries = payload.tries as Int else 0",
            "no case came of it: field `tries`: expected Int at `/tries`, found nothing",
            came,
        ),
        (" and case.tries >= 0", "", "no case came of it: no playbook takes this `Login`", came),
    ] {
        let ran = tried(from, to, &[]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let told = told(&ran);
        assert!(told.len() == 2 && told[0].contains(before), "{from}: {ran:?}");
        assert_eq!(told[1], after, "{from}: {ran:?}");
        assert!(ran.err.contains("1 record of which no case came would be one now"), "{ran:?}");
        let json = tried(from, to, &["--format", "jsonl"]);
        let all = each(&json);
        all.iter().for_each(|one| schema::is("backtest", one));
        assert_eq!(all.iter().filter(|one| one["record"].is_object()).count(), 1, "{all:?}");
        // It is that of another playbook.
        let ran = tried(from, to, &["--playbook", "odd"]);
        assert!(ran.code == 0 && ran.out.is_empty(), "{ran:?}");
    }
    // Of a duplicate the key is kept, and not the record.
    let ran = tried(dedup, "dedup by payload.ip as String? within 24h", &[]);
    assert!(ran.err.contains("1 duplicate: what they would be now is not known"), "{ran:?}");
    // Nothing is changed.
    let ran = tried("role lead", "role lead\nrole chief", &[]);
    assert!(ran.code == 0 && told(&ran).is_empty(), "{ran:?}");
}

#[test]
fn records_in_an_envelope_are_found_in_it() {
    let (folder, program) = with_more(true);
    let here = folder.path();
    std::fs::write(here.join("p.play"), program.replace("because \"few\"", "because \"none\"")).unwrap();
    let ran = at(here, &["backtest", "p.play", "--store", "m", "--pointer", "/log"]);
    assert!(ran.code == 1 && !ran.out.contains("not tried quite"), "{ran:?}");
    // Of several pointers each record has its own.
    let words = ["backtest", "p.play", "--store", "m", "--pointer", "/event", "--pointer", "/log"];
    assert_eq!(at(here, &words).out, ran.out);
    // Without, the records are not those that the cases came of.
    let ran = at(here, &["backtest", "p.play", "--store", "m"]);
    assert!(ran.err.contains("1 run: the record is not kept, or makes another case"), "{ran:?}");
    assert!(ran.out.contains("+ closes it as FalsePositive because \"none\""), "{ran:?}");
    std::fs::write(here.join("p.play"), program).unwrap();
    let ran = at(here, &["backtest", "p.play", "--store", "m"]);
    assert!(ran.code == 0 && ran.out.is_empty(), "{ran:?}");
    assert_eq!(at(here, &["backtest", "p.play", "--store", "m", "--pointer", "log"]).code, 2);
}

/// Programs one after the other: the first fills a store, and each other one is tried on it.
fn one_after_the_other(first: &str, alerts: &str, words: &[&str], others: &[(&str, i32, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("p.play"), first).unwrap();
    std::fs::write(here.join("a.jsonl"), alerts).unwrap();
    let ran = at(here, &[&["run", "p.play", "--alert", "a.jsonl", "--store", "s"], words].concat());
    assert!(ran.code < 2, "{ran:?}");
    for (program, code, part) in [(first, 0, "")].iter().chain(others) {
        std::fs::write(here.join("p.play"), program).unwrap();
        let ran = at(here, &["backtest", "p.play", "--store", "s"]);
        assert_eq!(ran.code, *code, "{program}\n{ran:?}");
        assert!(ran.out.contains(part) && (ran.out.is_empty() || *code == 1), "{program}\n{ran:?}");
    }
}

/// What a case is made of besides its record: its source, its time, the configuration.
#[test]
fn a_case_has_its_source_its_time_and_its_configuration() {
    let first = r#"
case Login { user: String, tries: Int }
source logins from feed("logins") -> Login {
  map {
    user = payload.user as String?
    tries = payload.tries as Int?
  }
}
config { least: Int = 3 }
queue tier1
playbook odd for Login when case.source == "logins" and case.opened > 2026-01-01T00:00Z and case.tries > config.least {
  hand over to queue.tier1 because "odd"
}
playbook rest for Login when case.source != "logins" or case.opened <= 2026-01-01T00:00Z { close FalsePositive because "not ours" }
"#;
    let after = "+ hands over to queue.tier1 because \"strange\"";
    let more = "config { more: Int = 0, least: Int = 3 }";
    one_after_the_other(
        first,
        r#"{"user": "ada", "tries": 9}"#,
        &[],
        &[
            (&first.replace("because \"odd\"", "because \"strange\""), 1, after),
            (&first.replace("because \"not ours\"", "because \"another's\""), 0, ""),
            (&first.replace("case.opened > 2026", "case.opened > 2096"), 1, "+ no playbook takes this case"),
            // An option that is new has the value that it would have.
            (
                &first
                    .replace("config { least: Int = 3 }", more)
                    .replace("> config.least", "> config.least + config.more"),
                0,
                "",
            ),
            (&first.replace("config { least: Int = 3 }", "").replace("config.least", "3"), 0, ""),
            (
                &first.replace("playbook odd for", "playbook strange for"),
                1,
                "is not there any more; the case goes to `strange`",
            ),
        ],
    );
}

/// A record is for the source that took it, as long as that makes a case of it.
#[test]
fn a_source_that_comes_to_stand_before_another_takes_nothing_from_it() {
    let of = |name: &str, field: &str| {
        format!(
            "source {name} from feed(\"{name}\") -> Login {{\n  accept payload.{field} as String? != \"\"\n  map {{ user = payload.{field} as String? }}\n}}\n"
        )
    };
    let rest = "case Login { user: String }\nqueue tier1\nplaybook odd for Login { hand over to queue.tier1 because \"odd\" }\n";
    let first = format!("{}{rest}", of("b", "user"));
    let before = format!("{}{}{rest}", of("a", "user"), of("b", "user"));
    let moved = format!("{}{}{rest}", of("a", "user"), of("b", "user").replace("!=", "=="));
    let none = format!("{}{}{rest}", of("a", "name"), of("b", "name"));
    one_after_the_other(
        &first,
        r#"{"user": "ada"}"#,
        &[],
        &[(&before, 0, ""), (&moved, 0, ""), (&none, 1, "+ no case comes of its record: source `b`")],
    );
}

/// Under another configuration no case came of it: that it is one under this one is no change of the program.
#[test]
fn a_record_that_is_a_case_for_the_program_of_then_is_not_said_to_be_one_now() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let program = r#"
case Login { tries: Int }
source logins from feed("logins") -> Login { map { tries = payload.tries as Int? } }
config { least: Int = 3 }
queue tier1
playbook odd for Login when case.tries > config.least { hand over to queue.tier1 because "odd" }
"#;
    std::fs::write(here.join("p.play"), program).unwrap();
    std::fs::write(
        here.join("play.toml"),
        "name = \"p\"\nedition = \"2026\"\n[env.prod.config]\nleast = 7\n",
    )
    .unwrap();
    std::fs::write(here.join("a.jsonl"), "{\"tries\": 9}\n{\"tries\": 5}\n").unwrap();
    let ran = at(here, &["run", ".", "--alert", "a.jsonl", "--store", "s", "--env", "prod"]);
    assert!(ran.code < 2, "{ran:?}");
    let ran = at(here, &["backtest", ".", "--store", "s"]);
    assert!(ran.code == 0 && ran.out.is_empty(), "{ran:?}");
}

/// What is the same is told once, and what comes from outside stands as it is shown elsewhere.
#[test]
fn what_was_read_twice_is_told_once_and_defanged() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let program = r#"
case Login { tries: Int }
source logins from feed("logins") -> Login { map { tries = payload.tries as Int? } }
queue tier1
playbook odd for Login { hand over to queue.tier1 because "odd" }
"#;
    std::fs::write(here.join("p.play"), program).unwrap();
    std::fs::write(here.join("a.jsonl"), "{\"tries\": \"http://evil.test\"}\n").unwrap();
    for _ in 0..2 {
        let ran = at(here, &["run", "p.play", "--alert", "a.jsonl", "--store", "s"]);
        assert!(ran.code < 2, "{ran:?}");
    }
    std::fs::write(here.join("p.play"), program.replace("as Int?", "as Int else 0")).unwrap();
    let ran = at(here, &["backtest", "p.play", "--store", "s"]);
    assert_eq!(told(&ran).len(), 2, "{ran:?}");
    assert!(ran.out.contains("hxxp://evil[.]test") && !ran.out.contains("http://"), "{ran:?}");
}

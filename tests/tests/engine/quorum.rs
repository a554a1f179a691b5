//! Approvals that take several persons, from outside: each counts once, over kills, at the same time, and in the record.

use std::sync::Barrier;

use crate::served::{SERVED, World};
use play_evidence::J;
use play_tests::forged::forged;
use play_tests::{playc, store};
use serde_json::json;

const PLAYBOOK: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.s as String? } }
connector x {
  config { base_url: Url }
  write cut(q: String) -> String
    POST "/cut" json { q: q }
    expect 200 -> body
    undo join(q)
    class change
  write join(q: String) -> Unit
    POST "/join" json { q: q }
    expect 204
    class restore
}
guard cuts covers x.cut { else approval from 2 of role.lead within 2h else refuse }
playbook p for T {
  do x.cut(case.s) else hand over to queue.tier2 because failure.words
  close TruePositive because "cut off"
}
"#;

const SETTINGS: &str = r#"
name = "served"
[roles]
lead = ["ada", "ben", "cleo", "dora"]
"#;

fn settings() -> String {
    format!("{SETTINGS}{SERVED}source = \"src\"\nid = \"X-Delivery\"\n")
}

fn world() -> World {
    let stubs = r#"[{ "call": "x.cut", "returns": "ok" }, { "call": "x.join", "returns": null }]"#;
    let alert = "{\"s\": \"host-1\"}\n";
    let settings = settings();
    let files =
        [("p.play", PLAYBOOK), ("play.toml", settings.as_str()), ("stubs.json", stubs), ("a.jsonl", alert)];
    World::new(&files)
}

/// A store in which a run waits for two leads, and its case.
fn waiting(world: &World) -> String {
    let (ran, case) = world.opened();
    assert!(ran.out.contains("for role.lead to approve x.cut(\"host-1\") (0 of 2)"), "{ran:?}");
    case
}

fn says(world: &World, word: &str, case: &str, by: &str) -> playc::Ran {
    let (stubs, store, folder) = (world.path("stubs.json"), world.path("store"), world.0.path());
    playc::run(&[
        word.as_ref(),
        case.as_ref(),
        "--by".as_ref(),
        by.as_ref(),
        "--because".as_ref(),
        format!("seen by {by}").as_ref(),
        "--stub".as_ref(),
        stubs.as_os_str(),
        "--store".as_ref(),
        store.as_os_str(),
        "--project".as_ref(),
        folder.as_os_str(),
    ])
}

fn status(world: &World) -> String {
    let store = world.path("store");
    let ran = playc::run(&["status".as_ref(), "--store".as_ref(), store.as_os_str()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

/// Who has said what, in order.
fn decisions(world: &World) -> Vec<(String, String)> {
    let store = world.path("store");
    let run = store::runs(&store)[0]["run"].as_str().unwrap().to_string();
    let lines = store::lines(&store, &run);
    let text = |l: &play_evidence::ParsedLine, name: &str| match l.field(name) {
        Some(J::Str(text)) => text.clone(),
        other => panic!("{name}: {other:?}"),
    };
    let parsed = lines.iter().map(|l| play_evidence::ParsedLine::parse(l).unwrap());
    let said = parsed.filter(|l| l.k == "person.answered");
    said.map(|l| (text(&l, "person"), text(&l, "choice"))).collect()
}

#[test]
fn a_person_counts_once_and_the_last_one_needed_lets_the_run_go_on() {
    let world = world();
    let case = waiting(&world);
    let ran = says(&world, "approve", &case, "ada");
    assert!(ran.out.contains("(1 of 2, approved by ada)"), "{ran:?}");
    assert!(status(&world).contains("1 of 2, approved by ada"), "{}", status(&world));

    let before = decisions(&world);
    let ran = says(&world, "approve", &case, "ada");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("ada has approved line 4 already, and counts once"), "{ran:?}");
    assert!(ran.err.contains("1 other person is missing"), "{ran:?}");
    assert_eq!(decisions(&world), before, "what does not count writes nothing");

    let ran = says(&world, "approve", &case, "ben");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("closed TruePositive"), "{ran:?}");
    let both = [("ada", "approve"), ("ben", "approve")].map(|(a, b)| (a.to_string(), b.to_string()));
    assert_eq!(decisions(&world), both);
    let ran = says(&world, "approve", &case, "cleo");
    assert_eq!(ran.code, 2, "nobody is asked any more: {ran:?}");
    world.is_sound();
}

#[test]
fn blanks_and_case_make_no_second_person_where_nobody_is_listed() {
    let world = world();
    let case = waiting(&world);
    std::fs::write(world.path("play.toml"), "name = \"t\"\n").unwrap();
    says(&world, "approve", &case, "ada");
    for same in ["Ada", " ada ", "ADA"] {
        let ran = says(&world, "approve", &case, same);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("counts once"), "{ran:?}");
    }
    assert_eq!(decisions(&world).len(), 1);
}

#[test]
fn the_first_denial_decides_also_that_of_somebody_who_approved() {
    for who in ["ben", "ada"] {
        let world = world();
        let case = waiting(&world);
        says(&world, "approve", &case, "ada");
        let ran = says(&world, "deny", &case, who);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains(&format!("denied by {who}: seen by {who}")), "{ran:?}");
        world.is_sound();
    }
}

#[test]
fn of_several_who_come_at_once_as_many_count_as_are_missing() {
    let world = world();
    let case = waiting(&world);
    says(&world, "approve", &case, "ada");
    let start = Barrier::new(3);
    let done = std::thread::scope(|scope| {
        let all = ["ben", "cleo", "dora"].map(|by| {
            let (world, case, start) = (&world, &case, &start);
            scope.spawn(move || {
                start.wait();
                says(world, "approve", case, by).out.contains("closed TruePositive")
            })
        });
        all.into_iter().map(|t| t.join().unwrap()).filter(|won| *won).count()
    });
    // Whoever found the store taken is told so, and may come again.
    for by in ["ben", "cleo"] {
        says(&world, "approve", &case, by);
    }
    assert!(done <= 1, "{done} have let it go on");
    assert_eq!(decisions(&world).len(), 2, "{:?}", decisions(&world));
    assert_eq!(world.states(), [("closed".to_string(), "TruePositive".to_string())]);
    world.is_sound();
}

#[test]
fn killed_between_two_approvals_the_first_one_counts_still() {
    let world = world();
    let service = world.serve();
    let (_, answer) = service.send("d-1", r#"{"s": "host-1"}"#);
    let case = answer["records"][0]["case"].as_str().unwrap().to_string();
    let by = |who: &str| json!({ "by": who, "because": "looked at it" });
    let (code, answer) = service.decide(&case, "approve", by("ada"));
    assert_eq!(code, 200, "{answer}");
    drop(service);

    let service = world.serve();
    let standing = service.list("status");
    let waits = standing.as_array().unwrap().iter().find(|s| s["what"] == "waiting").unwrap();
    assert_eq!((&waits["persons"], &waits["approved_by"]), (&json!(2), &json!(["ada"])), "{standing}");
    let (code, answer) = service.decide(&case, "approve", by("ada"));
    assert_eq!(code, 409, "{answer}");
    assert!(answer.to_string().contains("counts once; 1 other person is missing"), "{answer}");
    let (code, answer) = service.decide(&case, "approve", by("eve"));
    assert_eq!(code, 409, "eve has not the role: {answer}");
    let (code, answer) = service.decide(&case, "approve", by("ben"));
    assert_eq!(code, 200, "{answer}");
    service.until("run_ended");
    assert_eq!(service.stop(), 0);
    assert_eq!(world.states(), [("closed".to_string(), "TruePositive".to_string())]);
    world.is_sound();
}

#[test]
fn a_record_in_which_one_person_counts_twice_does_not_replay() {
    let world = world();
    let case = waiting(&world);
    says(&world, "approve", &case, "ada");
    says(&world, "approve", &case, "ben");
    let file = world.path("run.jsonl");
    let store = world.path("store");
    let ran = playc::run(&[
        "trace".as_ref(),
        "export".as_ref(),
        case.as_ref(),
        "--store".as_ref(),
        store.as_os_str(),
        "-o".as_ref(),
        file.as_os_str(),
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = playc::run(&["replay".as_ref(), file.as_os_str(), "--store".as_ref(), store.as_os_str()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    forged(&file, |text| {
        text.replace("person:ben", "person:ada").replace("\"person\":\"ben\"", "\"person\":\"ada\"")
    });
    let ran = playc::run(&["replay".as_ref(), file.as_os_str(), "--store".as_ref(), store.as_os_str()]);
    assert_ne!(ran.code, 0, "{ran:?}");
    let told = format!("{}{}", ran.out, ran.err);
    assert!(told.contains("ada has approved line 4 already"), "{ran:?}");
}

/// The program, with an escalation after a time.
fn escalates(world: &World, first: &str, later: &str) {
    let asks = format!("role.lead within {first} then role.chief within {later} else refuse");
    let text = PLAYBOOK.replace("role.lead within 2h else refuse", &asks);
    std::fs::write(world.path("p.play"), text).unwrap();
    let settings = settings().replace("lead = ", "chief = [\"eve\"]\nlead = ");
    std::fs::write(world.path("play.toml"), settings).unwrap();
}

#[test]
fn who_is_asked_later_decides_together_with_those_before_also_after_a_kill() {
    let world = world();
    escalates(&world, "2s", "2h");
    let service = world.serve();
    let (_, answer) = service.send("d-1", r#"{"s": "host-1"}"#);
    let case = answer["records"][0]["case"].as_str().unwrap().to_string();
    let by = |who: &str| json!({ "by": who, "because": "looked at it" });
    let (code, answer) = service.decide(&case, "approve", by("eve"));
    assert_eq!(code, 409, "she is not asked yet: {answer}");
    let (code, answer) = service.decide(&case, "approve", by("ada"));
    assert_eq!(code, 200, "{answer}");
    let escalated = |service: &crate::served::Service| {
        let standing = service.list("status");
        let waits = standing.as_array().unwrap().iter().find(|s| s["what"] == "waiting").unwrap().clone();
        (waits["to"] == "role.lead or role.chief", waits)
    };
    let began = std::time::Instant::now();
    while !escalated(&service).0 {
        assert!(began.elapsed().as_secs() < 60, "{:?}", escalated(&service));
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    drop(service);

    let service = world.serve();
    let (is, waits) = escalated(&service);
    assert!(is && waits["approved_by"] == json!(["ada"]), "{waits}");
    let (code, answer) = service.decide(&case, "approve", by("eve"));
    assert_eq!(code, 200, "{answer}");
    service.until("run_ended");
    assert_eq!(service.stop(), 0);
    assert_eq!(world.states(), [("closed".to_string(), "TruePositive".to_string())]);
    world.is_sound();
}

#[test]
fn where_no_engine_ran_whoever_was_to_be_asked_meanwhile_can_decide() {
    let world = world();
    // So long that the run is left.
    escalates(&world, "32s", "2h");
    let case = waiting(&world);
    let ran = says(&world, "approve", &case, "eve");
    assert_eq!(ran.code, 2, "she is not asked yet: {ran:?}");
    std::thread::sleep(std::time::Duration::from_secs(33));
    let ran = says(&world, "approve", &case, "eve");
    assert!(ran.out.contains("for role.lead or role.chief to approve"), "{ran:?}");
    assert!(ran.out.contains("(1 of 2, approved by eve)"), "{ran:?}");
    let ran = says(&world, "approve", &case, "ada");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("closed TruePositive"), "{ran:?}");
    world.is_sound();
}

#[test]
fn when_all_have_had_their_time_it_is_refused() {
    let world = world();
    escalates(&world, "300ms", "300ms");
    let service = world.serve();
    let (_, answer) = service.send("d-1", r#"{"s": "host-1"}"#);
    let case = answer["records"][0]["case"].as_str().unwrap().to_string();
    // A first approval is no reason to wait longer.
    service.decide(&case, "approve", json!({ "by": "ada", "because": "looked at it" }));
    service.until("run_ended");
    assert_eq!(service.stop(), 0);
    assert_eq!(world.states(), [("handed_over".to_string(), "queue.tier2".to_string())]);
    world.is_sound();
}

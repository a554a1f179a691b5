//! A person ends a run: what is under way is cancelled, what may have been done stays in doubt, what is held keeps its end. By the
//! command, and through the service.

use std::path::Path;

use crate::served::World;
use crate::served::desk::{self, BY, demo, sent};
use play_demo::{Fault, Kind};
use play_evidence::{J, ParsedLine};
use play_tests::{playc, store};
use serde_json::json;

const PLAYBOOK: &str = r#"
playbook p for T {
  do desk.block(case.q) for 3s else hand over to queue.q because "not blocked"
  let bad = ask role.lead "Is {case.q} bad?" { Yes, No } within 2h else Yes because "nobody"
  do desk.block("{case.q} too") else hand over to queue.q because "not blocked"
  close TruePositive because bad.reason
}
"#;

fn world(address: &str) -> World {
    desk::world("cancelled", PLAYBOOK, address)
}

fn playc_in(world: &World, words: &[&str]) -> playc::Ran {
    let store = world.path("store");
    let config = world.path("config.toml");
    let mut all: Vec<&std::ffi::OsStr> = words.iter().map(AsRef::as_ref).collect();
    all.extend(["--config".as_ref(), config.as_os_str(), "--store".as_ref(), store.as_os_str()]);
    playc::run(&all)
}

fn run(world: &World) -> playc::Ran {
    let (program, alerts) = (world.path("p.play"), world.path("alerts.jsonl"));
    playc_in(world, &["run", program.to_str().unwrap(), "--alert", alerts.to_str().unwrap()])
}

fn lines(store: &Path) -> Vec<ParsedLine> {
    let reader = play_journal::Store::read_only(store).unwrap();
    let run = reader.runs().remove(0);
    reader.lines_of(&run).unwrap().iter().map(|l| ParsedLine::parse(l).unwrap()).collect()
}

fn kinds(world: &World) -> Vec<String> {
    lines(&world.path("store")).into_iter().map(|l| l.k).collect()
}

fn cancel(world: &World, case: &str) -> playc::Ran {
    let words: Vec<&str> = ["cancel", case].into_iter().chain(BY).collect();
    playc_in(world, &words)
}

#[test]
fn what_waits_is_cancelled_and_what_is_held_keeps_its_end() {
    let demo = demo();
    let world = world(&demo.address().to_string());
    let ran = run(&world);
    assert_eq!(ran.code, 0, "{ran:?}");
    let case = store::runs(&world.path("store"))[0]["case"].as_str().unwrap().to_string();
    let ran = cancel(&world, &case);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("handed over person:ada  a drill"), "{}", ran.out);
    let all = lines(&world.path("store"));
    let at = all.iter().position(|l| l.k == "cancel.asked").unwrap();
    assert_eq!(all[at].by, "person:ada");
    let ended = all.iter().find(|l| l.k == "run.handed_over").unwrap();
    assert_eq!(ended.field("to"), Some(&J::Str("person:ada".into())));
    assert!(all[at..].iter().any(|l| l.k == "timer.cancelled"), "{:?}", kinds(&world));
    let ran = cancel(&world, &case);
    assert!(ran.code == 2 && ran.err.contains("has ended already"), "{ran:?}");
    let shown = playc_in_store(&world, &["trace", "show", &case]);
    assert!(shown.contains("ada ends the run because"), "{shown}");

    // Nobody answers any more; what is held ends when its time comes.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let ran = run(&world);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(sent(&demo), ["block a", "free a"]);
    world.is_sound();
}

fn playc_in_store(world: &World, words: &[&str]) -> String {
    let store = world.path("store");
    let all: Vec<&std::ffi::OsStr> =
        words.iter().map(AsRef::as_ref).chain(["--store".as_ref(), store.as_os_str()]).collect();
    playc::run(&all).out
}

#[test]
fn what_is_in_doubt_stays_so_and_can_be_settled_afterwards() {
    let demo = demo();
    let world = world(&demo.address().to_string());
    demo.fault(Fault { path: "/chat/messages".into(), kind: Kind::ResetAfterRequest, times: 1 });
    let ran = run(&world);
    assert!(ran.out.contains("in doubt: desk.block"), "{ran:?}");
    let case = store::runs(&world.path("store"))[0]["case"].as_str().unwrap().to_string();
    let ran = cancel(&world, &case);
    assert_eq!(ran.code, 1, "something is in doubt: {ran:?}");
    assert!(ran.out.contains("desk.block is in doubt"), "{}", ran.out);
    let words: Vec<&str> = ["resolve", &case, "--done", "\"done\""].into_iter().chain(BY).collect();
    let ran = playc_in(&world, &words);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        kinds(&world).contains(&"hold.started".to_string()),
        "it was done for a time: {:?}",
        kinds(&world)
    );
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(run(&world).code, 0);
    assert_eq!(sent(&demo), ["block a", "free a"], "it ends as it would have; nothing else was done");
    world.is_sound();
}

/// A write in doubt that was to be sent again is in doubt still when nobody sends it any more.
#[test]
fn what_was_to_be_sent_again_is_in_doubt_when_the_run_is_ended() {
    let demo = demo();
    let world = world(&demo.address().to_string());
    let again = format!("{}{PLAYBOOK}", desk::HEAD)
        .replace("    undo free(q)\n", "    undo free(q)\n    idempotent by q\n")
        .replace("do desk.block(case.q) for 3s", "do desk.block(case.q) retry 3 backoff 10m for 3s");
    std::fs::write(world.path("p.play"), again).unwrap();
    demo.fault(Fault { path: "/chat/messages".into(), kind: Kind::ResetAfterRequest, times: 1 });
    let ran = run(&world);
    let case = store::runs(&world.path("store"))[0]["case"].as_str().unwrap().to_string();
    assert!(kinds(&world).contains(&"retry.scheduled".to_string()), "{ran:?}");
    let ran = cancel(&world, &case);
    assert!(ran.code == 1 && ran.out.contains("desk.block is in doubt"), "{ran:?}");
    let store = world.path("store");
    let status = playc::run(&["status".as_ref(), "--store".as_ref(), store.as_os_str()]);
    assert!(status.code == 1 && status.out.contains("in doubt"), "{status:?}");
    let words: Vec<&str> = ["resolve", &case, "--not-done"].into_iter().chain(BY).collect();
    assert_eq!(playc_in(&world, &words).code, 0);
    let status = playc::run(&["status".as_ref(), "--store".as_ref(), store.as_os_str()]);
    assert!(status.code == 0 && !status.out.contains("in doubt"), "{status:?}");
    assert_eq!(sent(&demo), ["block a"]);
    world.is_sound();
}

#[test]
fn a_run_that_was_cut_off_in_a_write_is_not_taken_up_for_that() {
    let demo = demo();
    let world = world(&demo.address().to_string());
    demo.fault(Fault { path: "/chat/messages".into(), kind: Kind::Hang, times: 1 });
    let (program, alerts) = (world.path("p.play"), world.path("alerts.jsonl"));
    let (config, store) = (world.path("config.toml"), world.path("store"));
    let mut child = playc::command(&[
        "run".as_ref(),
        program.as_os_str(),
        "--alert".as_ref(),
        alerts.as_os_str(),
        "--config".as_ref(),
        config.as_os_str(),
        "--store".as_ref(),
        store.as_os_str(),
    ])
    .stdout(std::process::Stdio::null())
    .stderr(std::process::Stdio::null())
    .spawn()
    .unwrap();
    while sent(&demo).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let case = store::runs(&world.path("store"))[0]["case"].as_str().unwrap().to_string();
    let ran = cancel(&world, &case);
    assert!(ran.code == 1 && ran.out.contains("desk.block is in doubt"), "{ran:?}");
    let kinds = kinds(&world);
    let tail: Vec<&str> = kinds.iter().rev().take(3).rev().map(String::as_str).collect();
    assert_eq!(tail, ["cancel.asked", "act.in_doubt", "run.handed_over"]);
    assert_eq!(sent(&demo), ["block a"]);
    world.is_sound();
}

#[test]
fn the_service_ends_a_run_that_it_has() {
    let world = world("127.0.0.1:1");
    let service = world.serve();
    let (status, answer) = service.send("d-1", r#"{"q": "a"}"#);
    assert_eq!(status, 202, "{answer}");
    let case = answer["records"][0]["case"].as_str().unwrap().to_string();
    let began = std::time::Instant::now();
    let waits = || {
        let status = service.list("status");
        status.as_array().unwrap().iter().any(|one| one["what"] == "waiting")
    };
    while !waits() {
        assert!(began.elapsed().as_secs() < 60, "it asks nobody");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let api = format!("http://{}", service.address);
    let words: Vec<&str> = ["cancel", &case].into_iter().chain(BY).chain(["--api", &api]).collect();
    let ran = playc::ran(playc::command(&words).env("PLAY_TOKEN", "t0ken").output());
    assert_eq!((ran.code, ran.out.as_str()), (0, format!("{case}: cancel is taken\n").as_str()), "{ran:?}");
    let (status, answer) =
        service.decide(&case, "answer", json!({ "choice": "No", "by": "ada", "because": "late" }));
    assert_eq!(status, 409, "{answer}");
    let (status, answer) = service.decide(&case, "cancel", json!({ "by": "bob", "because": "again" }));
    assert_eq!(status, 409, "{answer}");
    let cases = service.list("cases");
    assert_eq!((&cases[0]["state"], &cases[0]["outcome"]), (&json!("handed_over"), &json!("person:ada")));
    assert_eq!(service.stop(), 0);
    world.is_sound();
}

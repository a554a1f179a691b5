//! A disk with little room: records stay where they are, and what was taken is brought to its end.

use std::io::Write as _;

use crate::served::{SERVED, World, outcome};
use play_tests::playc;
use serde_json::json;

const PLAYBOOK: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.s as String? } }
playbook p for T {
  let known = ask role.analyst "Is {case.s} ours?" { Yes, No } within 4h else Yes because "nobody looked"
  close FalsePositive because "{known.by}"
}
"#;

const SETTINGS: &str = r#"
name = "served"
[roles]
analyst = ["ada"]
"#;

const BESIDE: &str = r#"
id = "X-Delivery"
[serve.file.feed]
path = "feed.jsonl"
"#;

/// More than any disk has.
const ALL: &str = "\n[store]\nreserve = 9_000_000_000_000_000_000\n";

fn settings(more: &str) -> String {
    format!("{SETTINGS}{SERVED}{BESIDE}{more}")
}

fn world() -> World {
    World::new(&[("p.play", PLAYBOOK), ("play.toml", &settings("")), ("stubs.json", "[]")])
}

fn set(world: &World, more: &str) {
    std::fs::write(world.path("play.toml"), settings(more)).unwrap();
}

#[test]
fn a_service_takes_no_record_and_brings_to_its_end_what_it_has() {
    let world = world();
    let service = world.serve();
    let (status, answer) = service.send("d-1", r#"{"s": "host-1"}"#);
    assert_eq!((status, outcome(&answer)), (202, "accepted"), "{answer}");
    let case = answer["records"][0]["case"].as_str().unwrap().to_string();
    assert_eq!(service.ask("GET /ready", &[], "").0, 200);
    assert_eq!(service.stop(), 0);

    set(&world, ALL);
    let service = world.serve();
    let (status, answer) = service.send("d-2", r#"{"s": "host-2"}"#);
    let why = answer["error"].as_str().unwrap_or_default();
    assert!(status == 503 && why.contains("MiB are left where the store is"), "{status} {answer}");
    let (status, answer) = service.ask("GET /ready", &[], "");
    assert!(status == 503 && answer["error"].as_str().is_some_and(|why| why.contains("MiB")), "{answer}");
    let mut feed = std::fs::File::create(world.path("feed.jsonl")).unwrap();
    writeln!(feed, r#"{{"s": "host-3"}}"#).unwrap();
    service.until("file_opened");
    let yes = json!({ "choice": "Yes", "by": "ada", "because": "it is ours" });
    assert_eq!(service.decide(&case, "answer", yes).0, 200, "persons are heard");
    service.until("run_ended");
    assert_eq!(service.stop(), 0);
    let states = world.states();
    assert_eq!(states.len(), 1, "nothing was taken of what came meanwhile: {states:?}");

    set(&world, "");
    let service = world.serve();
    let (status, answer) = service.send("d-2", r#"{"s": "host-2"}"#);
    assert_eq!((status, outcome(&answer)), (202, "accepted"), "sent again: {answer}");
    service.until("run_parked");
    service.until("run_parked");
    assert_eq!(service.stop(), 0);
    assert_eq!(world.states().len(), 3, "and the line of the file was not lost");
    world.is_sound();
}

#[test]
fn a_run_over_a_file_says_what_it_did_not_take() {
    let world = world();
    std::fs::write(world.path("alerts.jsonl"), "{\"s\": \"host-1\"}\n{\"s\": \"host-2\"}\n").unwrap();
    let run = || {
        let words = ["run", ".", "--alert", "alerts.jsonl", "--stub", "stubs.json"];
        playc::ran(playc::command(&words).current_dir(world.path("")).output())
    };
    set(&world, ALL);
    let ran = run();
    assert!(
        ran.code == 2 && ran.err.contains("no further alert was taken. Make room and start again"),
        "{ran:?}"
    );
    set(&world, "\n[store]\nreserve = 0\n");
    let ran = run();
    assert!(ran.code == 0 && ran.out.contains("2 records read, 2 cases opened"), "{ran:?}");
}

#[test]
fn what_is_not_a_number_of_bytes_is_told_where_it_stands() {
    let world = world();
    for (more, told) in [
        ("\n[store]\nreserve = \"1 GiB\"\n", "a number of bytes is wanted here"),
        ("\n[store]\nreserve = -1\n", "a number of bytes is wanted here"),
        ("\n[store]\nreserves = 1\n", "Did you mean `reserve`?"),
    ] {
        set(&world, more);
        let ran = playc::ran(playc::command(&["check", "."]).current_dir(world.path("")).output());
        assert!(ran.code == 1 && format!("{}{}", ran.out, ran.err).contains(told), "{more}: {ran:?}");
    }
}

//! Events through the service: over a webhook and by `playc event --api`. Kept before they are acknowledged, counted once, and told
//! to the run that waits, parked or not.

use crate::served::tickets::{self, TICKETS};
use crate::served::{Service, World, outcome, sign};
use play_tests::playc;
use serde_json::{Value, json};

const PLAYBOOK: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.alert as String? } }
queue q
playbook p for T {
  let first = wait tickets.closed(case.s) within 5d else hand over to queue.q because "open"
  if case.s == "T-2" {
    let second = wait tickets.closed(case.s) within 5d else hand over to queue.q because "open again"
    close TruePositive because "{first.by}, {second.by}"
  }
  close TruePositive because first.by
}
"#;

const SETTINGS: &str = r#"
name = "served"
[serve]
listen = "127.0.0.1:0"
token = { file = "token" }
[serve.webhook.alerts]
secret = { file = "hmac" }
header = "X-Signature"
[serve.webhook.desk]
events = true
secret = { file = "hmac" }
header = "X-Signature"
[serve.webhook.named]
events = true
pointer = "/event"
secret = { file = "hmac" }
header = "X-Signature"
id = "X-Delivery"
"#;

fn world() -> World {
    let program = format!("{PLAYBOOK}{TICKETS}");
    World::new(&[("p.play", &program), ("play.toml", SETTINGS), ("stubs.json", "[]")])
}

fn sent(service: &Service, hook: &str, delivery: &str, body: &str) -> Value {
    let signature = sign(body);
    let headers = [("X-Signature", signature.as_str()), ("X-Delivery", delivery)];
    let (status, answer) = service.ask(&format!("POST /hooks/{hook}"), &headers, body);
    assert_eq!(status, 202, "{answer}");
    answer
}

fn closed(ticket: &str, by: &str) -> String {
    tickets::closed(ticket, by).to_string()
}

fn reason(service: &Service, case: &str) -> Value {
    let cases = service.list("cases");
    let all = cases.as_array().unwrap();
    all.iter().find(|c| c["case"] == case).unwrap()["because"].clone()
}

#[test]
fn an_event_over_a_webhook_takes_the_parked_run_on_once() {
    let world = world();
    let service = world.serve();
    let case = sent(&service, "alerts", "", r#"{"alert": "T-1"}"#)["records"][0]["case"].clone();
    service.until("run_parked");

    let unsigned = service.ask("POST /hooks/desk", &[], &closed("T-1", "eve")).0;
    assert_eq!(unsigned, 401);
    let other = sent(&service, "desk", "", &closed("T-9", "bob"));
    let record = &other["records"][0];
    assert_eq!((outcome(&other), &record["waited"]), ("kept", &json!(0)), "nobody waits: {other}");
    assert_eq!(record["events"], json!(["tickets.closed(\"T-9\")"]));
    let none = sent(&service, "desk", "", r#"{"kind": "opened"}"#);
    assert_eq!(outcome(&none), "rejected");
    let lacks = sent(&service, "desk", "", r#"{"kind": "closed", "ticket": {"by": "x"}}"#);
    assert_eq!((outcome(&lacks), &lacks["records"][0]["event"]), ("unmapped", &json!("tickets.closed")));

    let event = closed("T-1", "ada");
    let kept = sent(&service, "desk", "", &event);
    assert_eq!((outcome(&kept), &kept["records"][0]["waited"]), ("kept", &json!(1)));
    let ended = service.until("run_ended");
    assert_eq!(ended["case"], case);
    assert_eq!(outcome(&sent(&service, "desk", "", &event)), "known");
    assert_eq!(service.stop(), 0);
    world.is_sound();
    assert_eq!(world.states(), [("closed".to_string(), "TruePositive".to_string())]);
}

#[test]
fn a_delivery_with_a_name_is_another_one_and_none_counts_twice() {
    let world = world();
    let service = world.serve();
    let case = sent(&service, "alerts", "", r#"{"alert": "T-2"}"#)["records"][0]["case"].clone();
    service.until("run_parked");
    let event = format!("{{\"event\": {}}}", closed("T-2", "ada"));
    assert_eq!(outcome(&sent(&service, "named", "d-1", &event)), "kept");
    assert_eq!(outcome(&sent(&service, "named", "d-1", &event)), "known");
    let status = |service: &Service| service.list("status").to_string();
    assert!(status(&service).contains("tickets.closed") || status(&service).contains("event"));
    // It waits for the second one after a kill, too: by the record, not by the memory of the process.
    drop(service);
    let service = world.serve();
    assert_eq!(outcome(&sent(&service, "named", "d-1", &event)), "known", "also after a kill");
    let second = sent(&service, "named", "d-2", &event);
    assert_eq!((outcome(&second), &second["records"][0]["waited"]), ("kept", &json!(1)));
    service.until("run_ended");
    assert_eq!(reason(&service, case.as_str().unwrap()), "ada, ada");
    assert_eq!(service.stop(), 0);
    world.is_sound();
}

#[test]
fn what_was_acknowledged_before_a_kill_is_found_after_it() {
    let world = world();
    let service = world.serve();
    // Nobody waits yet for the one that comes with a pointer: its part is kept, and found later.
    let early = format!("{{\"event\": {}}}", closed("T-3", "early"));
    let case = sent(&service, "alerts", "", r#"{"alert": "T-3"}"#)["records"][0]["case"].clone();
    assert_eq!(outcome(&sent(&service, "named", "d-7", &early)), "kept");
    drop(service);
    let service = world.serve();
    let began = std::time::Instant::now();
    while reason(&service, case.as_str().unwrap()) != "early" {
        assert!(began.elapsed().as_secs() < 60, "it does not go on");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(service.stop(), 0);
    world.is_sound();
}

#[test]
fn a_file_of_events_is_brought_to_the_service() {
    let world = world();
    let service = world.serve();
    sent(&service, "alerts", "", r#"{"alert": "T-1"}"#);
    service.until("run_parked");
    let file = world.path("events.json");
    let pretty = "{\n  \"kind\": \"closed\",\n  \"ticket\": { \"id\": \"T-1\", \"by\": \"ada\" }\n}\n";
    std::fs::write(&file, format!("{pretty}{}\n{{\"kind\": \"opened\"}}\n", closed("T-8", "bob"))).unwrap();
    let bring = |token: &str| {
        let api = format!("http://{}", service.address);
        let words = ["event".as_ref(), file.as_os_str(), "--api".as_ref(), api.as_ref()];
        playc::ran(playc::command(&words).env("PLAY_TOKEN", token).output())
    };
    let ran = bring("guessed");
    assert!(ran.code == 2 && ran.err.contains("the service answers 401"), "{ran:?}");
    let ran = bring("t0ken");
    assert_eq!(ran.code, 1, "one is no event: {ran:?}");
    for part in [
        "events.json:1: tickets.closed(\"T-1\")",
        "events.json:5: no run waits for it",
        "1 run waited for it",
    ] {
        assert!(ran.out.contains(part), "{part} is not in {ran:?}");
    }
    assert!(ran.err.contains("events.json:6: no event of the program"), "{ran:?}");
    service.until("run_ended");
    let ran = bring("t0ken");
    assert!(ran.err.contains("events.json:1: has arrived before"), "{ran:?}");
    assert_eq!(service.stop(), 0);
    world.is_sound();
}

//! The service, from outside: records over HTTP and from a file, persons over the API, an end that loses nothing.

use std::io::Write as _;

use crate::served::{SERVED, World, outcome, sign};
use play_tests::{playc, store};
use serde_json::{Value, json};

const PLAYBOOK: &str = r#"
case T { s: String }
source src from feed("t") -> T {
  accept (payload.kind as String else "alert") == "alert"
  map { s = payload.s as String? }
}
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
queue tier2
guard cuts covers x.cut { else approval from role.lead within 2h else refuse }
playbook p for T {
  if case.s == "later" {
    wait 4s
    close Duplicate because "its time came"
  }
  let known = ask role.analyst "Is {case.s} ours?" { Yes, No } showing case.s within 4h else Yes because "nobody looked"
  if known.choice == Yes { close FalsePositive because "{known.by}: {known.reason}" }
  do x.cut(case.s) else hand over to queue.tier2 because failure.words
  close TruePositive because "cut off"
}
"#;

const SETTINGS: &str = r#"
name = "served"
[roles]
analyst = ["ada"]
lead = ["ada", "bob"]
"#;

const BESIDE: &str = r#"
source = "src"
id = "X-Delivery"
max = 2000
[serve.webhook.timed]
secret = { file = "hmac" }
header = "X-Signature"
timestamp = "X-Time"
[serve.file.feed]
path = "feed.jsonl"
"#;

/// The project that all of them serve.
fn world() -> World {
    let stubs = r#"[{ "call": "x.cut", "returns": "ok" }, { "call": "x.join", "returns": null }]"#;
    let settings = format!("{SETTINGS}{SERVED}{BESIDE}");
    World::new(&[("p.play", PLAYBOOK), ("play.toml", &settings), ("stubs.json", stubs)])
}

#[test]
fn a_record_over_http_becomes_a_case_that_persons_decide() {
    let world = world();
    let service = world.serve();
    let (status, answer) = service.send("d-1", r#"{"s": "host-1"}"#);
    assert_eq!((status, outcome(&answer)), (202, "accepted"), "{answer}");
    let case = answer["records"][0]["case"].as_str().unwrap().to_string();
    assert_eq!(answer["records"][0]["pos"], "hooks/edr/d-1:1");
    let (status, answer) = service.send("d-1", r#"{"s": "host-1"}"#);
    assert_eq!((status, outcome(&answer)), (202, "known"), "the same delivery again: {answer}");
    let (status, answer) = service.send("d-2", r#"{"s": "x", "kind": "heartbeat"}"#);
    assert_eq!((status, outcome(&answer)), (202, "rejected"), "{answer}");
    let (status, answer) = service.send("d-3", r#"{"z": 1}"#);
    assert_eq!((status, outcome(&answer)), (202, "unmapped"), "it is in the evidence: {answer}");
    assert_eq!(answer["records"][0]["path"], "/s");

    let by = |more: Value| {
        let mut body = json!({ "by": "ada", "because": "looked at it" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let (status, answer) = service.decide(&case, "approve", by(json!({})));
    assert_eq!(status, 409, "nothing is to be approved yet: {answer}");
    let (status, answer) = service.decide(&case, "answer", by(json!({ "choice": "Perhaps" })));
    assert_eq!(status, 422, "{answer}");
    let (status, answer) =
        service.decide(&case, "answer", json!({ "choice": "No", "by": "ada", "because": "" }));
    assert_eq!(status, 422, "no reason, no decision: {answer}");
    let eve = json!({ "choice": "No", "by": "eve", "because": "let me in" });
    let (status, answer) = service.decide(&case, "answer", eve);
    assert_eq!(status, 409, "not everybody is an analyst: {answer}");
    let (status, answer) = service.decide("C-NOSUCHCASE", "answer", by(json!({ "choice": "No" })));
    assert_eq!(status, 404, "{answer}");
    let (status, answer) = service.decide(&case, "answer", by(json!({ "choice": "No" })));
    assert_eq!(status, 200, "{answer}");
    let (status, answer) = service.decide(&case, "answer", by(json!({ "choice": "Yes" })));
    assert_eq!(status, 409, "the first answer counts: {answer}");
    let (status, answer) = service.decide(&case, "approve", by(json!({})));
    assert_eq!(status, 200, "{answer}");
    service.until("run_ended");
    let cases = service.list("cases");
    assert_eq!((&cases[0]["state"], &cases[0]["outcome"]), (&json!("closed"), &json!("TruePositive")));
    let standing = service.list("status");
    assert_eq!(
        (&standing[0]["what"], &standing[0]["action"]),
        (&json!("in_force"), &json!("x.cut")),
        "{standing}"
    );

    let undo = |token: &str| {
        let api = format!("http://{}", service.address);
        let words = ["undo", &case, "--by", "ada", "--because", "it was ours", "--api", &api];
        playc::ran(playc::command(&words).env("PLAY_TOKEN", token).output())
    };
    let ran = undo("guessed");
    assert!(ran.code == 2 && ran.err.contains("the service answers 401"), "{ran:?}");
    let ran = undo("t0ken");
    assert_eq!((ran.code, ran.out.as_str()), (0, format!("{case}: undo is taken\n").as_str()), "{ran:?}");
    service.until("run_ended");
    let standing = service.list("status");
    assert_eq!(standing, json!([]), "nothing is in force any more");
    let ran = undo("t0ken");
    assert!(ran.code == 2 && ran.err.contains("nothing of it is in force"), "{ran:?}");
    assert_eq!(service.stop(), 0);
    world.is_sound();
}

#[test]
fn whoever_has_no_secret_gets_nothing_in_or_out() {
    let world = world();
    let service = world.serve();
    let body = r#"{"s": "host-1"}"#;
    let good = format!("sha256={}", sign(body));
    let hook = |headers: &[(&str, &str)], body: &str| service.ask("POST /hooks/edr", headers, body).0;
    assert_eq!(hook(&[("X-Delivery", "1")], body), 401, "unsigned");
    assert_eq!(
        hook(&[("X-Signature", &good), ("X-Delivery", "1")], r#"{"s": "host-2"}"#),
        401,
        "another body"
    );
    assert_eq!(hook(&[("X-Signature", &good)], body), 400, "a delivery without its name");
    assert_eq!(service.ask("POST /hooks/none", &[("X-Signature", &good)], body).0, 404);
    let old = jiff::Timestamp::now().as_second() - 400;
    let timed = |at: i64| {
        let (at, signature) = (at.to_string(), sign(&format!("{at}.{body}")));
        service.ask("POST /hooks/timed", &[("X-Signature", &signature), ("X-Time", &at)], body).0
    };
    assert_eq!(timed(old), 401, "a replay");
    assert_eq!(timed(old + 400), 202);
    let large = format!("{{\"s\": \"{}\"}}", "x".repeat(3000));
    assert_eq!(service.send("2", &large).0, 413);
    assert_eq!(service.send("3", "not json").0, 400);
    for (head, headers) in [
        ("GET /api/v1/cases", [].as_slice()),
        ("GET /api/v1/status", &[("Authorization", "Bearer t0keN")]),
        ("GET /metrics", &[("Authorization", "t0ken")]),
        ("POST /api/v1/runs/x/approve", &[]),
    ] {
        assert_eq!(service.ask(head, headers, "").0, 401, "{head}");
    }
    // A filter that nobody reads is not taken for one.
    for asked in ["cases?state=closed", "status?limit=10&what=waiting"] {
        let (status, said) = service.api(&format!("GET /api/v1/{asked}"), &Value::Null);
        assert_eq!(status, 400);
        let (_, query) = asked.split_once('?').unwrap();
        assert!(said["error"].as_str().unwrap().contains(&format!("this has `{query}`")), "{said}");
    }
    assert_eq!(service.api("POST /api/v1/runs/x/approve?by=ada", &Value::Null).0, 400);
    assert_eq!(service.api("GET /metrics?format=text", &Value::Null).0, 200);
    assert_eq!(service.ask("GET /health", &[], "").0, 200);
    assert_eq!(service.ask("GET /ready", &[], "").0, 200);
    let (_, metrics) = service.api("GET /metrics", &Value::Null);
    let metrics = metrics.as_str().unwrap();
    assert!(metrics.contains("play_requests_refused_total{why=\"stale\"} 1"), "{metrics}");
    assert_eq!(service.stop(), 0);
    assert_eq!(world.states().len(), 1, "only the one that was signed in time");
}

#[test]
fn a_file_is_followed_and_what_waits_is_parked_and_woken() {
    let world = world();
    std::fs::write(world.path("feed.jsonl"), "{\"s\": \"later\"}\n").unwrap();
    let service = world.serve();
    assert_eq!(service.until("run_parked")["state"], "waiting");
    let (_, metrics) = service.api("GET /metrics", &Value::Null);
    assert!(metrics.as_str().unwrap().contains("play_runs_parked 1"), "{metrics}");
    // What is refused changes nothing: its time comes all the same.
    let cases = service.list("cases");
    let case = cases[0]["case"].as_str().unwrap().to_string();
    for decision in ["approve", "resolve", "undo"] {
        let said = json!({ "by": "ada", "because": "looked at it", "done": true });
        let said =
            if decision == "resolve" { said } else { json!({ "by": "ada", "because": "looked at it" }) };
        let (status, answer) = service.decide(&case, decision, said);
        assert_eq!(status, 409, "{decision}: {answer}");
    }
    assert_eq!(service.until("run_ended")["state"], "closed");
    let mut file = std::fs::OpenOptions::new().append(true).open(world.path("feed.jsonl")).unwrap();
    file.write_all(b"{\"s\": \"host-9\"}\n").unwrap();
    service.until("run_parked");
    assert_eq!(service.stop(), 0);

    let service = world.serve();
    let cases = service.list("cases");
    let case = cases[1]["case"].as_str().unwrap().to_string();
    let yes = json!({ "choice": "Yes", "by": "ada", "because": "ours" });
    assert_eq!(service.decide(&case, "answer", yes).0, 200, "a restart changes nothing for whoever is asked");
    service.until("run_ended");
    assert_eq!(service.stop(), 0);
    let closed = |outcome: &str| ("closed".to_string(), outcome.to_string());
    assert_eq!(
        world.states(),
        [closed("Duplicate"), closed("FalsePositive")],
        "no record opened a second run"
    );
    world.is_sound();
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let world = world();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut service = world.serve();
        for n in 0..20 {
            let (status, answer) =
                service.send(&format!("{round}-{n}"), &format!("{{\"s\": \"host-{round}-{n}\"}}"));
            assert_eq!(status, 202, "{answer}");
            acknowledged.push(answer["records"][0]["case"].as_str().unwrap().to_string());
        }
        service.child.kill().unwrap();
        service.child.wait().unwrap();
    }
    let there: Vec<String> = store::runs(&world.path("store"))
        .iter()
        .map(|run| run["case"].as_str().unwrap().to_string())
        .collect();
    for case in &acknowledged {
        assert_eq!(there.iter().filter(|c| *c == case).count(), 1, "{case} of {there:?}");
    }
    world.is_sound();
}

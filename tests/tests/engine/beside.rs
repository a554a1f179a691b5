//! `playc run` and `playc event` beside services that share a database: what they bring is kept once, what they open is theirs as long as
//! they are there, and everything else is the services'.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::served::fleet::{Fleet, accepted};
use crate::served::tickets::{self, TICKETS};
use play_tests::{playc, postgres};
use serde_json::{Value, json};

const TELL: &str = r#"
guard some covers x.act { limit 4 per 1h  allow }
playbook p for T {
  do x.act(case.q) else hand over to queue.rest because failure.words
  close TruePositive because "told"
}
queue rest
"#;

/// The second write waits for the limit of its connector.
const LIMITED: &str = r#"
connector y {
  config { base_url: Url }
  limit 1 per 20s
  write first(q: String) -> String
    POST "/act/first" json { q: q, to: "first" }
    expect 200 -> body
    class notify
  write second(q: String) -> String
    POST "/act/second" json { q: q, to: "second" }
    expect 200 -> body
    class notify
}
playbook p for T {
  do y.first(case.q) else none
  do y.second(case.q) else none
  wait 5d
  close TruePositive because "both"
}
"#;

const WAITS: &str = r#"
queue rest
playbook p for T {
  let first = wait tickets.closed(case.q) within 5d else hand over to queue.rest because "open"
  do x.act(case.q) else none
  close TruePositive because first.by
}
"#;

/// Services with a connector that has events as well.
fn waiting() -> Fleet {
    Fleet::with(&["tickets"], &format!("{TICKETS}{WAITS}"))
}

fn file(fleet: &Fleet, name: &str, records: &[Value]) -> String {
    let text: String = records.iter().map(|r| format!("{r}\n")).collect();
    let path = fleet.world.path(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn run(fleet: &Fleet, alerts: &str) -> playc::Ran {
    let project = fleet.world.0.path().display().to_string();
    playc::run(&["run", &project, "--alert", alerts, "--store", &fleet.place])
}

fn closed(id: &str) -> Value {
    tickets::closed(id, "ada")
}

fn event(fleet: &Fleet, events: &str) -> playc::Ran {
    let project = fleet.world.0.path().display().to_string();
    playc::run(&["event", events, "--project", &project, "--store", &fleet.place])
}

/// Records are known to all, and limits hold over all.
#[test]
fn what_is_run_beside_services_is_run_once_and_under_their_limits() {
    let fleet = Fleet::new(TELL);
    let (one, other) = (fleet.serve(), fleet.serve());
    accepted(&one, "a");
    accepted(&other, "b");
    let alerts: Vec<Value> = ["c", "d", "e", "f"].iter().map(|q| json!({ "q": q })).collect();
    let alerts = file(&fleet, "alerts.jsonl", &alerts);
    let ran = run(&fleet, &alerts);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("services share"), "{ran:?}");
    assert_eq!((fleet.sent().len(), fleet.lines("guard.allowed")), (4, 4), "a limit of four over all");
    assert_eq!(fleet.runs().len(), 6);
    // Once more: all of them are known.
    let again = run(&fleet, &alerts);
    assert_eq!((again.code, fleet.runs().len()), (0, 6), "{again:?}");
    // The services go on, and nobody was given up for it.
    accepted(&one, "g");
    fleet.within(30, "all are over", || {
        let over = |run: &Value| run["state"] == "closed" || run["state"] == "handed_over";
        (fleet.runs().len() == 7 && fleet.runs().iter().all(over)).then_some(())
    });
    assert_eq!(fleet.sent().len(), 4);
    assert_eq!((one.stop(), other.stop()), (0, 0));
    fleet.is_sound();
}

/// An event is a line of the intake: whoever brings it appends it, and whoever drives the run tells it.
#[test]
fn an_event_that_is_brought_beside_services_reaches_the_run_that_waits() {
    let fleet = waiting();
    let (one, other) = (fleet.serve(), fleet.serve());
    for (service, q) in [(&one, "T-1"), (&other, "T-2")] {
        accepted(service, q);
    }
    fleet.within(30, "both wait", || (fleet.lines("wait.started") == 2).then_some(()));
    let events = file(&fleet, "events.jsonl", &[closed("T-1"), closed("T-2"), closed("T-3")]);
    let ran = event(&fleet, &events);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("the services that share the store tell"), "{ran:?}");
    fleet.all_closed(2);
    // Several at once, and again: kept once each.
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(event(&fleet, &events).code, 0));
        }
    });
    assert_eq!((fleet.lines("intake.event"), fleet.lines("event.arrived")), (3, 2));
    assert_eq!(fleet.sent().len(), 2);
    assert_eq!((one.stop(), other.stop()), (0, 0));
    fleet.is_sound();
}

fn started(fleet: &Fleet, alerts: &str) -> Child {
    let mut command = Command::new(playc::path());
    playc::told_nothing(&mut command);
    command
        .arg("run")
        .arg(fleet.world.0.path())
        .args(["--alert", alerts, "--store", &fleet.place])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What only waits is the services' at once, and so is what is over: they hear what persons say about it, and what arrives.
#[test]
fn what_waits_or_is_over_is_theirs_while_one_runs_beside_services() {
    let fleet = waiting();
    let one = fleet.serve();
    let mut child = started(&fleet, "-");
    let mut alerts = child.stdin.take().unwrap();
    for q in ["T-1", "T-2", "T-3"] {
        writeln!(alerts, "{}", json!({ "q": q })).unwrap();
    }
    alerts.flush().unwrap();
    fleet.within(30, "all are the service's", || (fleet.owned_by(&one.child) == 3).then_some(()));
    assert_eq!(fleet.owned_by(&child), 0);
    let first = fleet.runs()[0]["case"].as_str().unwrap().to_string();
    let (status, answer) = one.decide(&first, "cancel", json!({ "by": "ada", "because": "enough" }));
    assert_eq!((status, fleet.lines("cancel.asked")), (200, 1), "{answer}");
    let events = file(&fleet, "events.jsonl", &[closed("T-1"), closed("T-2"), closed("T-3")]);
    assert_eq!(event(&fleet, &events).code, 0);
    fleet.within(30, "the others are over", || (fleet.lines("run.closed") == 2).then_some(()));
    assert!(child.try_wait().unwrap().is_none(), "all of that while it is there");
    drop(alerts);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(fleet.sent().len(), 2, "each once");
    assert_eq!(one.stop(), 0);
    fleet.is_sound();
}

/// What it is in the middle of is its own as long as it is there; the services have it from then on.
#[test]
fn what_one_is_killed_over_that_ran_beside_services_is_taken_over() {
    let fleet = Fleet::with(&["y"], LIMITED);
    let one = fleet.serve();
    let mut child = started(&fleet, "-");
    let mut alerts = child.stdin.take().unwrap();
    writeln!(alerts, "{}", json!({ "q": "a" })).unwrap();
    alerts.flush().unwrap();
    fleet.within(30, "the second is intended", || (fleet.lines("act.intended") == 2).then_some(()));
    assert_eq!((fleet.owned_by(&child), fleet.owned_by(&one.child)), (1, 0));
    child.kill().unwrap();
    child.wait().unwrap();
    drop(alerts);
    assert_eq!(one.until("taken_over")["resumed"], 1);
    fleet.within(30, "nobody knows whether it left", || (fleet.lines("act.in_doubt") == 1).then_some(()));
    assert_eq!(fleet.sent(), ["a"], "it was not sent");
    assert_eq!(one.stop(), 0);
    fleet.is_sound();
}

/// Whoever has read all its alerts leaves what waits to the services, and ends.
#[test]
fn what_waits_when_all_is_read_hears_what_is_brought_elsewhere() {
    let fleet = waiting();
    let one = fleet.serve();
    let alerts = file(&fleet, "alerts.jsonl", &[json!({ "q": "T-1" })]);
    let ran = run(&fleet, &alerts);
    assert!(ran.code == 0 && ran.out.contains("waiting"), "{ran:?}");
    let events = file(&fleet, "events.jsonl", &[closed("T-1")]);
    assert_eq!(event(&fleet, &events).code, 0);
    fleet.all_closed(1);
    assert_eq!(fleet.lines("event.arrived"), 1, "not handed over");
    assert_eq!(fleet.sent().len(), 1);
    assert_eq!(one.stop(), 0);
    fleet.is_sound();
}

fn cancelled_by_command(fleet: &Fleet, case: &str, more: &[&str]) -> playc::Ran {
    let said = ["cancel", case, "--by", "ada", "--because", "enough", "--store", &fleet.place];
    playc::run(&[&said, more].concat())
}

/// It hears no decision about what it is in the middle of, and is no service to whoever comes when the last of those has gone.
#[test]
fn who_decides_about_a_run_of_one_beside_services_is_told_at_once_who_has_it() {
    let fleet = Fleet::with(&["y"], LIMITED);
    let one = fleet.serve();
    let mut child = started(&fleet, "-");
    let mut alerts = child.stdin.take().unwrap();
    writeln!(alerts, "{}", json!({ "q": "T-1" })).unwrap();
    alerts.flush().unwrap();
    fleet.within(30, "the second is intended", || (fleet.lines("act.intended") == 2).then_some(()));
    let case = fleet.runs()[0]["case"].as_str().unwrap().to_string();
    let owner = format!("process {}", child.id());
    let began = Instant::now();
    let (status, answer) = one.decide(&case, "cancel", json!({ "by": "ada", "because": "enough" }));
    assert_eq!(status, 409, "{answer}");
    assert!(answer["error"].as_str().unwrap().contains(&owner), "{answer}");
    let ran = cancelled_by_command(&fleet, &case, &[]);
    assert!(ran.code == 2 && ran.err.contains(&owner) && ran.err.contains("hears no decision"), "{ran:?}");
    assert!(began.elapsed() < Duration::from_secs(15), "nobody was waited for: {:?}", began.elapsed());

    // With no service there, it is one who has the store, and a second is refused.
    assert_eq!(one.stop(), 0);
    let again = run(&fleet, &file(&fleet, "more.jsonl", &[json!({ "q": "T-2" })]));
    assert!(again.code == 2 && again.err.contains(&owner), "{again:?}");
    let project = fleet.world.0.path().display().to_string();
    let ran = cancelled_by_command(&fleet, &case, &["--project", &project]);
    assert!(ran.code == 2 && ran.err.contains(&owner), "{ran:?}");
    drop(alerts);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(fleet.lines("cancel.asked"), 0);

    // Whoever has the run by then hears it.
    let other = fleet.serve();
    let (status, answer) = other.decide(&case, "cancel", json!({ "by": "ada", "because": "enough" }));
    assert_eq!((status, fleet.lines("cancel.asked")), (200, 1), "{answer}");
    assert_eq!(other.stop(), 0);
    fleet.is_sound();
}

/// Nobody has taken anything over from one whose server has gone, and it does not say so.
#[test]
fn a_service_that_has_lost_its_connection_ends_and_says_that() {
    let fleet = Fleet::new(TELL);
    // By this its connections are told from those of others at the same server.
    let name = format!("lost {}", std::process::id());
    let place = format!("{}&application_name={}", fleet.place, name.replace(' ', "%20"));
    let mut one = fleet.world.serve_at(&place, &[]);
    accepted(&one, "a");
    fleet.all_closed(1);
    let sql =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'");
    assert!(postgres::sql(&fleet.place, &sql).len() > 2);
    let began = Instant::now();
    assert_eq!(one.child.wait().unwrap().code(), Some(2));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let log = format!("{:?}", one.try_until("stopped").unwrap_err());
    // Whichever of its connections it has asked first.
    let lost = ["reading what others have written", "claiming runs", "taking a turn to write"];
    assert!(lost.iter().any(|doing| log.contains(&format!("the store failed: {doing}"))), "{log}");
    assert!(!log.contains("taken over"), "{log}");
    fleet.is_sound();
}

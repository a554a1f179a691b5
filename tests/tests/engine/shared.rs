//! Several services at one database, of which some are stopped or killed. They are the built `playc`, and so are the requests that
//! leave: a target keeps account of what it was told to do.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::served::fleet::{Fleet, accepted, signal};
use crate::served::tickets::{self, TICKETS};
use crate::served::{Service, outcome};
use play_tests::{playc, postgres};
use serde_json::{Value, json};

pub const TELL: &str = r#"
playbook p for T {
  do x.act(case.q) else none
  close TruePositive because "told"
}
"#;

#[test]
fn records_come_to_any_of_them_and_the_same_record_opens_one_run() {
    let fleet = Fleet::new(TELL);
    let (one, other) = (fleet.serve(), fleet.serve());
    for n in 0..6 {
        accepted(if n % 2 == 0 { &one } else { &other }, &format!("own-{n}"));
    }
    // Each of these comes to both, at once.
    let mut opened = 0;
    for n in 0..10 {
        let body = json!({ "q": format!("both-{n}") }).to_string();
        let answers = std::thread::scope(|scope| {
            let both = [&one, &other].map(|to| scope.spawn(|| to.send("", &body)));
            both.map(|one| one.join().unwrap())
        });
        let said: BTreeSet<&str> = answers.iter().map(|(_, answer)| outcome(answer)).collect();
        assert!(answers.iter().all(|(status, _)| *status == 202), "{answers:?}");
        assert_eq!(said, BTreeSet::from(["accepted", "known"]), "{answers:?}");
        opened += 1;
    }
    fleet.all_closed(6 + opened);
    let sent = fleet.sent();
    assert_eq!(sent.len(), sent.iter().collect::<BTreeSet<_>>().len(), "each once: {sent:?}");
    assert_eq!(sent.len(), 16);
    assert_eq!(fleet.lines("store.deployed"), 1);
    assert_eq!((one.stop(), other.stop()), (0, 0));
    // What is over is nobody's any more.
    assert_eq!(postgres::sql(&fleet.place, "SELECT count(*) FROM play_workers"), [["0"]]);
    fleet.is_sound();
}

const LIMITED: &str = r#"
guard some covers x.act { limit 5 per 1h  allow }
playbook p for T {
  do x.act(case.q) else hand over to queue.rest because failure.words
  close TruePositive because "told"
}
queue rest
"#;

#[test]
fn a_limit_holds_over_all_of_them() {
    let fleet = Fleet::new(LIMITED);
    let all = [fleet.serve(), fleet.serve(), fleet.serve()];
    std::thread::scope(|scope| {
        for (n, service) in all.iter().enumerate() {
            scope.spawn(move || (0..6).for_each(|i| drop(accepted(service, &format!("{n}-{i}")))));
        }
    });
    fleet.within(60, "all have ended", || {
        let over = |run: &Value| run["state"] == "closed" || run["state"] == "handed_over";
        let runs = fleet.runs();
        (runs.len() == 18 && runs.iter().all(over)).then_some(())
    });
    assert_eq!(fleet.sent().len(), 5);
    assert_eq!(fleet.lines("guard.allowed"), 5);
    drop(all);
    fleet.is_sound();
}

const TWICE: &str = r#"
connector y {
  config { base_url: Url }
  limit 1 per 5s
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
  close TruePositive because "both"
}
"#;

fn twice() -> Fleet {
    Fleet::with(&["y"], TWICE)
}

/// One is killed, or stopped, while a write is intended that has not left yet. The other goes on with the run, and says that nobody
/// knows; a person settles that through the other.
fn goes_on(ended: &str) {
    let fleet = twice();
    let (mut one, other) = (fleet.serve(), fleet.serve());
    let case = accepted(&one, "a");
    fleet.within(30, "the second write is intended", || (fleet.lines("act.intended") == 2).then_some(()));
    signal(&one, ended);
    let stopped = Instant::now();
    let taken = other.until("taken_over");
    assert_eq!(taken["resumed"], 1, "{taken}");
    assert!(stopped.elapsed() > Duration::from_secs(5), "its lease was to be over first");
    fleet.within(20, "it is in doubt", || (fleet.lines("act.in_doubt") == 1).then_some(()));
    if ended == "-STOP" {
        signal(&one, "-CONT");
        assert_eq!(one.child.wait().unwrap().code(), Some(2), "it has lost its runs");
    }
    assert_eq!(fleet.sent(), ["a"], "the second was never sent");
    let (status, answer) =
        other.decide(&case, "resolve", json!({ "done": false, "by": "ada", "because": "looked" }));
    assert_eq!(status, 200, "{answer}");
    fleet.all_closed(1);
    assert_eq!(fleet.sent(), ["a"]);
    fleet.is_sound();
}

#[test]
fn a_run_goes_on_when_its_worker_is_killed() {
    goes_on("-KILL");
}

#[test]
fn a_worker_that_was_stopped_for_a_lease_sends_nothing_any_more() {
    goes_on("-STOP");
}

const HOLDS: &str = r#"
connector z {
  config { base_url: Url }
  write block(q: String) -> String
    POST "/act/block" json { q: q, to: "blocked" }
    expect 200 -> body
    undo free(q)
    class change
  write free(q: String) -> String
    POST "/act/free" json { q: q, to: "free" }
    expect 200 -> body
    idempotent by q
    class restore
}
guard all covers z.block { allow }
"#;

fn holding(playbook: &str) -> Fleet {
    Fleet::with(&["z"], &format!("{HOLDS}{playbook}"))
}

impl Fleet {
    fn paths(&self) -> Vec<String> {
        self.target.account("i").received.into_iter().map(|r| r.path).collect()
    }
}

/// Two alerts about one host, each at another worker: what both have cut off is freed once, by whoever holds it last.
#[test]
fn what_several_hold_is_taken_back_once_when_the_last_lets_go() {
    let short =
        "playbook p for T { do z.block(\"host\") for 3s else none\nclose TruePositive because case.q }";
    let fleet = holding(short);
    let (one, other) = (fleet.serve(), fleet.serve());
    accepted(&one, "a");
    accepted(&other, "b");
    fleet.within(60, "both are over", || (fleet.lines("hold.ended") == 2).then_some(()));
    fleet.within(60, "it is freed", || fleet.paths().contains(&"act/free".to_string()).then_some(()));
    std::thread::sleep(Duration::from_secs(2));
    let paths = fleet.paths();
    assert_eq!(paths.iter().filter(|p| *p == "act/free").count(), 1, "{paths:?}");
    assert_eq!(paths.last().map(String::as_str), Some("act/free"), "{paths:?}");
    assert_eq!((one.stop(), other.stop()), (0, 0));
    fleet.is_sound();
}

/// The end of what a killed worker holds is kept by another.
#[test]
fn what_a_killed_worker_holds_is_taken_back_by_another() {
    let long = "playbook p for T { do z.block(case.q) for 8s else none\nclose TruePositive because case.q }";
    let fleet = holding(long);
    let (one, _other) = (fleet.serve(), fleet.serve());
    accepted(&one, "a");
    fleet.within(30, "it is held", || (fleet.lines("hold.started") == 1).then_some(()));
    signal(&one, "-KILL");
    fleet.within(60, "it is freed", || (fleet.paths() == ["act/block", "act/free"]).then_some(()));
    fleet.within(20, "that is written", || (fleet.lines("act.done") == 2).then_some(()));
    fleet.is_sound();
}

/// A pause through one stops what the other would send, before it is said to whoever paused.
#[test]
fn a_pause_through_one_holds_the_writes_of_all() {
    let fleet = Fleet::new(TELL);
    let (one, other) = (fleet.serve(), fleet.serve());
    accepted(&one, "before");
    fleet.all_closed(1);
    let by = json!({ "by": "ada", "because": "a drill" });
    let (status, answer) = other.api("POST /api/v1/pause", &by);
    assert_eq!(status, 200, "{answer}");
    for (n, service) in [&one, &other].into_iter().enumerate() {
        accepted(service, &format!("held-{n}"));
    }
    fleet.within(30, "both are held", || (fleet.lines("act.held") == 2).then_some(()));
    assert_eq!(fleet.sent(), ["before"]);
    // It was paused already, whoever says so again.
    let (status, answer) = one.api("POST /api/v1/pause", &by);
    assert_eq!((status, answer["before"].as_bool()), (200, Some(true)), "{answer}");
    let (status, answer) = one.api("POST /api/v1/resume", &by);
    assert_eq!(status, 200, "{answer}");
    fleet.all_closed(3);
    assert_eq!(fleet.sent().len(), 3);
    fleet.is_sound();
}

/// One who is stopped does not keep a pause from being said for longer than its lease, and sends nothing when it comes back.
#[test]
fn a_pause_waits_out_one_who_is_stopped() {
    let fleet = twice();
    let (mut one, other) = (fleet.serve(), fleet.serve());
    accepted(&one, "a");
    fleet.within(30, "the second write is intended", || (fleet.lines("act.intended") == 2).then_some(()));
    signal(&one, "-STOP");
    let (status, answer) = other.api("POST /api/v1/pause", &json!({ "by": "ada", "because": "a drill" }));
    assert_eq!(status, 200, "{answer}");
    signal(&one, "-CONT");
    assert_eq!(one.child.wait().unwrap().code(), Some(2));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(fleet.sent(), ["a"]);
    fleet.is_sound();
}

const ASKS: &str = r#"
guard asks covers x.act { else approval from role.lead within 2h else refuse }
playbook p for T {
  do x.act(case.q) else hand over to queue.rest because failure.words
  close TruePositive because "told"
}
queue rest
"#;

/// Whoever is asked, and however: what a person says reaches the service that drives the run, and counts once.
#[test]
fn what_a_person_says_reaches_whoever_drives_the_run() {
    let fleet = Fleet::new(ASKS);
    let (one, other) = (fleet.serve(), fleet.serve());
    let cases: Vec<String> = ["a", "b", "c"].iter().map(|q| accepted(&one, q)).collect();
    fleet.within(30, "it is asked for", || (fleet.lines("person.asked") == 3).then_some(()));
    // Through the other, twice at once: the first counts.
    let yes = json!({ "by": "ada", "because": "yes" });
    let said = std::thread::scope(|scope| {
        let both = ["approve", "deny"].map(|what| {
            let (other, case, yes) = (&other, &cases[0], yes.clone());
            scope.spawn(move || other.decide(case, what, yes).0)
        });
        both.map(|said| said.join().unwrap())
    });
    assert_eq!(BTreeSet::from(said), BTreeSet::from([200, 409]));
    // By the command, on the database; the second time it is refused.
    let words = |what: &'static str, case: &str| {
        playc::run(&[what, case, "--by", "ada", "--because", "yes", "--store", &fleet.place])
    };
    let ran = words("approve", &cases[1]);
    assert_eq!((ran.code, ran.out.contains("approve is taken")), (0, true), "{ran:?}");
    let ran = words("approve", &cases[1]);
    assert_eq!((ran.code, ran.err.contains("409")), (2, true), "{ran:?}");
    let project = fleet.world.0.path().display().to_string();
    let with = [
        "approve",
        &cases[2],
        "--by",
        "ada",
        "--because",
        "yes",
        "--project",
        &project,
        "--store",
        &fleet.place,
    ];
    let ran = playc::run(&with);
    assert_eq!((ran.code, ran.err.contains("leave out --project")), (2, true), "{ran:?}");
    let ran = words("cancel", &cases[2]);
    assert_eq!(ran.code, 0, "{ran:?}");
    fleet.within(30, "all are over", || {
        let over = |run: &Value| run["state"] != "running" && run["state"] != "waiting";
        fleet.runs().iter().all(over).then_some(())
    });
    assert_eq!(fleet.lines("person.answered"), 2);
    // The store itself is spoken to in the same way.
    let ran = playc::run(&["pause", "--all", "--by", "ada", "--because", "a drill", "--store", &fleet.place]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = playc::run(&["resume", "--by", "ada", "--because", "a drill", "--store", &fleet.place]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!((one.stop(), other.stop()), (0, 0));
    assert_eq!(postgres::sql(&fleet.place, "SELECT count(*) FROM play_words"), [["0"]]);
    fleet.is_sound();
}

/// Whoever drove the run is killed: what is said meanwhile waits for the one who takes it over.
#[test]
fn what_a_person_says_waits_for_whoever_takes_the_run_over() {
    let fleet = Fleet::new(ASKS);
    let (one, other) = (fleet.serve(), fleet.serve());
    let case = accepted(&one, "a");
    fleet.within(30, "it is asked for", || (fleet.lines("person.asked") == 1).then_some(()));
    signal(&one, "-KILL");
    let (status, answer) = other.decide(&case, "approve", json!({ "by": "ada", "because": "yes" }));
    assert_eq!(status, 200, "{answer}");
    fleet.all_closed(1);
    assert_eq!(fleet.sent(), ["a"]);
    drop(other);
    fleet.is_sound();
}

#[test]
fn one_who_shares_keeps_others_from_having_the_store_alone() {
    let fleet = Fleet::new(ASKS);
    let one = fleet.serve();
    let case = accepted(&one, "a");
    fleet.within(30, "it is asked for", || (fleet.lines("person.asked") == 1).then_some(()));
    // One that does not say that it shares.
    let settings = std::fs::read_to_string(fleet.world.path("play.toml")).unwrap();
    let alone = crate::served::World::new(&[
        ("p.play", &std::fs::read_to_string(fleet.world.path("p.play")).unwrap()),
        ("play.toml", &settings.replace("share = true", "share = false")),
    ]);
    let ran = playc::run(&["serve", &alone.0.path().display().to_string(), "--store", &fleet.place]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("--api"), "{ran:?}");
    let (status, answer) = one.decide(&case, "approve", json!({ "by": "ada", "because": "yes" }));
    assert_eq!(status, 200, "{answer}");
    fleet.all_closed(1);
    assert_eq!(one.stop(), 0);
    fleet.is_sound();
}

/// A folder has one who writes; that it is to be shared is not passed over.
#[test]
fn a_folder_is_not_shared() {
    let fleet = Fleet::new(TELL);
    let folder = fleet.world.path("store").display().to_string();
    let path = fleet.world.0.path().display().to_string();
    let ran = playc::run(&["serve", &path, "--store", &folder]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("share = true"), "{ran:?}");
}

const WAITS: &str = r#"
queue rest
playbook p for T {
  let first = wait tickets.closed(case.q) within 5d else hand over to queue.rest because "open"
  close TruePositive because first.by
}
"#;

pub fn waiting() -> Fleet {
    Fleet::with(&["tickets"], &format!("{TICKETS}{WAITS}"))
}

/// Brings an event; gives what became of it.
pub fn closed(to: &Service, id: &str) -> String {
    let body = tickets::closed(id, "ada").to_string();
    let signature = format!("sha256={}", crate::served::sign(&body));
    let (status, answer) = to.ask("POST /hooks/desk", &[("X-Signature", &signature)], &body);
    assert_eq!(status, 202, "{answer}");
    outcome(&answer).to_string()
}

/// An event that comes to one is heard by the runs of all, is kept once, and is found by a run that comes to wait for it later.
#[test]
fn an_event_that_comes_to_one_is_heard_by_the_runs_of_all() {
    let fleet = waiting();
    let (one, other) = (fleet.serve(), fleet.serve());
    for id in ["T-1", "T-2"] {
        accepted(&one, id);
    }
    fleet.within(30, "both wait", || (fleet.lines("wait.started") == 2).then_some(()));
    assert_eq!(closed(&other, "T-1"), "kept");
    fleet.within(30, "it has heard", || (fleet.lines("event.arrived") == 1).then_some(()));
    assert_eq!(closed(&one, "T-1"), "known");
    // One whose worker is gone is told by whoever has it by then.
    signal(&one, "-KILL");
    assert_eq!(closed(&other, "T-2"), "kept");
    fleet.all_closed(2);
    assert_eq!(fleet.lines("event.arrived"), 2);
    drop(other);
    fleet.is_sound();
}

/// What one has taken is a duplicate at the other, within its window.
#[test]
fn a_duplicate_at_another_is_one() {
    let fleet = Fleet::new(TELL);
    let program = std::fs::read_to_string(fleet.world.path("p.play")).unwrap();
    let source = "source src from feed(\"t\") -> T {\n  dedup by payload.key as String? within 1h\n  map";
    let program = program.replace("source src from feed(\"t\") -> T { map", source);
    std::fs::write(fleet.world.path("p.play"), program).unwrap();
    let (one, other) = (fleet.serve(), fleet.serve());
    let said: Vec<String> = [&one, &other, &one, &other]
        .iter()
        .enumerate()
        .map(|(n, to)| {
            let (status, answer) = to.send("", &json!({ "q": format!("{n}"), "key": "same" }).to_string());
            assert_eq!(status, 202, "{answer}");
            outcome(&answer).to_string()
        })
        .collect();
    assert_eq!(said, ["accepted", "duplicate", "duplicate", "duplicate"]);
    fleet.all_closed(1);
    assert_eq!((one.stop(), other.stop()), (0, 0));
    fleet.is_sound();
}

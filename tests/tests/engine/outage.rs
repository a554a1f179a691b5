//! Services whose database is out of reach for what they read, and not for what they write: they keep what they have to do, go on, and do
//! it when the database can be reached again.

use std::time::{Duration, Instant};

use crate::served::fleet::{Fleet, accepted, signal};
use crate::served::tickets::TICKETS;
use crate::shared::{closed, waiting};
use play_tests::postgres;
use play_tests::postgres::proxy::Cut;
use serde_json::json;

/// The database is out of reach for what a service reads, and not for what it writes: what comes meanwhile is taken when it can be
/// reached again, and the service goes on.
#[test]
fn a_record_is_taken_when_the_database_can_be_reached_again() {
    let fleet = waiting();
    let proxy = postgres::proxy();
    let (one, other) = (fleet.serve_through(&proxy), fleet.serve());
    accepted(&one, "T-1");
    fleet.within(30, "it waits", || (fleet.lines("wait.started") == 1).then_some(()));
    proxy.cut(Cut::Reads);
    // What has come to the other is to be read before anything is decided.
    assert_eq!(closed(&other, "T-1"), "kept");
    std::thread::scope(|scope| {
        let late = scope.spawn(|| (accepted(&one, "T-2"), closed(&one, "T-2")));
        one.until("store_unreachable");
        assert_eq!((fleet.lines("intake.accepted"), fleet.lines("event.arrived")), (1, 0));
        proxy.cut(Cut::Nothing);
        one.until("store_reached");
        assert_eq!(late.join().unwrap().1, "kept");
    });
    fleet.all_closed(2);
    assert_eq!(fleet.lines("event.arrived"), 2);
    assert_eq!((one.stop(), other.stop()), (0, 0));
    fleet.is_sound();
}

/// The same for the runs of one that is gone: they are the other's own already, and their records cannot be read yet.
#[test]
fn runs_are_gone_on_with_when_the_database_can_be_reached_again() {
    let fleet = waiting();
    let proxy = postgres::proxy();
    let (one, other) = (fleet.serve(), fleet.serve_through(&proxy));
    for id in ["T-1", "T-2"] {
        accepted(&one, id);
    }
    fleet.within(30, "both wait", || (fleet.lines("wait.started") == 2).then_some(()));
    proxy.cut(Cut::Reads);
    signal(&one, "-KILL");
    let taken = other.until("taken_over");
    assert_eq!((&taken["left"], &taken["waiting"]), (&json!(2), &json!(0)), "{taken}");
    assert_eq!(fleet.owned_by(&other.child), 2);
    proxy.cut(Cut::Nothing);
    let taken = other.until("taken_over");
    assert_eq!((&taken["left"], &taken["waiting"]), (&json!(0), &json!(2)), "{taken}");
    for id in ["T-1", "T-2"] {
        assert_eq!(closed(&other, id), "kept");
    }
    fleet.all_closed(2);
    assert_eq!(other.stop(), 0);
    fleet.is_sound();
}

/// It is in the middle of something for some seconds, and waits for an event then.
const LATER: &str = r#"
connector y {
  config { base_url: Url }
  limit 1 per 4s
  write first(q: String) -> String
    POST "/act/first" json { q: q, to: "first" }
    expect 200 -> body
    class notify
  write second(q: String) -> String
    POST "/act/second" json { q: q, to: "second" }
    expect 200 -> body
    class notify
}
queue rest
playbook p for T {
  do y.first(case.q) else none
  let told = do y.second(case.q) else "nothing"
  if told != case.q {
    let first = wait tickets.closed(case.q) within 5d else hand over to queue.rest because "open"
    close TruePositive because first.by
  }
  hand over to queue.rest because told
}
"#;

/// What a run comes to wait for has come before, to another, and cannot be read: it waits, and the service goes on.
#[test]
fn a_run_that_comes_to_wait_finds_what_came_before_when_the_database_can_be_reached_again() {
    let fleet = Fleet::with(&["tickets", "y"], &format!("{TICKETS}{LATER}"));
    let proxy = postgres::proxy();
    let (one, other) = (fleet.serve_through(&proxy), fleet.serve());
    accepted(&one, "T-1");
    assert_eq!(closed(&other, "T-1"), "kept");
    // What others write is looked for five times a second.
    std::thread::sleep(Duration::from_millis(600));
    proxy.cut(Cut::Reads);
    fleet.within(30, "it waits", || (fleet.lines("wait.started") == 1).then_some(()));
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(fleet.lines("event.arrived"), 0);
    proxy.cut(Cut::Nothing);
    fleet.all_closed(1);
    assert_eq!(fleet.lines("event.arrived"), 1);
    assert_eq!((one.stop(), other.stop()), (0, 0));
    fleet.is_sound();
}

/// Whoever sent what could not be taken is told that it was not, and nobody waits for them.
#[test]
fn a_service_ends_at_once_while_the_database_is_out_of_reach() {
    let fleet = waiting();
    let proxy = postgres::proxy();
    let (one, other) = (fleet.serve_through(&proxy), fleet.serve());
    accepted(&one, "T-1");
    fleet.within(30, "it waits", || (fleet.lines("wait.started") == 1).then_some(()));
    proxy.cut(Cut::Reads);
    assert_eq!(closed(&other, "T-1"), "kept");
    std::thread::scope(|scope| {
        let late = scope.spawn(|| one.send("", &json!({ "q": "T-2" }).to_string()).0);
        one.until("store_unreachable");
        signal(&one, "-TERM");
        let began = Instant::now();
        one.until("stopped");
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        assert_eq!(late.join().unwrap(), 503, "it was not taken");
    });
    assert_eq!(one.stop(), 0);
    // The other has its run, and what came for that.
    fleet.all_closed(1);
    assert_eq!(fleet.lines("intake.accepted"), 1);
    assert_eq!(other.stop(), 0);
    fleet.is_sound();
}

/// The log says that it is the database that is away, and not that this role may not read something.
#[test]
fn that_nothing_is_heard_is_put_down_to_the_outage() {
    let fleet = waiting();
    let proxy = postgres::proxy();
    let one = fleet.serve_through(&proxy);
    proxy.cut(Cut::Reads);
    let why = one.until("not_heard")["why"].as_str().unwrap().to_string();
    assert!(why.contains("reach") && !why.contains("rights"), "{why}");
    proxy.cut(Cut::Nothing);
    assert_eq!(one.stop(), 0);
}

/// One that has the database alone tells it all the same: nobody else writes anything that would remind it.
#[test]
fn one_that_is_alone_tells_an_event_when_its_run_can_be_read_again() {
    let fleet = waiting();
    let settings = fleet.world.path("play.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("share = true", "share = false")).unwrap();
    let proxy = postgres::proxy();
    let one = fleet.serve_through(&proxy);
    accepted(&one, "T-1");
    one.until("run_parked");
    proxy.cut(Cut::Reads);
    assert_eq!(closed(&one, "T-1"), "kept");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(fleet.lines("event.arrived"), 0);
    proxy.cut(Cut::Nothing);
    fleet.all_closed(1);
    assert_eq!(one.stop(), 0);
    fleet.is_sound();
}

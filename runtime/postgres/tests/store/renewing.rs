//! A lease that is renewed while the server is there, and slow, or stuck.

use std::time::{Duration, Instant};

use play_journal::{Heard, Journal as _, Lease, Sharing as _};
use play_postgres::{Options, Store};

use crate::server::{self, Place, Server};

/// Whether that is so at some time within so many seconds.
fn within(seconds: u64, so: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(seconds) {
        if so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn a_server_that_is_stuck_has_one_more_session_of_each_worker_and_no_further() {
    let server = Server::start();
    let place = server.place();
    let store = place.open();
    // What is committed waits for a standby that is not there.
    server::sql(&server.url, "ALTER SYSTEM SET synchronous_standby_names = 'gone'");
    server::sql(&server.url, "SELECT pg_reload_conf()");
    let sessions = || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'play: renewing the lease'";
        server::sql(&server.url, sql)[0][0].parse::<u32>().unwrap()
    };
    assert!(within(10, || store.lease() == Lease::Stale));
    let start = Instant::now();
    let mut most = 0;
    while start.elapsed() < Duration::from_secs(12) {
        most = most.max(sessions());
        std::thread::sleep(Duration::from_millis(50));
    }
    // One that is given up is there until the server has looked.
    assert!((2..=3).contains(&most), "{most}");
    server::sql(&server.url, "ALTER SYSTEM RESET synchronous_standby_names");
    server::sql(&server.url, "SELECT pg_reload_conf()");
    assert!(within(10, || store.lease() == Lease::Good));
    assert!(within(10, || sessions() <= 1), "{}", sessions());
    store.close().unwrap();
}

#[test]
fn what_waits_for_a_lock_does_not_wait_for_longer_than_the_lease() {
    let server = Server::start();
    let place = server.place();
    // 1.5 s.
    let store = place.open();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = runtime.block_on(server::connect(&place.text));
    runtime.block_on(other.batch_execute("BEGIN; LOCK TABLE play_workers IN ACCESS EXCLUSIVE MODE")).unwrap();
    assert!(within(10, || store.lease() == Lease::Stale), "it is known that it is over");
    let longest = || {
        let sql = "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0) FROM pg_stat_activity \
                   WHERE application_name = 'play: renewing the lease' AND wait_event_type = 'Lock'";
        server::sql(&server.url, sql)[0][0].parse::<f64>().unwrap()
    };
    let (start, mut most) = (Instant::now(), 0_f64);
    while start.elapsed() < Duration::from_secs(5) {
        most = most.max(longest());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(most > 0.2 && most < 1.5, "{most}");
    drop(runtime.block_on(other.batch_execute("ROLLBACK")));
    assert!(within(10, || store.lease() == Lease::Good), "nobody has taken anything over");
    store.close().unwrap();
}

#[test]
fn an_answer_that_comes_late_counts() {
    let place = Place::new();
    let lease = Duration::from_secs(4);
    let store = Store::open(&place.url, Options { lease, ..Options::default() }).unwrap();
    // Longer than an answer is waited for before another session is tried, and less than the lease is good for.
    place.sql(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2.8); RETURN new; END';
         CREATE TRIGGER slow BEFORE UPDATE ON play_workers FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    assert!(within(10, || store.lease() == Lease::Stale), "it is not slow");
    let mut times = 0;
    for _ in 0..3 {
        assert!(within(10, || store.lease() == Lease::Good), "{times}");
        times += 1;
        assert!(within(10, || store.lease() == Lease::Stale), "{times}");
    }
    place.sql("DROP TRIGGER slow ON play_workers");
    store.close().unwrap();
}

#[test]
fn what_was_said_by_one_whose_lease_is_lost_may_count() {
    let place = Place::new();
    let store = Store::join(&place.url, server::quick()).unwrap();
    let heard = std::thread::scope(|scope| {
        let said = scope.spawn(|| store.say("run-1", "approve", Duration::from_secs(20)));
        assert!(within(10, || place.sql("SELECT count(*) FROM play_words") == [["1"]]));
        // Others have found that its time is over.
        place.sql("DELETE FROM play_workers");
        said.join().unwrap()
    });
    assert!(matches!(heard, Ok(Heard::Unknown)), "{heard:?}");
    assert_eq!(place.sql("SELECT count(*) FROM play_words"), [["1"]], "and it stands there");
    assert!(store.say("run-1", "\0", Duration::from_secs(20)).is_err(), "it is not written");
}

#[test]
fn what_is_waited_for_in_another_store_of_the_database_is_not_waited_for_here() {
    let server = Server::start();
    let (place, elsewhere) = (server.place(), server.place());
    let (here, there) = (place.open(), elsewhere.open());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = runtime.block_on(server::connect(&elsewhere.text));
    runtime.block_on(other.batch_execute("BEGIN; LOCK TABLE play_workers IN ACCESS EXCLUSIVE MODE")).unwrap();
    assert!(within(10, || there.waits_for().is_some_and(|lock| lock.on == "play_workers")));
    assert_eq!(here.waits_for(), None);
    drop(runtime.block_on(other.batch_execute("ROLLBACK")));
    assert!(within(10, || there.lease() == Lease::Good));
    here.close().unwrap();
    there.close().unwrap();
}

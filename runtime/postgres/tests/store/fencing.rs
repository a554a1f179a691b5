//! Several workers: who may write what, and that whoever lost it writes nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use play_evidence::Chain;
use play_journal::{Journal as _, JournalError, JournalRead as _, Lease, Sharing as _, Ticket};
use play_postgres::{Options, Store, verify};

use crate::common::*;
use crate::proxy::{Cut, Proxy};
use crate::server::{self, Place, quick};

/// A lease that is not renewed during a test: a worker with it is as good as paused once the lease is over.
fn long() -> Options {
    Options { lease: Duration::from_secs(600), ..Options::default() }
}

/// Leases are over, as if all workers had been silent for long.
fn time_passes(place: &Place) {
    place.sql("UPDATE play_workers SET until = clock_timestamp() - interval '1 second'");
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn place_of_many() -> Place {
    let place = Place::new();
    place.open().close().unwrap();
    place
}

fn join(place: &Place) -> Store {
    Store::join(&place.url, long()).unwrap()
}

fn fenced(result: Result<(), JournalError>) -> String {
    match result {
        Err(e @ JournalError::Fenced { .. }) => {
            assert!(!e.goes_on());
            e.to_string()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_paused_owner_writes_nothing_once_another_has_its_run() {
    let place = place_of_many();
    let (one_worker, other) = (join(&place), join(&place));
    assert_eq!(one_worker.own(&names(&["run-1"])).unwrap(), ["run-1"]);
    assert_eq!(other.own(&names(&["run-1"])).unwrap(), names(&[]), "it is somebody's");
    let mut chain = Chain::new("run-1");
    let first = line(&mut chain, "first");
    one_worker.append_wait(lines([first.clone()])).unwrap();
    assert_eq!(other.claim(10).unwrap(), names(&[]), "its owner is there");

    time_passes(&place);
    // A lease that is over and that nobody took is no reason to stop.
    let second = line(&mut chain, "second");
    one_worker.append_wait(lines([second.clone()])).unwrap();
    let mut late = chain.clone();

    assert_eq!(other.claim(10).unwrap(), ["run-1"]);
    assert_eq!(other.chain("run-1").unwrap().unwrap(), chain);
    let error = fenced(one_worker.append_wait(lines([line(&mut late, "too late")])));
    assert!(error.contains("process") && error.contains("has taken the run run-1 over"), "{error}");
    let third = line(&mut chain, "third");
    other.append_wait(lines([third.clone()])).unwrap();
    // Also where the line would fit.
    fenced(one_worker.append_wait(one(&mut chain.clone())));
    fenced(one_worker.close());

    let written: Vec<_> = [first, second, third].iter().map(|l| l.bytes.to_vec()).collect();
    assert_eq!(other.lines_of("run-1").unwrap(), written);
    other.close().unwrap();
    assert!(verify(&place.url).unwrap().is_clean());
}

/// The server has given the runs, and nobody has heard so. They are not lost: whoever asks again has them.
#[test]
fn what_was_taken_by_a_call_whose_answer_is_lost_is_found_by_the_next() {
    let place = place_of_many();
    let (before, beside) = (join(&place), join(&place));
    let left = names(&["run-1", "run-2", "run-3"]);
    assert_eq!(before.own(&left).unwrap(), left);
    let mut chain = Chain::new("run-1");
    before.append_wait(one(&mut chain)).unwrap();
    before.close().unwrap();

    let proxy = Proxy::start(server::url());
    let worker = Store::join(&server::url_of(&proxy.through(&place.text)), long()).unwrap();
    assert_eq!(worker.own(&names(&["known"])).unwrap(), ["known"]);
    proxy.cut(Cut::Claims);
    let error = worker.claim(2).unwrap_err();
    assert!(error.passes(), "{error:?}");
    // Nor is what has become of it heard.
    assert!(worker.claim(2).unwrap_err().passes());
    assert!(left.iter().all(|run| !worker.owns(run)));
    assert_eq!(beside.claim(1).unwrap(), ["run-3"], "two are somebody's");
    proxy.cut(Cut::Nothing);
    // Whoever asks for one by name has that; the other is told with the next claim, is nobody's here before that, and nothing that was known
    // before is told again.
    assert_eq!(worker.own(&names(&["run-2", "run-3", "run-4"])).unwrap(), ["run-4", "run-2"]);
    assert!(worker.owns("run-2") && !worker.owns("run-1"));
    assert_eq!(worker.claim(10).unwrap(), ["run-1"]);
    assert!(worker.owns("run-1"));
    assert_eq!(worker.claim(10).unwrap(), names(&[]));
    worker.append_wait(one(&mut chain)).unwrap();

    // The same where a run was asked for by name; and one that was opened meanwhile is nobody's to take.
    proxy.cut(Cut::Claims);
    assert!(worker.own(&names(&["run-5"])).unwrap_err().passes());
    worker.append_wait(one(&mut Chain::new("opened"))).unwrap();
    proxy.cut(Cut::Nothing);
    assert_eq!(worker.own(&names(&["run-5"])).unwrap(), ["run-5"]);
    assert_eq!(worker.claim(10).unwrap(), names(&[]));
    worker.append_wait(one(&mut Chain::new("run-5"))).unwrap();
    worker.close().unwrap();
    assert_eq!(beside.lines_of("run-1").unwrap().len(), 2);
    beside.close().unwrap();
    assert!(verify(&place.url).unwrap().is_clean());
}

/// Of one that still waits to be committed nothing is known before it is.
#[test]
fn what_was_taken_is_not_looked_for_while_it_may_still_be() {
    let place = place_of_many();
    let before = join(&place);
    let proxy = Proxy::start(server::url());
    let worker = Store::join(&server::url_of(&proxy.through(&place.text)), long()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(before.own(&names(&["run-1"])).unwrap(), ["run-1"]);
    proxy.cut(Cut::Claims);
    assert!(worker.claim(10).unwrap_err().passes());
    proxy.cut(Cut::Nothing);
    before.close().unwrap();
    runtime.block_on(async {
        // As the server has it, from a session that is gone for the worker.
        let lost = server::connect(&place.text).await;
        let number = "(SELECT max(worker) FROM play_workers)";
        let take = format!(
            "BEGIN; SELECT 1 FROM play_leases WHERE scope = '' FOR SHARE; \
             UPDATE play_leases SET epoch = nextval('play_epoch'), worker = {number} WHERE scope = 'run-1'"
        );
        lost.batch_execute(&take).await.unwrap();
        let claimed = std::thread::spawn(move || (worker.claim(10).unwrap(), worker));
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!claimed.is_finished(), "it waits for that");
        lost.batch_execute("COMMIT").await.unwrap();
        let (claimed, worker) = claimed.join().unwrap();
        assert_eq!(claimed, ["run-1"]);
        assert!(worker.owns("run-1"));
    });
}

#[test]
fn a_batch_of_which_a_part_is_anothers_is_not_written_at_all() {
    let place = place_of_many();
    let (one_worker, other) = (join(&place), join(&place));
    one_worker.own(&names(&["run-1", "run-2"])).unwrap();
    time_passes(&place);
    let taken = other.claim(1).unwrap();
    let [taken] = taken.as_slice() else { panic!("{taken:?}") };
    let (mut a, mut b) = (Chain::new("run-1"), Chain::new("run-2"));
    let error = fenced(one_worker.append_wait(lines([line(&mut a, "1"), line(&mut b, "2")])));
    assert!(error.contains(taken.as_str()), "{error}");
    assert_eq!(other.runs().unwrap(), names(&[]));
}

#[test]
fn what_was_never_claimed_is_not_written_to() {
    let place = place_of_many();
    let worker = join(&place);
    let mut chain = Chain::new("run-1");
    worker.append_wait(one(&mut chain)).unwrap();
    worker.let_go(&names(&["run-1"])).unwrap();
    // It is nobody's. That it begins does not make it one's own; that it was claimed does.
    fenced(join(&place).append_wait(one(&mut chain.clone())));
    let third = join(&place);
    assert_eq!(third.own(&names(&["run-1"])).unwrap(), ["run-1"]);
    third.append_wait(one(&mut chain)).unwrap();
    assert_eq!(third.lines_of("run-1").unwrap().len(), 2);
}

#[test]
fn an_append_that_waits_for_whoever_takes_over_writes_nothing() {
    let place = place_of_many();
    let worker = join(&place);
    worker.own(&names(&["run-1"])).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (then, written) in [("ROLLBACK", 1), ("COMMIT", 1)] {
        let (ticket, done) = Ticket::pair();
        runtime.block_on(async {
            let client = server::connect(&place.text).await;
            let take = "BEGIN; UPDATE play_leases SET epoch = nextval('play_epoch') WHERE scope = 'run-1'";
            client.batch_execute(take).await.unwrap();
            let mut chain = worker.chain("run-1").unwrap().unwrap_or_else(|| Chain::new("run-1"));
            worker.append(one(&mut chain), done);
            // It has begun, and waits.
            let waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()";
            while client.query(waits, &[]).await.unwrap().is_empty() {}
            client.batch_execute(then).await.unwrap();
        });
        match then {
            "ROLLBACK" => ticket.wait().unwrap(),
            _ => drop(fenced(ticket.wait())),
        }
        assert_eq!(worker.lines_of("run-1").unwrap().len(), written);
    }
}

#[test]
fn claims_are_made_in_batches_and_no_run_is_claimed_twice() {
    let place = place_of_many();
    let gone = join(&place);
    let all: Vec<String> = (0..200).map(|n| format!("run-{n:03}")).collect();
    assert_eq!(gone.own(&all).unwrap().len(), 200);
    time_passes(&place);
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (start, worker) = (Arc::clone(&start), join(&place));
            std::thread::spawn(move || {
                start.wait();
                let mut mine = Vec::new();
                loop {
                    let claimed = worker.claim(7).unwrap();
                    assert!(claimed.len() <= 7);
                    if claimed.is_empty() {
                        return (worker, mine);
                    }
                    mine.extend(claimed);
                }
            })
        })
        .collect();
    let workers: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    let claimed: Vec<_> = workers.iter().flat_map(|(_, mine)| mine.clone()).collect();
    assert_eq!(claimed.len(), 200);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), all.into_iter().collect());
    for (worker, mine) in workers {
        if let Some(run) = mine.first() {
            let mut chain = Chain::new(run);
            worker.append_wait(one(&mut chain)).unwrap();
            worker.let_go(std::slice::from_ref(run)).unwrap();
            fenced(worker.append_wait(one(&mut chain)));
        }
    }
}

#[test]
fn one_who_has_all_and_those_who_share_keep_each_other_out() {
    let place = place_of_many();
    let sharing = join(&place);
    sharing.own(&names(&["run-1"])).unwrap();
    let locked = |result: Result<(), JournalError>| match result {
        Err(JournalError::Locked { holder, .. }) => assert!(holder.starts_with("process "), "{holder}"),
        other => panic!("{other:?}"),
    };
    // One whose lease lasts for minutes more is not waited for.
    time_passes(&place);
    let store = place.open();
    locked(sharing.claim(1).map(drop));
    locked(sharing.own(&names(&["run-2"])).map(drop));
    fenced(sharing.append_wait(one(&mut Chain::new("run-1"))));
    store.append_wait(one(&mut Chain::new("run-1"))).unwrap();
    store.close().unwrap();

    let sharing = Store::join(&place.url, quick()).unwrap();
    sharing.own(&names(&["run-1"])).unwrap();
    locked(Store::open(&place.url, quick()).map(drop));
    sharing.close().unwrap();
    place.open().close().unwrap();
}

#[test]
fn one_who_had_all_and_was_given_up_writes_nothing_once_others_share() {
    let place = place_of_many();
    let alone = place.open();
    let mut chain = Chain::new("run-1");
    alone.append_wait(one(&mut chain)).unwrap();
    time_passes(&place);
    let sharing = join(&place);
    sharing.own(&names(&["run-2"])).unwrap();
    fenced(alone.append_wait(one(&mut chain)));
    sharing.append_wait(one(&mut Chain::new("run-2"))).unwrap();
}

#[test]
fn one_who_is_gone_is_waited_for_until_that_is_certain() {
    let place = place_of_many();
    // As a process leaves it that was killed.
    let lease = "INSERT INTO play_workers VALUES (nextval('play_epoch'), 'gone', clock_timestamp() + interval '1 second')";
    place.sql(lease);
    place.sql("UPDATE play_leases SET worker = (SELECT worker FROM play_workers) WHERE scope = ''");
    let start = Instant::now();
    let store = place.open();
    assert!(start.elapsed() > Duration::from_millis(500), "{:?}", start.elapsed());
    store.append_wait(one(&mut Chain::new("run-1"))).unwrap();
    assert_eq!(place.sql("SELECT count(*) FROM play_workers"), [["1"]]);

    // One who comes back after somebody else had the store has lost it.
    time_passes(&place);
    let second = place.open();
    let error = fenced(store.append_wait(one(&mut store.chain("run-1").unwrap().unwrap())));
    assert!(error.contains("has taken the store over"), "{error}");
    second.append_wait(one(&mut second.chain("run-1").unwrap().unwrap())).unwrap();
}

#[test]
fn a_lease_is_renewed_as_long_as_its_worker_lives() {
    let place = Place::new();
    let store = Store::open(&place.url, Options { lease: Duration::from_millis(400), ..quick() }).unwrap();
    let until = || place.sql("SELECT until FROM play_workers");
    let first = until();
    let start = Instant::now();
    while until() == first && start.elapsed() < Duration::from_secs(20) {}
    assert_ne!(until(), first);
    store.close().unwrap();
    assert_eq!(until(), Vec::<Vec<String>>::new());
}

#[test]
fn one_who_was_silent_for_too_long_knows_by_its_own_clock_and_whoever_takes_over_makes_it_certain() {
    let place = place_of_many();
    let short = Options { lease: Duration::from_millis(300), ..Options::default() };
    let worker = Store::join(&place.url, short).unwrap();
    worker.own(&names(&["run-1"])).unwrap();
    assert_eq!(worker.lease(), Lease::Good);
    // It cannot renew its lease: somebody holds the row.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let holds = runtime.block_on(async {
        let client = server::connect(&place.text).await;
        client.batch_execute("BEGIN; SELECT 1 FROM play_workers FOR UPDATE").await.unwrap();
        client
    });
    let comes = |lease| {
        let start = Instant::now();
        while worker.lease() != lease {
            assert!(start.elapsed() < Duration::from_secs(20), "{:?}", worker.lease());
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    comes(Lease::Stale);
    // Nobody has taken anything over: it is as before once it is renewed.
    runtime.block_on(async { holds.batch_execute("ROLLBACK").await.unwrap() });
    comes(Lease::Good);
    let other = join(&place);
    assert_eq!(other.claim(10).unwrap(), names(&[]));
    runtime.block_on(async {
        // As one that takes over at the moment at which the owner renews its lease.
        let bury = "BEGIN; UPDATE play_workers SET until = clock_timestamp() WHERE until < clock_timestamp() + interval '1 minute'; \
                    DELETE FROM play_workers WHERE until <= clock_timestamp(); COMMIT";
        holds.batch_execute(bury).await.unwrap();
    });
    assert_eq!(other.claim(10).unwrap(), ["run-1"]);
    comes(Lease::Lost);
    fenced(worker.append_wait(one(&mut Chain::new("run-1"))));
}

/// One who waits for a row that others change looks again, and is not turned away: whatever the default of the database.
#[test]
fn transactions_are_read_committed_whatever_the_default_is() {
    let place = place_of_many();
    let strict = format!("{}%20-cdefault_transaction_isolation%3Dserializable", place.text);
    let worker = Store::join(&server::url_of(&strict), long()).unwrap();
    worker.own(&names(&["run-1"])).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (ticket, done) = Ticket::pair();
    runtime.block_on(async {
        let client = server::connect(&place.text).await;
        let touch = "BEGIN; UPDATE play_leases SET worker = worker WHERE scope = 'run-1'";
        client.batch_execute(touch).await.unwrap();
        worker.append(one(&mut Chain::new("run-1")), done);
        let waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()";
        while client.query(waits, &[]).await.unwrap().is_empty() {}
        client.batch_execute("COMMIT").await.unwrap();
    });
    ticket.wait().unwrap();
    assert_eq!(worker.lines_of("run-1").unwrap().len(), 1);
}

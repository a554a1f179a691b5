//! What is made ready while the server writes, and what becomes of it.

use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use play_evidence::Chain;
use play_journal::{Batch, Journal as _, JournalError, JournalRead as _, Sharing as _};
use play_postgres::{Options, Store, verify};

use crate::common::*;
use crate::server::{self, Place, quick};

type Told = Receiver<Result<(), JournalError>>;

/// Batches that all wait before the first of them is looked at, each of them a group.
fn all_at_once<const N: usize>(store: &Store, batches: [Batch; N]) -> [Told; N] {
    let (go, wait) = mpsc::channel::<()>();
    // On the thread that writes.
    store.turn(Box::new(move |_turn| wait.recv().unwrap()));
    let told = batches.map(|batch| {
        let (tell, told) = mpsc::channel();
        store.append(batch, Box::new(move |result| drop(tell.send(result))));
        told
    });
    go.send(()).unwrap();
    told
}

/// A store that writes each batch by itself, with the first line of a run in it.
fn one_by_one(place: &Place) -> (Store, Chain) {
    let store = Store::open(&place.url, Options { group_bytes: 1, ..quick() }).unwrap();
    let mut chain = Chain::new("run-1");
    store.append_wait(one(&mut chain)).unwrap();
    (store, chain)
}

fn until_somebody_waits(place: &Place) {
    let start = Instant::now();
    while place.sql("SELECT 1 FROM pg_locks WHERE NOT granted").is_empty() {
        assert!(start.elapsed() < Duration::from_secs(30), "nobody waits");
    }
}

#[test]
fn what_comes_next_is_checked_while_the_server_writes() {
    let place = Place::new();
    let (store, mut chain) = one_by_one(&place);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = runtime.block_on(server::connect(&place.text));
    runtime.block_on(other.batch_execute("BEGIN; LOCK TABLE play_lines IN SHARE MODE")).unwrap();

    let written = one(&mut chain);
    let mut torn = chain.clone();
    line(&mut torn, "not there");
    let [written, refused, behind] = all_at_once(&store, [written, one(&mut torn), one(&mut chain)]);
    until_somebody_waits(&place);
    let refused =
        refused.recv_timeout(Duration::from_secs(10)).expect("nobody waits for the server to be told");
    assert!(matches!(refused, Err(JournalError::Refused { .. })), "{refused:?}");
    // Nothing is said of what is not durable.
    assert!(written.try_recv().is_err() && behind.try_recv().is_err());

    runtime.block_on(other.batch_execute("COMMIT")).unwrap();
    written.recv().unwrap().unwrap();
    behind.recv().unwrap().unwrap();
    assert_eq!(store.lines_of("run-1").unwrap().len(), 3);
    store.close().unwrap();
    assert!(verify(&place.url).unwrap().is_clean());
}

#[test]
fn what_is_ready_falls_with_what_it_rests_on() {
    let place = Place::new();
    let (store, mut chain) = one_by_one(&place);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = runtime.block_on(server::connect(&place.text));
    // Somebody takes the store: until that is certain, whoever appends waits.
    runtime
        .block_on(other.batch_execute("BEGIN; UPDATE play_leases SET epoch = nextval('play_epoch')"))
        .unwrap();

    let batches = [one(&mut chain), one(&mut Chain::new("run-2")), one(&mut chain)];
    let told = all_at_once(&store, batches);
    until_somebody_waits(&place);
    runtime.block_on(other.batch_execute("COMMIT")).unwrap();
    for told in told {
        let result = told.recv().unwrap();
        assert!(matches!(result, Err(JournalError::Fenced { .. })), "{result:?}");
    }
    let late = store.append_wait(one(&mut chain));
    assert!(matches!(late, Err(JournalError::Fenced { .. })), "{late:?}");
    let reader = Store::read_only(&place.url).unwrap();
    assert_eq!(reader.lines_of("run-1").unwrap().len(), 1);
    assert!(reader.lines_of("run-2").unwrap().is_empty());
}

//! What breaks on the way: a backend, the server, the connection. What was acknowledged is there, and nothing is there twice.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use play_evidence::{Chain, Line};
use play_journal::{Batch, Blob, Journal as _, JournalError, JournalRead as _};
use play_postgres::{Store, verify};

use crate::common::*;
use crate::proxy::{Cut, Proxy};
use crate::server::{self, Place, Server, quick};

/// Opens a store whose server may just be starting again.
fn open(place: &Place) -> Store {
    let start = Instant::now();
    loop {
        match Store::open(&place.url, quick()) {
            Ok(store) => return store,
            Err(e) if start.elapsed() > Duration::from_secs(60) => panic!("{e}"),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Appends line after line, each with a body, until that fails; something is broken meanwhile, again and again. Gives how
/// many lines were acknowledged.
fn broken_again_and_again(place: &Place, times: usize, breaks: impl Fn()) -> usize {
    let mut written: Vec<Line> = Vec::new();
    let mut acknowledged = 0;
    for round in 0..times {
        let store = open(place);
        let there = store.lines_of("run-1").unwrap();
        // All that was acknowledged, and at most the one that was under way.
        assert!(there.len() >= acknowledged, "round {round}: {} of {acknowledged}", there.len());
        assert!(there.len() <= written.len(), "round {round}");
        for (line, expected) in there.iter().zip(&written) {
            assert_eq!(line[..], expected.bytes[..]);
        }
        written.truncate(there.len());
        let mut chain = store.chain("run-1").unwrap().unwrap_or_else(|| Chain::new("run-1"));
        let count = Arc::new(AtomicU64::new(0));
        let (done, ended) = mpsc::channel();
        let counted = Arc::clone(&count);
        let appending = std::thread::spawn(move || {
            let mut lines = Vec::new();
            loop {
                let body = (round as u64, chain.next_seq());
                let blob = Blob::new([1; 32], format!("{body:?}").into_bytes());
                let line = line_with(&mut chain, &blob);
                lines.push(line.clone());
                match store.append_wait(Batch { lines: vec![line], blobs: vec![blob] }) {
                    Ok(()) => counted.fetch_add(1, Ordering::SeqCst),
                    Err(e) => {
                        assert!(matches!(e, JournalError::Io { .. }), "{e:?}");
                        // Nothing more is promised.
                        assert!(store.append_wait(one(&mut chain)).is_err());
                        done.send(()).unwrap();
                        return lines;
                    }
                };
            }
        });
        let enough = 5 + 7 * round as u64;
        let start = Instant::now();
        while count.load(Ordering::SeqCst) < enough && start.elapsed() < Duration::from_secs(60) {
            std::thread::yield_now();
        }
        breaks();
        ended.recv_timeout(Duration::from_secs(60)).unwrap();
        written.extend(appending.join().unwrap());
        acknowledged = there.len() + count.load(Ordering::SeqCst) as usize;
    }
    let store = open(place);
    assert!(store.lines_of("run-1").unwrap().len() >= acknowledged);
    store.close().unwrap();
    let report = verify(&place.url).unwrap();
    assert!(report.is_clean(), "{:?}", report.problems);
    acknowledged
}

#[test]
fn a_backend_that_is_killed_in_the_middle_loses_nothing() {
    let server = Server::start();
    let place = server.place();
    let acknowledged = broken_again_and_again(&place, 4, || {
        let pids = place.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'play: writing'");
        assert!(Command::new("kill").args(["-KILL", &pids[0][0]]).status().unwrap().success());
    });
    assert!(acknowledged >= 5 + 12 + 19 + 26, "{acknowledged}");
}

#[test]
fn a_server_that_is_killed_loses_nothing() {
    let server = Server::start();
    let place = server.place();
    let acknowledged = broken_again_and_again(&place, 3, || server.kill());
    assert!(acknowledged >= 5 + 12 + 19, "{acknowledged}");
}

#[test]
fn a_session_that_is_ended_loses_nothing() {
    let place = Place::new();
    // Others use the same server: ours is the one that has our table.
    let ours = "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a WHERE a.application_name = 'play: writing' \
                AND EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND l.relation = 'play_lines'::regclass)";
    let acknowledged = broken_again_and_again(&place, 3, || {
        let start = Instant::now();
        while place.sql(ours).is_empty() {
            assert!(start.elapsed() < Duration::from_secs(30), "no session was found at work");
        }
    });
    assert!(acknowledged >= 5, "{acknowledged}");
}

/// A store behind a proxy, with a line in it.
fn behind_proxy(place: &Place) -> (Proxy, play_postgres::Url, Store, Chain) {
    let proxy = Proxy::start(server::url());
    let url = server::url_of(&proxy.through(&place.text));
    let store = Store::open(&url, quick()).unwrap();
    let mut chain = Chain::new("run-1");
    store.append_wait(one(&mut chain)).unwrap();
    (proxy, url, store, chain)
}

#[test]
fn a_connection_cut_between_commit_and_reply_leaves_the_batch_there() {
    let place = Place::new();
    let (proxy, url, store, mut chain) = behind_proxy(&place);
    proxy.cut(Cut::Replies);
    let error = store.append_wait(one(&mut chain)).unwrap_err();
    assert!(matches!(error, JournalError::Io { .. }) && !error.goes_on(), "{error:?}");
    let after = store.append_wait(one(&mut chain.clone())).unwrap_err();
    assert_eq!(after.to_string(), error.to_string(), "nothing more is promised");
    proxy.cut(Cut::Nothing);
    assert!(store.close().is_err());

    let store = Store::open(&url, quick()).unwrap();
    assert_eq!(store.chain("run-1").unwrap(), Some(chain.clone()), "it was committed");
    store.append_wait(one(&mut chain)).unwrap();
    assert_eq!(store.lines_of("run-1").unwrap().len(), 3);
    store.close().unwrap();
    assert!(verify(&place.url).unwrap().is_clean());
}

#[test]
fn a_connection_cut_before_the_statement_leaves_nothing() {
    let place = Place::new();
    let (proxy, url, store, chain) = behind_proxy(&place);
    proxy.cut(Cut::Requests);
    let error = store.append_wait(one(&mut chain.clone())).unwrap_err();
    assert!(matches!(error, JournalError::Io { .. }) && !error.goes_on(), "{error:?}");
    proxy.cut(Cut::Nothing);
    drop(store);
    let store = Store::open(&url, quick()).unwrap();
    assert_eq!(store.chain("run-1").unwrap(), Some(chain));
}

#[test]
fn a_connection_that_falls_silent_ends_whoever_writes_and_leaves_the_store_to_the_next() {
    let place = Place::new();
    let proxy = Proxy::start(server::url());
    let url = server::url_of(&format!("{}&tcp_user_timeout=1", proxy.through(&place.text)));
    let store = Store::open(&url, quick()).unwrap();
    let mut chain = Chain::new("run-1");
    store.append_wait(one(&mut chain)).unwrap();
    proxy.cut(Cut::Silence);
    let start = Instant::now();
    let error = store.append_wait(one(&mut chain.clone())).unwrap_err();
    assert!(!error.goes_on() && error.to_string().contains("there was no answer within 3.0 s"), "{error}");
    assert!(store.close().is_err());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let store = place.open();
    assert_eq!(store.chain("run-1").unwrap(), Some(chain));
    store.close().unwrap();
}

#[test]
fn a_lock_that_others_have_is_waited_for_longer_than_a_server_that_says_nothing() {
    for (shares, lock) in [
        (true, "SELECT 1 FROM play_leases WHERE scope = '' FOR UPDATE"),
        // As one has it who makes an index.
        (true, "LOCK TABLE play_lines IN SHARE MODE"),
        (false, "LOCK TABLE play_lines IN SHARE MODE"),
    ] {
        let place = Place::new();
        // An answer is waited for three seconds: two leases.
        let url = server::url_of(&format!("{}&tcp_user_timeout=1", place.text));
        let store = if shares { Store::join(&url, quick()) } else { Store::open(&url, quick()) }.unwrap();
        if shares {
            store.sharing().unwrap().own(&["run-1".to_string()]).unwrap();
        }
        let mut chain = Chain::new("run-1");
        store.append_wait(one(&mut chain)).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| place.sql(&format!("BEGIN; {lock}; SELECT pg_sleep(8); COMMIT")));
            std::thread::sleep(Duration::from_secs(1));
            let start = Instant::now();
            store.append_wait(one(&mut chain)).unwrap();
            assert!(start.elapsed() > Duration::from_secs(5), "{lock}: {:?}", start.elapsed());
        });
        store.close().unwrap();
        assert_eq!(place.open().chain("run-1").unwrap(), Some(chain));
    }
}

//! A database is a journal like any other.

use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::{Duration, Instant};

use play_evidence::Chain;
use play_journal::{Batch, Blob, Journal as _, JournalError, JournalRead as _, ProblemKind, Ticket};
use play_postgres::{Options, Store, verify};

use crate::common::*;
use crate::server::{self, Place, quick};
use crate::suite;

#[test]
fn it_does_what_every_journal_does() {
    for options in [quick(), Options { group_bytes: 0, ..quick() }] {
        let places = Mutex::new(Vec::new());
        suite::suite(&|| {
            let place = Place::new();
            let store = Store::open(&place.url, options.clone()).unwrap();
            places.lock().unwrap().push(place);
            Box::new(store)
        });
        for place in places.into_inner().unwrap() {
            let report = verify(&place.url).unwrap();
            assert!(report.is_clean(), "{:?}", report.problems);
        }
    }
}

#[test]
fn it_is_over_time_what_every_journal_is() {
    let place = Place::new();
    suite::over_time(&suite::Place {
        open: &|| Ok(Box::new(Store::open(&place.url, quick())?)),
        read: &|| Ok(Box::new(Store::read_only(&place.url)?)),
    });
}

#[test]
fn many_may_make_a_store_at_once_and_it_is_one() {
    let place = Place::new();
    let start = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (start, url) = (Arc::clone(&start), place.url.clone());
            std::thread::spawn(move || {
                start.wait();
                Store::migrate(&url)
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert_eq!(place.sql("SELECT count(*) FROM play_store"), [["1"]]);
    assert_eq!(place.sql("SELECT step FROM play_steps ORDER BY step"), [["1"], ["2"], ["3"], ["4"]]);
    place.open().close().unwrap();
    Store::migrate(&place.url).unwrap();
}

#[test]
fn what_is_not_a_store_is_said() {
    let place = Place::new();
    let said = |result: Result<(), JournalError>| result.unwrap_err().to_string();
    let none = said(Store::read_only(&place.url).map(drop));
    assert!(none.contains("there is none in this database yet") && none.contains("postgres://"), "{none}");
    assert!(verify(&place.url).is_err());

    place.open().close().unwrap();
    place.sql("INSERT INTO play_steps VALUES (5, now())");
    assert!(said(Store::read_only(&place.url).map(drop)).contains("made by a later version"));
    assert!(said(Store::open(&place.url, quick()).map(drop)).contains("made by a later version"));
    assert!(said(Store::join(&place.url, quick()).map(drop)).contains("made by a later version"));

    let nowhere = server::url_of("postgres://play:secret@/postgres?host=/tmp/no/such/folder");
    let error = Store::open(&nowhere, quick()).unwrap_err();
    assert!(matches!(error, JournalError::Unreachable { .. }), "{error}");
    let error = format!("{error} {error:?}");
    assert!(error.contains("/tmp/no/such/folder") && !error.contains("secret"), "{error}");
}

/// A store with two runs, a body and a program.
fn small(place: &Place) -> Blob {
    let store = place.open();
    let (mut a, mut b) = (Chain::new("run-1"), Chain::new("run-2"));
    let blob = Blob::new([7; 32], b"{\"alert\": 1.5}".to_vec());
    store.put_artifact(b"program").unwrap();
    let both = vec![line_with(&mut a, &blob), line(&mut b, "one")];
    store.append_wait(Batch { lines: both, blobs: vec![blob.clone()] }).unwrap();
    store.append_wait(lines([line(&mut a, "two")])).unwrap();
    store.append_wait(lines([line(&mut b, "three"), line(&mut a, "four")])).unwrap();
    store.close().unwrap();
    blob
}

#[test]
fn what_was_altered_is_found_and_named() {
    type Expected = (&'static str, ProblemKind, Option<(&'static str, u64)>, &'static str);
    let altered: &[Expected] = &[
        (
            "UPDATE play_lines SET line = set_byte(line, 40, get_byte(line, 40) # 1) WHERE chain = 'run-1' AND seq = 1",
            ProblemKind::Damage,
            Some(("run-1", 1)),
            "the line is not what was written",
        ),
        (
            "UPDATE play_lines SET line = convert_to(replace(convert_from(line, 'UTF8'), 'two', 'owt'), 'UTF8'), hash = \
             sha256(convert_to(replace(convert_from(line, 'UTF8'), 'two', 'owt'), 'UTF8')) WHERE chain = 'run-1' AND seq = 1",
            ProblemKind::Chain,
            Some(("run-1", 2)),
            "its `prev` is not the hash of the line before",
        ),
        (
            "DELETE FROM play_lines WHERE chain = 'run-1' AND seq = 1",
            ProblemKind::Missing,
            Some(("run-1", 2)),
            "the chain should go on with line 1",
        ),
        (
            "UPDATE play_lines SET chain = 'run-3' WHERE chain = 'run-2'",
            ProblemKind::Damage,
            Some(("run-3", 0)),
            "the line is not what was written",
        ),
        ("UPDATE play_blobs SET body = 'other'", ProblemKind::Damage, None, "is not what was written"),
        ("DELETE FROM play_blobs", ProblemKind::Missing, Some(("run-1", 0)), "is missing, or was altered"),
        (
            "UPDATE play_artifacts SET program = 'other'",
            ProblemKind::Damage,
            None,
            "is not what its name says",
        ),
    ];
    let place = Place::new();
    let blob = small(&place);
    let report = verify(&place.url).unwrap();
    assert!(report.is_clean(), "{:?}", report.problems);
    assert_eq!((report.lines, report.chains, report.batches), (6, 3, 4));
    assert_eq!((report.blobs, report.artifacts), (1, 1));
    for (sql, kind, name, what) in altered {
        for table in ["lines", "blobs", "artifacts"] {
            place.sql(&format!(
                "DROP TABLE IF EXISTS kept_{table}; CREATE TABLE kept_{table} AS TABLE play_{table}"
            ));
        }
        place.sql(sql);
        let report = verify(&place.url).unwrap();
        let first = report.problems.first().unwrap_or_else(|| panic!("{sql}"));
        assert_eq!(first.kind, *kind, "{sql}: {first:?}");
        assert_eq!(first.run.as_deref().zip(first.seq), *name, "{sql}: {first:?}");
        assert!(first.what.contains(what), "{sql}: {first:?}");
        // Who reads only that gets no other either.
        let reader = Store::read_only(&place.url).unwrap();
        let read = [
            reader.lines_of("run-1").map(drop),
            reader.lines_of("run-3").map(drop),
            reader.blob(&blob.digest()).map(drop),
            reader.artifact("1310ca2c8932dbd118668bd97442558a3e1f546b5e15c69699dfbd6024f548d8").map(drop),
        ];
        let gone = sql.starts_with("DELETE FROM play_blobs");
        assert_eq!(read.iter().any(Result::is_err), !gone, "{sql}");
        let damaged = |r: &Result<(), JournalError>| match r {
            Err(e) => matches!(e, JournalError::Damaged(_)) && e.to_string().contains("play_"),
            Ok(()) => true,
        };
        assert!(read.iter().all(damaged), "{read:?}");
        for table in ["lines", "blobs", "artifacts"] {
            place.sql(&format!("TRUNCATE play_{table}; INSERT INTO play_{table} TABLE kept_{table}"));
        }
    }
    assert!(verify(&place.url).unwrap().is_clean());
}

#[test]
fn a_name_that_the_database_does_not_keep_is_refused() {
    let place = Place::new();
    let store = place.open();
    let error = store.append_wait(one(&mut Chain::new("run\0"))).unwrap_err();
    assert!(error.goes_on() && error.to_string().contains("PostgreSQL does not keep"), "{error}");
    assert!(store.chain("run\0").unwrap().is_none());
    assert_eq!(store.lines_of("run\0").unwrap(), Vec::<Vec<u8>>::new());
    store.append_wait(one(&mut Chain::new("Ünïcode \u{1f600} ' \\ run"))).unwrap();
    assert_eq!(store.runs().unwrap(), ["Ünïcode \u{1f600} ' \\ run"]);
}

#[test]
fn all_lines_come_in_order_however_many_there_are() {
    let place = Place::new();
    let store = place.open();
    let mut chain = Chain::new("long");
    let written: Vec<_> = (0..5000).map(|i| line(&mut chain, &i.to_string())).collect();
    for part in written.chunks(700) {
        store.append_wait(lines(part.to_vec())).unwrap();
    }
    let mut seen = Vec::new();
    store
        .for_each_line(&mut |run, line| {
            // Another may ask meanwhile.
            if seen.len() % 2000 == 0 {
                assert!(store.chain(run).unwrap().is_some());
            }
            seen.push(line.to_vec());
        })
        .unwrap();
    let written: Vec<_> = written.iter().map(|l| l.bytes.to_vec()).collect();
    assert_eq!(seen[1..], written);
}

#[test]
fn it_may_be_used_where_nothing_may_block() {
    let place = Place::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = place.open();
        let (told, durable) = tokio::sync::oneshot::channel();
        store.append(one(&mut Chain::new("run-1")), Box::new(move |result| drop(told.send(result))));
        durable.await.unwrap().unwrap();
        assert_eq!(store.lines_of("run-1").unwrap().len(), 1);
        store.for_each_line(&mut |_, _| {}).unwrap();
        drop(store);
    });
}

/// Nobody waits for the server because whoever writes does.
#[test]
fn what_is_a_workers_own_is_known_while_the_server_is_asked_for_the_end_of_a_chain() {
    let place = Place::new();
    let store = place.open();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = runtime.block_on(server::connect(&place.text));
    runtime.block_on(other.batch_execute("BEGIN; LOCK TABLE play_lines IN ACCESS EXCLUSIVE MODE")).unwrap();
    let (ticket, done) = Ticket::pair();
    store.append(one(&mut Chain::new("run-1")), done);
    let asked = "SELECT count(*) FROM pg_locks WHERE relation = 'play_lines'::regclass AND NOT granted";
    let start = Instant::now();
    while place.sql(asked) != [["1"]] {
        assert!(start.elapsed() < Duration::from_secs(30), "it was not asked for");
    }
    let (told, shared) = mpsc::channel();
    let asks = store.clone();
    // On a thread of its own: one that waits is left there.
    std::thread::spawn(move || told.send(asks.sharing().is_some()));
    assert_eq!(shared.recv_timeout(Duration::from_secs(10)), Ok(false));
    runtime.block_on(other.batch_execute("COMMIT")).unwrap();
    ticket.wait().unwrap();
    store.close().unwrap();
}

/// Who may not come in is not asked to try again.
#[test]
fn a_server_that_turns_somebody_away_is_not_said_to_be_out_of_reach() {
    let place = Place::new();
    for (wrong, why) in [("dbname=not_there", "3D000"), ("user=nobody_here", "28")] {
        let url = server::url_of(&format!("{}&{wrong}", place.text));
        for tried in [Store::open(&url, quick()).map(drop), Store::read_only(&url).map(drop)] {
            let error = tried.unwrap_err();
            assert!(matches!(error, JournalError::NotAStore { .. }) && !error.goes_on(), "{error:?}");
            assert!(error.to_string().contains(&format!("({why}")), "{error}");
        }
    }
}

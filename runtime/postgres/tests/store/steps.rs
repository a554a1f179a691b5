//! Stores as earlier versions made them: whoever reads reads them as they are, and they are brought up to date when nobody writes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use play_evidence::Chain;
use play_journal::{Batch, Blob, Journal as _, JournalError, JournalRead as _};
use play_postgres::{Store, verify};

use crate::common::*;
use crate::server::{self, Place, quick};

const STEPS: [&str; 4] = [
    include_str!("../../src/schema.sql"),
    include_str!("../../src/shared.sql"),
    include_str!("../../src/words.sql"),
    include_str!("../../src/bytes.sql"),
];

fn blob() -> Blob {
    Blob::new([1; 32], b"body".to_vec())
}

/// A store with two lines of a run, in the tables that a version made that knew only so many steps.
fn of_step(steps: usize) -> Place {
    let (now, earlier) = (Place::new(), Place::new());
    let store = now.open();
    let mut chain = Chain::new("run-1");
    store.put_artifact(b"program").unwrap();
    let first = line_with(&mut chain, &blob());
    store.append_wait(Batch { lines: vec![first], blobs: vec![blob()] }).unwrap();
    store.append_wait(one(&mut chain)).unwrap();
    store.close().unwrap();
    let from = now.sql("SELECT current_schema()")[0][0].clone();
    earlier.sql("CREATE TABLE play_steps (step int8 PRIMARY KEY, made timestamptz NOT NULL)");
    for (n, sql) in STEPS.iter().enumerate().take(steps) {
        earlier.sql(&format!("{sql}; INSERT INTO play_steps VALUES ({}, now())", n + 1));
    }
    for table in ["store", "lines", "blobs", "artifacts"] {
        earlier.sql(&format!("INSERT INTO play_{table} SELECT * FROM {from}.play_{table}"));
    }
    earlier.sql(&format!("SELECT setval('play_place', (SELECT last_value FROM {from}.play_place))"));
    earlier
}

fn steps(place: &Place) -> usize {
    place.sql("SELECT step FROM play_steps").len()
}

/// One that is at work until it is told to stop: it renews its lease, as workers of every version do.
fn at_work<T>(place: &Place, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    let until = "clock_timestamp() + interval '1.5 seconds'";
    place.sql(&format!(
        "INSERT INTO play_workers (worker, name, until) VALUES (77, 'one of before', {until})"
    ));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                place.sql(&format!("UPDATE play_workers SET until = {until} WHERE worker = 77"));
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        let done = work();
        stop.store(true, Ordering::SeqCst);
        done
    })
}

#[test]
fn whoever_reads_reads_what_every_earlier_version_made() {
    for step in 1..=STEPS.len() {
        let place = of_step(step);
        let reader = Store::read_only(&place.url).unwrap();
        assert_eq!(reader.lines_of("run-1").unwrap().len(), 2, "step {step}");
        assert_eq!(reader.runs().unwrap(), ["run-1"]);
        assert_eq!(reader.blob(&blob().digest()).unwrap(), Some(b"body".to_vec()));
        let mut lines = 0;
        reader.for_each_line(&mut |_, _| lines += 1).unwrap();
        assert_eq!(lines, 3);
        let report = verify(&place.url).unwrap();
        assert!(report.is_clean() && report.artifacts == 1, "{report:?}");
        assert!(!Store::is_shared(&place.url).unwrap());
        assert_eq!(Store::say_to(&place.url, "run-1", "{}").unwrap(), None);
        assert_eq!(steps(&place), step, "who reads changes nothing");
    }
}

#[test]
fn opening_one_to_write_brings_it_up_to_date_and_goes_on() {
    for step in 1..=STEPS.len() {
        let place = of_step(step);
        // One that was at work is gone, and its time is over.
        place.sql(
            "INSERT INTO play_workers (worker, name, until) VALUES (5, 'gone', now() - interval '1 minute'); \
             UPDATE play_leases SET worker = 5, epoch = 7; INSERT INTO play_leases VALUES ('run-1', 8, 5)",
        );
        if step < STEPS.len() {
            Store::migrate(&place.url).unwrap();
            assert_eq!(steps(&place), STEPS.len());
            // Should it come back, its appends are under numbers that are nobody's any more.
            let left = place.sql("SELECT 1 FROM play_leases WHERE epoch IN (7, 8)");
            assert!(left.is_empty(), "step {step}");
            // Whose the run was is said still: others may claim it.
            assert_eq!(place.sql("SELECT worker FROM play_leases WHERE scope = 'run-1'"), [["5"]]);
        }
        let store = place.open();
        let mut chain = store.chain("run-1").unwrap().unwrap();
        store.append_wait(one(&mut chain)).unwrap();
        store.close().unwrap();
        assert_eq!(Store::read_only(&place.url).unwrap().lines_of("run-1").unwrap().len(), 3);
        assert!(verify(&place.url).unwrap().is_clean());
    }
}

#[test]
fn nobody_changes_the_tables_under_one_who_is_at_work() {
    for step in 1..STEPS.len() {
        let place = of_step(step);
        at_work(&place, || {
            let began = Instant::now();
            for tried in [
                Store::open(&place.url, quick()).map(drop),
                Store::join(&place.url, quick()).map(drop),
                Store::migrate(&place.url),
            ] {
                let said = match tried {
                    Err(e @ JournalError::Locked { .. }) => e.to_string(),
                    other => panic!("{other:?}"),
                };
                assert!(said.contains("one of before") && said.contains("an earlier version"), "{said}");
            }
            assert!(began.elapsed() < Duration::from_secs(10), "it is there: nobody waits for it");
        });
        assert_eq!(steps(&place), step);
        // It ends without a word: its time is waited for.
        Store::migrate(&place.url).unwrap();
        assert_eq!(steps(&place), STEPS.len());
    }
}

#[test]
fn those_who_share_a_store_of_before_hear_nothing_by_way_of_it() {
    let place = of_step(2);
    at_work(&place, || {
        place.sql("UPDATE play_workers SET shares = 1");
        assert!(Store::is_shared(&place.url).unwrap());
        let said = Store::say_to(&place.url, "run-1", "{}").unwrap_err().to_string();
        assert!(said.contains("--api"), "{said}");
    });
}

#[test]
fn several_that_come_at_once_make_each_step_once() {
    for step in 0..STEPS.len() {
        let place = if step == 0 { Place::new() } else { of_step(step) };
        std::thread::scope(|scope| {
            let all: Vec<_> =
                (0..4).map(|_| scope.spawn(|| Store::join(&place.url, quick()).unwrap())).collect();
            for store in all {
                store.join().unwrap().close().unwrap();
            }
        });
        assert_eq!(steps(&place), STEPS.len(), "from step {step}");
        assert!(verify(&place.url).unwrap().is_clean());
    }
}

#[test]
fn the_store_of_a_later_version_is_left_alone() {
    let place = of_step(STEPS.len());
    place.sql("INSERT INTO play_steps VALUES (5, now())");
    for tried in [
        Store::read_only(&place.url).map(drop),
        Store::open(&place.url, quick()).map(drop),
        Store::migrate(&place.url),
        verify(&place.url).map(drop),
    ] {
        let said = tried.unwrap_err().to_string();
        assert!(said.contains("a later version (step 5; this one knows 4)"), "{said}");
    }
}

/// One that has looked at the tables, and comes to its lease only after a later version has made others of them.
#[test]
fn one_who_is_let_in_after_an_update_looks_again() {
    for alone in [true, false] {
        let place = of_step(STEPS.len());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut client = runtime.block_on(server::connect(&place.text));
        // The connection goes on while others wait.
        runtime.block_on(async {
            let update = client.transaction().await.unwrap();
            update.query("SELECT 1 FROM play_leases WHERE scope = '' FOR UPDATE", &[]).await.unwrap();
            let url = place.url.clone();
            let opened = tokio::task::spawn_blocking(move || match alone {
                true => Store::open(&url, quick()).map(drop),
                false => Store::join(&url, quick()).map(drop),
            });
            let waits = "SELECT 1 FROM play_workers";
            while update.query(waits, &[]).await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            update.execute("INSERT INTO play_steps VALUES (5, now())", &[]).await.unwrap();
            update.commit().await.unwrap();
            let said = opened.await.unwrap().unwrap_err().to_string();
            assert!(said.contains("a later version"), "{said}");
        });
        assert!(place.sql("SELECT 1 FROM play_workers").is_empty(), "it has left");
    }
}

/// A library of the system that orders text otherwise after an update would break an index that no one notices.
#[test]
fn names_are_compared_byte_by_byte_whatever_the_database_does() {
    for step in 1..=STEPS.len() {
        let place = of_step(step);
        place.open().close().unwrap();
        for (table, column) in [("play_lines", "chain"), ("play_leases", "scope"), ("play_words", "run")] {
            let sql = format!(
                "SELECT c.collname FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation \
                 WHERE a.attrelid = '{table}'::regclass AND a.attname = '{column}'"
            );
            assert_eq!(place.sql(&sql), [["C"]], "{table} of step {step}");
        }
        let by_index = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = 'play_lines'";
        assert_eq!(place.sql(by_index).len(), 3);
    }
}

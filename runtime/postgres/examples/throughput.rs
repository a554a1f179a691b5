//! How many durable lines a second, how many appends, how long one waits for one, how fast a store is read and verified.
//!
//! `cargo run --release -p play-postgres --example throughput URL`, where there is no store yet.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a measurement may stop at the first error")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use play_evidence::{Chain, J, Line, kinds};
use play_journal::{Batch, Journal as _, JournalRead as _, Ticket};
use play_postgres::{Options, Store, Url, verify};

fn line(chain: &mut Chain) -> Line {
    let fields = BTreeMap::from([
        ("engine".to_string(), J::Str("play 0.1.0".into())),
        ("why".to_string(), J::Str("a line of about the average size, some words long".into())),
    ]);
    let kind = kinds::kind("run.resumed").unwrap();
    chain.append(Timestamp::now(), "engine", None, kind, fields).unwrap()
}

fn one(chain: &mut Chain) -> Batch {
    Batch { lines: vec![line(chain)], blobs: Vec::new() }
}

/// So many runs at once, each waiting for its line before it writes the next.
fn steps(store: &Store, tag: i64, runs: usize, each: usize) {
    let start = Instant::now();
    let mut waits: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..runs)
            .map(|n| {
                let (store, mut chain) = (store.clone(), Chain::new(&format!("step-{tag}-{runs}-{n}")));
                scope.spawn(move || {
                    let wait = |_| {
                        let batch = one(&mut chain);
                        let start = Instant::now();
                        store.append_wait(batch).unwrap();
                        start.elapsed()
                    };
                    (0..each).map(wait).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    waits.sort_unstable();
    println!(
        "fenced appends, {runs} at a time: {:.0} a second; p50 {:?}, p99 {:?}",
        waits.len() as f64 / start.elapsed().as_secs_f64(),
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100]
    );
}

fn main() {
    let url: Url = std::env::args().nth(1).unwrap().parse().unwrap();
    let store = Store::open(&url, Options::default()).unwrap();
    let tag = Timestamp::now().as_millisecond();
    for (runs, each) in [(1, 500), (16, 500), (256, 100)] {
        steps(&store, tag, runs, each);
    }

    let mut chains: Vec<_> = (0..64).map(|n| Chain::new(&format!("many-{tag}-{n}"))).collect();
    let lines: Vec<_> = (0..200_000).map(|i| line(&mut chains[i % 64])).collect();
    let bytes: usize = lines.iter().map(|l| l.bytes.len()).sum();
    let start = Instant::now();
    let mut last = None;
    for chunk in lines.chunks(4) {
        let (ticket, done) = Ticket::pair();
        store.append(Batch { lines: chunk.to_vec(), blobs: Vec::new() }, done);
        last = Some(ticket);
    }
    last.unwrap().wait().unwrap();
    let rate = |n: u64, since: Instant| n as f64 / since.elapsed().as_secs_f64();
    println!(
        "durable lines, in batches: {:.0} a second, of {} bytes",
        rate(200_000, start),
        bytes / lines.len()
    );
    store.close().unwrap();

    let start = Instant::now();
    let mut read = 0;
    Store::read_only(&url).unwrap().for_each_line(&mut |_, _| read += 1).unwrap();
    println!("reading: {:.0} lines a second", rate(read, start));
    let start = Instant::now();
    let report = verify(&url).unwrap();
    assert!(report.is_clean());
    println!("verification: {:.0} lines a second", rate(report.lines, start));
}

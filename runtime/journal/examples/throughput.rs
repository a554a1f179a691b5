//! How many durable lines a second, how long one waits for one, how fast a store opens and is verified.
//!
//! `cargo run --release -p play-journal --example throughput [FOLDER]`
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a measurement may stop at the first error")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use play_evidence::{Chain, J, Line, kinds};
use play_journal::{Batch, Options, Store, Ticket, verify_store};

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

fn main() {
    let temporary = tempfile::tempdir().unwrap();
    let path = std::env::args().nth(1).map_or_else(|| temporary.path().to_path_buf(), Into::into);
    let store = Store::open(&path, Options::default()).unwrap();
    let tag = Timestamp::now().as_millisecond();

    let waits: Vec<Duration> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..16)
            .map(|n| {
                let (store, mut chain) = (store.clone(), Chain::new(&format!("step-{tag}-{n}")));
                scope.spawn(move || {
                    let wait = |_| {
                        let batch = one(&mut chain);
                        let start = Instant::now();
                        store.append_wait(batch).unwrap();
                        start.elapsed()
                    };
                    (0..500).map(wait).collect::<Vec<_>>()
                })
            })
            .collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    let mut sorted = waits;
    sorted.sort_unstable();
    println!(
        "a durable step at 16 runs: p50 {:?}, p99 {:?}",
        sorted[sorted.len() / 2],
        sorted[sorted.len() * 99 / 100]
    );

    let mut chains: Vec<_> = (0..64).map(|n| Chain::new(&format!("many-{tag}-{n}"))).collect();
    let lines: Vec<_> = (0..300_000).map(|i| line(&mut chains[i % 64])).collect();
    let bytes: usize = lines.iter().map(|l| l.bytes.len()).sum();
    let start = Instant::now();
    let mut last = None;
    for chunk in lines.chunks(4) {
        let (ticket, done) = Ticket::pair();
        store.append(Batch { lines: chunk.to_vec(), blobs: Vec::new() }, done);
        last = Some(ticket);
    }
    last.unwrap().wait().unwrap();
    let rate = |n: usize, since: Instant| n as f64 / since.elapsed().as_secs_f64();
    println!("durable lines: {:.0} a second, of {} bytes", rate(lines.len(), start), bytes / lines.len());
    store.close().unwrap();

    let start = Instant::now();
    let reader = Store::read_only(&path).unwrap();
    let total = reader.heads().values().map(|h| h.next_seq).sum::<u64>();
    println!("opening: {:.0} lines a second", rate(total as usize, start));
    let start = Instant::now();
    let report = verify_store(&path).unwrap();
    assert!(report.is_clean());
    println!("verification: {:.0} lines a second", rate(report.lines as usize, start));
}

//! Durable lines: waited for one at a time by so many at once, and many that nobody waits for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use play_evidence::json::val;
use play_evidence::{Chain, J, Line, kinds};
use play_journal::{Batch, Journal, Ticket};
use tokio::sync::oneshot;

use crate::figures::{Figures, at, rate};
use crate::plain::{Plain, side_by_side};
use crate::{AT_ONCE, Floor, Outcome};

/// How many lines nobody waits for, and in batches of how many.
const MANY: usize = 200_000;
const BATCHES: [usize; 2] = [4, 64];
/// The text of a note: the line is as long as the average one then.
pub const TEXT: &str = "as long as a line of evidence is on average, which is about a quarter of a kilobyte";

/// All of it.
pub fn table<J: Journal + 'static>(
    store: &Arc<J>,
    time: Duration,
    (floor, plain): (Floor, &Plain),
    (place, figures): (&str, &mut Figures),
) -> Outcome<()> {
    println!("appends of one line, each waited for, by so many at once");
    println!(
        "writers   lines/s   to the disk's syncs/s   p50 ms   p99 ms   p50 to the disk's   to a plain commit's"
    );
    for writers in AT_ONCE {
        let taken = written(store, writers, time)?;
        let (rate, half, most) = (rate(taken.len(), time), at(&taken, 50), at(&taken, 99));
        let (faster, slower) = (rate / floor.rate, half / floor.half);
        let more = half / plain.half(writers);
        println!(
            "{writers:>7} {rate:>9.0} {faster:>23.2} {half:>8.3} {most:>8.3} {slower:>19.2} {more:>20.2}"
        );
        let mut put = |what: &str, value| figures.put(&format!("{place}.lines.{writers}.{what}"), value);
        put("per_s", rate)?;
        put("per_s_to_disk", faster)?;
        put("p50_ms", half)?;
        put("p99_ms", most)?;
        put("p50_to_disk", slower)?;
        put("p50_to_plain", more)?;
    }
    for batch in BATCHES {
        let rate = many(&**store, batch)?;
        println!("in batches of {batch} that nobody waits for: {rate:.0} lines/s");
        figures.put(&format!("{place}.batches.{batch}.lines_per_s"), rate)?;
    }
    Ok(())
}

/// Lines of so many runs at once, each waiting for its own.
fn written<J: Journal + 'static>(store: &Arc<J>, writers: usize, time: Duration) -> Outcome<Vec<Duration>> {
    side_by_side(writers, |writer, began| {
        one_run(Arc::clone(store), format!("run-{writers}-{writer}"), began, time)
    })
}

async fn one_run<J: Journal>(
    store: Arc<J>,
    name: String,
    began: Instant,
    time: Duration,
) -> Outcome<Vec<Duration>> {
    let (mut chain, mut taken) = (Chain::new(&name), Vec::new());
    while began.elapsed() < time {
        let one = Instant::now();
        let (done, told) = oneshot::channel();
        let batch = Batch { lines: vec![line(&mut chain)?], blobs: Vec::new() };
        // One who does not wait any more has ended.
        let tell = move |result| drop(done.send(result));
        store.append(batch, Box::new(tell));
        told.await??;
        taken.push(one.elapsed());
    }
    Ok(taken)
}

/// The next line of a run.
pub fn line(chain: &mut Chain) -> Outcome<Line> {
    let kind = kinds::kind("case.noted").ok_or("no such kind")?;
    let fields = BTreeMap::from([("text".to_string(), val(J::Str(TEXT.into())))]);
    Ok(chain.append(Timestamp::now(), "engine", None, kind, fields)?)
}

/// Lines a second of many that are queued without waiting.
fn many(store: &dyn Journal, batch: usize) -> Outcome<f64> {
    let mut batches = Vec::with_capacity(MANY / batch);
    for run in 0..64 {
        let mut chain = Chain::new(&format!("many-{batch}-{run}"));
        for _ in 0..MANY / batch / 64 {
            let lines = (0..batch).map(|_| line(&mut chain)).collect::<Outcome<Vec<_>>>()?;
            batches.push(Batch { lines, blobs: Vec::new() });
        }
    }
    let (lines, began) = (batches.len() * batch, Instant::now());
    let mut last = None;
    for batch in batches {
        let (ticket, done) = Ticket::pair();
        store.append(batch, done);
        last = Some(ticket);
    }
    last.ok_or("no batch")?.wait()?;
    Ok(rate(lines, began.elapsed()))
}

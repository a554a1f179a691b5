//! The yardstick: a group commit and nothing else. As many threads as there are writers each give a line to one thread, which writes
//! all that wait, syncs once, and tells them. No hash, no chain, no trailer, no engine.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use crate::figures::{Figures, at, rate};
use crate::{AT_ONCE, Floor, Outcome};

/// As long as a line of the other measurements, in bytes.
const LINE: usize = 250;

/// A line that waits, and who waits for it.
type Waiting = (Vec<u8>, SyncSender<()>);

/// The half of all lines took no longer than this, in milliseconds, by how many wrote.
pub struct Plain([f64; AT_ONCE.len()]);

impl Plain {
    /// For so many at once.
    pub fn half(&self, at_once: usize) -> f64 {
        let place = AT_ONCE.iter().position(|n| *n == at_once);
        place.and_then(|n| self.0.get(n).copied()).unwrap_or(f64::NAN)
    }
}

/// All of it, in a file of its own.
pub fn table(folder: &Path, time: Duration, floor: Floor, figures: &mut Figures) -> Outcome<Plain> {
    println!(
        "\na plain group commit: lines of {LINE} bytes, each waited for, and nothing but the file and its sync"
    );
    println!("writers   lines/s   to the disk's syncs/s   p50 ms   p99 ms   p50 to the disk's");
    let mut halves = [f64::NAN; AT_ONCE.len()];
    for (writers, half_of) in AT_ONCE.into_iter().zip(&mut halves) {
        let taken = written(&folder.join(format!("plain-{writers}")), writers, time)?;
        let (rate, half, most) = (rate(taken.len(), time), at(&taken, 50), at(&taken, 99));
        let (faster, slower) = (rate / floor.rate, half / floor.half);
        println!("{writers:>7} {rate:>9.0} {faster:>23.2} {half:>8.3} {most:>8.3} {slower:>19.2}");
        let mut put = |what: &str, value| figures.put(&format!("plain.lines.{writers}.{what}"), value);
        put("per_s", rate)?;
        put("p50_ms", half)?;
        put("p99_ms", most)?;
        put("p50_to_disk", slower)?;
        *half_of = half;
    }
    Ok(Plain(halves))
}

fn written(path: &Path, writers: usize, time: Duration) -> Outcome<Vec<Duration>> {
    let file = File::create(path)?;
    let (sender, waiting) = channel();
    let committing = std::thread::spawn(move || commits(file, &waiting));
    let began = Instant::now();
    let threads: Vec<_> = (0..writers)
        .map(|_| {
            let sender = sender.clone();
            std::thread::spawn(move || one(&sender, began, time))
        })
        .collect();
    drop(sender);
    let mut taken = Vec::new();
    for thread in threads {
        taken.extend(thread.join().map_err(|_| "a writer panicked")??);
    }
    committing.join().map_err(|_| "the one who commits panicked")??;
    Ok(taken)
}

fn one(to: &Sender<Waiting>, began: Instant, time: Duration) -> Outcome<Vec<Duration>> {
    let mut taken = Vec::new();
    while began.elapsed() < time {
        let since = Instant::now();
        let (done, told) = sync_channel(1);
        to.send((vec![b'.'; LINE], done))?;
        told.recv()?;
        taken.push(since.elapsed());
    }
    Ok(taken)
}

/// Whatever waits, in one write and one sync.
fn commits(mut file: File, waiting: &Receiver<Waiting>) -> std::io::Result<()> {
    let (mut bytes, mut told) = (Vec::new(), Vec::new());
    while let Ok(first) = waiting.recv() {
        for (line, done) in std::iter::once(first).chain(waiting.try_iter()) {
            bytes.extend_from_slice(&line);
            told.push(done);
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        bytes.clear();
        // One who does not wait any more has ended.
        for done in told.drain(..) {
            let _ = done.send(());
        }
    }
    Ok(())
}

//! The yardstick: a group commit and nothing else. As many tasks as there are writers each give a line to one thread, which writes
//! all that wait, syncs once, and tells them. No hash, no chain, no trailer, no engine.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::figures::{Figures, at, rate};
use crate::{AT_ONCE, Floor, Outcome};

/// As long as a line of the other measurements, in bytes.
const LINE: usize = 250;

/// A line that waits, and who waits for it.
type Waiting = (Vec<u8>, oneshot::Sender<()>);

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
    let taken = side_by_side(writers, |_, began| one(sender.clone(), began, time))?;
    drop(sender);
    committing.join().map_err(|_| "the one who commits panicked")??;
    Ok(taken)
}

/// So many tasks at once, as an engine has its runs; gives what all of them measured.
pub fn side_by_side<W>(writers: usize, one: impl Fn(usize, Instant) -> W) -> Outcome<Vec<Duration>>
where
    W: Future<Output = Outcome<Vec<Duration>>> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let began = Instant::now();
    let tasks: Vec<_> = (0..writers).map(|writer| runtime.spawn(one(writer, began))).collect();
    runtime.block_on(async {
        let mut taken = Vec::new();
        for task in tasks {
            taken.extend(task.await??);
        }
        Ok(taken)
    })
}

async fn one(to: Sender<Waiting>, began: Instant, time: Duration) -> Outcome<Vec<Duration>> {
    let mut taken = Vec::new();
    while began.elapsed() < time {
        let since = Instant::now();
        let (done, told) = oneshot::channel();
        to.send((vec![b'.'; LINE], done))?;
        told.await?;
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

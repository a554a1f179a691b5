//! The disk by itself.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Outcome;

/// A line, written and synced, over and over.
pub fn syncs(path: &Path, time: Duration) -> Outcome<Vec<Duration>> {
    let mut file = File::create(path)?;
    let (began, mut taken) = (Instant::now(), Vec::new());
    while began.elapsed() < time {
        let one = Instant::now();
        file.write_all(&[b'.'; 250])?;
        file.sync_data()?;
        taken.push(one.elapsed());
    }
    Ok(taken)
}

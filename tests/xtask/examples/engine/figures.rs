//! What was measured, also for programs to read: a name and a number a line.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::Outcome;

/// Where figures go.
pub struct Figures(File);

impl Figures {
    /// Into a file that does not have to be there.
    pub fn into(path: &Path) -> Outcome<Self> {
        Ok(Self(File::create(path)?))
    }

    /// One more.
    pub fn put(&mut self, name: &str, value: f64) -> Outcome<()> {
        Ok(writeln!(self.0, "{name}\t{value}")?)
    }
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
pub fn rate(n: usize, time: Duration) -> f64 {
    n as f64 / time.as_secs_f64()
}

/// So much of a hundred takes no longer, in milliseconds.
pub fn at(taken: &[Duration], percent: usize) -> f64 {
    let mut sorted = taken.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_mul(percent) / 100).map_or(f64::NAN, |d| d.as_secs_f64() * 1e3)
}

/// Seconds for a million of them.
#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
pub fn million(took: Duration, n: usize) -> f64 {
    took.as_secs_f64() * 1e6 / n.max(1) as f64
}

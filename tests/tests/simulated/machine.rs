//! The machine that is simulated: its clock, its randomness, and whether it has power.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use play_journal::{Done, Machine};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::campaign::Planted;

/// A clock that follows the virtual time of the runtime of a life, and numbers out of the seed.
pub struct Simulated {
    seed: u64,
    planted: Planted,
    drawn: AtomicU64,
    /// What the clock said when the runtime's time was this.
    since: Mutex<(Timestamp, Option<Instant>)>,
}

/// When every simulation begins.
pub fn start() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

impl Simulated {
    pub fn new(seed: u64, planted: Planted) -> Arc<Self> {
        Arc::new(Self { seed, planted, drawn: AtomicU64::new(0), since: Mutex::new((start(), None)) })
    }

    /// A life begins: its runtime's time is taken from now on. To be called inside it.
    pub fn begin(&self) {
        self.since.lock().unwrap().1 = Some(Instant::now());
    }

    /// A life has ended, and the machine is off for a while. To be called inside its runtime.
    pub fn end(&self, off: SignedDuration) {
        let now = self.now();
        *self.since.lock().unwrap() = (now.checked_add(off).unwrap(), None);
    }
}

impl Machine for Simulated {
    fn now(&self) -> Timestamp {
        let (at, since) = *self.since.lock().unwrap();
        let passed = since.map(|since| since.elapsed()).unwrap_or_default();
        at.checked_add(passed).unwrap()
    }

    fn random(&self) -> Result<[u8; 32], String> {
        static ANYWHERE: AtomicU64 = AtomicU64::new(0);
        let drawn = if self.planted == Planted::OwnRandomness { &ANYWHERE } else { &self.drawn };
        let n = drawn.fetch_add(1, Ordering::SeqCst);
        Ok(Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(n.to_be_bytes())
            .finalize()
            .into())
    }
}

/// Whether the process of a life is there. When it is gone, nobody is told anything any more.
#[derive(Default)]
pub struct Power {
    off: AtomicBool,
    gone: Notify,
    limbo: Mutex<Vec<Done>>,
}

impl Power {
    pub fn cut(&self) {
        self.off.store(true, Ordering::SeqCst);
        self.gone.notify_one();
    }

    pub fn is_off(&self) -> bool {
        self.off.load(Ordering::SeqCst)
    }

    pub async fn gone(&self) {
        while !self.is_off() {
            self.gone.notified().await;
        }
    }

    /// Keeps one who would be told until the life is over.
    pub fn keep(&self, done: Done) {
        self.limbo.lock().unwrap().push(done);
    }
}

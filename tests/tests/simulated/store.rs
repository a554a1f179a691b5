//! The store of a life: the real one, written step by step in virtual time, and what is durable in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use play_evidence::Chain;
use play_evidence::line::hash;
use play_journal::{Batch, Done, Head, Journal, JournalError, JournalRead, Machine, Options, Stepper, Store};
use play_tests::generate::Rng;
use tokio::sync::Notify;

use super::campaign::{Durable, Planted};
use super::disk::{SimDisk, State};
use super::machine::{Power, Simulated};
use super::outage::Outages;
use super::seen::Seen;

pub struct SimStore {
    store: Store,
    power: Arc<Power>,
    work: Arc<Notify>,
    /// What is durable, as it becomes so.
    pub seen: Arc<Mutex<Seen>>,
    /// Chains of which not all is there that was durable before.
    pub lost: Vec<String>,
    /// When it cannot be read.
    pub outages: Outages,
    planted: Planted,
}

impl SimStore {
    /// Opens the store in this folder, and begins to write to it.
    pub fn open(
        folder: &Path,
        disk: Arc<State>,
        machine: Arc<Simulated>,
        (power, planted): (Arc<Power>, Planted),
        (before, mut rng, outages): (&Durable, Rng, Outages),
        inline_bytes: u64,
    ) -> Result<Self, JournalError> {
        // Small files: so that new ones are made in every seed.
        let options = Options {
            segment_bytes: 30_000,
            pack_bytes: 3_000,
            group_bytes: 20_000,
            inline_bytes,
            ahead_bytes: 8_192,
        };
        let (store, stepper) =
            Store::open_stepped(folder, options, Box::new(SimDisk(disk)), machine as Arc<dyn Machine>)?;
        let mut seen = Seen::default();
        let mut there = Durable::new();
        let mut lost = before.clone();
        store.for_each_line(|chain, bytes| {
            seen.read(bytes);
            let lines = &mut there.entry(chain.to_string()).or_default().0;
            *lines += 1;
            if before.get(chain).is_some_and(|(n, last)| n == lines && hash(bytes) == *last) {
                lost.remove(chain);
            }
        })?;
        let lost = lost.into_keys().collect();
        let work = Arc::new(Notify::new());
        let waits = Arc::clone(&work);
        let slow = rng.chance(15);
        tokio::spawn(async move { write(stepper, &waits, &mut rng, slow).await });
        Ok(Self { store, power, work, seen: Arc::new(Mutex::new(seen)), lost, outages, planted })
    }
}

impl SimStore {
    /// Whether it says of a batch at once that it is durable.
    fn lies(&self, lines: &[Arc<[u8]>]) -> bool {
        let Planted::Lies(about) = self.planted else { return false };
        if about.is_empty() {
            return true;
        }
        let about = format!("\"k\":\"{about}");
        lines.iter().any(|line| line.windows(about.len()).any(|w| w == about.as_bytes()))
    }
}

/// Commits what waits, a while after it has come.
async fn write(mut stepper: Stepper, work: &Notify, rng: &mut Rng, slow: bool) {
    loop {
        work.notified().await;
        let ms = match (slow, rng.below(20)) {
            (true, _) => rng.below(4_000),
            (_, 0) => rng.below(2_000),
            (_, 1..=5) => 0,
            _ => rng.below(12),
        };
        tokio::time::sleep(Duration::from_millis(ms)).await;
        while stepper.step() {}
    }
}

impl JournalRead for SimStore {
    fn id(&self) -> String {
        JournalRead::id(&self.store)
    }

    fn heads(&self) -> Result<BTreeMap<String, Head>, JournalError> {
        JournalRead::heads(&self.store)
    }

    fn chain(&self, name: &str) -> Result<Option<Chain>, JournalError> {
        self.outages.reach()?;
        JournalRead::chain(&self.store, name)
    }

    fn runs(&self) -> Result<Vec<String>, JournalError> {
        self.outages.reach()?;
        JournalRead::runs(&self.store)
    }

    fn lines_of(&self, run: &str) -> Result<Vec<Vec<u8>>, JournalError> {
        self.outages.reach()?;
        JournalRead::lines_of(&self.store, run)
    }

    fn for_each_line(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), JournalError> {
        JournalRead::for_each_line(&self.store, each)
    }

    fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.outages.reach()?;
        JournalRead::blob(&self.store, digest)
    }

    fn artifact(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.outages.reach()?;
        JournalRead::artifact(&self.store, digest)
    }
}

impl Journal for SimStore {
    fn salt(&self) -> [u8; 32] {
        Journal::salt(&self.store)
    }

    fn append(&self, batch: Batch, done: Done) {
        let (power, seen) = (Arc::clone(&self.power), Arc::clone(&self.seen));
        let lines: Vec<Arc<[u8]>> = batch.lines.iter().map(|l| l.bytes.clone()).collect();
        let mut done = Some(done);
        if self.lies(&lines)
            && let Some(done) = done.take()
        {
            done(Ok(()));
        }
        let told: Done = Box::new(move |result| {
            if power.is_off() {
                if let Some(done) = done {
                    power.keep(done);
                }
                return;
            }
            if result.is_ok() {
                let mut seen = seen.lock().unwrap();
                lines.iter().for_each(|line| seen.read(line));
            }
            if let Some(done) = done {
                done(result);
            }
        });
        self.store.append(batch, told);
        self.work.notify_one();
    }

    fn put_artifact(&self, bytes: &[u8]) -> Result<String, JournalError> {
        Journal::put_artifact(&self.store, bytes)
    }

    fn close(&self) -> Result<(), JournalError> {
        Journal::close(&self.store)
    }
}

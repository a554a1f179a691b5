//! A store that does as another one does, but for what a test says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use play_evidence::Chain;
use play_evidence::kinds::ChainOf;
use play_journal::{
    Batch, Done, Follow, Granted, Head, Heard, Journal, JournalError, JournalRead, Lease, Sharing, Word,
};

/// What is out of reach, or what was heard of nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The lines of runs.
    Lines,
    /// Bodies.
    Bodies,
    /// Programs.
    Programs,
    /// What was given back is not said to be: the connection is lost before the server hears of it.
    Giving,
}

type Got<T> = Result<T, JournalError>;

pub struct Away {
    inner: Arc<dyn Journal>,
    out: Mutex<BTreeSet<What>>,
    /// Runs that were to be given back, and the server has not heard of it.
    forgotten: Mutex<BTreeSet<String>>,
    /// How often the lines of a run were asked for, and runs of others.
    pub asked: AtomicUsize,
    pub claims: AtomicUsize,
}

impl Away {
    pub fn new(inner: impl Journal + 'static) -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::new(inner),
            out: Mutex::default(),
            forgotten: Mutex::default(),
            asked: AtomicUsize::new(0),
            claims: AtomicUsize::new(0),
        })
    }

    /// In a folder, of which nobody else writes to it.
    pub fn alone(folder: &std::path::Path) -> Arc<Self> {
        Self::new(play_journal::Store::open(&folder.join("store"), play_journal::Options::default()).unwrap())
    }

    /// In a database that others share.
    pub fn shared(place: &str) -> Arc<Self> {
        let url: play_postgres::Url = place.parse().unwrap();
        Self::new(play_postgres::Store::join(&url, play_postgres::Options::default()).unwrap())
    }

    /// From now on this is out of reach, and nothing else.
    pub fn out(&self, what: &[What]) {
        *self.out.lock().unwrap() = what.iter().copied().collect();
    }

    fn reach(&self, what: What) -> Got<()> {
        if self.out.lock().unwrap().contains(&what) {
            return Err(JournalError::Unreachable { store: "away".into(), why: format!("{what:?}") });
        }
        Ok(())
    }

    fn shares(&self) -> &dyn Sharing {
        self.inner.sharing().unwrap()
    }
}

impl JournalRead for Away {
    fn id(&self) -> String {
        self.inner.id()
    }
    fn heads(&self) -> Got<BTreeMap<String, Head>> {
        self.inner.heads()
    }
    fn chain(&self, name: &str) -> Got<Option<Chain>> {
        self.inner.chain(name)
    }
    fn runs(&self) -> Got<Vec<String>> {
        self.inner.runs()
    }
    fn lines_of(&self, run: &str) -> Got<Vec<Vec<u8>>> {
        if ChainOf::named(run) == ChainOf::Run {
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.reach(What::Lines)?;
        }
        self.inner.lines_of(run)
    }
    fn for_each_line(&self, each: &mut dyn FnMut(&str, &[u8])) -> Got<()> {
        self.inner.for_each_line(each)
    }
    fn blob(&self, digest: &str) -> Got<Option<Vec<u8>>> {
        self.reach(What::Bodies)?;
        self.inner.blob(digest)
    }
    fn artifact(&self, digest: &str) -> Got<Option<Vec<u8>>> {
        self.reach(What::Programs)?;
        self.inner.artifact(digest)
    }
}

impl Journal for Away {
    fn salt(&self) -> [u8; 32] {
        self.inner.salt()
    }
    fn lease(&self) -> Lease {
        self.inner.lease()
    }
    fn sharing(&self) -> Option<&dyn Sharing> {
        self.inner.sharing().is_some().then_some(self)
    }
    fn room(&self) -> Option<u64> {
        self.inner.room()
    }
    fn append(&self, batch: Batch, done: Done) {
        self.inner.append(batch, done);
    }
    fn put_artifact(&self, bytes: &[u8]) -> Got<String> {
        self.inner.put_artifact(bytes)
    }
    fn close(&self) -> Got<()> {
        self.inner.close()
    }
}

impl Sharing for Away {
    fn follow(&self, told: Follow) -> Got<()> {
        self.shares().follow(told)
    }
    fn turn(&self, granted: Granted) {
        self.shares().turn(granted);
    }
    fn own(&self, names: &[String]) -> Got<Vec<String>> {
        self.shares().own(names)
    }
    fn claim(&self, most: usize) -> Got<Vec<String>> {
        self.claims.fetch_add(1, Ordering::SeqCst);
        self.shares().claim(most)
    }
    fn let_go(&self, names: &[String]) -> Got<()> {
        if let Err(e) = self.reach(What::Giving) {
            self.forgotten.lock().unwrap().extend(names.iter().cloned());
            return Err(e);
        }
        self.forgotten.lock().unwrap().retain(|name| !names.contains(name));
        self.shares().let_go(names)
    }
    fn hand_over(&self, names: &[String]) -> Got<()> {
        self.shares().hand_over(names)
    }
    fn owns(&self, name: &str) -> bool {
        !self.forgotten.lock().unwrap().contains(name) && self.shares().owns(name)
    }
    fn owner(&self, name: &str) -> Got<Option<String>> {
        self.shares().owner(name)
    }
    fn not_told(&self, seq: u64) -> Got<Vec<String>> {
        self.shares().not_told(seq)
    }
    fn say(&self, run: &str, said: &str, within: Duration) -> Got<Heard> {
        self.shares().say(run, said, within)
    }
    fn hear(&self, most: usize) -> Got<Vec<Word>> {
        self.shares().hear(most)
    }
    fn answer(&self, word: i64, answer: &str) -> Got<()> {
        self.shares().answer(word, answer)
    }
}

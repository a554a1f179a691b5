//! Workers that share a database, and know all lines there are when they decide.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use play_evidence::{Chain, J, Line, kinds};
use play_journal::{Foreign, Journal as _, JournalError, Sharing as _, Ticket, Turn};
use play_postgres::{Options, Store, Url};

use crate::common::lines;
use crate::server::Place;

pub const SHARED: &str = "intake";

/// What a worker knows of all that was written: how many lines, and the end of the chain that all write to.
pub struct Known {
    pub lines: usize,
    pub shared: Chain,
}

pub struct Worker {
    pub store: Store,
    pub known: Arc<Mutex<Known>>,
}

/// A line of the chain that all write to.
pub fn noted(chain: &mut Chain, why: &str) -> Line {
    let kind = kinds::kind("intake.unreadable").unwrap();
    let fields = ["pos", "why"].map(|name| (name.to_string(), J::Str(why.into())));
    chain.append(jiff::Timestamp::UNIX_EPOCH, "engine", None, kind, fields.into()).unwrap()
}

/// A place with a store.
pub fn place() -> Place {
    let place = Place::new();
    place.open().close().unwrap();
    place
}

pub fn options(millis: u64) -> Options {
    Options { lease: Duration::from_millis(millis), ..Options::default() }
}

impl Worker {
    pub fn join(url: &Url, millis: u64) -> Self {
        Self::try_join(url, millis).unwrap()
    }

    pub fn try_join(url: &Url, millis: u64) -> Result<Self, JournalError> {
        let store = Store::join(url, options(millis))?;
        let known = Arc::new(Mutex::new(Known { lines: 0, shared: Chain::new(SHARED) }));
        let follows = Arc::clone(&known);
        let told = move |lines: &[Foreign]| {
            let mut known = follows.lock().unwrap();
            known.lines += lines.len();
            if let Some(last) = lines.iter().rfind(|line| line.chain == SHARED) {
                known.shared = Chain::resume(SHARED, last.seq + 1, last.hash);
            }
        };
        store.follow(Box::new(told))?;
        Ok(Self { store, known })
    }

    pub fn turn(&self) -> Result<Turn, JournalError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.store.turn(Box::new(move |turn| drop(sender.send(turn))));
        receiver.recv().unwrap()
    }

    /// Decides, in a turn, what `decide` makes of the number of lines that are known; waits until it is durable.
    pub fn decides(
        &self,
        decide: impl FnOnce(usize, &mut Chain) -> Vec<Line>,
    ) -> Result<usize, JournalError> {
        let turn = self.turn()?;
        let ticket = {
            let mut known = self.known.lock().unwrap();
            let (before, mut chain) = (known.lines, known.shared.clone());
            let made = decide(before, &mut chain);
            known.lines += made.len();
            known.shared = chain;
            let (ticket, done) = Ticket::pair();
            let n = made.len();
            self.store.append(lines(made), done);
            (ticket, n)
        };
        drop(turn);
        ticket.0.wait().map(|()| ticket.1)
    }
}

//! Some workers, and what clients may ask of them.

mod client;
mod member;
mod models;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use play_journal::JournalRead as _;
use play_postgres::verify;

use crate::checker::{Op, is_linearizable};
use crate::proxy::{Cut, Proxy};
use crate::server::{self, Place};
use crate::worker::{self, SHARED};

use client::Client;
use member::Member;
use models::{Log, LogAnswer, LogAsked, Question, QuestionAnswer, QuestionAsked};

/// What is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    None,
    /// Says that something is there before it is durable.
    AnswersEarly,
    /// Decides without a look at whether it was decided.
    DecidesBlindly,
    /// Reads what a worker knew when the history began.
    ReadsWhatItKnew,
}

/// What has happened in all histories.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub answered: usize,
    /// Nobody knows whether it was done.
    pub unheard: usize,
    /// Said not to be done; reads show whether that is so.
    pub refused: usize,
    /// Decisions that came second.
    pub lost: usize,
    /// Runs that were taken over.
    pub claimed: usize,
    /// Workers that were replaced.
    pub joined: usize,
}

pub type LogOp = Op<LogAsked, LogAnswer>;
pub type QuestionOp = Op<QuestionAsked, QuestionAnswer>;

/// What clients have seen in one history.
#[derive(Default)]
pub struct Seen {
    log: Vec<LogOp>,
    questions: [Vec<QuestionOp>; QUESTIONS],
    tally: Tally,
}

pub const WORKERS: usize = 3;
pub const QUESTIONS: usize = 2;
const CLIENTS: u64 = 4;

/// What goes wrong in a history.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Nothing,
    Cut(Cut),
    /// The server ends the session of a worker.
    Kill,
    /// A worker is given up while it is still there, and another takes over what was its own.
    GivenUp,
    /// A worker stands still in its turn until its lease is over.
    Paused,
}

pub struct World {
    place: Place,
    proxies: Vec<Proxy>,
    slots: Vec<Mutex<Arc<Member>>>,
    clock: AtomicU64,
    defect: Defect,
}

/// Numbers from a seed.
pub struct Rng(u64);

impl Rng {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    pub fn index(&mut self, n: usize) -> usize {
        usize::try_from(self.below(n as u64)).unwrap()
    }
}

impl World {
    pub fn new(defect: Defect) -> Self {
        let place = worker::place();
        let proxies: Vec<_> = (0..WORKERS).map(|_| Proxy::start(server::url())).collect();
        let join = |proxy: &Proxy| Mutex::new(Arc::new(Member::join(&place, proxy, 60_000)));
        let slots = proxies.iter().map(join).collect();
        Self { place, proxies, slots, clock: AtomicU64::new(0), defect }
    }

    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    fn member(&self, slot: usize) -> Arc<Member> {
        Arc::clone(&self.slots[slot].lock().unwrap())
    }

    /// Puts another in the place of one that does not go on; gives how many runs it has taken over.
    fn replace(&self, slot: usize, gone: &Arc<Member>, lease: u64) -> Option<usize> {
        let mut place = self.slots[slot].lock().unwrap();
        if !Arc::ptr_eq(&place, gone) {
            return None;
        }
        self.proxies[slot].cut(Cut::Nothing);
        let next = Member::join(&self.place, &self.proxies[slot], lease);
        gone.is_given_up(&self.place);
        let claimed = next.claims();
        *place = Arc::new(next);
        Some(claimed)
    }

    /// One history. Why it does not fit, when it does not.
    pub fn history(&self, seed: u64, tally: &mut Tally) -> Result<(), String> {
        let mut rng = Rng(seed);
        let fault = match rng.below(20) {
            0..4 => Fault::Cut(Cut::Commits),
            4..6 => Fault::Cut(Cut::Replies),
            6..8 => Fault::Cut(Cut::Requests),
            8..12 => Fault::Kill,
            12..17 => Fault::GivenUp,
            17 => Fault::Paused,
            _ => Fault::Nothing,
        };
        let questions: [String; QUESTIONS] = std::array::from_fn(|n| format!("run-{seed}-{n}"));
        for question in &questions {
            let slot = rng.index(WORKERS);
            while !self.member(slot).opens(question) {
                self.replace(slot, &self.member(slot), 60_000);
            }
        }
        let before = self.member(0).log();
        let seen = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|n| {
                    let rng = Rng(rng.below(u64::MAX));
                    let client = Client::new(self, rng, n, &questions, before.len());
                    scope.spawn(move || client.asks())
                })
                .collect();
            let claimed = self.goes_wrong(fault, &mut rng);
            let mut all = Seen::default();
            all.tally.claimed += claimed;
            for client in clients {
                all.add(client.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            all
        });
        for slot in 0..WORKERS {
            self.proxies[slot].cut(Cut::Nothing);
            self.member(slot).forgets(&questions);
        }
        seen.tally.add_to(tally);
        let wrong = |what: &str, ops: &dyn std::fmt::Debug| Err(format!("{fault:?}, {what}: {ops:#?}"));
        if !is_linearizable::<Log>(Vec::new(), &seen.log) {
            return wrong("the shared chain", &seen.log);
        }
        for ops in &seen.questions {
            if !is_linearizable::<Question>(None, ops) {
                return wrong("a question", ops);
            }
        }
        Ok(())
    }

    /// Lets it go wrong, while clients ask. Gives how many runs were taken over.
    fn goes_wrong(&self, fault: Fault, rng: &mut Rng) -> usize {
        std::thread::sleep(Duration::from_micros(rng.below(12_000)));
        let slot = rng.index(WORKERS);
        let member = self.member(slot);
        match fault {
            Fault::Nothing => 0,
            Fault::Cut(what) => {
                self.proxies[slot].cut(what);
                0
            }
            Fault::Kill => {
                // One that is in the middle of a turn.
                let kill = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'play_leases'::regclass \
                            AND pid <> pg_backend_pid() LIMIT 1";
                let _ = (0..20).find(|_| !self.place.sql(kill).is_empty());
                0
            }
            Fault::GivenUp => {
                member.is_given_up(&self.place);
                self.member((slot + 1) % WORKERS).claims()
            }
            Fault::Paused => {
                let Some(claimed) = self.replace(slot, &member, 200) else { return 0 };
                let paused = self.member(slot);
                let turn = paused.worker.turn();
                std::thread::sleep(Duration::from_millis(350));
                drop(turn);
                claimed
            }
        }
    }

    /// Whatever went wrong, nothing is damaged.
    pub fn ends(&self) {
        let report = verify(&self.place.url).unwrap();
        assert!(report.is_clean(), "{:?}", report.problems);
        let lines = self.member(0).worker.store.lines_of(SHARED).unwrap();
        assert_eq!(lines.len(), self.member(0).log().len());
    }
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.log.extend(other.log);
        for (all, more) in self.questions.iter_mut().zip(other.questions) {
            all.extend(more);
        }
        other.tally.add_to(&mut self.tally);
    }
}

impl Tally {
    pub fn add_to(self, all: &mut Self) {
        all.answered += self.answered;
        all.unheard += self.unheard;
        all.refused += self.refused;
        all.lost += self.lost;
        all.claimed += self.claimed;
        all.joined += self.joined;
    }
}

//! Targets that are left alone for a while, as the one who is asked sees it: what must not reach it then.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use play_connect::{Breaker, Circuits, Reply};
use play_program::value::FailureKind;

use super::campaign::Planted;

/// More lives than any seed has.
const LIVES: usize = 8;

/// How a connector stands.
#[derive(Default)]
struct State {
    /// Failures in a row.
    failures: u32,
    /// Nothing may come before this.
    until: Option<Timestamp>,
    /// One has come to find out.
    probed: bool,
}

pub struct Alone {
    rule: Option<Breaker>,
    planted: Planted,
    /// What the engine of each life knows, which a crash forgets; and one that has heard of nothing.
    circuits: [Circuits; LIVES],
    fresh: Circuits,
    life: AtomicUsize,
    all: Mutex<BTreeMap<String, State>>,
    wrong: Mutex<Vec<String>>,
}

impl Alone {
    pub fn new(rule: Option<Breaker>, planted: Planted) -> Self {
        Self {
            rule,
            planted,
            circuits: Default::default(),
            fresh: Circuits::default(),
            life: AtomicUsize::new(0),
            all: Mutex::default(),
            wrong: Mutex::default(),
        }
    }

    /// A life begins.
    pub fn begin(&self) {
        self.life.fetch_add(1, Ordering::SeqCst);
        self.all.lock().unwrap().clear();
    }

    /// What the engine goes by.
    pub fn breaker(&self) -> Option<(Breaker, &Circuits)> {
        let rule = self.rule?;
        let own = &self.circuits[self.life.load(Ordering::SeqCst) % LIVES];
        Some(match self.planted {
            Planted::NeverLeftAlone => (Breaker { after: u32::MAX, ..rule }, own),
            Planted::AllFindOut if self.all.lock().unwrap().values().any(|s| s.probed) => (rule, &self.fresh),
            _ => (rule, own),
        })
    }

    /// A request leaves. What is owed to a target (something is taken back, or a write may have been done) is sent however it is.
    pub fn asked(&self, connector: &str, (path, owed): (&str, bool), within: Duration, now: Timestamp) {
        let Some(rule) = self.rule.filter(|_| !owed) else { return };
        let mut all = self.all.lock().unwrap();
        let Some(state) = all.get_mut(connector) else { return };
        let Some(until) = state.until else { return };
        if now >= until {
            let wait = rule.rest.max(SignedDuration::try_from(within).unwrap());
            (state.until, state.probed) = (Some(now.checked_add(wait).unwrap()), true);
            return;
        }
        let why = if state.probed { "another finds out how it is" } else { "it was to be left alone" };
        self.wrong.lock().unwrap().push(format!("{path} was sent to {connector} at {now} while {why}"));
    }

    /// What came of one.
    pub fn came(&self, connector: &str, reply: &Reply, now: Timestamp) {
        use FailureKind::{RateLimited, Timeout, Unavailable};
        let Some(rule) = self.rule else { return };
        let mut all = self.all.lock().unwrap();
        if !matches!(reply, Reply::Failed { kind: Timeout | Unavailable | RateLimited, .. }) {
            all.remove(connector);
            return;
        }
        let state = all.entry(connector.to_string()).or_default();
        state.failures += 1;
        if state.failures >= rule.after {
            (state.until, state.probed) = (Some(now.checked_add(rule.rest).unwrap()), false);
        }
    }

    pub fn wrong(&self) -> Vec<String> {
        self.wrong.lock().unwrap().clone()
    }
}

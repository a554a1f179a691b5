//! The targets and the network to them: requests and answers that get lost or come late, refusals, outages. They keep account of
//! every effect.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use play_connect::{Breaker, Circuits, Reply, Sent};
use play_engine::world::{Replying, Targets};
use play_journal::Machine;
use play_program::action::{Action, Connector, Request};
use play_program::value::FailureKind;
use play_scheduler::register::Standing;
use play_tests::generate::Rng;
use tokio::time::sleep;

use super::alone::Alone;
use super::campaign::Planted;
use super::machine::{Power, Simulated};
use super::oracle::thing;
use super::seen::Seen;

/// A request that is on its way still: who sent it may be gone.
struct Pending {
    at: Timestamp,
    key: String,
    path: String,
    idempotent: bool,
    /// Nobody waits for it any more: it may come in between.
    late: bool,
}

/// What was done for a write, by its key.
#[derive(Default)]
struct Did {
    times: u32,
    path: String,
    idempotent: bool,
}

#[derive(Default)]
struct All {
    /// `block C-1` is on.
    on: BTreeMap<String, bool>,
    did: BTreeMap<String, Did>,
    pending: Vec<Pending>,
    /// The keys with which each thing was asked for, and how often it was done.
    keys: BTreeMap<String, (BTreeSet<String>, u32)>,
    outages: Vec<(Timestamp, Timestamp)>,
    /// What a request took back for which nobody waited any more.
    late: BTreeSet<String>,
    /// What happened, in words: a part of the trace.
    account: String,
    /// What must not have happened.
    wrong: Vec<String>,
    effects: usize,
}

/// The life that is: its process, and what is durable.
type Now = (Arc<Power>, Arc<Mutex<Seen>>);

/// Targets of all lives of a seed.
pub struct Outside {
    machine: Arc<Simulated>,
    rng: Mutex<Rng>,
    all: Mutex<All>,
    now: Mutex<Option<Now>>,
    troubles: Mutex<bool>,
    planted: Planted,
    alone: Alone,
    /// Writes that a life before has left over: it cannot be known whether they were sent.
    left_over: Mutex<BTreeSet<String>>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Answered,
    /// Nobody is there.
    Unreachable,
    LostRequest,
    LostAnswer,
    /// It arrives when nobody waits any more.
    Late,
    /// Done, and then something broke.
    DoneAndBroken(u16),
    Refused(u16),
    /// An answer that cannot be read.
    Garbled,
}

const REFUSALS: [u16; 8] = [401, 403, 404, 409, 422, 429, 429, 501];
const BREAKS: [u16; 4] = [500, 502, 503, 408];

impl Outside {
    pub fn new(
        machine: Arc<Simulated>,
        mut rng: Rng,
        planted: Planted,
        breaker: Option<Breaker>,
    ) -> Arc<Self> {
        let mut all = All::default();
        let mut at = machine.now();
        while rng.chance(60) {
            at = at.checked_add(SignedDuration::from_secs(rng.below(20_000) as i64)).unwrap();
            let end = at.checked_add(SignedDuration::from_secs(rng.below(900) as i64)).unwrap();
            all.outages.push((at, end));
        }
        if breaker.is_some() {
            // One that is long enough for it, while jobs come.
            let from = machine.now().checked_add(SignedDuration::from_secs(rng.below(120) as i64)).unwrap();
            let to = from.checked_add(SignedDuration::from_secs(60 + rng.below(1_800) as i64)).unwrap();
            all.outages.push((from, to));
        }
        Arc::new(Self {
            machine,
            rng: Mutex::new(rng),
            all: Mutex::new(all),
            now: Mutex::default(),
            troubles: Mutex::new(true),
            planted,
            alone: Alone::new(breaker, planted),
            left_over: Mutex::default(),
        })
    }

    /// A life begins.
    pub fn begin(&self, power: Arc<Power>, seen: Arc<Mutex<Seen>>) {
        *self.left_over.lock().unwrap() = seen.lock().unwrap().left_over();
        *self.now.lock().unwrap() = Some((power, seen));
        self.alone.begin();
    }

    /// From now on all goes well.
    pub fn no_more_troubles(&self) {
        *self.troubles.lock().unwrap() = false;
        self.all.lock().unwrap().outages.clear();
    }

    /// What has been done for a key, as somebody finds out who looks; not known as long as a request is on its way.
    pub fn was_done(&self, key: &str) -> Option<bool> {
        self.arrive();
        let all = self.all.lock().unwrap();
        if all.pending.iter().any(|p| p.key == key) {
            return None;
        }
        Some(all.did.contains_key(key))
    }

    pub fn is_on(&self, what: &str) -> bool {
        self.arrive();
        self.all.lock().unwrap().on.get(what).copied().unwrap_or_default()
    }

    /// All that is on.
    pub fn all_on(&self) -> Vec<String> {
        self.arrive();
        self.all.lock().unwrap().on.iter().filter(|(_, on)| **on).map(|(what, _)| what.clone()).collect()
    }

    /// What must not have happened, and how many effects there were.
    pub fn wrong(&self) -> (Vec<String>, usize) {
        let all = self.all.lock().unwrap();
        let mut wrong = all.wrong.clone();
        wrong.extend(self.alone.wrong());
        for (key, did) in all.did.iter().filter(|(_, did)| did.times > 1) {
            wrong.push(format!("{} was done {} times under the key {key}", did.path, did.times));
        }
        // What belongs to one case alone is done once, and asked for with one key; what takes it back may be asked for again.
        for (path, (keys, done)) in all.keys.iter().filter(|(path, _)| path.contains("C-")) {
            // A playbook may free by itself what a person takes back as well.
            if *done > 1 && !path.ends_with("mine") {
                wrong.push(format!("{path} was done {done} times"));
            }
            if path.contains("/on/") && keys.len() > 1 {
                wrong.push(format!("{path} was asked for under {} keys", keys.len()));
            }
        }
        (wrong, all.effects)
    }

    pub fn account(&self) -> String {
        self.all.lock().unwrap().account.clone()
    }

    /// What was on its way arrives.
    fn arrive(&self) {
        let now = self.machine.now();
        let mut all = self.all.lock().unwrap();
        let (mut come, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut all.pending).into_iter().partition(|p| p.at <= now);
        all.pending = later;
        come.sort_by_key(|p| p.at);
        for p in come {
            let (what, late) = (off(&p.path), p.late);
            let (true, Some(what)) = (all.done(p), what) else { continue };
            if late {
                all.late.insert(what);
            } else if let Some(holds) = self.holds(&what) {
                all.wrong.push(format!("{what} was taken back while {holds}"));
            }
        }
    }

    /// Somebody compares what is in force by the evidence with what is there.
    pub fn compare(&self, seen: &Mutex<Seen>) {
        self.arrive();
        let seen = seen.lock().unwrap();
        let mut all = self.all.lock().unwrap();
        for (run, seq, act) in seen.register.all().filter(|(_, _, act)| act.standing == Standing::Holds) {
            let Some(what) = thing(&act.action, &act.args()) else { continue };
            let is_on = all.on.get(&what).copied().unwrap_or_default();
            if !is_on && !all.late.contains(&what) && !what.ends_with("mine") {
                all.wrong.push(format!("line {seq} of {run} holds {what}, which is not there any more"));
            }
        }
    }

    /// Which act holds something, as far as the evidence goes.
    fn holds(&self, what: &str) -> Option<String> {
        let now = self.now.lock().unwrap();
        let seen = now.as_ref()?.1.lock().unwrap();
        let mut holding = seen.register.all().filter(|(_, _, act)| act.standing == Standing::Holds);
        let (run, seq, act) =
            holding.find(|(_, _, act)| thing(&act.action, &act.args()).as_deref() == Some(what))?;
        Some(format!("line {seq} of {run} holds it until {:?}", act.until))
    }

    fn fate(&self, action: &Action, path: &str) -> (Fate, Duration, Duration) {
        let mut rng = self.rng.lock().unwrap();
        let quick = Duration::from_millis(rng.below(200));
        let back = Duration::from_millis(if rng.chance(10) { rng.below(4_000) } else { rng.below(200) });
        if !*self.troubles.lock().unwrap() {
            return (Fate::Answered, quick, back);
        }
        let now = self.machine.now();
        let is_out = self.all.lock().unwrap().outages.iter().any(|(from, to)| *from <= now && now < *to);
        if is_out && rng.chance(80) {
            let fate = if rng.chance(70) { Fate::Unreachable } else { Fate::LostRequest };
            return (fate, quick, back);
        }
        let status = |all: &[u16], rng: &mut Rng| *rng.pick(all).unwrap();
        let fate = match rng.below(100) {
            0..=5 => Fate::Unreachable,
            6..=10 => Fate::LostRequest,
            11..=17 => Fate::LostAnswer,
            // One that is looked up must not come after the look.
            18..=21 if action.write && !path.starts_with("/lock/") => Fate::Late,
            22..=25 => Fate::DoneAndBroken(status(&BREAKS, &mut rng)),
            // That something is not there is an answer to one who looks it up.
            26..=32 => match status(&REFUSALS, &mut rng) {
                404 if path.starts_with("/on/") => Fate::Refused(403),
                status => Fate::Refused(status),
            },
            33..=34 => Fate::Garbled,
            _ => Fate::Answered,
        };
        (fate, quick, back)
    }

    /// Whether it is sent however its target is: it takes something back, looks whether something was done, or may have been sent
    /// before.
    fn is_owed(&self, path: &str, key: Option<&str>) -> bool {
        let all = self.all.lock().unwrap();
        let left_over = self.left_over.lock().unwrap();
        let seen = |key: &str| all.keys.get(path).is_some_and(|(keys, _)| keys.contains(key));
        let before = |key: &str| seen(key) || left_over.contains(key);
        path.contains("/off/") || key.map_or(path.starts_with("/on/"), before)
    }

    /// A write is seen on the wire: what it is for has to be on the disk.
    fn sent(&self, key: &str, path: &str) {
        let now = self.now.lock().unwrap();
        let Some((_, seen)) = &*now else { return };
        let mut all = self.all.lock().unwrap();
        if !seen.lock().unwrap().intended.contains(key) {
            all.wrong.push(format!("{path} left before it was durable that it would"));
        }
        if path.contains("shadow") {
            all.wrong.push(format!("{path} was sent by a shadow run"));
        }
        all.keys.entry(path.to_string()).or_default().0.insert(key.to_string());
        let at = self.machine.now();
        let _ = writeln!(all.account, "{at} asked {path} {key}");
    }

    async fn read(&self, action: &Action, path: &str, timeout: Duration) -> Reply {
        let (fate, there, back) = self.fate(action, path);
        let ms = |d: Duration| u64::try_from(d.as_millis()).unwrap();
        match fate {
            Fate::Unreachable => {
                sleep(there).await;
                unreachable_target(ms(there))
            }
            Fate::LostRequest | Fate::LostAnswer | Fate::Late => {
                sleep(timeout).await;
                no_answer(ms(timeout))
            }
            Fate::Refused(status) | Fate::DoneAndBroken(status) => {
                sleep(there).await;
                Reply::of_status(action, status, b"\"no\"".to_vec(), ms(there))
            }
            Fate::Garbled => {
                sleep(there).await;
                Reply::of_status(action, 200, b"{\"half".to_vec(), ms(there))
            }
            Fate::Answered => {
                sleep(there).await;
                let body = match path.strip_prefix("/on/").and_then(|rest| rest.split_once('/')) {
                    Some((what, x)) => {
                        format!("\"{}\"", if self.is_on(&format!("{what} {x}")) { "on" } else { "off" })
                    }
                    None => self.rng.lock().unwrap().below(100).to_string(),
                };
                sleep(back).await;
                let ms = ms(there + back);
                if there + back >= timeout {
                    return no_answer(ms);
                }
                Reply::of_status(action, 200, body.into_bytes(), ms)
            }
        }
    }

    async fn write(&self, action: &Action, path: &str, key: &str, timeout: Duration) -> Reply {
        self.sent(key, path);
        let (fate, there, back) = self.fate(action, path);
        let ms = |d: Duration| u64::try_from(d.as_millis()).unwrap();
        let on_its_way = |after: Duration, late: bool| {
            let at = self.machine.now().checked_add(after).unwrap();
            let (key, path) = (key.to_string(), path.to_string());
            let pending =
                || Pending { at, key: key.clone(), path: path.clone(), idempotent: action.idempotent, late };
            let times = match self.planted {
                Planted::SendsTwice => 2,
                Planted::NeverDone => 0,
                _ => 1,
            };
            self.all.lock().unwrap().pending.extend((0..times).map(|_| pending()));
        };
        match fate {
            Fate::Unreachable => {
                sleep(there).await;
                unreachable_target(ms(there))
            }
            Fate::LostRequest => {
                sleep(timeout).await;
                no_answer(ms(timeout))
            }
            Fate::Late => {
                let more = self.rng.lock().unwrap().below(90_000);
                on_its_way(timeout + Duration::from_millis(more), true);
                sleep(timeout).await;
                no_answer(ms(timeout))
            }
            Fate::LostAnswer => {
                on_its_way(there, false);
                sleep(timeout).await;
                self.arrive();
                no_answer(ms(timeout))
            }
            Fate::Refused(status) => {
                sleep(there).await;
                Reply::of_status(action, status, b"\"no\"".to_vec(), ms(there))
            }
            Fate::DoneAndBroken(status) => {
                on_its_way(there, false);
                sleep(there + back).await;
                self.arrive();
                Reply::of_status(action, status, b"\"broken\"".to_vec(), ms(there + back))
            }
            Fate::Garbled => {
                on_its_way(there, false);
                sleep(there + back).await;
                self.arrive();
                Reply::of_status(action, 200, b"{\"half".to_vec(), ms(there + back))
            }
            Fate::Answered => {
                on_its_way(there, false);
                sleep(there).await;
                self.arrive();
                sleep(back).await;
                Reply::of_status(action, 200, b"\"done\"".to_vec(), ms(there + back))
            }
        }
    }
}

impl All {
    /// It has arrived. Whether it had an effect.
    fn done(&mut self, p: Pending) -> bool {
        let did = self.did.entry(p.key.clone()).or_default();
        did.path.clone_from(&p.path);
        did.idempotent = p.idempotent;
        if p.idempotent && did.times > 0 {
            let _ = writeln!(self.account, "{} again {} {}", p.at, p.path, p.key);
            return false;
        }
        did.times += 1;
        self.keys.entry(p.path.clone()).or_default().1 += 1;
        self.effects += 1;
        let _ = writeln!(self.account, "{} done {} {}", p.at, p.path, p.key);
        let parts: Vec<&str> = p.path.splitn(4, '/').collect();
        if let ["", what, verb, x] = parts[..] {
            self.on.insert(format!("{what} {x}"), verb == "on");
        }
        true
    }
}

impl Targets for Outside {
    fn send<'a>(
        &'a self,
        connector: &'a Connector,
        action: &'a Action,
        request: &'a Request,
        key: Option<&'a str>,
        timeout: Duration,
    ) -> Replying<'a> {
        Box::pin(async move {
            // A process that is gone sends nothing.
            let is_off = self.now.lock().unwrap().as_ref().is_some_and(|(power, _)| power.is_off());
            if is_off {
                std::future::pending::<()>().await;
            }
            let name = connector.name.as_str();
            let owed = self.is_owed(&request.path, key);
            self.alone.asked(name, (&request.path, owed), timeout, self.machine.now());
            let reply = match key {
                Some(key) => self.write(action, &request.path, key, timeout).await,
                None => self.read(action, &request.path, timeout).await,
            };
            self.alone.came(name, &reply, self.machine.now());
            reply
        })
    }

    fn breaker(&self) -> Option<(Breaker, &Circuits)> {
        self.alone.breaker()
    }
}

/// What a request takes back. (A playbook may free what is its own by itself, while that holds.)
fn off(path: &str) -> Option<String> {
    let (what, x) = path.strip_prefix('/')?.split_once("/off/")?;
    (!x.ends_with("mine")).then(|| format!("{what} {x}"))
}

fn unreachable_target(ms: u64) -> Reply {
    Reply::Failed { kind: FailureKind::Unavailable, words: "nobody is there".into(), sent: Sent::No, ms }
}

fn no_answer(ms: u64) -> Reply {
    Reply::Failed { kind: FailureKind::Timeout, words: "no answer".into(), sent: Sent::Unknown, ms }
}

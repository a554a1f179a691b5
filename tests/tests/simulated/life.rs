//! One life of the engine: from its start to a crash, or until it is told to stop, or until all has come to rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use play_engine::engine::{Pinned, Slot};
use play_engine::intake::Outcome;
use play_engine::live::Make;
use play_engine::{Engine, EngineError, Setup, arrival, person};
use play_journal::{Journal, Machine};
use play_tests::generate::Rng;
use tokio::sync::oneshot;

use super::campaign::Planted;
use super::inputs::{For, Input};
use super::machine::{Power, Simulated};
use super::program;
use super::seen::At;
use super::store::SimStore;
use super::targets::Outside;

/// What goes on from life to life.
pub struct World {
    pub machine: Arc<Simulated>,
    pub outside: Arc<Outside>,
    pub inputs: Arc<Mutex<Vec<Input>>>,
    /// What persons said and were told to be kept: the run, and their words.
    pub said: Arc<Mutex<Vec<(String, String)>>>,
    /// How many things persons have said.
    pub words: u64,
    pub planted: Planted,
}

/// How a life is lived.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub version: usize,
    /// As a service does.
    pub parks: bool,
    /// Places for runs.
    pub places: usize,
    /// Told to stop after so long.
    pub stops: Option<Duration>,
    /// Persons see to everything, and the life ends when all has come to rest.
    pub rests: bool,
}

/// How it ended.
#[derive(Debug)]
pub enum End {
    Stopped,
    AtRest,
    /// There is something left that nobody sees to.
    NotAtRest(String),
}

/// A life in the middle of it.
struct Life<'a> {
    world: &'a mut World,
    store: Arc<SimStore>,
    power: Arc<Power>,
    engine: Engine,
    rng: Rng,
    way: Way,
    wakes: BTreeSet<(Timestamp, String)>,
    parked: BTreeMap<String, Option<Timestamp>>,
    /// Writes in doubt of runs that are parked.
    doubts: BTreeMap<At, ()>,
    /// When persons look next.
    look: Timestamp,
    /// When runs that could not be told something are told again.
    tells: Timestamp,
}

/// For so long at the most it may take until all has come to rest.
const REST: SignedDuration = SignedDuration::from_hours(24 * 4);

/// So often something happens in a life at the most. A store may be away for hours, and is asked again each second.
const TURNS: usize = 100_000;

/// Lives a life.
pub async fn live(
    world: &mut World,
    store: Arc<SimStore>,
    power: Arc<Power>,
    rng: Rng,
    way: Way,
) -> Result<End, EngineError> {
    let version = &program::versions()[way.version];
    let targets: Arc<Outside> = Arc::clone(&world.outside);
    let setup = Setup {
        pinned: program::pin(version, targets, world.planted),
        artifact: version.bytes.clone(),
        store: Arc::clone(&store) as Arc<dyn Journal>,
        name: "simulated".into(),
        runs: way.places,
        parks: way.parks,
        dry: false,
    };
    let machine = Arc::clone(&world.machine) as Arc<dyn Machine>;
    let mut engine = Engine::start_on(setup, machine).await?;
    engine.deploy().await?;
    let load = loader(Arc::clone(&world.outside), world.planted);
    let recovered = engine.recover(&load).await?;
    if let Some((run, why)) = recovered.stuck.first() {
        return Ok(End::NotAtRest(format!("{run} cannot be taken up: {why}")));
    }
    let look = world.machine.now();
    let resting: BTreeMap<_, _> = recovered.resting.into_iter().map(|(run, at)| (run.into(), at)).collect();
    let life = Life {
        world,
        store,
        power,
        engine,
        rng,
        way,
        wakes: resting.iter().map(|(run, at): (&String, &Timestamp)| (*at, run.clone())).collect(),
        parked: resting.into_iter().map(|(run, at)| (run, Some(at))).collect(),
        doubts: BTreeMap::new(),
        look,
        tells: look,
    };
    life.go_on(&load).await
}

fn loader(outside: Arc<Outside>, planted: Planted) -> impl Fn(&[u8]) -> Result<Pinned, String> {
    move |bytes| Ok(program::pin(program::by_bytes(bytes)?, Arc::clone(&outside) as _, planted))
}

type Load<'l> = dyn Fn(&[u8]) -> Result<Pinned, String> + 'l;

impl Life<'_> {
    async fn go_on(mut self, load: &Load<'_>) -> Result<End, EngineError> {
        let began = self.now();
        self.store.outages.begin();
        let stop = self.way.stops.map(|after| began.checked_add(after).unwrap());
        let settled = self.engine.settled();
        let mut failed = self.engine.failed();
        let mut slot: Option<Slot> = None;
        for _ in 0..TURNS {
            self.settle()?;
            let now = self.now();
            if stop.is_some_and(|stop| stop <= now) {
                self.engine.flush_rejected().await?;
                self.engine.finish().await?;
                return Ok(End::Stopped);
            }
            if self.way.rests && self.is_at_rest() {
                self.engine.flush_rejected().await?;
                self.engine.finish().await?;
                return Ok(End::AtRest);
            }
            if now.duration_since(began) > REST {
                return Ok(End::NotAtRest(self.left()));
            }
            self.wake(load)?;
            if self.look <= now {
                self.persons(load)?;
                let most = if self.way.rests { 600_000 } else { 1_200_000 };
                let ms = i64::try_from(1 + self.rng.below(most)).unwrap();
                self.look = now.checked_add(SignedDuration::from_millis(ms)).unwrap();
            }
            let due = self.due(now);
            if let (Some(n), true) = (due, slot.is_some() || !self.is_job(due)) {
                slot = self.take(n, slot, load).await?;
                continue;
            }
            let input = self
                .world
                .inputs
                .lock()
                .unwrap()
                .iter()
                .filter(|i| !i.acked && i.at > now)
                .map(|i| i.at)
                .min();
            let tells = self.engine.has_to_tell().then_some(self.tells);
            let next = [Some(self.look), input, self.wakes.first().map(|(at, _)| *at), stop, tells];
            let next = next.into_iter().flatten().min().unwrap();
            let left = Duration::try_from(next.duration_since(now)).unwrap_or_default();
            tokio::select! {
                biased;
                _ = failed.wait_for(|failed| *failed) => {
                    return Err(EngineError::Evidence("the store has failed".into()));
                }
                () = settled.notified() => {}
                () = tokio::time::sleep(left.max(Duration::from_millis(1))) => {}
                free = self.engine.slot(), if due.is_some() && slot.is_none() => slot = free,
            }
        }
        Ok(End::NotAtRest(format!("it turns in a circle; {}", self.left())))
    }

    fn now(&self) -> Timestamp {
        self.world.machine.now()
    }

    /// An input whose time has come.
    fn due(&self, now: Timestamp) -> Option<usize> {
        self.world.inputs.lock().unwrap().iter().position(|i| !i.acked && i.at <= now)
    }

    fn is_job(&self, n: Option<usize>) -> bool {
        n.is_some_and(|n| self.world.inputs.lock().unwrap()[n].to == For::Jobs)
    }

    /// Takes an input. Who sent it is told once what became of it is durable; until then they send it again later.
    async fn take(
        &mut self,
        n: usize,
        slot: Option<Slot>,
        load: &Load<'_>,
    ) -> Result<Option<Slot>, EngineError> {
        let (record, to) = {
            let mut inputs = self.world.inputs.lock().unwrap();
            let input = &mut inputs[n];
            let taken = (input.record(), input.to);
            input.at = self.world.machine.now().checked_add(SignedDuration::from_secs(30)).unwrap();
            taken
        };
        let (run, slot) = match to {
            For::Jobs => {
                let mut slot = slot;
                let taken = match self.engine.take_in(&mut slot, None, record).await {
                    // It is sent again, as one is for which nobody was told anything.
                    Err(not) if not.record.is_some() => return Ok(slot),
                    taken => taken?,
                };
                let run = match taken.outcome {
                    Outcome::Accepted { run, .. } | Outcome::Duplicate { into: run } => Some(run),
                    _ => None,
                };
                self.engine.flush_rejected().await?;
                (run, slot)
            }
            For::Runs => {
                let outcome = match self.engine.event(record, false).await {
                    Err(not) if not.record.is_some() => return Ok(slot),
                    outcome => outcome?,
                };
                if let arrival::Outcome::Other | arrival::Outcome::Unmapped { .. } = outcome {
                    return Ok(slot);
                }
                self.engine.tell_waiting(load);
                (None, slot)
            }
        };
        let durable = self.engine.durable();
        let (inputs, power) = (Arc::clone(&self.world.inputs), Arc::clone(&self.power));
        tokio::spawn(async move {
            if durable.await.is_ok() && !power.is_off() {
                let mut inputs = inputs.lock().unwrap();
                inputs[n].acked = true;
                inputs[n].run = run;
            }
        });
        Ok(slot)
    }

    fn settle(&mut self) -> Result<(), EngineError> {
        self.engine.reap()?;
        for done in self.engine.take_finished() {
            self.forget(&done.run);
            self.doubts.retain(|(run, _), ()| *run != done.run);
            self.doubts.extend(done.in_doubt.iter().map(|(of, _)| ((done.run.clone(), *of), ())));
            if !done.state.is_over() || done.wakes.is_some() {
                if let Some(at) = done.wakes
                    && self.world.planted != Planted::NobodyWakes
                {
                    self.wakes.insert((at, done.run.clone()));
                }
                self.parked.insert(done.run.clone(), done.wakes);
            }
        }
        Ok(())
    }

    fn forget(&mut self, run: &str) {
        if let Some(Some(at)) = self.parked.remove(run) {
            self.wakes.remove(&(at, run.to_string()));
        }
    }

    fn wake(&mut self, load: &Load<'_>) -> Result<(), EngineError> {
        let now = self.now();
        while let Some((at, run)) = self.wakes.first().cloned() {
            if at > now {
                break;
            }
            self.forget(&run);
            if let Err(e) = self.engine.wake(&run, load) {
                if !e.passes() {
                    return Err(e);
                }
                if self.world.planted != Planted::NobodyTriesAgain {
                    let again = now.checked_add(SignedDuration::from_secs(1)).unwrap();
                    self.wakes.insert((again, run.clone()));
                    self.parked.insert(run, Some(again));
                }
                return Ok(());
            }
        }
        if self.engine.has_to_tell() && self.tells <= now {
            self.tells = now.checked_add(SignedDuration::from_secs(1)).unwrap();
            self.engine.tell_waiting(load);
        }
        Ok(())
    }

    /// Persons look at what is there, and say something about some of it.
    fn persons(&mut self, load: &Load<'_>) -> Result<(), EngineError> {
        self.world.outside.compare(&self.store.seen);
        let (asked, mut doubts, runs) = {
            let seen = self.store.seen.lock().unwrap();
            (seen.asked.clone(), seen.doubts.clone(), seen.order.clone())
        };
        for (at, approval) in asked {
            if !self.rng.chance(40) {
                continue;
            }
            let choice = match (approval, self.rng.chance(65)) {
                (true, true) => "approve",
                (true, false) => "deny",
                (false, true) => "Yes",
                (false, false) => "No",
            };
            let (by, words) = self.person();
            let roles = Arc::new(person::Roles::default());
            let make = person::answer(Some(at.1), approval, choice.into(), (by, words.clone()), roles);
            self.say(&at.0, make, words, load);
        }
        let seen = Arc::clone(&self.store.seen);
        for at in self.doubts.keys() {
            if let Some(key) = seen.lock().unwrap().key(at) {
                doubts.insert(at.clone(), key);
            }
        }
        for (at, key) in doubts {
            let looks = self.way.rests || self.rng.chance(40);
            // As long as it may still arrive, nobody can say.
            let Some(done) = self.world.outside.was_done(&key).filter(|_| looks) else { continue };
            let (by, words) = self.person();
            let result = done.then(|| serde_json::json!("done"));
            let make = person::resolution(Some(at.1), result, by, words.clone());
            self.say(&at.0, make, words, load);
        }
        if !self.way.rests && self.rng.chance(12) && !runs.is_empty() {
            let run = runs[self.rng.index(runs.len())].clone();
            let (by, words) = self.person();
            let make = if self.rng.chance(70) {
                person::undoing(Vec::new(), by, words.clone())
            } else {
                person::cancelling(by, words.clone())
            };
            self.say(&run, make, words, load);
        }
        Ok(())
    }

    fn person(&mut self) -> (String, String) {
        self.world.words += 1;
        (self.rng.word(&["ada", "bob"]).to_string(), format!("words {}.", self.world.words))
    }

    fn say(&mut self, run: &str, make: Make, words: String, load: &Load<'_>) {
        let (heard, told) = oneshot::channel();
        self.engine.say(run, make, heard, load);
        let (said, power, run) = (Arc::clone(&self.world.said), Arc::clone(&self.power), run.to_string());
        tokio::spawn(async move {
            if let Ok(Ok(())) = told.await
                && !power.is_off()
            {
                said.lock().unwrap().push((run, words));
            }
        });
    }

    /// Whether there is nothing left to do for anybody.
    fn is_at_rest(&self) -> bool {
        let inputs = self.world.inputs.lock().unwrap();
        let seen = self.store.seen.lock().unwrap();
        inputs.iter().all(|i| i.acked)
            && self.engine.live() == 0
            && self.parked.is_empty()
            && seen.runs.values().all(|ended| *ended)
            && seen.doubts.is_empty()
    }

    fn left(&self) -> String {
        let inputs = self.world.inputs.lock().unwrap();
        let seen = self.store.seen.lock().unwrap();
        let waits: Vec<&str> = inputs.iter().filter(|i| !i.acked).map(|i| i.pos.as_str()).collect();
        let open: Vec<&String> = seen.runs.iter().filter(|(_, ended)| !**ended).map(|(run, _)| run).collect();
        format!(
            "not at rest: inputs {waits:?}, {} live, parked {:?}, open {open:?}, asked {:?}, in doubt {:?}",
            self.engine.live(),
            self.parked,
            seen.asked,
            seen.doubts
        )
    }
}

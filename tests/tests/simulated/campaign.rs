//! A seed: lives that end in crashes, a last one in which nothing goes wrong, and what must be true then.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use play_connect::Breaker;
use play_engine::EngineError;
use play_journal::JournalRead;
use play_tests::generate::Rng;

use super::disk::{State, Trouble};
use super::inputs::FIRST;
use super::life::{End, Way, World, live};
use super::machine::{Power, Simulated};
use super::outage::Outages;
use super::store::SimStore;
use super::targets::Outside;
use super::{inputs, oracle};

/// What a seed came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// Digest of the whole evidence and of what the targets saw.
    pub hash: String,
    pub runs: usize,
    pub lives: usize,
    pub crashes: usize,
    pub effects: usize,
    /// What is wrong; nothing, if all is as it should be.
    pub wrong: Vec<String>,
}

/// Bugs that are planted on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planted {
    #[default]
    None,
    /// The store says at once that a batch is durable, where it has a line of a kind that begins so; with nothing
    /// named, always.
    Lies(&'static str),
    /// The disk says that it has synced, and has not.
    NoSync,
    /// A write that is sent arrives twice.
    SendsTwice,
    /// A write is answered as done that never was.
    NeverDone,
    /// A bit of a line turns over.
    Flips,
    /// What is to be a shadow run is a real one.
    ShadowActs,
    /// What is to be supervised is not.
    NobodyWatches,
    /// The limit of a guard is not that of the program that its runs are pinned to.
    CountsTooFar,
    /// Nor is how many persons have to approve an act.
    OneIsEnough,
    /// Nor is a condition: what is decided is not what the program says.
    DecidesOtherwise,
    /// A target that fails is never left alone.
    NeverLeftAlone,
    /// One that is to be found out about is asked by all at once.
    AllFindOut,
    /// When a run is to be taken up again is noted by nobody.
    NobodyWakes,
    /// Nor, where its record was out of reach when it was, that this is to be tried again.
    NobodyTriesAgain,
    /// The machine has randomness that is not out of the seed.
    OwnRandomness,
}

/// How a life ended, seen from outside.
enum Ended {
    Crashed,
    Told(End),
    /// Its disk failed, and so it came to its end by itself.
    Failed(EngineError),
}

/// Each chain: how many lines of it are durable, and the hash of the last.
pub type Durable = BTreeMap<String, (u64, [u8; 32])>;

/// Where stores are: in memory, where the system has a folder for that.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Lives through a seed, with jobs for these playbooks.
pub fn run(seed: u64, planted: Planted, hows: &[&str]) -> Came {
    let stream = |n: u64| Rng::new(seed.wrapping_mul(31).wrapping_add(n));
    let folder = folder();
    let store = folder.path().join("store");
    let mut rng = stream(1);
    for _ in 0..8 {
        rng.below(2);
    }
    let machine = Simulated::new(seed, planted);
    let mut world = World {
        outside: Outside::new(Arc::clone(&machine), stream(2), planted, breaker(&mut stream(4), hows)),
        machine,
        inputs: Arc::new(Mutex::new(inputs::all(&mut stream(3), hows))),
        said: Arc::default(),
        planted,
        words: 0,
    };
    let mut came = Came::default();
    let mut durable = Durable::new();
    let lives = 1 + rng.index(5);
    for n in 0..=lives {
        let rests = n == lives;
        let way = way(&mut rng, rests);
        if rests {
            world.outside.no_more_troubles();
        }
        let (crash, trouble, after) = if rests { (None, Trouble::None, 0) } else { troubles(&mut rng) };
        let power = Arc::new(Power::default());
        let disk = State::new(Arc::clone(&power), stream(100 + n as u64), (trouble, after), planted);
        let off = match rng.below(3) {
            0 => 1 + rng.below(10),
            1 => 60 + rng.below(600),
            _ => rng.below(40_000),
        };
        let loses = rng.chance(60);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let mut opened: Option<Arc<SimStore>> = None;
        let ended = runtime.block_on(async {
            world.machine.begin();
            let cut = async {
                match crash {
                    Some(after) => {
                        tokio::time::sleep(after).await;
                        power.cut();
                    }
                    None => std::future::pending().await,
                }
            };
            let rngs = (stream(200 + n as u64), stream(300 + n as u64));
            let outages = is_out_of_reach(seed, planted, hows).then(|| stream(400 + n as u64));
            let lived = async {
                let sim = SimStore::open(
                    &store,
                    Arc::clone(&disk),
                    Arc::clone(&world.machine),
                    (Arc::clone(&power), planted),
                    (&durable, rngs.0, Outages::new(Arc::clone(&world.machine), outages)),
                    inline_bytes(seed, hows),
                )?;
                let sim = Arc::new(sim);
                opened = Some(Arc::clone(&sim));
                world.outside.begin(Arc::clone(&power), Arc::clone(&sim.seen));
                if let Some(chain) = sim.lost.first() {
                    return Ok(End::NotAtRest(format!(
                        "{chain}: not all that was durable is there any more"
                    )));
                }
                live(&mut world, Arc::clone(&sim), Arc::clone(&power), rngs.1, way).await
            };
            tokio::select! {
                biased;
                () = power.gone() => Ended::Crashed,
                () = cut => Ended::Crashed,
                ended = lived => match ended {
                    _ if power.is_off() => Ended::Crashed,
                    Ok(end) => Ended::Told(end),
                    Err(e) => Ended::Failed(e),
                }
            }
        });
        runtime.block_on(async { world.machine.end(SignedDuration::from_secs(off as i64)) });
        drop(runtime);
        came.lives += 1;
        if !world.outside.wrong().0.is_empty() {
            break;
        }
        match ended {
            Ended::Crashed => came.crashes += 1,
            Ended::Told(End::Stopped | End::AtRest) => {}
            Ended::Told(End::NotAtRest(why)) => {
                came.wrong.push(why);
                break;
            }
            Ended::Failed(_) if trouble == Trouble::Fails => {}
            Ended::Failed(e) => {
                came.wrong.push(format!("life {n} came to its end: {e}"));
                break;
            }
        }
        if loses {
            disk.lose();
        }
        if let Some(sim) = opened.take() {
            let heads = sim.heads().unwrap().into_iter();
            durable = heads.map(|(name, head)| (name, (head.next_seq, head.prev))).collect();
        }
    }
    if planted == Planted::Flips {
        flip(&store);
    }
    oracle::judge(&store, &world, &mut came);
    came
}

/// When targets are left alone. In no seed that found something when there was nothing of the kind yet.
fn breaker(rng: &mut Rng, hows: &[&str]) -> Option<Breaker> {
    let rest = SignedDuration::from_secs(10 + i64::try_from(rng.below(600)).unwrap());
    let rule = Breaker { after: 1 + u32::try_from(rng.below(4)).unwrap(), rest };
    (hows.len() != FIRST && rng.chance(60)).then_some(rule)
}

/// Whether its store is out of reach at times: in every fourth seed, and in none that found something before there was anything of
/// the kind.
fn is_out_of_reach(seed: u64, planted: Planted, hows: &[&str]) -> bool {
    match planted {
        Planted::NobodyTriesAgain => true,
        Planted::None => seed % 4 == 3 && hows.len() != FIRST,
        _ => false,
    }
}

/// Seeds that found something when every body was in a pack.
const IN_PACKS: [u64; 6] = [12449, 36582, 44768, 87042, 96861, 98009];

/// Of fewer bytes than this a body stands beside the line that names it: none of them, the small ones, or all.
fn inline_bytes(seed: u64, hows: &[&str]) -> u64 {
    match seed / 4 % 3 {
        _ if hows.len() == FIRST || IN_PACKS.contains(&seed) => 0,
        0 => 0,
        // Results have 6 bytes, records and answers some 70.
        1 => 40,
        _ => 8 << 10,
    }
}

/// Turns a bit over in the middle of the first segment.
fn flip(store: &Path) {
    let segment = store.join("segments/00000001.jsonl");
    let Ok(mut bytes) = std::fs::read(&segment) else { return };
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
        std::fs::write(segment, bytes).unwrap();
    }
}

fn way(rng: &mut Rng, rests: bool) -> Way {
    Way {
        version: rng.index(2),
        parks: rests || rng.chance(80),
        places: *rng.pick(&[1, 2, 3, 1000, 1000]).unwrap(),
        stops: (!rests && rng.chance(15)).then(|| Duration::from_secs(1 + rng.below(20_000))),
        rests,
    }
}

/// When the process is gone, or what happens to its disk.
fn troubles(rng: &mut Rng) -> (Option<Duration>, Trouble, u64) {
    let soon = match rng.below(5) {
        0 => Duration::from_millis(rng.below(400)),
        1 => Duration::from_millis(rng.below(5_000)),
        2 => Duration::from_secs(rng.below(60)),
        3 => Duration::from_secs(rng.below(3_600)),
        _ => Duration::from_secs(rng.below(100_000)),
    };
    match rng.below(10) {
        0..=3 => (Some(soon), Trouble::None, 0),
        4..=7 => (Some(Duration::from_secs(200_000)), Trouble::Crash, rng.below(120)),
        _ => (Some(Duration::from_secs(200_000)), Trouble::Fails, rng.below(120)),
    }
}

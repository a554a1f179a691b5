//! What comes from outside in a seed: alerts and events. Whoever sends them goes on until somebody has said that they are kept.

use jiff::{SignedDuration, Timestamp};
use play_engine::intake::Record;
use play_tests::generate::Rng;

use super::machine::start;

/// Whom a record is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    Jobs,
    Runs,
}

/// A record, and when it is sent.
pub struct Input {
    pub at: Timestamp,
    pub to: For,
    pub raw: String,
    pub pos: String,
    /// It was said to be kept.
    pub acked: bool,
    /// The run that it was said to have opened.
    pub run: Option<String>,
}

impl Input {
    pub fn record(&self) -> Record {
        Record {
            pos: self.pos.clone(),
            raw: self.raw.clone().into_bytes(),
            json: serde_json::from_str(&self.raw).unwrap(),
        }
    }
}

/// The playbooks by what they are about.
pub const HOWS: [&str; 22] = [
    "reads",
    "holds",
    "asked",
    "locks",
    "freezes",
    "cuts",
    "steps",
    "approves",
    "waits",
    "events",
    "loops",
    "procedures",
    "frees",
    "stays",
    "faults",
    "holds",
    // From here on not in the seeds that found something when there were no others yet.
    "shadow",
    "watched",
    "pairs",
    "stairs",
    "watched",
    "shadow",
];

/// How many of them there were at first.
pub const FIRST: usize = 16;

/// All inputs of a seed, by time.
pub fn all(rng: &mut Rng, hows: &[&str]) -> Vec<Input> {
    let mut inputs = Vec::new();
    let jobs = 2 + rng.index(8);
    let about: Vec<&str> = (0..1 + rng.index(4)).map(|_| *rng.pick(hows).unwrap()).collect();
    let spread = *rng.pick(&[2_000, 60_000, 3_600_000]).unwrap();
    let time = |rng: &mut Rng, most: u64| {
        let ms = i64::try_from(rng.below(most)).unwrap();
        start().checked_add(SignedDuration::from_millis(ms)).unwrap()
    };
    for n in 0..jobs {
        let how = if rng.chance(3) { "nobody's" } else { rng.pick(&about).unwrap() };
        let (x, y) = (rng.word(&["x1", "x2"]), rng.word(&["x1", "x2", "x3"]));
        let what = if rng.chance(3) { "noise" } else { "job" };
        let key = if rng.chance(10) { "k0".to_string() } else { format!("k{n}") };
        let mut job = serde_json::json!({
            "what": what, "key": key, "how": how, "x": x, "y": y, "n": rng.below(14), "at": n,
        });
        if rng.chance(2) {
            job["x"] = serde_json::Value::Null;
        }
        let (at, pos) = (time(rng, spread), format!("jobs:{n}"));
        let input = |at, pos: &str, raw: String| Input {
            at,
            to: For::Jobs,
            raw,
            pos: pos.to_string(),
            acked: false,
            run: None,
        };
        if rng.chance(15) {
            // The same again, from the same place or another.
            let pos = if rng.chance(50) { pos.clone() } else { format!("again:{n}") };
            inputs.push(input(time(rng, spread), &pos, job.to_string()));
        }
        inputs.push(input(at, &pos, job.to_string()));
    }
    for n in 0..rng.index(4) {
        let raw = serde_json::json!({
            "what": "closed", "x": rng.word(&["x1", "x2"]), "by": format!("ada {n}"),
        });
        let (at, pos) = (time(rng, spread * 8), format!("events:{n}"));
        for _ in 0..1 + rng.index(2) {
            let (raw, pos) = (raw.to_string(), pos.clone());
            inputs.push(Input { at, to: For::Runs, raw, pos, acked: false, run: None });
        }
    }
    inputs.sort_by(|a, b| (a.at, &a.pos).cmp(&(b.at, &b.pos)));
    inputs
}

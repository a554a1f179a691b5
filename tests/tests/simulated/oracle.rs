//! What must be true when all has come to rest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use play_evidence::line::hex;
use play_evidence::{J, ParsedLine};
use play_journal::{JournalRead, Machine, Store, verify_store};
use play_scheduler::register::{Register, Standing};
use play_scheduler::replay::{Replay, replay};
use play_vm::Vm;
use sha2::{Digest, Sha256};
use std::sync::Arc;

use super::campaign::Came;
use super::life::World;
use super::program;
use super::seen::{At, text};

/// Looks at everything.
pub fn judge(store: &Path, world: &World, came: &mut Came) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (wrong, effects) = world.outside.wrong();
        came.wrong.extend(wrong);
        came.effects = effects;
        match Store::read_only(store) {
            Ok(reader) => judge_store(store, &reader, world, came),
            Err(e) => came.wrong.push(format!("the store cannot be read: {e}")),
        }
    });
}

fn judge_store(path: &Path, reader: &dyn JournalRead, world: &World, came: &mut Came) {
    // For whoever looks into a seed.
    let show = std::env::var_os("PLAY_SHOW").is_some();
    let mut hash = Sha256::new();
    let mut register = Register::default();
    let mut allowed: Vec<Timestamp> = Vec::new();
    let mut records: BTreeMap<String, u32> = BTreeMap::new();
    let mut said = Said::default();
    let mut read = |chain: &str, bytes: &[u8]| {
        hash.update(bytes);
        if show {
            print!("{}", String::from_utf8_lossy(bytes));
        }
        let line = ParsedLine::parse(bytes).unwrap();
        if chain == "intake" {
            if line.k == "intake.accepted" {
                *records.entry(text(&line, "record")).or_default() += 1;
            }
            return;
        }
        if line.k == "guard.allowed" && text(&line, "guard") == "cuts" {
            allowed.push(line.t.parse().unwrap());
        }
        said.line(&line);
        register.take(&line);
    };
    if let Err(e) = reader.for_each_line(&mut read) {
        came.wrong.push(format!("the lines cannot be read: {e}"));
        return;
    }
    if show {
        println!("{}", world.outside.account());
    }
    hash.update(world.outside.account().as_bytes());
    came.hash = hex(&<[u8; 32]>::from(hash.finalize()));
    let wrong = &mut came.wrong;
    match verify_store(path) {
        Ok(report) => wrong.extend(report.problems.iter().map(|p| format!("the store is damaged: {p:?}"))),
        Err(e) => wrong.push(format!("the store cannot be verified: {e}")),
    }
    wrong.append(&mut said.wrong);
    let runs: BTreeSet<String> = reader.runs().unwrap().into_iter().collect();
    came.runs = runs.len();
    for input in world.inputs.lock().unwrap().iter() {
        if let Some(run) = input.run.as_ref().filter(|run| !runs.contains(*run)) {
            wrong.push(format!("{} was acknowledged, and its run {run} is not there", input.pos));
        }
    }
    for run in &runs {
        if let Err(why) = replays(reader, run) {
            wrong.push(format!("{run} does not replay: {why}"));
        }
    }
    for (run, words) in world.said.lock().unwrap().iter() {
        let lines = reader.lines_of(run).unwrap_or_default();
        let is_there = |line: &Vec<u8>| String::from_utf8_lossy(line).contains(words.as_str());
        if !lines.iter().any(is_there) {
            wrong.push(format!("a person was told that `{words}` counts, and it is not in {run}"));
        }
    }
    // The time of a line may be a little later than the moment at which its place was counted.
    let hour = SignedDuration::from_hours(1) - SignedDuration::from_secs(10);
    allowed.sort();
    if allowed.windows(4).any(|w| w[3].duration_since(w[0]) < hour) {
        wrong.push(format!("the guard `cuts` let through more than 3 within an hour: {allowed:?}"));
    }
    if wrong.is_empty() {
        in_force(&register, &runs, world, wrong);
    }
}

/// Who has approved what, and whether what had to be was.
#[derive(Default)]
struct Said {
    /// Who said yes, by the line in which they did.
    yes: BTreeMap<At, String>,
    wrong: Vec<String>,
}

impl Said {
    fn line(&mut self, line: &ParsedLine) {
        if line.k == "person.answered" && text(line, "choice") == "approve" {
            self.yes.insert((line.run.clone(), line.seq), text(line, "person"));
        }
        if line.k != "act.intended" || line.field("undoes").is_some() {
            return;
        }
        let args = String::from_utf8(line.field("args").map(J::to_bytes).unwrap_or_default()).unwrap();
        let least = match text(line, "action").as_str() {
            "desk.pair" => 2,
            "desk.climb" if args.contains(" known") => 2,
            "desk.climb" => 1,
            _ if args.contains(" watched") => 1,
            _ => return,
        };
        let seqs = match line.field("approvals") {
            Some(J::Arr(seqs)) => seqs.as_slice(),
            _ => &[],
        };
        let by = seqs.iter().filter_map(|seq| u64::try_from(seq.as_int()?).ok());
        let persons: BTreeSet<_> = by.filter_map(|seq| self.yes.get(&(line.run.clone(), seq))).collect();
        if persons.len() < least {
            let what = format!("line {} of {}, {} {args}", line.seq, line.run, text(line, "action"));
            self.wrong.push(format!("{what}: approved by {persons:?}, and it takes {least}"));
        }
    }
}

fn replays(reader: &dyn JournalRead, run: &str) -> Result<(), String> {
    let lines = reader.lines_of(run).map_err(|e| e.to_string())?;
    let first = ParsedLine::parse(&lines[0]).map_err(|e| e.to_string())?;
    let artifact = text(&first, "artifact");
    let (version, manifest) = program::by_digest(&artifact).ok_or("no such version")?;
    let vm = Vm::new(Arc::clone(&version.artifact));
    let views: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    match replay(&vm, &manifest, &artifact, &views) {
        Replay::Identical { .. } => Ok(()),
        Replay::Differs(d) => Err(format!("line {}: {}", d.line, d.why)),
        Replay::Undecidable { line, why } => Err(format!("line {line}: {why}")),
    }
}

/// What the register says is what the targets have.
fn in_force(register: &Register, runs: &BTreeSet<String>, world: &World, wrong: &mut Vec<String>) {
    let now = world.machine.now();
    for run in runs.iter().filter(|run| !register.is_settled(run)) {
        wrong.push(format!("{run} is not settled"));
    }
    let mut known = BTreeSet::new();
    for (run, seq, act) in register.all() {
        let Some(what) = thing(&act.action, &act.args()) else { continue };
        known.insert(what.clone());
        let is_on = world.outside.is_on(&what);
        let at = format!("line {seq} of {run}, {} on {what}", act.action);
        match &act.standing {
            Standing::Holds if act.until.is_some_and(|until| until < now) => {
                wrong.push(format!("{at} holds beyond its time"));
            }
            Standing::Holds | Standing::Left if !is_on => {
                wrong.push(format!("{at} is in force by the evidence, and not at the target"));
            }
            Standing::Intended | Standing::Ending(_) | Standing::Kept { .. } => {
                wrong.push(format!("{at} is {:?} when all has come to rest", act.standing));
            }
            _ => {}
        }
    }
    for what in world.outside.all_on() {
        let can_be_taken_back = ["block ", "lock ", "freeze ", "cut "].iter().any(|w| what.starts_with(w));
        if can_be_taken_back && !known.contains(&what) {
            wrong.push(format!("{what} is on at the target, and the evidence does not know of it"));
        }
    }
}

/// What an act was done to, as the targets name it.
pub fn thing(action: &str, args: &J) -> Option<String> {
    let action = action.strip_prefix("edge.")?;
    let J::Obj(args) = args else { return None };
    let x = match args.get("x")? {
        J::Str(x) => x.clone(),
        J::Obj(position) => position.get("val")?.as_str()?.to_string(),
        _ => return None,
    };
    Some(format!("{action} {}", x.replace(' ', "%20")))
}

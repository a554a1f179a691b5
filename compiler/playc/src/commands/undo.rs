//! `playc undo`: a person takes back what a run did.

use play_engine::subject::{self, Act};
use play_evidence::ParsedLine;
use play_program::artifact::Manifest;
use play_scheduler::Run;
use play_scheduler::ids::case_id;
use play_scheduler::register::{Register, Standing};
use play_scheduler::run::Fate;

use crate::cli::UndoArgs;
use crate::commands::api;
use crate::commands::says::{self, There};
use crate::output::{self, safe};
use crate::project::count;
use crate::runs;
use crate::{Ended, Result, Trouble};

/// What is to be taken back, and what is not.
#[derive(Default)]
struct Plan {
    acts: Vec<u64>,
    /// Something that was named cannot be taken back, or something waits for others.
    findings: bool,
}

/// Runs it. What is taken back is so at once, in this process.
pub fn run(args: &UndoArgs) -> Result {
    if let Some(api) = &args.says.api {
        let acts = serde_json::json!({ "acts": args.act });
        return api::decide(api, &args.run, "undo", &args.says, acts);
    }
    let acts = serde_json::json!({ "acts": args.act });
    if let Some(ended) = api::decide_by_store(&args.run, "undo", &args.says, acts)? {
        return Ok(ended);
    }
    let there = There::find(&args.run, &args.says)?;
    let run = there.as_it_stands()?;
    may_be_undone(&run)?;
    let plan = plan(&there, &run, &args.act)?;
    if plan.acts.is_empty() {
        output::out(&format!("{}: nothing to take back", case_id(&there.recorded.run)));
        return Ok(if plan.findings { Ended::Findings } else { Ended::Fine });
    }
    let project = says::project(&args.says.place)?;
    let name = there.recorded.run.clone();
    there.speak(&args.says.place, project.as_ref(), |engine, load| {
        engine.undo(&name, plan.acts.clone(), (&args.says.by, &args.says.because), load)
    })?;
    let register = runs::register(&*args.says.place.store.reader()?)?;
    let mut undone = 0_usize;
    for act in plan.acts.iter().rev() {
        let action = action_of(&run, &there.artifact.manifest, *act);
        let (fine, words) = verdict(&register, &name, *act);
        undone = undone.saturating_add(usize::from(fine));
        output::out(&format!("line {act}, {action}: {words}"));
    }
    output::out(&format!("{}: {} of {} taken back", case_id(&name), undone, count(plan.acts.len(), "act")));
    Ok(if undone == plan.acts.len() && !plan.findings { Ended::Fine } else { Ended::Findings })
}

/// A run that goes on by itself is not spoken to.
fn may_be_undone(run: &Run) -> Result<()> {
    if run.is_rolling() {
        let doubts: Vec<String> = run.in_doubt().iter().map(|(line, _)| line.to_string()).collect();
        let then = match doubts.as_slice() {
            [] => "; `playc run` on its store goes on with that".to_string(),
            all => {
                format!("; line {} is in doubt: say what became of it with `playc resolve`", all.join(", "))
            }
        };
        return Err(Trouble(format!("what this run did is being taken back already{then}")));
    }
    if run.is_calling() {
        let text =
            "a call of this run was cut off; `playc run` on its store takes it up, and then it can be undone";
        return Err(Trouble(text.into()));
    }
    Ok(())
}

fn action_of(run: &Run, manifest: &Manifest, act: u64) -> String {
    let found = run.done().find(|(of, ..)| *of == act);
    found.and_then(|(_, action, _)| Some(safe(&manifest.action(action)?.full_name()))).unwrap_or_default()
}

/// Says of each act that is not taken back why it is not.
fn plan(there: &There, run: &Run, named: &[u64]) -> Result<Plan> {
    let manifest = &there.artifact.manifest;
    let acts = subject::acts(run, named).map_err(|other| Trouble(no_act(there, run, other)))?;
    let mut plan = Plan::default();
    for Act { of, action, fate } in acts {
        let Some(action) = manifest.action(action) else { continue };
        let why = match fate {
            Fate::InForce => {
                plan.acts.push(of);
                continue;
            }
            Fate::Undone(_) if named.is_empty() => continue,
            Fate::Undone(t) => format!("was taken back at {t:.0}"),
            Fate::Waits => {
                plan.findings = true;
                "is to be taken back already, when another run lets go of the same; see `playc status`".into()
            }
            // Messages and records stay: nobody would want them back.
            Fate::ForGood
                if named.is_empty()
                    && matches!(action.class.as_deref(), Some("notify" | "record" | "restore")) =>
            {
                continue;
            }
            Fate::ForGood => match &action.irreversible {
                Some(why) => format!("stays: nothing takes it back, because \"{}\"", safe(why)),
                None => "stays: its connector names nothing that takes it back".into(),
            },
        };
        plan.findings |= !named.is_empty();
        output::out(&format!("line {of}, {}: {why}", safe(&action.full_name())));
    }
    Ok(plan)
}

/// Why a line is not an act that was done.
fn no_act(there: &There, run: &Run, line: u64) -> String {
    let parsed = there.recorded.lines.iter().filter_map(|l| ParsedLine::parse(l).ok());
    let is_intent = parsed.into_iter().any(|l| l.seq == line && l.k == "act.intended");
    if run.in_doubt().iter().any(|(of, _)| *of == line) {
        return format!("line {line} is in doubt: say what became of it with `playc resolve` first");
    }
    if is_intent {
        return format!("line {line} is not an act that was done: it failed, or takes another back");
    }
    let all: Vec<String> = run.done().map(|(of, ..)| of.to_string()).collect();
    let there_are =
        if all.is_empty() { "it did nothing".into() } else { format!("there are {}", all.join(", ")) };
    format!("line {line} of this run is not an act; {there_are}")
}

/// What became of an act that was to be taken back, and whether it was.
fn verdict(register: &Register, run: &str, act: u64) -> (bool, String) {
    let Some(of) = register.act(run, act) else { return (true, "taken back".into()) };
    let words = match &of.standing {
        Standing::Kept { by, until } => {
            let until = until.map(|t| format!(" until {t:.0}")).unwrap_or_default();
            format!("kept: {} holds the same{until}, and it is taken back after that", case_id(by))
        }
        Standing::Failed { undo: Some(line), words } => {
            format!("NOT taken back: line {line} failed: {}", safe(words))
        }
        Standing::Failed { undo: None, words } => format!("NOT taken back: {}", safe(words)),
        Standing::EndingInDoubt(line) => {
            format!("nobody knows: line {line} is in doubt; say what became of it with `playc resolve`")
        }
        Standing::Left => "kept: another act of this run holds the same".into(),
        Standing::Ending(_) => "not yet: what another run did to the same after it comes first".into(),
        Standing::Holds | Standing::Intended | Standing::InDoubt => "still in force".into(),
    };
    (false, words)
}

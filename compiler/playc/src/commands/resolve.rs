//! `playc resolve`: a person says what became of a write in doubt.

use play_engine::subject::{self, NoSubject};
use play_program::action::{Action, ActionId};

use crate::cli::ResolveArgs;
use crate::commands::api;
use crate::commands::run::all_ended;
use crate::commands::says::{self, There};
use crate::output::Style;
use crate::{Ended, Result, Trouble};

/// Runs it. The run goes on at once, in this process.
pub fn run(args: &ResolveArgs, _style: Style) -> Result {
    let done: Option<serde_json::Value> = match &args.done {
        Some(text) => {
            let read = serde_json::from_str(text);
            Some(read.map_err(|e| {
                Trouble(format!("--done: not JSON: {e}; text has quotes of its own: --done '\"text\"'"))
            })?)
        }
        None => None,
    };
    let more = serde_json::json!({ "line": args.line, "done": done.is_some(), "result": done });
    if let Some(api) = &args.says.api {
        return api::decide(api, &args.run, "resolve", &args.says, more);
    }
    if let Some(ended) = api::decide_by_store(&args.run, "resolve", &args.says, more)? {
        return Ok(ended);
    }
    let there = There::find(&args.run, &args.says)?;
    let line = the_one_in_doubt(&there, args.line)?;
    let project = says::project(&args.says.place)?;
    let ((), finished) = there.speak(&args.says.place, project.as_ref(), |engine, load| {
        let (by, because) = (&args.says.by, &args.says.because);
        engine.resolve(&there.recorded.run, line, done, (by, because), load)
    })?;
    says::tell(&finished);
    Ok(if all_ended(&finished) { Ended::Fine } else { Ended::Findings })
}

/// The write that it is about. What a kill cut off is not marked yet; it will be in doubt as soon as the run is taken up.
fn the_one_in_doubt(there: &There, line: Option<u64>) -> Result<u64> {
    let (run, manifest) = (there.as_it_stands()?, &there.artifact.manifest);
    let found = subject::in_doubt(&run, line, true).map_err(|why| match why {
        NoSubject::NotThere(line) | NoSubject::OtherSort(line, _) => {
            format!("line {line} of this run is not a write in doubt")
        }
        NoSubject::None => "no write of this run is in doubt".into(),
        NoSubject::Several(all) => {
            let one = |(line, action): &(u64, ActionId)| {
                let name = manifest.action(*action).map_or_else(String::new, Action::full_name);
                format!("--line {line} ({name})")
            };
            let all: Vec<String> = all.iter().map(one).collect();
            format!("more than one write is in doubt; say which: {}", all.join(", "))
        }
    });
    found.map(|(line, _)| line).map_err(Trouble)
}

//! `playc cancel`: a person ends a run.

use serde_json::json;

use crate::cli::CancelArgs;
use crate::commands::api;
use crate::commands::run::all_ended;
use crate::commands::says::{self, There};
use crate::{Ended, Result, Trouble};

/// Runs it. What the run holds until a time ends then, by the next `playc run` on the store.
pub fn run(args: &CancelArgs) -> Result {
    if let Some(api) = &args.says.api {
        return api::decide(api, &args.run, "cancel", &args.says, json!({}));
    }
    if let Some(ended) = api::decide_by_store(&args.run, "cancel", &args.says, json!({}))? {
        return Ok(ended);
    }
    let there = There::find(&args.run, &args.says)?;
    if there.as_it_stands()?.state().is_over() {
        let what = "this run has ended already; what it did and is in force is taken back with `playc undo`";
        return Err(Trouble(what.into()));
    }
    let project = says::project(&args.says.place)?;
    let ((), finished) = there.speak(&args.says.place, project.as_ref(), |engine, load| {
        engine.cancel(&there.recorded.run, (&args.says.by, &args.says.because), load)
    })?;
    says::tell(&finished);
    let doubts = finished.iter().flat_map(|f| &f.in_doubt);
    for (line, action) in doubts {
        crate::output::out(&format!(
            "  line {line}: {action} is in doubt: say what became of it with `playc resolve`"
        ));
    }
    Ok(if all_ended(&finished) { Ended::Fine } else { Ended::Findings })
}

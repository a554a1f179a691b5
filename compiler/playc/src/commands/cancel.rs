//! `playc cancel`: a person ends a run.

use std::sync::Arc;

use play_engine::engine::{Engine, Setup};
use serde_json::json;

use crate::cli::CancelArgs;
use crate::commands::api;
use crate::commands::run::all_ended;
use crate::commands::says::{self, There, no_world};
use crate::runs;
use crate::{Ended, Result, Trouble};

/// Runs it. What the run holds until a time ends then, by the next `playc run` on the store.
pub fn run(args: &CancelArgs) -> Result {
    if let Some(api) = &args.says.api {
        return api::decide(api, &args.run, "cancel", &args.says, json!({}));
    }
    let there = There::find(&args.run, &args.says)?;
    if there.as_it_stands()?.state().is_over() {
        let what = "this run has ended already; what it did and is in force is taken back with `playc undo`";
        return Err(Trouble(what.into()));
    }
    let There { recorded, bytes, .. } = &there;
    let spec = says::world(&args.says.place, says::project(&args.says.place)?.as_ref())?;
    let pinned = spec.pin(Arc::clone(&there.artifact)).map_err(|why| no_world(&args.says.place, why))?;
    let store = args.says.place.store.writer()?;
    let closing = store.clone();
    let mut finished = runs::tokio()?.block_on(async {
        let setup =
            Setup { pinned, artifact: bytes.clone(), store, name: spec.engine(), runs: 1, parks: false };
        let mut engine = Engine::start(setup).await?;
        let load = |bytes: &[u8]| spec.pin(Arc::new(runs::decode(bytes)?));
        engine.cancel(&recorded.run, (&args.says.by, &args.says.because), &load)?;
        Ok::<_, Trouble>(engine.finish().await?)
    })?;
    closing.close()?;
    finished.retain(|f| f.run == recorded.run);
    says::tell(&finished);
    let doubts = finished.iter().flat_map(|f| &f.in_doubt);
    for (line, action) in doubts {
        crate::output::out(&format!(
            "  line {line}: {action} is in doubt: say what became of it with `playc resolve`"
        ));
    }
    Ok(if all_ended(&finished) { Ended::Fine } else { Ended::Findings })
}

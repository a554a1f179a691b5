//! `playc resolve`: a person says what became of a write in doubt.

use std::sync::Arc;

use play_engine::engine::{Engine, Setup};
use play_journal::Store;
use play_scheduler::replay::{Replay, replay};
use play_vm::Vm;

use crate::cli::ResolveArgs;
use crate::commands::run::{all_ended, state_words};
use crate::output::{self, Style, safe};
use crate::project::Project;
use crate::runs::{self, WorldSpec};
use crate::{Ended, Result, Trouble};

/// Runs it. The run goes on at once, in this process.
pub fn run(args: &ResolveArgs, _style: Style) -> Result {
    for (what, text) in [("--by", &args.by), ("--because", &args.because)] {
        if text.trim().is_empty() {
            return Err(Trouble(format!("{what} is empty: a decision carries who took it, and why")));
        }
    }
    let reader = runs::reader(&args.store)?;
    let recorded = runs::find(&reader, &args.run)?;
    let digest = recorded.artifact().ok_or_else(|| Trouble("its first line names no artifact".into()))?;
    let bytes =
        reader.artifact(&digest)?.ok_or_else(|| Trouble(format!("artifact {digest} is not in the store")))?;
    let artifact = Arc::new(runs::decode(&bytes).map_err(Trouble)?);
    let line = match args.line {
        Some(line) => line,
        None => the_one_in_doubt(&artifact, &digest, &recorded)?,
    };
    drop(reader);
    let project = args.project.as_deref().map(Project::read).transpose()?;
    let settings = project.as_ref().and_then(|p| Some((p.folder.as_path(), p.settings.as_deref()?)));
    let spec = WorldSpec::read(&args.world, settings)?;
    let pinned = spec.pin(artifact).map_err(Trouble)?;
    let done: Option<serde_json::Value> = match &args.done {
        Some(text) => {
            Some(serde_json::from_str(text).map_err(|e| Trouble(format!("--done: not JSON: {e}")))?)
        }
        None => None,
    };
    let store = Store::open(&args.store, play_journal::Options::default())?;
    let closing = store.clone();
    let finished = runs::tokio()?.block_on(async {
        let setup = Setup { pinned, artifact: bytes, store, name: spec.engine(), runs: 1 };
        let mut engine = Engine::start(setup).await?;
        let load = |bytes: &[u8]| spec.pin(Arc::new(runs::decode(bytes)?));
        engine.resolve(&recorded.run, line, done.as_ref(), &args.by, &args.because, &load).await?;
        Ok::<_, Trouble>(engine.finish().await?)
    })?;
    closing.close()?;
    for f in &finished {
        let (state, outcome, because) = state_words(&f.state);
        output::out(&format!("{}  {} {}  {}", f.case, state.replace('_', " "), outcome, safe(&because)));
    }
    Ok(if all_ended(&finished) { Ended::Fine } else { Ended::Findings })
}

fn the_one_in_doubt(
    artifact: &Arc<play_program::artifact::Artifact>,
    digest: &str,
    recorded: &runs::Recorded,
) -> Result<u64> {
    let manifest = Arc::new(artifact.manifest.clone());
    let vm = Vm::new(Arc::clone(artifact));
    let Replay::Identical { run, .. } = replay(&vm, &manifest, digest, &recorded.views()) else {
        return Err(Trouble("its record does not replay; see `playc replay`".into()));
    };
    // What a kill cut off is not marked yet; it will be in doubt as soon as the run is taken up.
    let mut doubts = run.in_doubt();
    doubts.extend(run.unresolved().into_iter().filter_map(|of| Some((of, run.action_of(of)?.0))));
    match doubts.as_slice() {
        [(line, _)] => Ok(*line),
        [] => Err(Trouble("no write of this run is in doubt".into())),
        many => {
            let all: Vec<String> = many
                .iter()
                .map(|(l, a)| {
                    let name =
                        manifest.action(*a).map_or_else(String::new, play_program::action::Action::full_name);
                    format!("--line {l} ({name})")
                })
                .collect();
            Err(Trouble(format!("more than one write is in doubt; say which: {}", all.join(", "))))
        }
    }
}

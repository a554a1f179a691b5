//! `playc event`: something has happened elsewhere, and runs that wait for it go on.

use std::sync::Arc;

use play_connect::records::{Unreadable, read_records};
use play_engine::arrival::Outcome;
use play_engine::engine::{Engine, Setup};
use play_engine::intake::{Record, found_text};
use play_evidence::display::defang;
use play_evidence::{J, ParsedLine};

use crate::cli::EventArgs;
use crate::commands::run::{all_ended, open};
use crate::commands::says;
use crate::output::{self, safe};
use crate::project::count;
use crate::runs;
use crate::{Ended, Result, Trouble};

/// Runs at a time.
const RUNS: usize = 64;

/// Runs it. Runs that wait for what has happened go on at once, in this process.
pub fn run(args: &EventArgs) -> Result {
    let reader = args.place.store.reader()?;
    let mut deployed = None;
    reader.for_each_line(&mut |chain, bytes| {
        if chain == "store"
            && let Ok(line) = ParsedLine::parse(bytes)
            && line.k == "store.deployed"
            && let Some(J::Str(artifact)) = line.field("artifact")
        {
            deployed = Some(artifact.clone());
        }
    })?;
    let digest = deployed
        .ok_or_else(|| Trouble("no program has been run on this store; begin with `playc run`".into()))?;
    let bytes =
        reader.artifact(&digest)?.ok_or_else(|| Trouble(format!("artifact {digest} is not in the store")))?;
    drop(reader);
    let artifact = Arc::new(runs::decode(&bytes).map_err(Trouble)?);
    let spec = says::world(&args.place, says::project(&args.place)?.as_ref())?;
    let pinned = spec.pin(artifact).map_err(Trouble)?;
    let (input, label) = open(&args.file)?;
    let store = args.place.store.writer()?;
    let closing = store.clone();
    let (wrong, finished) = runs::tokio()?.block_on(async {
        let setup = Setup { pinned, artifact: bytes, store, name: spec.engine(), runs: RUNS, parks: false };
        let mut engine = Engine::start(setup).await?;
        let load = |bytes: &[u8]| spec.pin(Arc::new(runs::decode(bytes)?));
        let (mut wrong, mut kept) = (0_usize, false);
        for record in read_records(input, args.pointer.as_deref()) {
            let pos = format!("{label}:{}", record.index.saturating_add(1));
            let outcome = match record.body {
                Ok(json) => engine.event(Record { pos: pos.clone(), raw: record.raw, json }).await?,
                Err(Unreadable { why, .. }) => {
                    wrong = wrong.saturating_add(1);
                    output::err(&format!("{pos}: not a record: {}", safe(&why)));
                    engine.unreadable(&pos, &why).await?;
                    continue;
                }
            };
            kept |= matches!(outcome, Outcome::Kept(_));
            wrong = wrong.saturating_add(usize::from(told(&pos, &outcome)));
        }
        let gone = engine.go_on(&load).await?;
        match gone.len() {
            0 if kept => output::out("no run waits for it; one that comes to wait for it finds it"),
            0 => {}
            n => output::out(&format!("{} waited for it", count(n, "run"))),
        }
        Ok::<_, Trouble>((wrong, engine.finish().await?))
    })?;
    closing.close()?;
    says::tell(&finished);
    Ok(if wrong == 0 && all_ended(&finished) { Ended::Fine } else { Ended::Findings })
}

/// Says what became of a record; whether that is a finding.
fn told(pos: &str, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Known => output::err(&format!("{pos}: has arrived before")),
        Outcome::Kept(calls) => {
            for call in calls {
                let (name, to) = call.split_once('(').unwrap_or((call, ")"));
                output::out(&format!("{pos}: {}({}", safe(name), defang(&safe(to))));
            }
        }
        Outcome::Other => {
            output::err(&format!("{pos}: no event of the program that was last run on this store"));
            return true;
        }
        Outcome::Unmapped { event, why } => {
            let (expected, found) = (safe(&why.expected), defang(&safe(&found_text(why))));
            output::err(&format!(
                "{pos}: `{event}`, but `{}` cannot be read at {}: {expected} expected, {found} found",
                safe(&why.field),
                safe(&why.path)
            ));
            return true;
        }
    }
    false
}

//! `playc event`: something has happened elsewhere, and runs that wait for it go on.

use std::sync::Arc;

use play_connect::records::{Unreadable, read_records};
use play_engine::arrival::Outcome;
use play_engine::engine::{Engine, EngineError, Setup};
use play_engine::intake::{Record, found_text};
use play_evidence::display::defang;
use play_evidence::{J, ParsedLine};
use serde_json::Value;

use crate::cli::EventArgs;
use crate::commands::run::{all_ended, open, read_aside};
use crate::commands::{api, says};
use crate::output::{self, safe};
use crate::project::count;
use crate::runs;
use crate::{Ended, Result, Trouble};

/// Runs at a time.
const RUNS: usize = 64;

/// Runs it. Runs that wait for what has happened go on at once: in this process, or where services share the store, in theirs.
pub fn run(args: &EventArgs) -> Result {
    if let Some(api) = &args.api {
        return by_api(args, api);
    }
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
    let (input, label) = open(&args.file)?;
    let beside = args.place.store.is_shared()?;
    let store = if beside { args.place.store.beside()? } else { args.place.store.writer()? };
    let closing = store.clone();
    let pinned = spec.pin(artifact).map_err(Trouble)?;
    let (wrong, finished) = runs::tokio()?.block_on(async {
        let setup = Setup {
            pinned,
            artifact: bytes,
            store,
            name: spec.engine(),
            runs: RUNS,
            parks: false,
            dry: false,
        };
        let mut engine = if beside { Engine::beside(setup)? } else { Engine::start(setup).await? };
        let load = |bytes: &[u8]| spec.pin(Arc::new(runs::decode(bytes)?));
        let (mut wrong, mut kept) = (0_usize, false);
        engine.attend(&load)?;
        let mut records = read_aside(input, args.pointer.clone());
        let (mut failed, noticed) = (engine.failed(), engine.noticed());
        loop {
            let record = tokio::select! {
                record = records.recv() => record,
                // Whoever feeds us may take long: what others write meanwhile does not pile up.
                () = noticed.notified(), if beside => {
                    engine.catch_up()?;
                    continue;
                }
                _ = failed.wait_for(|failed| *failed) => None,
            };
            let Some(record) = record else { break };
            let pos = record.place(&label);
            let outcome = match record.body {
                Ok(json) => {
                    let raw = of(args, record.raw, &json);
                    let taken = engine.event(Record { pos: pos.clone(), raw, json }, false).await;
                    taken.map_err(EngineError::from)?
                }
                Err(Unreadable { why, .. }) => {
                    wrong = wrong.saturating_add(1);
                    output::err(&format!("{pos}: not a record: {}", safe(&why)));
                    engine.unreadable(&pos, &why).await?;
                    continue;
                }
            };
            kept |= matches!(outcome, Outcome::Kept { .. });
            wrong = wrong.saturating_add(usize::from(told(&pos, &outcome)));
        }
        engine.flush_rejected().await?;
        let gone = engine.go_on(&load).await?;
        match gone.len() {
            0 if kept && beside => {
                output::out("the services that share the store tell the runs that wait for it")
            }
            0 if kept => output::out("no run waits for it; one that comes to wait for it finds it"),
            0 => {}
            n => output::out(&format!("{} waited for it", count(n, "run"))),
        }
        Ok::<_, Trouble>((wrong, engine.finish_beside(&load).await?))
    })?;
    closing.close()?;
    says::tell(&finished);
    Ok(if wrong == 0 && all_ended(&finished) { Ended::Fine } else { Ended::Findings })
}

/// What is kept of a record: the part that is the event.
fn of(args: &EventArgs, raw: Vec<u8>, json: &serde_json::Value) -> Vec<u8> {
    if args.pointer.is_some() { json.to_string().into_bytes() } else { raw }
}

/// Records that are sent to a service at a time, and how large they are together, in bytes, if there is more than one: it takes
/// 16 MiB at the most.
const AT_A_TIME: usize = 500;
const BYTES: usize = 4 << 20;

/// Brings the records to the service at `api`, whose runs go on there.
fn by_api(args: &EventArgs, api: &str) -> Result {
    let (input, label) = open(&args.file)?;
    let (mut wrong, mut waited) = (0_usize, 0_u64);
    let mut records = read_records(input, args.pointer.as_deref()).peekable();
    let runtime = runs::tokio()?;
    while records.peek().is_some() {
        let (mut sent, mut body) = (Vec::new(), Vec::new());
        while sent.len() < AT_A_TIME && body.len() < BYTES {
            let Some(record) = records.next() else { break };
            let pos = record.place(&label);
            match record.body {
                Ok(json) => {
                    body.extend(of(args, record.raw, &json));
                    body.push(b'\n');
                    sent.push(pos);
                }
                Err(Unreadable { why, .. }) => {
                    wrong = wrong.saturating_add(1);
                    output::err(&format!("{pos}: not a record: {}", safe(&why)));
                }
            }
        }
        if sent.is_empty() {
            continue;
        }
        let answer = runtime.block_on(api::post(api, &["api", "v1", "events"], body))?;
        let told = answer.get("records").and_then(Value::as_array).cloned().unwrap_or_default();
        if told.len() != sent.len() {
            let what = "the service did not say what became of each record; send the file again";
            return Err(Trouble(what.into()));
        }
        for (pos, told) in sent.iter().zip(&told) {
            wrong = wrong.saturating_add(usize::from(told_by_api(pos, told)));
            waited = waited.saturating_add(told.get("waited").and_then(Value::as_u64).unwrap_or(0));
        }
    }
    if waited > 0 {
        output::out(&format!(
            "{} waited for it",
            count(usize::try_from(waited).unwrap_or(usize::MAX), "run")
        ));
    }
    Ok(if wrong == 0 { Ended::Fine } else { Ended::Findings })
}

/// Says what a service made of a record; whether that is a finding.
fn told_by_api(pos: &str, told: &Value) -> bool {
    let text = |name: &str| safe(told.get(name).and_then(Value::as_str).unwrap_or_default());
    match text("outcome").as_str() {
        "known" => output::err(&format!("{pos}: has arrived before")),
        "kept" => {
            let calls = told.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
            calls.iter().filter_map(Value::as_str).for_each(|call| show(pos, call));
            if told.get("waited").and_then(Value::as_u64) == Some(0) {
                output::out(&format!("{pos}: no run waits for it; one that comes to wait for it finds it"));
            }
        }
        "unmapped" => {
            output::err(&format!(
                "{pos}: `{}`, but `{}` cannot be read at {}: {} expected, {} found",
                text("event"),
                text("field"),
                text("path"),
                text("expected"),
                defang(&text("found"))
            ));
            return true;
        }
        _ => {
            output::err(&format!("{pos}: no event of the program that the service runs"));
            return true;
        }
    }
    false
}

fn show(pos: &str, call: &str) {
    let (name, to) = call.split_once('(').unwrap_or((call, ")"));
    output::out(&format!("{pos}: {}({}", safe(name), defang(&safe(to))));
}

/// Says what became of a record; whether that is a finding.
fn told(pos: &str, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Known => output::err(&format!("{pos}: has arrived before")),
        Outcome::Kept { calls, .. } => {
            calls.iter().for_each(|call| show(pos, call));
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

//! Durable steps: writes of runs that do nothing. Each leaves once its intent is durable, together with the result of the one before.
//! So a step takes from one request of a run to its next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use play_connect::Reply;
use play_engine::intake::Record;
use play_engine::world::{Replying, Targets};
use play_engine::{Engine, Setup};
use play_journal::Journal;
use play_program::action::{Action, Connector, Request};

use crate::compiled::Compiled;
use crate::cpu::Cpu;
use crate::figures::{Figures, at, million, rate};
use crate::plain::Plain;
use crate::{AT_ONCE, Floor, Outcome};

/// Steps of a run.
const WRITES: usize = 20;

/// Everything is done at once, and answered with these bytes.
struct Inside {
    body: &'static [u8],
    seen: Mutex<Seen>,
}

/// What a target answers: nothing, or as much as one mostly does, which is kept.
const ANSWERS: [(&str, &str, &[u8]); 2] = [
    ("a write that does nothing", "steps", b""),
    (
        "the same, each answered with a body that is kept",
        "answered_steps",
        br#"{"id":"m-0000000001","state":"accepted","at":"2026-11-20T12:00:00Z","to":[{"name":"on-call","via":"chat"}]}"#,
    ),
];

#[derive(Default)]
struct Seen {
    /// When the last request of each run came.
    last: HashMap<String, Instant>,
    taken: Vec<Duration>,
    requests: usize,
}

impl Targets for Inside {
    fn send<'a>(
        &'a self,
        _: &'a Connector,
        _: &'a Action,
        request: &'a Request,
        _: Option<&'a str>,
        _: Duration,
    ) -> Replying<'a> {
        let now = Instant::now();
        let host = request.body.as_ref().and_then(|body| body.get("host")?.as_str());
        let run = host.unwrap_or_default().to_string();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.requests += 1;
        if let Some(before) = seen.last.insert(run, now) {
            seen.taken.push(now.duration_since(before));
        }
        Box::pin(async { Reply::Answered { status: 204, body: self.body.to_vec(), ms: 0 } })
    }
}

/// All of it, on a store that is opened for each.
pub fn table(
    open: impl Fn() -> Outcome<Arc<dyn Journal>>,
    time: Duration,
    (floor, plain): (Floor, &Plain),
    (place, figures): (&str, &mut Figures),
) -> Outcome<()> {
    let program = Compiled::new(WRITES)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).enable_all().build()?;
    for (what, name, body) in ANSWERS {
        println!("steps of runs: {what}, {WRITES} in each run one after the other");
        println!(
            "   runs   steps/s   lines/s   to the disk's syncs/s   p50 ms   p99 ms   p50 to the disk's   to a plain commit's   CPU µs a step: engine, journal"
        );
        for runs in AT_ONCE {
            let store = open()?;
            let targets = Arc::new(Inside { body, seen: Mutex::default() });
            // The start is no part of a step: it reads what earlier rows, and earlier runs of the benchmark, have written.
            let engine = runtime.block_on(on(&program, &store, &targets, runs))?;
            let before = lines(&*store)?;
            let (began, cpu) = (Instant::now(), Cpu::now());
            runtime.block_on(driven(engine, (name, runs), time))?;
            let (took, cpu) = (began.elapsed(), Cpu::now().since(cpu));
            let lines = rate(lines(&*store)? - before, took);
            store.close()?;
            let seen = std::mem::take(&mut *targets.seen.lock().unwrap_or_else(PoisonError::into_inner));
            let (rate, half, most) = (rate(seen.requests, took), at(&seen.taken, 50), at(&seen.taken, 99));
            let (faster, slower) = (rate / floor.rate, half / floor.half);
            let more = half / plain.half(runs);
            let (engine, journal) = cpu.micros_each(seen.requests);
            println!(
                "{runs:>7} {rate:>9.0} {lines:>9.0} {faster:>23.2} {half:>8.3} {most:>8.3} {slower:>19.2} {more:>20.2} {engine:>23.1} {journal:>8.1}"
            );
            let mut put = |what: &str, value| figures.put(&format!("{place}.{name}.{runs}.{what}"), value);
            put("per_s", rate)?;
            put("lines_per_s", lines)?;
            put("per_s_to_disk", faster)?;
            put("p50_ms", half)?;
            put("p99_ms", most)?;
            put("p50_to_disk", slower)?;
            put("p50_to_plain", more)?;
            put("engine_cpu_us", engine)?;
            put("journal_cpu_us", journal)?;
        }
    }
    let (store, began) = (open()?, Instant::now());
    let targets = Arc::new(Inside { body: b"", seen: Mutex::default() });
    runtime.block_on(started(&program, &store, &targets))?;
    let (took, lines) = (began.elapsed(), lines(&*store)?);
    store.close()?;
    let took = million(took, lines);
    println!("an engine starts on it: {took:.2} s for each million of {lines} lines");
    figures.put(&format!("{place}.recovered_s_per_million_lines"), took)
}

fn lines(store: &dyn Journal) -> Outcome<usize> {
    let lines: u64 = store.heads()?.values().map(|head| head.next_seq).sum();
    Ok(usize::try_from(lines)?)
}

async fn started(program: &Compiled, store: &Arc<dyn Journal>, targets: &Arc<Inside>) -> Outcome<Engine> {
    on(program, store, targets, 1).await
}

async fn on(
    program: &Compiled,
    store: &Arc<dyn Journal>,
    targets: &Arc<Inside>,
    runs: usize,
) -> Outcome<Engine> {
    let at: Arc<dyn Targets> = Arc::clone(targets) as _;
    let setup = Setup {
        pinned: program.pinned(at),
        artifact: program.bytes.clone(),
        store: Arc::clone(store),
        name: "bench".into(),
        runs,
        parks: false,
        dry: false,
    };
    let mut engine = Engine::start(setup).await?;
    let load = |_: &[u8]| Ok(program.pinned(Arc::clone(targets) as _));
    if let Some((run, why)) = engine.recover(&load).await?.stuck.first() {
        return Err(format!("{run}: {why}").into());
    }
    Ok(engine)
}

/// So many runs at a time, new ones as others end, until the time is over.
async fn driven(mut engine: Engine, (name, runs): (&str, usize), time: Duration) -> Outcome<()> {
    let began = Instant::now();
    let mut n = 0_usize;
    while began.elapsed() < time {
        let json = serde_json::json!({ "host": format!("{name}-{runs}-{n}") });
        let record = Record { pos: format!("{name}:{runs}:{n}"), raw: json.to_string().into_bytes(), json };
        engine.take(None, record).await?;
        n += 1;
    }
    engine.finish().await?;
    Ok(())
}

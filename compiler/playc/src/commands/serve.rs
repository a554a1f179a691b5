//! `playc serve`: sources, engine and API, until it is told to end.

use std::sync::Arc;

use play_diagnostics::suggest;
use play_engine::engine::{Engine, Pinned, Setup};
use play_journal::{Journal, JournalRead};
use play_serve::log::{Field, log};
use play_serve::page::{Page, Unlisted, Wanted};
use play_serve::{Config, LEAVING, STOP_WAITS, Stopped, Views};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::ServeArgs;
use crate::commands::{other_project, says, status, trace};
use crate::configured;
use crate::output::Style;
use crate::project::Project;
use crate::runs::{self, WorldSpec};
use crate::{Ended, Result, Trouble};

/// Runs under way at a time; those that only wait are not among them.
const RUNS: usize = 1024;

/// Runs it.
pub fn run(args: &ServeArgs, style: Style) -> Result {
    let project = Project::read(&args.path)?;
    project.warn_of_settings_beside();
    let Some(compiled) = project.compile(style)? else { return Ok(Ended::Findings) };
    let artifact = compiled.artifact;
    let spec = WorldSpec::read(&args.world, project.settings_file())?;
    let values = configured::values(&compiled.program, args.env.as_deref(), args.world.config.as_deref())?;
    let sources: Vec<String> = artifact.manifest.sources.iter().map(|s| s.name.clone()).collect();
    let names: Vec<&str> = sources.iter().map(String::as_str).collect();
    // What is wrong with connectors and with [serve] is said at once.
    let (mut config, pinned) =
        match (Config::read(&spec.settings(), &names, &near), spec.pin(Arc::clone(&artifact))) {
            (Ok(config), Ok(pinned)) => (config, pinned),
            (config, pinned) => {
                let all = config.err().unwrap_or_default().into_iter().chain(pinned.err());
                return Err(Trouble(all.collect::<Vec<_>>().join("\n")));
            }
        };
    let pinned = Pinned { config: values, autonomy: compiled.program.autonomy.clone(), ..pinned };
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    let roles = project.settings.as_deref().map(says::roles).unwrap_or_default();
    let store = if spec.shares() { args.store.shared()? } else { args.store.writer()? };
    let closing = store.clone();
    other_project::warn(&*store, &artifact.manifest)?;
    runs::tokio()?.block_on(async {
        let reader: Arc<dyn JournalRead> = store.clone();
        let journal = store.clone();
        // Before anything is taken up: whoever cannot be reached need not begin.
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|e| Trouble(format!("{} cannot be listened on: {e}", config.listen)))?;
        let name = spec.engine();
        let setup =
            Setup { pinned, artifact: artifact.encode(), store, name, runs: RUNS, parks: true, dry: false };
        let mut engine = Engine::start(setup).await?;
        engine.keep_free(spec.reserve());
        engine.deploy().await?;
        if let Some(few) = spec.scarce() {
            let count = |n: usize| Field::Count(n as u64);
            let open_files = Field::Count(few.limited_by.unwrap_or_default());
            log("few_requests", &[("at_once", count(few.most)), ("open_files", open_files)]);
        }
        let spec = Arc::new(spec);
        let load = move |bytes: &[u8]| spec.pin(Arc::new(runs::decode(bytes)?));
        let recovered = engine.recover(&load).await?;
        for (run, _) in &recovered.stuck {
            log("run_stuck", &[("run", Field::Id(run))]);
        }
        let count = |list: &[String]| Field::Count(list.len() as u64);
        log(
            "recovered",
            &[
                ("resumed", count(&recovered.resumed)),
                ("resting", Field::Count(recovered.resting.len() as u64)),
                ("waiting", count(&recovered.waiting)),
                ("held", count(&recovered.held)),
                ("in_doubt", count(&recovered.parked)),
            ],
        );
        let stop = stop()?;
        let address = listener.local_addr()?.to_string();
        log("listening", &[("address", Field::Id(&address))]);
        let setup = play_serve::Setup {
            config,
            engine,
            resting: recovered.resting,
            load: Box::new(load),
            sources,
            roles,
            reader,
            journal,
            views: Arc::new(Shown),
        };
        let ended = match play_serve::run(setup, listener, stop).await? {
            Stopped::Gently => Ended::Fine,
            Stopped::CutOff => Ended::Findings,
            Stopped::Waits => killed(),
        };
        leave(closing).await?;
        Ok::<_, Trouble>(ended)
    })
}

/// Gives the store back, unless that takes too long: the lease is over by itself soon.
async fn leave(store: Arc<dyn Journal>) -> Result<()> {
    let closing = Arc::clone(&store);
    let closed = tokio::task::spawn_blocking(move || closing.close());
    match tokio::time::timeout(LEAVING, closed).await {
        Ok(closed) => Ok(closed??),
        Err(_) => {
            play_serve::say_what_it_waits_for(STOP_WAITS, store).await;
            killed()
        }
    }
}

/// What waits for the store would keep the process: it ends as one that is killed, which loses nothing.
fn killed() -> ! {
    std::process::exit(1)
}

/// The setting or source that was likely meant.
pub(super) fn near(name: &str, known: &[&str]) -> Option<String> {
    suggest::closest(name, known.iter().copied()).map(str::to_string)
}

/// Resolves when somebody ends the process: from a terminal, or as a service manager does.
fn stop() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// What the API shows: the same that the commands print.
struct Shown;

impl Views for Shown {
    fn status(&self, store: &dyn JournalRead, wanted: &Wanted) -> std::result::Result<Page, Unlisted> {
        status::listed(store, wanted)
    }

    fn cases(&self, store: &dyn JournalRead, wanted: &Wanted) -> std::result::Result<Page, Unlisted> {
        trace::listed(store, wanted)
    }
}

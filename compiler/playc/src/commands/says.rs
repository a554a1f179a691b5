//! What the commands share by which somebody says something to a run: `answer`, `approve`, `deny`, `resolve`, `undo`.

use std::sync::Arc;

use play_engine::engine::{Engine, EngineError, Finished, Setup};
use play_engine::person::Roles;
use play_engine::recover::Load;
use play_program::artifact::Artifact;
use play_scheduler::Run;
use play_scheduler::ids::sha256_hex;
use play_scheduler::replay::{Replay, replay};
use play_vm::Vm;

use crate::cli::{PlaceArgs, SaysArgs};
use crate::commands::run::{kept_by, state_words, waits_for};
use crate::output::{self, safe};
use crate::project::Project;
use crate::runs::{self, Recorded, WorldSpec};
use crate::{Result, Trouble};

/// A decision says who took it, and why.
pub fn is_signed(by: &str, because: &str) -> Result<()> {
    for (what, text) in [("--by", by), ("--because", because)] {
        if text.trim().is_empty() {
            return Err(Trouble(format!("{what} is empty: a decision carries who took it, and why")));
        }
    }
    Ok(())
}

/// The run that somebody speaks to, and its program.
pub struct There {
    /// Its lines.
    pub recorded: Recorded,
    /// Digest of its artifact.
    pub digest: String,
    /// The artifact as it is stored.
    pub bytes: Vec<u8>,
    /// And read.
    pub artifact: Arc<Artifact>,
}

impl There {
    /// Finds it.
    pub fn find(run: &str, args: &SaysArgs) -> Result<Self> {
        is_signed(&args.by, &args.because)?;
        let reader = args.place.store.reader()?;
        let recorded = runs::find(&*reader, run)?;
        let digest = recorded.artifact().ok_or_else(|| Trouble("its first line names no artifact".into()))?;
        let bytes = reader
            .artifact(&digest)?
            .ok_or_else(|| Trouble(format!("artifact {digest} is not in the store")))?;
        let artifact = Arc::new(runs::decode(&bytes).map_err(Trouble)?);
        Ok(Self { recorded, digest, bytes, artifact })
    }

    /// Says something to the run, which goes on at once, by an engine of this process: what was heard, and how the run stands
    /// then.
    pub fn speak<T>(
        &self,
        args: &PlaceArgs,
        project: Option<&Project>,
        say: impl FnOnce(&mut Engine, &Load<'_>) -> std::result::Result<T, EngineError>,
    ) -> Result<(T, Vec<Finished>)> {
        let spec = WorldSpec::read(&args.world, project.and_then(Project::settings_file))?;
        // Where somebody else has the store, no settings are of use.
        let store = args.store.writer()?;
        let closing = store.clone();
        let pinned = spec.pin(Arc::clone(&self.artifact)).map_err(|why| no_world(args, why))?;
        let (heard, mut finished) = runs::tokio()?.block_on(async {
            let artifact = self.bytes.clone();
            let setup =
                Setup { pinned, artifact, store, name: spec.engine(), runs: 1, parks: false, dry: false };
            let mut engine = Engine::start(setup).await?;
            let load = |bytes: &[u8]| spec.pin(Arc::new(runs::decode(bytes)?));
            let heard = say(&mut engine, &load)?;
            Ok::<_, Trouble>((heard, engine.finish().await?))
        })?;
        closing.close()?;
        finished.retain(|f| f.run == self.recorded.run);
        Ok((heard, finished))
    }

    /// The run, decided again from its record.
    pub fn as_it_stands(&self) -> Result<Box<Run>> {
        let manifest = Arc::new(self.artifact.manifest.clone());
        let vm = Vm::new(Arc::clone(&self.artifact));
        match replay(&vm, &manifest, &self.digest, &self.recorded.views()) {
            Replay::Identical { run, .. } => Ok(run),
            _ => Err(Trouble("its record does not replay; see `playc replay`".into())),
        }
    }
}

/// The project whose settings count, if one is named.
pub fn project(args: &PlaceArgs) -> Result<Option<Project>> {
    args.project.as_deref().map(Project::read).transpose()
}

/// Where the answers come from that a run gets from now on.
pub fn world(args: &PlaceArgs, project: Option<&Project>) -> Result<WorldSpec> {
    WorldSpec::read(&args.world, project.and_then(Project::settings_file))
}

/// Why there is no world for a run, and what to say to have one.
pub fn no_world(args: &PlaceArgs, why: String) -> Trouble {
    match (&args.world.stub, &args.project) {
        (None, None) => Trouble(format!(
            "{why}\nthe run itself knows no settings: name its project, whose play.toml has them, with --project DIR"
        )),
        _ => Trouble(why),
    }
}

/// How the run stands now.
pub fn tell(finished: &[Finished]) {
    for f in finished {
        let (state, outcome, because) = state_words(&f.state);
        output::out(&format!(
            "{}  {} {}  {}",
            f.case,
            state.replace('_', " "),
            safe(&outcome),
            safe(&because)
        ));
        for wait in &f.waits {
            output::out(&format!("  waits {}, until {:.0}", waits_for(wait), wait.until));
        }
        for (line, action) in &f.held_back {
            output::out(&format!("  line {line}: {} is held: the store is paused", safe(action)));
        }
        for (wait, known) in &f.kept {
            output::out(&format!(
                "  line {}: {} is kept: {}",
                wait.of,
                safe(&wait.what),
                kept_by(known.as_ref())
            ));
        }
        for (line, action, why) in &f.not_taken_back {
            output::out(&format!("  line {line}: {} is not taken back: {}", safe(action), safe(why)));
        }
    }
}

/// Who has which role, by the text of a `play.toml`.
pub fn roles(settings: &str) -> Roles {
    let (manifest, _) = play_check::manifest::read(0, settings);
    let members = manifest.roles.into_iter().map(|r| (r.name, r.members)).collect();
    Roles { members, settings: Some(sha256_hex(settings.as_bytes())) }
}

//! What the commands about runs share: finding a run, its lines, its program, its world.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use play_connect::descriptors::{self, Requests};
use play_connect::{Circuits, Settings, Transport};
use play_engine::engine::Pinned;
use play_engine::world::{Answers, World};
use play_evidence::{J, ParsedLine};
use play_journal::JournalRead;
use play_program::Value;
use play_program::artifact::{Artifact, Manifest};
use play_scheduler::register::Register;
use play_vm::Vm;
use tokio::sync::Semaphore;

use crate::cli::WorldArgs;
use crate::project::COMPILER;
use crate::{Result, Trouble};

/// Places for requests that are under way, over all connectors and versions of the program, and how many these are. Who asks first
/// raises what the system lets the process have open.
fn requests() -> &'static (Arc<Semaphore>, Requests) {
    static PLACES: OnceLock<(Arc<Semaphore>, Requests)> = OnceLock::new();
    PLACES.get_or_init(|| {
        let requests = descriptors::requests();
        (Arc::new(Semaphore::new(requests.most)), requests)
    })
}

/// What is in force in a store.
pub fn register(reader: &dyn JournalRead) -> Result<Register> {
    let mut register = Register::default();
    reader.for_each_line(&mut |_, bytes| {
        // What cannot be read is found by whoever verifies.
        if Register::concerns(bytes)
            && let Ok(line) = ParsedLine::parse(bytes)
        {
            register.take(&line);
        }
    })?;
    Ok(register)
}

/// The lines of one run.
pub struct Recorded {
    /// Name of the run.
    pub run: String,
    /// Its lines, each with its newline.
    pub lines: Vec<Vec<u8>>,
}

impl Recorded {
    /// Views of the lines.
    pub fn views(&self) -> Vec<&[u8]> {
        self.lines.iter().map(Vec::as_slice).collect()
    }

    /// Digest of the artifact that it was opened by.
    pub fn artifact(&self) -> Option<String> {
        let first = ParsedLine::parse(self.lines.first()?).ok()?;
        match first.field("artifact")? {
            J::Str(s) => Some(s.clone()),
            _ => None,
        }
    }
}

/// Finds a run by its name, its case, or the beginning of either.
pub fn find(reader: &dyn JournalRead, wanted: &str) -> Result<Recorded> {
    let runs = reader.runs()?;
    let lower = wanted.to_lowercase();
    let fits: Vec<&String> = runs
        .iter()
        .filter(|r| r.starts_with(&lower) || case_of(r).to_lowercase().starts_with(&lower))
        .collect();
    match fits.as_slice() {
        [] => Err(Trouble(format!(
            "no run or case of this store begins with `{wanted}`; `playc trace list` lists them"
        ))),
        [one] => Ok(Recorded { run: (*one).clone(), lines: reader.lines_of(one)? }),
        [first, second, ..] => Err(Trouble(format!(
            "`{wanted}` is the beginning of {} runs, {first} and {second} among them; write more of it",
            fits.len()
        ))),
    }
}

fn case_of(run: &str) -> String {
    play_scheduler::ids::case_id(run)
}

/// The lines of an exported file.
pub fn from_file(path: &Path) -> Result<Recorded> {
    let bytes = std::fs::read(path).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
    let lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let run = lines.first().and_then(|l| ParsedLine::parse(l).ok()).map(|l| l.run).unwrap_or_default();
    Ok(Recorded { run, lines })
}

/// Reads an artifact.
pub fn decode(bytes: &[u8]) -> std::result::Result<Artifact, String> {
    Artifact::decode(bytes).map_err(|e| format!("the artifact cannot be read: {e}"))
}

/// A program, ready to decide what a run was given.
pub struct Loaded {
    /// What decides.
    pub vm: Vm,
    /// What it is made of.
    pub manifest: Arc<Manifest>,
    /// Digest of its artifact.
    pub digest: String,
}

impl Loaded {
    /// Out of the artifact with this digest.
    pub fn new(artifact: Arc<Artifact>, digest: String) -> Self {
        let manifest = Arc::new(artifact.manifest.clone());
        Self { vm: Vm::new(artifact), manifest, digest }
    }
}

/// Programs by the digests of their artifacts. Runs of one store mostly share one: each is loaded once.
#[derive(Default)]
pub struct Programs(BTreeMap<String, Option<Loaded>>);

impl Programs {
    /// One that is there already.
    pub fn of(program: Loaded) -> Self {
        Self(BTreeMap::from([(program.digest.clone(), Some(program))]))
    }

    /// The program of a digest; its artifact is asked for where it is not known yet. `None` where there is none, or none that can be
    /// read.
    ///
    /// # Errors
    /// Where the artifact cannot be asked for.
    pub fn get<E>(
        &mut self,
        digest: &str,
        artifact: impl FnOnce() -> std::result::Result<Option<Vec<u8>>, E>,
    ) -> std::result::Result<Option<&Loaded>, E> {
        if !self.0.contains_key(digest) {
            let read = artifact()?.and_then(|bytes| decode(&bytes).ok());
            let program = read.map(|artifact| Loaded::new(Arc::new(artifact), digest.to_string()));
            self.0.insert(digest.to_string(), program);
        }
        Ok(self.0.get(digest).and_then(Option::as_ref))
    }
}

/// Where answers come from, by the command line and `play.toml`.
pub struct WorldSpec {
    stubs: Option<(String, String)>,
    settings: Vec<(String, String)>,
}

/// Makes sure that somebody reads each table of a file of settings.
fn known_tables(path: &Path, text: &str) -> Result<()> {
    let (_, findings) = play_check::manifest::read_settings(text);
    if findings.is_empty() {
        return Ok(());
    }
    Err(Trouble(said_of(path, text, &findings)))
}

/// What is wrong with a file that is no part of the project, a line each.
pub fn said_of(path: &Path, text: &str, findings: &[play_diagnostics::Diagnostic]) -> String {
    let line = |at: u32| text.bytes().take(at as usize).filter(|b| *b == b'\n').count().saturating_add(1);
    let say = |f: &play_diagnostics::Diagnostic| {
        let help = f.help.as_ref().map_or_else(String::new, |help| format!(". {help}"));
        format!("{}:{}: {}{help}", path.display(), line(f.place().start), f.message)
    };
    findings.iter().map(say).collect::<Vec<_>>().join("\n")
}

impl WorldSpec {
    /// Reads the files that it names.
    pub fn read(args: &WorldArgs, project: Option<(&Path, &str)>) -> Result<Self> {
        let read = |path: &Path| -> Result<(String, String)> {
            let text =
                std::fs::read_to_string(path).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
            Ok((path.display().to_string(), text))
        };
        let stubs = args.stub.as_deref().map(read).transpose()?;
        let mut settings = Vec::new();
        if let Some((folder, text)) = project {
            settings.push((folder.join("play.toml").display().to_string(), text.to_string()));
        }
        if let Some(path) = &args.config {
            known_tables(path, &read(path)?.1)?;
            settings.push(read(path)?);
        }
        Ok(Self { stubs, settings })
    }

    /// The file of answers: name and text.
    pub fn stubs(&self) -> Option<(&str, &str)> {
        self.stubs.as_ref().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The files of settings: name and text.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        self.settings.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect()
    }

    /// Bytes of the disk that records leave to the runs: as the last file says that does.
    pub fn reserve(&self) -> u64 {
        let mut said =
            self.settings.iter().filter_map(|(_, text)| play_check::manifest::read(0, text).0.reserve);
        said.next_back().unwrap_or(play_engine::room::RESERVE)
    }

    /// Whether a service leaves room for others at its store: as the last file says that does.
    pub fn shares(&self) -> bool {
        let mut said =
            self.settings.iter().filter_map(|(_, text)| play_check::manifest::read(0, text).0.share);
        said.next_back().unwrap_or(false)
    }

    /// The engine's name in the evidence: it says whether the answers were stubs.
    pub fn engine(&self) -> String {
        let stubs = if self.stubs.is_some() { play_engine::engine::ON_STUBS } else { "" };
        format!("{COMPILER}{stubs}")
    }

    /// How many requests may be under way, where requests leave and there could be more.
    pub fn scarce(&self) -> Option<Requests> {
        if self.stubs.is_some() {
            return None;
        }
        Some(requests().1).filter(|requests| requests.limited_by.is_some())
    }

    /// The world for one program. Actions are known by name in the files, by index in a program.
    pub fn build(&self, manifest: &Manifest) -> std::result::Result<World, String> {
        if let Some((name, text)) = &self.stubs {
            let stubs = play_connect::stubs::parse(text, manifest).map_err(|errors| {
                errors.iter().map(|e| format!("{name}: {e}")).collect::<Vec<_>>().join("\n")
            })?;
            return Ok(World::Stubs(Answers::new(stubs)));
        }
        let settings = Settings::load(&self.settings(), &manifest.connectors).map_err(|errors| {
            let mut lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            lines.push("give them in play.toml or with --config FILE, or answer with --stub FILE".into());
            lines.join("\n")
        })?;
        let transport = Transport::new().map_err(|e| e.to_string())?;
        Ok(World::Http {
            transport,
            settings,
            slots: Arc::clone(&requests().0),
            circuits: Circuits::default(),
        })
    }

    /// A program out of an artifact, with its world.
    pub fn pin(&self, artifact: Arc<Artifact>) -> std::result::Result<Pinned, String> {
        let manifest = Arc::new(artifact.manifest.clone());
        let world = self.build(&manifest)?;
        // What runs rest on that were opened before is in their record; who opens new ones says what they rest on.
        let config = vec![Value::None; manifest.config_len()];
        Ok(Pinned {
            program: Arc::new(Vm::new(artifact)),
            manifest,
            world,
            config,
            supply: Mutex::default(),
            autonomy: Vec::new(),
        })
    }
}

/// Stack of a thread that steps runs: the deepest playbook that an artifact may hold fits, in development builds too.
const STACK: usize = 16 << 20;

/// A runtime for the commands that run things.
pub fn tokio() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build()?)
}

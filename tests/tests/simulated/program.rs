//! The playbooks, compiled once: by two versions of the compiler, so that runs are pinned to one or the other.

use std::sync::{Arc, Mutex, OnceLock};

use jiff::SignedDuration;
use play_check::{Input, check};
use play_engine::World;
use play_engine::engine::Pinned;
use play_engine::world::Targets;
use play_program::Value;
use play_program::artifact::{Artifact, Manifest, SourceFile};
use play_program::autonomy::Autonomy;
use play_vm::Vm;

use super::campaign::Planted;

/// A version of the program.
pub struct Version {
    pub artifact: Arc<Artifact>,
    pub bytes: Vec<u8>,
}

/// All versions.
pub fn versions() -> &'static [Version] {
    static ALL: OnceLock<Vec<Version>> = OnceLock::new();
    ALL.get_or_init(|| COMPILERS.map(|compiler| compiled(compiler, None)).into())
}

/// What their compilers are called.
const COMPILERS: [&str; 2] = ["first", "second"];

/// What runs in place of a version, where something is planted that has another program run than the evidence names.
fn run_instead(version: &Version, planted: Planted) -> Option<&'static Version> {
    static ALL: [OnceLock<Vec<Version>>; 3] = [const { OnceLock::new() }; 3];
    let (all, other) = match planted {
        Planted::CountsTooFar => (&ALL[0], ("limit 3 per 1h", "limit 30 per 1h")),
        Planted::OneIsEnough => (&ALL[1], ("approval from 2 of role.lead", "approval from role.lead")),
        Planted::DecidesOtherwise => (&ALL[2], ("allow when case.n < 8", "allow when case.n < 5")),
        _ => return None,
    };
    let all = all.get_or_init(|| COMPILERS.map(|compiler| compiled(compiler, Some(other))).into());
    versions().iter().zip(all).find(|(own, _)| own.bytes == version.bytes).map(|(_, other)| other)
}

fn compiled(compiler: &str, other: Option<(&str, &str)>) -> Version {
    let mut text = include_str!("playbooks.play").to_string();
    if let Some((from, to)) = other {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let files = vec![SourceFile { path: "playbooks.play".into(), text }];
    let checked = check(&Input { project: "simulated".into(), files }, &|_| None);
    let Some(program) = checked.program else {
        let style = play_diagnostics::text::Style::default();
        panic!("{}", play_diagnostics::text::render(&checked.diagnostics, &checked.files, style));
    };
    let bytes = play_codegen::compile(&program, compiler).unwrap().encode();
    Version { artifact: Arc::new(Artifact::decode(&bytes).unwrap()), bytes }
}

/// A version in its world.
pub fn pin(version: &Version, targets: Arc<dyn Targets>, planted: Planted) -> Pinned {
    let version = run_instead(version, planted).unwrap_or(version);
    let manifest = Arc::new(version.artifact.manifest.clone());
    Pinned {
        program: Arc::new(Vm::new(Arc::clone(&version.artifact))),
        config: vec![Value::None; manifest.config_len()],
        manifest,
        world: World::Inside(targets),
        supply: Mutex::default(),
        autonomy: version.artifact.manifest.playbooks.iter().map(|p| driven(&p.name, planted)).collect(),
    }
}

/// How the runs of a playbook are driven.
fn driven(playbook: &str, planted: Planted) -> Autonomy {
    match playbook {
        "shadowed" if planted != Planted::ShadowActs => Autonomy::Shadow,
        "watched" if planted != Planted::NobodyWatches => {
            Autonomy::Supervised { from: "role.lead".into(), within: SignedDuration::from_mins(50) }
        }
        _ => Autonomy::Automatic,
    }
}

/// The version with these bytes.
pub fn by_bytes(bytes: &[u8]) -> Result<&'static Version, String> {
    versions().iter().find(|v| v.bytes == bytes).ok_or_else(|| "there is no such version".into())
}

/// The version with this digest.
pub fn by_digest(digest: &str) -> Option<(&'static Version, Arc<Manifest>)> {
    let version = versions().iter().find(|v| play_scheduler::ids::sha256_hex(&v.bytes) == digest)?;
    Some((version, Arc::new(version.artifact.manifest.clone())))
}

//! A playbook of so many writes one after the other, compiled.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use play_check::{Input, check};
use play_engine::World;
use play_engine::engine::Pinned;
use play_engine::world::Targets;
use play_program::Value;
use play_program::artifact::{Artifact, SourceFile};
use play_vm::Vm;

use crate::Outcome;

const HEAD: &str = r#"
case Alert { host: String }
source s from feed("bench") -> Alert {
  map { host = payload.host as String? }
}
connector x {
  config { base_url: Url }
  write tell(host: String, n: Int) -> Unit
    POST "/tell" json { host: host, n: n }
    expect 204
    class notify
}
queue tier1
playbook acts for Alert {
"#;

/// A program, and its bytes.
pub struct Compiled {
    artifact: Arc<Artifact>,
    pub bytes: Vec<u8>,
}

impl Compiled {
    /// With so many writes.
    pub fn new(writes: usize) -> Outcome<Self> {
        let mut text = HEAD.to_string();
        for n in 0..writes {
            writeln!(
                text,
                "  do x.tell(case.host, {n}) else hand over to queue.tier1 because \"it was not told\""
            )?;
        }
        text.push_str("  close FalsePositive because \"all was told\"\n}\n");
        let files = vec![SourceFile { path: "bench.play".into(), text }];
        let checked = check(&Input { project: "bench".into(), files }, &|_| None);
        let Some(program) = checked.program else {
            let style = play_diagnostics::text::Style::default();
            return Err(play_diagnostics::text::render(&checked.diagnostics, &checked.files, style).into());
        };
        let bytes = play_codegen::compile(&program, "bench").map_err(|e| format!("{e:?}"))?.encode();
        let artifact = Arc::new(Artifact::decode(&bytes).map_err(|e| format!("{e:?}"))?);
        Ok(Self { artifact, bytes })
    }

    /// In front of targets.
    pub fn pinned(&self, targets: Arc<dyn Targets>) -> Pinned {
        let manifest = Arc::new(self.artifact.manifest.clone());
        Pinned {
            program: Arc::new(Vm::new(Arc::clone(&self.artifact))),
            config: vec![Value::None; manifest.config_len()],
            manifest,
            world: World::Inside(targets),
            supply: Mutex::default(),
            autonomy: Vec::new(),
        }
    }
}

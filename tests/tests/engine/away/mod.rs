//! An engine in this process, on a store that is out of reach for what the test says, and targets that do all they are told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use play_check::{Input, check};
use play_connect::Reply;
use play_engine::engine::{Engine, Finished, Pinned, Setup};
use play_engine::intake::{Outcome, Record};
use play_engine::world::{Replying, Targets, World};
use play_journal::Journal;
use play_program::Value;
use play_program::action::{Action, Connector, Request};
use play_program::artifact::{Artifact, SourceFile};
use play_vm::Vm;
use serde_json::json;

pub mod store;

pub use store::{Away, What};

const HEAD: &str = r#"
case T { q: String }
source src from feed("t") -> T { map { q = payload.q as String? } }
queue rest
connector x {
  config { base_url: Url }
  write act(q: String) -> String
    POST "/act" json { q: q }
    expect 200 -> body
    class notify
}
"#;

/// A program, compiled by a compiler of this name.
pub fn program(playbook: &str, compiler: &str) -> Vec<u8> {
    let text = format!("{HEAD}{}{playbook}", crate::served::tickets::TICKETS);
    let files = vec![SourceFile { path: "p.play".into(), text }];
    let checked = check(&Input { project: "away".into(), files }, &|_| None);
    let Some(program) = checked.program else {
        let style = play_diagnostics::text::Style::default();
        panic!("{}", play_diagnostics::text::render(&checked.diagnostics, &checked.files, style));
    };
    play_codegen::compile(&program, compiler).unwrap().encode()
}

/// Targets that do what they are told, and how often they were.
#[derive(Default)]
pub struct Done(AtomicUsize);

impl Done {
    pub fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Targets for Done {
    fn send<'a>(
        &'a self,
        _: &'a Connector,
        _: &'a Action,
        _: &'a Request,
        _: Option<&'a str>,
        _: Duration,
    ) -> Replying<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Reply::Answered { status: 200, body: b"\"done\"".to_vec(), ms: 1 } })
    }
}

/// An engine, its store, and its targets.
pub struct There {
    pub engine: Engine,
    pub store: Arc<Away>,
    pub done: Arc<Done>,
    pub program: Vec<u8>,
    /// What the engine has let go of, or brought to an end.
    pub finished: Vec<Finished>,
    sent: usize,
}

fn pinned(bytes: &[u8], done: &Arc<Done>) -> Pinned {
    let artifact = Arc::new(Artifact::decode(bytes).unwrap());
    let manifest = Arc::new(artifact.manifest.clone());
    Pinned {
        program: Arc::new(Vm::new(artifact)),
        config: vec![Value::None; manifest.config_len()],
        manifest,
        world: World::Inside(Arc::clone(done) as _),
        supply: Mutex::default(),
        autonomy: Vec::new(),
    }
}

impl There {
    /// One that lets go of what only waits, as a service's does.
    pub async fn start(store: Arc<Away>, program: &[u8]) -> Self {
        let done = Arc::new(Done::default());
        let setup = Setup {
            pinned: pinned(program, &done),
            artifact: program.to_vec(),
            store: Arc::clone(&store) as Arc<dyn Journal>,
            name: "test".into(),
            runs: 100,
            parks: true,
            dry: false,
        };
        let mut engine = Engine::start(setup).await.unwrap();
        engine.deploy().await.unwrap();
        Self { engine, store, done, program: program.to_vec(), finished: Vec::new(), sent: 0 }
    }

    /// Opens the programs of earlier runs.
    pub fn load(&self) -> impl Fn(&[u8]) -> Result<Pinned, String> + Send + Sync + use<> {
        let done = Arc::clone(&self.done);
        move |bytes| Ok(pinned(bytes, &done))
    }

    /// Takes a record that is a case; gives its run.
    pub async fn take(&mut self, q: &str) -> String {
        let json = json!({ "q": q });
        let record = Record { pos: format!("a:{}", self.sent), raw: json.to_string().into_bytes(), json };
        self.sent += 1;
        match self.engine.take(None, record).await.unwrap().outcome {
            Outcome::Accepted { run, .. } => run,
            other => panic!("{other:?}"),
        }
    }

    /// Brings an event: a ticket is closed by somebody.
    pub async fn closed(&mut self, id: &str, by: &str) {
        let json = crate::served::tickets::closed(id, by);
        let record = Record { pos: format!("e:{id}:{by}"), raw: json.to_string().into_bytes(), json };
        self.engine.event(record, false).await.unwrap();
    }

    /// Waits until a run has ended, or is let go of; gives how it stands.
    pub async fn settled(&mut self, run: &str) -> Finished {
        let began = Instant::now();
        loop {
            self.engine.reap().unwrap();
            self.finished.extend(self.engine.take_finished());
            if let Some(at) = self.finished.iter().rposition(|f| f.run == run) {
                return self.finished.remove(at);
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{run} goes on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

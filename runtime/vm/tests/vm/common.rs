//! Programs out of source text, and runs written as text.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;

use play_check::{Input, check};
use play_program::artifact::{Artifact, SourceFile};
use play_program::convert;
use play_program::exec::{Emission, Emit, Key, Machine, Part, Program};
use play_program::types::{Type, TypeTable};
use play_program::value::{Failure, FailureKind, Value};
use play_vm::Vm;

pub const SETTING: &str = r#"
connector c {
  config { base_url: Url }
  read a(n: Int) -> Int
    GET "/a/{n}"
    expect 200 -> body
  read b(n: Int) -> Int
    GET "/b/{n}"
    expect 200 -> body
  write w(n: Int) -> Int
    POST "/w" json { n: n, twice: [n, n] }
    expect 200 -> body.n as Int?
    irreversible because "it is a test"
    class record
}
case Alert { n: Int, user: String? }
"#;

/// Compiles, writes, reads and loads.
pub fn program(text: &str) -> Vm {
    let files = vec![SourceFile { path: "p.play".into(), text: format!("{SETTING}{text}") }];
    let checked = check(&Input { project: "p".into(), files }, &|_| None);
    let program = checked.program.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let bytes = play_codegen::compile(&program, "test").expect("compiles").encode();
    let artifact = Artifact::decode(&bytes).expect("is valid");
    Vm::with_tests(Arc::new(artifact), play_codegen::compile_tests(&program))
}

pub fn case() -> Vec<Value> {
    vec![
        Value::str("C-1"),
        Value::str("source"),
        Value::Time(jiff::Timestamp::UNIX_EPOCH),
        Value::Enum(2),
        Value::str("title"),
        Value::Int(7),
        Value::None,
    ]
}

/// A run whose calls are answered by hand: `c.a(1)` with `Ok(2)`.
pub struct Run {
    vm: Vm,
    machine: Box<dyn Machine>,
    waiting: VecDeque<(String, Key)>,
    pub log: String,
}

impl Run {
    /// Starts the one playbook of the text.
    pub fn start(text: &str) -> Self {
        let vm = program(text);
        let machine = vm.start(0, case());
        let mut run = Self { vm, machine, waiting: VecDeque::new(), log: String::new() };
        let emissions = run.machine.step(None);
        run.note("start", emissions);
        run
    }

    pub fn answer(&mut self, call: &str, n: i64) {
        self.give(call, Ok(Value::Int(n)));
    }

    pub fn fail(&mut self, call: &str) {
        self.give(call, Err(Failure { kind: FailureKind::Timeout, words: String::new() }));
    }

    fn give(&mut self, call: &str, answer: Result<Value, Failure>) {
        let at = self.waiting.iter().position(|(c, _)| c == call);
        let (_, key) = at
            .and_then(|i| self.waiting.remove(i))
            .unwrap_or_else(|| panic!("{call} is not out: {}", self.log));
        let head = match &answer {
            Ok(Value::Int(n)) => format!("{call} = {n}"),
            _ => format!("{call} failed"),
        };
        let emissions = self.machine.step(Some((&key, answer)));
        self.note(&head, emissions);
    }

    fn note(&mut self, head: &str, emissions: Vec<Emission>) {
        let _ = writeln!(self.log, "{head}");
        for emission in emissions {
            let text = self.text(&emission);
            let _ = writeln!(self.log, "  {text}");
        }
    }

    fn text(&mut self, emission: &Emission) -> String {
        let manifest = &self.vm.artifact().manifest;
        let types = &manifest.types;
        match &emission.what {
            Emit::Read { action, args, .. } | Emit::Act { action, args, .. } => {
                let name = manifest.action(*action).expect("known").full_name();
                let args: Vec<String> = args.iter().map(|a| convert::display(a, &Type::Int, types)).collect();
                let call = format!("{name}({})", args.join(", "));
                self.waiting.push_back((call.clone(), emission.key.clone()));
                let verb = if matches!(emission.what, Emit::Act { .. }) { "do" } else { "ask" };
                format!("{verb} {call}")
            }
            Emit::StepFailed { step, .. } => format!("step {step} failed"),
            Emit::Rollback { because, .. } => format!("roll back because {because}"),
            Emit::Suspend { what, .. } => format!("wait for {what:?}"),
            Emit::Decided { took, parts } => {
                let parts: Vec<String> = parts.iter().map(|p| part(p, manifest, types)).collect();
                format!("decided {took}: {}", parts.join("; "))
            }
            Emit::Set { slot, from, to, because } => {
                format!("set {slot} from {from:?} to {to:?} because {because}")
            }
            Emit::Note { text } => format!("note {text}"),
            Emit::Revealed { because } => format!("reveal because {because}"),
            Emit::Route { to, because } => format!("route to {to} because {because}"),
            Emit::HandOver { to, because } => format!("hand over to {to} because {because}"),
            Emit::Close { class, because } => {
                format!(
                    "close {} because {because}",
                    types.variant(TypeTable::CLOSURE, *class).expect("known")
                )
            }
            Emit::Fault(fault) => {
                format!("fault {} at {:?}", fault.what, manifest.text(fault.at).unwrap_or_default())
            }
        }
    }
}

fn part(part: &Part, manifest: &play_program::artifact::Manifest, types: &TypeTable) -> String {
    match part {
        Part::Condition { at, is, sides } => {
            let is = is.map_or("not evaluated".to_string(), |b| b.to_string());
            let sides = sides.as_ref().map_or_else(String::new, |s| {
                let [(l, lt), (r, rt)] = &**s;
                format!(" ({} and {})", convert::display(l, lt, types), convert::display(r, rt, types))
            });
            format!("{} is {is}{sides}", manifest.text(*at).unwrap_or_default())
        }
        Part::On { at, value, ty } => {
            format!("{} was {}", manifest.text(*at).unwrap_or_default(), convert::display(value, ty, types))
        }
    }
}

//! A world in which a playbook runs: it answers calls at virtual times, and writes down what became due.

#![allow(dead_code)] // each test binary uses a part of it

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::SignedDuration;
use play_check::typed;
use play_check::{Input, check};
use play_diagnostics::text::{Style, render};
use play_program::action::{ActionId, Answer};
use play_program::artifact::{SourceFile, Stub, StubAnswer, TestSpec};
use play_program::convert::display;
use play_program::exec::{Emit, Key, Part, Program};
use play_program::shape::CASE_TITLE;
use play_program::types::{Type, TypeTable};
use play_program::value::{Failure, Value};
use play_reference::Reference;

/// Checks sources; what is wrong with them is shown.
pub fn program(files: &[(&str, &str)]) -> Arc<typed::Program> {
    let files =
        files.iter().map(|(path, text)| SourceFile { path: (*path).into(), text: (*text).into() }).collect();
    let checked = check(&Input { project: "test".into(), files }, &play_stdlib::module);
    match checked.program {
        Some(program) => Arc::new(program),
        None => panic!(
            "{}",
            render(&checked.diagnostics, &checked.files, Style { color: false, width: 120, plain: true })
        ),
    }
}

/// A connector to try things with, and a case.
pub const SERVICE: &str = r#"
connector svc {
  config { base_url: Url }
  read ask(of: String) -> Int
    GET "/ask/{of}"
    expect 200 -> body as Int?
  read list(of: String) -> [String]
    GET "/list/{of}"
    expect 200 -> body as [String]?
  write act(on: String) -> String
    POST "/act/{on}"
    expect 200 -> body as String?
    class notify
}
case Alarm { n: Int, m: Int?, names: [String] }
"#;

/// Runs the one test of a program, and writes down what became due and when.
pub fn run(body: &str) -> String {
    let text = format!("{SERVICE}{body}");
    let program = program(&[("test.play", &text)]);
    let specs = play_reference::tests::compile(&program).expect("the constants of the test do not fault");
    run_test(&program, &specs[0]).log
}

/// What became of a run.
pub struct Ran {
    /// What became due, with times.
    pub log: String,
    /// The ending, or what else stopped it.
    pub ending: Option<Emit>,
    /// Writes that were dispatched.
    pub acts: Vec<(ActionId, Vec<Value>)>,
    /// Notes.
    pub notes: Vec<String>,
    /// From the start to the last thing that became due.
    pub elapsed: SignedDuration,
    /// The case at the end.
    pub case: Vec<Value>,
    /// Writes without an answer at the end.
    pub in_doubt: Vec<ActionId>,
}

/// Runs a playbook over the case of a test; its stubs answer.
pub fn run_test(program: &Arc<typed::Program>, spec: &TestSpec) -> Ran {
    let reference = Reference::new(Arc::clone(program));
    let mut machine = reference.start(spec.playbook, spec.case.clone());
    let mut ran = Ran {
        log: String::new(),
        ending: None,
        acts: Vec::new(),
        notes: Vec::new(),
        elapsed: SignedDuration::ZERO,
        case: Vec::new(),
        in_doubt: Vec::new(),
    };
    // What is on its way, by time of arrival, then by place in the run.
    let mut due: BTreeMap<(SignedDuration, Key), Answer> = BTreeMap::new();
    let mut now = SignedDuration::ZERO;
    let mut emissions = machine.step(None);
    loop {
        for emission in emissions {
            let shown = show(program, &emission.what);
            let _ = writeln!(
                ran.log,
                "{:>6} {shown}",
                display(&Value::Duration(now), &Type::Duration, &program.types)
            );
            ran.elapsed = now;
            match &emission.what {
                Emit::Read { action, args, .. } | Emit::Act { action, args, .. } => {
                    if matches!(emission.what, Emit::Act { .. }) {
                        ran.acts.push((*action, args.clone()));
                    }
                    match spec.stubs.iter().find(|stub| answers(stub, *action, args)) {
                        Some(Stub { answer: StubAnswer::Returns(value), after, .. }) => {
                            due.insert((now + *after, emission.key), Ok(value.clone()));
                        }
                        Some(Stub { answer: StubAnswer::Fails(kind), after, .. }) => {
                            let failure = Failure { kind: *kind, words: String::new() };
                            due.insert((now + *after, emission.key), Err(failure));
                        }
                        Some(Stub { answer: StubAnswer::FailsSaying(kind, words), after, .. }) => {
                            let failure = Failure { kind: *kind, words: words.clone() };
                            due.insert((now + *after, emission.key), Err(failure));
                        }
                        Some(Stub { answer: StubAnswer::Lost, .. }) => ran.in_doubt.push(*action),
                        None => panic!("nothing answers {shown}"),
                    }
                }
                Emit::Note { text } => ran.notes.push(text.clone()),
                what if what.ends() => ran.ending = Some(emission.what),
                _ => {}
            }
        }
        if ran.ending.is_some() {
            break;
        }
        let Some(((at, key), answer)) = due.pop_first() else { break };
        now = at;
        emissions = machine.step(Some((&key, answer)));
    }
    assert!(ran.ending.is_none() || machine.step(None).is_empty(), "nothing is due after an ending");
    ran.case = machine.case().to_vec();
    ran
}

/// Whether a stub is for a call.
pub fn answers(stub: &Stub, action: ActionId, args: &[Value]) -> bool {
    let fits =
        |(wanted, arg): (&Option<Value>, &Value)| wanted.as_ref().is_none_or(|wanted| wanted.same(arg));
    stub.action == action && stub.args.as_ref().is_none_or(|wanted| wanted.iter().zip(args).all(fits))
}

fn show(program: &typed::Program, what: &Emit) -> String {
    let types = &program.types;
    let call = |action: &ActionId, args: &[Value]| {
        let action = &program.actions[action.0 as usize];
        let args: Vec<_> =
            args.iter().zip(&action.params).map(|(v, (_, ty))| display(v, ty, types)).collect();
        format!("{}({})", action.full_name(), args.join(", "))
    };
    let field = |slot: &usize| {
        let case = &types.record(program.playbooks[0].case).expect("a case").fields[*slot];
        (case.name.clone(), case.ty.clone())
    };
    match what {
        Emit::Read { action, args, .. } => format!("read {}", call(action, args)),
        Emit::Act { action, args, .. } => format!("do {}", call(action, args)),
        Emit::Suspend { what, .. } => format!("wait for {what:?}"),
        Emit::StepFailed { step, .. } => format!("step {step} failed"),
        Emit::Rollback { because, .. } => format!("roll back because {because}"),
        Emit::Decided { took, parts } => {
            let parts: Vec<_> = parts.iter().map(|part| show_part(program, part)).collect();
            format!("decided {took}: {}", parts.join(", "))
        }
        Emit::Set { slot, from, to, because } => {
            let (name, ty) = field(slot);
            format!(
                "set {name} from {} to {} because {because}",
                display(from, &ty, types),
                display(to, &ty, types)
            )
        }
        Emit::Note { text } => format!("note {text}"),
        Emit::Revealed { because } => format!("reveal because {because}"),
        Emit::Route { to, because } => format!("route to {to} because {because}"),
        Emit::HandOver { to, because } => format!("hand over to {to} because {because}"),
        Emit::Close { class, because } => {
            format!("close {} because {because}", types.variant(TypeTable::CLOSURE, *class).expect("a class"))
        }
        Emit::Fault(fault) => format!("fault: {} at `{}`", fault.what, text_of(program, fault.at)),
    }
}

fn show_part(program: &typed::Program, part: &Part) -> String {
    match part {
        Part::Condition { at, is, sides } => {
            let is = is.map_or("skipped".to_string(), |is| is.to_string());
            let sides = sides.as_ref().map_or(String::new(), |sides| {
                let [(l, lt), (r, rt)] = &**sides;
                format!(" [{} | {}]", display(l, lt, &program.types), display(r, rt, &program.types))
            });
            format!("`{}` {is}{sides}", text_of(program, *at))
        }
        Part::On { at, value, ty } => {
            format!("`{}` = {}", text_of(program, *at), display(value, ty, &program.types))
        }
    }
}

/// The source of a node.
pub fn text_of(program: &typed::Program, at: u32) -> &str {
    let node = program.nodes[at as usize];
    &program.files[node.file as usize].text[node.start as usize..node.end as usize]
}

/// The title of the case at the end.
pub fn title(ran: &Ran) -> String {
    match &ran.case[CASE_TITLE] {
        Value::Str(text) => text.to_string(),
        other => panic!("{other:?}"),
    }
}
